"""One connection to a vault file: how it is opened, what SQLite may leave behind, and what its errors mean."""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple, Self

from dossier.domain.text import one_line
from dossier.errors import (
    RESTORE,
    SALVAGE,
    UPDATE,
    Damaged,
    DossierError,
    Failed,
    NoVault,
    TooNew,
    Unavailable,
    Usage,
)
from dossier.store import damage
from dossier.store.planted import refuse_planted
from dossier.store.schema import LISTED, PARTS

APPLICATION_ID = 0x446F7331
"""`Dos1` in the file's header: an SQLite file without it is no vault of ours."""

SCHEMA_VERSION = 2
"""The newest schema this program writes; `PRAGMA user_version` of a vault says which one it has."""

_BUSY_SECONDS = 120.0

_PATIENCE_SECONDS = 10.0
"""So long a reader of a file that was replaced waits for those who write to the new one."""

SPILL = "PRAGMA cache_spill = 2047"
"""Lets SQLite write pages into the file before the commit once it holds so many (8 MiB); at any time.

For a file that nobody reads yet, and for chunks (`chunks.write`). See `connect` for why not always, and what numbers.
"""

_FULL = {sqlite3.SQLITE_FULL}
_DENIED = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR}
_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_NO_TEXT = "it holds text that is not UTF-8"


SQLITE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""What a statement raises; a damaged file may hold names of tables that are no text, which sqlite3 fails to quote."""


def words_of(error: Exception) -> str:
    """SQLite's own words, on a line; not where they quote what cannot be decoded."""
    undecodable = isinstance(error, UnicodeDecodeError) or "decode" in str(error)
    return _NO_TEXT if undecodable else one_line(str(error))


def fault_of(error: Exception, path: str) -> DossierError:
    """What an SQLite error means to the person at the terminal; SQLite's own words carry no values."""
    code = getattr(error, "sqlite_errorcode", None)
    kind = None if code is None else code & 0xFF
    words = words_of(error)
    if kind in _FULL:
        return Unavailable("the disk is full; nothing was changed", "free some space and try again")
    if kind in _DENIED:
        return Unavailable(
            f"cannot write to {path}: {words}",
            "check the disk and the permissions of the file and its folder",
        )
    if kind in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Failed("another program keeps the vault busy", "close it and try again")
    # The last of these: somebody set a counter of ids back.
    if (
        kind in _BROKEN
        or words is _NO_TEXT
        or "malformed" in words
        or words == "unsupported file format"
        or words.startswith("no such")  # a table or column that dossier made and somebody took away
        or code == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
    ):
        return Damaged(f"{path} is damaged: {damage.in_words(words)}", SALVAGE)
    return Failed(f"the vault's database refused: {words}")


class _Identity(NamedTuple):
    """Which file it is, whatever its name."""

    device: int
    inode: int


def _identity(found: os.stat_result) -> _Identity:
    return _Identity(found.st_dev, found.st_ino)


def _look_at_file(path: str) -> _Identity:
    """Raise unless `path` is a vault that this program can read; quick, whatever stands there. Which file it is.

    The file is never opened by ourselves: closing it would drop the locks of every other connection of this process
    (SQLite, "How To Corrupt", 2.2). SQLite reads its first page as if nobody could write it, which takes no lock and
    replays no journal: not into a file that is no vault.
    """
    try:
        found = os.stat(path)
    except FileNotFoundError:
        raise NoVault(f"there is no vault at {path}", "make one: dossier init") from None
    except OSError as error:
        raise Unavailable(f"cannot read {path}: {error.strerror}", "check its permissions") from None
    if stat.S_ISDIR(found.st_mode):
        raise Unavailable(f"{path} is a folder, not a vault", "name the vault file itself")
    if not stat.S_ISREG(found.st_mode):
        raise Damaged(f"{path} is not a file", "name the vault file itself")
    if not os.access(path, os.R_OK):
        raise Unavailable(f"cannot read {path}: permission denied", "check who owns it and its mode")
    application, schema = first_page(path)
    if application != APPLICATION_ID:
        raise Damaged(
            f"{path} is no dossier vault, or its beginning is damaged",
            f"name another file, or {SALVAGE}",
        )
    _look_at_schema(path, schema)
    return _identity(found)


def _look_at_schema(path: str, schema: int) -> None:
    if schema > SCHEMA_VERSION:
        raise TooNew(
            f"{path} was written by a newer dossier (schema {schema}; this one knows {SCHEMA_VERSION})",
            UPDATE,
        )
    if schema < 1:
        raise Damaged(f"{path} says that it has schema {schema}, which no dossier ever wrote", RESTORE)


def first_page(path: str) -> tuple[int, int]:
    """Application id and schema of an SQLite file, whatever its journal says; zeros for what is none."""
    connection = None
    try:
        connection = sqlite3.connect(uri(path, "mode=ro&immutable=1"), uri=True)
        # In the middle of somebody's commit, or after a kill there, the file may be shorter than its first page says.
        # SQLite takes that for damage unless told to salvage; `connect` waits for the writer, or rolls it back.
        connection.execute("PRAGMA writable_schema = ON")
        ((application,),) = connection.execute("PRAGMA application_id")
        ((schema,),) = connection.execute("PRAGMA user_version")
    except SQLITE_ERRORS as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _BROKEN:
            raise fault_of(error, path) from None
        return 0, 0
    finally:
        if connection is not None:
            connection.close()
    return application, schema


def uri(path: str, settings: str) -> str:
    """How SQLite is told to open a file in a certain way, whatever its name."""
    location = os.path.abspath(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return f"file://{location}?{settings}"


class Database:
    """A connection whose errors are faults; `version` is the vault's schema when it was opened."""

    def __init__(self, path: str) -> None:
        """Open an existing vault; Unavailable, Damaged or TooNew say why not."""
        self.path = path
        self._place = os.path.abspath(path)
        self._journal = f"{os.path.realpath(path)}-journal"
        self._file, self.connection = _opened(path)
        try:
            # Seen before and after, it is the file that SQLite has open; while it is, no other one gets its inode.
            self.check_still_there("nothing was read")
            self.version = self.schema()
            _look_at_schema(path, self.version)  # again: SQLite may have replayed a journal
            self.refuse_foreign_parts()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; nothing is left beside the vault file."""
        self.connection.close()

    def check_still_there(self, so: str = "nothing can be saved") -> None:
        """Raise Unavailable unless the path still leads to the file that was opened; `so` ends the message.

        SQLite goes on in a file that was moved, deleted or replaced, and what it writes is nowhere to be found. What
        has only lost its name can be put back; where another file stands now, only opening it anew helps.
        """
        try:
            found = _identity(os.stat(self._place))
        except (FileNotFoundError, NotADirectoryError):
            raise Unavailable(
                f"the vault file is gone from {self.path}; {so}", f"put it back there, or {RESTORE}"
            ) from None
        except OSError as error:
            raise Unavailable(
                f"cannot reach the vault file {self.path}: {error.strerror}; {so}",
                "check its drive and the permissions of its folder",
            ) from None
        if found != self._file:
            raise Unavailable(
                f"the vault file {self.path} was replaced by another one; {so}",
                "open it anew: run dossier again",
            )

    def keep_off_anothers_journal(self) -> None:
        """Call this before a statement that begins a transaction of its own, be it but to read.

        A vault is replaced by a file of the same name, and SQLite knows a journal by its name alone. Whoever has the
        old file open still would take the journal of somebody who writes to the new one for what a crash left of the
        old one, play it back into the old one, a backup by now, and remove it. So it waits until there is none:
        `take_place` sees to it that none comes for a while. Or until the old file is put back: then the journal there
        is its own. Raises Unavailable if that takes too long.
        """
        if self.connection.in_transaction or not _was_replaced(self._place, self._file):
            return
        patience = time.monotonic() + _PATIENCE_SECONDS
        while os.path.lexists(self._journal) and _was_replaced(self._place, self._file):
            if time.monotonic() > patience:
                self.check_still_there("nothing was read")
            time.sleep(0.005)

    def data_version(self) -> int | None:
        """A number that is another one once another connection has committed; our own commits leave it as it is.

        None while another program is in the middle of its commit: it never waits, so that a screen may ask every now
        and then.
        """
        with self.guarded():
            self.connection.execute("PRAGMA busy_timeout = 0")
            try:
                found = self.connection.execute("PRAGMA data_version").fetchone()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                return None
            finally:
                self.connection.execute(f"PRAGMA busy_timeout = {round(_BUSY_SECONDS * 1000)}")
        return int(found[0])

    def schema(self) -> int:
        """The vault's schema as it stands in the file now."""
        found = self.row("PRAGMA user_version")
        return int(found[0]) if found else 0

    def refuse_foreign_parts(self) -> None:
        """Raise Damaged for a trigger, view, table or index that dossier did not make.

        A trigger could keep an old header, swallow a write that was acknowledged, or speak in dossier's name; a view
        could stand for a table. What is missing is left to the check and to whoever needs it. An older schema has no
        part that today's does not have: a file could say that it is one, and be migrated with whatever it holds.
        """
        foreign = [part for part in self.rows(LISTED) if part not in PARTS]
        if foreign:
            raise Damaged(
                f"{self.path} holds what dossier never makes: {one_line(str(foreign[0][1]))}",
                f"it may change or swallow what is written; {RESTORE}",
            )

    def count(self, table: str) -> int:
        """How many rows a table has; none if it came with a later schema than the vault's."""
        if self.version < SCHEMA_VERSION:
            there = self.row("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,))
            if there is None:
                return 0
        found = self.row(f"SELECT count(*) FROM {table}")
        return int(found[0]) if found else 0

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Turn SQLite's errors into faults."""
        try:
            yield
        except SQLITE_ERRORS as error:
            raise fault_of(error, self.path) from None
        except OverflowError:
            raise Usage("a number is larger than any in the vault", "look with the list command") from None
        except UnicodeEncodeError:
            raise Usage("what was typed holds bytes that are no text", "type it again in UTF-8") from None

    def rows(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        self.keep_off_anothers_journal()
        with self.guarded():
            return self.connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> tuple[Any, ...] | None:
        """The first row of a query, or None."""
        self.keep_off_anothers_journal()
        with self.guarded():
            found: tuple[Any, ...] | None = self.connection.execute(sql, parameters).fetchone()
            return found

    def execute(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> sqlite3.Cursor:
        """Run one statement."""
        self.keep_off_anothers_journal()
        with self.guarded():
            return self.connection.execute(sql, parameters)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One write transaction: all of it or nothing, also when the process is killed inside.

        Raises Unavailable, as `check_still_there`, rather than acknowledge what went into a file that is gone.
        """
        nothing = "nothing was saved"
        self.check_still_there(nothing)  # before SQLite takes the journal of another file there for ours
        self.execute("BEGIN IMMEDIATE")
        try:
            self.check_still_there(nothing)  # again: it may have waited long for another program
            yield
            self.check_still_there(nothing)
            self.execute("COMMIT")
        except BaseException as error:
            if self.connection.in_transaction:
                # Where even that fails, the journal does it at the next opening; what went wrong first matters more.
                with suppress(sqlite3.Error):
                    self.connection.execute("ROLLBACK")
            if isinstance(
                error, Unavailable
            ):  # SQLite calls a file that was moved "readonly": say what it is
                self.check_still_there(nothing)
            raise
        self.check_still_there("what was being saved may be lost: look before you save it again")


_TRIES = 3
"""So often the file may be replaced between a look at it and its opening: by a restore, or when it gets new keys."""


def _opened(path: str) -> tuple[_Identity, sqlite3.Connection]:
    """A file that this program can read and a connection to it; `check_still_there` then says whether they are one."""
    file, connection = _look_at_file(path), connect(path)
    for _ in range(_TRIES - 1):
        if not _was_replaced(path, file):
            break
        connection.close()
        file, connection = _look_at_file(path), connect(path)
    return file, connection


def _was_replaced(path: str, file: _Identity) -> bool:
    try:
        return _identity(os.stat(path)) != file
    except OSError:  # gone, and not replaced
        return False


def connect(path: str) -> sqlite3.Connection:
    """A connection with the settings that leave no plain text behind.

    A rollback journal rather than WAL: at rest a vault is one file, which a backup or a synced folder copies whole,
    and a reader in a read-only folder needs no side files. The journal holds old pages: envelopes and plain columns,
    no secrets. A large transaction stays in memory until it commits, unless it is made of chunks (`chunks.write`):
    spilled pages would shut out readers, and after a rollback lie in the file for ever. So the cache spills beyond a
    thousand million pages: OFF is the same, as is a multiple of 256, but cannot be taken back within a transaction.
    Raises Damaged for a vault that was made to use WAL, or that has a journal beside it which dossier cannot have left.
    """
    refuse_planted(path)
    connection = None
    try:
        connection = sqlite3.connect(
            uri(path, "mode=rw"), uri=True, isolation_level=None, timeout=_BUSY_SECONDS
        )
        connection.executescript(
            """
            PRAGMA trusted_schema = OFF;
            PRAGMA temp_store = MEMORY;
            PRAGMA cache_spill = 999999999;
            PRAGMA secure_delete = ON;
            PRAGMA foreign_keys = ON;
            PRAGMA cell_size_check = ON;
            PRAGMA synchronous = FULL;
            """
        )
        if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
            raise Damaged(f"{path} was changed by another program: it keeps a write-ahead log", RESTORE)
    except BaseException as error:
        if connection is not None:
            connection.close()
        if isinstance(error, SQLITE_ERRORS):
            raise fault_of(error, path) from None
        raise
    return connection
