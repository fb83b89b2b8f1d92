"""`dossier lock`: make the agent forget every key."""

from __future__ import annotations

import typer

from dossier.cli.fields import examples
from dossier.cli.invocation import invocation
from dossier.services import in_memory, vaults

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog=examples("lock"))
def lock(context: typer.Context) -> None:
    """Forget the keys of every vault at once."""
    run = invocation(context)
    held = vaults.lock()
    in_memory.sweep()
    if run.out.format == "json":
        run.out.json({"locked": True, "were_held": held})
    else:
        run.out.line("Locked: the keys are wiped." if held else "No vault was unlocked.")
