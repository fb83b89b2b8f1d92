"""`dossier vault forget-history`: letting the history forget what was long ago."""

from __future__ import annotations

from typing import Annotated

import typer

from dossier.cli.fields import examples
from dossier.cli.invocation import Invocation, invocation
from dossier.cli.output import Column, Shape
from dossier.cli.progress import Progress
from dossier.domain.text import count_of
from dossier.errors import Failed, Usage
from dossier.services import forgetting

app = typer.Typer()

COLUMNS = (
    Column("before", "before"),
    Column("history entries", "history_entries"),
    Column("records", "records"),
    Column("attachment bytes", "attachment_bytes"),
    Column("forgotten", "forgotten"),
    Column("backups", "backups"),
)


@app.command(
    "forget-history",
    epilog=examples(
        "vault forget-history --before 1.1. --dry-run   # only says what would go",
        "vault forget-history --before 2026-01-01 --yes",
    ),
)
def forget_history(
    context: typer.Context,
    before: Annotated[str, typer.Option("--before", metavar="DATE", help="The first day that is kept.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Let the history forget what it says of changes before a day.

    All records stay as they are. Of each change its number, time and command stay, and which records it touched, so
    that dossier vault check still proves that nothing is missing; what stood in them before and after goes, and the
    bytes of attachments that were removed. Days begin and end by this machine's clock and time zone.

    It cannot be undone, nor can the changes that it forgets. Backups made before still hold all of it. The file gets
    no smaller by itself: dossier vault compact gives the space back.

    JSON gives {before, history_entries, records, attachment_bytes, backups: [path], forgotten}.
    """
    run = invocation(context)
    session = run.unlocked()
    progress = Progress(run.environment, "Looking through the history")
    if dry_run or not yes:
        shape = forgetting.history(session, before, dry_run=True, progress=progress)
        if dry_run or not shape["history_entries"]:
            run.out.written(shape, COLUMNS, _sentence(shape, "would lose"))
            return
        _ask(run, shape)
    shape = forgetting.history(
        session, before, progress=Progress(run.environment, "Forgetting what was before")
    )
    run.out.written(shape, COLUMNS, _sentence(shape, "lost"))
    if shape["forgotten"]:
        _advise(run, shape)


def _ask(run: Invocation, shape: Shape) -> None:
    if not run.can_ask:
        raise Usage(
            "what is forgotten cannot be brought back, and nobody can be asked", "say that it is meant: --yes"
        )
    run.tell(_sentence(shape, "will lose"))
    run.tell("This cannot be undone, and those changes cannot be taken back any more.")
    if not run.confirm("Forget that history?"):
        raise Failed("it was called off; nothing was changed")


def _sentence(shape: Shape, lose: str) -> str:
    if not shape["history_entries"]:
        return f"The history says nothing any more of changes before {shape['before']}."
    said = f"{count_of(shape['history_entries'], 'change')} before {shape['before']} {lose} what they say of "
    said += count_of(shape["records"], "record")
    if shape["attachment_bytes"]:
        said += f", and {shape['attachment_bytes']:,} bytes of removed attachments go"
    return said + "."


def _advise(run: Invocation, shape: Shape) -> None:
    if shape["backups"]:
        run.tell(
            f"{count_of(len(shape['backups']), 'automatic backup')} beside the vault still "
            f"{'holds' if len(shape['backups']) == 1 else 'hold'} it, and so does every backup that you made yourself."
        )
    run.tell("The file is as large as before; dossier vault compact gives the space back.")
