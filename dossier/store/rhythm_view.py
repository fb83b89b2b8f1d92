"""What the pictures count: contacts by day, and promises of ours with their dates; plain columns alone."""

from __future__ import annotations

from dossier.store.database import Database
from dossier.store.where import EVERY, at_least, at_most, equal, met


def contacts_by_day(
    database: Database, since: str, until: str, account_id: int | None, person_id: int | None
) -> dict[str, int]:
    """How many interactions took place on each day from `since` to `until`; of an account, or with a person."""
    where = equal(account_id=account_id) & at_least("at", since) & at_most("at", until)
    where &= EVERY if person_id is None else met(person_id)
    return dict(
        database.rows(f"SELECT at, count(*) FROM interaction WHERE {where.sql} GROUP BY at", where.values)
    )


def our_promises(
    database: Database, since: str, until: str, account_id: int | None
) -> list[tuple[str, str | None, str]]:
    """Due day, day settled and state of each promise of ours due from `since` to `until`."""
    where = equal(account_id=account_id, by="us") & at_least("due_on", since) & at_most("due_on", until)
    sql = f"SELECT due_on, settled_on, state FROM promise WHERE {where.sql}"
    return [(due, settled, state) for due, settled, state in database.rows(sql, where.values)]
