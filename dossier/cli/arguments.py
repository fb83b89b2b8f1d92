"""Arguments and options that many commands share, with completion that knows the names in the vault."""

from __future__ import annotations

from typing import Annotated

import typer

_MOST_COMPLETIONS = 50


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
    from dossier.store import views
    from dossier.store.database import Database

    try:
        with Database(Invocation().vault_path) as database:
            found: list[str] = []
            for table in tables:
                ids = views.ids_by_name(database, table, fold(incomplete))[:_MOST_COMPLETIONS]
                found += map(one_line, views.names(database, table, set(ids)).values())
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
OnlyRef = Annotated[
    str | None,
    typer.Argument(metavar="[REF]", help="Only of this account or person.", autocompletion=complete_both),
]
OnDay = Annotated[str | None, typer.Option(metavar="DATE", help="When; today unless told.")]
Cascade = Annotated[bool, typer.Option("--cascade", help="Also remove all that belongs to it.")]
