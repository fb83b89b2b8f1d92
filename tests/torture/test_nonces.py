"""No nonce twice under one key: not in a million writes, not across processes, threads or forks (C1)."""

from __future__ import annotations

import os
import subprocess
import sys
from threading import Thread

from dossier.vault.envelope import Cipher
from dossier.vault.keys import KeyClass, derive
from tests.torture.drawer import NONCE
from tests.torture.place import HERE, counts


@counts(1_000, 50_000)
def test_processes_and_their_forks_never_draw_a_nonce_again(count: int) -> None:
    """Twice a process that has drawn, forks eight and draws again: twenty times `count` under one key."""
    command = [sys.executable, str(HERE / "drawer.py"), os.urandom(32).hex(), "8", str(count)]
    programs = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    drawn = []
    for program in programs:
        out, _ = program.communicate(timeout=600)
        assert program.returncode == 0
        drawn += out.split()
    assert {len(nonce) for nonce in drawn} == {24}
    assert len(set(drawn)) == len(drawn) == 20 * count


@counts(5_000, 125_000)
def test_threads_never_draw_a_nonce_again(count: int) -> None:
    cipher = Cipher(derive(os.urandom(32), bytes(16), 1))
    drawn: list[list[bytes]] = [[] for _ in range(8)]

    def draw(into: list[bytes]) -> None:
        into += [cipher.encrypt(1, KeyClass.AGENDA, b"", {})[NONCE] for _ in range(count)]

    threads = [Thread(target=draw, args=(into,)) for into in drawn]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    together = [nonce for into in drawn for nonce in into]
    assert len(set(together)) == len(together) == 8 * count
