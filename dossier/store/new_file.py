"""A file in clear that somebody asked for: private, whole under its name or not there, never over another one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from dossier.store.create import unfinished


@contextmanager
def appearing(path: str) -> Iterator[int]:
    """A new private file, to be filled inside, that appears at `path` once that is done.

    It never replaces another, follows no link that stands there (FileExistsError), and does not appear where the block
    raises.
    """
    descriptor = _open_without_name(os.path.dirname(path) or ".")
    if descriptor is not None:
        try:
            yield descriptor
            _give_name(descriptor, path)
        finally:
            os.close(descriptor)
        return
    with unfinished(path) as file:
        descriptor = os.open(file, os.O_WRONLY | os.O_NOFOLLOW)
        try:
            yield descriptor
        finally:
            os.close(descriptor)
        os.link(file, path)


_OPEN_FILES = "/proc/self/fd"


def _open_without_name(folder: str) -> int | None:
    """A new private file on the disk of `folder` that is gone if we are, however we end; None where there is none such.

    Whatever kills a run in the middle leaves nothing of an export to read.
    """
    if not hasattr(os, "O_TMPFILE") or not os.path.isdir(_OPEN_FILES):
        return None
    try:
        return os.open(folder, os.O_TMPFILE | os.O_WRONLY, 0o600)
    except OSError:
        return (
            None  # not every file system can; if it is the folder that is wrong, a file with a name says so
        )


def _give_name(descriptor: int, path: str) -> None:
    # `link` would link the entry of /proc itself; with the descriptor of a folder, any, Python calls `linkat`.
    folder = os.open(_OPEN_FILES, os.O_RDONLY)
    try:
        os.link(str(descriptor), path, src_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)
