"""The line at the bottom: the keys that do something where one stands.

Textual's footer is a widget for each key, made anew whenever the cursor moves. This is one line, drawn anew when
what it says has changed.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.app import RenderResult
from textual.screen import Screen
from textual.widget import Widget

from dossier.tui.keys import ACTIONS

_SHOWN = {action.id: action.label for action in ACTIONS if action.foot}
_STAYS = "help"
"""The action that stays where there is no room for all: it tells about the others."""
_GAP = "  "


class Hint(NamedTuple):
    """A key and what it does: the action's id, the key, the key as it is shown, the label."""

    action: str
    key: str
    shown: str
    label: str

    @property
    def width(self) -> int:
        """In cells, with the gap behind it."""
        return cell_len(f"{self.shown} {self.label}{_GAP}")


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

    def _follow(self, _: Screen[object]) -> None:
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

    def _fitting(self) -> list[Hint]:
        """As many as there is room for, from the left."""
        room = self.size.width - sum(hint.width for hint in self._hints if hint.action == _STAYS)
        fitting = []
        for hint in self._hints:
            if hint.action != _STAYS:
                room -= hint.width
                if room < 0:
                    continue
            fitting.append(hint)
        return fitting

    def render(self) -> RenderResult:
        """`d Done  m Move  ? Help`."""
        style = self.get_component_rich_style("foot--key", partial=True)
        parts = [((hint.shown, style), f" {hint.label}{_GAP}") for hint in self._fitting()]
        return Text.assemble(*(piece for part in parts for piece in part), no_wrap=True)

    def on_click(self, event: events.Click) -> None:
        """Do what the key does."""
        start = 0
        for hint in self._fitting():
            if start <= event.x < start + hint.width:
                self.app.simulate_key(hint.key)
                return
            start += hint.width
