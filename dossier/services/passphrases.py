"""Where a passphrase comes from: a command, a file descriptor, or a person; never an argument (design: secrets)."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from dossier.domain.text import one_line
from dossier.errors import Locked, Unavailable, Usage

HOW_TO_UNLOCK = (
    "unlock it: dossier unlock (in scripts: --key-file, DOSSIER_PASSPHRASE_COMMAND or --passphrase-fd)"
)

HOW_TO_GIVE_IT = "type it at a terminal, or give it by --passphrase-fd N or DOSSIER_PASSPHRASE_COMMAND"
"""The agent holds keys, but no passphrase: for what needs that one, unlocking is no help."""

QUESTION = "Passphrase: "

TRIES = 3
"""So often whoever types a passphrase may slip before it ends the command."""

_LONGEST = 4096

_HIGHEST_DESCRIPTOR = 2**31 - 1

_Given = TypeVar("_Given")
_Opened = TypeVar("_Opened")


class Unlocking(NamedTuple):
    """Where a passphrase may come from when the agent has no keys and no command is set."""

    passphrase_fd: int | None = None
    prompt: Callable[[str], str] | None = None
    """Asks the person at the terminal; None where there is none, or for a command that never prompts."""


def obtain(
    command: str, unlocking: Unlocking, *, question: str = QUESTION, what: str = "the passphrase"
) -> tuple[str, bool]:
    """The passphrase, and whether a person typed it; Locked, which says `what` it is, when there is no way to one."""
    if command:
        return _from_command(command), False
    if unlocking.passphrase_fd is not None:
        return first_line_of(unlocking.passphrase_fd), False
    if unlocking.prompt is not None:
        return unlocking.prompt(question), True
    raise Locked(f"this needs {what} itself", HOW_TO_GIVE_IT)


def with_three_tries(
    ask: Callable[[str], tuple[_Given, bool]], open_by: Callable[[_Given], _Opened], question: str
) -> tuple[_Opened, bool]:
    """What `open_by` opens with what `ask` gives to a question, and whether a person typed that.

    Whoever typed what `open_by` raises Locked for is asked again, three times in all; then, and at once for what nobody
    typed, Locked is raised. After a slip that ended the command, the next thing typed would be the passphrase into the
    shell's history.
    """
    for left in reversed(range(TRIES)):
        given, typed = ask(question)
        try:
            return open_by(given), typed
        except Locked:
            if not typed or not left:
                raise
        question = f"That is not it. {QUESTION}"
    raise AssertionError("the last try returns or raises")


def _from_command(command: str) -> str:
    """Run a command, split into words and without a shell; its first line is the passphrase."""
    import shlex
    import subprocess

    try:
        words = shlex.split(command)
        if not words:
            raise Usage("the passphrase command is blank", "set it to a command, or unset it")
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False, timeout=60
        )
    except ValueError:
        raise Usage("the passphrase command cannot be split into words", "check its quotes") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = getattr(error, "strerror", None) or "it took longer than a minute"
        raise Locked(f"the passphrase command did not run: {reason}", "try it by hand in a shell") from None
    if done.returncode != 0:
        raise Locked(
            f"the passphrase command failed with exit code {done.returncode}", "try it by hand in a shell"
        )
    return _first_line(done.stdout, "the passphrase command")


def first_line_of(descriptor: int, what: str = "passphrase") -> str:
    """The secret in the first line of an open file descriptor; Usage if it cannot be read, Locked if there is none."""
    if not 0 <= descriptor <= _HIGHEST_DESCRIPTOR:
        raise Usage(f"there is no file descriptor {descriptor}", "open one first: 3< FILE")
    try:
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return _first_line(stream.readline(_LONGEST + 2), f"file descriptor {descriptor}", what)
    except OSError as error:
        raise Usage(
            f"cannot read file descriptor {descriptor}: {error.strerror}", "open it first: 3< FILE"
        ) from None


def first_line_in(path: str, what: str) -> str:
    """The secret in the first line of a file; Unavailable if it cannot be read, Locked if there is none."""
    try:
        with open(path, "rb") as stream:
            return _first_line(stream.readline(_LONGEST + 2), path, what)
    except OSError as error:
        raise Unavailable(
            f"cannot read {one_line(path)}: {error.strerror}", "check its name and permissions"
        ) from None


def _first_line(data: bytes, source: str, what: str = "passphrase") -> str:
    line = data.split(b"\n", 1)[0].removesuffix(b"\r")
    if len(line) > _LONGEST:
        raise Locked(f"{source} gave more than {_LONGEST} bytes")
    try:
        text = line.decode()
    except UnicodeDecodeError:
        text = None  # the error holds the secret and must not be the context of ours
    if text is None:
        raise Locked(f"{source} gave something that is not UTF-8 text")
    if not text:
        raise Locked(f"{source} gave no {what}")
    return text
