"""`dossier agenda`: what is due today, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from dossier.cli.agenda_output import print_agenda
from dossier.cli.fields import examples
from dossier.cli.invocation import invocation
from dossier.domain.agenda import FAIL_ON
from dossier.domain.vocabulary import ItemKind

app = typer.Typer(add_completion=False, rich_markup_mode=None)


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
    days: Annotated[
        int | None, typer.Option(metavar="N", min=0, max=366, help="How many days ahead to look.")
    ] = None,
    only: Annotated[
        list[ItemKind] | None,
        typer.Option(metavar="KIND", help=f"Only items of this kind (repeat): {', '.join(ItemKind)}."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=1_000_000, help="At most so many items, the worst.")
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(metavar="|".join(FAIL_ON), help="Exit with 10 if a promise of ours is overdue."),
    ] = None,
) -> int:
    """Print what is due today, worst first: why it is there, and what to do.

    Works locked too, without titles and occasions.
    """
    return print_agenda(invocation(context), days, only or (), limit, fail_on)
