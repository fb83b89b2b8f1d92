"""`dossier brief REF`: one page before a meeting.

Plain output is the same lines, each behind the name of its section and a tab; JSON has everything, uncut.
"""

from __future__ import annotations

import typer

from dossier.cli.arguments import AnyRef
from dossier.cli.fields import examples
from dossier.cli.invocation import Invocation, invocation
from dossier.services import brief as service
from dossier.services.shapes import Shape

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    epilog=examples(
        "brief hanoi", "brief lan", "brief 1 --format json | jq '.promises.us[] | {title, due_on}'"
    )
)
def brief(context: typer.Context, ref: AnyRef) -> None:
    """One page before a meeting: whom to address how, what was said and promised, what to talk about and to ask."""
    run = invocation(context)
    shape = service.brief(run.unlocked(), ref)
    if run.out.format in ("json", "csv"):
        run.out.record(shape)
    else:
        _print(run, shape)


def _print(run: Invocation, shape: Shape) -> None:
    from dossier.cli.brief_page import print_page, print_plain

    if run.out.format == "table":
        print_page(run, shape)
    else:
        print_plain(run, shape)
