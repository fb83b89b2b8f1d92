"""The one place where a failure becomes a message and an exit code."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dossier.cli.invocation import Invocation
from dossier.domain.faults import Fault
from dossier.domain.text import count_of, one_line
from dossier.errors import INTERRUPTED_EXIT, Damaged, DossierError, Unavailable, Usage, exit_code_of

if TYPE_CHECKING:
    from typer import TyperException

_LEFT_OVER = r"(?is)got unexpected extra arguments?(?:\(s\))? \((.*)\)$"
_A_SENTENCE = r"(?i)no such option: -+(?![\w-]+(?:$| \())"
_WAS_IT_DONE = "dossier history tells whether anything was changed"


def run_guarded(command: Any, arguments: list[str], invocation: Invocation) -> int:
    """Run a command line of Typer's under `guarded`."""
    import typer

    def body() -> Any:
        try:
            return command.main(args=arguments, prog_name="dossier", standalone_mode=False, obj=invocation)
        except SystemExit as leaving:
            if isinstance(leaving.__context__, BrokenPipeError):
                raise leaving.__context__ from None  # Typer would make an exit code of 1 of it
            raise
        except typer.TyperException as error:
            return _usage(invocation, error)
        except typer.Abort:
            raise KeyboardInterrupt from None

    return guarded(body, invocation)


def guarded(body: Callable[[], Any], invocation: Invocation) -> int:
    """Run the body of a command, which may return its exit code.

    Every failure becomes one line on stderr, a hint, and the designed exit code.
    """
    invocation.environment.use_utf8()
    try:
        code = _run(body, invocation)
        if code:
            _give_back(invocation)
        return code
    except BrokenPipeError:
        # The reader has seen enough (`dossier agenda | head`).
        _discard(invocation)
        return 0


def _run(body: Callable[[], Any], invocation: Invocation) -> int:
    try:
        try:
            code = body()
            invocation.warn()
        finally:
            invocation.close()
        invocation.environment.stdout.flush()
        return code if isinstance(code, int) else 0
    except Fault as fault:
        report(invocation, fault.message, fault.hint)
        tell_notes(invocation, fault)
        return exit_code_of(fault)
    except KeyboardInterrupt:
        invocation.tell("")
        return INTERRUPTED_EXIT
    except BrokenPipeError:
        raise
    except OSError as error:  # of our streams: services turn those of files into faults
        _discard(invocation)
        report(invocation, f"cannot read the input or write the result: {error.strerror}", _WAS_IT_DONE)
        return Unavailable.exit_code
    except Exception as error:  # noqa: BLE001 - the last line of defence: what is no Fault is our own mistake
        return _own_mistake(invocation, error)


def report(invocation: Invocation, message: str, hint: str | None) -> None:
    """One line that says what is wrong, one that says what to do next."""
    invocation.tell(f"dossier: {one_line(message)}")
    if hint:
        invocation.tell(f"  {one_line(hint)}")


def tell_notes(invocation: Invocation, error: BaseException) -> None:
    """What services noted on a failure of their own: what was done although the run failed."""
    for note in getattr(error, "__notes__", ()):
        invocation.tell(one_line(note))


def _give_back(invocation: Invocation) -> None:
    """Show again what a person typed in a run that failed, so that it is not lost; on the terminal alone (C1)."""
    if invocation.typed and invocation.environment.stderr.isatty():
        invocation.tell("What you typed, so that it is not lost:")
        for text in invocation.typed:
            invocation.tell_as_it_is(text)


def _discard(invocation: Invocation) -> None:
    """Let what still waits to be written go nowhere: Python would complain once more when it flushes at exit."""
    if sys.__stdout__ is not None and invocation.environment.stdout is sys.__stdout__:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())


def _usage(invocation: Invocation, error: TyperException) -> int:
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        invocation.tell(error.format_message())
        return Usage.exit_code
    hint = f"see: {context.command_path} --help" if context is not None else None
    message = error.format_message().rstrip(".")
    # What is left over, or begins with a dash, may be a text whose quotes were forgotten, and a secret.
    if left_over := re.match(_LEFT_OVER, message):
        message = f"{count_of(len(left_over[1].split()), 'word')} too many"
        hint = f"put a text of several words in quotes; {hint}"
    elif re.match(_A_SENTENCE, message):
        message = "a text that begins with - is taken for an option"
        hint = "put -- before it, or give - and let it be read from stdin"
    message = re.sub(r"is not a valid (int|integer)\b", "is not a whole number", message)
    message = re.sub(r"is not a valid (float|number)\b", "is not a number", message)
    report(invocation, message[:1].lower() + message[1:], hint)  # as every message of ours
    return Usage.exit_code


def _own_mistake(invocation: Invocation, error: Exception) -> int:
    """Where it happened, never with what: a value or local variable may be a secret (C1); the exit code.

    No mistake of ours is what stumbles over a value in the vault that dossier never wrote.
    """
    if "debug" in invocation.flags:
        import traceback

        for frame in traceback.extract_tb(error.__traceback__):
            invocation.tell(f"  {frame.filename}:{frame.lineno} in {frame.name}")
    if invocation.opened and (odd := _oddity(invocation.opened)):
        report(invocation, f"the vault holds what dossier never wrote: {odd}", "run: dossier vault check")
        return Damaged.exit_code
    report(
        invocation,
        f"a mistake in dossier itself ({type(error).__name__}{_place_of(error)})",
        f"{_WAS_IT_DONE}; --debug shows the way there",
    )
    return DossierError.exit_code


def _place_of(error: Exception) -> str:
    """Where it happened, for whoever reports it: ` at dossier/tui/page.py:57`, and where behind that in a library."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    ours = behind = ""
    trace = error.__traceback__
    while trace is not None:
        path = trace.tb_frame.f_code.co_filename
        if path.startswith(os.path.join(root, "dossier", "")):
            ours, behind = f" at {os.path.relpath(path, root)}:{trace.tb_lineno}", ""
        else:
            behind = f" in {os.path.basename(path)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return ours + behind


def _oddity(path: str) -> str | None:
    """The first record of the vault at `path` that dossier cannot have written."""
    from dossier.store.database import Database
    from dossier.store.oddities import first_oddity

    try:
        with Database(path) as database:
            return first_oddity(database)
    except Fault:
        return None
