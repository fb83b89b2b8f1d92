"""What the promises board reads: the open promises, from plain columns alone."""

from __future__ import annotations

from typing import NamedTuple

from dossier.store.database import Database


class OpenPromise(NamedTuple):
    """What stands in clear of an open promise; the days are ISO."""

    id: int
    account_id: int
    person_id: int | None
    by: str
    due_on: str
    told_for: str | None


def open_promises(database: Database) -> list[OpenPromise]:
    """Every open promise, the first due first."""
    sql = """
        SELECT id, account_id, person_id, by, due_on, told_for FROM promise WHERE state = 'open' ORDER BY due_on, id
    """
    return [OpenPromise(*row) for row in database.rows(sql)]
