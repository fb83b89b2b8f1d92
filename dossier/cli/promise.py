"""`dossier promise …`: promises, ours and theirs (B2)."""

from __future__ import annotations

from typing import Annotated

import typer

from dossier.cli.arguments import AnyRef, Cascade, OnDay, OnlyRef, complete_people, state_asked
from dossier.cli.cells import late_alone
from dossier.cli.fields import FieldOption, examples, takes_fields
from dossier.cli.invocation import Invocation, invocation
from dossier.cli.output import Column, Shape, as_text
from dossier.cli.step import done_with_this
from dossier.domain.text import count_of
from dossier.domain.vocabulary import By, Channel, PromiseState
from dossier.services import promises
from dossier.store.catalog import Promise

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

COLUMNS = (
    Column("id", "id", "word"),
    Column("due", "due_on", "word"),
    Column("late", "days_late", "word"),
    Column("by", "by", "word"),
    Column("account", "account"),
    Column("person", "person"),
    Column("title", "title"),
    Column("state", "state", "word"),
    Column("told", "notified", "word"),
    Column("made", "made_on", "more"),
    Column("moves", lambda shape: len(shape["moves"]), "more"),
)

Number = Annotated[int, typer.Argument(metavar="ID", help="The promise's number.")]
Told = Annotated[
    str | None, typer.Option(metavar="PERSON", help="Whom we told of it.", autocompletion=complete_people)
]
By_ = Annotated[By, typer.Option(help="Whose word it is.")]
Person = Annotated[
    str | None,
    typer.Option(metavar="PERSON", help="To whom, or by whom.", autocompletion=complete_people),
]
ChannelOption = Annotated[Channel | None, typer.Option(help="How we told them.")]

_DETAIL = FieldOption("detail", "More about it.")


@app.command(
    cls=takes_fields(Promise, (_DETAIL,)),
    epilog=examples(
        'promise add hanoi "send the quote" --due fri --person lan',
        'promise add 1 "sign the contract" --due eom --by them',
    ),
)
def add(
    context: typer.Context,
    ref: AnyRef,
    title: Annotated[
        str | None, typer.Argument(metavar="[TITLE|-]", help="What was promised; asked for if left out.")
    ] = None,
    *,
    due: Annotated[str, typer.Option(metavar="DATE", help="By when: fri, in 3 weeks, 31.12, eom.")],
    by: By_ = By.US,
    person: Person = None,
    made: Annotated[
        str | None, typer.Option(metavar="DATE", help="When it was made; today unless told.")
    ] = None,
) -> None:
    """Record a promise to an account or a person, or one of theirs to us."""
    run = invocation(context)
    session = run.unlocked()
    shape = promises.add(
        session,
        ref,
        run.needed(title, "the promise", "its TITLE"),
        due=due,
        by=by,
        person=person,
        made=made,
        changes=run.changes,
    )
    _written(run, shape, f"Promise {shape['id']} is due on {shape['due_on']}.")


@app.command(
    "list",
    epilog=examples(
        "promise list --late", "promise list hanoi --state all", "promise list --by them --format json"
    ),
)
def list_(
    context: typer.Context,
    ref: OnlyRef = None,
    state: Annotated[
        str, typer.Option(metavar="open|kept|withdrawn|all", help="Only in this state.")
    ] = PromiseState.OPEN,
    by: Annotated[By | None, typer.Option(help="Only ours, or only theirs.")] = None,
    late: Annotated[bool, typer.Option("--late", help="Only what is past its date.")] = False,
) -> None:
    """List promises by due date: the open ones unless told otherwise."""
    wanted = state_asked(state, PromiseState)
    run = invocation(context)
    found = promises.listed(run.vault(), ref=ref, state=wanted, by=by, late=late)
    run.out.items(
        found,
        COLUMNS,
        shown=late_alone(COLUMNS),
        empty="No such promises. Make one: dossier promise add REF TITLE --due DATE",
    )


@app.command(epilog=examples("promise show 1"))
def show(context: typer.Context, number: Number) -> None:
    """Show a promise with every date it ever had."""
    run = invocation(context)
    run.out.record(promises.get(run.unlocked_if_someone_is_here(), number))


@app.command(epilog=examples("promise keep 1", "promise keep 1 --on yesterday"))
def keep(context: typer.Context, number: Number, on: OnDay = None) -> None:
    """Mark a promise as kept."""
    run = invocation(context)
    shape = promises.keep(run.unlocked(), number, on=on)
    late = f", {count_of(shape['days_late'], 'day')} late" if shape["days_late"] > 0 else ", in time"
    _written(run, shape, f"Promise {number} is kept{late}: {shape['title']}")


@app.command(
    epilog=examples(
        'promise renegotiate 1 --to "in 1 week" --because "the lab is closed" --told lan --channel call',
        "promise renegotiate 1 --to 24.12 --because - < reason.txt",
    )
)
def renegotiate(
    context: typer.Context,
    number: Number,
    to: Annotated[str, typer.Option(metavar="DATE", help="The new date.")],
    because: Annotated[str | None, typer.Option(metavar="TEXT|-", help="Why; asked for if left out.")] = None,
    apology: Annotated[str | None, typer.Option(metavar="TEXT|-", help="How we apologised.")] = None,
    told: Told = None,
    channel: ChannelOption = None,
) -> None:
    """Move a promise to a new date, for a reason; every earlier date stays on record.

    Without --told it stays on the agenda until the client knows: dossier promise told ID.
    """
    run = invocation(context)
    session = run.unlocked()
    shape = promises.renegotiate(
        session,
        number,
        to=to,
        because=run.needed(because, "the reason", "--because TEXT"),
        apology=run.text(apology, "the apology", ask=False),
        told=told,
        channel=channel,
    )
    sentence = f"Promise {number} is now due on {shape['due_on']}."
    if shape["notice"]:
        sentence += f" {_whom(shape)} knows."
    elif shape["by"] == By.US:
        sentence += f" Nobody there knows yet: dossier promise told {number}"
    _written(run, shape, sentence)


@app.command(epilog=examples("promise told 1 --told lan --channel mail"))
def told(
    context: typer.Context,
    number: Number,
    told: Told = None,
    channel: ChannelOption = None,
    on: OnDay = None,
) -> None:
    """Record that the client was told that our promise is late, will be late, or was moved."""
    run = invocation(context)
    shape = promises.told(run.unlocked(), number, person=told, channel=channel, on=on)
    _written(run, shape, f"Noted: {_whom(shape)} was told about promise {number}.")


@app.command(epilog=examples("promise withdraw 1"))
def withdraw(context: typer.Context, number: Number) -> None:
    """Mark a promise as no longer owed."""
    run = invocation(context)
    shape = promises.withdraw(run.unlocked(), number)
    _written(run, shape, f"Promise {number} is withdrawn: {shape['title']}")


@app.command(
    cls=takes_fields(Promise, (FieldOption("title", "What was promised."), _DETAIL)),
    epilog=examples('promise edit 1 --title "send the quote with drawings"'),
)
def edit(
    context: typer.Context,
    number: Number,
    person: Person = None,
) -> None:
    """Change a promise's wording or person; its date changes by renegotiate alone."""
    run = invocation(context)
    shape = promises.edit(run.unlocked(), number, run.changes, person=person)
    _written(run, shape, f"Changed promise {number}: {shape['title']}")


@app.command(epilog=examples("promise rm 1"))
def rm(context: typer.Context, number: Number, cascade: Cascade = False) -> None:
    """Remove a promise that was entered by mistake; dossier undo brings it back."""
    run = invocation(context)
    run.out.done(promises.rm(run.unlocked(), number, cascade=cascade))


def _whom(shape: Shape) -> str:
    return as_text(shape["notice"]["with"] or shape["account"])


def _written(run: Invocation, shape: Shape, sentence: str) -> None:
    run.out.written(
        shape, COLUMNS, "\n".join([sentence, *map(done_with_this, shape.get("closed_steps", []))])
    )
