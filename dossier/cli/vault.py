"""`dossier vault …`: passphrase, recovery code, check, backup, restore."""

from __future__ import annotations

from typing import Annotated

import typer

from dossier.cli.fields import examples
from dossier.cli.invocation import Invocation, invocation
from dossier.cli.output import Column, Shape
from dossier.cli.passphrases import (
    NewPassphraseFd,
    RecoveryFile,
    code_keeper,
    new_passphrase,
    say_where_the_code_is,
)
from dossier.cli.progress import Progress
from dossier.cli.status import counted
from dossier.domain.text import count_of
from dossier.errors import RESTORE, Damaged, Failed, Locked, Usage
from dossier.services import safekeeping, vaults
from dossier.services.passphrases import first_line_in, first_line_of
from dossier.services.safekeeping import Checked, Restoring

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

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


@app.command(
    epilog=examples(
        "vault passphrase",
        "vault passphrase --new-code",
    )
)
def passphrase(
    context: typer.Context,
    new_passphrase_fd: NewPassphraseFd = None,
    new_code: Annotated[
        bool,
        typer.Option("--new-code", help="Also make a new recovery code; the old one opens nothing any more."),
    ] = False,
    recovery_file: RecoveryFile = None,
) -> None:
    """Choose a new passphrase.

    The current one is asked for, also while the vault is unlocked. In a script, give it by --passphrase-fd or
    DOSSIER_PASSPHRASE_COMMAND, and the new one by --new-passphrase-fd.

    Copies made before, backups among them, still open with the passphrase that they had.
    """
    run = invocation(context)
    if recovery_file is not None and not new_code:
        raise Usage("--recovery-file is for a new recovery code", "add --new-code")
    session = run.vault_as_it_is()
    keeper = code_keeper(run, recovery_file) if new_code else None
    current, _ = session.passphrase("Current passphrase: ")
    vaults.change_passphrase(session, current, lambda: new_passphrase(run, new_passphrase_fd), keeper)
    say_where_the_code_is(run, recovery_file)
    _say_changed(run, "The vault has a new passphrase" + (" and a new recovery code." if new_code else "."))


@app.command(
    epilog=examples(
        "vault recover",
        "vault recover --code-file code.txt --recovery-file new-code.txt",
    )
)
def recover(
    context: typer.Context,
    code_file: Annotated[
        str | None, typer.Option("--code-file", metavar="FILE", help="Read the recovery code from this file.")
    ] = None,
    code_fd: Annotated[
        int | None,
        typer.Option("--code-fd", metavar="N", help="Read the recovery code from this file descriptor."),
    ] = None,
    new_passphrase_fd: NewPassphraseFd = None,
    recovery_file: RecoveryFile = None,
) -> None:
    """Get in by the recovery code and choose a new passphrase.

    A code that was typed is no longer kept secret enough, so a new one takes its place. In a script, give the code by
    --code-file or --code-fd, the new passphrase by --new-passphrase-fd, and --recovery-file for the new code.
    """
    run = invocation(context)
    session = run.vault_as_it_is()
    keeper = code_keeper(run, recovery_file)
    code = _recovery_code(run, code_file, code_fd)
    vaults.recover(session, code, lambda: new_passphrase(run, new_passphrase_fd), keeper)
    say_where_the_code_is(run, recovery_file)
    _say_changed(run, "The vault has a new passphrase and a new recovery code; the old ones open it no more.")


def _recovery_code(run: Invocation, file: str | None, descriptor: int | None) -> str:
    if file is not None:
        return first_line_in(file, "recovery code")
    if descriptor is not None:
        return first_line_of(descriptor, "recovery code")
    if not run.can_ask:
        raise Locked(
            "there is no recovery code", "type it at a terminal, or give it by --code-file or --code-fd"
        )
    # It shows while it is typed, for 35 characters cannot be typed blind, and it is void when this is done.
    return run.ask_line("Recovery code: ")


def _say_changed(run: Invocation, sentence: str) -> None:
    if run.out.format == "json":
        run.out.json({"path": run.vault_path, "changed": True})
    else:
        run.out.line(sentence)
    if run.config["passphrase_command"]:
        run.tell("Let the passphrase command print the new passphrase from now on.")


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
