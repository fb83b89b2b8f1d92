"""Writes the command reference from `--help`: `python tests/docs/make_reference.py > docs/commands.md`.

`tests/docs/test_help.py` holds the file to what this prints.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import typer

from dossier.cli.main import build
from dossier.cli.options import HELP

_WIDTH = 90

_BEGINNING = """\
# Commands

What `--help` says, all of it. Written by `python tests/docs/make_reference.py`; a test keeps it current.

Options that every command takes, before its name or after:

```
{common}
```

REF is an id (`3`, `a3` for an account, `p12` for a person), a whole name, or any part of a name, alias, mail or phone
that fits only one; case and accents make no difference. DATE is a date in people's words: `fri`, `in 3 weeks`, `31.12`,
`eom`, `2026-12-31`. TEXT|- takes a text, or `-` to read it from stdin, so that the shell's history does not keep it.
"""


class Command(NamedTuple):
    """A command or group of the program with the words that call it."""

    words: tuple[str, ...]
    command: Any
    context: typer.Context

    @property
    def is_group(self) -> bool:
        """Whether other commands are below it."""
        return hasattr(self.command, "list_commands")


def commands() -> Iterator[Command]:
    """The root and every command below it, in the order of the help."""
    yield from _walk((), build(), None)


def _walk(words: tuple[str, ...], command: Any, parent: typer.Context | None) -> Iterator[Command]:
    name = words[-1] if words else "dossier"
    context = typer.Context(
        command, info_name=name, parent=parent, terminal_width=_WIDTH, max_content_width=_WIDTH
    )
    found = Command(words, command, context)
    yield found
    if found.is_group:
        for below in command.list_commands(context):
            yield from _walk((*words, below), command.get_command(context, below), context)


def reference() -> str:
    """The whole reference as Markdown."""
    root, *rest = commands()
    common = [record for name, record in _records(root) if name in HELP]
    width = max(len(option) for option, _ in common)
    lines = [f"{option:{width}}  {text}" for option, text in common]
    parts = [_BEGINNING.format(common="\n".join(lines)), _section(root)]
    return "\n".join([*parts, *map(_section, rest)])


def _records(found: Command) -> Iterator[tuple[str, tuple[str, str]]]:
    for parameter in found.command.params:
        if (record := parameter.get_help_record(found.context)) is not None:
            yield parameter.name, record


def _section(found: Command) -> str:
    # Once at the beginning is enough for the options of every command.
    every = found.command.params
    found.command.params = [parameter for parameter in every if parameter.name not in HELP]
    text = found.command.get_help(found.context)
    found.command.params = every
    title = " ".join(("dossier", *found.words))
    return f"{'#' * (2 + (len(found.words) > 1))} {title}\n\n```\n{text}\n```\n"


if __name__ == "__main__":
    sys.stdout.write(reference())
