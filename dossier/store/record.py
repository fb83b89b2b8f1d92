"""What the generated catalogue is made of: specs of fields and tables, and the base of its record classes.

Everything here is plain Python, because everyday commands cannot pay for SQLModel's import (docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, ClassVar, NamedTuple, Self

from dossier.domain.faults import BadValue
from dossier.domain.limits import check_hex, check_line, check_text
from dossier.domain.partial_date import PartialDate

PLAIN, AGENDA, DOSSIER = "plain", "agenda", "dossier"


class Field(NamedTuple):
    """One field of a noun. `kind` is line, hex, text, day, partial, choice, int, bool, lines or json."""

    name: str
    kind: str
    key_class: str
    required: bool
    default: Any
    choices: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    references: str | None = None
    on_delete: str | None = None

    def check(self, value: Any, noun: str) -> Any:
        """Return `value` in its stored form; raise BadValue (never with a secret in its message) if it does not fit."""
        what = f"{noun} {self.name.removesuffix('_id').replace('_', ' ')}"
        if value is None:
            if self.required:
                raise BadValue(f"{what} is missing", "give it a value")
            return None
        if self.kind in _CHECKS:
            return _CHECKS[self.kind](value, what)
        if self.kind == "lines":
            return [check_line(item, what) for item in value]
        if self.kind == "partial":
            return str(PartialDate.parse(str(value)))
        if self.kind == "choice":
            if value not in self.choices:
                raise BadValue(f"there is no such {what}", f"choose one of: {', '.join(self.choices)}")
            return str(value)
        if self.kind == "int":
            return self._whole(value, what)
        if self.kind == "bool":
            return bool(value)
        return value

    def _whole(self, value: Any, what: str) -> int:
        low = 1 if self.low is None else self.low
        if not isinstance(value, int) or value < low or (self.high is not None and value > self.high):
            bounds = f"from {low}" if self.high is None else f"from {low} to {self.high}"
            raise BadValue(f"{what} is out of bounds", f"give a whole number {bounds}")
        return value


def _iso_day(value: str | date, what: str) -> str:
    if isinstance(value, date):
        return value.isoformat()
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise BadValue(f"{what} is no date", "write it as 2027-03-10") from None


_CHECKS: dict[str, Callable[[Any, str], str]] = {
    "line": check_line,
    "hex": check_hex,
    "text": check_text,
    "day": _iso_day,
}


class Table(NamedTuple):
    """One table of the vault: its stable id, name, fields, and the SQL that makes it."""

    id: int
    name: str
    fields: tuple[Field, ...]
    search_fields: tuple[str, ...]
    ddl: tuple[str, ...]

    @property
    def plain(self) -> tuple[Field, ...]:
        """The fields that are columns, in column order."""
        return tuple(field for field in self.fields if field.key_class == PLAIN)

    def secrets(self, key_class: str) -> tuple[Field, ...]:
        """The fields inside the envelope of `key_class`."""
        return tuple(field for field in self.fields if field.key_class == key_class)

    def field(self, name: str) -> Field:
        """The field called `name`; KeyError if there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


class Record:
    """Base of the generated record classes: one row, its secrets open or None where `locked` names their key class."""

    __slots__ = ("id", "locked", "uid", "version")

    table: ClassVar[Table]

    id: int
    """Small, per kind, never reused; 0 until it is stored."""
    uid: bytes
    """16 random bytes: the row's identity inside envelopes and seals."""
    version: int
    """Counts the writes to this row."""
    locked: frozenset[str]
    """The key classes that could not be opened; their fields are None."""

    def values(self) -> Iterator[tuple[Field, Any]]:
        """Each field with its value, in the model's order."""
        for field in self.table.fields:
            yield field, getattr(self, field.name)

    def replace(self, **changes: Any) -> Self:
        """A copy with `changes` applied."""
        copy = object.__new__(type(self))
        for name in ("id", "uid", "version", "locked"):
            setattr(copy, name, getattr(self, name))
        for field in self.table.fields:
            setattr(copy, field.name, changes.pop(field.name, getattr(self, field.name)))
        if changes:
            raise TypeError(f"{self.table.name} has no field {', '.join(changes)}")
        return copy

    def checked(self) -> Self:
        """A copy with every value in its stored form; BadValue if one breaks its limits."""
        return self.replace(
            **{field.name: field.check(value, self.table.name) for field, value in self.values()}
        )

    def __repr__(self) -> str:
        # Ids only: a repr may end up in a traceback or a log, and most fields are secret (C1).
        return f"<{self.table.name} {self.id}>"
