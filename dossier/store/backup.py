"""Copies of a vault: complete, private, durable, and never over something that is there."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from dossier.errors import Damaged, Unavailable
from dossier.store.create import cannot_write, make_private_folder, sync_folder, taken, unfinished
from dossier.store.database import APPLICATION_ID, SQLITE_ERRORS, Database, connect, fault_of, first_page

_BESIDE = ("-journal", "-wal", "-shm")
"""What SQLite may have left beside a file that was not closed."""


def copy_vault(
    database: Database,
    target: str,
    *,
    replace: bool = False,
    verify: Callable[[str], None] | None = None,
) -> None:
    """Copy an open vault to `target` (0600) as of this moment, also while others write.

    The copy appears complete, and after `verify` had nothing to say against it, or not at all. Raises Refused if
    `target` exists (unless `replace`), Unavailable if it cannot be written.
    """
    try:
        if os.path.lexists(target) and not replace:
            raise FileExistsError
        with unfinished(target) as file:
            _copy_pages(database, file)
            if verify is not None:
                verify(file)
            if replace:
                os.replace(file, target)
            else:
                os.link(file, target)
        sync_folder(target)
    except FileExistsError:
        raise taken(target) from None
    except OSError as error:
        raise cannot_write(target, error) from None


def restore_vault(database: Database, path: str, verify: Callable[[str], None]) -> str | None:
    """Make a copy of an open backup the vault at `path`, once `verify` had nothing to say against that copy.

    What stood there is kept beside it, under the name returned; None where nothing was. It may be damaged: it is only
    moved. Raises Unavailable if the place cannot be written, Failed if another program keeps the vault busy.
    """
    path = os.path.realpath(path)  # a vault may be a link into a synced folder: the file there is replaced
    make_private_folder(os.path.dirname(path))
    try:
        with unfinished(path) as file:
            _copy_pages(database, file)
            verify(file)
            with _held_against_writers(path):
                replaced = _set_aside(path)
                os.replace(file, path)
        sync_folder(path)
    except OSError as error:
        raise cannot_write(path, error) from None
    return replaced


def _copy_pages(database: Database, path: str) -> None:
    copy = None
    try:
        copy = connect(path)
        copy.execute("PRAGMA journal_mode = MEMORY")  # an unfinished copy is thrown away, not rolled back
        database.connection.backup(copy)
    except SQLITE_ERRORS as error:
        raise fault_of(error, database.path) from None
    finally:
        if copy is not None:
            copy.close()


@contextmanager
def _held_against_writers(path: str) -> Iterator[None]:
    """Let nobody write to the vault at `path` meanwhile; SQLite also finishes here what a crash left in its journal.

    Whoever still has the old file open is refused by SQLite at the next write, because the file has moved.
    """
    connection = None
    try:
        if os.path.exists(path):
            if not stat.S_ISREG(os.stat(path).st_mode):
                raise Unavailable(f"{path} is not a file", "name another place with --vault")
            connection = _locked(path)
        yield
    finally:
        if connection is not None:
            connection.close()


def _locked(path: str) -> sqlite3.Connection | None:
    """A connection that keeps everybody else out; None for what is no vault, or so damaged that nobody can use it."""
    try:
        if first_page(path)[0] != APPLICATION_ID:
            return None
        connection = connect(path)
    except Damaged:
        return None
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except SQLITE_ERRORS as error:
        fault = fault_of(error, path)
        if not isinstance(fault, Damaged):
            connection.close()
            raise fault from None
    return connection


def _set_aside(path: str) -> str | None:
    """Give what stands at `path` a second name, and take away the journal that SQLite would replay into its successor.

    Killed half-way, the old vault is complete under its second name, journal included.
    """
    second = base = f"{path}.replaced-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    number = 1
    while any(os.path.lexists(second + suffix) for suffix in ("", *_BESIDE)):
        number += 1
        second = f"{base}-{number}"
    stood = os.path.lexists(path)
    if stood:
        os.link(path, second)
    for suffix in _BESIDE:
        if os.path.lexists(path + suffix):
            os.rename(path + suffix, second + suffix)
    if stood:
        sync_folder(path)
    return second if stood else None
