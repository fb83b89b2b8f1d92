"""What the journal says of the other records: which there must be, how often each was written, which ids were given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dossier.store.catalog import Change
from dossier.store.check.report import Problem, Way
from dossier.store.journal import ACCEPTED, Key

State = tuple[str, int]
"""Its uid in hex and its version."""

CHANGE = Change.table.name


class Testimony:
    """What the entries of the journal say, read in the order of their numbers."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.written: dict[Key, State] = {}
        """The records that there must be."""
        self.highest: dict[str, int] = {}
        """The highest id that was ever given, by noun."""
        self.lost: set[int] = set()
        """Numbers of changes that are not there any more, as a person accepted."""
        self._as_they_stood: set[int] = set()
        self._undoes: dict[int, int | None] = {}
        self._undone_by: dict[int, int | None] = {}

    def read(self, change: Change) -> None:
        """Follow one entry."""
        self.numbers.append(change.id)
        self._undoes[change.id], self._undone_by[change.id] = change.undoes, change.undone_by
        for line in change.rows:
            noun, number = line["table"], line["id"]
            if noun == CHANGE:
                (self.lost if line["version"] is None else self._as_they_stood).add(number)
            else:
                self.highest[noun] = max(number, self.highest.get(noun, 0))
                self._follow((noun, number), line)

    def _follow(self, key: Key, line: dict[str, Any]) -> None:
        action, uid = line["action"], line["uid"]
        if action == "insert":
            self.written[key] = uid, 1
        elif action == ACCEPTED and line["version"] is not None:
            self.written[key] = uid, line["version"]
        elif action in ("delete", ACCEPTED):
            self.written.pop(key, None)
        elif key in self.written:
            self.written[key] = uid, self.written[key][1] + 1

    def missing(self, last: int) -> Iterator[int]:
        """The numbers up to `last` that no entry has and nobody accepted."""
        there = set(self.numbers) | self.lost
        return (number for number in range(1, last + 1) if number not in there)

    def against(self, found: Mapping[Key, State]) -> Iterator[Problem]:
        """What differs between the records that are there, by their uids and versions, and those that must be."""
        for key, state in self.written.items():
            if (there := found.get(key)) != state:
                yield Problem(*key, state[0], _difference(there, state), Way.ACCEPT)
        for key, (uid, _) in found.items():
            if key[0] != CHANGE and key not in self.written:
                yield Problem(*key, uid, "is one that the journal does not know", Way.ACCEPT)
        for number, by in self._marks().items():
            if number not in self._as_they_stood and self._undone_by[number] != by:
                uid = found[CHANGE, number][0]
                yield Problem(CHANGE, number, uid, f"is another copy: {_undone(by)}", Way.ACCEPT)

    def _marks(self) -> dict[int, int | None]:
        """Which change took each one back, as the undos say: one that was taken back itself brings the other back."""
        marks: dict[int, int | None] = dict.fromkeys(self.numbers)
        for number in self.numbers:
            by: int | None = number
            taken = self._undoes[number]
            while taken is not None and taken in marks:
                marks[taken] = by
                by = taken if by is None else None
                taken = self._undoes[taken]
        return marks


def _difference(there: State | None, state: State) -> str:
    if there is None:
        return "is missing: the journal says that it was added, and never that it was removed"
    if there[0] != state[0]:
        return "is not the record that the journal tells of"
    return f"is another copy: its version is {there[1]}, the journal says {state[1]}"


def _undone(by: int | None) -> str:
    return (
        "the journal says that it holds" if by is None else f"the journal says that change {by} took it back"
    )
