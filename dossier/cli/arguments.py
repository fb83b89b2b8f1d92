"""Arguments and options that many commands share, with completion that knows the names in the vault."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Annotated
from unicodedata import category

import typer

from dossier.domain.text import one_line
from dossier.errors import Usage

_MOST_COMPLETIONS = 50

Offer = str | tuple[str, str]
"""What the shell may insert, alone or with what it says beside it."""


def complete_accounts(incomplete: str) -> list[Offer]:
    """Accounts for the shell, by name or id; from plain columns, so it works locked."""
    return _offers(incomplete, ("account",))


def complete_people(incomplete: str) -> list[Offer]:
    """People for the shell, by name or id."""
    return _offers(incomplete, ("person",))


def complete_both(incomplete: str) -> list[Offer]:
    """Accounts and people for the shell, by name or id."""
    return _offers(incomplete, ("account", "person"))


def state_asked(word: str, states: type[StrEnum]) -> str | None:
    """The state that a list is asked for, None for `all`; Usage for a word that is neither."""
    if word == "all":
        return None
    if word not in set(states):
        raise Usage(f"there is no state {one_line(word)!r}", f"--state takes {', '.join(states)} or all")
    return word


def _offers(incomplete: str, tables: tuple[str, ...]) -> list[Offer]:
    from dossier.cli.invocation import Invocation
    from dossier.domain.faults import Fault
    from dossier.store import names_view, views
    from dossier.store.database import Database

    try:
        with Database(Invocation().vault_path) as database:
            found: list[Offer] = []
            for table in tables:
                ids = [one.id for one in names_view.best(database, (table,), incomplete, _MOST_COMPLETIONS)]
                names = views.names(database, table, set(ids))
                found += [_offer(table, number, one_line(names[number])) for number in ids]
    except Fault:
        # The shell's completion line is no place for a message; the command itself will give it.
        return []
    return found


def _offer(table: str, number: int, name: str) -> Offer:
    """A name that no shell acts on, or `a3` or `p7` in its place.

    Names come from other people's cards and tables. Zsh evaluates what it is offered; bash inserts it as it is, where
    only a space can be escaped, and expands patterns in it even before that.
    """
    if not name[:1].isalnum() or not all(map(_is_inert, name)):
        return f"{table[0]}{number}", "".join(sign if _is_inert(sign) else "_" for sign in name)
    return name.replace(" ", r"\ ") if _bash_word_is_bare() else name


def _bash_word_is_bare() -> bool:
    """Whether bash inserts the offer outside of quotes, where each space has to be escaped."""
    if os.environ.get("_DOSSIER_COMPLETE") != "complete_bash":
        return False
    words = os.environ.get("COMP_WORDS", "").split("\n")
    return not words[-1].startswith(("'", '"'))


def _is_inert(sign: str) -> bool:
    """Whether a sign is plain text to every shell, and to what draws Typer's help: letters, digits, a few others."""
    return category(sign)[0] in "LMN" or sign in " _.,+-"


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
