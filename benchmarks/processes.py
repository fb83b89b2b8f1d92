"""Runs one whole process and takes its time and memory, with its output going to a pipe or to a terminal."""

from __future__ import annotations

import errno
import fcntl
import os
import pty
import re
import struct
import sys
import termios
import time
from collections.abc import Mapping
from typing import NamedTuple

_COLUMNS, _LINES = 100, 40
# ru_maxrss counts kibibytes, on macOS bytes.
_TO_MIB = 1 << 20 if sys.platform == "darwin" else 1 << 10


class Run(NamedTuple):
    """One finished process: wall time, peak memory as the system counted it, exit code, and what it printed."""

    seconds: float
    mebibytes: float
    code: int
    output: bytes


def run(command: list[str], environment: Mapping[str, str], *, on_terminal: bool = False) -> Run:
    """Run a command to its end; on a terminal its input and both outputs are that, else they are nothing and a pipe.

    The peak of a child is at least that of the process that started it, which is why nothing here imports much.
    """
    ours, theirs = _terminal() if on_terminal else os.pipe()
    began = time.perf_counter()
    process = _start(command, environment, ours, theirs, on_terminal=on_terminal)
    output = _all_of(ours)
    _, status, used = os.wait4(process, 0)
    seconds = time.perf_counter() - began
    return Run(seconds, used.ru_maxrss / _TO_MIB, os.waitstatus_to_exitcode(status), output)


def run_until(command: list[str], environment: Mapping[str, str], shows: str, key: bytes) -> Run:
    """Run a full-screen program on a terminal; `seconds` end when a match of `shows` is written, then a key ends it."""
    ours, theirs = _terminal()
    began = time.perf_counter()
    process = _start(command, environment, ours, theirs, on_terminal=True)
    output = b""
    while part := _some_of(ours):
        output += part
        if re.search(shows.encode(), output):
            break
    seconds = time.perf_counter() - began
    if part:
        os.write(ours, key)
    output += _all_of(ours)
    _, status, used = os.wait4(process, 0)
    return Run(seconds, used.ru_maxrss / _TO_MIB, os.waitstatus_to_exitcode(status), output)


def _start(
    command: list[str], environment: Mapping[str, str], ours: int, theirs: int, *, on_terminal: bool
) -> int:
    """The id of the new process, which alone has the other end now."""
    to = [(os.POSIX_SPAWN_DUP2, theirs, descriptor) for descriptor in (1, 2)]
    first = (
        (os.POSIX_SPAWN_DUP2, theirs, 0)
        if on_terminal
        else (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
    )
    closing = [(os.POSIX_SPAWN_CLOSE, descriptor) for descriptor in (ours, theirs)]
    process = os.posix_spawn(command[0], command, environment, file_actions=[first, *to, *closing])
    os.close(theirs)
    return process


def _terminal() -> tuple[int, int]:
    """Our end and the program's end of a terminal of 100 by 40."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _LINES, _COLUMNS, 0, 0))
    return ours, theirs


def _all_of(descriptor: int) -> bytes:
    parts = []
    try:
        while part := _some_of(descriptor):
            parts.append(part)
    finally:
        os.close(descriptor)
    return b"".join(parts)


def _some_of(descriptor: int) -> bytes:
    """What can be read next; nothing at the end."""
    try:
        return os.read(descriptor, 1 << 16)
    except OSError as error:
        if error.errno != errno.EIO:  # so Linux says that a terminal's other end is closed
            raise
        return b""
