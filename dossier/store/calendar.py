"""The sealed calendar: one encrypted index of what the agenda must find without opening every record.

Looking for the birthdays of the week among 10,000 people would mean 10,000 decryptions. Instead the gate keeps one
value under the agenda key: the month and day of every occasion, the accounts with a cadence of their own, and the
marked people, sorted so that a week is found by bisection. Its size is padded; none of it stands in clear.

Format: the longest own lead (2 bytes), then entries of 10 bytes: month*100+day (2; 0 for what has no date),
days (2; a lead, a cadence, or 0xFFFF for none), kind (1), reserved (1), record id (4); big-endian.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dossier.domain.partial_date import PartialDate
from dossier.store.catalog import Account, Occasion, Person, Relative
from dossier.store.record import Record

BIRTHDAY, RELATIVE, OCCASION, CADENCE, MARKED = 1, 2, 3, 4, 5

_ENTRY = struct.Struct(">HHBxI")
_LONGEST = struct.Struct(">H")
_NONE = 0xFFFF


class Entry(NamedTuple):
    """One line of the calendar: `days` is an own lead or cadence, None for the rule's."""

    month_day: int
    days: int | None
    kind: int
    record_id: int


def _month_day(partial: str | None) -> int | None:
    return PartialDate.parse(partial).month_day if partial else None


def entries_of(record: Record) -> list[bytes]:
    """What the calendar must say about a record (all its secrets open): nothing, mostly."""
    found: list[Entry] = []
    if isinstance(record, Account):
        if record.cadence_days is not None:
            found.append(Entry(0, record.cadence_days, CADENCE, record.id))
    elif isinstance(record, Person):
        if month_day := _month_day(record.birthday):
            found.append(Entry(month_day, None, BIRTHDAY, record.id))
        if record.marked:
            found.append(Entry(0, None, MARKED, record.id))
    elif isinstance(record, Relative):
        if month_day := _month_day(record.birthday):
            found.append(Entry(month_day, None, RELATIVE, record.id))
    elif isinstance(record, Occasion) and (month_day := _month_day(record.date)):
        found.append(Entry(month_day, record.lead_days, OCCASION, record.id))
    return [_ENTRY.pack(e.month_day, _NONE if e.days is None else e.days, e.kind, e.record_id) for e in found]


class Calendar:
    """A calendar in memory, from the bytes that the vault keeps encrypted."""

    def __init__(self, packed: bytes) -> None:
        self._entries = memoryview(packed)[_LONGEST.size :]
        self.longest_lead: int = _LONGEST.unpack_from(packed)[0] if packed else 0

    def __len__(self) -> int:
        return len(self._entries) // _ENTRY.size

    def __getitem__(self, place: int) -> int:
        """The month and day of the entry at `place`: what `bisect` looks at."""
        return int(_ENTRY.unpack_from(self._entries, place * _ENTRY.size)[0])

    def on(self, month_day: int) -> Iterator[Entry]:
        """The entries of one day; 0 for those without a day."""
        first, end = bisect_left(self, month_day), bisect_left(self, month_day + 1)
        entries = self._entries[first * _ENTRY.size : end * _ENTRY.size]
        for day, days, kind, record_id in _ENTRY.iter_unpack(entries):
            yield Entry(day, None if days == _NONE else days, kind, record_id)

    def cadences(self) -> dict[int, int]:
        """The cadence in days of each account that has its own."""
        return {
            entry.record_id: entry.days
            for entry in self.on(0)
            if entry.kind == CADENCE and entry.days is not None
        }

    def marked(self) -> set[int]:
        """The ids of the people whose occasions show whatever their account's tier."""
        return {entry.record_id for entry in self.on(0) if entry.kind == MARKED}


def changed(packed: bytes, removed: Iterable[bytes], added: Iterable[bytes]) -> bytes:
    """The calendar's bytes with some entries taken out and others put in."""
    body = packed[_LONGEST.size :]
    size = _ENTRY.size
    entries = {body[start : start + size] for start in range(0, len(body), size)}
    entries.difference_update(removed)
    entries.update(added)
    ordered = sorted(entries)
    leads = (days for _, days, kind, _ in map(_ENTRY.unpack, ordered) if kind == OCCASION and days != _NONE)
    return _LONGEST.pack(max(leads, default=0)) + b"".join(ordered)
