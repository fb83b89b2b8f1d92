"""`dossier export …`: everything, for other programs."""

from __future__ import annotations

from typing import Annotated

import typer

from dossier.cli.fields import examples
from dossier.cli.invocation import Invocation, invocation
from dossier.cli.output import Column
from dossier.domain.text import count_of, one_line
from dossier.exchange.json_out import SECTIONS
from dossier.services import exporting

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


def _count_of(section: str) -> Column:
    return Column(section, lambda shape: shape["counts"][section])


COLUMNS = (
    Column("file", "file"),
    Column("sensitive", "includes_sensitive"),
    *map(_count_of, SECTIONS.values()),
)


@app.callback()
def export() -> None:
    """Take everything out."""


@app.command(
    "json",
    epilog=examples(
        "export json everything.json --include-sensitive",
        "export json names.json            # only what stands in clear in the vault; works locked",
        "export json - | jq .accounts[].name",
    ),
)
def json_(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A new file; - is stdout.")],
    include_sensitive: Annotated[
        bool,
        typer.Option(
            "--include-sensitive", help="Also what the vault encrypts: notes, birthdays, promises' titles …"
        ),
    ] = False,
) -> None:
    """Write all records to a JSON file that only you can read.

    Without --include-sensitive it holds what stands in clear in the vault anyway. Nothing is ever overwritten. The
    history of changes stays behind.
    """
    run = invocation(context)
    session = run.unlocked() if include_sensitive else run.vault()
    if file == "-":
        # Too much to build in memory for the writer of results, and in one format only.
        counts = exporting.to_stream(session, run.environment.stdout, include_sensitive=include_sensitive)
        run.tell(f"Exported {_counted(counts)}.")
    else:
        shape = exporting.to_file(session, file, include_sensitive=include_sensitive)
        run.out.written(shape, COLUMNS, f"Exported {_counted(shape['counts'])} to {one_line(shape['file'])}.")
    if include_sensitive:
        _warn(run)
    else:
        run.advise(
            "Without what is encrypted: titles, notes, birthdays … To have it all: --include-sensitive"
        )


def _counted(counts: dict[str, int]) -> str:
    accounts, people = counts["accounts"], counts["people"]
    others = sum(counts.values()) - accounts - people
    return f"{count_of(accounts, 'account')}, {count_of(people, 'person')} and {count_of(others, 'other record')}"


def _warn(run: Invocation) -> None:
    run.tell(
        "Careful: what was exported is not encrypted, private notes included. Delete it when it has served."
    )
