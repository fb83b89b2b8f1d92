"""`dossier demo`: a throw-away vault with a believable book of business, its agenda, and how to go on."""

from __future__ import annotations

import os
import sys
from shlex import quote
from typing import Annotated

import typer

from dossier.cli.agenda_output import print_agenda
from dossier.cli.fields import examples
from dossier.cli.invocation import Invocation, invocation
from dossier.domain.vocabulary import ItemKind
from dossier.services import agenda
from dossier.services import demo as service
from dossier.services.demo import Demo

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog=examples("demo", "demo --keep rehearsal"))
def demo(
    context: typer.Context,
    keep: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Make it in this folder instead of a temporary one."),
    ] = None,
) -> None:
    """Fill a throw-away vault with an invented book of business, and print its agenda.

    Your own vault is not touched.
    """
    run = invocation(context)
    watched = run.environment.stderr.isatty()
    made = service.make(run.today, run.config, keep, run.tell if watched else lambda line: None)
    run.use(made.session)
    try:
        if watched:
            run.tell("")
        print_agenda(run)
    finally:  # also when the reader of the agenda is gone: the vault stands, and somebody must know where
        run.tell(_advice(run, made))


def _advice(run: Invocation, made: Demo) -> str:
    """How to use the vault in this shell, three commands to begin with, and how to be rid of it."""
    variables = {"DOSSIER_VAULT": made.session.path}
    if run.config.origins["today"] == "flag":
        variables["DOSSIER_TODAY"] = run.today.isoformat()
    if made.warning is not None:
        variables["DOSSIER_PASSPHRASE_COMMAND"] = f"cat {quote(made.passphrase_file)}"
    settings = [f"{name}={quote(value)}" for name, value in variables.items()]
    path = [f"PATH={quote(folder)}:$PATH"] if (folder := _folder_to_add(run)) else []
    after = (
        f"It stays unlocked for {service.OPEN_FOR.seconds // 3600} hours; its passphrase: {made.passphrase_file}"
        if made.warning is None
        else f"Its passphrase is read from a file at every command: {made.warning}"
    )
    lines = [
        "",
        f"Every client in {made.folder} is invented. To go on, in this shell:",
        "",
        f"  export {' '.join(path + settings)}",
        *(f"  {command}" for command in _commands(made)),
        "",
        "Then look at the agenda again: dossier. When you have seen enough:",
        "",
        f"  rm -r {quote(made.folder)}; unset {' '.join(variables)}",
        "",
        after,
    ]
    return "\n".join(lines)


def _commands(made: Demo) -> list[str]:
    """Three commands that work on this vault; the last one repairs the worst that is on its agenda."""
    found = agenda.items(made.session, kinds=[ItemKind.PROMISE_OVERDUE])
    late, person = next((one, one.person) for one in found if one.notified is False and one.person)
    repair = f'dossier promise renegotiate {late.id} --to "in a week" \\\n      --because "the works is late"'
    return [
        "dossier brief thornmere",
        'dossier log "anna pike" "asked about line three" --promise "the quote" --due fri',
        f"{repair} --told {quote(person)}",
    ]


def _folder_to_add(run: Invocation) -> str | None:
    """The folder to put on PATH so that `dossier` means this installation; None if it does already."""
    import shutil

    folder = os.path.dirname(sys.executable)
    ours = os.path.join(folder, "dossier")
    found = shutil.which("dossier", path=run.environment.variables.get("PATH"))
    if not os.path.exists(ours) or (found is not None and os.path.samefile(found, ours)):
        return None
    return folder
