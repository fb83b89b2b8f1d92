"""A program that gives a vault new keys, or compacts it, and is killed at the moment it is told.

Started by `test_rotating_kills.py`: the action and a vault as arguments, then a number a line on stdin. For each it
forks a child that dies before its n-th call that changes a file, and answers with a line of JSON: how many calls there
were, and whether the child was killed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

if __name__ == "__main__":  # as a program, only its own folder is on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import cryptography.hazmat.primitives.ciphers.aead
import cryptography.hazmat.primitives.kdf.argon2
import cryptography.hazmat.primitives.kdf.hkdf  # noqa: F401 - here and not in every child

from dossier.services import compacting
from dossier.store import rotation
from dossier.vault import kdf
from tests.services.rotations import Run, opened
from tests.torture import traced


def _rotate(vault: str) -> None:
    Run(code_file=f"{vault}.code")(vault)


def _compact(vault: str) -> None:
    with opened(vault) as session:
        session.open_anew()
        compacting.compact(session, lambda done, total: None)


ACTIONS: dict[str, Callable[[str], None]] = {"rotate": _rotate, "compact": _compact}


def main(action: str, vault: str) -> None:
    """Serve the moments that come on stdin."""
    kdf.DEFAULT = kdf.FLOOR = kdf.KdfParams(memory=128, passes=1, lanes=1)
    rotation._BATCH_ROWS = 4
    for line in sys.stdin:
        calls, killed = traced.run_until(int(line), lambda: lambda: ACTIONS[action](vault))
        sys.stdout.write(json.dumps([len(calls), killed]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
