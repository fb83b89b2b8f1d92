"""Reading everything as of one moment."""

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
