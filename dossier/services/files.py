"""Files that somebody wants kept in the vault: looked at before anything is done, and read without holding them."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256

from dossier.domain.faults import BadValue
from dossier.domain.file_names import name_as_line
from dossier.domain.limits import ATTACHMENT_LIMIT
from dossier.domain.text import one_line
from dossier.errors import Failed, Refused, Unavailable
from dossier.vault.stream import CHUNK_BYTES

Progress = Callable[[int, int], None]
"""Told how many bytes of how many are done."""


def no_progress(_done: int, _total: int) -> None:
    """For whoever has nobody to tell."""


def look_at(path: str, vault: str) -> None:
    """Raise unless `path` is a file that can be kept in the vault at `vault`; nothing is opened.

    Unavailable for what is missing or no file (a folder, pipe or device, which may never end), BadValue for one too
    large, Refused for the vault itself: closing it would drop the locks that SQLite has on it.
    """
    try:
        found = os.stat(path)
        with suppress(OSError):  # a vault that is gone says so when it is written to
            if os.path.samestat(found, os.stat(vault)):
                raise Refused(
                    f"{one_line(path)} is the vault itself", "copy it by: dossier vault backup FILE"
                )
    except OSError as error:
        raise _unreadable(path, error) from None
    except ValueError:
        raise Unavailable("a file name cannot hold a NUL character", "check the name") from None
    if stat.S_ISDIR(found.st_mode):
        raise Unavailable(
            f"{one_line(path)} is a folder, not a file", "name the file in it, or pack the folder"
        )
    if not stat.S_ISREG(found.st_mode):
        raise Unavailable(f"{one_line(path)} is no ordinary file", "only a file has an end: copy it into one")
    if found.st_size > ATTACHMENT_LIMIT:
        raise BadValue(
            f"{one_line(path)} has {found.st_size:,} bytes; at most {ATTACHMENT_LIMIT:,} fit into the vault",
            "keep it beside the vault, and note where",
        )


class Reading:
    """A file being read, once: `name` as the vault keeps it; `size` and `digest` (SHA-256, hex) when it was read."""

    def __init__(self, path: str, progress: Progress) -> None:
        self.path = path
        self.name = name_as_line(os.fsdecode(os.path.basename(path)))
        self.size = 0
        self._progress = progress
        self._digest = sha256()

    @property
    def digest(self) -> str:
        """The SHA-256 of what was read so far."""
        return self._digest.hexdigest()

    def pieces(self) -> Iterator[bytes]:
        """Its bytes. Failed if it changes meanwhile: half of one version and half of another is no file at all."""
        try:
            # Without waiting: what was a file a moment ago may be a pipe now.
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError as error:
            raise _unreadable(self.path, error) from None
        try:
            yield from self._pieces(descriptor)
        except OSError as error:
            raise _unreadable(self.path, error) from None
        finally:
            os.close(descriptor)

    def _pieces(self, descriptor: int) -> Iterator[bytes]:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode) or before.st_size > ATTACHMENT_LIMIT:
            raise self._changed()
        while piece := os.read(descriptor, CHUNK_BYTES):
            self.size += len(piece)
            if self.size > before.st_size:
                raise self._changed()
            self._digest.update(piece)
            yield piece
            self._progress(self.size, before.st_size)
        after = os.fstat(descriptor)
        if self.size != before.st_size or after.st_mtime_ns != before.st_mtime_ns:
            raise self._changed()
        self._progress(self.size, self.size)

    def _changed(self) -> Failed:
        return Failed(
            f"{one_line(self.path)} changed while it was read; nothing was stored",
            "try again when nothing writes to it, or store a copy",
        )


def _unreadable(path: str, error: OSError) -> Unavailable:
    if isinstance(error, FileNotFoundError):
        return Unavailable(f"there is no file {one_line(path)}", "check its name and folder")
    return Unavailable(f"cannot read {one_line(path)}: {error.strerror}", "check its permissions")
