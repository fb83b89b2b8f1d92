"""A program that logs interactions as fast as it can, each as a command would: vault, label and number as arguments.

It prints `ready`, then the id and subject of each write once it is acknowledged. With one more argument it goes on
until a line comes on stdin, and goes on as well when the vault was replaced, or got other keys, just then.
"""

from __future__ import annotations

import select
import sys
import time
from pathlib import Path

if __name__ == "__main__":  # as a program, only its own folder is on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dossier.config import Config
from dossier.errors import Locked, Unavailable
from dossier.services import interactions
from dossier.services.interactions import Made, Next
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from tests.torture.place import TODAY


def main(vault: str, label: str, number: int) -> None:
    """Write so often."""
    _say("ready")
    for count in range(number):
        _write(vault, f"{label}.{count}")


def until_told(vault: str, label: str) -> None:
    """Write until a line comes, whatever is done to the vault meanwhile."""
    _say("ready")
    count = 0
    while not count or not select.select([sys.stdin], [], [], 0.02)[0]:
        try:
            _write(vault, f"{label}.{count}")
        except (Unavailable, Locked):
            time.sleep(0.01)
        count += 1


def _write(vault: str, subject: str) -> None:
    """Open the vault anew for a write, as commands do."""
    with Session(vault, TODAY, Config({}, {}, ""), Unlocking()) as session:
        shape = interactions.log(
            session,
            "a1",
            subject,
            {"note": "some words " * 20},
            made=[Made("a promise", "in 3 weeks")],
            following=Next("a step", "in 2 weeks"),
        )
    _say(f"{shape['id']} {shape['subject']}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if len(sys.argv) > 4:
        until_told(sys.argv[1], sys.argv[2])
    else:
        main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
