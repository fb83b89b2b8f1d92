"""The agenda as a person reads it on a terminal: grouped, worst first, what to do under each item."""

from __future__ import annotations

from datetime import date
from typing import Any

from dossier.cli.invocation import Invocation
from dossier.domain.text import count_of, one_line
from dossier.services.shapes import Shape

_GROUPS = (
    ("Late, and nobody was told", "bold red", lambda item: item["urgency"] >= 90),
    ("Late or due today", "bold yellow", lambda item: item["urgency"] >= 70),
    ("Too long without contact", "bold magenta", lambda item: item["kind"] == "cadence"),
    ("They owe us", "bold cyan", lambda item: item["by"] == "them" and item["days_late"] > 0),
    ("To do", "bold", lambda item: item["days_late"] >= 0),
    ("Coming up", "bold green", lambda item: True),
)


def print_page(run: Invocation, shape: Shape, beyond: int) -> None:
    """Print the agenda's shape; `beyond` is how many items the limit left out."""
    from rich.text import Text

    today = date.fromisoformat(shape["today"])
    heading = Text(f"{today:%A} {today.day} {today:%B %Y}", style="bold")
    heading.append(f" · {count_of(len(shape['items']) + beyond, 'item')}", style="dim")
    run.out.rich(heading)
    left = list(shape["items"])
    for title, style, belongs in _GROUPS:
        group = [item for item in left if belongs(item)]
        left = [item for item in left if not belongs(item)]
        if group:
            run.out.rich(Text(f"\n{title}", style=style), _table(group))
    if not shape["items"]:
        run.out.line("Nothing is due. Time for a call nobody expects: dossier account list")
    if beyond:
        run.out.line(f"\n… and {beyond} more: dossier agenda")


def _table(items: list[Shape]) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(width=6, no_wrap=True)
    table.add_column(ratio=2)
    table.add_column(ratio=5)
    for item in items:
        whom = item["account"] if not item["person"] else f"{item['person']}, {item['account']}"
        what = Text("locked" if item["title"] is None else one_line(item["title"]))
        if item["title"] is None:
            what.stylize("dim")
        what.append(f"\n{one_line(item['why'])}", style="dim")
        what.append(f"\n→ {one_line(item['action'])}", style="dim italic")
        table.add_row(_when(item["days_late"]), Text(one_line(whom)), what)
    return table


def _when(days_late: int) -> Any:
    from rich.text import Text

    if days_late > 0:
        return Text(f"+{days_late} d", style="red")
    return Text("today" if days_late == 0 else f"{-days_late} d", style="bold" if days_late == 0 else "")
