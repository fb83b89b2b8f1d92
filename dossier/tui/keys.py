"""Every action of the full-screen view: its id, its keys and its label, each once.

The bindings, the footer, the help and the `[keys]` table of the config file all come from here. The method that an
action calls is `action_ID` of the widget, page or app that has the binding.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import NamedTuple

from textual.binding import Binding, BindingType
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, _character_to_key, key_to_character

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
    says: str = ""
    """What it does, where there is room to say it: in the help and the palette."""

    @property
    def full(self) -> str:
        """What it does, in full."""
        return self.says or self.label


_GO, _ACT, _SEE, _LIST, _ALL = "Go to", "Act on the row or page", "See", "Move in a list", "Everywhere"

ACTIONS = (
    Action("today", "1", "Today", _GO, foot=False),
    Action("accounts", "2", "Accounts", _GO, foot=False),
    Action("board", "3", "Promises", _GO, foot=False),
    Action("search", "4", "Search", _GO, foot=False),
    Action("history", "H", "History", _GO, foot=False, says="History: every change, to take any back"),
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
    Action("filter", "slash", "Filter", _LIST, says="Filter by a part of a name"),
    Action("sort", "o", "Order", _LIST, says="Order by another column"),
    Action("turn", "O", "Turn the order round", _LIST, foot=False),
    Action("log", "c", "Log", _ACT, says="Log a call, meeting, mail …"),
    Action("done", "d", "Done", _ACT, says="Done: promise kept, step done"),
    Action("done_on", "D", "Done on", _ACT, foot=False, says="Done on another day than today"),
    Action("move", "m", "Move", _ACT, says="Move to another date"),
    Action("snooze", "z", "Tomorrow", _ACT, says="Put off till tomorrow"),
    Action("told", "t", "Told", _ACT, says="Note that they were told it will be late"),
    Action("withdraw", "w", "Withdraw, drop", _ACT, foot=False, says="Withdraw the promise, drop the step"),
    Action("promise", "p", "Promise", _ACT, foot=False, says="Note a promise"),
    Action("brief", "b", "Brief", _SEE, foot=False, says="Brief for a meeting"),
    Action("add", "a", "Add", _ACT, says="Add something"),
    Action("edit", "e", "Edit", _ACT),
    Action("remove", "delete", "Remove", _ACT, foot=False),
    Action("reveal", "v,ctrl+r", "Reveal", _SEE, says="Reveal what is hidden, or hide it"),
    Action("copy", "y", "Copy the row", _SEE, foot=False),
    Action("undo", "u", "Undo", _ALL, says="Undo the newest change"),
    Action("redo", "U", "Bring back", _ALL, foot=False, says="Bring back what was taken back last"),
    Action("help", "question_mark,f1", "Help", _ALL, always=True),
    Action("palette", "ctrl+p", "All actions", _ALL, foot=False, always=True),
    Action(
        "theme",
        "f2",
        "Dark, light, terminal",
        _ALL,
        foot=False,
        always=True,
        says="Colours: dark, light, the terminal's own",
    ),
    Action("lock", "ctrl+l", "Lock", _ALL, foot=False, always=True, says="Lock at once"),
    Action("suspend_process", "ctrl+z", "Suspend", _ALL, foot=False, always=True),
    Action("quit", "ctrl+q", "Quit", _ALL, always=True),
    Action("save", "ctrl+s", "Save", "In a dialog", always=True),
    Action("cancel", "escape", "Close, keeping what is typed", "In a dialog"),
    Action("afresh", "ctrl+n", "Start afresh", "In a dialog"),
    Action("next_field", "enter", "Next field", "In a dialog", foot=False, always=True),
    Action("leave_field", "tab", "Next field or button", "In a dialog", foot=False, always=True),
    Action("take_name", "tab", "Take the name, as Enter does", "In a dialog", foot=False),
    Action("next_name", "down", "Next name", "In a dialog", foot=False),
    Action("previous_name", "up", "Name before", "In a dialog", foot=False),
    Action("close_names", "escape", "Close the names", "In a dialog", foot=False),
    Action("text_undo", "alt+z,ctrl+underscore", "Undo typing", "In a note", foot=False),
    Action("text_redo", "alt+y,ctrl+y", "Redo typing", "In a note", foot=False),
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


FIXED = {
    "back": "escape",
    "cancel": "escape",
    "open": "enter",
    "next_tab": "right",
    "previous_tab": "left",
    "quit": "ctrl+q",
}
"""Keys that an action has whatever the config says: Esc always backs out, the arrows always move, and there is a way
out of a blank screen too, where other keys are the passphrase's."""

_RESERVED = {*FIXED.values(), "up", "down", "home", "end", "pageup", "pagedown", "tab", "shift+tab", "ctrl+c"}
_EDITING = {*_RESERVED, "backspace", "delete"} - {FIXED["quit"]}
"""Keys that do something in a field."""

_MODIFIERS = {"ctrl", "shift", "alt", "super", "hyper", "meta"}
_NAMED_KEYS = {*(str(key.value) for key in Keys), *KEY_NAME_REPLACEMENTS.values()}
_IN_DIALOGS = ("In a dialog", "In a note")


def checked(keymap: dict[str, str]) -> dict[str, str]:
    """The keys of the config file as Textual takes them, by action; without its fixed keys no action is left.

    Raises BadValue for an action or a key that there is not, and for a key that another action has where both work.
    """
    for name in keymap:
        if name not in _BY_ID:
            near = get_close_matches(name, _BY_ID, 1)
            hint = f"did you mean {near[0]}?" if near else f"actions are: {', '.join(_BY_ID)}"
            raise BadValue(f"the config file binds a key to {one_line(name)!r}, which is no action", hint)
    keys = {name: _keys_of(name, typed) for name, typed in keymap.items()}
    for name, found in keys.items():
        for key in found:
            if other := _taken(name, key, keys):
                raise BadValue(
                    f"the config file gives {name} the key {key}, which is {other}'s",
                    f"choose another one, or give {other} another one in [keys]"
                    if other in _BY_ID
                    else "choose another one",
                )
        if _must_work_in_fields(name) and not any(map(_works_in_a_field, [*found, *_fixed(name)])):
            raise BadValue(
                f"the config file gives {name} no key that works in a field: {one_line(','.join(found))}",
                "give it one with ctrl, or one like f5, as well",
            )
    return {name: ",".join(dict.fromkeys([*found, *_fixed(name)])) for name, found in keys.items()}


def _must_work_in_fields(name: str) -> bool:
    """Whether it has to have such a key: what works everywhere, but for what is itself a key of fields."""
    return _BY_ID[name].always and any(map(_works_in_a_field, _default_keys(name)))


def _works_in_a_field(key: str) -> bool:
    """Whether a key is neither a sign that one types nor one that edits."""
    sign = key_to_character(key)
    return key not in _EDITING and (sign is None or not sign.isprintable())


def _fixed(name: str) -> list[str]:
    return [FIXED[name]] if name in FIXED else []


def _keys_of(name: str, typed: str) -> list[str]:
    """The keys that the config names for an action, in Textual's words; BadValue if one is no key."""
    found = []
    for part in typed.split(","):
        *modifiers, last = part.strip().split("+") if part.strip() != "+" else ["plus"]
        key = _character_to_key(last) if len(last) == 1 else last
        known = key in _NAMED_KEYS or key_to_character(key) is not None
        if not known or not _MODIFIERS.issuperset(modifiers):
            raise BadValue(
                f"the config file gives {name} the key {one_line(part.strip())!r}, which is no key",
                'keys are written so: "k", "K", "ctrl+k", "f5", "slash"; several: "k,ctrl+k"',
            )
        found.append("+".join([*modifiers, key]))
    return found


def _taken(name: str, key: str, keys: dict[str, list[str]]) -> str | None:
    """Which other action has a key where both work; where the two share it anyhow, they never work at once."""
    mine = _BY_ID[name]
    if key in _default_keys(name):
        return None
    for other in ACTIONS:
        meet = (mine.group in _IN_DIALOGS) == (other.group in _IN_DIALOGS) or mine.always or other.always
        theirs = [*keys.get(other.id, _default_keys(other.id)), *_fixed(other.id)]
        if other.id != name and meet and key in theirs:
            return other.id
    return "the cursor" if key in _RESERVED and key not in _fixed(name) else None


def _default_keys(name: str) -> list[str]:
    return _BY_ID[name].keys.split(",")
