"""`dossier vault salvage`: getting out of a damaged vault what can be read."""

from __future__ import annotations

from collections import Counter
from shlex import quote
from typing import Annotated

import typer

from dossier.cli.fields import examples
from dossier.cli.invocation import Invocation, invocation
from dossier.cli.output import Column, Shape
from dossier.cli.progress import Progress
from dossier.cli.status import counted, slot_in_words
from dossier.domain.text import count_of, one_line
from dossier.services import salvaging
from dossier.services.safekeeping import Restoring
from dossier.services.salvaging import Watching

app = typer.Typer()

COLUMNS = (
    Column("path", "path"),
    Column("from", "from"),
    Column("records", lambda shape: sum(shape["rescued"].values())),
    Column("rebuilt", lambda shape: len(shape["rebuilt"])),
    Column("placeholders", lambda shape: len(shape["placeholders"])),
    Column("lost", lambda shape: len(shape["lost"])),
    Column("incomplete", lambda shape: len(shape["attachments_incomplete"])),
    Column("outdated", lambda shape: len(shape["outdated"])),
)

_NAMED = 20
"""Records that are named one by one; JSON names all of them."""


@app.command(
    epilog=examples(
        "vault salvage rescued.dossier",
        "vault salvage rescued.dossier --from clients.backup",
        "vault salvage rescued.dossier --header-from clients.backup   # if the beginning is lost",
    )
)
def salvage(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="NEW", help="The new vault to make.")],
    source: Annotated[
        str | None, typer.Option("--from", metavar="DAMAGED", help="The damaged file; else the vault itself.")
    ] = None,
    header_from: Annotated[
        str | None,
        typer.Option(
            "--header-from",
            metavar="BACKUP",
            help="Take the header, which opens the vault, from this backup of the same vault.",
        ),
    ] = None,
) -> None:
    """Take all that can be read of a damaged vault into a new one.

    For when there is no sound backup, or it is too old. The damaged file is only read. Whatever dossier did not write
    stays out; what the journal still tells of a hurt record is made anew, and what others refer to gets a name such as
    (lost account 12).

    It opens by the passphrase or key file of the damaged vault, and by the same that opened that. Where its header may
    be an older one, which what was given up since would open, it is only taken if --header-from names it.

    Exit code 0 also if something is lost, which is told on stderr. JSON gives {path, from, slots, newest_header,
    rescued, rebuilt, placeholders, outdated, lost, attachments_incomplete}.
    """
    run = invocation(context)
    damaged = source or run.vault_path
    watching = Watching(*(Progress(run.environment, doing) for doing in ("Looking", "Writing", "Checking")))
    shape = salvaging.salvage(
        file, Restoring(damaged, run.today, run.config, run.unlocking), header_from, watching
    )
    if run.out.format != "json":
        _tell_of_losses(run, shape)
    rescued = ", ".join(counted(shape["rescued"])) or "nothing"
    run.out.written(
        shape,
        COLUMNS,
        f"Salvaged from {damaged} into {file} and checked: {rescued}.\n"
        f"{_opens_by(shape)}\n"
        f"To look into it: dossier --vault {quote(file)} account list\n"
        + run.for_this_vault(f"To put it in the vault's place: dossier vault restore {quote(file)}"),
    )


def _opens_by(shape: Shape) -> str:
    """Which header it has, by what opens it."""
    slots = ", ".join(f"{slot_in_words(slot)} since {slot['created_on']}" for slot in shape["slots"])
    known = "" if shape["newest_header"] else ", which may be those of an earlier time"
    return f"It opens by: {slots}{known}"


def _tell_of_losses(run: Invocation, shape: Shape) -> None:
    """What did not come over as it was, on stderr; of many, how many of each noun."""
    standing_in = {(one["noun"], one["id"]) for one in shape["placeholders"]}
    lost = [one for one in shape["lost"] if (one["noun"], one["id"]) not in standing_in]
    for found, told, of_many in (
        (shape["rebuilt"], "made anew from the journal", "made anew from the journal"),
        (shape["placeholders"], "is lost; a placeholder stands in for it", "are lost; placeholders stand in"),
        (
            shape["outdated"],
            "is an older copy than the journal tells of",
            "are older copies than the journal tells of",
        ),
        (lost, "is lost", "are lost"),
    ):
        if len(found) > _NAMED:
            nouns = Counter(one["noun"] or "record" for one in found)
            run.tell(f"{', '.join(counted(nouns))}: {of_many}")
        else:
            for one in found:
                number = "" if one["id"] is None else f" {one['id']}"
                run.tell(f"{(one['noun'] or 'record').replace('_', ' ')}{number}: {told}")
    for one in shape["attachments_incomplete"]:
        run.tell(f"attachment {one['id']} ({one_line(one['name'])}) is incomplete: {_what_lacks(one)}")


def _what_lacks(one: Shape) -> str:
    """What of a file is lost, as people think of it; the chunks that dossier cuts it into are of 64 KiB."""
    if one["missing"] == one["chunks"]:
        return "all of it is lost"
    return f"{count_of(one['missing'], 'piece')} of {one['chunks']} (of 64 KiB) lost"
