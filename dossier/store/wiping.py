"""Leaving nothing of what was deleted in the pages of a vault file.

With `secure_delete` SQLite overwrites what it deletes, and the pages it gives up. But where it moves rows from page to
page to keep its trees in balance, the unused space of a page keeps copies of rows that stood there once, for ever. So
whoever must forget writes the tables anew, in the transaction that forgets: SQLite overwrites every page of a table
that is emptied at once, and then lays the rows that are left into clean ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dossier.errors import Damaged
from dossier.store.catalog import RECORDS
from dossier.store.database import Database
from dossier.vault.seals import CHECK


@contextmanager
def emptied_at_once(database: Database) -> Iterator[None]:
    """Around a transaction that ends with `wipe`: with foreign keys on, SQLite empties a table row by row."""
    database.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        database.execute("PRAGMA foreign_keys = ON")


def wipe(database: Database) -> None:
    """Write all tables anew, within a transaction; what they hold stays the same to the byte.

    Not those of attachments' chunks, which may be large: a chunk cannot be read any more without the key that its
    record had. Raises Damaged where a record refers to one that is not there.
    """
    for table in (*(kind.table.name for kind in RECORDS), "calendar", "last_contact"):
        database.execute(f"CREATE TEMP TABLE kept AS SELECT * FROM main.{table}")
        database.execute(f"DELETE FROM main.{table}")
        if (
            database.row("SELECT 1 FROM temp.kept") is not None
        ):  # an empty one would be given a counter of ids
            # In the order of their ids, a row at the end of the tree after the other, none of them is moved again.
            database.execute(f"INSERT INTO main.{table} SELECT * FROM temp.kept ORDER BY 1")
        database.execute("DROP TABLE temp.kept")
    if found := database.row("PRAGMA foreign_key_check"):
        noun, number = found[0].replace("_", " "), found[1]
        raise Damaged(f"{noun} {number} refers to what is not there", CHECK)
