"""Filling an empty vault with what was found in a damaged one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from dossier.domain.text import count_of
from dossier.store import calendar, last_contact
from dossier.store.catalog import RECORDS, Account, Change
from dossier.store.check import Progress
from dossier.store.database import SPILL, Database
from dossier.store.gate import CALENDAR_UID, calendar_row
from dossier.store.journal import Key, accepted_line
from dossier.store.rows import layout_of
from dossier.store.salvage.files import Incomplete, rescue_files
from dossier.store.salvage.found import Finding, Found
from dossier.store.salvage.standins import stand_in
from dossier.vault.envelope import CALENDAR_TABLE
from dossier.vault.seals import Manifest

COMMAND = "vault salvage"

_CHANGE = Change.table.name
_PLACES = {kind.table.name: place for place, kind in enumerate(RECORDS)}

_STEP = 500
"""Records between two calls of `Progress`."""


class Rescued(NamedTuple):
    """What became of everything: how many rows came over, and which records were made anew and so on."""

    counts: dict[str, int]
    rebuilt: list[Finding]
    placeholders: list[Finding]
    outdated: list[Finding]
    lost: list[Finding]
    incomplete: list[Incomplete]


class _Writer:
    """Writes records into an empty vault and counts them."""

    def __init__(self, database: Database, found: Found) -> None:
        self.database = database
        self.found = found
        self.manifest = Manifest(found.rows.cipher.keys)
        self.entries: list[bytes] = []
        """What the calendar must say."""
        self.states: dict[Key, tuple[str, int]] = {}
        """Uid and version of every record, by noun and id."""

    def records(self, progress: Progress) -> None:
        """Write every record, parents before children."""
        everything = sorted(self.found.everything(), key=lambda key: (_PLACES[key[0]], key[1]))
        for number, key in enumerate(everything, 1):
            record, row = self.found.final(key)
            self.database.execute(layout_of(type(record)).insert, row)
            self.manifest.add(record.table.id, record.uid, row[-1])
            self.entries += calendar.entries_of(record)
            self.states[key] = record.uid.hex(), record.version
            if number % _STEP == 0:
                progress(number, len(everything))
        progress(len(everything), len(everything))

    def entry(self, entry: Change) -> None:
        """Write an entry of the journal."""
        row = self.found.rows.close(entry)
        self.database.execute(layout_of(Change).insert, row)
        self.manifest.add(entry.table.id, entry.uid, row[-1])
        self.manifest.journal = entry.id

    def derived(self) -> None:
        """Write what repeats what the records say: the calendar and the last contacts."""
        packed = calendar.changed(b"", (), self.entries) if self.entries else b""
        values = calendar_row(self.found.rows, 1, packed)
        self.database.execute("INSERT INTO calendar VALUES (1, ?, ?, ?)", values)
        self.manifest.add(CALENDAR_TABLE, CALENDAR_UID, values[-1])
        accounts = [number for noun, number in self.states if noun == Account.table.name]
        last_contact.renew(self.database, accounts)

    def counters(self) -> None:
        """Let every counter of ids stand at the highest that was ever given, so that none is given twice."""
        highest = {**self.found.testimony.highest, _CHANGE: self.manifest.journal}
        for noun, number in self.states:
            highest[noun] = max(number, highest.get(noun, 0))
        self.database.execute("DELETE FROM sqlite_sequence")
        for noun, number in highest.items():
            self.database.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", (noun, number))


def fill(
    database: Database,
    found: Found,
    header: bytes,
    old: Manifest | None,
    today: str,
    generation: int,
    progress: Progress,
) -> Rescued:
    """Write all that was found into a vault that is laid out and empty, in the transaction that is open.

    `header` is the one that it has, `old` the damaged vault's manifest, and `generation` the highest of this vault that
    anybody saw, for a manifest that is lost.
    """
    incomplete = rescue_files(database, found)
    database.execute(SPILL)  # nobody reads here yet, and what is unfinished is thrown away
    placeholders = stand_in(found, today)
    found.tell_of_hurt()
    writer = _Writer(database, found)
    writer.records(progress)
    last = max([number for noun, number in writer.states if noun == _CHANGE] + [old.journal if old else 0])
    entry = _entry(found, writer.states, last)
    writer.entry(entry)
    writer.derived()
    found.testimony.read(entry)
    writer.counters()
    manifest = writer.manifest
    manifest.know_header(header)
    manifest.generation = max(old.generation if old else 0, generation, entry.id) + 1
    database.execute("UPDATE vault SET manifest = ?", (manifest.to_blob(found.rows.cipher),))
    counts = {kind.table.name: 0 for kind in RECORDS}
    for noun, _ in found.kept:
        counts[noun] += 1
    return Rescued(counts, found.rebuilt, placeholders, found.outdated, found.lost, incomplete)


def _entry(found: Found, states: Mapping[Key, tuple[str, int]], last: int) -> Change:
    """The entry that ends the journal: what is not as it says is taken as it is."""
    lines = [accepted_line(_CHANGE, number, "", None) for number in found.testimony.missing(last)]
    found.lost += [Finding(_CHANGE, line["id"], None) for line in lines]
    for problem in found.testimony.against(states):
        assert problem.id is not None
        uid, version = states.get((problem.noun, problem.id), (problem.uid or "", None))
        lines.append(accepted_line(problem.noun, problem.id, uid, version))
    said = f"took {count_of(len(found.kept), 'record')} out of a damaged vault"
    if found.lost:
        said += f"; {count_of(len(found.lost), 'record')} lost"
    entry = Change(
        at=datetime.now(UTC).isoformat(timespec="seconds"), command=COMMAND, summary=said, rows=lines
    )
    entry.id, entry.uid, entry.version = last + 1, os.urandom(16), 1
    return entry
