"""Going on with a vault as it stands, although it is not all that it was or not the newest: what a person decided.

What is accepted are records that dossier itself wrote: some may be missing, others older copies or back again. The
manifest, the calendar, the last contacts and the counters of ids follow from the records, so they are made anew. The
decision is a change of its own in the journal, with a line for each record that is not as the journal says: so a later
check compares with what was accepted, and `history` tells of it for ever.

What is not authentic is never accepted: whoever put it there would speak in dossier's name from then on.
"""

from __future__ import annotations

from typing import NamedTuple

from dossier.errors import Failed
from dossier.store import calendar, chunks, last_contact
from dossier.store.beyond import cut_off
from dossier.store.check.report import Problem, Progress
from dossier.store.check.testimony import CHANGE
from dossier.store.check.walk import Walk
from dossier.store.database import Database
from dossier.store.gate import CALENDAR_UID, KINDS, Transaction, calendar_row
from dossier.store.head import read_header
from dossier.store.journal import Key, Line, accepted_line
from dossier.store.rows import Rows
from dossier.store.snapshot import snapshot
from dossier.vault.envelope import CALENDAR_TABLE
from dossier.vault.seals import Manifest

COMMAND = "vault accept"


class State(NamedTuple):
    """What a walk over a vault found, and of which state of the file that is."""

    walk: Walk
    version: int | None

    @property
    def refused(self) -> list[Problem]:
        """What nobody may accept."""
        return [problem for problem in self.walk.problems if not problem.acceptable]


def look_into(database: Database, rows: Rows, progress: Progress) -> State:
    """Walk a whole vault, as a check does, and keep what was learned."""
    version = database.data_version()
    walk = Walk(database, rows, progress)
    with snapshot(database):
        walk.everything()
    return State(walk, version)


def accept(database: Database, rows: Rows, state: State, generation: int, summary: str) -> int:
    """Take the vault as the walk found it, all of it acceptable, in one transaction; the number of that change.

    `generation` is one that the vault has reached at least, by what this machine knows. Raises Failed if the vault was
    written to since the walk, and the faults of `Database.transaction`.
    """
    walk, keys = state.walk, rows.cipher.keys
    with database.transaction():
        if database.data_version() != state.version:
            raise Failed("another program changed the vault meanwhile; nothing was accepted", "run it again")
        database.refuse_foreign_parts()
        cut_off(database)
        last = max([*walk.testimony.numbers, walk.manifest.journal if walk.manifest else 0], default=0)
        generation = max(generation, last, walk.manifest.generation if walk.manifest else 0)
        header = Manifest.digest(read_header(database))
        manifest = Manifest(keys, walk.recount.total, walk.recount.count, generation, last, header)
        _set_counters(database, walk.highest_ids() | {CHANGE: last})
        _renew_calendar(database, rows, manifest, walk.entries)
        disagreeing = [account_id for (account_id,) in database.rows(last_contact.DISAGREEING)]
        last_contact.renew(database, disagreeing)
        if any(problem.noun == chunks.CHUNK for problem in walk.problems):
            chunks.sweep(database, walk.files)
        transaction = Transaction(database, rows, manifest)
        transaction.summary = summary
        transaction.accept(_lines(walk))
        transaction.finish(COMMAND)
        assert transaction.number is not None, "accepting is a change in any case"
    return transaction.number


def _set_counters(database: Database, highest: dict[str, int]) -> None:
    """Let ids go on after the highest that is known to have been given."""
    database.execute("DELETE FROM sqlite_sequence")
    for noun, number in highest.items():
        if noun in KINDS and number:
            database.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (noun, number))


def _renew_calendar(database: Database, rows: Rows, manifest: Manifest, entries: list[bytes]) -> None:
    """Make the calendar anew from the records; its version is one that it never had."""
    version = manifest.generation + 1
    version, envelope, seal = calendar_row(rows, version, calendar.changed(b"", (), entries))
    database.execute("DELETE FROM calendar")
    database.execute("INSERT INTO calendar VALUES (1, ?, ?, ?)", (version, envelope, seal))
    manifest.add(CALENDAR_TABLE, CALENDAR_UID, seal)


def _lines(walk: Walk) -> list[Line]:
    """A line for each record that is not as the journal says; if there is none, for the newest change."""
    lines = {
        (problem.noun, problem.id): _line(walk, problem.noun, problem.id, problem.uid)
        for problem in walk.problems
        if problem.id is not None and problem.noun in KINDS and not _as_told(walk, (problem.noun, problem.id))
    }
    if not lines and walk.testimony.numbers:
        newest = walk.testimony.numbers[-1]
        lines[CHANGE, newest] = _line(walk, CHANGE, newest, None)
    return list(lines.values())


def _as_told(walk: Walk, key: Key) -> bool:
    """Whether a record is as the journal says: then only what is kept beside it was wrong."""
    return key[0] != CHANGE and walk.found.get(key) == walk.testimony.written.get(key)


def _line(walk: Walk, noun: str, number: int, uid: str | None) -> Line:
    there, version = walk.found.get((noun, number), (None, None))
    return accepted_line(noun, number, there or uid or "", version)
