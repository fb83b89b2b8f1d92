"""Taking the vault's place: a new file, complete and checked, becomes the vault, and what stood there is kept."""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dossier.errors import Damaged, Unavailable
from dossier.store.backup import copy_pages
from dossier.store.backups import BESIDE, prune, room_for
from dossier.store.create import cannot_write, make_private_folder, sync_folder, unfinished
from dossier.store.database import APPLICATION_ID, SQLITE_ERRORS, Database, connect, fault_of, first_page

Placed = Callable[[str | None], None]
"""Told that the new vault stands at its place, and where what stood there is kept, if it is."""


def restore_vault(
    database: Database,
    path: str,
    verify: Callable[[str], None],
    kept: int,
    placed: Placed = lambda replaced: None,
) -> str | None:
    """Make a copy of an open backup the vault at `path`, once `verify` had nothing to say against that copy.

    Where what stood there is kept now, and whom `placed` tells so, as `take_place` says. Raises what that does.
    """
    path = os.path.realpath(path)  # a vault may be a link into a synced folder: the file there is replaced
    make_private_folder(os.path.dirname(path))
    try:
        with unfinished(path) as file:
            copy_pages(database, file)
            verify(file)
            return take_place(
                file, path, "restore", kept, placed=placed, done="the backup stands at its place"
            )
    except OSError as error:
        raise cannot_write(path, error) from None


def take_place(
    new_file: str,
    path: str,
    reason: str | None,
    kept: int,
    held: Database | None = None,
    placed: Placed = lambda replaced: None,
    done: str = "",
) -> str | None:
    """Make `new_file` the vault at `path`; where what stood there is kept now, or None if nothing did.

    `new_file` is a whole vault, on the disk already, closed, on the same file system (so beside the vault); its name is
    gone afterwards. What stands at `path` may be damaged: it goes into the vault's backups folder as a backup of
    `reason`, with the journal that lies beside it, and of those at most `kept` stay, this one in any case. Without a
    `reason` it is not kept; only for a vault that is `held`, which has no journal that matters.

    Nobody writes to the old vault meanwhile. Whoever must rely on what it holds until the last moment (a rotation: did
    anybody write since I copied it?) keeps writers out by `writers_out(database)`, looks, and gives that `database` as
    `held`; readers go on. Without it the vault is locked here, and SQLite finishes what a crash left in its journal.
    Whoever has the old file open still is refused by `Database.transaction` at the next write, because it was replaced.

    Killed at any moment, either the old vault or the new one stands at `path`, whole. Raises Unavailable if the place
    cannot be written, Failed if another program keeps the vault busy; then the old vault is as it was.

    What ends it later, be it Ctrl-C or a folder that cannot be synced, undoes nothing: `placed` is told at once, and
    again by what ends it then, for it may have been ended itself; `done`, if given, is noted on what is raised, in
    words for the person.
    """
    path = os.path.realpath(path)
    ours, replaced = _file_at(new_file), None
    try:
        try:
            with _no_journal_yet(new_file):
                with _held_against_writers(path, held):
                    replaced = None if reason is None else _set_aside(path, reason)
                    os.replace(new_file, path)
                placed(replaced)
                sync_folder(path)
                if held is not None:
                    _let_writers_in(held)
                time.sleep(_GRACE_SECONDS)
        except OSError as error:
            raise cannot_write(path, error) from None
        if replaced is not None and reason is not None:
            prune(path, reason, max(1, kept), replaced)
    except BaseException as error:
        if ours is not None and ours == _file_at(path):
            placed(replaced)
            if done:
                aside = f"; what was there is kept as {replaced}" if replaced else ""
                error.add_note(f"It was done all the same: {done}{aside}.")
        raise
    return replaced


def _file_at(path: str) -> tuple[int, int] | None:
    """Which file stands at a path; None where that cannot be seen."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


_GRACE_SECONDS = 0.3
"""So long nobody writes to a vault that took the place of another: three times what SQLite sleeps while it waits."""


@contextmanager
def _no_journal_yet(new_file: str) -> Iterator[None]:
    """Let nobody write to the new vault inside, so that no journal comes beside it.

    Whoever waits for the old file, to write or to read, gets at it meanwhile and sees that it was replaced. Later they
    would find a journal there that is not theirs: see `Database.keep_off_anothers_journal`.
    """
    connection = connect(new_file)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
    except SQLITE_ERRORS as error:
        raise fault_of(error, new_file) from None
    finally:
        connection.close()


@contextmanager
def writers_out(database: Database) -> Iterator[None]:
    """Nobody else writes to an open vault meanwhile, and readers go on; nothing is written through it here either."""
    database.check_still_there("nothing was changed")
    database.execute("BEGIN IMMEDIATE")
    try:
        database.check_still_there("nothing was changed")
        yield
    finally:
        _let_writers_in(database)


def _let_writers_in(database: Database) -> None:
    """End what `writers_out` began, if that was not done already."""
    if database.connection.in_transaction:
        database.connection.execute("ROLLBACK")


@contextmanager
def _held_against_writers(path: str, held: Database | None) -> Iterator[None]:
    """Let nobody write to the vault at `path` meanwhile."""
    connection = None
    try:
        if held is not None:
            held.check_still_there("nothing was changed")
        elif os.path.exists(path):
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


def _set_aside(path: str, reason: str) -> str | None:
    """Give what stands at `path` a name among its backups, and take away the journal that SQLite would replay.

    Killed half-way, the old vault is complete under its second name, journal included.
    """
    stood = os.path.lexists(path)
    if not any(os.path.lexists(path + suffix) for suffix in ("", *BESIDE)):
        return None
    with room_for(path, reason) as second:
        if stood:
            os.link(path, second)
        for suffix in BESIDE:
            if os.path.lexists(path + suffix):
                os.rename(path + suffix, second + suffix)
        if stood:
            sync_folder(second)
    return second if stood else None
