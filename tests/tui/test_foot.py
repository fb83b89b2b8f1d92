"""The line at the bottom: the keys that work, in as little room as there is, drawn anew only when they change."""

from __future__ import annotations

import pytest

from dossier.services import accounts, promises, steps
from dossier.services.session import Session
from dossier.tui.widgets.foot import Foot
from tests.tui.conftest import Person, View


@pytest.fixture(autouse=True)
def _book(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {})
    for day in (1, 2, 3):
        promises.add(session, "a1", f"promise {day}", due=f"2027-03-0{day}", made="2027-02-01")
    steps.add(session, "a1", "call them", on="2027-03-10")


def foot(person: Person) -> str:
    return person.screen().splitlines()[-1].strip()


@pytest.mark.parametrize("width", [80, 100, 200])
def test_what_is_shown_fits(view: View, width: int) -> None:
    async def story(person: Person) -> None:
        assert foot(person) == (
            "c Log  d Done  m Move  t Told  a Add  e Edit  v Reveal  u Undo  ? Help  ^q Quit"
            if width > 80
            else "c Log d Done m Move t Told a Add e Edit v Reveal u Undo ? Help ^q Quit"
        )

    view(story, size=(width, 24))


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (60, "c Log d Done m Move t Told v Reveal u Undo ? Help ^q Quit"),
        (40, "c Log v Reveal u Undo ? Help ^q Quit"),
        (20, "? Help ^q Quit"),
    ],
)
def test_in_little_room_help_and_the_way_out_stay(view: View, width: int, shown: str) -> None:
    async def story(person: Person) -> None:
        assert foot(person) == shown

    view(story, size=(width, 12))


def test_it_follows_the_cursor_and_is_drawn_only_when_it_changes(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    render = Foot.render

    def counted(self: Foot) -> object:
        drawn.append(1)
        return render(self)

    monkeypatch.setattr(Foot, "render", counted)

    async def story(person: Person) -> None:
        drawn.clear()
        await person.press("j", "j", "k")
        assert drawn == []
        await person.press("G")
        assert "z Tomorrow" in foot(person)
        assert "t Told" not in foot(person)
        assert drawn

    view(story)


def test_a_click_does_what_the_key_does(view: View) -> None:
    async def story(person: Person) -> None:
        place = person.screen().splitlines()[-1].index("v Reveal")
        await person.pilot.click(Foot, offset=(place + 2, 0))
        await person.rest()
        assert "promise 1" in person.screen()

    view(story)
