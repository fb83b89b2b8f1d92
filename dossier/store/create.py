"""Making a vault: a complete file appears under its name, or none does."""

from __future__ import annotations

import os
import sqlite3

from dossier.errors import Refused, Unavailable
from dossier.store.catalog import RECORDS
from dossier.store.database import APPLICATION_ID, SCHEMA_VERSION, connect, fault_of
from dossier.store.gate import CALENDAR_UID, calendar_row
from dossier.store.rows import Rows
from dossier.vault.envelope import CALENDAR_TABLE
from dossier.vault.keys import Keys
from dossier.vault.seals import Manifest

_VAULT_TABLES = (
    "CREATE TABLE vault (id INTEGER PRIMARY KEY CHECK (id = 1), header BLOB NOT NULL, manifest BLOB NOT NULL)",
    "CREATE TABLE calendar (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL,"
    " agenda BLOB NOT NULL, seal BLOB NOT NULL)",
)


def create_vault(path: str, header: bytes, keys: Keys) -> None:
    """Make an empty vault at `path` (0600, its folder 0700 if made).

    Raises Refused if something is there already, Unavailable if the disk or permissions say no.
    """
    make_private_folder(os.path.dirname(path))
    unfinished = f"{path}.new"
    try:
        with_no_one_else(unfinished)
        try:
            _fill(unfinished, header, keys)
            os.link(unfinished, path)  # unlike rename, it never replaces a file
        finally:
            os.unlink(unfinished)
        sync_folder(path)
    except FileExistsError:
        raise Refused(
            f"there is something at {path} already", "choose another place: dossier --vault FILE init"
        ) from None
    except OSError as error:
        raise Unavailable(
            f"cannot write {path}: {error.strerror}", "check the folder and its permissions"
        ) from None


def make_private_folder(folder: str) -> None:
    """Make `folder` and its missing parents, 0700; one that exists is left as it is."""
    try:
        os.makedirs(folder or ".", mode=0o700, exist_ok=True)
    except OSError as error:
        raise Unavailable(
            f"cannot make the folder {folder}: {error.strerror}", "check its permissions"
        ) from None


def with_no_one_else(path: str) -> None:
    """Make an empty file at `path` that only its owner can read; one left by a killed run is replaced."""
    if os.path.lexists(path):
        os.unlink(path)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0), 0o600))


def sync_folder(path: str) -> None:
    """Make a new name in the folder of `path` survive a power cut."""
    folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _fill(path: str, header: bytes, keys: Keys) -> None:
    rows = Rows(keys)
    connection = connect(path)
    try:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("BEGIN")
        for statement in (*_VAULT_TABLES, *(sql for record in RECORDS for sql in record.table.ddl)):
            connection.execute(statement)
        manifest = Manifest(keys)
        calendar = calendar_row(rows, 1, b"")
        connection.execute("INSERT INTO calendar VALUES (1, ?, ?, ?)", calendar)
        manifest.add(CALENDAR_TABLE, CALENDAR_UID, calendar[-1])
        connection.execute("INSERT INTO vault VALUES (1, ?, ?)", (header, manifest.to_blob(rows.cipher)))
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise fault_of(error, path) from None
    finally:
        connection.close()
