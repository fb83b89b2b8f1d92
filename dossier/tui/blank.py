"""The blank screen: what happens when the vault is locked, and what waits until the passphrase lifts it.

It is a section of its own, so nothing that stood on the screen is even drawn under it, and a dialog that somebody was
typing in stays as it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, cast

from dossier.services.session import Session
from dossier.services.vaults import lock as lock_agent

if TYPE_CHECKING:
    from dossier.tui.app import DossierApp
    from dossier.tui.dialogs.unlock import Unlock

MODE = "blank"
"""The name of the section that is the blank screen."""

OVER = "over-blank"
"""The id of a screen that may stand over the blank one, for it shows nothing of the vault."""

ALLOWED = ("quit", "suspend_process", "lock", "help_quit")
"""The app's actions that work on the blank screen; the passphrase is the only other thing that it takes."""


def blank_screen() -> Unlock:
    """The screen of that section."""
    from dossier.tui.dialogs.unlock import Unlock

    return Unlock("Locked.", blank=True)


def _lock(session: Session, *, agent_too: bool) -> None:
    """In the vault's thread: an unlocking that was under way there has handed its keys to the agent by now."""
    session.lock()
    if agent_too:
        lock_agent()


class Blank:
    """Whether the screen is blank, and the way there and back."""

    def __init__(self, app: DossierApp) -> None:
        self._app = app
        self._unsaid: list[Callable[[], None]] = []
        self.times = 0
        """How often the view was locked so far."""
        self.behind = app.DEFAULT_MODE
        """The section that was seen before: what opens meanwhile opens there."""

    @property
    def is_on(self) -> bool:
        """Whether the screen shows nothing, for the vault was locked."""
        return self._app.current_mode == MODE

    async def put_on(self, why: str, *, agent_too: bool = False) -> None:
        """Blank the screen, let go of the keys and of all that was read; with `agent_too` for the shell as well."""
        app = self._app
        self.times += 1
        # Before anything else, so that whatever is asked of the vault from now on finds it locked. The keys may be in
        # use for a while yet, by whatever the vault's thread is at; the screen does not wait.
        locked = app.desk.begin(_lock, agent_too=agent_too)
        app.start(self._let_go(locked, agent_too=agent_too))
        if not self.is_on:
            app.clear_notifications()
            self.behind = app.current_mode
            await app.switch_mode(MODE)
            if self.is_on:
                cast("Unlock", app.screen_stack[0]).say(why)  # quitting may ask over it
            self._forget()

    async def _let_go(self, locked: Awaitable[None], *, agent_too: bool) -> None:
        try:
            if agent_too:
                await asyncio.to_thread(lock_agent)
        finally:
            await locked
            self._forget()  # what was under way has arrived by now

    def _forget(self) -> None:
        for page in self._app.pages():
            page.forget()
            page.mask()

    async def lift(self) -> None:
        """Go back to what was seen before, and say what could not be said meanwhile."""
        app = self._app
        if self.is_on:
            while len(app.screen_stack) > 1:  # the question whether to quit is no more about a blank screen
                app.pop_screen()
            await app.switch_mode(self.behind)
        unsaid, self._unsaid = self._unsaid, []
        for say in unsaid:
            say()

    def say_later(self, say: Callable[[], None]) -> None:
        """Say something once the screen is no longer blank."""
        self._unsaid.append(say)
