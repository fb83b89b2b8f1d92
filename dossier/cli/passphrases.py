"""Asking for new passphrases and showing recovery codes: on the terminal only, never on stdout."""

from __future__ import annotations

from typing import Annotated

import typer

from dossier.cli.invocation import Invocation
from dossier.domain.faults import BadValue
from dossier.errors import Locked, Usage
from dossier.services.passphrases import TRIES, first_line_of
from dossier.services.reheading import A_NEW_FILE
from dossier.services.vaults import CodeKeeper, check_new_passphrase, refuse_if_taken

ADVICE = "Choose a passphrase that nobody would guess: five or more words that do not belong together."

RecoveryFile = Annotated[
    str | None,
    typer.Option(
        "--recovery-file",
        metavar="FILE",
        help="Write the new recovery code to this new file instead of showing it; needed without a terminal.",
    ),
]
NewPassphraseFd = Annotated[
    int | None,
    typer.Option(
        "--new-passphrase-fd", metavar="N", help="Read the new passphrase from this file descriptor."
    ),
]


def typed_twice(run: Invocation, question: str) -> str:
    """A new passphrase, typed twice without echo; BadValue after three tries that were too short or did not agree."""
    for left in reversed(range(TRIES)):
        try:
            first = check_new_passphrase(run.ask_secret(question))
            if run.ask_secret("The same again: ") == first:
                return first
            raise BadValue("the two passphrases are not the same", "nothing was changed")
        except BadValue as fault:
            if not left:
                raise
            run.tell(f"{fault.message[:1].upper()}{fault.message[1:]}; once more, please.")
    raise AssertionError("the last try returns or raises")


def new_passphrase(run: Invocation, descriptor: int | None) -> str:
    """The new passphrase for a vault that has one: from a descriptor, or typed twice; Locked where there is neither."""
    if descriptor is not None:
        return first_line_of(descriptor)
    if not run.can_ask:
        raise Locked("there is no new passphrase", "type it at a terminal, or give it by --new-passphrase-fd")
    run.tell(ADVICE)
    return typed_twice(run, "New passphrase: ")


def code_keeper(run: Invocation, file: str | None, *, may_exist: bool = False) -> CodeKeeper:
    """Where a new recovery code goes; Usage if neither to a file nor a terminal, Refused if the file exists.

    With `may_exist`, what a run before this one wrote into the file is looked at later.
    """
    if file is not None:
        if not may_exist:
            refuse_if_taken(file, A_NEW_FILE)
    elif not run.can_ask:
        raise Usage(
            "there is no terminal to show the recovery code on",
            "name a new file for it: --recovery-file FILE",
        )

    def show(code: str) -> None:
        run.tell("\nThe recovery code opens the vault when the passphrase is lost:\n")
        run.tell(f"    {code}\n")
        run.tell("Write it down on paper and keep it apart from this computer. It is not shown again.")
        run.ask_line("Press Enter once it is written down: ")
        run.tell("")

    return CodeKeeper(file, show)


def say_where_the_code_is(run: Invocation, file: str | None) -> None:
    """Remind of a recovery code that was written to a file."""
    if file is not None:
        run.tell(f"The recovery code is in {file}. Move it to where the vault is not.")
