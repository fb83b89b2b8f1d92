"""Taking a record out when others refer to it: refused with their names, or done with all of them."""

from __future__ import annotations

from typing import NamedTuple

from dossier.store.catalog import RECORDS
from dossier.store.gate import Transaction
from dossier.store.record import Field, Record


class Referrer(NamedTuple):
    """A record that refers to another through `field`."""

    kind: type[Record]
    id: int
    field: Field


def referrers(transaction: Transaction, record: Record) -> list[Referrer]:
    """Every record that refers to this one, in the catalogue's order."""
    found = []
    for kind in RECORDS:
        for field in kind.table.plain:
            if field.references == record.table.name:
                sql = f"SELECT id FROM {kind.table.name} WHERE {field.name} = ? ORDER BY id"
                ids = transaction.database.rows(sql, (record.id,))
                found += [Referrer(kind, record_id, field) for (record_id,) in ids]
    return found


def remove(transaction: Transaction, record: Record) -> int:
    """Delete a record with all that belongs to it and clear what merely mentions it; the number of deletions."""
    deleted = 1
    for kind, record_id, field in referrers(transaction, record):
        if transaction.exists(kind, record_id):  # an earlier branch may have taken it already
            other = transaction.get(kind, record_id)
            if field.on_delete == "cascade":
                deleted += remove(transaction, other)
            else:
                transaction.update(other, **{field.name: None})
    transaction.delete(record)
    return deleted
