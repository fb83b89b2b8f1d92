"""`dossier log`: record what happened in one line, in seconds (B1)."""

from __future__ import annotations

from typing import Annotated

import typer

from dossier.cli.arguments import AnyRef, complete_people
from dossier.cli.cells import size_words
from dossier.cli.fields import examples, takes_fields
from dossier.cli.interaction import COLUMNS, OPTIONS
from dossier.cli.invocation import invocation
from dossier.cli.output import Shape
from dossier.cli.progress import in_megabytes
from dossier.cli.step import done_with_this
from dossier.errors import Usage
from dossier.services import attachments, interactions
from dossier.services.interactions import Made, Next
from dossier.store.catalog import Interaction

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    cls=takes_fields(Interaction, OPTIONS),
    epilog=examples(
        'log hanoi "agreed the calibration plan" --with lan --channel visit',
        'log lan "price question" --direction in --promise "send the price list" --due fri',
        'log hanoi "spring order" --on yesterday --next "ask for the contract" --next-on "in 2 weeks"',
        'log hanoi "the audit" --channel visit --attach minutes.txt',
        "log hanoi - < minutes.txt   # a longer text from stdin becomes the note",
    ),
)
def log(
    context: typer.Context,
    ref: AnyRef,
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT|-]", help="What it was about; asked for if left out.")
    ] = None,
    participants: Annotated[
        list[str] | None,
        typer.Option(
            "--with", metavar="PERSON", help="Who took part (repeat).", autocompletion=complete_people
        ),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="When it was: yesterday, mon, 24.12; today unless told."),
    ] = None,
    promise: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="A promise we made (repeat, each with --due).")
    ] = None,
    due: Annotated[
        list[str] | None, typer.Option(metavar="DATE", help="By when: fri, in 3 weeks, eom.")
    ] = None,
    following: Annotated[str | None, typer.Option("--next", metavar="TEXT", help="The next step.")] = None,
    next_on: Annotated[str | None, typer.Option(metavar="DATE", help="When the next step is due.")] = None,
    attach: Annotated[
        list[str] | None, typer.Option(metavar="FILE", help="A file to be kept with it (repeat).")
    ] = None,
) -> None:
    """Record a call, meeting, visit or mail with an account or a person.

    It resets the account's cadence, and open next steps whose date has come are done with it.
    """
    run = invocation(context)
    session = run.unlocked()
    attachments.check(session, attach or ())  # before anybody types a text
    said = run.text(text, "what happened")
    asked = run.can_ask or text is not None
    if (
        asked
        and not (said and said.strip())
        and not (run.changes or participants or promise or following or attach)
    ):
        raise Usage(
            "nothing was said of it, and so nothing was logged", "say what it was about: dossier log REF TEXT"
        )
    shape = interactions.log(
        session,
        ref,
        said,
        run.changes,
        on=on,
        participants=participants or (),
        made=_pairs(promise or [], due or []),
        following=_next(following, next_on),
        attach=attach or (),
        progress=in_megabytes(run.environment, "Encrypting"),
    )
    run.out.written(shape, COLUMNS, _sentence(shape))


def _pairs(titles: list[str], dates: list[str]) -> list[Made]:
    if len(titles) != len(dates):
        raise Usage(
            f"{len(titles)} --promise and {len(dates)} --due were given",
            "each promise needs its date: --promise TEXT --due DATE",
        )
    return [Made(title, day) for title, day in zip(titles, dates, strict=True)]


def _next(title: str | None, day: str | None) -> Next | None:
    if (title is None) != (day is None):
        raise Usage("a next step needs both its text and its date", "--next TEXT --next-on DATE")
    return Next(title, day) if title is not None and day is not None else None


def _sentence(shape: Shape) -> str:
    whom = f"{', '.join(shape['with'])} of {shape['account']}" if shape["with"] else shape["account"]
    lines = [f"Logged {shape['channel']} {shape['id']} with {whom} on {shape['at']}."]
    lines += [f"Promise {one['id']} is due on {one['due_on']}: {one['title']}" for one in shape["promises"]]
    if shape["next"]:
        lines.append(
            f"Next step {shape['next']['id']} on {shape['next']['due_on']}: {shape['next']['title']}"
        )
    lines += [
        f"Attachment {one['id']}: {one['name']}, {size_words(one['size'])}" for one in shape["attachments"]
    ]
    lines += map(done_with_this, shape["closed_steps"])
    return "\n".join(lines)
