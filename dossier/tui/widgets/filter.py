"""The line in which one types a part of what one looks for; a table shows only what goes by it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from dossier.tui.widgets.line import Line
from dossier.tui.widgets.paged_table import PagedTable


class Filter(Line):
    """A field that is there once it is asked for, and for as long as something stands in it.

    Whoever composes it listens to `Line.Changed`. `table` is the selector of the table that it filters.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "give_up", show=False),
        Binding("enter,down", "to_table", show=False),
    ]

    def __init__(self, table: str = "PagedTable", *, placeholder: str = "Part of a name") -> None:
        super().__init__(placeholder=placeholder, id="filter")
        self._table = table
        self._show(False)

    def open(self) -> None:
        """Show the field and type in it, over what stands there."""
        self._show(True)
        self.focus()
        self.action_select_all()

    def action_give_up(self) -> None:
        """Look for nothing any more."""
        self.value = ""
        self.action_to_table()

    def action_to_table(self) -> None:
        """Go on in the table; what is typed stays in force."""
        self.screen.query_one(self._table, PagedTable).focus()
        self._show(bool(self.value))

    def _show(self, shown: bool) -> None:
        # What is not displayed could have the focus all the same.
        self.display = self.can_focus = shown
