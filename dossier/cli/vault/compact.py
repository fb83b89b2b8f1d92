"""`dossier vault compact`: space that is not used is given back."""

from __future__ import annotations

import typer

from dossier.cli.cells import size_words
from dossier.cli.fields import examples
from dossier.cli.invocation import invocation
from dossier.cli.output import Column
from dossier.cli.progress import Progress
from dossier.services import compacting

app = typer.Typer()

COLUMNS = (Column("path", "path"), Column("before", "before"), Column("after", "after"))


@app.command(epilog=examples("vault compact"))
def compact(context: typer.Context) -> None:
    """Make the vault's file as small as what it holds.

    What was deleted leaves room in the file, which later records fill. This gives it back to the disk: worthwhile after
    large attachments were removed and their history forgotten. It needs as much room again while it works.

    The vault holds the same afterwards; the smaller file is checked before it takes the vault's place, and the old one
    is not kept. Others may read meanwhile, but not write. JSON gives {path, before, after}, in bytes.
    """
    run = invocation(context)
    shape = compacting.compact(run.unlocked(), Progress(run.environment, "Checking the result"))
    before, after = shape["before"], shape["after"]
    saved = (
        f"{size_words(before)} became {size_words(after)}"
        if after < before
        else "there was nothing to give back"
    )
    run.out.written(shape, COLUMNS, f"Compacted {shape['path']}: {saved}.")
