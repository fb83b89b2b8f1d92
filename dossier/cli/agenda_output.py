"""Printing the agenda, and what `dossier` alone prints. Without Typer, for `dossier.cli.fast`."""

from __future__ import annotations

import os
from collections.abc import Sequence

from dossier.cli.invocation import Invocation
from dossier.cli.output import Column
from dossier.domain.agenda import FAIL_ON, fails_on
from dossier.domain.vocabulary import ItemKind
from dossier.errors import OVERDUE_EXIT, Usage
from dossier.services import agenda as service

COLUMNS = (
    Column("kind", "kind", "word"),
    Column("id", "id", "word"),
    Column("due", "due", "word"),
    Column("late", "days_late", "word"),
    Column("account", "account"),
    Column("person", "person"),
    Column("title", "title"),
    Column("why", "why"),
)


def print_agenda(
    run: Invocation,
    days: int | None = None,
    only: Sequence[ItemKind] = (),
    limit: int | None = None,
    fail_on: str | None = None,
) -> int:
    """Print the agenda in the format asked for; the exit code, which tells whether what `fail_on` names was found."""
    if fail_on is not None and fail_on not in FAIL_ON:
        raise Usage(f"--fail-on does not know {fail_on!r}", f"it takes {', '.join(FAIL_ON)}")
    session = run.vault()
    items = service.items(session, days, only)
    shape = service.shape(session, items, limit)
    if run.out.format == "table":
        from dossier.cli.agenda_page import print_page

        print_page(run, shape, beyond=len(items) - len(shape["items"]))
    else:
        run.out.items(shape["items"], COLUMNS, empty="", whole=shape)
    return OVERDUE_EXIT if fail_on is not None and fails_on(items, fail_on) else 0


def print_agenda_or_welcome(run: Invocation) -> int:
    """What `dossier` alone prints: the agenda, or how to begin where there is no vault."""
    if os.path.lexists(run.vault_path):
        return print_agenda(run)
    from dossier.store.backups import way_back  # only where there is no vault

    if hint := way_back(run.vault_path):
        run.out.line(f"There is no vault at {run.vault_path}, but {run.for_this_vault(hint)}\n")
        return 0
    where = "" if run.config.origins["vault"] == "default" else f" at {run.vault_path}"
    run.out.line(
        run.for_this_vault(
            f"There is no vault{where} yet. To look around first:\n\n"
            "  dossier demo\n\n"
            "To begin with your own:\n\n"
            "  dossier init\n"
            '  dossier account add "Your client" --tier key\n'
            '  dossier log "Your client" "first call" --promise "send the offer" --due fri\n'
        )
    )
    return 0
