"""A program that reads the agenda and the lists until a line comes on stdin; it prints how often it read.

It fails when it sees half a change: each that `writer.py` makes has an interaction, a promise and a step.
"""

from __future__ import annotations

import select
import sys
from pathlib import Path

if __name__ == "__main__":  # as a program, only its own folder is on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dossier.config import Config
from dossier.services import accounts, agenda, interactions, promises
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from tests.torture.place import TODAY


def main(vault: str) -> None:
    """Open the vault anew for each look, as commands do."""
    looks = 0
    while not looks or not select.select([sys.stdin], [], [], 0)[0]:
        with Session(vault, TODAY, Config({}, {}, ""), Unlocking()) as session:
            agenda.shape(session, agenda.items(session, days=30))
            accounts.listed(session)
            promises.listed(session)
            interactions.listed(session, limit=20)
            counts = (f"(SELECT count(*) FROM {noun})" for noun in ("interaction", "promise", "step"))
            ((met, promised, following),) = session.database.rows(f"SELECT {', '.join(counts)}")
            if not met == promised == following:
                raise SystemExit(f"half a change: {met} interactions, {promised} promises, {following} steps")
        looks += 1
    sys.stdout.write(f"{looks}\n")


if __name__ == "__main__":
    main(sys.argv[1])
