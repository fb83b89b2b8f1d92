"""`dossier init`: make a vault."""

from __future__ import annotations

import os

import typer

from dossier.cli.fields import examples
from dossier.cli.invocation import Invocation, invocation
from dossier.cli.passphrases import ADVICE, RecoveryFile, code_keeper, say_where_the_code_is, typed_twice
from dossier.cli.status import CLEAR_TOO, lines_in_clear
from dossier.errors import Locked, Unavailable
from dossier.services import vaults
from dossier.services.passphrases import Unlocking, obtain
from dossier.services.session import hand_to_agent

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_NEXT = """\
Next:
  dossier account add "Hanoi Optics" --tier key
  dossier person add "Nguyễn Thị Lan" --account "Hanoi Optics"
  dossier log "Hanoi Optics" "agreed the calibration plan" --with Lan --promise "send the quote" --due fri
  dossier agenda"""


@app.command(
    epilog=examples(
        "init",
        "--vault work.dossier init",
        "--vault work.dossier init --recovery-file code.txt",
    )
)
def init(context: typer.Context, recovery_file: RecoveryFile = None) -> None:
    """Make a vault: choose its passphrase, and keep its recovery code.

    The passphrase comes from DOSSIER_PASSPHRASE_COMMAND, --passphrase-fd, or the terminal.
    """
    run = invocation(context)
    path = run.vault_path
    if run.config.origins["vault"] == "environment":
        run.tell(f"DOSSIER_VAULT names the place: {path}. To use the usual one: unset DOSSIER_VAULT")
    vaults.refuse_unless_free(path)
    unlocking = _ways(run)
    keeper = code_keeper(run, recovery_file)
    try:
        passphrase, _ = obtain(run.config["passphrase_command"], unlocking)
        keys = vaults.make(path, passphrase, run.today, keeper)
    except KeyboardInterrupt as stopped:
        if not os.path.lexists(path):
            stopped.add_note("No vault was made.")
        raise
    held = False
    if run.can_ask:
        try:
            hand_to_agent(keys, run.config)
            held = True
        except Unavailable as fault:
            run.tell(f"The passphrase will be asked for each time: {fault.message}")
    say_where_the_code_is(run, recovery_file)
    if run.out.format == "json":
        run.out.json(
            {"path": path, "recovery_file": recovery_file, "locked": not held, "plain": vaults.in_clear()}
        )
    else:
        _explain(run, path, held)


def _ways(run: Invocation) -> Unlocking:
    """Where the new passphrase may come from; Locked if from nowhere."""
    descriptor = run.flags.get("passphrase_fd")
    if not (run.config["passphrase_command"] or descriptor is not None or run.can_ask):
        raise Locked(
            "there is no passphrase for the new vault",
            "type it at a terminal, or give it by DOSSIER_PASSPHRASE_COMMAND or --passphrase-fd",
        )

    def ask(question: str) -> str:
        run.tell(f"{ADVICE}\n")
        return typed_twice(run, question)

    return Unlocking(descriptor, ask if run.can_ask else None)


def _explain(run: Invocation, path: str, held: bool) -> None:
    state = f"open for {run.config['idle_minutes']} minutes without use" if held else "locked"
    run.out.line(f"Your vault is {path}; it is {state}.")
    run.out.line("So that lists work while it is locked, these stand in clear:")
    for line in lines_in_clear(vaults.in_clear()):
        run.out.line(f"  {line}")
    run.out.line(f"  {CLEAR_TOO}")
    run.out.line(run.for_this_vault("Everything else is encrypted. To see all of this again: dossier status"))
    run.out.line("")
    run.out.line(run.for_this_vault(_NEXT))
