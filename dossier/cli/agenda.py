"""`dossier agenda`: what is due today, and why; also what `dossier` alone prints."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from dossier.cli.fields import examples
from dossier.cli.invocation import Invocation, invocation
from dossier.cli.output import Column
from dossier.domain.agenda import FAIL_ON, fails_on
from dossier.domain.vocabulary import ItemKind
from dossier.errors import OVERDUE_EXIT, Usage
from dossier.services import agenda as service

app = typer.Typer(add_completion=False, rich_markup_mode=None)

COLUMNS = (
    Column("kind", "kind", "word"),
    Column("id", "id", "word"),
    Column("due", "due", "word"),
    Column("late", "days_late", "word"),
    Column("account", "account"),
    Column("person", "person"),
    Column("title", "title"),
    Column("why", "why"),
)


@app.command(
    epilog=examples(
        "agenda",
        "agenda --days 30 --only occasion",
        "agenda --format json",
        "agenda --fail-on overdue > /dev/null || echo 'a promise is late'",
    )
)
def agenda(
    context: typer.Context,
    days: Annotated[int | None, typer.Option(min=0, max=366, help="How many days ahead to look.")] = None,
    only: Annotated[list[ItemKind] | None, typer.Option(help="Only items of this kind (repeat).")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many items, the worst.")] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(metavar="|".join(FAIL_ON), help="Exit with 10 if a promise of ours is overdue."),
    ] = None,
) -> None:
    """Print what is due today, worst first: why it is there, and what to do.

    Works locked too, without titles and occasions.
    """
    print_agenda(invocation(context), days, only, limit, fail_on)


def print_agenda(
    run: Invocation,
    days: int | None = None,
    only: list[ItemKind] | None = None,
    limit: int | None = None,
    fail_on: str | None = None,
) -> None:
    """Print the agenda in the format asked for."""
    if fail_on is not None and fail_on not in FAIL_ON:
        raise Usage(f"--fail-on does not know {fail_on!r}", f"it takes {', '.join(FAIL_ON)}")
    session = run.vault()
    items = service.items(session, days, only or ())
    shape = service.shape(session, items, limit)
    if run.out.format == "table":
        from dossier.cli.agenda_page import print_page

        print_page(run, shape, beyond=len(items) - len(shape["items"]))
    else:
        run.out.items(shape["items"], COLUMNS, empty="", whole=shape)
    if fail_on is not None and fails_on(items, fail_on):
        raise typer.Exit(OVERDUE_EXIT)


def print_agenda_or_welcome(run: Invocation) -> None:
    """What `dossier` alone prints: the agenda, or how to begin where there is no vault."""
    if os.path.lexists(run.vault_path):
        print_agenda(run)
        return
    run.out.line(
        "There is no vault yet. To look around first:\n\n"
        "  dossier demo\n\n"
        "To begin with your own:\n\n"
        "  dossier init\n"
        '  dossier account add "Your client" --tier key\n'
        '  dossier log "Your client" "first call" --promise "send the offer" --due fri\n'
    )
