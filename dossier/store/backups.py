"""The backups that dossier makes by itself: a folder beside the vault, a file for each, the older ones given up (C2).

Beside `clients.dossier` lies `clients.dossier.backups/` (0700), in it `20270310T081500Z-before-import.dossier`: the
moment in UTC, and what it was made before. A file appears whole or not at all, and the older ones of its reason go only
once it would survive a power cut. One that says the same, byte for byte, takes no second place, and one that cannot be
opened, as a restore may have replaced, none of those that can. What bears no such name is somebody else's and is left
alone; links are not followed.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import NamedTuple

from dossier.errors import DossierError, Unavailable
from dossier.store.backup import copy_pages
from dossier.store.create import cannot_write, is_plain_file, sync_folder, unfinished
from dossier.store.database import Database
from dossier.store.histories import newest_in

BESIDE = ("-journal", "-wal", "-shm")
"""What SQLite may have left beside a file that was not closed; it goes wherever that file goes."""

_STAMP = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"(\d{8}T\d{6}Z)-before-([a-z]+)(?:-([1-9]\d{0,8}))?\.dossier", re.ASCII)
_WORK = "unfinished"


class Backup(NamedTuple):
    """One file in the backups folder; `made` is in UTC, `number` tells those of one second apart."""

    made: datetime
    number: int
    reason: str
    path: str
    bytes: int


def folder_of(vault: str) -> str:
    """Where a vault's backups lie, whether or not there are any; for a vault that is a link, beside the real file."""
    return f"{os.path.realpath(vault)}.backups"


def listed(vault: str) -> list[Backup]:
    """The backups of the vault at a path, the newest first. The vault itself may be missing.

    Raises Unavailable for a folder that cannot be read, or that is a link.
    """
    folder = folder_of(vault)
    try:
        names = os.listdir(folder) if _is_our_folder(folder) else []
        found = [backup for name in names if (backup := _backup(folder, name)) is not None]
    except OSError as error:
        raise Unavailable(f"cannot read {folder}: {error.strerror}", "check its permissions") from None
    return sorted(found, reverse=True)


def way_back(path: str) -> str | None:
    """What to do where a vault is missing and its backups are still there; None if there are none."""
    try:
        there = listed(path)
    except DossierError:
        return None
    if not there:
        return None
    return "there are backups of one that was here: dossier vault backups; put one back: dossier vault restore --newest"


def keep_before(database: Database, reason: str, kept: int) -> str | None:
    """Copy an open vault into its backups folder before something is done to it; the path of the copy.

    The copy is the vault as it was committed last, also within a transaction of `database`, and durable when this
    returns; then all but the newest `kept` of the same `reason` (one word in small letters) are removed. None, and no
    copy, where none are to be kept. Raises Unavailable if it cannot be written: then nothing was changed.
    """
    if kept == 0:
        return None
    database.check_still_there("no backup of it can be made")
    with room_for(database.path, reason) as target:
        # Through a connection that is about to write, SQLite copies nothing; and what it wrote already is not wanted.
        with (
            Database(database.path) as unchanged,
            unfinished(os.path.join(os.path.dirname(target), _WORK)) as file,
        ):
            copy_pages(unchanged, file)
            os.link(file, target)
        sync_folder(target)
    prune(database.path, reason, kept, target)
    return target


@contextmanager
def room_for(vault: str, reason: str) -> Iterator[str]:
    """A name in the backups folder that nothing bears yet; OSErrors inside become Unavailable.

    The folder is made if need be, and cleared of what killed runs left in it.
    """
    folder = folder_of(vault)
    try:
        if not _is_our_folder(folder):
            os.mkdir(folder, 0o700)
            sync_folder(folder)
        elif os.stat(folder).st_mode & 0o077:
            os.chmod(folder, 0o700)
        _forget_second_names(vault)
        yield _free_name(vault, reason)
    except OSError as error:
        raise cannot_write(folder, error) from None


def prune(vault: str, reason: str, kept: int, new: str) -> None:
    """Remove all but the newest `kept` backups of a reason; never `new`, which was just made, whatever the clock says.

    Those that cannot be opened are counted by themselves. What is the same as `new` goes in any case, and what cannot
    be removed stays: the backup itself was made, so nothing is raised.
    """
    try:
        others = [backup for backup in listed(vault) if backup.reason == reason and backup.path != new]
    except Unavailable:
        return
    given_up = [backup for backup in others if _same(backup.path, new)]
    for opens in (True, False):
        alike = [one for one in others if one not in given_up and (newest_in(one.path) is not None) == opens]
        room = kept - 1 if (newest_in(new) is not None) == opens else kept
        given_up += alike[max(0, room) :]
    for backup in given_up:
        remove(backup.path)


def remove(path: str) -> bool:
    """Remove a file with what SQLite left beside it; a folder of such a name was not. Whether they are gone."""
    for name in (*(path + suffix for suffix in BESIDE), path):
        try:
            if is_plain_file(name):
                os.unlink(name)
        except FileNotFoundError:
            pass
        except OSError:
            return False
    return True


def _same(one: str, other: str) -> bool:
    """Whether two files say the same, byte for byte; not where SQLite left something beside one of them."""
    if any(os.path.lexists(path + suffix) for path in (one, other) for suffix in BESIDE):
        return False
    try:
        return os.path.getsize(one) == os.path.getsize(other) and _digest(one) == _digest(other)
    except OSError:
        return False


def _digest(path: str) -> bytes:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _is_our_folder(folder: str) -> bool:
    """Whether the folder is there; Unavailable for a link, a file, or somebody else's folder in its place."""
    try:
        found = os.lstat(folder)
    except (FileNotFoundError, NotADirectoryError):
        return False
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        what = "is a link" if stat.S_ISLNK(found.st_mode) else "is not a folder of yours"
        raise Unavailable(f"{folder}, where backups go, {what}", "move it away; dossier makes the folder")
    return True


def _backup(folder: str, name: str) -> Backup | None:
    """The backup that bears this name; None for what is not ours."""
    path, parts = os.path.join(folder, name), _NAME.fullmatch(name)
    if parts is None:
        return None
    try:
        made = datetime.strptime(parts[1], _STAMP).replace(tzinfo=UTC)
        found = os.lstat(path)
    except (ValueError, FileNotFoundError):  # no date, or removed just now
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return Backup(made, int(parts[3] or 1), parts[2], path, found.st_size)


def _free_name(vault: str, reason: str) -> str:
    """A name that nothing bears, after those of the same second: a number that was given up is not the next one's."""
    now = datetime.now(UTC)
    base = os.path.join(folder_of(vault), f"{now:{_STAMP}}-before-{reason}")
    same = [one for one in listed(vault) if (one.made, one.reason) == (now.replace(microsecond=0), reason)]
    names = (
        f"{base}{f'-{number}' if number > 1 else ''}.dossier"
        for number in count(max((one.number for one in same), default=0) + 1)
    )
    return next(name for name in names if not any(os.path.lexists(name + end) for end in ("", *BESIDE)))


def _forget_second_names(vault: str) -> None:
    """Take away names under which the vault itself stands in the folder: a run was killed that would have replaced it.

    Not where a journal was set aside already: that is the only place where it still is.
    """
    try:
        found = os.stat(vault)
    except OSError:
        return
    for backup in listed(vault):
        beside = any(os.path.lexists(backup.path + suffix) for suffix in BESIDE)
        if os.path.samestat(os.lstat(backup.path), found) and not beside:
            os.unlink(backup.path)
