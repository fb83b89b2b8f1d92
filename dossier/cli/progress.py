"""A count on stderr for a person who waits."""

from __future__ import annotations

import time
from collections.abc import Callable

from dossier.cli.environment import Environment

_QUICK = 1.0
"""Seconds before anything shows: what is done by then needs no count."""

_PAUSE = 0.1


class Progress:
    """Call it with what is done and what there is; it shows both on a terminal, and leaves no trace in the end."""

    def __init__(self, environment: Environment, doing: str) -> None:
        self._stream = environment.stderr
        self._doing = doing
        self._next = time.monotonic() + _QUICK
        self._width = 0

    def __call__(self, done: int, total: int) -> None:
        """Show how far it is."""
        if done >= total:
            self._show("")
        elif time.monotonic() >= self._next and self._stream.isatty():
            self._next = time.monotonic() + _PAUSE
            self._show(f"{self._doing}: {done:,} of {total:,}")

    def _show(self, line: str) -> None:
        if line or self._width:
            blank = " " * (self._width - len(line))
            self._stream.write(f"\r{line}{blank}" + ("" if line else "\r"))
            self._stream.flush()
            self._width = len(line)


_MEGABYTE = 1_000_000


def in_megabytes(environment: Environment, doing: str) -> Callable[[], Callable[[int, int], None]]:
    """Makes, for each of several files, what is called with bytes done and bytes there are, and shows megabytes."""

    def of_one_file() -> Callable[[int, int], None]:
        progress = Progress(environment, f"{doing}, MB")
        return lambda done, total: progress(done // _MEGABYTE, total // _MEGABYTE)

    return of_one_file
