"""Copies of a vault: complete, private, durable, and never over something that is there."""

from __future__ import annotations

import os
import sqlite3

from dossier.errors import Refused, Unavailable
from dossier.store.create import sync_folder, with_no_one_else
from dossier.store.database import Database, connect, fault_of


def copy_vault(database: Database, target: str, *, replace: bool = False) -> None:
    """Copy an open vault to `target` (0600) as of this moment, also while others write.

    The copy appears complete or not at all. Raises Refused if `target` exists (unless `replace`), Unavailable if it
    cannot be written.
    """
    unfinished = f"{target}.new"
    try:
        if os.path.lexists(target) and not replace:
            raise Refused(f"there is something at {target} already", "choose another name")
        with_no_one_else(unfinished)
        try:
            _copy_pages(database, unfinished)
            if replace:
                os.replace(unfinished, target)
            else:
                os.link(unfinished, target)
        finally:
            if os.path.lexists(unfinished):
                os.unlink(unfinished)
        sync_folder(target)
    except FileExistsError:
        raise Refused(f"there is something at {target} already", "choose another name") from None
    except OSError as error:
        raise Unavailable(
            f"cannot write {target}: {error.strerror}", "check the folder and its permissions"
        ) from None


def _copy_pages(database: Database, path: str) -> None:
    copy = None
    try:
        copy = connect(path)
        database.connection.backup(copy)
    except sqlite3.Error as error:
        raise fault_of(error, path) from None
    finally:
        if copy is not None:
            copy.close()
