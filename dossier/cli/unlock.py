"""`dossier unlock`: let the agent hold the keys for a while."""

from __future__ import annotations

from typing import Annotated

import typer

from dossier.cli.fields import examples
from dossier.cli.invocation import invocation
from dossier.cli.status import span_in_words
from dossier.domain.when import parse_duration
from dossier.services import vaults

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog=examples("unlock", "unlock --for 4h", "unlock --for 1h30m"))
def unlock(
    context: typer.Context,
    duration: Annotated[
        str | None,
        typer.Option(
            "--for", metavar="DURATION", help="Stay open so long, whether used or not: 30m, 4h, 1d."
        ),
    ] = None,
) -> None:
    """Open the vault for a while: the passphrase is not asked for until it locks again.

    A key file opens it too, unless it is for the agenda alone.
    """
    run = invocation(context)
    span = None if duration is None else parse_duration(duration)
    session = run.vault_as_it_is()
    changed = vaults.unlock(session, span)
    if session.warning:
        run.tell(session.warning)
    left = session.agent.status(session.vault_id)
    if run.out.format == "json":
        run.out.json(
            {"locked": False, "idle_seconds_left": left and left.idle, "seconds_left": left and left.most}
        )
        return
    said = "Unlocked" if changed else "Already unlocked"
    if left is not None and left.idle < left.most:
        said += f": for {span_in_words(left.idle)} without use, {span_in_words(left.most)} at most"
    elif left is not None:
        said += f": for {span_in_words(left.most)}"
    run.out.line(f"{said}. To lock it: dossier lock")
