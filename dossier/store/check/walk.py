"""The walk itself: part after part, and what each says about what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dossier.domain.faults import BadValue
from dossier.domain.text import count_of, one_line
from dossier.errors import Damaged, DossierError, Failed, Unavailable
from dossier.store import calendar, chunks, damage, last_contact
from dossier.store.beyond import bytes_beyond
from dossier.store.catalog import RECORDS, Attachment, Change
from dossier.store.check.report import Problem, Progress, Report, Way, opens_by
from dossier.store.check.testimony import CHANGE, Testimony
from dossier.store.database import SQLITE_ERRORS, Database, fault_of, words_of
from dossier.store.gate import CALENDAR_UID, KINDS
from dossier.store.head import read_header, read_manifest
from dossier.store.record import AGENDA, Record
from dossier.store.rows import HOSTILE, Rows, layout_of
from dossier.store.schema import LISTED, PARTS
from dossier.store.snapshot import snapshot
from dossier.vault.envelope import CALENDAR_TABLE
from dossier.vault.header import Header
from dossier.vault.seals import Manifest

STEP = 500
"""Records between two calls of `Progress`."""

_NOT_THE_VAULTS = (Failed, Unavailable)
"""Faults that say nothing about the vault."""


def check_vault(database: Database, rows: Rows, progress: Progress = lambda done, total: None) -> Report:
    """Walk everything, as of one moment; needs all keys. Faults of the vault are reported; raises as `everything`."""
    walk = Walk(database, rows, progress)
    with snapshot(database):
        walk.everything()
    return Report(walk.counts, walk.problems)


class Walk:
    """The state of one check, and what it learned of a vault; inside a transaction or a snapshot."""

    def __init__(self, database: Database, rows: Rows, progress: Progress) -> None:
        self.database = database
        self.rows = rows
        self.counts: dict[str, int] = {}
        self.problems: list[Problem] = []
        self._progress = progress
        self.recount = Manifest(rows.cipher.keys)
        """The manifest of the records that are there, without the calendar."""
        self._whole = Manifest(rows.cipher.keys)
        self.manifest: Manifest | None = None
        """The one that stands in the vault, if it is authentic."""
        self.entries: list[bytes] = []
        """What the calendar must say."""
        self.testimony = Testimony()
        self.files: dict[int, Attachment] = {}
        """The attachments that there are, and those that `undo` could bring back."""
        self.found: dict[tuple[str, int], tuple[str, int]] = {}
        """Uid and version of every record there is, by noun and id."""

    def report(
        self,
        noun: str,
        problem: str,
        record_id: int | None = None,
        uid: object = None,
        *,
        way: Way = Way.SALVAGE,
    ) -> None:
        """Add a problem; `uid` as it stands in the row, whatever that is."""
        known = uid.hex() if isinstance(uid, bytes) else None
        self.problems.append(Problem(noun, record_id, known, problem, way))

    def everything(self) -> None:
        """All of it, in the order in which it is best read; faults of the vault are reported, never raised.

        What says nothing about the vault is raised: a drive that does not answer (Unavailable), a program that keeps
        the file busy (Failed). Else sound files would be remembered as unsound.
        """
        try:
            self._everything()
        except _NOT_THE_VAULTS:
            raise
        except DossierError as fault:
            self.report("vault", fault.message.removeprefix(f"{self.database.path} "))

    def _everything(self) -> None:
        self._pages()
        self._made_of()
        self._head()
        self._records()
        self._references()
        self._counters()
        self._calendar()
        self._last_contacts()
        self._completeness()
        self._attachments()

    def _pages(self) -> None:
        said = (line for (line,) in self._select("PRAGMA integrity_check") if line != "ok")
        for problem in damage.of_pages(said):
            self.report("file", problem)
        try:
            beyond = bytes_beyond(self.database)
        except Damaged:
            return  # its pages cannot be read, as was just said
        if beyond:
            more = f"goes on for {count_of(beyond, 'byte')} after its last page, which dossier did not write"
            self.report("file", more, way=Way.ACCEPT)

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
            found = read_header(self.database)
            parsed = Header.parse(found)
            header = found
            if parsed.vault_id != self.rows.cipher.keys.vault_id:
                self.report("header", "is another vault's")
        except _NOT_THE_VAULTS:
            raise
        except DossierError as fault:
            self.report("header", f"cannot be read: {self._why(fault)}")
        try:
            self.manifest = read_manifest(self.database, self.rows.cipher)
        except _NOT_THE_VAULTS:
            raise
        except DossierError as fault:
            self.report("manifest", f"cannot be read: {self._why(fault)}", way=Way.ACCEPT)
            if header is not None:
                what = "may be an older one or somebody else's, for there is no manifest that knows it"
                self.report("header", f"{what}; {opens_by(header)}", way=Way.ACCEPT_HEADER)
        else:
            if header is not None and not self.manifest.knows_header(header):
                self.report(
                    "header",
                    f"is not the one that was written last: it or the manifest is an older copy; {opens_by(header)}",
                    way=Way.ACCEPT_HEADER,
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
                if done % STEP == 0:
                    self._progress(done, total)
        self._progress(total, total)

    def _record(self, kind: type[Record], record_id: int) -> None:
        noun, layout = kind.table.name, layout_of(kind)
        for row in self._select(
            f"SELECT {layout.columns} FROM {noun} WHERE id = ?", (record_id,), (noun, record_id)
        ):
            uid = row[1]
            try:
                self.recount.add(kind.table.id, uid, row[-1])
                self.found[noun, record_id] = uid.hex(), row[2]
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
            record = self.rows.open(kind, row)
        except DossierError as fault:
            why = fault.message.removeprefix(f"{kind.table.name.replace('_', ' ')} {row[0]}").lstrip(": ")
            self.report(kind.table.name, f"cannot be opened: {why}", row[0], row[1])
            return None
        if _is_well_formed(record):
            return record
        # Written by somebody with the keys, but not by dossier.
        self.report(kind.table.name, "holds a value that dossier never writes", row[0], row[1])
        return None

    def _learn(self, record: Record) -> None:
        self.entries += calendar.entries_of(record)
        if isinstance(record, Attachment):
            self.files[record.id] = record
        if isinstance(record, Change):
            self.testimony.read(record)
            for removed in chunks.removed_in(record):
                self.files.setdefault(removed.id, removed)

    def _references(self) -> None:
        for noun, record_id, parent, _ in self._select("PRAGMA foreign_key_check"):
            article = "an" if parent[0] in "aeiou" else "a"
            uid, _ = self.found.get((noun, record_id), (None, 0))
            what = f"refers to {article} {parent.replace('_', ' ')} that is not there"
            self.problems.append(Problem(noun, record_id, uid, what))

    def _counters(self) -> None:
        """No id is given twice, so a counter stands at the highest ever given; the journal's numbers have no gaps."""
        listed = list(self._select("SELECT name, seq FROM sqlite_sequence"))
        counters = dict(listed)
        if len(listed) > len(counters) or not counters.keys() <= KINDS.keys():
            self.report("file", "has a counter of ids that is not dossier's", way=Way.ACCEPT)
        highest = self.highest_ids()
        for noun in KINDS:
            counter, newest = counters.get(noun, 0), highest.get(noun, 0)
            if counter != newest:
                told = str(counter) if isinstance(counter, int) else "what is no number"
                self.report(
                    noun,
                    f"has a counter of ids that was set to {told}; the newest is {newest}",
                    way=Way.ACCEPT,
                )
        if self.manifest is not None:
            last = self.manifest.journal
            for number in self.testimony.missing(last):
                self.report(CHANGE, "is missing from the journal", number, way=Way.ACCEPT)
            for number in self.testimony.numbers:
                if number > last:
                    self.report(CHANGE, f"came after the manifest's last, {last}", number, way=Way.ACCEPT)

    def highest_ids(self) -> dict[str, int]:
        """The highest id of each noun that a record has, or that the journal says was given."""
        highest = dict(self.testimony.highest)
        for noun, number in self.found:
            highest[noun] = max(number, highest.get(noun, 0))
        return highest

    def _calendar(self) -> None:
        self._whole = Manifest(self.rows.cipher.keys, self.recount.total, self.recount.count)
        found = list(self._select("SELECT version, agenda, seal FROM calendar"))
        if len(found) != 1:
            self.report("calendar", "is missing", way=Way.ACCEPT)
            return
        version, envelope, seal = found[0]
        try:
            self._whole.add(CALENDAR_TABLE, CALENDAR_UID, seal)
            self.rows.verify_parts(CALENDAR_TABLE, (1, CALENDAR_UID, version), [envelope], seal)
            packed = self.rows.cipher.decrypt_bytes(CALENDAR_TABLE, AGENDA, CALENDAR_UID, envelope)
        except (DossierError, *HOSTILE):
            self.report("calendar", "is not as dossier wrote it", way=Way.ACCEPT)
            return
        nothing = calendar.changed(b"", (), ())
        if (packed or nothing) != calendar.changed(b"", (), self.entries):
            self.report(
                "calendar",
                "does not agree with the records: it is an older one, or records were changed",
                way=Way.ACCEPT,
            )

    def _last_contacts(self) -> None:
        for (account_id,) in self._select(last_contact.DISAGREEING):
            uid, _ = self.found.get(("account", account_id), (None, 0))
            what = "has another last contact than its interactions say"
            self.problems.append(Problem("account", account_id, uid, what, Way.ACCEPT))

    def _completeness(self) -> None:
        if self.manifest is not None and self.manifest.same_rows(self._whole):
            return
        named = {(problem.noun, problem.id) for problem in self.problems if not problem.acceptable}
        against = self.testimony.against(self.found)
        self.problems += [found for found in against if (found.noun, found.id) not in named]
        if self.manifest is None:
            return
        expected, there = self.manifest.count, self._whole.count
        if expected != there:
            problem = (
                f"is for {count_of(expected, 'record')}, changes of the history among them; there are {there}"
            )
        elif self.problems:
            problem = "does not add up: something is not what was written last"
        else:
            problem = "does not add up, but every record is right: it or a journal entry is an older copy"
        self.report("manifest", problem, way=Way.ACCEPT)

    def _attachments(self) -> None:
        """Every chunk of every file, opened in its place."""
        unread = {number for noun, number in self.found if noun == Attachment.table.name}
        for flaw in chunks.problems(self.database, self.rows.cipher.keys, self.files, unread):
            # Bytes that nothing refers to are no loss; a file that is not whole is one.
            way = Way.ACCEPT if flaw.noun == chunks.CHUNK else Way.SALVAGE
            self.problems.append(Problem(*flaw, way))

    def _why(self, fault: DossierError) -> str:
        """The words of a fault without the file's name, which the whole report is about."""
        return fault.message.removeprefix(f"{self.database.path} is damaged: ")

    def _select(
        self, sql: str, parameters: tuple[Any, ...] = (), record: tuple[str, int] | None = None
    ) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, as far as the file gives them; what stops it otherwise is raised, as by `fault_of`."""
        try:
            yield from self.database.connection.execute(sql, parameters)
        except SQLITE_ERRORS as error:
            fault = fault_of(error, self.database.path)
            if not isinstance(fault, Damaged):
                raise fault from None
            words = damage.in_words(words_of(error))
            if record is None:
                self.report("file", f"is damaged: {words}")
            else:
                self.report(record[0], f"cannot be read: {words}", record[1])


def _is_well_formed(record: Record) -> bool:
    """Whether every value is in the form in which dossier stores it."""
    try:
        return list(record.checked().values()) == list(record.values())
    except (BadValue, *HOSTILE):
        return False
