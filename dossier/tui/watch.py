"""What is looked at every second: changes by others, the agent's lock, and how long nobody has touched a key."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from dossier.domain.faults import Fault
from dossier.services.session import Session

if TYPE_CHECKING:
    from dossier.tui.app import DossierApp

_STAYS_AWAKE = 60.0
"""Seconds: whoever works here keeps the agent awake by telling it so often."""


def clock() -> float:
    """Seconds on a clock that runs through suspend where the system has one."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Watch:
    """Looks around once a second, never twice at a time."""

    def __init__(self, app: DossierApp, now: Callable[[], float] = clock) -> None:
        self._app = app
        self._now = now
        self._touched = self._told_agent = now()
        self._agent_held = False
        self._looking = False
        self._missing: str | None = None

    def touch(self) -> None:
        """Somebody pressed a key or used the mouse."""
        self._touched = self._now()

    @property
    def idle(self) -> bool:
        """Whether nobody has touched anything for as long as the settings allow."""
        return self._now() - self._touched > self._app.config["screen_lock_minutes"] * 60

    async def look(self) -> None:
        """Look around once."""
        if self._looking:
            return
        self._looking = True
        try:
            await self._look()
        finally:
            self._looking = False

    async def _look(self) -> None:
        app = self._app
        if app.desk.locked:
            self._agent_held = False
            if not app.is_blank and await app.desk.ask(_agent_opened):
                app.unlocked()
        elif self.idle:
            await app.lock("Locked: nobody was here.")
            return
        else:
            held = await app.desk.ask(self._ask_agent)
            if self._agent_held and not held:
                await app.lock("The vault was locked from outside, or its time is up.")
                return
            self._agent_held = held
        try:
            changed = await app.desk.ask(Session.changed_elsewhere)
        except Fault as fault:
            if self._missing != fault.message:  # said once, not every second
                self._missing = fault.message
                app.tell_fault(fault)
            return
        if self._missing:
            self._missing = None
            changed = True
        if changed:
            app.reload()

    def _ask_agent(self, session: Session) -> bool:
        """Whether the agent holds the keys; it hears of it if they are in use here."""
        if self._touched - self._told_agent > _STAYS_AWAKE:
            self._told_agent = self._touched
            return session.take_from_agent()
        return session.agent.holds(session.vault_id)


def _agent_opened(session: Session) -> bool:
    return session.agent.holds(session.vault_id) and session.take_from_agent()
