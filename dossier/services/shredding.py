"""Overwrites and removes a folder. Also a program of its own, which does so when its standard input ends.

That program watches over a folder in clear (`in_memory.py`): the other end of the pipe closes however the run that made
the folder ends, also by `kill -9`. So this module imports nothing of ours, and starts in a moment.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress

_ZEROS = bytes(1 << 20)


def shred(folder: str) -> None:
    """Overwrite every file below a folder and remove it all, links unfollowed; what is gone already is fine.

    Overwriting reaches the bytes only where a file's place is written again and no copy of it was made: in memory.
    """
    for place, folders, names in os.walk(folder, topdown=False):
        for name in names:
            path = os.path.join(place, name)
            with suppress(OSError):
                _overwrite(path)
            with suppress(OSError):
                os.unlink(path)
        for name in folders:
            with suppress(OSError):
                os.rmdir(os.path.join(place, name))
            with suppress(OSError):
                os.unlink(os.path.join(place, name))  # a link to a folder
    with suppress(OSError):
        os.rmdir(folder)


def _overwrite(path: str) -> None:
    if not stat.S_ISREG(os.lstat(path).st_mode):
        return
    os.chmod(path, 0o600)  # it was made to be read alone
    descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        left = os.fstat(descriptor).st_size
        while left > 0:
            left -= os.write(descriptor, _ZEROS[:left])
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    sys.stdin.buffer.read()
    shred(sys.argv[1])
