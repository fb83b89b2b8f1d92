"""The options that work before and after every command, and where their values go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typer.core import TyperOption

HELP = {
    "format": "How to print: auto, table, plain, json or csv.",
    "vault": "The vault file.",
    "key_file": "Open the vault, or its agenda, by this key file.",
    "passphrase_fd": "Read the passphrase from this file descriptor.",
    "today": "Rehearse another day (ISO date).",
    "color": "auto, always or never.",
    "no_input": "Never ask for anything.",
    "debug": "Show a traceback (without values) when the program itself fails.",
}
FLAGS = ("no_input", "debug")
_METAVARS = {
    "format": "FORMAT",
    "vault": "FILE",
    "key_file": "FILE",
    "passphrase_fd": "N",
    "today": "DATE",
    "color": "WHEN",
}


def _remember(context: Any, parameter: Any, value: Any) -> None:
    # Typer gives its own context and parameter types, which live in a private module.
    if value is not None and value is not False:  # 0 is a file descriptor
        context.obj.flags[parameter.name] = value


def spelled(name: str) -> str:
    """An option as it is typed."""
    return "--" + name.replace("_", "-")


def _common_options() -> list[TyperOption]:
    from typer.core import TyperOption

    options = []
    for name, text in HELP.items():
        flag = name in FLAGS
        options.append(
            TyperOption(
                param_decls=[name, spelled(name)],
                help=text,
                metavar=_METAVARS.get(name),
                is_flag=flag,
                type=int if name == "passphrase_fd" else bool if flag else str,
                default=False if flag else None,
                expose_value=False,
                callback=_remember,
            )
        )
    return options


def add_common_options(command: Any) -> Any:
    """Let a command, and everything below it, take the common options; returns the command."""
    from typer.core import TyperGroup

    own = {option for parameter in command.params for option in parameter.opts}
    command.params += [option for option in _common_options() if not own.intersection(option.opts)]
    if isinstance(command, TyperGroup):
        for below in command.commands.values():
            add_common_options(below)
    return command
