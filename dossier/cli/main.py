"""The root of the command line: which noun lives in which module, loaded only when it is called."""

from __future__ import annotations

import importlib
from difflib import get_close_matches
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from dossier import __version__
from dossier.cli import diagnostics
from dossier.cli.invocation import Invocation
from dossier.cli.options import add_common_options
from dossier.domain.text import one_line
from dossier.errors import Usage


class Entry(NamedTuple):
    """A command of the root: its module in `dossier.cli`, and its line in `dossier --help`, for a noun its help too."""

    module: str
    help: str


COMMANDS: dict[str, Entry] = {
    "agenda": Entry("agenda", "What is due today, and why: the worst first."),
    "tui": Entry("tui", "The full-screen view."),
    "log": Entry("log", "Record a call, meeting, visit or mail in one line."),
    "brief": Entry("brief", "One page before a meeting."),
    "show": Entry("show", "Everything known about an account or a person."),
    "search": Entry("search", "Find a word anywhere in the vault."),
    "account": Entry("account", "Client companies."),
    "person": Entry("person", "People at an account."),
    "fact": Entry("fact", "What is known, by whom it was said, and when."),
    "relative": Entry("relative", "Family members and their birthdays."),
    "occasion": Entry("occasion", "Dates to remember."),
    "interaction": Entry("interaction", "What was logged."),
    "attachment": Entry("attachment", "Files kept in the vault, encrypted."),
    "promise": Entry("promise", "Promises, ours and theirs."),
    "step": Entry("step", "Next steps."),
    "undo": Entry("undo", "Take back the newest change, or a named one."),
    "history": Entry("history", "Every change that was made."),
    "import": Entry("import_", "Bring people in from vCard or CSV."),
    "export": Entry("export", "Take everything out as JSON."),
    "init": Entry("init", "Make a vault."),
    "unlock": Entry("unlock", "Open the vault for a while."),
    "lock": Entry("lock", "Forget the keys at once."),
    "status": Entry("status", "Whether the vault is locked, where it is, what stands in clear."),
    "vault": Entry("vault", "What opens the vault, and what keeps it sound."),
    "config": Entry("config", "The settings in force and where they come from."),
    "demo": Entry("demo", "A throw-away vault with a believable book of business."),
}


class LazyGroup(TyperGroup):
    """Imports the module of a command when that command is called, and no other."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Every command in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, with the common options; Usage, with the nearest name, if there is none of that name."""
        if cmd_name not in COMMANDS:
            near = get_close_matches(cmd_name, COMMANDS, 1)
            hint = f"did you mean: dossier {near[0]}" if near else "see them all: dossier --help"
            raise Usage(f"there is no command {one_line(cmd_name)!r}", hint)
        if cmd_name not in self.commands:
            module = importlib.import_module(f"dossier.cli.{COMMANDS[cmd_name].module}")
            # A noun is a group; made as a part, it brings no completion options of its own.
            make = get_group if module.app.info.no_args_is_help else get_command
            command = add_common_options(make(module.app))
            command.name = cmd_name
            command.help = command.help or COMMANDS[cmd_name].help
            self.commands[cmd_name] = command
        return self.commands[cmd_name]

    def invoke(self, ctx: Any) -> Any:
        """Run a command; if it is interrupted, tell what is noted on that, for Typer keeps the exit code alone."""
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, SystemExit) as stopped:
            if isinstance(stopped, KeyboardInterrupt):
                ctx.obj.tell("")  # it stands behind a question, where the shell's prompt would go on
            diagnostics.tell_notes(ctx.obj, stopped)
            raise

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list in `--help`, without importing a single command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])


app = typer.Typer(cls=LazyGroup, rich_markup_mode=None)

_EPILOG = """\b
Examples:
  dossier   # today's agenda
  dossier log "Hanoi Optics" "agreed the calibration plan" --with lan
  dossier promise add 3 "send the quote" --due fri
  dossier agenda --format json | jq .counts
"""


@app.callback(invoke_without_command=True, epilog=_EPILOG)
def root(
    context: typer.Context, version: bool = typer.Option(False, "--version", help="Print the version.")
) -> int:
    """A private dossier of the clients who carry your business.

    Alone it prints the agenda, or how to begin where there is no vault.
    """
    if version:
        context.obj.out.line(f"dossier {__version__}")
    elif context.invoked_subcommand is None:
        from dossier.cli.agenda_output import print_agenda_or_welcome

        return print_agenda_or_welcome(context.obj)
    return 0


def build() -> Any:
    """The whole command line as one object, for `run`, for completion and for the reference."""
    return add_common_options(get_command(app))


def run(arguments: list[str]) -> int:
    """Run one command line; the exit code."""
    invocation = Invocation()
    return diagnostics.run_guarded(build(), arguments, invocation)
