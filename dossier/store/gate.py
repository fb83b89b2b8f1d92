"""The one gate for writes: it verifies, encrypts, seals, writes and journals in one transaction (C1, C2).

Nothing else in the program writes to a vault that stands. A change is a `with gate.change("command")` block: what
happens inside is acknowledged together when the block ends, or never happened.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from dossier.domain.limits import LINE_LIMIT
from dossier.domain.text import one_line
from dossier.errors import Damaged, NotFound
from dossier.store import calendar, last_contact
from dossier.store.catalog import RECORDS, Change, Interaction
from dossier.store.database import Database
from dossier.store.head import manifest_to_change
from dossier.store.record import AGENDA, Field, Record
from dossier.store.rows import Rows, layout_of
from dossier.store.wiping import wipe
from dossier.vault.envelope import CALENDAR_TABLE
from dossier.vault.seals import CHECK, Manifest

R = TypeVar("R", bound=Record)

CALENDAR_UID = b"calendar"

MOST_IDS = (1 << 32) - 1
"""No id is larger: the calendar has four bytes for one."""

KINDS: dict[str, Any] = {kind.table.name: kind for kind in RECORDS}
"""The record class of each table."""


class Transaction:
    """One change in the making. Records it returns are detached: pass them back to write them."""

    def __init__(self, database: Database, rows: Rows, manifest: Manifest) -> None:
        self.database = database
        self.rows = rows
        self.summary: str | None = None
        """What the change did, in a line for `history` and `undo`; it is stored encrypted."""
        self.undoes: int | None = None
        """The number of the change that this one takes back, if it does."""
        self.number: int | None = None
        """The journal's number for this change, once it is committed."""
        self.uid = b""
        """The uid of its entry in the journal, likewise."""
        self.manifest = manifest
        """What the vault says must be in it, as this change leaves it."""
        self.forgets = False
        """Whether the journal says of this change only which records it touched, and no page keeps what it deletes."""
        self._redacted = False
        self._accepted = False
        self._journal: list[dict[str, Any]] = []
        self._out_of_calendar: set[bytes] = set()
        self._into_calendar: set[bytes] = set()
        self._contacted: set[int] = set()

    def get(self, kind: type[R], record_id: int) -> R:
        """The record with this id, its seal verified; NotFound if there is none."""
        record, _ = self._read(kind, record_id)
        return record

    def exists(self, kind: type[Record], record_id: int) -> bool:
        """Whether a record with this id is stored."""
        return self.database.row(f"SELECT 1 FROM {kind.table.name} WHERE id = ?", (record_id,)) is not None

    def next_id(self, kind: type[Record]) -> int:
        """The id that the next new record of this kind gets: what belongs to it may be stored before it."""
        return self._next_id(kind.table.name)

    def insert(self, record: R, *, as_id: int | None = None, uid: bytes | None = None) -> R:
        """Store a new record and return it with its id; `as_id` and `uid` bring back one that was there before."""
        layout = layout_of(type(record))
        stored = record.checked()
        self._verify_links(stored, stored.table.plain)
        # The seal covers the id, so it is chosen here and not by SQLite; the sequence still rules that none is reused.
        stored.id = self._next_id(record.table.name) if as_id is None else as_id
        stored.uid, stored.version = uid or os.urandom(16), 1
        row = self.rows.close(stored)
        self.database.execute(layout.insert, row)
        self.manifest.add(record.table.id, stored.uid, row[-1])
        self._note("insert", stored, after=_values(stored))
        self._follow(None, stored)
        return stored

    def update(self, record: R, **changes: Any) -> R:
        """Apply `changes` to a stored record and return it as it stands now."""
        current, row = self._read(type(record), record.id)
        changed = current.replace(**changes).checked()
        before, after = _values(current), _values(changed)
        differing = [name for name, value in after.items() if value != before[name]]
        if not differing:
            return current
        self._verify_links(changed, [field for field in changed.table.plain if field.name in differing])
        changed.version = current.version + 1
        self._rewrite(changed, row)
        self._note(
            "update",
            changed,
            {name: before[name] for name in differing},
            {name: after[name] for name in differing},
        )
        self._follow(current, changed)
        return changed

    def delete(self, record: Record) -> None:
        """Take a stored record out of the vault; the journal keeps what `undo` needs."""
        current, row = self._read(type(record), record.id)
        self.database.execute(f"DELETE FROM {record.table.name} WHERE id = ?", (record.id,))
        self.manifest.remove(record.table.id, current.uid, row[-1])
        self._note("delete", current, before=_values(current))
        self._follow(current, None)

    def redact(self, number: int, lines: list[dict[str, Any]]) -> None:
        """Let an older entry of the journal say no more than `lines`, and nothing in words (`store/forget.py`)."""
        current, row = self._read(Change, number)
        changed = current.replace(summary=None, rows=lines)
        changed.version = current.version + 1
        self._rewrite(changed, row)
        self._redacted = True

    def accept(self, lines: list[dict[str, Any]]) -> None:
        """Let the journal say that these records were taken as they stood (`dossier.store.acceptance`)."""
        self._journal += lines
        self._accepted = True

    @property
    def empty(self) -> bool:
        """Whether nothing was changed so far."""
        return not (self._journal or self._redacted or self._accepted)

    def finish(self, command: str) -> None:
        """Write the journal entry, the calendar, the last contacts and the manifest; the caller commits."""
        if self.empty:
            return
        entry = Change(
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            command=command,
            summary=one_line(self.summary)[:LINE_LIMIT] if self.summary else None,
            undoes=self.undoes,
            rows=self._journal,
        )
        entry.id, entry.uid, entry.version = self._next_id(Change.table.name), os.urandom(16), 1
        if entry.id != self.manifest.journal + 1:
            raise Damaged(f"change {self.manifest.journal} was the last one, and not {entry.id - 1}", CHECK)
        row = self.rows.close(entry)
        self.database.execute(layout_of(Change).insert, row)
        self.manifest.add(Change.table.id, entry.uid, row[-1])
        self.number = self.manifest.journal = entry.id
        self.uid = entry.uid
        if self.undoes is not None:
            self._mark_undone(self.undoes, entry.id)
        if self._out_of_calendar != self._into_calendar:
            self._write_calendar()
        if self._contacted:
            last_contact.renew(self.database, self._contacted)
        self.manifest.bump()
        self.database.execute("UPDATE vault SET manifest = ?", (self.manifest.to_blob(self.rows.cipher),))
        if self.forgets:
            wipe(self.database)

    def _mark_undone(self, number: int, by: int) -> None:
        """Note on a change which one took it back; if it was an undo, what that took back holds again, and so on."""
        undone_by: int | None = by
        next_one: int | None = number
        while next_one is not None:
            current, row = self._read(Change, next_one)
            changed = current.replace(undone_by=undone_by)
            changed.version = current.version + 1
            self._rewrite(changed, row)
            undone_by = current.id if undone_by is None else None
            next_one = current.undoes

    def _read(self, kind: type[R], record_id: int) -> tuple[R, Sequence[Any]]:
        row = self._verified(kind, record_id)
        if row is None:
            raise no_such(kind, record_id)
        return self.rows.open(kind, row), row

    def _verified(self, kind: type[Record], record_id: int) -> Sequence[Any] | None:
        """The row with this id, once its seal was verified; None if there is none."""
        sql = f"SELECT {layout_of(kind).columns} FROM {kind.table.name} WHERE id = ?"
        row = self.database.row(sql, (record_id,))
        if row is not None:
            self.rows.verify(kind, row)
        return row

    def _verify_links(self, record: Record, fields: Iterable[Field]) -> None:
        """Verify what a record refers to: under a name put there by somebody else, a secret would be misfiled."""
        for field in fields:
            number = getattr(record, field.name)
            if field.references is not None and number is not None:
                self._verified(KINDS[field.references], number)

    def _rewrite(self, changed: Record, old_row: Sequence[Any]) -> None:
        row = self.rows.close(changed)
        self.database.execute(layout_of(type(changed)).update, (*row[2:], changed.id))
        self.manifest.remove(changed.table.id, changed.uid, old_row[-1])
        self.manifest.add(changed.table.id, changed.uid, row[-1])

    def _next_id(self, name: str) -> int:
        """The id after the last one given; Damaged if SQLite's counter is not one that dossier's ids lead to."""
        sql = f"""
            SELECT coalesce((SELECT max(id) FROM {name}), 0), count(*), coalesce(max(seq), 0)
            FROM sqlite_sequence WHERE name = ?
        """
        newest, counters, last = self.database.row(sql, (name,)) or (0, 0, 0)
        if counters > 1 or not isinstance(last, int) or not newest <= last < MOST_IDS:
            raise Damaged(f"the vault's counter of {name.replace('_', ' ')} ids was changed", CHECK)
        return last + 1

    def _note(
        self,
        action: str,
        record: Record,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        line: dict[str, Any] = {
            "table": record.table.name,
            "id": record.id,
            "uid": record.uid.hex(),
            "action": action,
        }
        values = {key: value for key, value in (("before", before), ("after", after)) if value}
        self._journal.append(line | ({"forgotten": True} if self.forgets else values))

    def _follow(self, before: Record | None, after: Record | None) -> None:
        """Note what a change of a record means for the calendar and for its account's last contact."""
        self._contacted.update(
            record.account_id for record in (before, after) if isinstance(record, Interaction)
        )
        for record, take, put in (
            (before, self._out_of_calendar, self._into_calendar),
            (after, self._into_calendar, self._out_of_calendar),
        ):
            entries = set(calendar.entries_of(record)) if record is not None else set()
            # An entry put in and taken out within one transaction cancels out.
            take.update(entries - put)
            put.difference_update(entries)

    def _write_calendar(self) -> None:
        old = self.database.row("SELECT version, agenda, seal FROM calendar")
        if old is None:
            raise Damaged("the vault's calendar is missing", "run: dossier vault check")
        version, envelope, seal = old
        place = (1, CALENDAR_UID, version)
        self.rows.verify_parts(CALENDAR_TABLE, place, [envelope], seal, what="the vault's calendar")
        packed = self.rows.cipher.decrypt_bytes(CALENDAR_TABLE, AGENDA, CALENDAR_UID, envelope)
        packed = calendar.changed(packed, self._out_of_calendar, self._into_calendar)
        values = calendar_row(self.rows, version + 1, packed)
        self.database.execute("UPDATE calendar SET version = ?, agenda = ?, seal = ?", values)
        self.manifest.remove(CALENDAR_TABLE, CALENDAR_UID, seal)
        self.manifest.add(CALENDAR_TABLE, CALENDAR_UID, values[-1])


def no_such(kind: type[Record], record_id: int) -> NotFound:
    """The fault of an id that no record has."""
    noun = kind.table.name.replace("_", " ")
    return NotFound(f"there is no {noun} {record_id}", f"look with: dossier {noun} list")


def calendar_row(rows: Rows, version: int, packed: bytes) -> tuple[int, bytes, bytes]:
    """The version, envelope and seal under which a calendar is stored."""
    envelope = rows.cipher.encrypt_bytes(CALENDAR_TABLE, AGENDA, CALENDAR_UID, packed)
    return version, envelope, rows.seal(CALENDAR_TABLE, (1, CALENDAR_UID, version), [envelope])


def _values(record: Record) -> dict[str, Any]:
    return {field.name: value for field, value in record.values()}


class Gate:
    """Where every change to an open vault goes through; needs the full keys."""

    def __init__(self, database: Database, rows: Rows) -> None:
        self.database = database
        self.rows = rows

    @contextmanager
    def change(self, command: str) -> Iterator[Transaction]:
        """A transaction under the name that the journal will show; rolled back when the block raises.

        Raises Damaged as `manifest_to_change` for a vault that was changed behind our back, Unavailable when the disk
        is full or read-only, or when the file is gone from its place, at the beginning or by the end.
        """
        with self.database.transaction():
            manifest = manifest_to_change(self.database, self.rows.cipher)
            transaction = Transaction(self.database, self.rows, manifest)
            yield transaction
            transaction.finish(command)
