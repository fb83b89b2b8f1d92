"""Typed reading of records; what it cannot open it returns locked, never guessed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TypeVar

from dossier.store.calendar import Calendar
from dossier.store.database import Database
from dossier.store.gate import CALENDAR_UID, no_such
from dossier.store.record import AGENDA, Record
from dossier.store.rows import ALL_CLASSES, Rows, layout_of
from dossier.store.where import EVERY, Where, among, equal
from dossier.vault.envelope import CALENDAR_TABLE

R = TypeVar("R", bound=Record)


class Reader:
    """Reads records of an open or locked vault."""

    def __init__(self, database: Database, rows: Rows) -> None:
        self.database = database
        self.rows = rows

    def get(self, kind: type[R], record_id: int, classes: Collection[str] = ALL_CLASSES) -> R:
        """The record with this id; NotFound if there is none."""
        for record in self.find(kind, equal(id=record_id), classes=classes):
            return record
        raise no_such(kind, record_id)

    def find(
        self,
        kind: type[R],
        where: Where = EVERY,
        *,
        order: str = "id",
        limit: int = -1,
        classes: Collection[str] = ALL_CLASSES,
    ) -> list[R]:
        """The records that a condition selects, with the envelopes in `classes` open; all of them without one."""
        return list(self.each(kind, where, order=order, limit=limit, classes=classes))

    def each(
        self,
        kind: type[R],
        where: Where = EVERY,
        *,
        order: str = "id",
        limit: int = -1,
        classes: Collection[str] = ALL_CLASSES,
    ) -> Iterator[R]:
        """Like `find`, one at a time: for a walk over a whole table. Each row's seal is verified if its key is here."""
        sql = f"SELECT {layout_of(kind).columns} FROM {kind.table.name} WHERE {where.sql} ORDER BY {order} LIMIT ?"
        verified = self.rows.can_verify
        self.database.keep_off_anothers_journal()
        with self.database.guarded():
            for row in self.database.connection.execute(sql, (*where.values, limit)):
                if verified:
                    self.rows.verify(kind, row)
                yield self.rows.open(kind, row, classes)

    def of_ids(
        self, kind: type[R], ids: Collection[int], classes: Collection[str] = ALL_CLASSES
    ) -> dict[int, R]:
        """The records with these ids, by id; an id that is gone is left out."""
        if not ids:
            return {}
        return {record.id: record for record in self.find(kind, among("id", ids), classes=classes)}

    def calendar(self) -> Calendar | None:
        """The sealed calendar, or None while the agenda key is not at hand."""
        if not self.rows.can_open(AGENDA):
            return None
        version, envelope, seal = self.database.row("SELECT version, agenda, seal FROM calendar") or (
            0,
            b"",
            b"",
        )
        if self.rows.can_verify:
            place = (1, CALENDAR_UID, version)
            self.rows.verify_parts(CALENDAR_TABLE, place, [envelope], seal, what="the vault's calendar")
        return Calendar(self.rows.cipher.decrypt_bytes(CALENDAR_TABLE, AGENDA, CALENDAR_UID, envelope))
