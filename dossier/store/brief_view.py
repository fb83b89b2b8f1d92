"""What the brief and an account's health count, straight from SQL over plain columns."""

from __future__ import annotations

from typing import NamedTuple

from dossier.store.database import Database


class OurPromise(NamedTuple):
    """A promise that we made, as far as its rules look at it."""

    id: int
    due_on: str
    settled_on: str | None
    state: str
    told_for: str | None


_LAST_TALKS = """
    SELECT pa.person_id, max(i.at) FROM interaction i JOIN participant pa ON pa.interaction_id = i.id
    WHERE i.account_id = ? GROUP BY pa.person_id
"""

_PROMISES_OF_OURS = """
    SELECT id, due_on, settled_on, state, told_for FROM promise WHERE account_id = ? AND by = 'us' ORDER BY id
"""

_NEXT_UP = """
    SELECT due_on, what FROM (
      SELECT due_on, by AS what FROM promise WHERE account_id = :id AND +state = 'open' UNION ALL
      SELECT due_on, 'step' FROM step WHERE account_id = :id AND +state = 'open')
    ORDER BY due_on, what = 'us' DESC, what LIMIT 1
"""


def last_talks(database: Database, account_id: int) -> dict[int, str]:
    """The day on which each person of an account took part in something last, by person id."""
    return dict(database.rows(_LAST_TALKS, (account_id,)))


def our_promises(database: Database, account_id: int) -> list[OurPromise]:
    """Each promise that we ever made to an account."""
    return [OurPromise(*row) for row in database.rows(_PROMISES_OF_OURS, (account_id,))]


def next_up(database: Database, account_id: int) -> tuple[str | None, str | None]:
    """The earliest day of what is open with an account, and what that is: whose promise, or `step`; of some, ours."""
    found = database.rows(_NEXT_UP, {"id": account_id})
    return found[0] if found else (None, None)


def people_count(database: Database, account_id: int) -> int:
    """How many people of an account are known."""
    return int(database.rows("SELECT count(*) FROM person WHERE account_id = ?", (account_id,))[0][0])
