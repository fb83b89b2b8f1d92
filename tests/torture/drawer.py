"""A program that writes envelopes in processes forked off one that wrote some: key in hex, processes, envelopes each.

All share one cipher, and what the parent drew before. Each says its nonces, in hex, a line each.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

if __name__ == "__main__":  # as a program, only its own folder is on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dossier.vault.envelope import Cipher
from dossier.vault.keys import KeyClass, derive

NONCE = slice(4, 16)


def main(root: str, processes: int, count: int) -> None:
    """Draw in turn in the parent, in its children at once, and in the parent again."""
    cipher = Cipher(derive(bytes.fromhex(root), bytes(16), 1))
    _draw(cipher, count)
    children = []
    for _ in range(processes):
        child = os.fork()
        if child == 0:
            _draw(cipher, count)
            os._exit(0)
        children.append(child)
    _draw(cipher, count)
    for child in children:
        _, status = os.waitpid(child, 0)
        assert status == 0


def _draw(cipher: Cipher, count: int) -> None:
    drawn = [
        cipher.encrypt(1 + number % 12, KeyClass.DOSSIER, number.to_bytes(16), {"note": "words"})[NONCE]
        for number in range(count)
    ]
    for start in range(0, count, 100):  # so much a pipe takes at once, whoever else writes into it
        os.write(1, b"".join(nonce.hex().encode() + b"\n" for nonce in drawn[start : start + 100]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
