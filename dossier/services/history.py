"""Every change that was made, the newest first (C2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from dossier.domain.text import one_line
from dossier.services import refs
from dossier.services.session import Session
from dossier.services.shapes import Shape, with_lock
from dossier.store import journal
from dossier.store.catalog import Change

LABELS = ("name", "title", "subject", "text", "because")
"""The fields that a person knows a record by."""

_LABEL_LENGTH = 60

_LINES = 100
"""Records of a change told one by one: an import touches thousands."""

_ACTIONS = {"insert": "added", "update": "changed", "delete": "removed", "accepted": "accepted"}

_DONE = {
    "add": "added",
    "edit": "changed",
    "rm": "removed",
    "keep": "kept",
    "withdraw": "withdrawn",
    "renegotiate": "moved",
    "confirm": "confirmed",
    "done": "done",
    "drop": "dropped",
    "snooze": "put off",
}
_IN_WORDS = {
    "log": "interaction logged",
    "promise told": "they were told of a promise",
    "import vcard": "vCards imported",
    "import csv": "CSV imported",
    "demo": "invented book of business added",
    "undo": "taken back",
    "person forget": "person forgotten",
    "vault forget-history": "history forgotten",
    "vault accept": "vault accepted as it was",
    "vault salvage": "taken out of a damaged vault",
}


def history(session: Session, ref: str | None = None, limit: int | None = None) -> list[Shape]:
    """The newest changes: all, or those that touch an account or person and what belongs to it.

    Choosing by account or person needs the keys; the rest works locked, without the summaries.
    """
    changes = journal.changes(session.reader)
    if ref is not None:
        touches = journal.Touching(session.database, refs.account_or_person(session, ref))
        changes = (change for change in changes if touches(change))
    return [_shape(change, session.locked) for change in islice(changes, limit)]


def ids(session: Session) -> list[int]:
    """The numbers of all changes, the newest first: cheap, and works locked; `page` tells of some."""
    return journal.numbers(session.database)


def newest(session: Session) -> int:
    """The number of the newest change, undos included; 0 where nothing was changed yet."""
    return journal.newest_number(session.database)


def page(session: Session, numbers: Sequence[int]) -> list[Shape]:
    """The changes with these numbers in this order, as `history` gives them."""
    found = session.reader.of_ids(Change, numbers)
    return [_shape(found[number], session.locked) for number in numbers if number in found]


def in_full(session: Session, number: int) -> Shape:
    """A change as `history` gives it, with `lines: [{action, noun, id, label, fields}]` and how many `more` there are.

    A line is what became of a record: `action` added, changed, removed or accepted, `label` what it is known by (null
    for what has no words of its own), `fields` of a changed one `{field: {from, to}}`. Raises NotFound.
    """
    change = session.reader.get(Change, number)
    rows = [] if session.locked else change.rows
    return {
        **_shape(change, session.locked),
        "lines": [_line(row) for row in rows[:_LINES]],
        "more": max(0, len(rows) - _LINES),
    }


def in_words(command: str) -> str:
    """What a command did, in people's words: `promise withdrawn`; itself where there are no better ones."""
    if command in _IN_WORDS:
        return _IN_WORDS[command]
    noun, _, verb = command.partition(" ")
    if verb not in _DONE:
        return command
    return f"{'next step' if noun == 'step' else noun} {_DONE[verb]}"


def label(values: Mapping[str, Any]) -> str | None:
    """What a person knows the record with these values by; null for what has no words of its own."""
    for name in LABELS:
        if text := values.get(name):
            line = one_line(text)
            return line if len(line) <= _LABEL_LENGTH else line[: _LABEL_LENGTH - 1] + "…"
    return None


def touched(change: Change) -> int:
    """How many records a change touches."""
    return len({(line["table"], line["id"]) for line in change.rows})


def local_time(at: str) -> str:
    """The journal's moment in the time of this place, to the second, with its offset."""
    return datetime.fromisoformat(at).astimezone().isoformat(timespec="seconds")


def _line(row: dict[str, Any]) -> Shape:
    before, after = row.get("before", {}), row.get("after", {})
    changed = row["action"] == "update"
    return {
        "action": _ACTIONS[row["action"]],
        "noun": row["table"],
        "id": row["id"],
        "label": label(after or before),
        "fields": {name: {"from": before[name], "to": after[name]} for name in after} if changed else {},
    }


def _shape(change: Change, locked: bool) -> Shape:
    """`{id, at, command, summary, records, undoes, undone_by, forgotten}`; locked, all but three are null.

    `forgotten`: what it said of some record is gone for ever, and it cannot be taken back.
    """
    return with_lock(
        {
            "id": change.id,
            "at": local_time(change.at),
            "command": change.command,
            "summary": change.summary,
            "records": None if locked else touched(change),
            "undoes": change.undoes,
            "undone_by": change.undone_by,
            "forgotten": None if locked else journal.is_forgotten(change),
        },
        locked,
    )
