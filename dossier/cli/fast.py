"""The agenda without Typer, whose import alone takes longer than the agenda (docs/performance.md).

It takes only what it understands to the last word. Everything else is left to Typer, every mistake and every `--help`
included, so that both answer the same; a test holds them together.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from dossier.cli.diagnostics import guarded
from dossier.cli.invocation import Invocation
from dossier.cli.options import FLAGS, HELP, spelled
from dossier.config import whole_number
from dossier.domain.vocabulary import ItemKind

_COMPLETING = "_DOSSIER_COMPLETE"
"""Set by the shell's completion, which wants words and no agenda."""


class Line(NamedTuple):
    """An understood command line: the common options, and the agenda's own, or None for `dossier` alone."""

    flags: dict[str, Any]
    own: dict[str, Any] | None


def run(arguments: Sequence[str]) -> int | None:
    """Print the agenda if that is what the arguments ask for; the exit code, or None where Typer has to look."""
    line = None if _COMPLETING in os.environ else understood(arguments)
    return None if line is None else print_for(line, Invocation())


def print_for(line: Line, invocation: Invocation) -> int:
    """Print what an understood command line asks for; the exit code."""
    # Imported here, for other commands come by on their way to Typer.
    from dossier.cli.agenda_output import print_agenda, print_agenda_or_welcome

    invocation.flags.update(line.flags)
    if line.own is None:
        return guarded(lambda: print_agenda_or_welcome(invocation), invocation)
    own = line.own
    return guarded(lambda: print_agenda(invocation, **own), invocation)


def understood(arguments: Sequence[str]) -> Line | None:
    """The command line, if every word of it is sure."""
    flags: dict[str, Any] = {}
    own: dict[str, Any] | None = None
    words = iter(arguments)
    for word in words:
        option, joined, value = word.partition("=")
        if word == "agenda" and own is None:
            own = {}
        elif word in _FLAGS:
            flags[_FLAGS[word]] = True
        else:
            value = value if joined else next(words, "-")
            if value.startswith("-"):
                return None
            try:
                if option in _COMMON:
                    name, read = _COMMON[option]
                    flags[name] = read(value)
                elif own is not None and option in _OWN:
                    name, read = _OWN[option]
                    found = read(value)
                    own[name] = [*own.get(name, ()), found] if name == "only" else found
                else:
                    return None
            except ValueError:
                return None
    return Line(flags, own)


_FLAGS = {spelled(name): name for name in FLAGS}
_COMMON: dict[str, tuple[str, Callable[[str], Any]]] = {
    spelled(name): (name, whole_number(0, 1 << 20) if name == "passphrase_fd" else str)
    for name in HELP
    if name not in FLAGS
}
_OWN: dict[str, tuple[str, Callable[[str], Any]]] = {
    "--days": ("days", whole_number(0, 366)),
    "--limit": ("limit", whole_number(1, 1_000_000)),
    "--only": ("only", ItemKind),
    "--fail-on": ("fail_on", str),
}
