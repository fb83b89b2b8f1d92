"""The only writer of stderr and the one place where a failure becomes an exit code."""

from __future__ import annotations

import os
import sys
from typing import Any

import typer

from dossier.cli.invocation import Invocation
from dossier.domain.faults import Fault
from dossier.errors import INTERRUPTED_EXIT, Usage, exit_code_of


def run_guarded(command: Any, arguments: list[str], invocation: Invocation) -> int:
    """Run a command; every failure becomes one line on stderr, a hint, and the designed exit code."""
    environment = invocation.environment
    environment.use_utf8()
    try:
        code = command.main(args=arguments, prog_name="dossier", standalone_mode=False, obj=invocation)
        environment.stdout.flush()
        return code if isinstance(code, int) else 0
    except Fault as fault:
        report(invocation, fault.message, fault.hint)
        return exit_code_of(fault)
    except typer.TyperException as error:
        return _usage(invocation, error)
    except (KeyboardInterrupt, typer.Abort):
        invocation.tell("")
        return INTERRUPTED_EXIT
    except BrokenPipeError:
        # The reader has seen enough (`dossier agenda | head`). Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the last line of defence: what is no Fault is our own mistake
        _own_mistake(invocation, error)
        return 1
    finally:
        invocation.close()


def report(invocation: Invocation, message: str, hint: str | None) -> None:
    """One line that says what is wrong, one that says what to do next."""
    invocation.tell(f"dossier: {message}")
    if hint:
        invocation.tell(f"  {hint}")


def _usage(invocation: Invocation, error: typer.TyperException) -> int:
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        invocation.out.line(error.format_message())
        return Usage.exit_code
    hint = f"see: {context.command_path} --help" if context is not None else None
    report(invocation, error.format_message().rstrip("."), hint)
    return Usage.exit_code


def _own_mistake(invocation: Invocation, error: Exception) -> None:
    """Where it happened, never with what: a value or local variable may be a secret (C1)."""
    if "debug" in invocation.flags:
        import traceback

        for frame in traceback.extract_tb(error.__traceback__):
            invocation.tell(f"  {frame.filename}:{frame.lineno} in {frame.name}")
    report(
        invocation,
        f"a mistake in dossier itself ({type(error).__name__}); nothing was changed",
        "run it again with --debug",
    )
