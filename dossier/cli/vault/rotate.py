"""`dossier vault rotate`: new keys, and everything encrypted anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from dossier.cli.fields import examples
from dossier.cli.invocation import Invocation, invocation
from dossier.cli.output import Column, Shape
from dossier.cli.passphrases import RecoveryFile, code_keeper, say_where_the_code_is
from dossier.cli.progress import Progress
from dossier.cli.status import slot_in_words
from dossier.domain.text import count_of
from dossier.errors import Failed, Usage
from dossier.services import rotating
from dossier.services.rotating import Told, Wanted

app = typer.Typer()

COLUMNS = (
    Column("path", "path"),
    Column("keys", "key_id"),
    Column("resumed", "resumed"),
    Column("kept", "kept"),
    Column("records", lambda shape: sum(shape["counts"].values())),
    Column("ended", lambda shape: [str(slot["id"]) for slot in shape["ended"]]),
)


@app.command(
    epilog=examples(
        "vault rotate",
        "vault rotate --recovery-file new-code.txt",
    )
)
def rotate(
    context: typer.Context,
    recovery_file: RecoveryFile = None,
    keep_key_file: Annotated[
        list[str] | None,
        typer.Option(
            "--keep-key-file",
            metavar="FILE",
            help="Let this key file open the vault afterwards too, as far as it does now; repeat it for others.",
        ),
    ] = None,
    no_backup: Annotated[
        bool,
        typer.Option("--no-backup", help="Do not keep the vault as it was, which the old keys still open."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before key files are given up.")] = False,
) -> None:
    """Give the vault new keys and encrypt everything anew.

    For when somebody may have had the passphrase, the recovery code or a key file: what opened the vault until now
    opens nothing that is written from now on. The passphrase is asked for and stays: if that is what they had, choose
    another first (vault passphrase). The recovery code is a new one; a key file stays if it is given.

    It takes a while, a minute or two for a million records. Others may read meanwhile, but not write. If it is killed,
    the vault is as it was before, and running it again on this machine goes on where it stopped.

    The vault as it was before is kept in the backups folder and still opens by everything that opened it. Copies made
    elsewhere do too. JSON gives {path, key_id, resumed, kept, counts, ended: [slot]}.
    """
    run = invocation(context)
    session = run.vault_as_it_is()
    keeper = code_keeper(run, recovery_file, may_exist=rotating.unfinished(run.vault_path) is not None)
    told = Told(
        lambda ended: _confirm(run, ended, yes=yes),
        run.tell,
        Progress(run.environment, "Encrypting anew"),
        Progress(run.environment, "Checking the result"),
        run.advise,
    )
    shape = rotating.rotate(session, Wanted(keeper, keep_key_file or (), not no_backup), told)
    say_where_the_code_is(run, recovery_file)
    run.out.written(shape, COLUMNS, _sentence(shape))
    _say_what_is_left(run, shape)


def _confirm(run: Invocation, ended: Sequence[Shape], *, yes: bool) -> None:
    if not ended:
        return
    listed = ", ".join(f"slot {slot['id']} ({slot_in_words(slot)})" for slot in ended)
    if not run.can_ask and not yes:
        raise Usage(
            f"this would open the vault no more: {listed}",
            "name each key file by --keep-key-file, or say that it is meant: --yes",
        )
    run.tell(f"This will open the vault no more, for no --keep-key-file names it: {listed}")
    if not yes and not run.confirm("Go on without them?"):
        raise Failed("the rotation was called off; nothing was changed", "name them: --keep-key-file FILE")


def _sentence(shape: Shape) -> str:
    records = count_of(sum(shape["counts"].values()), "record")
    return f"The vault has new keys (number {shape['key_id']}); {records} were encrypted anew and checked."


def _say_what_is_left(run: Invocation, shape: Shape) -> None:
    run.advise("The newest recovery code holds from now on; those before it open the vault no more.")
    for slot in shape["ended"]:
        if slot["type"] == "key_file":
            scope = " --scope agenda" if slot["scope"] == "agenda" else ""
            run.advise(
                f"The key file of slot {slot['id']} opens the vault no more. To add it again: "
                f"dossier vault slots add --key-file FILE{scope}"
            )
    if shape["kept"]:
        run.advise(f"As it was before, it is kept as {shape['kept']}")
        run.advise("That file still opens by what opened it. If somebody else may have that, delete it.")
