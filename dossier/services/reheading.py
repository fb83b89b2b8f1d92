"""Changing what opens a vault: what must be kept is kept first, and whatever ends a change early is accounted for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from dossier.domain.faults import Fault
from dossier.errors import Unavailable
from dossier.store.create import sync_folder, taken
from dossier.store.database import Database
from dossier.store.head import read_header
from dossier.vault.header import Header

A_NEW_FILE = "name a file that does not exist yet"


def write_private(path: str, text: str, what: str) -> None:
    """Make a file that its owner alone can read (0600), and see it on the disk.

    Raises Refused if something is at `path`, Unavailable, which names `what`, if it cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
                file.write(text)
                file.flush()
                os.fsync(descriptor)
            sync_folder(path)
        except OSError:
            os.unlink(path)  # half a secret is none, and it would be in the way of the next try
            raise
    except FileExistsError:
        raise taken(path, A_NEW_FILE) from None
    except OSError as error:
        raise Unavailable(
            f"cannot write the {what} to {path}: {error.strerror}", "name another file"
        ) from None


@contextmanager
def accounted_for(
    vault: str, old: bytes | None, new: bytes, done: str, file: str | None = None, what: str = ""
) -> Iterator[None]:
    """Put the header `new` in the place of `old` inside; what ends it early is noted with what became of the vault.

    It may end early after the change was made, by Ctrl-C or a folder that cannot be synced: then `done` is told. The
    `file` that was made for the change (`what` it is) goes only when the vault does not rely on it, for there may be
    no other copy.
    """
    try:
        yield
    except BaseException as error:
        done_so_far = happened(vault, old, new)
        if done_so_far:
            error.add_note(f"It was done all the same: {done}.")
        if file is not None:
            if done_so_far is False:
                with suppress(OSError):
                    os.unlink(file)
            elif done_so_far:
                error.add_note(f"Its {what} is in {file}.")
            else:
                error.add_note(f"It may have been done: keep the {what} in {file}.")
        raise


def happened(vault: str, old: bytes | None, new: bytes) -> bool | None:
    """Whether the vault opens by what `new` brought, or no more by what it took away; None if that cannot be seen."""
    before, after = Header.parse(old).slots if old else (), Header.parse(new).slots
    brought = [slot for slot in after if slot not in before]
    gone = [slot for slot in before if slot not in after]
    try:
        os.lstat(vault)
        with Database(vault) as database:
            there = Header.parse(read_header(database)).slots
    except (FileNotFoundError, NotADirectoryError):
        return None if old else False
    except (OSError, Fault):
        return None
    return any(slot in there for slot in brought) if brought else not any(slot in there for slot in gone)
