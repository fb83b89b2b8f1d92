"""A vault that goes from its place, or is replaced there, while it is open: no write is acknowledged then."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dossier.errors import Unavailable
from dossier.services.session import Session
from dossier.store import database
from dossier.store.backup import copy_vault
from dossier.store.catalog import Account, Fact
from dossier.store.database import Database
from tests.conftest import TODAY
from tests.store.behind import fill, problems


def add(session: Session, name: str = "Hanoi Optics") -> None:
    with session.change("account add") as transaction:
        transaction.insert(Account(name=name, created_on=TODAY.isoformat()))


def delete(path: Path) -> None:
    path.unlink()


def move(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def move_its_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))


def file_for_folder(path: Path) -> None:
    move_its_folder(path)
    path.parent.touch()


def replace(path: Path) -> None:
    shutil.copy(path, f"{path}.new")
    os.replace(f"{path}.new", path)


def link_elsewhere(path: Path) -> None:
    shutil.copy(path, f"{path}.new")
    path.unlink()
    path.symlink_to(f"{path}.new")


def circle(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


GONE = "is gone from"
REPLACED = "was replaced by another one"
WAYS = pytest.mark.parametrize(
    ("away", "words"),
    [
        (delete, GONE),
        (move, GONE),
        (move_its_folder, GONE),
        (file_for_folder, GONE),
        (replace, REPLACED),
        (link_elsewhere, REPLACED),
        (circle, "cannot reach the vault file"),
    ],
)


@pytest.fixture
def vault_path(tmp_path: Path, vault_path: str) -> str:
    """The vault in a folder that may go, too."""
    (tmp_path / "folder").mkdir()
    path = tmp_path / "folder" / "vault.dossier"
    os.rename(vault_path, path)
    return str(path)


@WAYS
def test_nothing_is_written_once_it_is_gone(
    session: Session, away: Callable[[Path], None], words: str
) -> None:
    away(Path(session.path))
    with pytest.raises(Unavailable, match=words) as caught:
        add(session)
    assert caught.value.message.endswith("nothing was saved")
    assert session.path in caught.value.message
    assert caught.value.hint
    assert session.database.count("account") == 0
    with pytest.raises(Unavailable, match=f"{words}.*nothing can be saved"):
        session.database.check_still_there()


@WAYS
def test_nothing_is_acknowledged_if_it_goes_before_the_commit(
    session: Session, away: Callable[[Path], None], words: str
) -> None:
    def write() -> None:
        with session.change("account add") as transaction:
            transaction.insert(Account(name="Hanoi Optics", created_on="2027-03-10"))
            away(Path(session.path))

    with pytest.raises(Unavailable, match=f"{words}.*nothing was saved"):
        write()
    assert session.database.count("account") == 0


@WAYS
def test_nor_if_it_goes_before_the_first_write(
    session: Session, away: Callable[[Path], None], words: str
) -> None:
    """SQLite notices this one, and calls it "readonly"."""

    def write() -> None:
        with session.change("account add") as transaction:
            away(Path(session.path))
            transaction.insert(Account(name="Hanoi Optics", created_on="2027-03-10"))

    with pytest.raises(Unavailable, match=f"{words}.*nothing was saved"):
        write()


def test_nor_if_it_goes_while_it_is_committed(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Database.execute

    def execute(self: Database, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        done = real(self, sql, parameters)
        if sql == "COMMIT":
            os.unlink(session.path)
        return done

    monkeypatch.setattr(Database, "execute", execute)
    with pytest.raises(Unavailable, match="may be lost"):
        add(session)


def test_reading_goes_on_and_what_was_put_back_is_written_again(session: Session) -> None:
    fill(session)
    os.rename(session.path, f"{session.path}.away")
    with pytest.raises(Unavailable):
        add(session, "first try")
    assert session.reader.find(Fact)[0].text == "plays chess"
    os.rename(f"{session.path}.away", session.path)
    session.database.check_still_there()
    add(session, "second try")
    assert problems(session) == []
    with Database(session.path) as other:
        assert other.row("SELECT name FROM account ORDER BY id DESC") == ("second try",)


def test_another_file_in_its_place_is_left_alone(session: Session) -> None:
    copy_vault(session.database, f"{session.path}.new")
    before = Path(f"{session.path}.new").read_bytes()
    os.replace(f"{session.path}.new", session.path)
    with pytest.raises(Unavailable, match=REPLACED):
        add(session)
    assert Path(session.path).read_bytes() == before
    assert os.listdir(os.path.dirname(session.path)) == [os.path.basename(session.path)]


def test_the_working_folder_may_change(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Database(os.path.relpath(session.path)) as opened:
        monkeypatch.chdir("/")
        opened.check_still_there()


def test_a_vault_replaced_while_it_is_opened_is_not_used(
    vault_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = database.connect

    def connect(path: str) -> sqlite3.Connection:
        replace(Path(path))
        return real(path)

    monkeypatch.setattr(database, "connect", connect)
    with pytest.raises(Unavailable, match=f"{REPLACED}; nothing was read"):
        Database(vault_path)


def test_a_vault_replaced_once_while_it_is_opened_is_opened_anew(
    vault_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a rotation or a restore does: whoever reads just then reads the new one."""
    real = database.connect
    replaced: list[str] = []

    def connect(path: str) -> sqlite3.Connection:
        if not replaced:
            replace(Path(path))
            replaced.append(path)
        return real(path)

    monkeypatch.setattr(database, "connect", connect)
    with Database(vault_path) as opened:
        opened.check_still_there()
    assert replaced == [vault_path]


# --- What others commit ----------------------------------------------------------------------------------------------


def test_the_data_version_tells_the_commits_of_others_alone(session: Session) -> None:
    first = session.database.data_version()
    add(session)
    assert session.database.data_version() == first
    with Database(session.path) as other:
        other.execute("UPDATE account SET tier = 'key'")
        second = session.database.data_version()
        assert second != first
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE account SET tier = 'prospect'")
        assert session.database.data_version() == second, "nothing is committed yet"
        other.execute("ROLLBACK")
    assert session.database.data_version() == second


def test_the_data_version_does_not_wait_for_a_commit(session: Session) -> None:
    with Database(session.path) as other:
        other.execute("BEGIN EXCLUSIVE")
        start = time.monotonic()
        assert session.database.data_version() is None
        assert time.monotonic() - start < 1
    assert session.database.data_version() is not None
    assert session.database.row("PRAGMA busy_timeout") == (120_000,), "others are waited for as before"
