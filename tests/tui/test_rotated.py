"""A vault that got new keys, or was compacted, while it is on the screen: the view goes on with the new file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from dossier.services import accounts, compacting
from dossier.services.session import Session
from tests.services.rotations import Run, leave_room, opened
from tests.tui.conftest import Person, View


@pytest.fixture
def path(session: Session) -> str:
    accounts.add(session, "Hà Nội Optics", {"note": "they build a second hall"})
    session.close()
    return session.path


def compact(path: str) -> None:
    with opened(path) as session:
        session.open_anew()
        compacting.compact(session, lambda done, total: None)


async def look(person: Person) -> None:
    """What the view does by itself every second or so."""
    await person.app._watch.look_at_vault()
    await person.app._watch.look_at_agent()
    await person.rest()


def test_after_new_keys_the_view_goes_on_with_those_of_the_agent(path: str, view: View) -> None:
    async def story(person: Person) -> None:
        desk = person.app.desk
        assert not desk.locked
        await asyncio.to_thread(Run(), path)
        await look(person)
        assert not desk.locked
        await desk.ask(accounts.add, "Later", {})

    view(story)
    with opened(path) as session:
        session.open_anew()
        assert session.keys.key_id == 2
        assert [record["name"] for record in accounts.listed(session)] == ["Hà Nội Optics", "Later"]


def test_after_new_keys_it_is_locked_where_the_agent_is(
    path: str, view: View, lock: Callable[[], None]
) -> None:
    async def story(person: Person) -> None:
        lock()
        await asyncio.to_thread(Run(), path)
        await look(person)
        assert person.app.desk.locked

    view(story)


def test_after_compacting_it_goes_on_unlocked(path: str, view: View) -> None:
    leave_room(path)

    async def story(person: Person) -> None:
        await asyncio.to_thread(compact, path)
        await look(person)
        assert not person.app.desk.locked
        await person.app.desk.ask(accounts.add, "Later", {})

    view(story)
    with opened(path) as session:
        assert [record["name"] for record in accounts.listed(session)] == ["Hà Nội Optics", "Later"]
