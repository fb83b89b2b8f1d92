"""`dossier vault slots`: key files that open the vault, or its agenda alone."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from dossier.cli.fields import examples
from dossier.cli.invocation import invocation
from dossier.cli.output import Column
from dossier.cli.status import slot_in_words
from dossier.errors import Failed, Usage
from dossier.services import slots as service
from dossier.services.shapes import Shape
from dossier.services.slots import Scope

app = typer.Typer()
_slots = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(
    _slots,
    name="slots",
    help="What opens the vault: passphrase, recovery code, key files. Undo does not apply.",
)

COLUMNS = (
    Column("id", "id", "word"),
    Column("type", "type", "word"),
    Column("scope", "scope", "word"),
    Column("created on", "created_on", "word"),
)
ADDED_COLUMNS = (*COLUMNS, Column("file", "file"), Column("made", "made", "word"))


@_slots.command("list", epilog=examples("vault slots list", "vault slots list --format json"))
def list_(context: typer.Context) -> None:
    """List what opens the vault, and how much of it.

    Works locked too. JSON gives [{id, type, scope, created_on}].
    """
    run = invocation(context)
    run.out.items(service.listed(run.vault_as_it_is()), COLUMNS, empty="")


@_slots.command(
    epilog=examples(
        "vault slots add --key-file cron.key --scope agenda",
        "vault slots add --key-file stick.key   # opens everything",
    )
)
def add(
    context: typer.Context,
    file: Annotated[
        str,
        typer.Option(
            "--key-file",
            metavar="FILE",
            help="The key file to add; it is made, readable to you alone, unless it is there.",
        ),
    ],
    scope: Annotated[
        Scope,
        typer.Option("--scope", help="What it opens: full, or the agenda alone (it can change nothing)."),
    ] = Scope.FULL,
) -> None:
    """Let a key file open the vault, or its agenda alone.

    The passphrase is asked for, also while the vault is unlocked. Here --key-file names the file to add; one that opens
    the vault already, in place of the passphrase, is named by DOSSIER_KEY_FILE or before `vault`. The same file may be
    added to several vaults. JSON gives {id, type, scope, created_on, file, made}. Undo does not apply: remove the slot.
    """
    run = invocation(context)
    session = run.vault_as_it_is()
    shape = service.add(session, file, scope)
    if session.warning:
        run.tell(session.warning)
    opens = "the agenda, and nothing else" if scope is Scope.AGENDA else "the vault"
    run.out.written(
        shape, ADDED_COLUMNS, f"Slot {shape['id']}: the key file {file} opens {opens}, without a passphrase."
    )
    if _lies_beside(shape["file"], session.path):
        run.tell("It lies in the vault's folder: whoever copies that has both. Better keep them apart.")


@_slots.command(
    epilog=examples("vault slots remove 2", "vault slots remove 2 --yes   # in a script"),
)
def remove(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="ID", help="The slot's id in `dossier vault slots list`.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
) -> None:
    """Let a slot open the vault no more.

    The last one that opens everything stays. The passphrase is asked for, also while the vault is unlocked, unless a
    key file opens it. JSON gives {id, type, scope, created_on} of what was removed. Undo does not apply.

    Whoever copied a key file or knows the code may have kept what it opened: dossier vault rotate ends that.
    """
    run = invocation(context)
    session = run.vault_as_it_is()

    def confirm(slot: Shape, left: list[Shape]) -> None:
        if yes:
            return
        if not run.can_ask:
            raise Usage("a slot is to be removed, and nobody can be asked", "say that it is meant: --yes")
        run.tell(f"Then the vault opens by: {', '.join(slot_in_words(other) for other in left)}.")
        if not run.confirm(f"Remove slot {slot['id']}, the {slot_in_words(slot)} of {slot['created_on']}?"):
            raise Failed("the removal was called off; nothing was changed")

    shape = service.remove(session, number, confirm)
    if session.warning:
        run.tell(session.warning)
    run.out.written(shape, COLUMNS, f"Slot {number}, the {slot_in_words(shape)}, is removed.")
    run.tell(
        "Whoever copied it may have read what was there until now and have kept the vault's key, and it opens older "
        "copies of the vault. To end that: dossier vault rotate"
    )


def _lies_beside(file: str, vault: str) -> bool:
    return os.path.dirname(os.path.realpath(file)) == os.path.dirname(os.path.realpath(vault))
