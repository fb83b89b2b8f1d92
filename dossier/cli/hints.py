"""Commands named in what we say, as they must be typed for the vault of this run."""

from __future__ import annotations

import re

VAULT_COMMANDS = (
    *("agenda", "tui", "log", "brief", "show", "search", "account", "person", "fact", "relative", "occasion"),
    *(
        "interaction",
        "attachment",
        "promise",
        "step",
        "undo",
        "history",
        "import",
        "export",
        "init",
        "unlock",
    ),
    *("status", "vault"),
)
"""The commands of the root that work on the vault of the run; a test compares them with `main.COMMANDS`."""

_COMMAND = re.compile(
    r"(?m)(^ *|[:;,(] |\b(?:or|run|then|by|see|that) )"  # what we put before one; not the words of a file's name
    rf"dossier (?=(?:{'|'.join(VAULT_COMMANDS)})(?![\w.]))"
)


def for_vault(vault: str | None, text: str) -> str:
    """A text of ours with `--vault` in each command that it names, if a `vault` was named on the command line.

    Whoever types the command as it stands there would else do it to another vault, the usual one.
    """
    if not vault or not _COMMAND.search(text):
        return text
    from shlex import quote

    command = f"dossier --vault {quote(vault)} "
    return _COMMAND.sub(lambda found: found[1] + command, text)
