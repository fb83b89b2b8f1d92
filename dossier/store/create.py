"""Making a vault: a complete file appears under its name, or none does."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from dossier.errors import Refused, Unavailable
from dossier.store.database import APPLICATION_ID, SCHEMA_VERSION, SQLITE_ERRORS, connect, fault_of
from dossier.store.gate import CALENDAR_UID, calendar_row
from dossier.store.rows import Rows
from dossier.store.schema import TABLES
from dossier.vault.envelope import CALENDAR_TABLE
from dossier.vault.keys import Keys
from dossier.vault.seals import Manifest

ANOTHER_PLACE = "choose another place: dossier --vault FILE init"


def create_vault(path: str, header: bytes, keys: Keys) -> None:
    """Make an empty vault at `path` (0600, its folder 0700 if made).

    Raises Refused if something is there already, Unavailable if the disk or permissions say no.
    """
    make_private_folder(os.path.dirname(path))
    try:
        with unfinished(path) as file:
            _fill(file, header, keys)
            os.link(file, path)  # unlike rename, it never replaces a file
        sync_folder(path)
    except FileExistsError:
        raise taken(path, ANOTHER_PLACE) from None
    except OSError as error:
        raise cannot_write(path, error) from None


def make_private_folder(folder: str) -> None:
    """Make `folder` and its missing parents, each 0700; those that exist are left as they are."""
    try:
        if not os.path.isdir(folder or "."):
            make_private_folder(os.path.dirname(folder))
            os.makedirs(folder, 0o700, exist_ok=True)
    except OSError as error:
        raise Unavailable(
            f"cannot make the folder {folder}: {error.strerror}", "check its permissions"
        ) from None


@contextmanager
def unfinished(target: str) -> Iterator[str]:
    """An empty file beside `target` that only its owner can read, to fill and then to link or rename.

    It is named by our process, so that two runs never fill one file; whatever killed runs left is removed. Raises
    Refused for somebody else's folder of just that name, OSError.
    """
    _remove_leftovers(target)
    path = f"{target}.{os.getpid()}.new"
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
    except FileExistsError:
        raise taken(path, "move it away; dossier needs that name") from None
    try:
        yield path
    finally:
        for name in (path, f"{path}-journal"):
            with suppress(FileNotFoundError):
                os.unlink(name)


def sync_folder(path: str) -> None:
    """Make a new name in the folder of `path` survive a power cut."""
    folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def taken(path: str, hint: str = "choose another name") -> Refused:
    """The refusal of a place where something is already: nothing is ever overwritten."""
    return Refused(f"there is something at {path} already", hint)


def cannot_write(path: str, error: OSError) -> Unavailable:
    """What an OSError means to the person whose file could not be written."""
    return Unavailable(
        f"cannot write {path}: {error.strerror}", "check the folder, its permissions and the disk"
    )


def lay_out(connection: sqlite3.Connection) -> None:
    """Make in an empty file what every vault is made of, in the transaction that is open."""
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    for statement in TABLES:
        connection.execute(statement)


def _remove_leftovers(target: str) -> None:
    """Remove what killed runs left; what is no regular file is somebody else's, and stays."""
    folder, name = os.path.split(target)
    ours = re.compile(re.escape(name) + r"\.(\d+)\.new(-journal)?")
    for other in os.listdir(folder or "."):
        found = ours.fullmatch(other)
        path = os.path.join(folder, other)
        if found and not is_running(int(found[1])) and is_plain_file(path):
            os.unlink(path)


def is_plain_file(path: str) -> bool:
    """Whether there is a regular file, and no link to one: all that dossier ever leaves anywhere."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except FileNotFoundError:
        return False


def is_running(process: int) -> bool:
    """Whether there is a process with this number, whoever's it is."""
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True


def _fill(path: str, header: bytes, keys: Keys) -> None:
    rows = Rows(keys)
    connection = connect(path)
    try:
        connection.execute("BEGIN")
        lay_out(connection)
        manifest = Manifest(keys)
        calendar = calendar_row(rows, 1, b"")
        connection.execute("INSERT INTO calendar VALUES (1, ?, ?, ?)", calendar)
        manifest.add(CALENDAR_TABLE, CALENDAR_UID, calendar[-1])
        manifest.know_header(header)
        connection.execute("INSERT INTO vault VALUES (1, ?, ?)", (header, manifest.to_blob(rows.cipher)))
        connection.execute("COMMIT")
    except SQLITE_ERRORS as error:
        raise fault_of(error, path) from None
    finally:
        connection.close()
