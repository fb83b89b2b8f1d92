"""A copy of a vault without the pages that it does not use."""

from __future__ import annotations

import os

from dossier.store.database import Database


def compact_into(database: Database, file: str) -> None:
    """Write an open vault, as of this moment, page after page into an empty file, and see it on the disk.

    SQLite writes the new file directly; nothing passes through a temporary one. Raises OSError, Unavailable.
    """
    database.execute("VACUUM INTO ?", (file,))
    descriptor = os.open(file, os.O_RDONLY)  # closed by SQLite already: no lock of ours is lost with it
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
