"""Private folders in memory, for what must stand in clear for a while and be gone whatever happens.

A small process of its own (`shredding.py`) removes such a folder however the run ends that made it; what even that
could not do, because it was killed as well, the next run does (`sweep`).
"""

from __future__ import annotations

import fcntl
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from dossier.errors import Failed, Unavailable
from dossier.services.shredding import shred

if TYPE_CHECKING:
    from subprocess import Popen

PREFIX = "dossier-open-"
"""What the folders of ours are called by; the rest is random."""

MOUNTS = "/proc/self/mounts"
_SHARED_MEMORY = "/dev/shm"  # noqa: S108 - a 0700 folder is made in it, under a name that nobody can guess
_IN_MEMORY = ("tmpfs", "ramfs")


def sweep() -> None:
    """Remove what runs left behind that were killed together with their watcher; those that go on are left alone."""
    for root in roots():
        with suppress(OSError):
            for name in os.listdir(root):
                if name.startswith(PREFIX):
                    _sweep_one(os.path.join(root, name))


def _sweep_one(folder: str) -> None:
    with suppress(OSError):
        found = os.lstat(folder)
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            return
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # whoever shows it holds the lock
            shred(folder)
        finally:
            os.close(descriptor)


@contextmanager
def private_folder(root: str) -> Iterator[str]:
    """A new folder (0700) that is gone afterwards, whatever happens to this process."""
    folder, descriptor = _new_folder(root)
    watcher = None
    try:
        watcher = _watch(folder)
        yield folder
    finally:
        shred(folder)
        os.close(descriptor)
        if watcher is not None:
            assert watcher.stdin is not None
            watcher.stdin.close()
            watcher.wait()


def _new_folder(root: str) -> tuple[str, int]:
    """The folder and a descriptor that holds its lock."""
    while True:
        folder = os.path.join(root, PREFIX + os.urandom(8).hex())
        try:
            os.mkdir(folder, 0o700)
            try:
                descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            except FileNotFoundError:
                continue  # another run, which sweeps, was quicker than our opening
        except OSError as error:
            raise Unavailable(
                f"cannot make a folder in {root}: {error.strerror}", "check its permissions"
            ) from None
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.path.isdir(folder):
            return folder, descriptor
        os.close(descriptor)  # another run, which sweeps, was quicker than our lock


def _watch(folder: str) -> Popen[bytes]:
    import subprocess

    from dossier.services import shredding

    command = [sys.executable, "-I", "-S", shredding.__file__, folder]
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C and the end of the terminal are not for it
        )
    except OSError as error:
        raise Failed(f"cannot start the process that cleans up: {error.strerror}") from None


def roots() -> list[str]:
    """Folders in memory in which we may make one of our own, the most private first.

    macOS has none: there it is the folder for temporary files that the system keeps for each user.
    """
    if sys.platform == "darwin":
        import tempfile

        return [tempfile.gettempdir()]
    mounts = _mounts()
    candidates = (os.environ.get("XDG_RUNTIME_DIR", ""), _SHARED_MEMORY)
    return [
        path for path in candidates if os.path.isabs(path) and _is_in_memory(path, mounts) and _is_safe(path)
    ]


def _is_safe(path: str) -> bool:
    """Whether nobody else can take away or replace what we make in this folder."""
    try:
        found = os.stat(path)
    except OSError:
        return False
    others_write = found.st_mode & 0o022
    return found.st_uid in (0, os.getuid()) and (not others_write or bool(found.st_mode & stat.S_ISVTX))


def _is_in_memory(path: str, mounts: list[tuple[str, str]]) -> bool:
    """Whether the file system that holds this path keeps its files in memory alone."""
    real = os.path.realpath(path)
    above = [mount for mount in mounts if os.path.commonpath((mount[0], real)) == mount[0]]
    # Of several over one another, the one mounted last is seen.
    return bool(above) and max(enumerate(above), key=lambda one: (len(one[1][0]), one[0]))[1][1] in _IN_MEMORY


def _mounts() -> list[tuple[str, str]]:
    """Where file systems are mounted, and of what type they are."""
    try:
        with open(MOUNTS, encoding="utf-8", errors="surrogateescape") as file:
            lines = [line.split(" ") for line in file]
    except OSError:
        return []
    return [
        (_unescaped(words[1]), words[2]) for words in lines if len(words) > 2 and words[1].startswith("/")
    ]


def _unescaped(path: str) -> str:
    r"""A path from that list, in which spaces are `\040`."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), path)
