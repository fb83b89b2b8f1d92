"""A program that logs interactions as fast as it can, each as a command would: vault, label and number as arguments.

It prints `ready`, then the id and subject of each write once it is acknowledged.
"""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":  # as a program, only its own folder is on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dossier.config import Config
from dossier.services import interactions
from dossier.services.interactions import Made, Next
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from tests.torture.place import TODAY


def main(vault: str, label: str, number: int) -> None:
    """Open the vault anew for each write, as commands do."""
    _say("ready")
    for count in range(number):
        with Session(vault, TODAY, Config({}, {}, ""), Unlocking()) as session:
            shape = interactions.log(
                session,
                "a1",
                f"{label}.{count}",
                {"note": "some words " * 20},
                made=[Made("a promise", "in 3 weeks")],
                following=Next("a step", "in 2 weeks"),
            )
        _say(f"{shape['id']} {shape['subject']}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
