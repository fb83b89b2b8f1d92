"""`dossier occasion …`: dates to remember (A3, B5)."""

from __future__ import annotations

from typing import Annotated

import typer

from dossier.cli.arguments import AnyRef, OnlyRef
from dossier.cli.cells import secret
from dossier.cli.fields import FieldOption, examples, takes_fields
from dossier.cli.invocation import invocation
from dossier.cli.output import Column, Shape
from dossier.domain.text import count_of
from dossier.domain.vocabulary import OccasionKind
from dossier.services import occasions
from dossier.store.catalog import Occasion

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

COLUMNS = (
    Column("id", "id", "word"),
    Column("next", "next_on", "word"),
    Column("account", "account"),
    Column("person", "person"),
    Column("kind", "kind", "word"),
    Column("date", "date", "word"),
    Column("title", "title"),
    Column("lead", "lead_days", "word"),
    Column("note", "note"),
)
SHOWN = (
    Column("id", "id", "word"),
    Column("next", secret("next_on"), "word"),
    Column("of", lambda shape: shape["person"] or shape["account"]),
    Column("kind", secret("kind"), "word"),
    Column("date", secret("date"), "word"),
    Column("title", "title"),
)
"""The columns for people."""

Number = Annotated[int, typer.Argument(metavar="ID", help="The occasion's number.")]

_TITLE = FieldOption("title", "What it is called.")
_LEAD = FieldOption("lead_days", "How many days ahead it appears.", "lead")
_NOTE = FieldOption("note", "Anything else.")


@app.command(
    cls=takes_fields(Occasion, (_LEAD, _TITLE, _NOTE)),
    epilog=examples(
        'occasion add hanoi founding "3 May 1998" --lead 30',
        'occasion add lan nameday 24.6. --title "Midsummer"',
    ),
)
def add(
    context: typer.Context,
    ref: AnyRef,
    kind: Annotated[
        OccasionKind,
        typer.Argument(help="A birthday is no occasion: dossier person edit REF --birthday DATE."),
    ],
    day: Annotated[
        str | None,
        typer.Argument(metavar="[DATE|-]", help="1998-05-03, 3 May, 24.12., fri; asked for if left out."),
    ] = None,
) -> None:
    """Note a date to remember of a person or an account."""
    run = invocation(context)
    session = run.unlocked()
    when = run.needed(day, "the date", "a DATE such as 1998-05-03, 3 May, 24.12. or fri")
    shape = occasions.add(session, ref, kind, when, run.changes)
    run.out.written(shape, COLUMNS, f"Added occasion {_described(shape)}.")
    run.advise(occasions.why_unseen(session, shape["date"], shape["account_id"], shape["person_id"]))


@app.command("list", epilog=examples("occasion list", "occasion list hanoi --kind founding --format json"))
def list_(
    context: typer.Context,
    ref: OnlyRef = None,
    kind: Annotated[OccasionKind | None, typer.Option(help="Only of this kind.")] = None,
) -> None:
    """List dates to remember, the next one first."""
    run = invocation(context)
    found = occasions.listed(run.vault(), ref=ref, kind=kind)
    run.out.items(
        found, COLUMNS, shown=SHOWN, empty="No such occasions. Add one: dossier occasion add REF KIND DATE"
    )


@app.command(epilog=examples("occasion show 1"))
def show(context: typer.Context, number: Number) -> None:
    """Show an occasion."""
    run = invocation(context)
    run.out.record(occasions.get(run.unlocked_if_someone_is_here(), number))


@app.command(
    cls=takes_fields(
        Occasion,
        (FieldOption("kind", "What it is."), FieldOption("date", "When it is."), _LEAD, _TITLE, _NOTE),
    ),
    epilog=examples("occasion edit 1 --date 4.5.1998 --lead 14"),
)
def edit(context: typer.Context, number: Number) -> None:
    """Change an occasion; an empty text clears a field."""
    run = invocation(context)
    shape = occasions.edit(run.unlocked(), number, run.changes)
    run.out.written(shape, COLUMNS, f"Changed occasion {_described(shape)}.")


@app.command(epilog=examples("occasion rm 1"))
def rm(context: typer.Context, number: Number) -> None:
    """Remove an occasion; dossier undo brings it back."""
    run = invocation(context)
    run.out.done(occasions.rm(run.unlocked(), number))


def _described(shape: Shape) -> str:
    """What was written, and when it will come up."""
    what, whose = shape["title"] or shape["kind"], shape["person"] or shape["account"]
    said = f"{shape['id']}: {what} of {whose} on {shape['date']}"
    if shape["next_on"] is None:
        return f"{said}; without month and day it appears on no agenda"
    return f"{said}; next on {shape['next_on']}, announced {count_of(shape['lead_days'], 'day')} ahead"
