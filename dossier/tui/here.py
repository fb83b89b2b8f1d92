"""What can be done where one stands, from the bindings that work there and the registry of actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from textual.dom import DOMNode
from textual.keys import format_key, key_to_character
from textual.screen import Screen

from dossier.tui.keys import ACTIONS, Action

if TYPE_CHECKING:
    from dossier.tui.app import DossierApp

_NAMED = {action.id: action for action in ACTIONS}

_WORDS = {"enter": "Enter", "delete": "Delete"}
"""Keys whose usual signs not everybody knows."""


class Possible(NamedTuple):
    """An action that works now: the keys that do it, and the widget, page or app whose it is."""

    action: Action
    keys: tuple[str, ...]
    node: DOMNode


def possible(screen: Screen[Any]) -> list[Possible]:
    """What works on a screen as it stands, with the keys as configured: its own actions first, then the app's."""
    app = cast("DossierApp", screen.app)
    keys: dict[str, list[str]] = {}
    nodes: dict[str, DOMNode] = {}
    for key, (node, binding, enabled, _) in screen.active_bindings.items():
        if enabled and binding.id in _NAMED:
            keys.setdefault(binding.id, []).append(key)
            nodes.setdefault(binding.id, node)
    if screen.is_modal:
        # Textual leaves out the app's bindings there, although those that always work do work.
        for action in ACTIONS:
            if action.always and action.id not in nodes and hasattr(app, f"action_{action.id}"):
                keys[action.id] = [key for key in keys_of(app, action) if not _is_typed(screen, key)]
                nodes[action.id] = app
    found = [
        Possible(action, tuple(map(spelled, keys[action.id])), nodes[action.id])
        for action in ACTIONS
        if keys.get(action.id)
    ]
    return sorted(found, key=lambda one: one.node is app)


def keys_of(app: DossierApp, action: Action) -> list[str]:
    """The keys of an action: those of the config, else its own."""
    return [key.strip() for key in (app.config.keys.get(action.id) or action.keys).split(",")]


def spelled(key: str) -> str:
    """A key as it stands on the keyboard: `Ctrl+S`, `Esc`, `?`, `G`."""
    *modifiers, last = key.split("+")
    name = _WORDS.get(last) or format_key(last)
    if modifiers or len(name) > 1:
        name = name[:1].upper() + name[1:]
    return "+".join([*(modifier.capitalize() for modifier in modifiers), name])


def _is_typed(screen: Screen[Any], key: str) -> bool:
    """Whether the field under the cursor takes the key as a sign of its text."""
    focused = screen.focused
    return focused is not None and focused.check_consume_key(key, key_to_character(key))
