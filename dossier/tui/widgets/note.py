"""A note of any length, in any script."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.widgets import TextArea

from dossier.tui.inert import harmless
from dossier.tui.keys import bindings
from dossier.tui.widgets.in_order import InOrder


class Note(InOrder, TextArea):
    """Plain text that wraps. Tab leaves it. What is pasted or stored in it is kept exactly and shown harmless."""

    # ctrl+z, which the toolkit gives to its undo, suspends the program everywhere.
    BINDINGS: ClassVar[list[BindingType]] = bindings("text_undo", "text_redo")

    def __init__(self, text: str = "", *, placeholder: str = "", id: str | None = None) -> None:
        super().__init__(
            text, placeholder=placeholder, soft_wrap=True, tab_behavior="focus", compact=True, id=id
        )

    def get_line(self, line_index: int) -> Text:
        """A line as it is drawn."""
        return Text(harmless(self.document.get_line(line_index)), end="", no_wrap=True)

    def action_text_undo(self) -> None:
        """Take back what was typed last."""
        self.undo()

    def action_text_redo(self) -> None:
        """Type again what was taken back."""
        self.redo()
