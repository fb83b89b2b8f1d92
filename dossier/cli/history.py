"""`dossier history`: every change that was made."""

from __future__ import annotations

from typing import Annotated

import typer

from dossier.cli.arguments import complete_both
from dossier.cli.fields import examples
from dossier.cli.invocation import invocation
from dossier.cli.output import Column, Shape
from dossier.domain.text import joined
from dossier.services import history as service

app = typer.Typer(add_completion=False, rich_markup_mode=None)


def _state(shape: Shape) -> str:
    forgotten = "forgotten" if shape["forgotten"] else None
    if shape["undone_by"] is not None:
        return joined(f"taken back by {shape['undone_by']}", forgotten, by=", ")
    return joined(
        f"takes back {shape['undoes']}" if shape["undoes"] is not None else None, forgotten, by=", "
    )


COLUMNS = (
    Column("id", "id"),
    Column("time", lambda shape: shape["at"][:16].replace("T", " ")),
    Column("command", "command"),
    Column("what", "summary"),
    Column("undo", _state),
)


@app.command(epilog=examples("history", "history 1 --limit 5", "history --format json"))
def history(
    context: typer.Context,
    ref: Annotated[
        str | None,
        typer.Argument(
            metavar="REF",
            help="Only what touches this account or person (needs the keys).",
            autocompletion=complete_both,
        ),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=1, max=1_000_000, help="At most so many.")
    ] = 20,
) -> None:
    """List changes, newest first, with what was taken back by which undo.

    A change that is marked as forgotten cannot be taken back: dossier person forget, or vault forget-history, made the
    history forget it.
    """
    run = invocation(context)
    session = run.vault() if ref is None else run.unlocked()
    found = service.history(session, ref, limit + 1)
    run.out.items(found[:limit], COLUMNS, empty="Nothing was changed yet.")
    if len(found) > limit:
        run.tell(f"Only the newest {limit} are shown; for more: --limit N")
