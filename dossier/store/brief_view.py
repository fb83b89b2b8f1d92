"""What the brief counts, straight from SQL over plain columns."""

from __future__ import annotations

from dossier.store.database import Database

_LAST_TALKS = """
    SELECT pa.person_id, max(i.at) FROM interaction i JOIN participant pa ON pa.interaction_id = i.id
    WHERE i.account_id = ? GROUP BY pa.person_id
"""

_PROMISES_OF_OURS = "SELECT due_on, settled_on, state FROM promise WHERE account_id = ? AND by = 'us'"


def last_talks(database: Database, account_id: int) -> dict[int, str]:
    """The day on which each person of an account took part in something last, by person id."""
    return dict(database.rows(_LAST_TALKS, (account_id,)))


def our_promises(database: Database, account_id: int) -> list[tuple[str, str | None, str]]:
    """Due day, day settled and state of each promise that we ever made to an account."""
    return [(due, settled, state) for due, settled, state in database.rows(_PROMISES_OF_OURS, (account_id,))]
