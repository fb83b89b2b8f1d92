"""Logging an interaction: one dialog, one key, one transaction."""

from __future__ import annotations

import pytest
from textual import events

from dossier.services import accounts, interactions, people, promises, steps
from dossier.services.history import history
from dossier.services.session import Session
from dossier.tui.dialogs.log import Log
from tests.tui.conftest import Person, View


@pytest.fixture
def book(session: Session) -> Session:
    accounts.add(session, "Đặng Gia", {})
    accounts.add(session, "Zlatna Niva", {})
    people.add(session, "Nguyễn Văn Minh", "a1", {"position": "CTO"})
    people.add(session, "Nguyễn Thị Lan", "a1", {})
    people.add(session, "Минка Илиева", "a2", {})
    return session


async def opened(person: Person, ref: str | None = None) -> Log:
    dialog = Log(ref)
    await person.app.push_screen(dialog)
    await person.rest()
    return dialog


async def fill(person: Person, name: str, text: str) -> None:
    """Paste a text into a field."""
    person.app.screen.query_one(f"#{name}").focus()
    await person.rest()
    person.app.post_message(events.Paste(text))
    await person.rest()


def said(person: Person) -> str:
    """What was told in the corner last."""
    return [note.message for note in person.app._notifications][-1]


def test_everything_of_a_call_is_saved_by_one_key(view: View, book: Session) -> None:
    steps.add(book, "a1", "call about spring", on="2027-03-10")

    async def story(person: Person) -> None:
        await opened(person)
        await person.type("dang")
        await person.press("enter", "enter")
        await person.type("lan")
        await person.press("enter")
        await person.type("minh")
        await person.press("tab")
        await fill(person, "subject", "spring order")
        await fill(person, "note", "they want two")
        await fill(person, "promise-1", "send the quote")
        await fill(person, "due-1", "fri")
        await fill(person, "promise-2", "ask about [/b]")
        await fill(person, "due-2", "in 2 weeks")
        await fill(person, "next", "ring again")
        await fill(person, "next-on", "mon")
        await person.press("ctrl+s")
        assert not isinstance(person.app.screen, Log)
        assert said(person).startswith(
            "Logged call with Nguyễn Thị Lan, Nguyễn Văn Minh. 2 promises noted. Steps done with it: 1."
        )

    view(story)
    (logged,) = interactions.listed(book)
    assert logged["with"] == ["Nguyễn Thị Lan", "Nguyễn Văn Minh"]
    assert (logged["channel"], logged["direction"], logged["at"]) == ("call", "out", "2027-03-10")
    assert (logged["subject"], logged["note"]) == ("spring order", "they want two")
    made = [(one["title"], one["due_on"], one["person"]) for one in promises.listed(book)]
    assert made == [
        ("send the quote", "2027-03-12", "Nguyễn Thị Lan"),
        ("ask about [/b]", "2027-03-24", "Nguyễn Thị Lan"),
    ]
    assert [(one["title"], one["due_on"]) for one in steps.listed(book)] == [("ring again", "2027-03-15")]
    assert history(book)[0]["command"] == "log"
