"""What a vault's file holds beyond its last page: nothing that SQLite ever reads, so somebody else put it there.

A salvage looks through it all the same, for it takes nothing for granted that the file says of itself.
"""

from __future__ import annotations

import os

from dossier.errors import Unavailable
from dossier.store.create import cannot_write
from dossier.store.database import Database


def bytes_beyond(database: Database) -> int:
    """How many bytes follow the last page of an open vault; nobody may write to it meanwhile. Raises Unavailable."""
    try:
        return max(0, os.stat(database.path).st_size - _end(database))
    except OSError as error:
        raise Unavailable(f"cannot read {database.path}: {error.strerror}", "check its permissions") from None


def cut_off(database: Database) -> None:
    """Take them away, at the beginning of a transaction that writes. Raises Unavailable.

    By its name: a file that we opened and closed would drop the locks of every connection of this process.
    """
    if bytes_beyond(database):
        try:
            os.truncate(database.path, _end(database))
        except OSError as error:
            raise cannot_write(database.path, error) from None


def _end(database: Database) -> int:
    ((pages,),) = database.rows("PRAGMA page_count")
    ((size,),) = database.rows("PRAGMA page_size")
    return int(pages * size)
