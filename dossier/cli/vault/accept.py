"""`dossier vault accept`: going on with a vault that is not as it was left."""

from __future__ import annotations

from typing import Annotated

import typer

from dossier.cli.fields import examples
from dossier.cli.invocation import invocation
from dossier.cli.output import Column
from dossier.cli.progress import Progress
from dossier.domain.text import count_of
from dossier.errors import Failed, Usage
from dossier.services import accepting
from dossier.services.shapes import Shape

app = typer.Typer()

_SHOWN = 20
"""Differences told before the question; `vault check` lists them all."""

COLUMNS = (
    Column("path", "path"),
    Column("change", "change"),
    Column("accepted", lambda shape: len(shape["accepted"])),
)


@app.command(epilog=examples("vault accept", "vault accept --yes   # in a script"))
def accept(
    context: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Go on with the vault as it is.

    For a vault that lost records or is an older copy, when there is no better one: after that it can be written to
    again. What differs is shown first, and the journal says what was accepted. Records that dossier did not write are
    never accepted.

    JSON gives {path, change, accepted: [{noun, id, uid, problem, how}]}.
    """
    run = invocation(context)

    def confirm(problems: list[Shape]) -> None:
        run.tell(f"{run.vault_path} differs from what it was in {count_of(len(problems), 'point')}:")
        for problem in problems[:_SHOWN]:
            number = "" if problem["id"] is None else f" {problem['id']}"
            run.tell(f"  {problem['noun'].replace('_', ' ')}{number} {problem['problem']}")
        if len(problems) > _SHOWN:
            run.tell(f"  … and {len(problems) - _SHOWN} more, listed by: dossier vault check")
        if not yes and not run.can_ask:
            raise Usage(
                "accepting is a person's decision, and nobody can be asked", "say that it is meant: --yes"
            )
        if not yes and not run.confirm("Go on with the vault as it is?"):
            raise Failed("nothing was accepted", "a copy is put in its place by: dossier vault restore FILE")

    shape = accepting.accept(run.unlocked(), Progress(run.environment, "Checking"), confirm)
    if shape["change"] is None:
        sentence = "The vault is sound and the newest that this machine saw: there is nothing to accept."
    else:
        sentence = (
            f"The vault goes on as it is; change {shape['change']} of the journal says what was accepted."
        )
    run.out.written(shape, COLUMNS, sentence)
