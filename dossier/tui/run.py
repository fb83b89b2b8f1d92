"""The way in: opens the vault, runs the view, and gives back what was typed if the view fails."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date

from dossier.config import Config
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.tui.desk import Desk

_TELLTALES = ("TEXTUAL", "TEXTUAL_LOG", "TEXTUAL_DEBUG", "TEXTUAL_SCREENSHOT", "TEXTUAL_PRESS")
"""Variables by which Textual writes what is on the screen to files, or to another program (C1)."""


def run(vault: str, config: Config, today: Callable[[], date], typed: list[str]) -> None:
    """Show the view until the person leaves; the faults of `Session` where the vault cannot be opened.

    What ends the view by mistake is raised here. Texts that were being typed then are added to `typed`.
    """

    def open_session() -> Session:
        session = Session(vault, today(), config, Unlocking())
        try:
            session.unlock_if_unattended()
        except BaseException:
            session.close()
            raise
        return session

    desk = Desk(open_session, today)
    try:
        for name in _TELLTALES:
            os.environ.pop(name, None)
        from dossier.tui.app import DossierApp

        app = DossierApp(desk, config, today)
        app.run()
        if app.failure is not None:
            typed += app.unsaved_texts()
            raise app.failure
    finally:
        desk.close()
