"""A copy of the vault that is not the newest one seen here is told of, and nothing is written into it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dossier.errors import Damaged
from dossier.services import accounts, newest, promises
from dossier.services.session import Session
from dossier.tui.dialogs.log import Log
from dossier.tui.screens.today import Today
from tests.tui.conftest import Person, View


@pytest.fixture
def older(session: Session, tmp_path: Path) -> Session:
    """The vault as it was before the last change that this machine saw."""
    accounts.add(session, "Hanoi Optics", {})
    promises.add(session, "a1", "the offer", due="2027-03-01", made="2027-02-01")
    copy = str(tmp_path / "copy")
    shutil.copy(session.path, copy)
    accounts.add(session, "Saigon Steel", {})
    session.close()
    shutil.copy(copy, session.path)
    return session


def said(person: Person) -> list[tuple[str, str]]:
    return [(notification.title, notification.message) for notification in person.app._notifications]


def top(person: Person) -> str:
    return person.screen().splitlines()[0]


def accept(session: Session) -> None:
    newest.accept(session.database, session.rows)


def test_an_older_copy_is_told_of_once_and_takes_no_writes(older: Session, view: View) -> None:
    async def story(person: Person) -> None:
        [(title, message)] = said(person)
        assert title.startswith(
            "Read only: the vault is an older copy: its last change is 2, and change 3 was"
        )
        assert "dossier vault restore FILE" in message
        assert "dossier vault accept" in message
        person.app.clear_notifications()
        await person.app._watch.look_at_copy()
        assert said(person) == []
        with pytest.raises(Damaged, match="older copy"):
            await person.app.desk.ask(accounts.add, "Later", {})

    view(story, notifications=True)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_bar_says_so_lastingly_on_every_page(older: Session, view: View, width: int) -> None:
    async def story(person: Person) -> None:
        for key in "1234":
            await person.press(key)
            assert top(person).endswith("read only")
        await person.press("ctrl+l")
        assert "read only" not in person.screen()

    view(story, size=(width, 24))


@pytest.mark.parametrize(
    "key", ["c", "d", "D", "m", "t", "w", "p", "a", "e", "delete", "u", "U"], ids=lambda key: f"key {key}"
)
def test_a_key_that_would_change_something_says_why_not(older: Session, view: View, key: str) -> None:
    async def story(person: Person) -> None:
        person.app.clear_notifications()
        await person.press(key)
        [(title, message)] = said(person)
        assert "older copy" in title
        assert "dossier vault accept" in message
        assert isinstance(person.app.screen, Today)

    view(story, notifications=True)


def test_what_only_looks_still_works(older: Session, view: View) -> None:
    async def story(person: Person) -> None:
        person.app.clear_notifications()
        await person.press("v", "b", "escape", "enter", "escape", "H", "escape")
        assert said(person) == []

    view(story, notifications=True)


def test_accepted_elsewhere_it_takes_changes_again(older: Session, view: View) -> None:
    async def story(person: Person) -> None:
        await person.app.desk.ask(accept)
        await person.app._watch.look_at_vault()
        await person.rest()
        assert said(person) == [("", "The vault can be written to again.")]
        assert top(person).endswith("open")
        await person.press("c")
        assert isinstance(person.app.screen, Log)

    view(story, notifications=True)


def test_what_is_typed_outlives_a_refused_save(session: Session, view: View, tmp_path: Path) -> None:
    accounts.add(session, "Hanoi Optics", {})
    promises.add(session, "a1", "the offer", due="2027-03-01", made="2027-02-01")
    copy = str(tmp_path / "copy")
    shutil.copy(session.path, copy)

    async def story(person: Person) -> None:
        await person.press("c")
        await person.type("agreed")
        accounts.add(session, "Saigon Steel", {})
        shutil.copy(copy, session.path)
        await person.press("ctrl+s")
        assert "dossier vault accept" in " ".join(person.screen().replace("│", "").split())
        await person.press("escape")
        assert top(person).endswith("read only · 1 not saved")
        await person.press("c")  # what was typed is never out of reach
        assert "agreed" in person.screen()
        await person.app.desk.ask(accept)
        await person.press("ctrl+s")
        assert "not saved" not in top(person)
        assert await person.app.desk.ask(lambda opened: opened.database.count("interaction")) == 1

    view(story)
