"""`dossier config`: the settings in force."""

from __future__ import annotations

import os

import typer

from dossier import paths
from dossier.cli.fields import examples
from dossier.cli.invocation import invocation
from dossier.cli.output import Column
from dossier.config import KEYS, SETTINGS, Config
from dossier.domain.faults import BadValue

app = typer.Typer(add_completion=False, rich_markup_mode=None)

COLUMNS = (
    Column("setting", "name"),
    Column("value", "value"),
    Column("from", "origin"),
    Column("environment", "environment", "more"),
    Column("what it is", "help"),
)


@app.command("config", epilog=examples("config", "config --format json"))
def config(context: typer.Context) -> None:
    """List the settings in force: their values, where they come from, what they do.

    A setting comes from its flag, else its variable, else the config file, else its default. The config file is
    $XDG_CONFIG_HOME/dossier/config.toml, usually ~/.config/dossier/config.toml (on macOS ~/Library/Application
    Support/dossier/config.toml), with lines such as agenda_days = 14 or opener = "zathura". Below a line [keys] the
    config file gives actions of the full-screen view other keys; those are listed as keys.ACTION. JSON gives
    {file, exists, settings: [{name, value, default, origin, environment, help}]}; origin is flag, environment, file or
    default.
    """
    run = invocation(context)
    file = paths.config_file()
    fault = None
    try:
        found = run.config
    except BadValue as error:  # whoever comes here to mend the settings still sees which there are
        fault = error
        found = run.config = Config({}, {}, os.devnull)
    settings = [
        {
            "name": setting.name,
            "value": found[setting.name],
            "default": setting.default,
            "origin": found.origins[setting.name],
            "environment": setting.env,
            "help": setting.help,
        }
        for setting in SETTINGS
    ]
    settings += [
        {
            "name": f"{KEYS}.{action}",
            "value": key,
            "default": None,
            "origin": "file",
            "environment": None,
            "help": "the key of this action in the full-screen view",
        }
        for action, key in found.keys.items()
    ]
    exists = os.path.lexists(file)
    run.out.items(settings, COLUMNS, empty="", whole={"file": file, "exists": exists, "settings": settings})
    if run.out.format == "table":
        run.out.line(
            f"The config file is {file}" + ("" if exists else " (not there; make it to change a setting)")
        )
        run.out.line("A line in it: agenda_days = 14")
    if fault is not None:
        raise fault
