"""`dossier interaction …`: what was logged."""

from __future__ import annotations

from typing import Annotated

import typer

from dossier.cli.arguments import Cascade, OnlyRef, complete_people
from dossier.cli.cells import attached
from dossier.cli.fields import FieldOption, examples, takes_fields
from dossier.cli.invocation import invocation
from dossier.cli.output import Column
from dossier.services import interactions
from dossier.store.catalog import Interaction

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

COLUMNS = (
    Column("id", "id", "word"),
    Column("on", "at", "word"),
    Column("account", "account"),
    Column("channel", "channel", "word"),
    Column("direction", "direction", "more"),
    Column("with", "with"),
    Column("subject", "subject"),
)

Number = Annotated[int, typer.Argument(metavar="ID", help="The interaction's number.")]

OPTIONS = (
    FieldOption("channel", "How it took place."),
    FieldOption("direction", "Who reached out: in is the client to us."),
    FieldOption("initiative", "Who took the initiative."),
    FieldOption("outcome", "What came of it."),
    FieldOption("note", "The note."),
)
_SUBJECT = FieldOption("subject", "What it was about.")


@app.command(
    "list", epilog=examples("interaction list hanoi", "interaction list --since 'last mon' --format json")
)
def list_(
    context: typer.Context,
    ref: OnlyRef = None,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Only from this day on.")] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, max=1_000_000, help="At most so many, the newest.")
    ] = 100,
) -> None:
    """List interactions, newest first."""
    run = invocation(context)
    found = interactions.listed(run.vault(), ref=ref, since=since, limit=limit + 1)
    run.out.items(found[:limit], COLUMNS, empty="No such interactions. Log one: dossier log REF TEXT")
    if len(found) > limit:
        run.tell(f"Only the newest {limit} are shown; for more: --limit N")


@app.command(epilog=examples("interaction show 1"))
def show(context: typer.Context, number: Number) -> None:
    """Show an interaction with its note."""
    run = invocation(context)
    shape = interactions.get(run.unlocked_if_someone_is_here(), number)
    if run.out.format != "json":  # elsewhere a list of records has no place
        shape = {**shape, "attachments": [attached(one) for one in shape["attachments"]]}
    run.out.record(shape)


@app.command(
    cls=takes_fields(Interaction, (_SUBJECT, *OPTIONS)),
    epilog=examples(
        "interaction edit 1 --channel visit --on yesterday", 'interaction edit 1 --note ""   # clears it'
    ),
)
def edit(
    context: typer.Context,
    number: Number,
    on: Annotated[str | None, typer.Option(metavar="DATE", help="When it was.")] = None,
    participants: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="PERSON",
            help="Who took part, in place of before.",
            autocompletion=complete_people,
        ),
    ] = None,
) -> None:
    """Change an interaction; an empty text clears a field."""
    run = invocation(context)
    shape = interactions.edit(run.unlocked(), number, run.changes, on=on, participants=participants or None)
    run.out.written(shape, COLUMNS, f"Changed interaction {number}.")


@app.command(epilog=examples("interaction rm 1"))
def rm(context: typer.Context, number: Number, cascade: Cascade = False) -> None:
    """Remove an interaction; dossier undo brings it back."""
    run = invocation(context)
    run.out.done(interactions.rm(run.unlocked(), number, cascade=cascade))
