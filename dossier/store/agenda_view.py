"""What the agenda reads: candidates chosen in SQL over plain columns, so that only what shows is ever decrypted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from dossier.store.catalog import Promise, Step
from dossier.store.database import Database
from dossier.store.reader import Reader
from dossier.store.record import AGENDA
from dossier.store.where import Where, number_list


class Waiting(NamedTuple):
    """An active account that has waited longer than its cadence may allow."""

    id: int
    name: str
    tier: str
    created_on: str
    last_contact_on: str | None


class Contact(NamedTuple):
    """A person whose occasions show."""

    id: int
    name: str
    account_id: int
    account: str


_DUE = "state = 'open' AND due_on <= ?"

# A move without a notice keeps its promise on the agenda however far ahead its new date lies (B2). There are few such
# moves; the plus signs keep SQLite from going through all open promises instead.
_MOVED_UNTOLD = """
    +state = 'open' AND +by = 'us' AND due_on > ? AND id IN (
      SELECT promise_id FROM promise_move m WHERE told_on IS NULL
      AND NOT EXISTS (SELECT 1 FROM promise_move later WHERE later.promise_id = m.promise_id AND later.id > m.id))
"""

_WAITING = """
    SELECT id, name, tier, created_on, at FROM account LEFT JOIN last_contact ON account_id = id
    WHERE status = 'active'
      AND (coalesce(at, created_on) < CASE tier {cases} END OR id IN (SELECT value FROM json_each(?)))
"""

# The accounts of a tier are few, the people of a week many: with the joins crossed, SQLite begins with the accounts and
# looks at no other person. Nor may it seek every id at every account, which is what the plus sign is for.
_AT_TIERS = """
    SELECT p.id, p.name, a.id, a.name FROM account a CROSS JOIN person p ON p.account_id = a.id
    WHERE +p.id IN (SELECT value FROM json_each(?)) AND a.status <> 'former' AND a.tier IN ({tiers})
"""

_MARKED = """
    SELECT p.id, p.name, a.id, a.name FROM person p JOIN account a ON a.id = p.account_id
    WHERE p.id IN (SELECT value FROM json_each(?)) AND a.status <> 'former'
"""


def promises(reader: Reader, until: str) -> list[Promise]:
    """Open promises due by `until`, and ours that were moved without telling."""
    return [
        record
        for wanted in (_DUE, _MOVED_UNTOLD)
        for record in reader.each(Promise, Where(wanted, (until,)), classes=(AGENDA,))
    ]


def steps(reader: Reader, until: str) -> list[Step]:
    """Open next steps due by `until`."""
    return reader.find(Step, Where(_DUE, (until,)), classes=(AGENDA,))


def moves(database: Database, promise_ids: list[int]) -> dict[int, list[tuple[str, str, str | None]]]:
    """From, to and told day of each move of some promises, oldest first."""
    found: dict[int, list[tuple[str, str, str | None]]] = {}
    sql = """
        SELECT promise_id, from_on, to_on, told_on FROM promise_move
        WHERE promise_id IN (SELECT value FROM json_each(?)) ORDER BY id
    """
    for promise_id, from_on, to_on, told_on in database.rows(sql, (number_list(promise_ids),)):
        found.setdefault(promise_id, []).append((from_on, to_on, told_on))
    return found


def waiting(database: Database, last_days: Mapping[str, str], own: list[int]) -> list[Waiting]:
    """Active accounts not met since the last day in time for their tier, and all with a cadence of their own."""
    cases = " ".join("WHEN ? THEN ?" for _ in last_days)
    bound = [value for pair in last_days.items() for value in pair]
    return [Waiting(*row) for row in database.rows(_WAITING.format(cases=cases), (*bound, number_list(own)))]


def contacts(
    database: Database, person_ids: set[int], tiers: list[str], marked: set[int]
) -> dict[int, Contact]:
    """Those of some people who are marked or at an account of these tiers, unless we no longer work with it."""
    at_tiers = (number_list(person_ids), *tiers)
    rows = database.rows(_AT_TIERS.format(tiers=", ".join("?" * len(tiers))), at_tiers)
    rows += database.rows(_MARKED, (number_list(person_ids & marked),))
    return {row[0]: Contact(*row) for row in rows}


def accounts(database: Database, account_ids: set[int]) -> dict[int, tuple[str, str]]:
    """Name and tier of the accounts with these ids that we still work with."""
    sql = "SELECT id, name, tier FROM account WHERE status <> 'former' AND id IN (SELECT value FROM json_each(?))"
    return {number: (name, tier) for number, name, tier in database.rows(sql, (number_list(account_ids),))}


def people_of(database: Database, table: str, ids: set[int]) -> dict[int, int | None]:
    """To whom each of these relatives or occasions belongs; None for an account's own."""
    sql = f"SELECT id, person_id FROM {table} WHERE id IN (SELECT value FROM json_each(?))"
    return dict(database.rows(sql, (number_list(ids),)))
