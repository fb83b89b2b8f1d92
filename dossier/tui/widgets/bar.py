"""The line on top: where one is, where one can go, the day, and whether the vault is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult, RenderResult
from textual.containers import Horizontal
from textual.widget import Widget

from dossier.domain.text import joined
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
    """The day, and whether the vault is open; where there is little room, the latter."""

    def on_mount(self) -> None:
        """Begin with how it is now."""
        self.show()

    def show(self) -> None:
        """Say how it is now."""
        app = cast("DossierApp", self.app)
        self.set_class(app.desk.locked, "-locked")
        self.set_class(app.doubt is not None, "-in-doubt")
        self.refresh()

    def render(self) -> RenderResult:
        """`Wed 10 March · open`, `Wed 10 March · locked · 1 not saved`, `10 Mar · read only`."""
        app = cast("DossierApp", self.app)
        today = app.today()
        states = ["locked"] if app.desk.locked else ["open"] if app.doubt is None else []
        if app.doubt is not None:
            states.append("read only")
        if app.unsaved.drafts:
            states.append(f"{len(app.unsaved.drafts)} not saved")
        for said in (
            joined(f"{today:%a} {today.day} {today:%B}", *states),
            joined(f"{today:%a} {today.day} {today:%b}", *states),
            joined(f"{today.day} {today:%b}", *states),
            joined(*states),
        ):
            if len(said) <= self.content_size.width:
                return inert(said)
        return inert(states[0])

    def on_click(self) -> None:
        """Say why the vault is read only, if it is."""
        cast("DossierApp", self.app).tell_doubt()


class Bar(Horizontal):
    """The whole line."""

    def compose(self) -> ComposeResult:
        """The sections to the left, the state to the right."""
        for name in SECTIONS:
            yield Section(name)
        yield State()
