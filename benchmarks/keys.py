"""Presses keys all over the full-screen view and takes the time of each: `python -m benchmarks.keys VAULT`.

It runs under Textual's Pilot, without a terminal, but for each change of the screen it makes what a terminal would be
sent. The keys must be at the agent.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from textual._compositor import CompositorUpdate
from textual.pilot import Pilot
from textual.screen import Screen

from benchmarks.book import TODAY
from benchmarks.presses import Presses, told
from dossier.config import Config
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.tui.app import DossierApp
from dossier.tui.desk import Desk

_MOVING = [*"jjjjjkkjjj", "down", "up", "ctrl+d", "ctrl+d", "ctrl+u", "G", "g"]
_TABS = [*"]jj]jj]jj]jj[["]

WALK: tuple[tuple[str, list[str]], ...] = (
    ("Today: move, reveal", [*"v", *_MOVING, *_MOVING]),
    ("Accounts: move, page", [*"2", *_MOVING, *_MOVING, *["ctrl+d"] * 8, *["ctrl+u"] * 4]),
    ("Accounts: order", [*"oooooo", *"OOOO"]),
    ("Accounts: filter", ["slash", *"nguyen", *["backspace"] * 6, *"hanoi", *["backspace"] * 5, "escape"]),
    ("Dossier: open, tabs, move", [*"2g", "enter", *_TABS, "escape", *"j", "enter", *_TABS, *"v", "escape"]),
    ("Promises: move, page", [*"3", *_MOVING, *_MOVING, *"v", *["ctrl+d"] * 8, *"3"]),
    ("Search: type", [*"4", *"nguyen", *["backspace"] * 6, *"lan 12"]),
)
"""What is pressed, page by page."""


class Watched(DossierApp):
    """The view, with the time at which its screen changed."""

    CSS_PATH = str(Path(sys.modules[DossierApp.__module__].__file__ or "").with_name("style.tcss"))

    def __init__(self, *args: Any) -> None:
        self.changes: list[float] = []
        super().__init__(*args)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        super()._display(screen, renderable)
        if renderable is not None and self._running and not self._batch_count:
            if isinstance(renderable, CompositorUpdate):
                renderable.render_segments(self.console)
            self.changes.append(time.perf_counter())


async def press(app: Watched, pilot: Pilot[None], key: str) -> tuple[float, float] | None:
    """Press a key and wait until all that it began is over; seconds until the first and the last change.

    None where nothing changed.
    """
    app.changes.clear()
    began = time.perf_counter()
    await pilot.press(key)
    while working := [worker for worker in app.workers if not worker.is_finished]:
        await app.workers.wait_for_complete(working)
        await pilot.pause()
    return (app.changes[0] - began, app.changes[-1] - began) if app.changes else None


async def walk(app: Watched) -> list[Presses]:
    """Press everything."""
    found = []
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.pause(0.5)
        for label, keys in WALK:
            taken = [seconds for key in keys if (seconds := await press(app, pilot, key)) is not None]
            found.append(Presses(label, [first for first, _ in taken], [last for _, last in taken]))
    return found


def main(vault: str) -> None:
    """Open the vault, press everything, print what it took."""
    settings = Config({}, {}, "")

    def open_session() -> Session:
        session = Session(vault, TODAY, settings, Unlocking())
        session.unlock_if_unattended()
        return session

    desk = Desk(open_session, lambda: TODAY)
    try:
        print(told(asyncio.run(walk(Watched(desk, settings, lambda: TODAY)))))
    finally:
        desk.close()


if __name__ == "__main__":
    main(sys.argv[1])
