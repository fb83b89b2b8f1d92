"""`dossier tui`: the one command that opens the full-screen view."""

from __future__ import annotations

import typer

from dossier.cli.fields import examples
from dossier.cli.invocation import invocation
from dossier.errors import Usage

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog=examples("tui"))
def tui(context: typer.Context) -> int:
    """Browse accounts, log interactions and keep promises without leaving the keyboard.

    Every key is in the footer and in the help (?). The view locks itself when nobody is there.
    """
    run = invocation(context)
    if not run.can_ask or not run.environment.stdout.isatty():
        raise Usage("the full-screen view needs a terminal", "in scripts: dossier agenda")
    from dossier.tui.run import run as show

    rehearsed = bool(run.config["today"])
    return show(
        run.vault_path,
        run.config,
        lambda: run.today if rehearsed else run.environment.today(),
        run.typed,
        run.tell,
    )
