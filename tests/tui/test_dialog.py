"""What holds for every dialog: nothing typed is lost, nothing is saved twice, nothing typed is told elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

from dossier.domain.faults import BadValue
from dossier.errors import Unavailable
from dossier.services import accounts, interactions, people
from dossier.services.session import Session
from dossier.tui.dialog import Dialog, row
from dossier.tui.dialogs.choose import WhatToAdd
from dossier.tui.dialogs.log import Log
from dossier.tui.dialogs.unlock import Unlock
from dossier.tui.widgets.line import Line
from dossier.tui.widgets.who import Who
from tests.conftest import PASSPHRASE
from tests.tui.conftest import Person, View

SECRET = "the board [/b] resigns"


@pytest.fixture
def book(session: Session) -> Session:
    accounts.add(session, "Đặng Gia", {})
    people.add(session, "Nguyễn Thị Lan", "a1", {})
    people.add(session, "Nguyễn Văn Minh", "a1", {})
    return session


async def logging(person: Person) -> Log:
    """A dialog with somebody chosen, a name half typed, and a secret subject and note."""
    dialog = Log("a1")
    await person.app.push_screen(dialog)
    await person.rest()
    await fill(person, "with", "lan")
    await person.press("enter")
    await fill(person, "with", "min")
    await person.press("escape")
    await fill(person, "subject", SECRET)
    await fill(person, "note", f"{SECRET}\nin May")
    return dialog


async def fill(person: Person, name: str, text: str) -> None:
    person.app.screen.query_one(f"#{name}").focus()
    await person.rest()
    person.app.post_message(events.Paste(text))
    await person.rest()


async def unlock(person: Person) -> None:
    assert isinstance(person.app.screen, Unlock)
    person.app.post_message(events.Paste(PASSPHRASE))
    await person.rest()
    await person.press("enter")


def fault(person: Person) -> str:
    return str(person.app.screen.query_one(".dialog--fault", Static).render())


def is_logged(session: Session) -> bool:
    found = interactions.listed(session)
    return [(one["subject"], one["note"], one["with"]) for one in found] == [
        (SECRET, f"{SECRET}\nin May", ["Nguyễn Thị Lan", "Nguyễn Văn Minh"])
    ]


def test_what_is_typed_outlives_esc_and_goes_with_saving(view: View, book: Session) -> None:
    async def story(person: Person) -> None:
        before = (await logging(person)).draft()
        await person.press("escape")
        assert not isinstance(person.app.screen, Dialog)
        assert SECRET not in " ".join(note.message for note in person.app._notifications)
        again = Log("a1")
        await person.app.push_screen(again)
        await person.rest()
        assert again.draft() == before
        assert "typed this before" in fault(person)
        among = again.query_one("#with", Who)
        assert among.refs == ["p1", "min"]
        assert "Nguyễn Thị Lan" in person.screen()
        await person.press("ctrl+s")
        assert person.app.unsaved.drafts == {}

    view(story)
    assert is_logged(book)


def test_a_draft_can_be_thrown_away(view: View, book: Session) -> None:
    async def story(person: Person) -> None:
        await logging(person)
        await person.press("escape")
        again = Log("a1")
        await person.app.push_screen(again)
        await person.rest()
        await person.pilot.click("#afresh")
        await person.rest()
        assert again.text_of("subject") is None
        assert again.query_one("#whom", Who).refs == ["a1"]
        assert again.query_one("#with", Who).refs == []
        assert not again.is_dirty
        await person.press("escape")
        assert person.app.unsaved.drafts == {}

    view(story)
    assert interactions.listed(book) == []


def test_drafts_of_different_people_are_kept_apart(view: View, book: Session) -> None:
    async def story(person: Person) -> None:
        await logging(person)
        await person.press("escape")
        await person.app.push_screen(Log("p2"))
        await person.rest()
        assert SECRET not in person.screen()
        await person.press("ctrl+n")  # there is nothing to throw away
        await person.press("escape")
        assert list(person.app.unsaved.drafts) == ["Log a1"]

    view(story)


def test_where_the_vault_is_locked_one_unlocks_and_saves_again(
    view: View, book: Session, lock: Callable[[], None]
) -> None:
    async def story(person: Person) -> None:
        dialog = await logging(person)
        lock()
        await person.app.desk.ask(Session.lock)
        await person.press("ctrl+s")
        await unlock(person)
        assert person.app.screen is dialog
        assert "What you typed is kept" in fault(person)
        await person.press("ctrl+s")

    view(story)
    assert is_logged(book)


def test_a_dialog_stands_as_it_was_once_the_blank_screen_lifts(view: View, book: Session) -> None:
    async def story(person: Person) -> None:
        dialog = await logging(person)
        before = dialog.draft()
        await person.press("ctrl+l")
        assert SECRET not in person.screen()
        await unlock(person)
        assert person.app.screen is dialog
        assert dialog.draft() == before
        await person.press("ctrl+s")

    view(story)
    assert is_logged(book)


def test_a_save_that_ends_under_the_blank_screen_leaves_it_there(
    view: View, book: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, real = threading.Event(), interactions.log

    def slow(*args: Any, **kwargs: Any) -> Any:
        go_on.wait(5)
        return real(*args, **kwargs)

    async def story(person: Person) -> None:
        dialog = await logging(person)
        monkeypatch.setattr(interactions, "log", slow)
        await person.pilot.press("ctrl+s", "ctrl+l")
        go_on.set()
        await person.rest()
        assert isinstance(person.app.screen, Unlock)
        await unlock(person)
        assert person.app.screen_stack[-1] is not dialog
        assert not isinstance(person.app.screen, Dialog)
        assert person.app.unsaved.drafts == {}

    view(story)
    assert is_logged(book)


def test_after_a_full_disk_everything_is_there_to_be_saved_again(
    view: View, book: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise Unavailable("the disk is full", "make room, then save again")

    async def story(person: Person) -> None:
        dialog = await logging(person)
        with monkeypatch.context() as broken:
            broken.setattr(interactions, "log", full)
            await person.press("ctrl+s")
        assert fault(person) == "the disk is full\nmake room, then save again"
        assert person.app.screen is dialog
        assert person.app.unsaved.drafts["Log a1"]["subject"] == SECRET
        await person.press("ctrl+s")

    view(story)
    assert is_logged(book)


def test_saving_twice_at_once_writes_once(view: View, book: Session) -> None:
    async def story(person: Person) -> None:
        await logging(person)
        for _ in range(3):
            person.app.screen.action_save()  # type: ignore[attr-defined]
        await person.pilot.press("ctrl+s", "ctrl+s")
        await person.rest()

    view(story)
    assert is_logged(book)


def test_a_mistake_of_ours_while_saving_gives_back_what_was_typed(
    view: View, book: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    apps: list[Any] = []

    async def story(person: Person) -> None:
        apps.append(person.app)
        await logging(person)
        monkeypatch.setattr(interactions, "log", broken)
        await person.pilot.press("ctrl+s")
        await person.rest()

    with pytest.raises(Exception):  # noqa: B017, PT011  the toolkit's own wrapping of it
        view(story)
    assert isinstance(apps[0].failure, ZeroDivisionError)
    assert f"{SECRET}\nin May" in apps[0].unsaved.given_up
    assert {"Nguyễn Thị Lan", "Nguyễn Văn Minh"} <= set(apps[0].unsaved.given_up)


class OneField(Dialog):
    """A dialog of one field."""

    title_text = "[/b] one"
    save_label = "[/b]"

    def __init__(self) -> None:
        super().__init__()
        self.saved: list[str | None] = []

    def fields(self) -> ComposeResult:
        yield row("[/b]", Line(id="name"))

    async def save(self) -> str:
        if self.text_of("name") == "bad":
            raise BadValue("[/b] is bad", "say it: --name TEXT")
        self.saved.append(self.text_of("name"))
        return "Saved."


def test_enter_saves_where_there_is_one_field_and_labels_are_inert(view: View, session: Session) -> None:
    async def story(person: Person) -> None:
        dialog = OneField()
        await person.app.push_screen(dialog)
        await person.rest()
        assert dialog.query_one(Line).has_focus
        assert person.screen().count("[/b]") == 3
        await fill(person, "name", "bad")
        await person.press("enter")
        assert fault(person) == "[/b] is bad"  # and no option of the command line
        dialog.query_one(Line).value = "good"
        await person.press("enter")
        assert dialog.saved == ["good"]
        assert person.app.screen is not dialog

    view(story)


def test_the_buttons_do_what_the_keys_do(view: View, session: Session) -> None:
    async def story(person: Person) -> None:
        for button, saved in (("cancel", []), ("save", ["kept"])):
            dialog = OneField()
            await person.app.push_screen(dialog)
            await person.rest()
            if not dialog.text_of("name"):
                await fill(person, "name", "kept")
            await person.pilot.click(f"#{button}")
            await person.rest()
            assert dialog.saved == saved

    view(story)


@pytest.mark.parametrize("make", [lambda: Log(None), OneField, lambda: WhatToAdd(None)])
def test_closed_before_it_stands_it_does_nothing(
    view: View, session: Session, make: Callable[[], Screen[Any]]
) -> None:
    async def story(person: Person) -> None:
        before = person.app.screen
        person.app.push_screen(make())
        person.app.pop_screen()
        await person.rest()
        assert person.app.screen is before

    view(story)
