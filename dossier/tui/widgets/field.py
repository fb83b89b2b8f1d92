"""A field: what one fills in, where that takes more than one of the toolkit's widgets."""

from __future__ import annotations

from typing import Any, Self

from textual.widget import Widget
from textual.widgets import TextArea

from dossier.tui.widgets.line import Line


class Field(Widget):
    """Several widgets that are one field. The one typed into is a `Line`."""

    @property
    def line(self) -> Line:
        """What is typed into."""
        raise NotImplementedError

    @property
    def held(self) -> Any:
        """All that is filled in, finished or not: a plain value that can be kept, compared, and set again."""
        raise NotImplementedError

    @held.setter
    def held(self, value: Any) -> None:
        raise NotImplementedError

    @property
    def text(self) -> str:
        """What a service takes of it, in a word; blank where nothing is filled in."""
        raise NotImplementedError

    async def check(self) -> None:
        """Raise a Fault if what is filled in cannot be meant; the person then is back in this field."""

    def focus(self, scroll_visible: bool = True) -> Self:
        """Let the person type here."""
        self.line.focus(scroll_visible)
        return self


def held(widget: Widget) -> Any:
    """What is filled in, in a `Field` or a widget of the toolkit."""
    if isinstance(widget, Field):
        return widget.held
    return widget.text if isinstance(widget, TextArea) else widget.value  # type: ignore[attr-defined]


def hold(widget: Widget, value: Any) -> None:
    """Fill in what `held` gave; in a text, one goes on at its end."""
    if isinstance(widget, Field):
        widget.held = value
    elif isinstance(widget, TextArea):
        widget.text = value
        widget.move_cursor(widget.document.end)
    elif isinstance(widget, Line):
        widget.value = value
        widget.cursor_position = len(value)
    else:
        widget.value = value  # type: ignore[attr-defined]
