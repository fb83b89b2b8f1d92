"""The tabs of a page on one line; a click or a key goes from one to another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import RenderResult
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

_GAP = 1


class TabLine(Widget):
    """Names of tabs; the one that is seen stands out."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"tab-line--here"}

    current = reactive("")
    """The name of the tab that is seen."""

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, name: str) -> None:
            self.name = name
            super().__init__()

    def __init__(self, names: Sequence[str], current: str) -> None:
        super().__init__()
        self.names = tuple(names)
        self.set_reactive(TabLine.current, current)

    def render(self) -> RenderResult:
        """` Overview  People  Timeline `."""
        here = self.get_component_rich_style("tab-line--here")
        return Text(" " * _GAP, no_wrap=True, overflow="crop").join(
            Text(f" {name.title()} ", here if name == self.current else Style()) for name in self.names
        )

    def on_click(self, event: events.Click) -> None:
        """Choose the tab under the mouse."""
        start = 0
        for name in self.names:
            if start <= event.x < start + len(name) + 2:
                self.post_message(self.Chosen(name))
            start += len(name) + 2 + _GAP
