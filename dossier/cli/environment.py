"""What surrounds a run: streams, terminal, variables, clock. Tests replace it whole."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import date
from typing import TextIO


class Environment:
    """The streams, variables and clock of one run."""

    def __init__(
        self,
        stdin: TextIO | None = None,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.stdin = stdin or sys.stdin
        self.stdout = stdout or sys.stdout or _nowhere()
        self.stderr = stderr or sys.stderr or _nowhere()
        self.variables: Mapping[str, str] = os.environ if variables is None else variables

    def today(self) -> date:
        """The local day."""
        return date.today()  # noqa: DTZ011 - a salesperson's day is the local one

    @property
    def prints_to_person(self) -> bool:
        """Whether results go to a terminal."""
        return self.stdout.isatty()

    @property
    def width_of_notes(self) -> int | None:
        """Cells in a line of the terminal that stderr is; None where it is none, or where nobody knows."""
        try:
            return os.get_terminal_size(self.stderr.fileno()).columns or None
        except OSError:
            return None

    @property
    def can_ask(self) -> bool:
        """Whether a person is there to answer: both what we ask with and what they answer on are a terminal."""
        return self.stdin is not None and self.stdin.isatty() and self.stderr.isatty()

    def use_utf8(self) -> None:
        """Write UTF-8 whatever the locale says: names in any script are the normal case."""
        for stream in (self.stdin, self.stdout, self.stderr):
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure and stream.encoding.lower() != "utf-8":
                reconfigure(encoding="utf-8", errors="strict" if stream is self.stdin else "replace")


def _nowhere() -> TextIO:
    """For a stream that was closed before the program began (`dossier log … >&-`)."""
    return open(os.devnull, "w", encoding="utf-8")
