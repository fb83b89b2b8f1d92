"""Keys that come faster than the vault answers: whatever they hit, the view lives."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from textual import events
from textual.keys import key_to_character
from textual.screen import Screen

from dossier.services import accounts, people, promises, steps
from dossier.services.session import Session
from dossier.tui.desk import Desk
from dossier.tui.dialogs.choose import WhatToAdd
from dossier.tui.dialogs.help import Help
from dossier.tui.dialogs.log import Log
from dossier.tui.dialogs.remove import Remove
from dossier.tui.palette import open_palette
from dossier.tui.screens.today import Today
from tests.tui.conftest import Person, View

_KEYS = (
    *("enter", "escape", "escape", "escape", "tab", "space", "j", "k", "x", "n"),
    *("1", "2", "3", "4", "right_square_bracket", "left_square_bracket", "slash", "o", "v"),
    *("a", "c", "p", "e", "d", "D", "m", "t", "w", "z", "u", "b", "delete"),
    *("ctrl+p", "f1", "question_mark", "ctrl+s", "ctrl+n"),
)


@pytest.fixture
def book(session: Session) -> Session:
    accounts.add(session, "Đặng Gia", {})
    people.add(session, "Nguyễn Thị Lan", "a1", {})
    promises.add(session, "p1", "send the quote", due="2027-03-01", made="2027-02-01")
    steps.add(session, "a1", "ring", on="2027-03-10")
    return session


def slowly(monkeypatch: pytest.MonkeyPatch, seconds: float, chance: random.Random) -> None:
    """Let the vault take so long at most for each answer."""
    ask = Desk.ask

    async def late(desk: Desk, *arguments: Any, **options: Any) -> Any:
        await asyncio.sleep(seconds * chance.random())
        return await ask(desk, *arguments, **options)

    monkeypatch.setattr(Desk, "ask", late)


def burst(person: Person, *keys: str) -> None:
    """Press keys without waiting for what they do."""
    for key in keys:
        person.app.post_message(events.Key(key, key_to_character(key)))


@pytest.mark.parametrize("seed", [1, 2])
def test_keys_at_random_end_nothing(
    view: View, book: Session, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    slowly(monkeypatch, 0.03, chance)

    async def story(person: Person) -> None:
        for _ in range(150):
            burst(person, chance.choice(_KEYS))
            await asyncio.sleep(chance.choice((0, 0, 0.001, 0.005, 0.02)))
        await person.rest()
        assert person.app.is_running

    assert view(story).failure is None


@pytest.mark.parametrize(
    ("opens", "keys"),
    [
        (lambda: Log("a1"), ("escape", "escape", "escape")),
        (lambda: Log("a1"), ("ctrl+s", "escape", "escape")),
        (lambda: Remove("promise", 1), ("enter", "enter", "escape")),
        (lambda: WhatToAdd("a1"), ("enter", "enter", "escape")),
        (lambda: WhatToAdd("a1"), ("f", "n", "escape")),
        (lambda: Help(Today()), ("escape", "escape", "escape")),
        (None, ("enter", "enter")),
        (None, ("escape", "escape", "ctrl+p", "ctrl+p")),
    ],
)
@pytest.mark.parametrize("seconds", [0, 0.1])
def test_what_is_closed_twice_takes_no_page_with_it(
    view: View,
    book: Session,
    monkeypatch: pytest.MonkeyPatch,
    opens: Any,
    keys: tuple[str, ...],
    seconds: float,
) -> None:
    async def story(person: Person) -> None:
        below: Screen[Any] = person.app.screen
        slowly(monkeypatch, seconds, random.Random(1))
        if opens is None:
            open_palette(person.app)
        else:
            await person.app.push_screen(opens())
        burst(person, *keys)
        await person.rest()
        assert below in person.app.screen_stack

    assert view(story).failure is None


def test_what_is_typed_before_a_dialog_is_filled_in_is_where_one_begins(
    view: View, book: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(person: Person) -> None:
        slowly(monkeypatch, 0.2, random.Random(1))
        log = Log("a1")
        await person.app.push_screen(log)
        burst(person, "t", "e", "a")
        await person.rest()
        assert log.text_of("subject") == "tea"
        assert log.text_of("whom") == "a1"

    view(story)
