"""`dossier attachment …`: files kept in the vault, encrypted (B1, C1)."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from dossier.cli.arguments import AnyRef, OnlyRef
from dossier.cli.cells import secret, size_words
from dossier.cli.fields import FieldOption, examples, takes_fields
from dossier.cli.invocation import Invocation, invocation
from dossier.cli.output import LOCKED, Column, Shape
from dossier.cli.progress import in_megabytes
from dossier.domain.file_names import safe_name
from dossier.domain.text import one_line
from dossier.errors import Usage
from dossier.services import attachments
from dossier.store.catalog import Attachment

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

COLUMNS = (
    Column("id", "id", "word"),
    Column("account", "account"),
    Column("person", "person"),
    Column("interaction", "interaction_id", "word"),
    Column("added", "added_on", "word"),
    Column("size", "size", "word"),
    Column("name", "name"),
    Column("sha256", "sha256", "more"),
)

SHOWN = (
    Column("id", "id", "word"),
    Column("of", lambda shape: shape["person"] or shape["account"]),
    Column("interaction", "interaction_id", "word"),
    Column("added", "added_on", "word"),
    Column("size", lambda shape: LOCKED if shape["size"] is None else size_words(shape["size"]), "word"),
    Column("name", secret("name")),
)
"""The columns for people."""

_LARGE = 1_000_000
"""Bytes that are worth freeing."""

Number = Annotated[int, typer.Argument(metavar="ID", help="The attachment's number.")]


@app.command(
    epilog=examples(
        "attachment add hanoi minutes.txt",
        "attachment add lan words.txt note.txt --interaction 1",
        'attachment add hanoi minutes.txt --name "minutes of the audit.txt"',
    )
)
def add(
    context: typer.Context,
    ref: AnyRef,
    files: Annotated[list[str], typer.Argument(metavar="FILE…", help="The files to keep.")],
    interaction: Annotated[
        int | None, typer.Option(metavar="ID", help="The interaction that they belong to.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Another name for the file, which has to be one alone.")
    ] = None,
) -> None:
    """Keep files in the vault, encrypted with their names; the files themselves stay where they are.

    All of them are stored, or none. At most 2 GiB each.
    """
    run = invocation(context)
    session = run.unlocked()
    attachments.check(session, files)  # before anybody types a name
    shapes = attachments.add(
        session,
        ref,
        files,
        interaction=interaction,
        name=run.text(name, "the name", ask=False),
        progress=in_megabytes(run.environment, "Encrypting"),
    )
    if run.out.format == "table":
        for shape in shapes:
            run.out.line(f"Added {_described(shape)}.")
    else:
        run.out.items(shapes, COLUMNS, empty="")


@app.command(
    "list", epilog=examples("attachment list", "attachment list hanoi", "attachment list lan --format json")
)
def list_(context: typer.Context, ref: OnlyRef = None) -> None:
    """List attachments by account, the newest last."""
    run = invocation(context)
    found = attachments.listed(run.vault(), ref=ref)
    run.out.items(
        found, COLUMNS, shown=SHOWN, empty="No such attachments. Add one: dossier attachment add REF FILE"
    )


@app.command(
    "open",
    epilog=examples(
        "attachment open 1",
        'attachment open 1 --with "zathura --mode fullscreen"',
    ),
)
def open_(
    context: typer.Context,
    number: Number,
    with_: Annotated[
        str | None,
        typer.Option(
            "--with",
            metavar="COMMAND",
            help="The viewer, run without a shell; as the setting opener says unless told.",
        ),
    ] = None,
) -> None:
    """Show an attachment in a viewer, and leave nothing of it behind.

    For as long as the viewer shows it, it stands in clear in a folder in memory that only you can read; then it is
    overwritten and removed, also when dossier is killed.
    """
    from dossier.services import viewing

    run = invocation(context)
    session = run.unlocked()
    viewer = viewing.viewer_of(run.config["opener"] if with_ is None else with_ or " ")
    ask = (lambda: _wait(run)) if run.can_ask else None
    shape = viewing.show(session, number, viewer, ask, in_megabytes(run.environment, "Decrypting")())
    run.out.written(
        shape, COLUMNS, f"Closed attachment {number}; it was in memory only, and is gone from there."
    )


@app.command(
    epilog=examples(
        "attachment export 1",
        "attachment export 1 copy.txt",
        "attachment export 1 - | wc -c",
    )
)
def export(
    context: typer.Context,
    number: Number,
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE|FOLDER|-]", help="A new file, or where to make it under its own name; - is stdout."
        ),
    ] = None,
) -> None:
    """Write an attachment to a file that only you can read; here, under its own name, unless told.

    Nothing is ever overwritten, and no link followed. The file appears when all of it was written and proved to be what
    was stored.
    """
    run = invocation(context)
    session = run.unlocked()
    progress = in_megabytes(run.environment, "Decrypting")()
    if target == "-":
        if run.environment.prints_to_person:
            raise Usage("a terminal shows no files", f"name one: dossier attachment export {number} FILE")
        run.out.pieces(attachments.content(session, number, progress))
        return
    shape = attachments.export(session, number, target, progress)
    run.out.written(
        shape, (*COLUMNS, Column("file", "file")), f"Wrote attachment {number} to {one_line(shape['file'])}."
    )
    own, given = shape["name"], os.path.basename(shape["file"])
    if given == safe_name(own) != own:
        run.advise(f"In the vault it is called {one_line(own)}, which no file can be called everywhere.")
    run.advise("Careful: there it is not encrypted. Delete it when it has served.")


@app.command(
    cls=takes_fields(Attachment, (FieldOption("name", "What it is called."),)),
    epilog=examples('attachment edit 1 --name "calibration report.txt"'),
)
def edit(context: typer.Context, number: Number) -> None:
    """Give an attachment another name."""
    run = invocation(context)
    shape = attachments.edit(run.unlocked(), number, run.changes)
    run.out.written(shape, COLUMNS, f"Changed {_described(shape)}.")


@app.command(epilog=examples("attachment rm 1"))
def rm(context: typer.Context, number: Number) -> None:
    """Remove an attachment; dossier undo brings it back.

    So its encrypted bytes stay in the vault until the history that tells of it is forgotten: dossier vault
    forget-history --before tomorrow. The file then gets smaller by: dossier vault compact.
    """
    run = invocation(context)
    session = run.unlocked()
    size = attachments.get(session, number)["size"]
    run.out.done(attachments.rm(session, number))
    if size >= _LARGE:
        run.advise(
            f"For undo its {size_words(size)} stay, encrypted. To free the space, and forget all history: "
            "dossier vault forget-history --before tomorrow, then dossier vault compact"
        )


def _wait(run: Invocation) -> None:
    run.ask_line("Press Enter when you are done with it: ")


def _described(shape: Shape) -> str:
    of = shape["person"] or shape["account"]
    return f"attachment {shape['id']} of {of}: {shape['name']}, {size_words(shape['size'])}"
