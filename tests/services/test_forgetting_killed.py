"""Killed at any moment, a person is there wholly or forgotten wholly, and a second run finishes what is left (C1, C2).

As a program of its own, which may fork: it forgets person 1 of a vault, dies before the n-th system call that changes a
file, for each n that comes on stdin, and answers with a line.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import pytest

from dossier import paths
from dossier.config import Config
from dossier.services import forgetting
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.store import backups
from dossier.store.catalog import Person
from dossier.vault import kdf
from dossier.vault.keys import Keys
from tests.conftest import TODAY
from tests.inspection import everything
from tests.store.behind import problems
from tests.torture import traced

EVER = 1_000_000_000


def opened(path: str, keys: Keys) -> Session:
    return Session(path, TODAY, Config({}, {}, ""), Unlocking(), keys)


def serve(path: str, keys: Keys) -> None:
    """Die as told."""
    kdf.FLOOR = kdf.KdfParams(memory=64, passes=1, lanes=1)

    def prepare() -> Callable[[], object]:
        session = opened(path, keys)
        return lambda: forgetting.person(session, "p1")

    for line in sys.stdin:
        calls, killed = traced.run_until(int(line), prepare)
        sys.stdout.write(json.dumps({"calls": [call.name for call in calls], "killed": killed}) + "\n")
        sys.stdout.flush()


@pytest.mark.skipif(not traced.possible, reason="traces system calls of Linux on x86_64 or aarch64")
def test_killed_anywhere_it_is_whole_or_not_at_all(session: Session, tmp_path: Path) -> None:
    from tests.services.test_forgetting import found_in_files, plant

    for name in ("home", "files"):
        (tmp_path / name).mkdir()
    plant(session, tmp_path / "files")
    session.close()
    before, kept, folder = (
        everything(opened(session.path, session.keys)),
        tmp_path / "kept",
        tmp_path / "home",
    )
    shutil.move(session.path, folder)
    shutil.move(f"{session.path}.backups", folder)
    shutil.copytree(folder, kept)
    path, keys = str(folder / "vault.dossier"), session.keys
    parts = (keys.vault_id, keys.agenda, keys.dossier, keys.seal)
    words = [path, str(keys.key_id), *(part.hex() for part in parts if part)]
    whole = forgotten = 0
    with subprocess.Popen(
        [sys.executable, __file__, *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        calls: list[str] = []
        points = [EVER]
        while points:
            shutil.rmtree(folder)
            shutil.copytree(kept, folder)
            shutil.rmtree(paths.state_dir(), ignore_errors=True)  # this machine knows of no newer vault
            process.stdin.write(f"{points.pop()}\n")
            process.stdin.flush()
            fate = json.loads(process.stdout.readline())
            if not calls:
                assert not fate["killed"]
                calls = fate["calls"]
                points = sorted(
                    {*range(1, len(calls), max(1, len(calls) // 8)), *range(len(calls) - 4, len(calls) + 1)}
                )
                continue
            assert fate["killed"]
            with opened(path, keys) as after:
                assert problems(after) == []
                if after.reader.find(Person)[0].id == 1:
                    whole += 1
                    assert everything(after) == before
                    assert (forgetting.finish(after), len(backups.listed(path))) == ([], 1)
                    forgetting.person(after, "p1")
                else:
                    forgotten += 1
                    assert everything(after).keys() < before.keys()
                    forgetting.finish(after)
                assert problems(after) == []
            assert found_in_files(folder) == {}
        process.stdin.close()
    assert whole > 5
    assert forgotten > 0


if __name__ == "__main__":
    where, number, vault_id, *classes = sys.argv[1:]
    serve(where, Keys(bytes.fromhex(vault_id), int(number), *map(bytes.fromhex, classes)))
