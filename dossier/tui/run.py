"""The way in: opens the vault, runs the view, and gives back what was typed if the view fails."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from dossier.config import Config
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.tui.desk import Desk

if TYPE_CHECKING:
    from dossier.tui.app import DossierApp

_HARMLESS = ("TEXTUAL_ANIMATIONS", "TEXTUAL_DISABLE_KITTY_KEY", "TEXTUAL_FPS")
"""The only variables of Textual's that are left to it. By others it writes what is on the screen, or what it logs of
it, to files or to another program, presses keys, loads a driver, or fails at a value that it does not know (C1)."""

_TO_END = 5.0
"""Seconds that the view has to end in order once a signal has asked it to."""

_ASK_TO_END = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)


def run(
    vault: str, config: Config, today: Callable[[], date], typed: list[str], tell: Callable[[str], None]
) -> int:
    """Show the view until the person leaves, or a signal ends it; the exit code.

    Raises the faults of `Session` where the vault cannot be opened, BadValue where the settings bind no key, and what
    ends the view by mistake. Texts that were being typed when it ended in any other way than by the person are added
    to `typed`. If the end has to wait for the vault, `tell` says so.
    """

    def open_session() -> Session:
        session = Session(vault, today(), config, Unlocking())
        try:
            session.unlock_if_unattended(screen=True)
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
            typed += app.unsaved.given_up
        if app.failure is not None:
            # Without its context: what happened while it was handled adds nothing.
            raise app.failure from None
        return app.return_code or 0
    finally:
        desk.close(lambda: tell("Waiting for the vault, which another program is using …"))


def neutralise() -> None:
    """Take from the environment what would let Textual write down what the screen shows; before it is imported."""
    for name in [name for name in os.environ if name.startswith("TEXTUAL") and name not in _HARMLESS]:
        del os.environ[name]


def _show(app: DossierApp) -> None:
    import asyncio
    from threading import Timer

    from dossier.tui.driver import mend

    mend()
    timers: list[Timer] = []

    async def until_left() -> None:
        loop = asyncio.get_running_loop()

        def end(number: int, _: object) -> None:
            # A terminal that takes nothing holds whoever draws on it for ever. SQLite's journal makes such an end safe.
            timers.append(timer := Timer(_TO_END, os._exit, (128 + number,)))
            timer.daemon = True
            timer.start()
            loop.call_soon_threadsafe(app.end_by_signal, number)

        # A handler of the loop's own would have to wait for that terminal too. It also is for signals that were to be
        # ignored, as nohup has it: without its terminal a view can but spin.
        before = {number: signal.signal(number, end) for number in _ASK_TO_END}
        try:
            await app.run_async()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    try:
        asyncio.run(until_left())
    finally:
        for timer in timers:
            timer.cancel()  # the terminal took it all; what is left is the vault's, which waits for no one for ever
