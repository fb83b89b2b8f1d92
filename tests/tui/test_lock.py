"""Locking: by key, by time, from outside; what the blank screen shows, takes and keeps."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from textual import events
from textual.widgets import Input

from dossier.services import accounts, promises
from dossier.services.session import Session
from dossier.tui.dialogs.leave import Leave
from dossier.tui.dialogs.unlock import Unlock
from dossier.tui.page import Page
from dossier.tui.widgets.detail import Detail
from dossier.tui.widgets.paged_table import PagedTable
from dossier.tui.widgets.sheet import Sheet
from tests.conftest import PASSPHRASE, FakeAgent
from tests.tui.conftest import Person, View
from tests.tui.test_watch import type_into_dialog

SECRET = "send the sealed quote"
NAME = "Hanoi Optics"


@pytest.fixture(autouse=True)
def _book(session: Session) -> None:
    accounts.add(session, NAME, {})
    promises.add(session, "a1", SECRET, due="2027-03-01", made="2027-02-01")


class Clock:
    """A clock that stands until it is put forward."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def with_clock(person: Person) -> Clock:
    clock = Clock()
    watch = person.app._watch
    watch._now = clock
    watch._touched = watch._told_agent = watch._opened = clock.seconds
    return clock


async def unlock(person: Person, passphrase: str = PASSPHRASE) -> None:
    await person.type(passphrase)
    await person.press("enter")


def held(person: Person) -> str:
    """All that the pages hold, in whatever section."""
    found: list[Any] = []
    for page in person.app.pages():
        for table in page.query(PagedTable):
            found += [table._rows, table._stale]
        found += [detail.parts for detail in page.query(Detail)]
        found += [sheet._sections for sheet in page.query(Sheet)]
    return repr(found)


async def look(person: Person) -> None:
    await person.app._watch.look_at_locks()
    await person.rest()


def test_a_key_blanks_the_screen_and_locks_view_and_shell_and_nothing_is_kept(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("v")
        assert SECRET in person.screen()
        assert SECRET in held(person)
        person.app.tell(NAME)
        await person.press("ctrl+l")
        assert person.app.is_blank
        assert person.app.desk.locked
        assert FakeAgent.held == {}
        assert NAME not in person.screen()
        assert SECRET not in person.screen()
        assert SECRET not in held(person)
        assert not any(page.revealed for page in person.app.pages())
        assert len(person.app._notifications) == 0

    view(story, notifications=True)


def test_only_the_passphrase_lifts_the_blank_screen_and_one_may_try_again_and_again(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("ctrl+l")
        for wrong in ("wrong", "wronger"):
            await unlock(person, wrong)
            assert person.app.is_blank
            assert person.app.screen.query_one(Input).value == ""
            assert "passphrase" in person.screen()
        await person.press("escape", "enter")
        assert person.app.is_blank
        await unlock(person)
        assert not person.app.is_blank
        assert NAME in person.screen()
        assert SECRET not in person.screen()
        assert "Unlock" not in [type(screen).__name__ for screen in person.app.screen_stack]

    view(story)


def test_on_the_blank_screen_no_key_opens_anything(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("ctrl+l")
        await person.press("1", "2", "question_mark", "f1", "ctrl+p", "f2", "ctrl+s", "v", "c", "ctrl+l", "u")
        assert person.app.is_blank
        assert [type(screen) for screen in person.app.screen_stack] == [Unlock]
        assert [len(stack) for stack in person.app._screen_stacks.values()] == [1, 1]

    view(story)


def test_unlocking_from_outside_does_not_lift_the_blank_screen(view: View) -> None:
    async def story(person: Person) -> None:
        held_before = dict(FakeAgent.held)
        await person.press("ctrl+l")
        FakeAgent.held.update(held_before)
        await look(person)
        assert person.app.is_blank
        assert person.app.desk.locked

    view(story)


def test_nobody_there_for_as_long_as_the_settings_say_locks(view: View) -> None:
    async def story(person: Person) -> None:
        clock = with_clock(person)
        clock.seconds += 119
        await look(person)
        assert not person.app.is_blank
        await person.press("j")
        clock.seconds += 119
        await look(person)
        assert not person.app.is_blank
        clock.seconds += 2
        await look(person)
        assert person.app.is_blank
        assert person.app.desk.locked
        assert "nobody was here" in person.screen()

    view(story, config={"screen_lock_minutes": "2"})


def test_a_key_that_comes_after_the_time_locks_and_does_nothing_else(view: View) -> None:
    async def story(person: Person) -> None:
        clock = with_clock(person)
        clock.seconds += 301
        await person.press("v")
        assert person.app.is_blank
        assert person.app.screen.query_one(Input).value == ""

    view(story)


def test_the_longest_time_locks_whoever_is_there(view: View) -> None:
    async def story(person: Person) -> None:
        clock = with_clock(person)
        for _ in range(61):
            clock.seconds += 60
            await person.press("j")
        assert person.app.is_blank
        await unlock(person)
        clock.seconds += 60
        await person.press("j")
        assert not person.app.is_blank

    view(story, config={"unlock_hours": "1"})


def test_locked_from_outside(view: View) -> None:
    async def story(person: Person) -> None:
        await look(person)
        FakeAgent("").lock()
        await look(person)
        assert person.app.is_blank
        assert person.app.desk.locked
        assert "outside" in person.screen()
        await unlock(person)
        assert not person.app.is_blank
        assert FakeAgent.held, "the shell is open again too"

    view(story)


def test_a_locked_vault_shows_its_agenda_and_offers_to_unlock(view: View) -> None:
    before = dict(FakeAgent.held)
    FakeAgent("").lock()

    async def story(person: Person) -> None:
        assert isinstance(person.app.screen, Unlock)
        person.app.ask_to_unlock()
        await person.rest()
        assert len(person.app.screen_stack) == 2
        await person.press("escape")
        assert NAME in person.screen()
        assert "locked" in person.screen()
        await person.press("v")
        assert isinstance(person.app.screen, Unlock)
        FakeAgent.held.update(before)  # `dossier unlock` in the shell
        await look(person)
        assert len(person.app.screen_stack) == 1
        await person.press("v")
        assert SECRET in person.screen()

    view(story)


def test_locking_over_a_question_leaves_no_second_one(view: View) -> None:
    FakeAgent("").lock()

    async def story(person: Person) -> None:
        await person.press("ctrl+l")
        assert person.app.is_blank
        await unlock(person)
        assert not person.app.is_blank
        assert len(person.app.screen_stack) == 1

    view(story)


def test_the_passphrase_command_unlocks_by_enter_alone(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("ctrl+l")
        await person.press("enter")
        assert not person.app.is_blank
        assert not person.app.desk.locked

    view(story, config={"passphrase_command": f"echo '{PASSPHRASE}'"})


def test_what_arrives_after_the_lock_is_neither_shown_nor_kept(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(person: Person) -> None:
        go = threading.Event()
        page = person.app.screen
        assert isinstance(page, Page)
        arrived: list[str] = []

        async def load() -> None:
            text = await person.app.desk.ask(lambda _: SECRET)
            await person.app.desk.ask(lambda _: go.wait(5))
            arrived.append(text)
            page.query_one(Detail).tell([(text, False)])

        monkeypatch.setattr(page, "load", load)
        page.reload()
        await person.pilot.pause()
        lock = asyncio.create_task(person.app.action_lock())
        await lock
        assert person.app.is_blank, "although the vault's thread is busy"
        go.set()
        await person.rest()
        assert arrived == []
        assert SECRET not in held(person)
        assert person.app.desk.locked

    view(story)


def test_what_opens_meanwhile_opens_behind_the_blank_screen_and_messages_wait(view: View) -> None:
    async def story(person: Person) -> None:
        from dossier.tui.dialogs.help import Help

        page = person.app.screen
        await person.press("ctrl+l")
        person.app.push_screen(Help(page))
        person.app.tell(f"{NAME} was seen.")
        await person.rest()
        assert isinstance(person.app.screen, Unlock)
        assert NAME not in person.screen()
        await unlock(person)
        assert isinstance(person.app.screen, Help)
        assert f"{NAME} was seen." in person.screen()

    view(story, notifications=True)


def test_locked_again_while_the_passphrase_is_tried_it_stays_blank(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("ctrl+l")
        go = threading.Event()
        waiting = asyncio.create_task(person.app.desk.ask(lambda _: go.wait(5)))
        for sign in PASSPHRASE:
            await person.pilot.press({" ": "space"}.get(sign, sign))
        await person.pilot.press("enter")
        await person.pilot.press("ctrl+l")
        go.set()
        await waiting
        await person.rest()
        assert person.app.is_blank
        assert person.app.desk.locked
        await unlock(person)
        assert not person.app.is_blank

    view(story)


def test_the_cursor_comes_back_to_its_row(view: View, session: Session) -> None:
    for day in range(2, 6):
        promises.add(session, "a1", f"promise {day}", due=f"2027-03-0{day}", made="2027-02-01")

    async def story(person: Person) -> None:
        await person.press("j", "j")
        key = person.app.screen.query_one(PagedTable).key
        await person.press("ctrl+l")
        await unlock(person)
        assert person.app.screen.query_one(PagedTable).key == key

    view(story)


def test_put_aside_for_too_long_it_comes_back_blank(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(person: Person) -> None:
        clock = with_clock(person)

        def stopped_for_an_hour(_: object) -> None:
            clock.seconds += 3600

        monkeypatch.setattr("textual.app.App.action_suspend_process", stopped_for_an_hour)
        await person.press("ctrl+z")
        assert person.app.is_blank
        assert NAME not in person.screen()

    view(story)


def slow_unlocking(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Let unlocking by passphrase wait for this."""
    go, real = threading.Event(), Session.unlock_with

    def slow(session: Session, passphrase: str) -> None:
        go.wait(5)
        real(session, passphrase)

    monkeypatch.setattr(Session, "unlock_with", slow)
    return go


async def begin_to_unlock(person: Person) -> None:
    """Type the passphrase and press Enter, but do not wait."""
    for sign in PASSPHRASE:
        await person.pilot.press({" ": "space"}.get(sign, sign))
    await person.pilot.press("enter")


async def type_something(person: Person) -> None:
    await person.press("c")
    await person.type("typed")


def test_the_question_whether_to_quit_goes_with_the_blank_screen_and_locking_works_again(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = slow_unlocking(monkeypatch)

    async def story(person: Person) -> None:
        await type_something(person)
        for _ in range(2):
            go.clear()
            await person.press("ctrl+l")
            assert "Locked." in person.screen()
            await begin_to_unlock(person)
            await person.pilot.press("ctrl+q")
            assert isinstance(person.app.screen, Leave)
            go.set()
            await person.rest()
            assert not person.app.is_blank
            assert not isinstance(person.app.screen, Leave | Unlock)

    view(story)


def test_a_question_left_over_the_blank_screen_does_not_hinder_locking(view: View) -> None:
    async def story(person: Person) -> None:
        await type_something(person)
        await person.press("ctrl+l", "ctrl+q", "ctrl+l")
        assert isinstance(person.app.screen, Leave)
        await person.app.lock("Locked again.")
        await person.press("escape")
        assert isinstance(person.app.screen, Unlock)
        await unlock(person)
        assert not person.app.is_blank
        assert not person.app.desk.locked

    view(story)


def test_locked_while_the_passphrase_is_tried_the_agent_holds_nothing_either(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = slow_unlocking(monkeypatch)

    async def story(person: Person) -> None:
        await person.press("ctrl+l")
        await begin_to_unlock(person)
        await person.pilot.press("ctrl+l")
        go.set()
        await person.rest()
        assert person.app.is_blank
        assert person.app.desk.locked
        assert FakeAgent.held == {}

    view(story)


def test_enter_right_after_locking_does_not_lift_the_blank_screen_with_the_old_keys(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    monkeypatch.setattr("dossier.tui.blank.lock_agent", lambda: go.wait(5))

    async def story(person: Person) -> None:
        await person.press("v")
        await person.pilot.press("ctrl+l")
        await person.pilot.press("enter")
        await asyncio.sleep(0.1)
        assert person.app.is_blank, "although the agent takes its time to lock"
        go.set()
        await person.rest()
        assert person.app.is_blank
        assert person.app.desk.locked
        assert "exit code" in person.screen()

    view(story, config={"passphrase_command": "false"})


def test_two_ways_to_unlock_at_once_lift_the_blank_screen_of_no_newer_lock(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dict(FakeAgent.held)
    FakeAgent("").lock()
    go, real = threading.Event(), Session.take_from_agent

    def slow(session: Session) -> bool:
        go.wait(5)
        return real(session)

    monkeypatch.setattr(Session, "take_from_agent", slow)

    async def story(person: Person) -> None:
        FakeAgent.held.update(before)
        looking = asyncio.create_task(person.app._watch.look_at_agent())
        await asyncio.sleep(0.05)
        await person.pilot.press("ctrl+l")
        go.set()
        await looking
        await person.rest()
        assert person.app.is_blank
        assert person.app.desk.locked

    view(story)


def test_a_lock_from_outside_is_seen_although_the_vault_is_busy(view: View) -> None:
    async def story(person: Person) -> None:
        await look(person)
        go = threading.Event()
        busy = asyncio.create_task(person.app.desk.ask(lambda _: go.wait(5)))
        await asyncio.sleep(0)
        FakeAgent("").lock()
        await asyncio.wait_for(person.app._watch.look_at_locks(), 1)
        assert person.app.is_blank
        go.set()
        await busy

    view(story)


def test_locked_from_outside_while_it_was_put_aside_nothing_is_drawn_before_the_blank(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(person: Person) -> None:
        await look(person)
        await person.press("v")
        drawn: list[str] = []
        real = person.app._display

        def put_aside(_: object) -> None:
            FakeAgent("").lock()
            drawn.clear()
            person.app.screen.refresh(layout=True)

        monkeypatch.setattr("textual.app.App.action_suspend_process", put_aside)

        def display(screen: Any, drawing: Any) -> None:
            if not person.app._batch_count:
                drawn.append(type(screen).__name__)
            real(screen, drawing)

        monkeypatch.setattr(person.app, "_display", display)
        await person.press("ctrl+z")
        assert person.app.is_blank
        assert set(drawn) == {"Unlock"}

    view(story)


@pytest.mark.parametrize("closed", [False, True])
def test_what_is_being_typed_in_a_locked_view_goes_from_the_screen_when_nobody_is_there(
    view: View, closed: bool
) -> None:
    FakeAgent("").lock()

    async def story(person: Person) -> None:
        clock = with_clock(person)
        await person.press("escape")
        clock.seconds += 301
        await look(person)
        assert not person.app.is_blank, "as long as there is nothing to hide"
        await person.press("j")
        await type_into_dialog(person, "Saigon")
        if closed:
            await person.press("escape")
        clock.seconds += 299
        await look(person)
        assert not person.app.is_blank
        clock.seconds += 2
        await look(person)
        assert person.app.is_blank
        await unlock(person)
        assert closed or person.app.screen.query_one(Input).value == "Saigon"

    view(story)


def test_the_passphrase_goes_to_no_clipboard_and_is_not_left_half_typed(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dossier.tui.dialogs.unlock._HALF_TYPED", 1.0)
    copied: list[str] = []
    monkeypatch.setattr("textual.app.App.copy_to_clipboard", lambda _, text: copied.append(text))

    async def story(person: Person) -> None:
        await person.press("ctrl+l")
        await person.type("half")
        await person.press("shift+home", "ctrl+c", "ctrl+x")
        assert copied == []
        line = person.app.screen.query_one(Input)
        assert line.value == "half"
        await asyncio.sleep(1.1)
        assert line.value == ""

    view(story)


def test_editing_keys_among_the_signs_of_the_passphrase_act_in_their_order(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("ctrl+l")
        for key in [*"cork", *["backspace"] * 4, *"abc"]:
            person.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await person.rest()
        assert person.app.screen.query_one(Input).value == "abc"

    view(story)


def test_a_question_for_the_passphrase_goes_when_the_vault_is_open_before_it_is_answered(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    FakeAgent("").lock()
    go = slow_unlocking(monkeypatch)

    async def story(person: Person) -> None:
        await person.press("escape")
        await type_something(person)
        person.app.ask_to_unlock()
        await person.rest()
        await begin_to_unlock(person)
        await person.pilot.press("ctrl+q")
        assert isinstance(person.app.screen, Leave)
        go.set()
        await person.rest()
        await person.press("escape")
        assert "Unlock" not in [type(screen).__name__ for screen in person.app.screen_stack]

    view(story)


@pytest.mark.parametrize("key", ["1", "2", "escape"])
def test_a_key_for_a_page_just_before_the_lock_leads_away_from_no_blank_screen(view: View, key: str) -> None:
    async def story(person: Person) -> None:
        await person.press("4")
        for pressed in ("escape", key, "ctrl+l"):
            person.app.post_message(events.Key(pressed, pressed if len(pressed) == 1 else None))
        await person.rest()
        assert person.app.is_blank
        await person.app.action_accounts()
        assert person.app.is_blank
        assert NAME not in person.screen()

    view(story)
