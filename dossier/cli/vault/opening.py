"""`dossier vault passphrase|recover`: changing what opens a vault."""

from __future__ import annotations

from typing import Annotated

import typer

from dossier.cli.fields import examples
from dossier.cli.invocation import Invocation, invocation
from dossier.cli.passphrases import (
    NewPassphraseFd,
    RecoveryFile,
    code_keeper,
    new_passphrase,
    say_where_the_code_is,
)
from dossier.errors import Locked, Usage
from dossier.services import vaults
from dossier.services.passphrases import first_line_in, first_line_of

app = typer.Typer()


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

    The current one is asked for, also while the vault is unlocked, unless a key file opens it. In a script, give it by
    --passphrase-fd or DOSSIER_PASSPHRASE_COMMAND, and the new one by --new-passphrase-fd.

    Copies made before, backups among them, still open with the passphrase that they had.
    """
    run = invocation(context)
    if recovery_file is not None and not new_code:
        raise Usage("--recovery-file is for a new recovery code", "add --new-code")
    session = run.vault_as_it_is()
    keeper = code_keeper(run, recovery_file) if new_code else None
    opened, _ = session.root("Current passphrase: ")
    if session.warning:
        run.tell(session.warning)
    vaults.change_passphrase(session, opened, lambda: new_passphrase(run, new_passphrase_fd), keeper)
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
