"""The walk over a whole vault that proves it sound: every page, record and reference, and that nothing is missing.

A vault that was changed behind our back is reported record by record. What the walk compares with:

- SQLite's own check of pages, indexes and constraints, and the SQL that `dossier` made the vault with;
- each record's seal, and each envelope, which must open in its place;
- the manifest, recounted from the records that are there; when it does not add up, the journal names the culprits:
  it says which records there must be, and how often each was written;
- the calendar and the last contacts, made anew from the records; the journal's numbers, which have no gaps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from dossier.domain.text import count_of, one_line
from dossier.errors import DossierError
from dossier.store import calendar, last_contact
from dossier.store.catalog import RECORDS, Change
from dossier.store.database import SQLITE_ERRORS, Database, words_of
from dossier.store.gate import CALENDAR_UID, KINDS
from dossier.store.head import read_header, read_manifest
from dossier.store.record import AGENDA, Record
from dossier.store.rows import HOSTILE, Rows, layout_of
from dossier.store.schema import LISTED, PARTS
from dossier.store.snapshot import snapshot
from dossier.vault.envelope import CALENDAR_TABLE
from dossier.vault.header import Header
from dossier.vault.seals import Manifest

Progress = Callable[[int, int], None]
"""Told now and then how many records of how many were looked at."""

_STEP = 500
"""Records between two calls of `Progress`."""


class Problem(NamedTuple):
    """One thing that is wrong: with a record (`noun`, its id, its uid in hex) or with a part of the vault."""

    noun: str
    id: int | None
    uid: str | None
    problem: str

    def __str__(self) -> str:
        name = self.noun.replace("_", " ")
        return f"{name} {self.problem}" if self.id is None else f"{name} {self.id} {self.problem}"


class Report(NamedTuple):
    """What was found: how many records of each noun there are, and all that is wrong."""

    counts: dict[str, int]
    problems: list[Problem]


def check_vault(database: Database, rows: Rows, progress: Progress = lambda done, total: None) -> Report:
    """Walk everything, as of one moment; needs all keys. Faults of the vault are in the report, never raised."""
    walk = _Walk(database, rows, progress)
    try:
        with snapshot(database):
            walk.everything()
    except DossierError as fault:
        walk.report("vault", fault.message)
    return Report(walk.counts, walk.problems)


class _Walk:
    """The state of one check."""

    def __init__(self, database: Database, rows: Rows, progress: Progress) -> None:
        self.database = database
        self.rows = rows
        self.counts: dict[str, int] = {}
        self.problems: list[Problem] = []
        self._progress = progress
        self._recount = Manifest(rows.cipher.keys)
        self._manifest: Manifest | None = None
        self._entries: list[bytes] = []
        self._journal = _Journal()
        self._found: dict[tuple[str, int], tuple[str, int]] = {}
        """Uid and version of every record there is, by noun and id."""

    def report(self, noun: str, problem: str, record_id: int | None = None, uid: object = None) -> None:
        """Add a problem."""
        self.problems.append(Problem(noun, record_id, uid.hex() if isinstance(uid, bytes) else None, problem))

    def everything(self) -> None:
        """All of it, in the order in which it is best read."""
        self._pages()
        self._made_of()
        self._head()
        self._records()
        self._references()
        self._counters()
        self._calendar()
        self._last_contacts()
        self._completeness()

    def _pages(self) -> None:
        for (line,) in self._select("PRAGMA integrity_check"):
            if line != "ok":
                self.report("file", f"is damaged: {line}")

    def _made_of(self) -> None:
        """Nothing in the file but what dossier made: a trigger could change or leak what is written."""
        found = set(self._select(LISTED))
        ours = {part.name for part in PARTS}
        for name in sorted({one_line(str(name)) for _, name, *_ in found ^ PARTS}):
            known = name in ours
            self.report(
                "schema", f"is not dossier's: {name}" + ("" if known else " does not belong in a vault")
            )

    def _head(self) -> None:
        header = None
        try:
            header = read_header(self.database)
            parsed = Header.parse(header)
            if parsed.vault_id != self.rows.cipher.keys.vault_id:
                self.report("header", "is another vault's")
        except DossierError as fault:
            self.report("header", f"cannot be read: {fault.message}")
        try:
            self._manifest = read_manifest(self.database, self.rows.cipher)
        except DossierError as fault:
            self.report("manifest", f"cannot be read: {fault.message}")
        else:
            if header is not None and not self._manifest.knows_header(header):
                self.report(
                    "header", "is not the one that was written last: it or the manifest is an older copy"
                )

    def _records(self) -> None:
        ids = {
            kind: [found for (found,) in self._select(f"SELECT id FROM {kind.table.name}")]
            for kind in RECORDS
        }
        total, done = sum(map(len, ids.values())), 0
        for kind in RECORDS:
            self.counts[kind.table.name] = len(ids[kind])
            for record_id in ids[kind]:
                self._record(kind, record_id)
                done += 1
                if done % _STEP == 0:
                    self._progress(done, total)
        self._progress(total, total)

    def _record(self, kind: type[Record], record_id: int) -> None:
        noun, layout = kind.table.name, layout_of(kind)
        for row in self._select(
            f"SELECT {layout.columns} FROM {noun} WHERE id = ?", (record_id,), (noun, record_id)
        ):
            uid = row[1]
            try:
                self._recount.add(kind.table.id, uid, row[-1])
                self._found[noun, record_id] = uid.hex(), row[2]
            except HOSTILE:
                pass  # its seal cannot fit either
            sealed = self._sealed(kind, row)
            record = self._opened(kind, row)
            if record is not None and sealed:
                self._learn(record)

    def _sealed(self, kind: type[Record], row: tuple[Any, ...]) -> bool:
        try:
            self.rows.verify(kind, row)
        except DossierError:
            self.report(
                kind.table.name,
                "is not as dossier wrote it: a value, its id or its seal was changed, or it comes from elsewhere",
                row[0],
                row[1],
            )
            return False
        return True

    def _opened(self, kind: type[Record], row: tuple[Any, ...]) -> Record | None:
        try:
            return self.rows.open(kind, row)
        except DossierError as fault:
            self.report(kind.table.name, f"cannot be opened: {fault.message}", row[0], row[1])
        return None

    def _learn(self, record: Record) -> None:
        self._entries += calendar.entries_of(record)
        if isinstance(record, Change):
            self._journal.read(record)

    def _references(self) -> None:
        for noun, record_id, parent, _ in self._select("PRAGMA foreign_key_check"):
            article = "an" if parent[0] in "aeiou" else "a"
            self.report(noun, f"refers to {article} {parent.replace('_', ' ')} that is not there", record_id)

    def _counters(self) -> None:
        """No id is given twice, so a counter stands at the highest ever given; the journal's numbers have no gaps."""
        listed = list(self._select("SELECT name, seq FROM sqlite_sequence"))
        counters = dict(listed)
        if len(listed) > len(counters) or not counters.keys() <= KINDS.keys():
            self.report("file", "has a counter of ids that is not dossier's")
        highest = dict(self._journal.highest)
        for noun, number in self._found:
            highest[noun] = max(number, highest.get(noun, 0))
        for noun in KINDS:
            counter, newest = counters.get(noun, 0), highest.get(noun, 0)
            if counter != newest:
                told = str(counter) if isinstance(counter, int) else "what is no number"
                self.report(noun, f"has a counter of ids that was set to {told}; the newest is {newest}")
        if self._manifest is not None:
            for number in range(1, self._manifest.journal + 1):
                if (Change.table.name, number) not in self._found:
                    self.report("change", "is missing from the journal", number)
            for number in self._journal.numbers:
                if number > self._manifest.journal:
                    self.report("change", f"came after the manifest's last, {self._manifest.journal}", number)

    def _calendar(self) -> None:
        found = list(self._select("SELECT version, agenda, seal FROM calendar"))
        if len(found) != 1:
            self.report("calendar", "is missing")
            return
        version, envelope, seal = found[0]
        try:
            self._recount.add(CALENDAR_TABLE, CALENDAR_UID, seal)
            self.rows.verify_parts(CALENDAR_TABLE, (1, CALENDAR_UID, version), [envelope], seal)
            packed = self.rows.cipher.decrypt_bytes(CALENDAR_TABLE, AGENDA, CALENDAR_UID, envelope)
        except (DossierError, *HOSTILE):
            self.report("calendar", "is not as dossier wrote it")
            return
        nothing = calendar.changed(b"", (), ())
        if (packed or nothing) != calendar.changed(b"", (), self._entries):
            self.report(
                "calendar", "does not agree with the records: it is an older one, or records were changed"
            )

    def _last_contacts(self) -> None:
        for (account_id,) in self._select(last_contact.DISAGREEING):
            self.report("account", "has another last contact than its interactions say", account_id)

    def _completeness(self) -> None:
        if self._manifest is None or self._manifest.same_rows(self._recount):
            return
        self._culprits()
        expected, found = self._manifest.count, self._recount.count
        if expected != found:
            problem = f"counts {count_of(expected, 'sealed part')}, but there are {found}"
        elif self.problems:
            problem = "does not add up: something is not what was written last"
        else:
            problem = "does not add up, but every record is right: it or a journal entry is an older copy"
        self.report("manifest", problem)

    def _culprits(self) -> None:
        """What differs from the records that the journal tells of; its own entries are judged by their numbers."""
        named = {(problem.noun, problem.id) for problem in self.problems}
        written = self._journal.written
        found = {key: value for key, value in self._found.items() if key[0] != Change.table.name}
        for key, (uid, version) in written.items():
            there = found.get(key)
            if key in named or there == (uid, version):
                continue
            if there is None:
                problem = "is missing: the journal says that it was added, and never that it was removed"
            elif there[0] == uid:
                problem = f"is another copy: its version is {there[1]}, the journal says {version}"
            else:
                problem = "is not the record that the journal tells of"
            self.problems.append(Problem(*key, uid, problem))
        for key, (uid, _) in found.items():
            if key not in named and key not in written:
                self.problems.append(Problem(*key, uid, "is one that the journal does not know"))

    def _select(
        self, sql: str, parameters: tuple[Any, ...] = (), record: tuple[str, int] | None = None
    ) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, as far as the file gives them."""
        try:
            yield from self.database.connection.execute(sql, parameters)
        except SQLITE_ERRORS as error:
            words = words_of(error)
            if record is None:
                self.report("file", f"is damaged: {words}")
            else:
                self.report(record[0], f"cannot be read: {words}", record[1])


class _Journal:
    """What the journal says there must be: uid and version of each record, by noun and id."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.written: dict[tuple[str, int], tuple[str, int]] = {}
        self.highest: dict[str, int] = {}
        """The highest id that was ever given, by noun."""

    def read(self, change: Change) -> None:
        """Follow one entry; they come in the order of their numbers."""
        self.numbers.append(change.id)
        for line in change.rows:
            noun, number = line["table"], line["id"]
            self.highest[noun] = max(number, self.highest.get(noun, 0))
            self._follow((noun, number), line["uid"], line["action"])

    def _follow(self, key: tuple[str, int], uid: str, action: str) -> None:
        if action == "delete":
            self.written.pop(key, None)
        elif action == "insert":
            self.written[key] = uid, 1
        elif key in self.written:
            self.written[key] = uid, self.written[key][1] + 1
