"""The palette: actions by name, accounts and people by a part of theirs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dossier.services import accounts, people, promises
from dossier.services.session import Session
from dossier.tui.dialogs.help import Help
from dossier.tui.dialogs.unlock import Unlock
from dossier.tui.palette import Palette, choices
from dossier.tui.screens.today import Today
from dossier.tui.widgets.paged_table import PagedTable
from tests.tui.conftest import Person, View


@pytest.fixture
def gone_to(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whom the view opened, as refs."""
    gone: list[str] = []
    monkeypatch.setattr(
        "dossier.tui.app.DossierApp.open_account", lambda _, number: gone.append(f"a{number}")
    )
    monkeypatch.setattr("dossier.tui.app.DossierApp.open_person", lambda _, number: gone.append(f"p{number}"))
    return gone


def test_it_jumps_to_whom_one_types_without_accents(view: View, session: Session, gone_to: list[str]) -> None:
    accounts.add(session, "Công ty Đặng Gia", {})
    people.add(session, "Nguyễn Văn Minh", "a1", {})

    async def story(person: Person) -> None:
        await person.press("ctrl+p")
        await person.type("nguyen")
        assert "Nguyễn Văn Minh" in person.screen()
        await person.press("enter")
        assert isinstance(person.app.screen, Today)
        await person.press("ctrl+p")
        await person.type("dang gia")
        await person.press("down", "up", "enter")

    view(story, size=(80, 24))
    assert gone_to == ["p1", "a1"]


def test_who_types_fast_gets_what_was_typed(view: View, session: Session, gone_to: list[str]) -> None:
    accounts.add(session, "Alpha", {})
    accounts.add(session, "Beta", {})

    async def story(person: Person) -> None:
        await person.press("ctrl+p")
        await person.pilot.press(*"beta", "enter")
        await person.rest()

    view(story)
    assert gone_to == ["a2"]


def test_an_action_is_done_to_the_row_one_came_from(view: View, session: Session) -> None:
    accounts.add(session, "Alpha", {})
    promises.add(session, "a1", "the quote", due="2027-03-01", made="2027-02-01")

    async def story(person: Person) -> None:
        await person.press("ctrl+p")
        await person.type("kept")
        await person.press("enter")

    view(story)
    assert promises.get(session, 1)["state"] == "kept"


def test_the_theme_and_the_help_are_there(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("ctrl+p")
        await person.type("light")
        await person.press("enter")
        assert person.app.theme == "textual-light"
        await person.press("ctrl+p")
        await person.type("help")
        await person.press("enter")
        assert isinstance(person.app.screen, Help)

    view(story)


def test_it_goes_to_a_page_also_from_a_dialog(view: View, lock: Callable[[], None]) -> None:
    lock()

    async def story(person: Person) -> None:
        assert isinstance(person.app.screen, Unlock)
        offered = [choice.text for choice in choices(person.app, person.app.screen)]
        assert {"Today", "Accounts", "Promises", "Search", "Lock at once", "Quit"} <= set(offered)
        assert "Undo the newest change" not in offered

    view(story)


def test_nothing_takes_a_picture_of_the_screen(view: View, tmp_path: Path) -> None:
    async def story(person: Person) -> None:
        for choice in choices(person.app, person.app.screen):
            assert "screenshot" not in choice.text.lower()
        await person.press("ctrl+p")
        await person.type("screenshot")
        assert "Nothing of that name" in person.screen()

    view(story)


def test_it_opens_over_no_blank_screen_and_closes_by_its_key(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("ctrl+p")
        assert isinstance(person.app.screen, Palette)
        await person.press("ctrl+p")
        assert isinstance(person.app.screen, Today)
        await person.press("ctrl+p", "escape")
        assert isinstance(person.app.screen, Today)
        await person.press("ctrl+l", "ctrl+p")
        assert isinstance(person.app.screen, Unlock)

    view(story)


def test_names_of_any_shape_show_inert(view: View, session: Session, gone_to: list[str]) -> None:
    accounts.add(session, "[/b] [red]Gia 株式会社 \u202eabc 👩‍👩‍👧", {})

    async def story(person: Person) -> None:
        await person.press("ctrl+p")
        await person.type("gia")
        assert "[/b] [red]Gia" in person.screen()
        assert "\u202e" not in person.screen()
        await person.pilot.click(PagedTable, offset=(5, 2))
        await person.rest()

    view(story, size=(80, 24))
    assert gone_to == ["a1"]
