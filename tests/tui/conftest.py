"""The full-screen view driven by keys, without a terminal, on the vault of the `vault_path` fixture."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any

import pytest
from textual.pilot import Pilot

from dossier.config import Config
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.tui.app import DossierApp
from dossier.tui.desk import Desk
from tests.conftest import TODAY

Story = Callable[["Person"], Awaitable[None]]
View = Callable[..., DossierApp]


class Person:
    """Somebody at the keyboard: presses keys, types, and looks at the screen once it has come to rest."""

    def __init__(self, app: DossierApp, pilot: Pilot[Any]) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other, each once the screen rests."""
        for key in keys:
            await self.pilot.press(key)
            await self.rest()

    async def type(self, text: str) -> None:
        """Type a text into what has the focus."""
        for sign in text:
            await self.pilot.press({" ": "space"}.get(sign, sign))
        await self.rest()

    async def rest(self) -> None:
        """Wait until nothing is under way any more."""
        await self.pilot.pause()
        for _ in range(50):
            working = [worker for worker in self.app.workers if not worker.is_finished]
            if not working:
                break
            await self.app.workers.wait_for_complete(working)
            await self.pilot.pause()
        await self.pilot.pause()

    def screen(self) -> str:
        """What the screen shows, as text."""
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in lines)


@pytest.fixture
def view(vault_path: str) -> View:
    """Open the view on the vault, let a person do their story, and close it: `view(story, size=(80, 24))`."""

    def open_view(
        story: Story,
        *,
        size: tuple[int, int] = (100, 30),
        today: date = TODAY,
        config: Mapping[str, str] | None = None,
        keys: Mapping[str, str] | None = None,
        notifications: bool = False,
    ) -> DossierApp:
        settings = Config(dict(config or {}), {}, "")
        settings.keys = dict(keys or {})
        desk = Desk(lambda: Session(vault_path, today, settings, Unlocking()), lambda: today)
        app = DossierApp(desk, settings, lambda: today)

        async def run() -> None:
            async with app.run_test(size=size, notifications=notifications) as pilot:
                person = Person(app, pilot)
                await person.rest()
                await story(person)

        try:
            asyncio.run(run())
        finally:
            desk.close()
        return app

    return open_view
