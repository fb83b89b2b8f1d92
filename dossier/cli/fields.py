"""Options made from the catalogue: a command names the fields it takes, and their kinds, choices and limits follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from typer.core import TyperCommand, TyperOption

from dossier.cli.invocation import Invocation
from dossier.domain.text import one_line
from dossier.errors import Usage
from dossier.store.record import PLAIN, Field, Record

_METAVARS = {"line": "TEXT", "text": "TEXT|-", "day": "DATE", "partial": "DATE", "int": "N", "lines": "TEXT"}


class FieldOption(NamedTuple):
    """An option for one field: `--spelled`, or the field's own name."""

    field: str
    help: str
    spelled: str = ""


def _option(field: Field, wanted: FieldOption) -> TyperOption:
    spelled = wanted.spelled or field.name.replace("_", "-")
    secret_text = field.key_class != PLAIN and field.kind in ("line", "text")
    metavar = "|".join(field.choices) or ("TEXT|-" if secret_text else _METAVARS.get(field.kind))
    declarations = [f"--{spelled}/--no-{spelled}"] if field.kind == "bool" else [f"--{spelled}"]

    def remember(context: Any, _: Any, value: Any) -> None:
        if value is None or value == () or value == [] or context.resilient_parsing:
            return  # not given, or only looked at by the shell's completion, which must not wait for stdin
        run: Invocation = context.obj
        if secret_text:
            value = run.text(value, f"the {field.name.replace('_', ' ')}", ask=False)
        elif field.kind == "int" and value:
            value = _whole_number(value, spelled)
        run.changes[field.name] = value

    return TyperOption(
        param_decls=[field.name, *declarations],
        help=wanted.help,
        metavar=metavar,
        type=bool if field.kind == "bool" else str,
        is_flag=field.kind == "bool",
        multiple=field.kind == "lines",
        default=None,
        expose_value=False,
        callback=remember,
        autocompletion=(
            lambda _context, _words, incomplete: [
                word for word in field.choices if word.startswith(incomplete)
            ]
        )
        if field.choices
        else None,
    )


def _whole_number(text: str, spelled: str) -> int:
    # Typer's own conversion would refuse the empty text that clears a field.
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    raise Usage(f"--{spelled} takes a whole number, not {one_line(text)!r}", f'--{spelled} "" clears it')


def takes_fields(kind: type[Record], options: Sequence[FieldOption]) -> type[TyperCommand]:
    """A command class with an option per field; what was given arrives in `invocation.changes` by field name.

    A secret text of `-` is read from stdin, so that it need not stand in the shell's history.
    """

    class FieldCommand(TyperCommand):
        def __init__(self, *arguments: Any, **more: Any) -> None:
            super().__init__(*arguments, **more)
            self.params += [_option(kind.table.field(option.field), option) for option in options]

        def invoke(self, ctx: Any) -> Any:
            """Run the command; an edit that names nothing to change is a slip, and Usage says so."""
            if self.name == "edit" and not ctx.obj.changes and not _any_option(self, ctx.params):
                raise Usage("nothing to change was given", f"name a field; see: {ctx.command_path} --help")
            return super().invoke(ctx)

    return FieldCommand


def _any_option(command: TyperCommand, values: Mapping[str, Any]) -> bool:
    options = [parameter.name for parameter in command.params if isinstance(parameter, TyperOption)]
    return any(values.get(name or "") not in (None, [], (), False) for name in options)


def examples(*lines: str) -> str:
    r"""The epilog of a command's help: examples that a test runs, each `command` or `command   # what it does`."""
    return "\b\nExamples:\n" + "\n".join(f"  dossier {line}" for line in lines)
