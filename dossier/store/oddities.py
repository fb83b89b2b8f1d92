"""Values that dossier never writes, found in SQL: why a run may have stumbled over a vault that somebody changed.

Asked only when a run has failed already. Seals find such values where a record is opened with all keys; a locked run
verifies none, and what SQL alone reads has no seal at hand.
"""

from __future__ import annotations

from collections.abc import Iterator

from dossier.errors import Damaged
from dossier.store.catalog import RECORDS, Change
from dossier.store.database import Database
from dossier.store.last_contact import DISAGREEING
from dossier.store.record import AGENDA, DOSSIER, Field, Table

_NO_DAY = "date({0}, '+0 days') IS NOT {0}"
_NO_LIST = """
    CASE WHEN NOT json_valid({0}) THEN 1 WHEN json_type({0}) <> 'array' THEN 1
    ELSE EXISTS (SELECT 1 FROM json_each({0}) WHERE type <> 'text') END
"""
_NO_INSTANT = "strftime('%Y-%m-%dT%H:%M:%S+00:00', at, '+0 days') IS NOT at"
_MOST_WRITES = 1 << 31
_UNREADABLE = "pages that are not in order"


def first_oddity(database: Database) -> str | None:
    """The first record that holds what dossier never wrote, as `account 3`; None where all looks as it should."""
    try:
        return _first_odd_record(database) or _odd_page(database)
    except Damaged:
        return _UNREADABLE


def _first_odd_record(database: Database) -> str | None:
    for kind in RECORDS:
        table = kind.table
        sql = f"SELECT id FROM {table.name} WHERE {' OR '.join(_odd(table))} LIMIT 1"
        if found := database.row(sql):
            return f"{table.name} {found[0]}".replace("_", " ")
    if found := database.row("PRAGMA foreign_key_check"):
        return f"{found[0]} {found[1]}".replace("_", " ")
    if found := database.row(DISAGREEING):
        return f"account {found[0]}"
    return None


def _odd_page(database: Database) -> str | None:
    return None if database.row("PRAGMA quick_check(1)") == ("ok",) else _UNREADABLE


def _odd(table: Table) -> Iterator[str]:
    """What no row of a table satisfies, if dossier wrote it."""
    yield "id < 1"
    yield "typeof(uid) <> 'blob' OR length(uid) <> 16"
    yield f"typeof(version) <> 'integer' OR version NOT BETWEEN 1 AND {_MOST_WRITES}"
    for field in table.plain:
        column = f'"{field.name}"'
        if field.required:
            yield f"{column} IS NULL"
        yield f"{column} IS NOT NULL AND ({_odd_value(field, column)})"
    if table is Change.table:
        yield _NO_INSTANT
    if table.search_fields:
        yield "typeof(folded) <> 'text'"
    for name in (*(key_class for key_class in (AGENDA, DOSSIER) if table.secrets(key_class)), "seal"):
        yield f"typeof({name}) <> 'blob'"


def _odd_value(field: Field, column: str) -> str:
    if field.kind in ("int", "bool"):
        return f"typeof({column}) <> 'integer'"
    no_text = f"typeof({column}) <> 'text'"
    if field.kind == "day":
        return f"{no_text} OR {_NO_DAY.format(column)}"
    if field.kind == "lines":
        return f"{no_text} OR {_NO_LIST.format(column)}"
    if field.kind == "choice":
        return f"{no_text} OR {column} NOT IN ({', '.join(map(repr, field.choices))})"
    return no_text
