"""`dossier vault check|backup|backups|restore`: keeping a vault sound, and a copy of it at hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from dossier.cli.cells import size_words
from dossier.cli.fields import examples
from dossier.cli.invocation import invocation
from dossier.cli.output import Column, Shape, as_text
from dossier.cli.progress import Progress
from dossier.cli.status import advise_of_rotation, counted
from dossier.domain.text import count_of
from dossier.errors import Damaged, Failed, Usage
from dossier.services import safekeeping
from dossier.services.safekeeping import Checked, Restoring
from dossier.store.histories import Parting

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
    Column("newest change", "changes", "word"),
)
BACKUPS_SHOWN = (
    Column("made", lambda shape: shape["at"][:16].replace("T", " "), "word"),
    Column("before", "reason", "word"),
    Column("size", lambda shape: size_words(shape["bytes"]), "word"),
    Column("newest change", lambda shape: as_text(shape["changes"]) or "cannot be read", "word"),
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
    try:
        session = run.unlocked()
    except Damaged as fault:
        found = safekeeping.cannot_be_opened(run.vault_path, fault)
    else:
        found = safekeeping.check(session, Progress(run.environment, "Checking"))
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
    size = size_words(shape["bytes"])
    run.out.written(shape, BACKUP_COLUMNS, f"Backed up to {file} ({size}) and checked: {_listed(shape)}.")


@app.command(epilog=examples("vault backups", "vault backups --format json"))
def backups(context: typer.Context) -> None:
    """List the backups that dossier made by itself, the newest first.

    They are made before an import, an update of the vault's format, a change of its keys and the like, in a folder
    beside the vault. Of each kind the newest are kept: see backups_kept in dossier config; those that cannot be read
    are counted by themselves, and the same file is not kept twice. The vault may be locked or missing.

    The newest change is the number that dossier history shows. JSON gives [{at, reason, bytes, path, changes}], the
    last of which is null if the file cannot be read.
    """
    run = invocation(context)
    run.out.items(
        safekeeping.backups(run.vault_path),
        BACKUPS_COLUMNS,
        empty="There are no backups yet.",
        shown=BACKUPS_SHOWN,
    )


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
        typer.Option(
            "--newest",
            help="The newest sound one that dossier made by itself, none that a restore put aside.",
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before a vault is replaced.")] = False,
) -> None:
    """Put a backup in the vault's place.

    The backup is checked wholly first, and what it replaces is kept in the backups folder, whatever state it is in.

    It opens with the passphrase that it had when it was made. The vault may be missing or damaged.

    With --newest, backups that are damaged are passed over, and so is what a restore put aside: to go back to that,
    name it. They are listed by: dossier vault backups.
    """
    run = invocation(context)
    if newest == (file is not None):
        raise Usage(
            "which backup is meant?",
            "name a file, or give --newest; they are listed by: dossier vault backups",
        )
    path = run.vault_path

    def confirm(backup: Checked) -> None:
        if newest:
            run.tell(f"The newest sound backup is {backup.path}")
        run.tell(f"The backup is sound: {_listed({'counts': backup.counts})}.")
        for warning in _warnings(backup, path):
            run.tell(warning)
        if not backup.replaces or yes:
            return
        if not run.can_ask:
            raise Usage(
                "a restore replaces the vault, and nobody can be asked", "say that it is meant: --yes"
            )
        if not run.confirm(f"Replace {path} by it?"):
            raise Failed("the restore was called off; nothing was changed")

    into = Restoring(run.vault_path, run.today, run.config, run.unlocking)
    progress = Progress(run.environment, "Checking the backup")
    if file is not None:
        shape = safekeeping.restore(safekeeping.backup_called(file, path), into, confirm, progress)
    else:
        for aside in safekeeping.newest_backups(path).put_aside:
            run.tell(f"Newer, but put aside by a restore: {aside}")

        def skipped(backup: str, fault: Damaged) -> None:
            run.tell(f"Passed over, for it is not sound: {backup} ({fault.message})")

        shape = safekeeping.restore_newest(into, confirm, progress, skipped)
    kept = f" What was there is kept as {shape['replaced']}" if shape["replaced"] else ""
    run.out.written(shape, RESTORE_COLUMNS, f"Restored {path} from {shape['backup']}.{kept}")


def _warnings(backup: Checked, path: str) -> Iterator[str]:
    """What somebody should know before a backup takes a vault's place."""
    if backup.another:
        yield f"It is a backup of another vault than the one at {path}."
    if backup.parting.lacks:
        yield _what_is_missing(backup.parting)
    if backup.opens_again:
        what = "the vault's keys were" if backup.old_keys else "what opens the vault was"
        yield f"It is from before {what} changed: what opened it then will open it again."
        yield f"That is: {backup.opens_again}."


def _what_is_missing(parting: Parting) -> str:
    """Which changes of the vault a backup does not have."""
    common, lacks, brings = parting
    if not brings:
        last = lacks - common
        return (
            f"It does not have the last {'change' if last == 1 else count_of(last, 'change')} of the vault."
        )
    after = f"after change {common}" if common else "before the first change"
    ours = f"change {lacks} is" if lacks == common + 1 else f"changes {common + 1} to {lacks} are"
    own = f"{brings} comes" if brings == common + 1 else f"{common + 1} to {brings} come"
    return f"They went apart {after}: the vault's {ours} not in it, and its own {own}."


def _listed(shape: Shape) -> str:
    return ", ".join(counted(shape["counts"])) or "it is empty"
