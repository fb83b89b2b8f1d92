"""What happens to the vault while it is open: changed, moved, replaced, full; and midnight."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.widgets import Input

from dossier.config import Config
from dossier.services import accounts, promises
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.store.create import create_vault
from dossier.tui.app import DossierApp
from dossier.tui.dialog import Dialog
from dossier.tui.widgets.paged_table import PagedTable
from dossier.vault import header
from tests.conftest import TODAY
from tests.tui.conftest import Person, View


class AddAccount(Dialog):
    """A dialog as they all are, with one field."""

    title_text = "New client"

    def fields(self) -> ComposeResult:
        yield Input(id="name")

    async def save(self) -> str:
        await self.dossier.desk.ask(accounts.add, self.text_of("name") or "", {})
        return "Account added."


@pytest.fixture(autouse=True)
def _book(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {})
    for day in range(1, 6):
        promises.add(session, "a1", f"promise {day}", due=f"2027-03-0{day}", made="2027-02-01")


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the view says in its corner, with what is above it."""
    found: list[str] = []

    def notify(_: DossierApp, message: str, *, title: str = "", **how: Any) -> None:
        assert how["markup"] is False
        found.append(f"{title} {message}".strip())

    monkeypatch.setattr(DossierApp, "notify", notify)
    return found


async def look(person: Person) -> None:
    await person.app._watch.look_at_vault()
    await person.rest()


async def type_into_dialog(person: Person, text: str) -> None:
    person.app.push_screen(AddAccount())
    await person.rest()
    await person.type(text)


def test_what_another_process_changes_shows_and_the_cursor_stays_on_its_row(
    view: View, session: Session
) -> None:
    async def story(person: Person) -> None:
        await person.press("j", "j", "v")
        table = person.app.screen.query_one(PagedTable)
        key = table.key
        promises.add(session, "a1", "the worst", due="2027-02-02", made="2027-02-01")
        place = table.cursor
        await look(person)
        assert "the worst" in person.screen(), "and what was revealed stays so"
        assert table.key == key
        assert table.cursor == place + 1
        promises.keep(session, key[1])
        await look(person)
        assert table.key not in (None, key)

    view(story)


def test_a_file_that_is_gone_is_told_once_and_when_it_is_back_all_goes_on(
    view: View, vault_path: str, said: list[str]
) -> None:
    async def story(person: Person) -> None:
        os.rename(vault_path, vault_path + ".away")
        for _ in range(3):
            await look(person)
        assert len(said) == 1
        assert "gone" in said[0]
        await type_into_dialog(person, "Saigon Glass")
        await person.press("ctrl+s")
        assert "gone" in person.screen()
        assert person.app.screen.query_one(Input).value == "Saigon Glass"
        os.rename(vault_path + ".away", vault_path)
        await look(person)
        assert said[1:] == ["The vault file is there again."]
        await person.press("ctrl+s")
        assert not isinstance(person.app.screen, Dialog)

    view(story)
    assert _names(vault_path) == ["Hanoi Optics", "Saigon Glass"]


def test_another_copy_of_the_vault_in_its_place_is_taken_up(
    view: View, vault_path: str, session: Session, said: list[str]
) -> None:
    shutil.copy(vault_path, vault_path + ".copy")
    copy = vault_path + ".copy"  # `passing`: it is another machine that writes into it
    with Session(copy, TODAY, session.config, Unlocking(), session.keys, passing=True) as other:
        promises.add(other, "a1", "from the copy", due="2027-02-02", made="2027-02-01")

    async def story(person: Person) -> None:
        await person.press("v")
        os.replace(vault_path + ".copy", vault_path)
        await look(person)
        assert "Another copy" in said[0]
        assert "from the copy" in person.screen()
        await type_into_dialog(person, "Saigon Glass")
        await person.press("ctrl+s")
        assert not isinstance(person.app.screen, Dialog)
        await look(person)
        assert len([text for text in said if "copy" in text]) == 1

    view(story)
    assert _names(vault_path) == ["Hanoi Optics", "Saigon Glass"]


def test_another_copy_while_the_view_is_locked_opens_nothing(
    view: View, vault_path: str, session: Session
) -> None:
    shutil.copy(vault_path, vault_path + ".copy")

    async def story(person: Person) -> None:
        await person.press("ctrl+l")
        os.replace(vault_path + ".copy", vault_path)
        await look(person)
        assert person.app.is_blank
        assert person.app.desk.locked

    view(story, config={"passphrase_command": "echo 'correct horse battery'"})


def test_another_vault_in_its_place_is_told_and_nothing_of_it_is_shown(
    view: View, vault_path: str, said: list[str]
) -> None:
    made = header.create("another one", TODAY)
    create_vault(vault_path + ".other", made.header, made.keys)

    async def story(person: Person) -> None:
        os.replace(vault_path + ".other", vault_path)
        for _ in range(3):
            await look(person)
        assert len(said) == 1
        assert "replaced" in said[0]
        assert "run dossier again" in said[0]
        assert "Hanoi Optics" in person.screen()
        await type_into_dialog(person, "Saigon Glass")
        await person.press("ctrl+s")
        assert person.app.screen.query_one(Input).value == "Saigon Glass"

    view(story)


def full(session: Session) -> None:
    """Leave the vault file no room to grow, as on a full disk."""
    pages = session.database.connection.execute("PRAGMA page_count").fetchone()[0]
    session.database.connection.execute(f"PRAGMA max_page_count = {pages}")


def with_room(session: Session) -> None:
    session.database.connection.execute("PRAGMA max_page_count = 1000000")


def read_only(session: Session) -> None:
    session.database.connection.execute("PRAGMA query_only = 1")


def writable(session: Session) -> None:
    session.database.connection.execute("PRAGMA query_only = 0")


@pytest.mark.parametrize(("hinder", "help_it"), [(full, with_room), (read_only, writable)])
def test_a_save_that_fails_says_so_and_keeps_the_text(
    view: View, vault_path: str, hinder: Callable[[Session], None], help_it: Callable[[Session], None]
) -> None:
    name = "Saigon Glass " + "and Sons " * 20  # longer than what is free in the last page

    async def story(person: Person) -> None:
        person.app.push_screen(AddAccount())
        await person.rest()
        person.app.screen.query_one(Input).value = name
        await person.app.desk.ask(hinder)
        for _ in range(40):  # until the free room is used up
            await person.press("ctrl+s")
            if isinstance(person.app.screen, Dialog):
                break
            person.app.push_screen(AddAccount())
            await person.rest()
            person.app.screen.query_one(Input).value = name
        assert person.app.screen.query_one(Input).value == name
        shown = person.screen()
        assert "full" in shown or "read-only" in shown or "readonly" in shown or "cannot" in shown
        await person.app.desk.ask(help_it)
        await person.press("ctrl+s")
        assert not isinstance(person.app.screen, Dialog)

    view(story)


def test_midnight_passes(view: View) -> None:
    async def story(person: Person) -> None:
        assert "Wed 10 March" in person.screen()
        assert "9d late" in person.screen()
        person.app.today = person.app.desk._today = lambda: TODAY + timedelta(days=1)
        await look(person)
        assert "Thu 11 March" in person.screen()
        assert "10d late" in person.screen()

    view(story)


def _names(path: str) -> list[str]:
    with Session(path, TODAY, Config({}, {}, ""), Unlocking()) as opened:
        return [row[0] for row in opened.database.rows("SELECT name FROM account ORDER BY id")]
