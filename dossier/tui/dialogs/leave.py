"""Leaving while something typed is saved nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from dossier.domain.text import count_of
from dossier.tui.blank import OVER
from dossier.tui.inert import inert
from dossier.tui.keys import bindings
from dossier.tui.modal import Modal

if TYPE_CHECKING:
    from dossier.tui.app import DossierApp


class Leave(Modal[None]):
    """Asks whether to quit without what was typed. It tells where that was, and nothing of what it says."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("cancel"), Binding("enter", "leave", show=False)]
    HELP: ClassVar[str] = "Quit all the same, or go back and save."

    def __init__(self, titles: list[str]) -> None:
        super().__init__(id=OVER)
        self._titles = titles

    def compose(self) -> ComposeResult:
        """What would be lost, and the keys."""
        key_of = cast("DossierApp", self.app).key_of
        with Vertical(classes="dialog"):
            yield Static("Quit?", classes="dialog--title", markup=False)
            yield Static(
                inert(f"What was typed in {self._where()} is not saved and would be lost."), markup=False
            )
            yield Static(
                inert(f"Enter or {key_of('quit')} quits all the same · {key_of('cancel')} goes back"),
                classes="dialog--keys",
                markup=False,
            )

    def _where(self) -> str:
        if cast("DossierApp", self.app).is_blank:  # a title may name a client
            return count_of(len(self._titles), "dialog")
        return ", ".join(f"“{title.rstrip('?')}”" for title in self._titles)

    def action_leave(self) -> None:
        """Quit all the same."""
        self.app.exit()
