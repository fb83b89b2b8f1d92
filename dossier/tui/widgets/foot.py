"""The line at the bottom: the keys that do something where one stands.

Textual's footer is a widget for each key, made anew whenever the cursor moves. This is one line, drawn anew when
what it says has changed.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.app import RenderResult
from textual.screen import Screen
from textual.widget import Widget

from dossier.tui.keys import ACTIONS

_SHOWN = {action.id: action.label for action in ACTIONS if action.foot}
_STAY = ("help", "quit")
"""The actions that stay where there is no room for all: one tells about the others, one is the way out."""

_GO_LAST = ("reveal", "undo")
"""Those that go only after all others: without the one there is nothing to read, without the other no way back."""


class Hint(NamedTuple):
    """A key and what it does: the action's id, the key, the key as it is shown, the label."""

    action: str
    key: str
    shown: str
    label: str

    @property
    def width(self) -> int:
        """In cells."""
        return cell_len(f"{self.shown} {self.label}")


class Foot(Widget):
    """The line; a click on a key does what the key does."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"foot--key"}

    def __init__(self) -> None:
        super().__init__()
        self._hints: tuple[Hint, ...] = ()

    def on_mount(self) -> None:
        """Follow the cursor and the focus."""
        self.screen.bindings_updated_signal.subscribe(self, self._follow)
        self._look()

    def _follow(self, _: Screen[Any]) -> None:
        self.call_after_refresh(self._look)

    def _look(self) -> None:
        if not self.is_attached or not self.screen.is_active:
            return
        hints: dict[str, Hint] = {}
        for key, (_, binding, enabled, _) in self.screen.active_bindings.items():
            name = binding.id
            if name in _SHOWN and enabled and name not in hints:
                hints[name] = Hint(name, key, self.app.get_key_display(binding), _SHOWN[name])
        found = tuple(hints[name] for name in _SHOWN if name in hints)
        if found != self._hints:
            self._hints = found
            self.refresh()

    def _fitting(self) -> tuple[list[Hint], int]:
        """As many as there is room for, from the left, and how many cells are between them."""
        hints = list(self._hints)
        for gap in (2, 1):
            if _width(hints, gap) <= self.size.width:
                return hints, gap
        going = sorted(
            (one for one in hints if one.action not in _STAY), key=lambda one: one.action not in _GO_LAST
        )
        while going and _width(hints, 1) > self.size.width:
            hints.remove(going.pop())
        return hints, 1

    def render(self) -> RenderResult:
        """`d Done  m Move  ? Help`."""
        style = self.get_component_rich_style("foot--key", partial=True)
        hints, gap = self._fitting()
        line = Text(" " * gap, no_wrap=True).join(
            Text.assemble((hint.shown, style), f" {hint.label}") for hint in hints
        )
        line.no_wrap = True
        return line

    def on_click(self, event: events.Click) -> None:
        """Do what the key does."""
        place = event.get_content_offset(self)
        hints, gap = self._fitting()
        start = 0
        for hint in hints:
            if place is not None and start <= place.x < start + hint.width:
                self.app.simulate_key(hint.key)
                return
            start += hint.width + gap


def _width(hints: list[Hint], gap: int) -> int:
    return sum(hint.width for hint in hints) + gap * (len(hints) - 1)
