"""Killed between any two calls that change a file: the old vault stands there or the new one, and life goes on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Self

import pytest

from dossier.errors import Refused
from dossier.services import accounts, attachments, compacting
from dossier.services.session import Session
from dossier.store import rotation
from dossier.store.catalog import Attachment, Fact
from dossier.store.database import Database
from dossier.store.head import read_header
from dossier.vault.header import Header, open_with_recovery
from tests.services.rotations import Run, leave_room, opened, says
from tests.store.behind import fill, problems
from tests.torture import traced
from tests.torture.place import counts
from tests.torture.test_kill import spread

pytestmark = pytest.mark.skipif(not traced.possible, reason="tracing a child is done here for Linux alone")

NEVER = 1_000_000_000


class Mortal:
    """The program from the outside, and the folder that its vault is in."""

    def __init__(self, action: str, vault: str) -> None:
        self._folder = os.path.dirname(vault)
        self._kept = f"{self._folder}.kept"
        shutil.copytree(self._folder, self._kept)
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("dying.py")), action, vault],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def die_at(self, point: int) -> tuple[int, bool]:
        """Let a child do the action, killed before its call number `point`; how many calls it came to, and whether."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{point}\n")
        self._process.stdin.flush()
        calls, killed = json.loads(self._process.stdout.readline())
        return calls, killed

    def put_back(self) -> None:
        """The folder as it was before all, and a machine that never saw the vault."""
        shutil.rmtree(self._folder)
        shutil.copytree(self._kept, self._folder)
        shutil.rmtree(Path(os.environ["XDG_STATE_HOME"]), ignore_errors=True)


@pytest.fixture
def path(session: Session, tmp_path: Path) -> str:
    """A vault in a folder of its own, with a little of everything, attachments among it."""
    fill(session)
    accounts.add(session, "Hà Nội Optics", {})
    (tmp_path / "plan").write_bytes(os.urandom(150_000))
    attachments.add(session, "a3", [str(tmp_path / "plan")] * 2)
    with session.change("edit") as transaction:
        transaction.update(transaction.get(Fact, 1), text="plays go")
        transaction.delete(transaction.get(Attachment, 1))
    session.close()
    leave_room(session.path)
    folder = tmp_path / "data"
    folder.mkdir()
    os.rename(session.path, folder / "vault.dossier")
    return str(folder / "vault.dossier")


def key_id(path: str) -> int:
    with Database(path) as database:
        return Header.parse(read_header(database)).key_id


def assert_sound(path: str) -> None:
    with opened(path) as session:
        session.open_anew()
        assert session.noticed is None
        assert problems(session) == []


@counts(25, 500)
def test_a_rotation_that_is_killed_leaves_one_vault_or_the_other_and_the_next_one_ends_it(
    path: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "_BATCH_ROWS", 4)
    before, went_on = says(path), 0
    with Mortal("rotate", path) as mortal:
        mortal.put_back()
        end, killed = mortal.die_at(NEVER)
        assert not killed
        for point in spread(end, count):
            mortal.put_back()
            assert mortal.die_at(point)[1]
            assert says(path) == before
            assert_sound(path)
            done = key_id(path) == 2
            assert not (done and rotation.is_unfinished(path))
            if not done:
                went_on += _ended(path)
            assert (key_id(path), says(path)) == (2, before)
            assert_sound(path)
            assert _beside(path) <= {"vault.dossier", "vault.dossier.backups", "vault.dossier.code"}
            _assert_code_opens(path)
    assert went_on > count // 3


def _ended(path: str) -> bool:
    """Run the same command again; whether it could go on.

    A run that died between keeping its code and relying on it leaves a code that opens nothing, which is in the way.
    """
    code = f"{path}.code"
    try:
        return bool(Run(code_file=code)(path)["resumed"])
    except Refused:
        os.unlink(code)
    assert not Run(code_file=code)(path)["resumed"]
    return False


def _assert_code_opens(path: str) -> None:
    with opened(path) as session, open(f"{path}.code") as file:
        open_with_recovery(session.header_now(), file.readline().strip())


@counts(25, 500)
def test_a_compaction_that_is_killed_leaves_one_file_or_the_other(path: str, count: int) -> None:
    before, size = says(path), os.stat(path).st_size
    with Mortal("compact", path) as mortal:
        mortal.put_back()
        end, killed = mortal.die_at(NEVER)
        assert not killed
        small = os.stat(path).st_size
        for point in spread(end, count):
            mortal.put_back()
            assert mortal.die_at(point)[1]
            assert says(path) == before
            assert_sound(path)
            assert os.stat(path).st_size in (small, size)
            with opened(path) as session:
                session.open_anew()
                compacting.compact(session, lambda done, total: None)
            assert os.stat(path).st_size == small
            assert says(path) == before
            assert _beside(path) == {"vault.dossier"}


def _beside(path: str) -> set[str]:
    return set(os.listdir(os.path.dirname(path)))
