"""What to add: a list, a letter each, and the form that opens."""

from __future__ import annotations

import pytest

from dossier.services import accounts, people
from dossier.services.session import Session
from dossier.tui.dialogs.choose import OFFERS, WhatToAdd
from dossier.tui.dialogs.log import Log
from dossier.tui.dialogs.record import RecordForm
from dossier.tui.screens.today import Today
from dossier.tui.widgets.who import Who
from tests.tui.conftest import Person, View


@pytest.fixture
def known(session: Session) -> Session:
    """A vault with an account and a person."""
    accounts.add(session, "[b]Gia[/b] 株式会社", {})
    people.add(session, "Trần Thị Lan", "a1", {})
    return session


async def choose(person: Person, whom: str | None, *keys: str) -> None:
    await person.app.push_screen(WhatToAdd(whom))
    await person.rest()
    await person.press(*keys)


@pytest.mark.parametrize("letter", [offer.letter for offer in OFFERS if offer.noun != "interaction"])
def test_a_letter_opens_the_form_for_whom_is_meant(view: View, known: Session, letter: str) -> None:
    (wanted,) = [offer for offer in OFFERS if offer.letter == letter]

    async def story(person: Person) -> None:
        await choose(person, "p1", letter)
        form = person.app.screen
        assert isinstance(form, RecordForm)
        assert form.noun == wanted.noun
        refs = [who.ref for who in form.query(Who) if who.id in ("whom", "account_id")]
        assert refs == {"account": [], "person": ["a1"]}.get(wanted.noun, ["p1"])
        await person.press("escape")
        assert isinstance(person.app.screen, Today)

    view(story)


def test_arrows_and_the_mouse_choose_too(view: View, known: Session) -> None:
    async def story(person: Person) -> None:
        await choose(person, "p1", "down", "down", "enter")
        assert isinstance(person.app.screen, RecordForm)
        assert person.app.screen.begins == {"by": "them"}
        await person.press("escape")
        await choose(person, "p1", "enter")
        assert isinstance(person.app.screen, Log)
        await person.press("escape")
        await choose(person, "p1")
        await person.pilot.click("PagedTable", offset=(6, 1))
        await person.rest()
        assert isinstance(person.app.screen, Log)

    view(story)


def test_only_a_person_has_relatives(view: View, known: Session) -> None:
    async def story(person: Person) -> None:
        await choose(person, "a1", "r")
        assert isinstance(person.app.screen, WhatToAdd)
        assert "relative" not in person.screen()
        assert "[b]Gia[/b] 株式会社" in person.screen()
        await person.press("escape")
        assert isinstance(person.app.screen, Today)
        await choose(person, None, "r")
        assert isinstance(person.app.screen, RecordForm)

    view(story, size=(80, 24))
