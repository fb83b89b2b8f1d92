"""The two lanes to the vault: what takes long is read beside, with the keys of the first session and no longer."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import Awaitable, Callable, Iterator

import pytest

from dossier.config import Config
from dossier.errors import Locked, NotFound, Unavailable
from dossier.services import accounts, facts
from dossier.services.passphrases import Unlocking
from dossier.services.search import search
from dossier.services.session import Session
from dossier.tui.desk import Desk
from tests.conftest import PASSPHRASE, TODAY


def opened(vault_path: str) -> Desk:
    return Desk(lambda: Session(vault_path, TODAY, Config({}, {}, ""), Unlocking()), lambda: TODAY)


@pytest.fixture
def desk(vault_path: str, session: Session) -> Iterator[Desk]:
    accounts.add(session, "Hà Nội Optics", {})
    facts.add(session, "a1", "collects old cameras", {})
    desk = opened(vault_path)
    yield desk
    desk.close()


class Door:
    """Holds up whoever reads until it is opened; says when somebody stands before it."""

    def __init__(self) -> None:
        self.reached, self.open = threading.Event(), threading.Event()

    def wait(self, session: Session) -> str:
        self.reached.set()
        assert self.open.wait(5)
        return "read"

    async def is_reached(self) -> None:
        assert await asyncio.to_thread(self.reached.wait, 5)


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def within() -> None:
        await asyncio.wait_for(story(), 10)

    asyncio.run(within())


def test_what_is_asked_aside_holds_nothing_up(desk: Desk) -> None:
    async def story() -> None:
        door = Door()
        long = asyncio.create_task(desk.ask_aside(door.wait))
        await door.is_reached()
        assert len(await desk.ask(accounts.listed)) == 1
        assert not long.done()
        door.open.set()
        assert await long == "read"

    run(story)


def test_aside_reads_with_the_same_keys_in_a_session_of_its_own(desk: Desk) -> None:
    async def story() -> None:
        assert [hit["noun"] for hit in await desk.ask_aside(search, "CAMERAS")] == ["fact"]
        first, second = await desk.ask(lambda session: session), await desk.ask_aside(lambda session: session)
        assert first is not second
        assert second.keys is first.keys

    run(story)


def test_locking_takes_the_keys_from_both_and_unlocking_gives_them_back(desk: Desk) -> None:
    async def story() -> None:
        second = await desk.ask_aside(lambda session: session)
        await desk.ask(Session.lock)
        assert await desk.ask_aside(lambda session: session.locked)
        assert second.locked
        assert await desk.ask_aside(search, "cameras") == []
        await desk.ask(Session.unlock_with, PASSPHRASE)
        assert len(await desk.ask_aside(search, "cameras")) == 1

    run(story)


def test_locking_takes_the_keys_from_the_second_session_although_nothing_is_asked_of_it(desk: Desk) -> None:
    async def story() -> None:
        second = await desk.ask_aside(lambda session: session)
        await desk.ask(Session.lock)
        while not second.locked:
            await asyncio.sleep(0.01)

    run(story)


def test_an_answer_that_comes_after_locking_is_dropped(desk: Desk) -> None:
    async def story() -> None:
        door = Door()
        long = asyncio.create_task(desk.ask_aside(door.wait))
        await door.is_reached()
        await desk.ask(Session.lock)
        door.open.set()
        with pytest.raises(Locked):
            await long

    run(story)


def test_who_gives_up_before_their_turn_is_never_begun_with(desk: Desk) -> None:
    async def story() -> None:
        door, begun = Door(), []
        long = asyncio.create_task(desk.ask_aside(door.wait))
        await door.is_reached()
        given_up = asyncio.create_task(desk.ask_aside(lambda _: begun.append("given up")))
        await asyncio.sleep(0)
        given_up.cancel()
        last = asyncio.create_task(desk.ask_aside(lambda _: begun.append("last")))
        await asyncio.sleep(0)
        door.open.set()
        await asyncio.gather(long, last)
        assert begun == ["last"]

    run(story)


def test_a_fault_is_raised_to_who_asked_and_the_lane_goes_on(desk: Desk) -> None:
    async def story() -> None:
        with pytest.raises(NotFound):
            await desk.ask_aside(facts.get, 99)
        assert await desk.ask_aside(lambda _: 1) == 1

    run(story)


def test_another_file_in_its_place_is_not_read(desk: Desk, vault_path: str) -> None:
    shutil.copy(vault_path, f"{vault_path}.other")
    os.replace(f"{vault_path}.other", vault_path)

    async def story() -> None:
        with pytest.raises(Unavailable):
            await desk.ask_aside(accounts.listed)

    run(story)


def test_the_second_session_is_closed_with_the_desk(vault_path: str) -> None:
    desk = opened(vault_path)
    asyncio.run(desk.ask_aside(accounts.listed))
    assert any(thread.name.startswith("aside") for thread in threading.enumerate())
    desk.close()
    assert not any(thread.name.startswith(("aside", "desk")) for thread in threading.enumerate())
