"""The line on top: where one is, where one can go, the day, and whether the vault is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult, RenderResult
from textual.containers import Horizontal
from textual.widget import Widget

from dossier.tui.inert import inert
from dossier.tui.keys import action

if TYPE_CHECKING:
    from dossier.tui.app import DossierApp

SECTIONS = ("today", "accounts", "board", "search")
"""The pages that one begins from, each an action that goes there."""


class Section(Widget):
    """The name of a section with its key; a click goes there."""

    def __init__(self, name: str) -> None:
        super().__init__(id=f"section-{name}")
        self.section = name

    def on_mount(self) -> None:
        """Stand out if one is there."""
        self.set_class(self.app.current_mode == self.section, "-here")

    def render(self) -> RenderResult:
        """`2 Accounts`."""
        key = cast("DossierApp", self.app).key_of(self.section)
        return inert(f"{key} {action(self.section).label}")

    async def on_click(self) -> None:
        """Go there."""
        await self.app.run_action(self.section)


class State(Widget):
    """The day, and whether the vault is open."""

    def on_mount(self) -> None:
        """Begin with how it is now."""
        self.show()

    def show(self) -> None:
        """Say how it is now."""
        self.set_class(cast("DossierApp", self.app).desk.locked, "-locked")
        self.refresh()

    def render(self) -> RenderResult:
        """`Wed 10 March · open`."""
        today = cast("DossierApp", self.app).today()
        state = "locked" if self.has_class("-locked") else "open"
        return inert(f"{today:%a} {today.day} {today:%B} · {state}")


class Bar(Horizontal):
    """The whole line."""

    def compose(self) -> ComposeResult:
        """The sections to the left, the state to the right."""
        for name in SECTIONS:
            yield Section(name)
        yield State()
