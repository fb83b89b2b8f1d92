"""`dossier vault check|backup|restore`: keeping a vault sound, and a copy of it at hand."""

from __future__ import annotations

from typing import Annotated

import typer

from dossier.cli.fields import examples
from dossier.cli.invocation import invocation
from dossier.cli.output import Column, Shape
from dossier.cli.progress import Progress
from dossier.cli.status import counted
from dossier.domain.text import count_of
from dossier.errors import RESTORE, Damaged, Failed, Usage
from dossier.services import safekeeping
from dossier.services.safekeeping import Checked, Restoring

app = typer.Typer()

PROBLEM_COLUMNS = (
    Column("noun", "noun", "word"),
    Column("id", "id", "word"),
    Column("uid", "uid", "more"),
    Column("problem", "problem"),
)
BACKUP_COLUMNS = (
    Column("path", "path"),
    Column("vault", "vault"),
    Column("bytes", "bytes"),
    Column("records", lambda shape: sum(shape["counts"].values())),
)
RESTORE_COLUMNS = (
    Column("path", "path"),
    Column("backup", "backup"),
    Column("replaced", "replaced"),
    Column("records", lambda shape: sum(shape["counts"].values())),
)


@app.command(epilog=examples("vault check", "vault check --format json"))
def check(context: typer.Context) -> None:
    """Prove that the vault is sound.

    Every page, seal, secret and reference is looked at, and that nothing is missing or an older copy.

    Ends with exit code 7 if anything is wrong. JSON gives {path, sound, counts, problems: [{noun, id, uid, problem}]}.
    """
    run = invocation(context)
    found = safekeeping.check(run.unlocked(), Progress(run.environment, "Checking"))
    problems = found["problems"]
    if problems or run.out.format != "table":
        run.out.items(problems, PROBLEM_COLUMNS, empty="", whole=found)
    else:
        run.out.line(f"The vault is sound: {_listed(found)}.")
    if problems:
        raise Damaged(
            f"{run.vault_path} has {count_of(len(problems), 'problem')}",
            RESTORE,
        )


@app.command(epilog=examples("vault backup clients.backup"))
def backup(
    context: typer.Context, file: Annotated[str, typer.Argument(metavar="FILE", help="The file to make.")]
) -> None:
    """Copy the vault to a new file.

    The copy is encrypted as the vault is, opens with the same passphrase, and is checked wholly before it appears.
    Others may write meanwhile.
    """
    run = invocation(context)
    shape = safekeeping.backup(run.unlocked(), file, Progress(run.environment, "Checking the copy"))
    size = _size(shape["bytes"])
    run.out.written(shape, BACKUP_COLUMNS, f"Backed up to {file} ({size}) and checked: {_listed(shape)}.")


@app.command(
    epilog=examples("vault restore clients.backup", "vault restore clients.backup --yes   # in a script")
)
def restore(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The backup.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before a vault is replaced.")] = False,
) -> None:
    """Put a backup in the vault's place.

    The backup is checked wholly first, and what it replaces is kept beside it.

    It opens with the passphrase that it had when it was made. The vault may be missing or damaged.
    """
    run = invocation(context)
    if not yes and not run.can_ask:
        raise Usage("a restore replaces the vault, and nobody can be asked", "say that it is meant: --yes")

    def confirm(backup: Checked) -> None:
        run.tell(f"The backup is sound: {_listed({'counts': backup.counts})}.")
        if backup.replaces and not yes and not run.confirm(f"Replace {run.vault_path} by it?"):
            raise Failed("the restore was called off; nothing was changed")

    into = Restoring(run.vault_path, run.today, run.config, run.unlocking)
    shape = safekeeping.restore(file, into, confirm, Progress(run.environment, "Checking the backup"))
    kept = f" What was there is kept as {shape['replaced']}" if shape["replaced"] else ""
    run.out.written(shape, RESTORE_COLUMNS, f"Restored {run.vault_path} from {file}.{kept}")


def _listed(shape: Shape) -> str:
    return ", ".join(counted(shape["counts"])) or "it is empty"


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, size // 1000)} kB"
