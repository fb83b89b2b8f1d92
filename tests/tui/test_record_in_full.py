"""The page on which one reads a record: what it shows, hides and does, and where Esc leads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dossier.services import (
    accounts,
    attachments,
    facts,
    interactions,
    occasions,
    people,
    promises,
    relatives,
    steps,
)
from dossier.services.session import Session
from dossier.tui.deeds import Target
from dossier.tui.dialogs.record import RecordForm
from dossier.tui.inert import MASK
from dossier.tui.screens.account import AccountPage
from dossier.tui.screens.record import RecordInFull
from dossier.tui.widgets.sheet import Sheet
from tests.tui.conftest import Person, View

NOTE = "\n".join(f"line {number} [/b] \x1b[31mof the talk" for number in range(60))


@pytest.fixture(autouse=True)
def _one_of_each(session: Session, tmp_path: Path) -> None:
    accounts.add(session, "Đặng Gia", {"tier": "key"})
    people.add(session, "Lan", "a1", {})
    interactions.log(session, "p1", "rang", {"channel": "call", "note": NOTE})
    promises.add(session, "p1", "the sealed quote", due="2027-03-01", made="2027-02-01")
    steps.add(session, "a1", "ring the sealed cousin", on="2027-03-20")
    facts.add(session, "p1", "plays sealed tennis", {"kind": "interest"})
    occasions.add(session, "a1", "founding", "2010-04-05", {"title": "sealed founding day"})
    relatives.add(session, "p1", "Sealed Bình", "son", {})
    (tmp_path / "sealed offer.pdf").write_text("offer")
    attachments.add(session, "p1", [str(tmp_path / "sealed offer.pdf")])


@pytest.mark.parametrize(
    ("noun", "said"),
    [
        ("promise", "the sealed quote"),
        ("step", "ring the sealed cousin"),
        ("fact", "plays sealed tennis"),
        ("occasion", "sealed founding day"),
        ("relative", "Sealed Bình"),
        ("attachment", "sealed offer.pdf"),
    ],
)
def test_any_record_is_read_hidden_at_first(view: View, noun: str, said: str) -> None:
    async def story(person: Person) -> None:
        person.app.push_screen(RecordInFull(noun, 1))
        await person.rest()
        assert f"{noun.title()} 1" in person.screen()
        assert said not in person.screen()
        assert MASK in person.screen()
        await person.press("v")
        assert said in person.screen()
        await person.press("ctrl+r")
        assert said not in person.screen()

    view(story)


def test_enter_on_a_row_reads_it_whole_and_escape_goes_back(view: View) -> None:
    async def story(person: Person) -> None:
        person.app.open_account(1, "timeline")
        await person.rest()
        page = person.app.screen
        assert isinstance(page, AccountPage)
        await person.press("v")
        while (target := page.target()) is None or target.noun != "interaction":
            await person.press("j")
        await person.press("enter")
        reading = person.app.screen
        assert isinstance(reading, RecordInFull)
        assert "line 0 [/b] of the talk" in person.screen(), "revealed as the page was"
        assert "line 59" not in person.screen()
        await person.press("G")
        assert "line 59 [/b] of the talk" in person.screen()
        assert reading.target() == Target("interaction", 1, 1)
        await person.press("e")
        assert isinstance(person.app.screen, RecordForm)
        await person.press("escape")
        assert person.app.screen_stack[1:] == [page, reading]
        await person.press("v", "escape")
        assert person.app.screen_stack[1:] == [page]
        assert page.revealed, "it was not left"
        assert page.target() == target

    view(story, size=(80, 24))


@pytest.mark.parametrize("tab", ["promises", "facts"])
def test_enter_reads_in_the_other_tabs_too(view: View, tab: str) -> None:
    async def story(person: Person) -> None:
        person.app.open_account(1, tab)
        await person.rest()
        target = person.app.screen.target()  # type: ignore[attr-defined]
        await person.press("enter")
        reading = person.app.screen
        assert isinstance(reading, RecordInFull)
        assert reading.target() is not None
        assert reading.target() == target
        assert "sealed" not in person.screen()

    view(story)


def test_what_is_done_with_it_shows_and_what_is_removed_is_left(view: View, session: Session) -> None:
    async def story(person: Person) -> None:
        person.app.push_screen(RecordInFull("promise", 1))
        await person.rest()
        assert "9 days late" in person.screen()
        await person.press("d")
        assert "kept 2027-03-10" in person.screen()
        promises.rm(session, 1, cascade=True)
        person.app.reload()
        await person.rest()
        assert not isinstance(person.app.screen, RecordInFull)

    view(story)


def test_a_lock_empties_it(view: View) -> None:
    async def story(person: Person) -> None:
        reading = RecordInFull("fact", 1)
        person.app.push_screen(reading)
        await person.press("v", "ctrl+l")
        assert reading.target() is None
        assert not reading.query_one(Sheet)._sections

    view(story)


def test_it_works_locked(view: View, lock: Callable[[], None]) -> None:
    lock()

    async def story(person: Person) -> None:
        await person.press("escape")
        person.app.push_screen(RecordInFull("fact", 1))
        await person.rest()
        assert "locked" in person.screen()
        assert "sealed" not in person.screen()

    view(story)
