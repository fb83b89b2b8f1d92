"""The agenda as a person reads it on a terminal: in groups, the worst first, each item with its why and what to do."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from dossier.cli.invocation import Invocation
from dossier.cli.output import LOCKED, Shape
from dossier.domain.agenda import GROUPS, group_of
from dossier.domain.text import count_of, one_line

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text


_WHEN_WIDTH = 6
_MARGIN = _WHEN_WIDTH + 2 + 2  # the column before and what pads both

_STYLES = ("bold red", "bold yellow", "bold magenta", "bold cyan", "bold blue", "bold green")


def print_page(run: Invocation, shape: Shape, beyond: int) -> None:
    """Print the agenda's shape; `beyond` is how many items the limit left out."""
    from rich.text import Text

    today = date.fromisoformat(shape["today"])
    heading = Text(f"{today:%A} {today.day} {today:%B %Y}", style="bold")
    heading.append(f" · {count_of(len(shape['items']) + beyond, 'item')}", style="dim")
    run.out.rich(heading)
    for group, style in zip(GROUPS, _STYLES, strict=True):
        chosen = [item for item in shape["items"] if _group_of(item) == group]
        if chosen:
            run.out.rich(Text(f"\n{group}", style=style), _items(chosen, run.out.width - _MARGIN))
    if not shape["items"]:
        run.out.line(
            run.for_this_vault("Nothing is due. Time for a call that nobody expects: dossier account list")
        )
    if beyond:
        run.out.line(f"\n… and {beyond} more; without --limit they all show.")


def _group_of(item: Shape) -> str:
    return group_of(item["kind"], item["urgency"], item["by"], item["days_late"])


def _items(items: list[Shape], width: int) -> Table:
    from rich.table import Table

    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(width=_WHEN_WIDTH, no_wrap=True, justify="right")
    table.add_column()
    for item in items:
        table.add_row(_when(item["days_late"]), _what(item, width))
    return table


def _what(item: Shape, width: int) -> Text:
    from rich.cells import cell_len
    from rich.text import Text

    text = Text(one_line(item["account"]), style="bold")
    if item["person"]:
        text.append(f" · {one_line(item['person'])}", style="not bold")
    if item["kind"] != "cadence":
        text.append("  ")
        if item["title"] is None:
            text.append(LOCKED, style="not bold dim")
        else:
            text.append(one_line(item["title"]), style="not bold")
    first_action, _, _ = item["action"].partition(" · ")
    _, _, command = first_action.partition(": ")
    why, what = one_line(item["why"]), f"→ {command}"
    text.append(f"\n{why}", style="not bold dim")
    # A command goes on a line of its own rather than break in two: people copy it from here.
    text.append(("  " if cell_len(f"{why}  {what}") <= width else "\n") + what, style="not bold cyan")
    return text


def _when(days_late: int) -> Text:
    from rich.text import Text

    if days_late > 0:
        return Text(f"+{days_late}d", style="red")
    return Text("today", style="bold") if days_late == 0 else Text(f"in {-days_late}d")
