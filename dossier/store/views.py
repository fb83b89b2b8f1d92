"""Read models: what lists and the agenda count, straight from SQL over plain columns."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from dossier.errors import Damaged
from dossier.store.database import Database
from dossier.store.where import among, number_list
from dossier.vault.seals import CHECK

# The plus signs keep SQLite from going through all open promises for each account.
_FIGURES = """
    SELECT a.id,
      (SELECT at FROM last_contact WHERE account_id = a.id),
      (SELECT count(*) FROM promise WHERE account_id = a.id AND +state = 'open'),
      (SELECT count(*) FROM promise WHERE account_id = a.id AND +state = 'open' AND due_on < :today)
    FROM account a
"""


class Figures(NamedTuple):
    """The counts of one account."""

    last_contact_on: str | None
    open_promises: int
    overdue_promises: int


def figures(database: Database, today: str, ids: Collection[int] | None = None) -> dict[int, Figures]:
    """The figures of accounts by id; of all of them where no ids are given."""
    where = "" if ids is None else " WHERE a.id IN (SELECT value FROM json_each(:ids))"
    bound = {"today": today, "ids": number_list(ids or ())}
    found: list[tuple[Any, ...]] = database.rows(_FIGURES + where, bound)
    return {row[0]: Figures(*row[1:]) for row in found}


def names(database: Database, table: str, ids: set[int] | None = None) -> dict[int, str]:
    """The names of accounts or people by id; of all of them where no ids are given."""
    if ids is None:
        return dict(database.rows(f"SELECT id, name FROM {table}"))
    where = among("id", ids)
    return dict(database.rows(f"SELECT id, name FROM {table} WHERE {where.sql}", where.values))


def ids_by_name(database: Database, table: str, needle: str, account_id: int | None = None) -> list[int]:
    """The ids of accounts or people whose `folded` holds `needle`, by name; of one account's people if given.

    Only the index on `folded` is walked, so the envelopes of 100,000 people stay on the disk.
    """
    where = "instr(folded, ?) > 0"
    if account_id is None:
        found = database.rows(f"SELECT id FROM {table} WHERE {where} ORDER BY folded", (needle,))
    else:
        sql = f"SELECT id FROM {table} WHERE account_id = ? AND {where} ORDER BY folded"
        found = database.rows(sql, (account_id, needle))
    return [number for (number,) in found]


def participants(database: Database, interaction_ids: set[int]) -> dict[int, list[str]]:
    """The names of who took part, by interaction id, in the order in which they were noted."""
    sql = """
        SELECT pa.interaction_id, p.name FROM participant pa JOIN person p ON p.id = pa.person_id
        WHERE pa.interaction_id IN (SELECT value FROM json_each(?)) ORDER BY pa.id
    """
    found: dict[int, list[str]] = {}
    for interaction_id, name in database.rows(sql, (number_list(interaction_ids),)):
        found.setdefault(interaction_id, []).append(name)
    return found


def all_folded(database: Database, table: str, but: int = 0) -> str:
    """What all accounts or people but one go by, folded: a line for each name, mail and phone.

    Raises Damaged where one of them has something else than that: the rows are not verified.
    """
    try:
        return "".join(
            folded for (folded,) in database.rows(f"SELECT folded FROM {table} WHERE id <> ?", (but,))
        )
    except TypeError:
        pass  # its words may hold the value
    raise Damaged(f"what {table} records go by is not as dossier wrote it", CHECK)
