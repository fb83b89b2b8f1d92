"""`dossier search`: find words anywhere in the vault."""

from __future__ import annotations

from typing import Annotated

import typer

from dossier.cli.fields import examples
from dossier.cli.invocation import invocation
from dossier.cli.output import Column, Shape
from dossier.domain.text import joined, one_line
from dossier.services import search as service

app = typer.Typer(add_completion=False, rich_markup_mode=None)

COLUMNS = (
    Column("what", "noun"),
    Column("id", "id"),
    Column("account", "account"),
    Column("person", "person"),
    Column("field", "field"),
    Column("date", "date"),
    Column("text", "excerpt"),
)


def _what(shape: Shape) -> str:
    letter = {"account": "a", "person": "p"}.get(shape["noun"], "")
    return f"{shape['noun']} {letter}{shape['id']}"


SHOWN = (
    Column("what", _what),
    Column("whose", lambda shape: joined(shape["account"], shape["person"])),
    Column("date", "date"),
    Column("text", "excerpt"),
)
"""The columns for people."""


@app.command(
    epilog=examples(
        "search warranty",
        "search hanoi calibration   # both words, also where one is the account's name",
        "search - < words.txt       # leaves nothing in the shell's history",
    )
)
def search(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT…|-", help="Words that must all occur; case and accents do not matter."),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=1, max=1_000_000, help="At most so many.")
    ] = 50,
) -> None:
    """Find words in names and in everything that is encrypted; names first, then the newest."""
    run = invocation(context)
    session = run.unlocked_if_someone_is_here()
    text = run.text(" ".join(words) if words else None, "the words to look for") or ""
    hits = service.search(session, text, limit + 1)
    run.out.items(hits[:limit], COLUMNS, shown=SHOWN, empty=f"Nothing holds {one_line(text.strip())!r}.")
    if len(hits) > limit:
        run.tell(f"Only the first {limit} are shown; for more: --limit N")
    if session.locked:
        run.tell(
            "The vault is locked: only names and what else stands in clear was searched. To search all: dossier unlock"
        )
