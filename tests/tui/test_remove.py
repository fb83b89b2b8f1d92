"""Removing: asked once, refused while others refer to it, and brought back."""

from __future__ import annotations

import pytest
from textual.widgets import Static

from dossier.errors import NotFound
from dossier.services import accounts, facts, interactions, occasions, people, promises, relatives, steps
from dossier.services.session import Session
from dossier.services.stored import stored
from dossier.tui.dialogs.remove import Remove
from dossier.tui.screens.today import Today
from tests.tui.conftest import Person, View

ALONE = ("fact", "relative", "occasion", "interaction", "promise", "step")


@pytest.fixture
def known(session: Session) -> Session:
    """A vault with one record of each noun."""
    accounts.add(session, "Công ty [Đặng]", {})
    people.add(session, "Trần Thị Lan", "a1", {})
    facts.add(session, "p1", "she sails", {})
    relatives.add(session, "p1", "Mai", "daughter", {})
    occasions.add(session, "a1", "founding", "1998", {})
    interactions.log(session, "a1", "a talk", {}, participants=["p1"])
    promises.add(session, "p1", "the quote", due="fri")
    steps.add(session, "a1", "call", on="fri")
    return session


async def ask(person: Person, noun: str) -> None:
    await person.app.push_screen(Remove(noun, 1))
    await person.rest()


def is_there(session: Session, noun: str) -> bool:
    try:
        stored(session, noun, 1)
    except NotFound:
        return False
    return True


@pytest.mark.parametrize("noun", ALONE)
def test_one_key_removes_it_and_undo_brings_it_back(view: View, known: Session, noun: str) -> None:
    async def story(person: Person) -> None:
        await ask(person, noun)
        assert "Công ty [Đặng]" in person.screen()
        for secret in ("she sails", "Mai", "founding", "a talk", "the quote", "call"):
            assert secret not in person.screen()
        await person.press("enter")
        assert isinstance(person.app.screen, Today)
        assert not is_there(known, noun)
        await person.press("u")
        assert is_there(known, noun)

    view(story)


def test_what_others_refer_to_goes_with_them_when_asked_again(view: View, known: Session) -> None:
    async def story(person: Person) -> None:
        await ask(person, "account")
        await person.press("delete")
        assert isinstance(person.app.screen, Remove)
        told = str(person.app.screen.query_one(".dialog--fault", Static).render())
        assert "account 1 is still referred to by 1 person" in told
        assert "--cascade" not in told
        assert is_there(known, "account")
        await person.press("delete")
        assert isinstance(person.app.screen, Today)
        assert not is_there(known, "account")
        assert not is_there(known, "relative")
        await person.press("u")

    view(story, size=(80, 24))
    for noun in ("account", "person", *ALONE):
        assert is_there(known, noun)


def test_esc_removes_nothing(view: View, known: Session) -> None:
    async def story(person: Person) -> None:
        await ask(person, "person")
        await person.press("escape")
        assert isinstance(person.app.screen, Today)

    view(story)
    assert is_there(known, "person")


def test_what_is_gone_already_is_said(view: View, known: Session) -> None:
    async def story(person: Person) -> None:
        await ask(person, "fact")
        facts.rm(known, 1)
        await person.press("enter")
        assert isinstance(person.app.screen, Remove)
        assert "no fact 1" in person.screen()

    view(story)


def test_it_asks_by_name_where_the_name_stands_in_clear(view: View, known: Session) -> None:
    async def story(person: Person) -> None:
        await ask(person, "person")
        assert "Remove person 1, Trần Thị Lan?" in person.screen()
        await person.press("escape")
        await ask(person, "promise")
        assert "Remove promise 1?" in person.screen()

    view(story)
