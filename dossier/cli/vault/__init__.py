"""`dossier vault …`: what opens a vault, and what keeps it sound for years; a module for each reason to change."""

from __future__ import annotations

import typer

from dossier.cli.vault import accept, compact, forgetting, keeping, opening, rotate, salvage, slots

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

for part in (opening, slots, rotate, keeping, compact, salvage, accept, forgetting):
    app.registered_commands += part.app.registered_commands
    app.registered_groups += part.app.registered_groups
