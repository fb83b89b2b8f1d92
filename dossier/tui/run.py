"""The way in: opens the vault, runs the view, and gives back what was typed if the view fails."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from dossier.config import Config
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.tui.desk import Desk

if TYPE_CHECKING:
    from dossier.tui.app import DossierApp

_HARMLESS = ("TEXTUAL_ANIMATIONS", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_DISABLE_KITTY_KEY", "TEXTUAL_FPS")
"""The only variables of Textual's that are left to it. By others it writes what is on the screen, or what it logs of
it, to files or to another program, presses keys, or loads a driver (C1)."""


def run(vault: str, config: Config, today: Callable[[], date], typed: list[str]) -> int:
    """Show the view until the person leaves, or a signal ends it; the exit code.

    Raises the faults of `Session` where the vault cannot be opened, BadValue where the settings bind no key, and what
    ends the view by mistake. Texts that were being typed when it ended in any other way than by the person are added
    to `typed`.
    """

    def open_session() -> Session:
        session = Session(vault, today(), config, Unlocking())
        try:
            session.unlock_if_unattended()
        except BaseException:
            session.close()
            raise
        return session

    neutralise()
    desk = Desk(open_session, today)
    try:
        from dossier.tui.app import DossierApp

        app = DossierApp(desk, config, today)
        try:
            _show(app)
        finally:
            typed += app.given_up
        if app.failure is not None:
            # Without its context: what happened while it was handled adds nothing.
            raise app.failure from None
        return app.return_code or 0
    finally:
        desk.close()


def neutralise() -> None:
    """Take from the environment what would let Textual write down what the screen shows; before it is imported."""
    for name in [name for name in os.environ if name.startswith("TEXTUAL") and name not in _HARMLESS]:
        del os.environ[name]


def _show(app: DossierApp) -> None:
    import asyncio
    import signal

    async def until_left() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
            # Also where it was to be ignored, as nohup has it: without its terminal a view can but spin.
            loop.add_signal_handler(number, app.end_by_signal, number)
        await app.run_async()

    asyncio.run(until_left())
