"""What the journals of two copies of a vault say in clear: which changes they share, and which one of them lacks.

The journal numbers every change and gives it a random uid, and forgetting keeps both. A number alone says nothing of
another copy: two that went apart count on from where they did. Nothing here is proven, for it needs no keys.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import NamedTuple

from dossier.errors import Damaged, TooNew
from dossier.store.create import is_plain_file
from dossier.store.database import APPLICATION_ID, SQLITE_ERRORS, Database, uri
from dossier.store.schema import LISTED, PARTS
from dossier.vault.header import MAX_HEADER, Header

_MOST_STEPS = 100_000
"""SQLite's steps for a question asked of a file, a thousand times those that a vault needs: milliseconds."""

Entry = tuple[int, object]
"""Number and uid of a change, as they stand: a hostile file may hold anything for a uid."""


class Parting(NamedTuple):
    """How far two copies are the same: up to change `common`, after which each has its own."""

    common: int
    """The newest change that both have; 0 if they have none in common."""
    lacks: int
    """The newest change of the one that the other does not have; 0 if that has them all."""
    brings: int
    """The newest change that only the other has; 0 if there is none."""

    @property
    def forks(self) -> bool:
        """Whether each has changes that the other does not have."""
        return bool(self.lacks and self.brings)


def entries(database: Database) -> frozenset[Entry]:
    """Every change of a vault."""
    return frozenset(database.rows("SELECT id, uid FROM change"))


def parting(ours: frozenset[Entry], other: frozenset[Entry]) -> Parting:
    """Where another copy went apart from ours."""
    return Parting(_newest(ours & other), _newest(ours - other), _newest(other - ours))


def _newest(found: frozenset[Entry]) -> int:
    return max((number for number, _ in found), default=0)


def newest_in(path: str) -> int | None:
    """The number of the newest change in a vault's file; None if its beginning, header or journal cannot be read.

    It is read without a look at what SQLite may have left beside it, and nothing is replayed or locked.
    """
    try:
        with _unlocked(path) as connection:
            ((application,),) = connection.execute("PRAGMA application_id")
            ((header,),) = connection.execute(
                "SELECT header FROM vault WHERE length(header) <= ?", (MAX_HEADER,)
            )
            ((number,),) = connection.execute("SELECT coalesce(max(id), 0) FROM change")
        with suppress(TooNew):  # of a later program, and none the worse for it
            Header.parse(header)
    except (*SQLITE_ERRORS, ValueError, Damaged):  # ValueError: there is no header
        return None
    return number if application == APPLICATION_ID and isinstance(number, int) else None


def has_change(path: str, number: int, uid: bytes) -> bool:
    """Whether a vault's file has this very change, read as `newest_in` does; not if that cannot be read."""
    try:
        with _unlocked(path) as connection:
            found = connection.execute(
                "SELECT 1 FROM change WHERE id = ? AND uid = ?", (number, uid)
            ).fetchone()
    except SQLITE_ERRORS:
        return False
    return found is not None


@contextmanager
def _unlocked(path: str) -> Iterator[sqlite3.Connection]:
    """Read a file that anybody may have put there, without locking it; sqlite3.Error for what is no vault's.

    What bears the name of a table of ours must be that table: a view of that name may never come to an end, and a
    signal would not end it either. For the same reason SQLite gives up after more steps than our questions need.
    """
    if not is_plain_file(path):  # SQLite would wait for whoever writes into a pipe
        raise sqlite3.DatabaseError("not a file")
    with closing(sqlite3.connect(uri(path, "mode=ro&immutable=1"), uri=True)) as connection:
        connection.set_progress_handler(lambda: 1, _MOST_STEPS)
        listed = connection.execute(f"{LISTED} WHERE lower(name) IN ('vault', 'change')").fetchall()
        if not PARTS.issuperset(listed):
            raise sqlite3.DatabaseError("not a vault's tables")
        yield connection
