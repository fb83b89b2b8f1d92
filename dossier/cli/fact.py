"""`dossier fact …`: what is known about a person or an account, by whom it was said, and when (A3, A10)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from dossier.cli.arguments import AnyRef, OnlyRef
from dossier.cli.cells import age, secret
from dossier.cli.fields import FieldOption, examples, takes_fields
from dossier.cli.invocation import invocation
from dossier.cli.output import Column, Shape
from dossier.domain.text import joined
from dossier.domain.vocabulary import FactKind
from dossier.services import facts
from dossier.store.catalog import Fact

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

COLUMNS = (
    Column("id", "id", "word"),
    Column("account", "account"),
    Column("person", "person"),
    Column("kind", "kind", "word"),
    Column("text", "text"),
    Column("source", "source"),
    Column("confirmed", "confirmed_on", "word"),
    Column("learned", "learned_on", "word"),
)

Number = Annotated[int, typer.Argument(metavar="ID", help="The fact's number.")]

_KIND = FieldOption("kind", "What it is about.")
_SOURCE = FieldOption("source", "Who said it, or where it stood.")


def shown(today: date) -> tuple[Column, ...]:
    """The columns for people, who get the age of a fact in words."""

    def source(shape: Shape) -> str:
        return joined(shape["source"], shape["text"] and f"confirmed {age(shape, today)}", by=", ")

    return (
        Column("id", "id", "word"),
        Column("about", lambda shape: shape["person"] or shape["account"]),
        Column("kind", secret("kind"), "word"),
        Column("text", secret("text")),
        Column("source", source),
    )


@app.command(
    cls=takes_fields(Fact, (_KIND, _SOURCE)),
    epilog=examples(
        'fact add lan "plays tennis on Saturdays" --kind interest --source "her assistant"',
        "fact add hanoi - --kind business --on yesterday < note.txt",
    ),
)
def add(
    context: typer.Context,
    ref: AnyRef,
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT|-]", help="What is known; asked for if left out.")
    ] = None,
    on: Annotated[
        str | None, typer.Option(metavar="DATE", help="When we learned it; today unless told.")
    ] = None,
) -> None:
    """Note one thing known about a person or an account."""
    run = invocation(context)
    session = run.unlocked()
    known = run.needed(text, "the fact", "its TEXT")
    shape = facts.add(session, ref, known, run.changes, on=on)
    run.out.written(shape, COLUMNS, f"Noted fact {_described(shape)}, learned on {shape['learned_on']}.")


@app.command(
    "list", epilog=examples("fact list lan", "fact list hanoi --kind interest", "fact list --format json")
)
def list_(
    context: typer.Context,
    ref: OnlyRef = None,
    kind: Annotated[FactKind | None, typer.Option(help="Only of this kind.")] = None,
) -> None:
    """List facts by account and person, with who said it and when it was last confirmed."""
    run = invocation(context)
    found = facts.listed(run.vault(), ref=ref, kind=kind)
    run.out.items(
        found,
        COLUMNS,
        shown=shown(run.today),
        empty="No such facts. Note one: dossier fact add REF TEXT --kind KIND",
    )


@app.command(epilog=examples("fact show 1"))
def show(context: typer.Context, number: Number) -> None:
    """Show a fact."""
    run = invocation(context)
    run.out.record(facts.get(run.unlocked_if_someone_is_here(), number))


@app.command(
    cls=takes_fields(
        Fact,
        (
            FieldOption("text", "What is known."),
            _KIND,
            _SOURCE,
            FieldOption("learned_on", "When we learned it."),
            FieldOption("confirmed_on", "When it was last confirmed."),
        ),
    ),
    epilog=examples('fact edit 1 --text "plays tennis on Sundays" --confirmed-on yesterday'),
)
def edit(context: typer.Context, number: Number) -> None:
    """Set a fact right; an empty text clears a field."""
    run = invocation(context)
    shape = facts.edit(run.unlocked(), number, run.changes)
    run.out.written(
        shape, COLUMNS, f"Changed fact {_described(shape)}, confirmed on {shape['confirmed_on']}."
    )


@app.command(epilog=examples("fact confirm 1", "fact confirm 1 --on 'last fri'"))
def confirm(
    context: typer.Context,
    number: Number,
    on: Annotated[
        str | None, typer.Option(metavar="DATE", help="When we heard it again; today unless told.")
    ] = None,
) -> None:
    """Note that a fact still holds."""
    run = invocation(context)
    shape = facts.confirm(run.unlocked(), number, on=on)
    run.out.written(shape, COLUMNS, f"Fact {_described(shape)} holds as of {shape['confirmed_on']}.")


@app.command(epilog=examples("fact rm 1"))
def rm(context: typer.Context, number: Number) -> None:
    """Remove a fact; dossier undo brings it back."""
    run = invocation(context)
    run.out.done(facts.rm(run.unlocked(), number))


def _described(shape: Shape) -> str:
    return f"{shape['id']} about {shape['person'] or shape['account']}"
