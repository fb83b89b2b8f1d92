"""Every action of the full-screen view: its id, its keys and its label, each once.

The bindings, the footer, the help and the `[keys]` table of the config file all come from here. The method that an
action calls is `action_ID` of the widget, page or app that has the binding.
"""

from __future__ import annotations

from typing import NamedTuple

from textual.binding import Binding, BindingType

from dossier.domain.faults import BadValue
from dossier.domain.text import one_line


class Action(NamedTuple):
    """Something that a key does; `keys` are its keys unless the config names others, `foot` puts it in the footer."""

    id: str
    keys: str
    label: str
    group: str
    foot: bool = True
    always: bool = False
    """Whether the key works wherever the cursor is, in a field too."""


_GO, _ACT, _SEE, _LIST, _ALL = "Go to", "Act on the row or page", "See", "Move in a list", "Everywhere"

ACTIONS = (
    Action("today", "1", "Today", _GO, foot=False),
    Action("accounts", "2", "Accounts", _GO, foot=False),
    Action("board", "3", "Promises", _GO, foot=False),
    Action("search", "4", "Search", _GO, foot=False),
    Action("back", "escape,h", "Back", _GO, foot=False),
    Action("next_tab", "right_square_bracket,right", "Next tab", _GO, foot=False),
    Action("previous_tab", "left_square_bracket,left", "Previous tab", _GO, foot=False),
    Action("open", "enter,l", "Open", _LIST, foot=False),
    Action("down", "j", "Down", _LIST, foot=False),
    Action("up", "k", "Up", _LIST, foot=False),
    Action("first", "g", "First", _LIST, foot=False),
    Action("last", "G", "Last", _LIST, foot=False),
    Action("page_down", "ctrl+d,space", "Page down", _LIST, foot=False),
    Action("page_up", "ctrl+u", "Page up", _LIST, foot=False),
    Action("filter", "slash", "Filter", _LIST),
    Action("sort", "o", "Order", _LIST),
    Action("turn", "O", "Turn the order round", _LIST, foot=False),
    Action("log", "c", "Log", _ACT),
    Action("done", "d", "Done", _ACT),
    Action("move", "m", "Move", _ACT),
    Action("snooze", "z", "Tomorrow", _ACT),
    Action("told", "t", "Told", _ACT),
    Action("withdraw", "w", "Withdraw, drop", _ACT, foot=False),
    Action("promise", "p", "Promise", _ACT, foot=False),
    Action("brief", "b", "Brief", _SEE, foot=False),
    Action("add", "a", "Add", _ACT),
    Action("edit", "e", "Edit", _ACT),
    Action("remove", "delete", "Remove", _ACT, foot=False),
    Action("reveal", "v", "Reveal", _SEE),
    Action("copy", "y", "Copy the row", _SEE, foot=False),
    Action("undo", "u", "Undo", _ALL),
    Action("help", "question_mark,f1", "Help", _ALL, always=True),
    Action("palette", "ctrl+p", "All actions", _ALL, foot=False, always=True),
    Action("theme", "f2", "Dark, light, terminal", _ALL, foot=False, always=True),
    Action("lock", "ctrl+l", "Lock", _ALL, foot=False, always=True),
    Action("suspend_process", "ctrl+z", "Suspend", _ALL, foot=False, always=True),
    Action("quit", "ctrl+q", "Quit", _ALL, always=True),
    Action("save", "ctrl+s", "Save", "In a dialog", always=True),
    Action("cancel", "escape", "Close, keeping what is typed", "In a dialog"),
)

_BY_ID = {action.id: action for action in ACTIONS}


def action(name: str) -> Action:
    """The action of this id; KeyError if there is none."""
    return _BY_ID[name]


def bindings(*names: str) -> list[BindingType]:
    """The bindings of some actions, for a class's `BINDINGS`."""
    return [
        Binding(one.keys, one.id, one.label, show=one.foot, priority=one.always, id=one.id)
        for one in map(action, names)
    ]


def checked(keymap: dict[str, str]) -> dict[str, str]:
    """The keys of the config file, if every action named there exists; else BadValue."""
    for name in keymap:
        if name not in _BY_ID:
            raise BadValue(
                f"the config file binds a key to {one_line(name)!r}, which is no action",
                f"actions are: {', '.join(_BY_ID)}",
            )
    return keymap
