"""What is looked at every second: who else changes the vault, the agent's lock, and how long nobody touched a key."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from dossier.domain.faults import Fault
from dossier.services.session import Session

if TYPE_CHECKING:
    from dossier.tui.app import DossierApp

_STAYS_AWAKE = 60.0
"""Seconds: whoever works here keeps the agent awake by telling it so often."""


def clock() -> float:
    """Seconds on a clock that runs through suspend where the system has one."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


ELSEWHERE = "In another terminal, "
"""How a hint begins that names commands although it is read here."""


class Doubt(NamedTuple):
    """What stands against relying on the copy of the vault that is open, and how one decides; nothing is written."""

    what: str
    hint: str


def _doubt(session: Session) -> Doubt | None:
    session.compare()
    noticed = session.noticed
    if noticed is None:
        return None
    what = f"Read only: the vault {noticed.message.removeprefix(session.path).strip()}"
    return Doubt(what, f"{ELSEWHERE}{noticed.hint}")


class Watch:
    """Looks around once a second: at the clock, at the agent and at the vault, none of which waits for another."""

    def __init__(self, app: DossierApp, now: Callable[[], float] = clock) -> None:
        self._app = app
        self._now = now
        self._touched = self._told_agent = self._opened = now()
        self._day = app.today()
        self._agent_held = False
        self._looking = False
        self._said: str | None = None
        """What is wrong with the vault file and was said already."""

    def opened(self) -> None:
        """The vault was unlocked just now."""
        self._touched = self._opened = self._now()
        self._agent_held = False

    async def touch(self) -> bool:
        """Somebody pressed a key or used the mouse; false if that came too late, and locked the view."""
        if await self.lock_if_due():
            return False
        self._touched = self._now()
        return True

    async def lock_if_due(self) -> bool:
        """Lock if nobody was here for too long, or if the vault was open for as long as it may; whether it was so."""
        app = self._app
        if app.blank.is_on:
            return False
        now, config = self._now(), app.config
        if now - self._touched > config["screen_lock_minutes"] * 60:
            if app.desk.locked and not app.unsaved.is_any:
                return False
            await app.lock("Locked: nobody was here.")
        elif not app.desk.locked and now - self._opened > config["unlock_hours"] * 3600:
            await app.lock("Locked: it was open for as long as it may be.")
        else:
            return False
        return True

    async def look_at_locks(self) -> None:
        """Lock if it is due, or if the agent was locked."""
        if not await self.lock_if_due():
            await self.look_at_agent()

    async def look_at_vault(self) -> None:
        """Show what others changed in the vault, and tell if its file is gone; never twice at a time."""
        if self._looking:
            return
        self._looking = True
        try:
            changed = await self._app.desk.ask(Session.changed_elsewhere)
        except Fault as fault:
            changed = await self._mend(fault)
        else:
            changed = self._mended() or changed
            if changed or self._app.doubt is not None:  # it may have been decided elsewhere
                await self.look_at_copy()
        finally:
            self._looking = False
        today = self._app.today()
        if changed or today != self._day:
            self._day = today
            self._app.reload()

    async def look_at_agent(self) -> None:
        """Lock if the agent holds the keys no more, open what is not blank if it holds them now."""
        app, desk = self._app, self._app.desk
        if desk.locked:
            self._agent_held = False
            times = app.blank.times
            if not app.blank.is_on and await desk.agent_holds(in_use=False):
                with suppress(Fault):  # what is wrong with the file is told by who looks at the vault
                    if await desk.ask(Session.take_from_agent) and app.blank.times == times:
                        await app.unlocked()
            return
        in_use = self._touched - self._told_agent > _STAYS_AWAKE
        if in_use:
            self._told_agent = self._touched
        held = await desk.agent_holds(in_use=in_use)
        if self._agent_held and not held and not app.desk.locked:
            await app.lock("Locked: from outside, or because its time is up.")
        self._agent_held = held

    async def look_at_copy(self) -> None:
        """See what stands against relying on this copy of the vault, and say it once."""
        before, self._app.doubt = self._app.doubt, await self._app.desk.ask(_doubt)
        if before != self._app.doubt:
            self._app.show_state()
            if self._app.doubt is not None:
                self._app.tell_doubt()
            else:
                self._app.tell("The vault can be written to again.")

    async def _mend(self, fault: Fault) -> bool:
        """Go on with the file that a backup or a sync put there, if it is this vault; whether that was so."""
        if await self._app.desk.reopen():
            self._said = None
            await self._app.undoing.open()
            self._app.doubt = None
            self._app.tell("Another copy of this vault was put in its place. You see what it says.")
            await self.look_at_copy()
            return True
        if self._said != fault.message:  # said once, not every second
            self._said = fault.message
            self._app.tell_fault(fault)
        return False

    def _mended(self) -> bool:
        if self._said is None:
            return False
        self._said = None
        self._app.tell("The vault file is there again.")
        return True
