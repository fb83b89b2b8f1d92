"""`dossier relative …`: family members and their birthdays (A3)."""

from __future__ import annotations

from typing import Annotated

import typer

from dossier.cli.arguments import OnlyRef, PersonRef
from dossier.cli.cells import secret
from dossier.cli.fields import FieldOption, examples, takes_fields
from dossier.cli.invocation import invocation
from dossier.cli.output import Column, Shape
from dossier.errors import Usage
from dossier.services import occasions, relatives
from dossier.store.catalog import Relative

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

COLUMNS = (
    Column("id", "id", "word"),
    Column("person", "person"),
    Column("relation", "relation"),
    Column("name", "name"),
    Column("birthday", "birthday", "word"),
    Column("account", "account"),
    Column("note", "note"),
)
SHOWN = (
    Column("id", "id", "word"),
    Column("person", "person"),
    Column("relation", secret("relation")),
    Column("name", secret("name")),
    Column("birthday", secret("birthday"), "word"),
    Column("note", "note"),
)
"""The columns for people."""

Number = Annotated[int, typer.Argument(metavar="ID", help="The relative's number.")]

_OPTIONS = (
    FieldOption("relation", "Wife, son, mother …"),
    FieldOption("birthday", "1975-04-12, 12 Apr 1975, 12.4., Apr 1975 or 1975."),
    FieldOption("note", "Anything else."),
)


@app.command(
    cls=takes_fields(Relative, _OPTIONS),
    epilog=examples(
        'relative add lan "Nguyễn Hải" --relation husband',
        'relative add lan Mai --relation daughter --birthday "29 Feb 2016"',
    ),
)
def add(
    context: typer.Context,
    ref: PersonRef,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME|-]", help="Their name; asked for if left out.")
    ] = None,
) -> None:
    """Note a member of a person's family."""
    run = invocation(context)
    session = run.unlocked()
    known = run.text(name, "the relative's name")
    relation = run.changes.pop("relation", None) or run.text(None, "the relation")
    if known is None or relation is None:
        raise Usage(
            "a relative needs a name and a relation",
            "give NAME --relation RELATION, or - to read one from stdin",
        )
    shape = relatives.add(session, ref, known, relation, run.changes)
    run.out.written(shape, COLUMNS, f"Added relative {_described(shape)}.")
    run.advise(occasions.why_unseen(session, shape["birthday"], shape["account_id"], shape["person_id"]))


@app.command("list", epilog=examples("relative list lan", "relative list --format json"))
def list_(
    context: typer.Context,
    ref: OnlyRef = None,
) -> None:
    """List family members by person."""
    run = invocation(context)
    found = relatives.listed(run.vault(), ref=ref)
    run.out.items(
        found,
        COLUMNS,
        shown=SHOWN,
        empty="No such relatives. Add one: dossier relative add PERSON NAME --relation RELATION",
    )


@app.command(epilog=examples("relative show 1"))
def show(context: typer.Context, number: Number) -> None:
    """Show a relative."""
    run = invocation(context)
    run.out.record(relatives.get(run.unlocked_if_someone_is_here(), number))


@app.command(
    cls=takes_fields(Relative, (FieldOption("name", "Their name."), *_OPTIONS)),
    epilog=examples("relative edit 1 --birthday 2016"),
)
def edit(context: typer.Context, number: Number) -> None:
    """Change a relative; an empty text clears a field."""
    run = invocation(context)
    shape = relatives.edit(run.unlocked(), number, run.changes)
    run.out.written(shape, COLUMNS, f"Changed relative {_described(shape)}.")


@app.command(epilog=examples("relative rm 1"))
def rm(context: typer.Context, number: Number) -> None:
    """Remove a relative; dossier undo brings it back."""
    run = invocation(context)
    run.out.done(relatives.rm(run.unlocked(), number))


def _described(shape: Shape) -> str:
    born = f", born {shape['birthday']}" if shape["birthday"] else ""
    return f"{shape['id']}: {shape['name']}, {shape['relation']} of {shape['person']}{born}"
