"""Writes everything a vault holds as one JSON document, record by record (C3)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TextIO

SECTIONS = {
    "account": "accounts",
    "person": "people",
    "fact": "facts",
    "relative": "relatives",
    "occasion": "occasions",
    "interaction": "interactions",
    "participant": "participants",
    "promise": "promises",
    "promise_move": "promise_moves",
    "step": "steps",
    "attachment": "attachments",
}
"""The nouns of an export with the names of their arrays, in the order in which they are written."""

FORMAT = 1
"""The number under `dossier_export`; it grows when a reader of the older form would go wrong."""


# What JSON leaves as it is although a terminal acts on it: C1 controls, marks that reorder a line, line separators; and
# half a character, which no stream can write.
_STEERING = "[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ud800-\udfff]"


def as_json(value: Any) -> str:
    """JSON indented by two spaces, in any script; what could steer a terminal is escaped in it, so nothing is lost.

    Raises ValueError for a number that JSON cannot write.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2)
    return re.sub(_STEERING, lambda found: f"\\u{ord(found[0]):04x}", text)


def write_export(
    records: Iterable[tuple[str, Mapping[str, Any]]],
    stream: TextIO,
    *,
    exported_on: date,
    includes_sensitive: bool,
) -> None:
    """Write `records`, pairs of a noun and its fields, to `stream` as one JSON object indented by two spaces.

    The object has `dossier_export`, `exported_on`, `includes_sensitive` and an array for every noun, empty
    ones too. Records come noun by noun in the order of `SECTIONS` and are not held in memory. Values are what
    JSON knows. `stream` should be UTF-8; see `as_json`. Raises ValueError for a noun
    that is unknown or out of order and for a number that JSON cannot write.
    """
    stream.write(f'{{\n  "dossier_export": {FORMAT},\n  "exported_on": "{exported_on.isoformat()}"')
    stream.write(f',\n  "includes_sensitive": {json.dumps(includes_sensitive)}')
    ahead = iter(SECTIONS)
    current = ""
    filled = False
    for noun, fields in records:
        while noun != current:
            _end_section(stream, current, filled)
            current = next(ahead, "")
            if not current:
                raise ValueError(f"{noun!r} is no noun of an export, or comes after a later one")
            _begin_section(stream, current)
            filled = False
        text = as_json(fields).replace("\n", "\n    ")
        stream.write((",\n    " if filled else "\n    ") + text)
        filled = True
    _end_section(stream, current, filled)
    for noun in ahead:
        _begin_section(stream, noun)
        _end_section(stream, noun, filled=False)
    stream.write("\n}\n")


def _begin_section(stream: TextIO, noun: str) -> None:
    stream.write(f',\n  "{SECTIONS[noun]}": [')


def _end_section(stream: TextIO, noun: str, filled: bool) -> None:
    if noun:
        stream.write("\n  ]" if filled else "]")
