"""All accounts in some order, as ids: a list that can be held whole, however many accounts there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dossier.domain.vocabulary import AccountStatus, Tier
from dossier.store.database import Database
from dossier.store.where import Where


class Waiting(NamedTuple):
    """What says how long an account has waited, and how long it may."""

    id: int
    tier: str
    status: str
    created_on: str
    last_contact_on: str | None


class _Key(NamedTuple):
    """What accounts are ordered by: an SQL expression, and the join that it needs."""

    sql: str
    join: str = ""


def _place(column: str, words: Sequence[str]) -> str:
    """The place of a column's word in its list; the words are the vocabulary's, none of them is data."""
    cases = " ".join(f"WHEN '{word}' THEN {place}" for place, word in enumerate(words))
    return f"CASE {column} {cases} END"


_CONTACT = "LEFT JOIN last_contact ON last_contact.account_id = account.id"

# Counted in one walk: that costs half of what it does to count for each account.
_PROMISES = """
    LEFT JOIN (SELECT account_id, {figure} AS figure FROM promise WHERE state = 'open' GROUP BY account_id) AS promises
    ON promises.account_id = account.id
"""

_KEYS = {
    "name": _Key("folded"),
    "tier": _Key(_place("tier", list(Tier))),
    "status": _Key(_place("status", list(AccountStatus))),
    "last_contact": _Key("last_contact.at", _CONTACT),
    "open_promises": _Key("coalesce(figure, 0)", _PROMISES.format(figure="count(*)")),
    "late_promises": _Key("coalesce(figure, 0)", _PROMISES.format(figure="sum(due_on < ?)")),
}

KEYS = tuple(_KEYS)
"""What `ordered` can order accounts by."""


def ordered(database: Database, key: str, *, descending: bool, where: Where, today: str) -> list[int]:
    """The ids of the accounts by one of `KEYS`, and where that is the same by name; never met comes before all days."""
    sql, join = _KEYS[key]
    bound = (today,) * join.count("?") + where.values
    direction = "DESC" if descending else "ASC"
    found = database.rows(
        f"SELECT id FROM account {join} WHERE {where.sql} ORDER BY {sql} {direction}, folded, id", bound
    )
    return [number for (number,) in found]


def waiting(database: Database, where: Where) -> list[Waiting]:
    """How long each account has waited, by name."""
    sql = f"""
        SELECT id, tier, status, created_on, last_contact.at FROM account {_CONTACT}
        WHERE {where.sql} ORDER BY folded, id
    """
    return [Waiting(*row) for row in database.rows(sql, where.values)]
