"""Copies of a vault: complete, private, durable, and never over something that is there."""

from __future__ import annotations

import os
from collections.abc import Callable

from dossier.errors import Damaged
from dossier.store.create import cannot_write, sync_folder, taken, unfinished
from dossier.store.database import SPILL, SQLITE_ERRORS, Database, connect, fault_of


def copy_vault(
    database: Database,
    target: str,
    *,
    verify: Callable[[str], None] | None = None,
) -> None:
    """Copy an open vault to `target` (0600) as of this moment, also while others write.

    The copy appears complete, and after `verify` had nothing to say against it, or not at all. Raises Refused if
    `target` exists, Unavailable if it cannot be written.
    """
    try:
        if os.path.lexists(target):
            raise FileExistsError
        with unfinished(target) as file:
            copy_pages(database, file)
            if verify is not None:
                verify(file)
            os.link(file, target)
        sync_folder(target)
    except FileExistsError:
        raise taken(target) from None
    except OSError as error:
        raise cannot_write(target, error) from None


def copy_pages(database: Database, path: str) -> None:
    """Copy an open vault into the empty file at `path`, which is on the disk when this returns."""
    copy = None
    try:
        copy = connect(path)
        copy.execute("PRAGMA journal_mode = MEMORY")  # an unfinished copy is thrown away, not rolled back
        copy.execute(SPILL)
        database.connection.backup(copy)
    except SQLITE_ERRORS as error:
        fault = fault_of(error, path)
        raise fault_of(error, database.path) if isinstance(fault, Damaged) else fault from None
    finally:
        if copy is not None:
            copy.close()
