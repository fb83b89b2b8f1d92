"""Arguments and options that many commands share, with completion that knows the names in the vault."""

from __future__ import annotations

from typing import Annotated

import typer


def complete_accounts(incomplete: str) -> list[str]:
    """Names of accounts for the shell; from plain columns, so it works locked."""
    return _names(incomplete, ("account",))


def complete_people(incomplete: str) -> list[str]:
    """Names of people for the shell."""
    return _names(incomplete, ("person",))


def complete_both(incomplete: str) -> list[str]:
    """Names of accounts and people for the shell."""
    return _names(incomplete, ("account", "person"))


def _names(incomplete: str, tables: tuple[str, ...]) -> list[str]:
    from dossier.cli.invocation import Invocation
    from dossier.domain.faults import Fault
    from dossier.domain.text import fold, one_line
    from dossier.store.database import Database

    try:
        with Database(Invocation().vault_path) as database:
            found = []
            for table in tables:
                sql = f"SELECT name FROM {table} WHERE instr(folded, ?) > 0 ORDER BY folded LIMIT 50"
                found += [one_line(name) for (name,) in database.rows(sql, (fold(incomplete),))]
    except Fault:
        # The shell's completion line is no place for a message; the command itself will give it.
        return []
    return found


AccountRef = Annotated[
    str, typer.Argument(metavar="ACCOUNT", help="Id, name or part of it.", autocompletion=complete_accounts)
]
PersonRef = Annotated[
    str, typer.Argument(metavar="PERSON", help="Id, name or part of it.", autocompletion=complete_people)
]
AnyRef = Annotated[
    str,
    typer.Argument(
        metavar="REF", help="An account or a person: id, name or part of it.", autocompletion=complete_both
    ),
]
Cascade = Annotated[bool, typer.Option("--cascade", help="Also remove all that belongs to it.")]
