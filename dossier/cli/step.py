"""`dossier step …`: next steps (B1)."""

from __future__ import annotations

from typing import Annotated

import typer

from dossier.cli.arguments import AnyRef, Cascade, OnDay, OnlyRef, complete_people, state_asked
from dossier.cli.cells import late_alone
from dossier.cli.fields import FieldOption, examples, takes_fields
from dossier.cli.invocation import invocation
from dossier.cli.output import Column, Shape
from dossier.domain.vocabulary import StepState
from dossier.services import steps
from dossier.store.catalog import Step

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

COLUMNS = (
    Column("id", "id", "word"),
    Column("due", "due_on", "word"),
    Column("late", "days_late", "word"),
    Column("account", "account"),
    Column("person", "person"),
    Column("title", "title"),
    Column("state", "state", "word"),
)

Number = Annotated[int, typer.Argument(metavar="ID", help="The step's number.")]


@app.command(epilog=examples('step add hanoi "ask for the contract" --on "in 2 weeks"'))
def add(
    context: typer.Context,
    ref: AnyRef,
    title: Annotated[
        str | None, typer.Argument(metavar="[TITLE|-]", help="What to do; asked for if left out.")
    ] = None,
    on: Annotated[str, typer.Option(metavar="DATE", help="When: tomorrow, fri, in 2 weeks.")] = "tomorrow",
) -> None:
    """Note a next step with an account or a person."""
    run = invocation(context)
    session = run.unlocked()
    shape = steps.add(session, ref, run.needed(title, "the next step", "its TITLE"), on=on)
    run.out.written(shape, COLUMNS, f"Next step {shape['id']} is on {shape['due_on']}.")


@app.command("list", epilog=examples("step list", "step list hanoi --state all"))
def list_(
    context: typer.Context,
    ref: OnlyRef = None,
    state: Annotated[
        str, typer.Option(metavar="open|done|dropped|all", help="Only in this state.")
    ] = StepState.OPEN,
) -> None:
    """List next steps by date: the open ones unless told otherwise."""
    wanted = state_asked(state, StepState)
    run = invocation(context)
    found = steps.listed(run.vault(), ref=ref, state=wanted)
    run.out.items(
        found,
        COLUMNS,
        shown=late_alone(COLUMNS),
        empty="No such steps. Note one: dossier step add REF TITLE --on DATE",
    )


@app.command(epilog=examples("step show 1"))
def show(context: typer.Context, number: Number) -> None:
    """Show a next step."""
    run = invocation(context)
    run.out.record(steps.get(run.unlocked_if_someone_is_here(), number))


@app.command(epilog=examples("step done 1", "step done 1 --on yesterday"))
def done(
    context: typer.Context,
    number: Number,
    on: OnDay = None,
) -> None:
    """Mark a next step as done."""
    run = invocation(context)
    shape = steps.done(run.unlocked(), number, on=on)
    run.out.written(shape, COLUMNS, f"Step {number} is done: {shape['title']}")


@app.command(epilog=examples("step snooze 1", "step snooze 1 --to 'next mon'"))
def snooze(
    context: typer.Context,
    number: Number,
    to: Annotated[
        str | None, typer.Option(metavar="DATE", help="Until when; the next day unless told.")
    ] = None,
) -> None:
    """Put a next step off."""
    run = invocation(context)
    shape = steps.snooze(run.unlocked(), number, to=to)
    run.out.written(shape, COLUMNS, f"Step {number} is put off to {shape['due_on']}: {shape['title']}")


@app.command(epilog=examples("step drop 1"))
def drop(context: typer.Context, number: Number) -> None:
    """Mark a next step as no longer wanted."""
    run = invocation(context)
    shape = steps.drop(run.unlocked(), number)
    run.out.written(shape, COLUMNS, f"Step {number} is dropped: {shape['title']}")


@app.command(
    cls=takes_fields(Step, (FieldOption("title", "What to do."),)),
    epilog=examples("step edit 1 --on fri --title 'call Lan'"),
)
def edit(
    context: typer.Context,
    number: Number,
    on: Annotated[str | None, typer.Option(metavar="DATE", help="When.")] = None,
    person: Annotated[
        str | None, typer.Option(metavar="PERSON", help="With whom.", autocompletion=complete_people)
    ] = None,
) -> None:
    """Change a next step."""
    run = invocation(context)
    shape = steps.edit(run.unlocked(), number, run.changes, on=on, person=person)
    run.out.written(shape, COLUMNS, f"Changed step {number}: {shape['title']}")


@app.command(epilog=examples("step rm 1"))
def rm(context: typer.Context, number: Number, cascade: Cascade = False) -> None:
    """Remove a next step; dossier undo brings it back."""
    run = invocation(context)
    run.out.done(steps.rm(run.unlocked(), number, cascade=cascade))


def done_with_this(shape: Shape) -> str:
    """How a step is told of that an interaction closed."""
    return f"Step {shape['id']} is done with this: {shape['title']}"
