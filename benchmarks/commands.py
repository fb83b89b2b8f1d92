"""What is measured, and what each may cost."""

from __future__ import annotations

from typing import NamedTuple

GROWTH = 1.3
"""How many times as much a command may take on ten times the data."""


class Measured(NamedTuple):
    """A command as it is typed after `dossier`, and its budgets.

    `{round}` in an argument becomes the number of the round, counted from 1: no promise is kept twice.
    """

    label: str
    arguments: tuple[str, ...]
    budget: float | None = None
    """In multiples of `python -c pass`."""
    seconds: float | None = None
    mebibytes: float | None = None
    on_terminal: bool = False
    locked: bool = False
    shows: str | None = None
    """What a full-screen program writes when it is there, as a pattern: the time ends with it."""


_AGENDA = Measured("agenda", ("agenda",), budget=9, mebibytes=45)
_LOG = Measured(
    "log",
    ("log", "a{round}", "agreed the plan", "--channel", "visit", "--promise", "send it", "--due", "fri"),
    budget=11,
)
_KEEP = Measured("promise keep", ("promise", "keep", "{round}"), budget=11)
_SHOW = Measured("show", ("show", "a{round}"), budget=11)

COMMANDS = (
    _AGENDA,
    _AGENDA._replace(label="dossier alone", arguments=()),
    _AGENDA._replace(label="agenda --format json", arguments=("agenda", "--format", "json")),
    _AGENDA._replace(label="agenda --only occasion", arguments=("agenda", "--only", "occasion")),
    _AGENDA._replace(label="agenda, locked", locked=True),
    _AGENDA._replace(label="agenda on a terminal", on_terminal=True, budget=18),
    _LOG,
    _KEEP,
    Measured(
        "promise add", ("promise", "add", "a{round}", "send the quote", "--due", "in 2 weeks"), budget=11
    ),
    _SHOW,
    _SHOW._replace(label="show on a terminal", on_terminal=True, budget=18),
    Measured("brief", ("brief", "a{round}"), budget=11),
    Measured("account list (1,000 lines)", ("account", "list")),
    Measured("search", ("search", "calibration"), seconds=0.6),
    Measured("--version", ("--version",)),
    # The first row of the agenda begins with how late it is.
    Measured("tui, until the agenda shows", ("tui",), budget=40, shows=r"\d+d late"),
)

GROWING = (_AGENDA, _LOG, _KEEP, _SHOW)
"""Also run on ten times the data."""
