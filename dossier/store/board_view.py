"""What the promises board reads: the open promises, from plain columns, and their titles to filter by."""

from __future__ import annotations

from typing import NamedTuple

from dossier.store.catalog import Promise
from dossier.store.database import Database
from dossier.store.reader import Reader
from dossier.store.record import AGENDA


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


def titles(reader: Reader) -> list[tuple[int, bytes]]:
    """The id of every open promise and what is secret of it on the agenda, its title, as JSON in UTF-8.

    None without that key. Opened as a search does it, without building records: 5,000 take 15 ms, and not 75.
    """
    if not reader.rows.can_open(AGENDA):
        return []
    opened = reader.rows.cipher.opener(Promise.table.id, AGENDA)
    found = reader.database.rows("SELECT id, uid, agenda FROM promise WHERE state = 'open'")
    return [(number, opened(uid, envelope)) for number, uid, envelope in found]
