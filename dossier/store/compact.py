"""A copy of a vault without the pages that it does not use."""

from __future__ import annotations

import os

from dossier.store.database import SPILL, Database


def compact_into(path: str, file: str) -> None:
    """Write the vault at `path`, as of this moment, page after page into an empty file, and see it on the disk.

    SQLite writes the new file directly; nothing passes through a temporary one. Raises OSError, and the faults of
    `Database`.
    """
    with Database(path) as database:
        database.execute(SPILL)  # the new file takes that on, else SQLite would hold all of it in memory
        database.execute("VACUUM INTO ?", (file,))
    descriptor = os.open(file, os.O_RDONLY)  # closed by SQLite already: no lock of ours is lost with it
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
