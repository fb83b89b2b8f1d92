"""Much at once, as of one moment: reading everything, and writing more than SQLite's cache holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dossier.store.database import Database


@contextmanager
def snapshot(database: Database) -> Iterator[None]:
    """Everything read inside is as of one moment, however many queries it takes; who writes waits for the end."""
    database.execute("BEGIN")
    try:
        yield
    finally:
        if database.connection.in_transaction:
            database.connection.execute("ROLLBACK")


@contextmanager
def held_in_memory(database: Database) -> Iterator[None]:
    """A transaction inside touches the file only when it is committed, however large it is.

    Else SQLite would spill pages once its cache is full: nobody could read from then on, and after a rollback free
    pages would still hold what was never meant to be written.
    """
    database.execute("PRAGMA cache_spill = OFF")
    try:
        yield
    finally:
        database.connection.execute("PRAGMA cache_spill = ON")
