"""`dossier vault check|backup|backups|restore`: keeping a vault sound, and a copy of it at hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from dossier.cli.fields import examples
from dossier.cli.invocation import invocation
from dossier.cli.output import Column, Shape
from dossier.cli.progress import Progress
from dossier.cli.status import advise_of_rotation, counted
from dossier.domain.text import count_of
from dossier.errors import Damaged, Failed, Usage
from dossier.services import safekeeping
from dossier.services.safekeeping import Checked, Restoring

app = typer.Typer()

PROBLEM_COLUMNS = (
    Column("noun", "noun", "word"),
    Column("id", "id", "word"),
    Column("uid", "uid", "more"),
    Column("problem", "problem"),
    Column("how to go on", "how", "more"),
)
BACKUP_COLUMNS = (
    Column("path", "path"),
    Column("vault", "vault"),
    Column("bytes", "bytes"),
    Column("records", lambda shape: sum(shape["counts"].values())),
)
BACKUPS_COLUMNS = (
    Column("at", "at", "word"),
    Column("before", "reason", "word"),
    Column("bytes", "bytes", "word"),
    Column("path", "path"),
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

    Ends with exit code 7 if anything is wrong, and writes stop until that is put right or accepted. JSON gives
    {path, sound, counts, problems: [{noun, id, uid, problem, how}]}.
    """
    run = invocation(context)
    found = safekeeping.check(run.unlocked(), Progress(run.environment, "Checking"))
    problems = found["problems"]
    if problems or run.out.format != "table":
        run.out.items(problems, PROBLEM_COLUMNS, empty="", whole=found)
    else:
        run.out.line(f"The vault is sound: {_listed(found)}.")
    advise_of_rotation(run)
    if problems:
        raise Damaged(
            f"{run.vault_path} has {count_of(len(problems), 'problem')}", safekeeping.way_on(problems)
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
    size = size_in_words(shape["bytes"])
    run.out.written(shape, BACKUP_COLUMNS, f"Backed up to {file} ({size}) and checked: {_listed(shape)}.")


@app.command(epilog=examples("vault backups", "vault backups --format json"))
def backups(context: typer.Context) -> None:
    """List the backups that dossier made by itself, the newest first.

    They are made before an import, an update of the vault's format, a change of its keys and the like, in a folder
    beside the vault. Of each kind the newest are kept: see backups_kept in dossier config. The vault may be locked.

    JSON gives [{at, reason, bytes, path}].
    """
    run = invocation(context)
    run.out.items(safekeeping.backups(run.vault_path), BACKUPS_COLUMNS, empty="There are no backups yet.")


@app.command(
    epilog=examples(
        "vault restore clients.backup",
        "vault restore clients.backup --yes   # in a script",
        "vault restore --newest   # of those that dossier made by itself",
    )
)
def restore(
    context: typer.Context,
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE", help="The backup: a file, or the name of one that dossier made by itself."
        ),
    ] = None,
    newest: Annotated[
        bool,
        typer.Option("--newest", help="The newest that dossier made by itself: see dossier vault backups."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before a vault is replaced.")] = False,
) -> None:
    """Put a backup in the vault's place.

    The backup is checked wholly first, and what it replaces is kept in the backups folder, whatever state it is in.

    It opens with the passphrase that it had when it was made. The vault may be missing or damaged.
    """
    run = invocation(context)
    if newest == (file is not None):
        raise Usage(
            "which backup is meant?",
            "name a file, or give --newest; they are listed by: dossier vault backups",
        )
    if not yes and not run.can_ask:
        raise Usage("a restore replaces the vault, and nobody can be asked", "say that it is meant: --yes")
    path = run.vault_path
    if file is None:
        file = safekeeping.newest_backup(path)
        run.tell(f"The newest backup is {file}")
    else:
        file = safekeeping.backup_called(file, path)

    def confirm(backup: Checked) -> None:
        run.tell(f"The backup is sound: {_listed({'counts': backup.counts})}.")
        for warning in _warnings(backup, path):
            run.tell(warning)
        if backup.replaces and not yes and not run.confirm(f"Replace {path} by it?"):
            raise Failed("the restore was called off; nothing was changed")

    into = Restoring(run.vault_path, run.today, run.config, run.unlocking)
    shape = safekeeping.restore(file, into, confirm, Progress(run.environment, "Checking the backup"))
    kept = f" What was there is kept as {shape['replaced']}" if shape["replaced"] else ""
    run.out.written(shape, RESTORE_COLUMNS, f"Restored {run.vault_path} from {file}.{kept}")


def _warnings(backup: Checked, path: str) -> Iterator[str]:
    """What somebody should know before a backup takes a vault's place."""
    if backup.another:
        yield f"It is a backup of another vault than the one at {path}."
    if backup.missing:
        yield f"It does not have the last {count_of(backup.missing, 'change')} of the vault."
    if backup.old_keys:
        yield "It is from before the vault's keys were changed: what opened it then will open it again."


def _listed(shape: Shape) -> str:
    return ", ".join(counted(shape["counts"])) or "it is empty"


def size_in_words(size: int) -> str:
    """A number of bytes as people say it."""
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, size // 1000)} kB"
