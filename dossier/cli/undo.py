"""`dossier undo`: take a change back."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from dossier.cli.fields import examples
from dossier.cli.invocation import Invocation, invocation
from dossier.cli.output import Column, Shape, as_text
from dossier.domain.text import count_of
from dossier.services import undo as service

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_SHOWN = 12
_VALUE_LENGTH = 40


def _count(action: str) -> Column:
    return Column(action, lambda shape: sum(record["action"] == action for record in shape["records"]))


COLUMNS = (
    Column("id", "id"),
    Column("undoes", "undoes"),
    Column("command", "command"),
    Column("made", "at"),
    Column("summary", "summary"),
    _count("removed"),
    _count("restored"),
    _count("changed"),
)


@app.command(
    epilog=examples(
        "undo --dry-run   # says what would be done",
        "undo             # takes back the newest change",
        "undo --id 12     # takes back change 12 of dossier history",
    )
)
def undo(
    context: typer.Context,
    number: Annotated[
        int | None,
        typer.Option("--id", metavar="N", help="The change to take back, as dossier history numbers it."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
) -> None:
    """Take back the newest change, or a named one; what it took back can be brought back in turn."""
    run = invocation(context)
    shape = service.undo(run.unlocked(), number, dry_run=dry_run)
    run.out.written(shape, COLUMNS, _sentence(shape))
    if run.out.format == "table":
        _say_the_rest(run, shape)


def _sentence(shape: Shape) -> str:
    said = as_text(shape["summary"])
    return said[:1].upper() + said[1:] + "."


def _say_the_rest(run: Invocation, shape: Shape) -> None:
    records = shape["records"]
    for record in records[:_SHOWN]:
        run.out.line("  " + _record_line(record))
    if len(records) > _SHOWN:
        run.out.line(f"  … and {count_of(len(records) - _SHOWN, 'more record')}")
    if shape["dry_run"]:
        run.out.line(
            run.for_this_vault(f"Nothing was changed. To do it: dossier undo --id {shape['undoes']}")
        )
    else:
        run.out.line(run.for_this_vault(f"To bring it back: dossier undo --id {shape['id']}"))


def _record_line(record: dict[str, Any]) -> str:
    noun = record["noun"].replace("_", " ")
    line = f"{record['action']} {noun} {record['id']} {record['label'] or ''}".rstrip()
    changes = "; ".join(
        f"{name.replace('_', ' ')} {_short(values['from'])} → {_short(values['to'])}"
        for name, values in record["fields"].items()
    )
    return f"{line}: {changes}" if changes and record["action"] == "changed" else line


def _short(value: Any) -> str:
    text = as_text(value) or "(empty)"
    return text if len(text) <= _VALUE_LENGTH else text[: _VALUE_LENGTH - 1] + "…"
