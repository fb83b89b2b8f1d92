"""Typed reading of records; what it cannot open it returns locked, never guessed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, TypeVar

from dossier.store.calendar import Calendar
from dossier.store.database import Database
from dossier.store.gate import CALENDAR_UID, no_such
from dossier.store.record import AGENDA, Record
from dossier.store.rows import ALL_CLASSES, Rows, layout_of
from dossier.vault.envelope import CALENDAR_TABLE

R = TypeVar("R", bound=Record)


class Reader:
    """Reads records of an open or locked vault."""

    def __init__(self, database: Database, rows: Rows) -> None:
        self.database = database
        self.rows = rows

    def get(self, kind: type[R], record_id: int, classes: Collection[str] = ALL_CLASSES) -> R:
        """The record with this id; NotFound if there is none."""
        for record in self.find(kind, "id = ?", (record_id,), classes=classes):
            return record
        raise no_such(kind, record_id)

    def find(
        self,
        kind: type[R],
        where: str = "1",
        parameters: Sequence[Any] = (),
        *,
        order: str = "id",
        limit: int = -1,
        classes: Collection[str] = ALL_CLASSES,
    ) -> list[R]:
        """The records that an SQL condition over plain columns selects, with the envelopes in `classes` open."""
        return list(self.each(kind, where, parameters, order=order, limit=limit, classes=classes))

    def each(
        self,
        kind: type[R],
        where: str = "1",
        parameters: Sequence[Any] = (),
        *,
        order: str = "id",
        limit: int = -1,
        classes: Collection[str] = ALL_CLASSES,
    ) -> Iterator[R]:
        """Like `find`, one at a time: for a walk over a whole table."""
        sql = (
            f"SELECT {layout_of(kind).columns} FROM {kind.table.name} WHERE {where} ORDER BY {order} LIMIT ?"
        )
        for row in self.database.execute(sql, (*parameters, limit)):
            yield self.rows.open(kind, row, classes)

    def of_ids(
        self, kind: type[R], ids: Collection[int], classes: Collection[str] = ALL_CLASSES
    ) -> dict[int, R]:
        """The records with these ids, by id; an id that is gone is left out."""
        if not ids:
            return {}
        # json_each takes any number of ids in one parameter.
        listed = "id IN (SELECT value FROM json_each(?))"
        numbers = "[" + ",".join(map(str, ids)) + "]"
        return {record.id: record for record in self.find(kind, listed, (numbers,), classes=classes)}

    def calendar(self) -> Calendar | None:
        """The sealed calendar, or None while the agenda key is not at hand."""
        if not self.rows.can_open(AGENDA):
            return None
        found = self.database.row("SELECT agenda FROM calendar")
        envelope = found[0] if found else b""
        return Calendar(self.rows.cipher.decrypt_bytes(CALENDAR_TABLE, AGENDA, CALENDAR_UID, envelope))
