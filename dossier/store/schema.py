"""What a vault file is made of: the SQL of its tables and indexes, and what SQLite must list of them; nothing else."""

from __future__ import annotations

from typing import NamedTuple

from dossier.store.catalog import RECORDS

_VAULT = "id INTEGER PRIMARY KEY CHECK (id = 1), header BLOB NOT NULL, manifest BLOB NOT NULL"
_CALENDAR = "id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, agenda BLOB NOT NULL, seal BLOB NOT NULL"
_CHUNK = "attachment_id INTEGER NOT NULL, number INTEGER NOT NULL, data BLOB NOT NULL"

TABLES = (
    f"CREATE TABLE vault ({_VAULT})",
    f"CREATE TABLE calendar ({_CALENDAR})",
    "CREATE TABLE last_contact (account_id INTEGER PRIMARY KEY, at TEXT NOT NULL)",
    *(statement for record in RECORDS for statement in record.table.ddl),
    # Refers to no attachment: `undo` may bring a removed one back, so its chunks outlive it. Not unique: see `chunks`.
    f"CREATE TABLE chunk ({_CHUNK})",
    "CREATE INDEX chunk_attachment_id_number ON chunk (attachment_id, number)",
)
"""The SQL of everything in a vault, in the order in which it is made."""

LISTED = "SELECT type, name, tbl_name, sql FROM sqlite_master"


class Part(NamedTuple):
    """A row of SQLite's own list: what something is, its name, the table it belongs to, the SQL it was made with."""

    type: str
    name: str
    table: str
    sql: str


def _part(sql: str) -> Part:
    _, kind, name, *rest = sql.split()
    return Part(kind.lower(), name, rest[1] if kind == "INDEX" else name, sql)


PARTS = frozenset(map(_part, TABLES)) | {
    Part("table", "sqlite_sequence", "sqlite_sequence", "CREATE TABLE sqlite_sequence(name,seq)")
}
"""Everything that SQLite lists of a vault, by its exact text: a trigger may call itself sqlite_… as well."""
