"""Opening what may be anything: quickly, with one clear fault, and without touching it."""

from __future__ import annotations

import os
import signal
import sqlite3
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dossier.errors import Damaged, DossierError, TooNew, Unavailable
from dossier.services.session import Session
from dossier.store.backup import copy_vault
from dossier.store.database import APPLICATION_ID, SCHEMA_VERSION, Database
from dossier.store.place import restore_vault
from tests.store.behind import fill, problems


def nothing(path: Path) -> None:
    pass


def folder(path: Path) -> None:
    path.mkdir()


def fifo(path: Path) -> None:
    os.mkfifo(path)


def empty(path: Path) -> None:
    path.touch()


def garbage(path: Path) -> None:
    path.write_bytes(os.urandom(5000))


def text(path: Path) -> None:
    path.write_text("name,company\n" * 50)


def foreign(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE account (id)")
    connection.close()


def truncated(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("CREATE TABLE account (id)")
    connection.close()
    path.write_bytes(path.read_bytes()[:90])


def newer(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()


def schema_zero(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("PRAGMA user_version = 0")
    connection.close()


def schema_below_zero(path: Path) -> None:
    schema_zero(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = -3")
    connection.close()


def circle(path: Path) -> None:
    path.symlink_to(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize(
    ("make", "fault", "words"),
    [
        (nothing, Unavailable, "there is no vault at"),
        (folder, Unavailable, "is a folder"),
        (fifo, Damaged, "is not a file"),
        (device, Damaged, "is not a file"),
        (empty, Damaged, "is no dossier vault"),
        (garbage, Damaged, "is no dossier vault"),
        (text, Damaged, "is no dossier vault"),
        (foreign, Damaged, "is no dossier vault"),
        (truncated, Damaged, "is damaged"),
        (newer, TooNew, "was written by a newer dossier"),
        (schema_zero, Damaged, "which no dossier ever wrote"),
        (schema_below_zero, Damaged, "which no dossier ever wrote"),
        (circle, Unavailable, "cannot read"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_no_vault_is_refused_at_once(
    tmp_path: Path, make: Callable[[Path], None], fault: type[DossierError], words: str
) -> None:
    path = tmp_path / "v.dossier"
    make(path)
    regular = path.is_file() and not path.is_symlink()
    before = path.read_bytes() if regular else None
    started = time.monotonic()
    with pytest.raises(fault, match=words) as raised:
        Database(str(path))
    assert time.monotonic() - started < 5
    assert str(path) in raised.value.message
    assert raised.value.hint
    assert sorted(os.listdir(tmp_path)) == sorted({"run"} | ({"v.dossier"} if make is not nothing else set()))
    if regular:
        assert path.read_bytes() == before


def test_a_journal_beside_a_file_that_is_no_vault_is_left_alone(tmp_path: Path) -> None:
    path, journal = tmp_path / "v.dossier", tmp_path / "v.dossier-journal"
    path.write_bytes(b"x" * 5000)
    journal.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"y" * 5000)
    with pytest.raises(Damaged):
        Database(str(path))
    assert path.read_bytes() == b"x" * 5000
    assert journal.exists()


_WRITE_AND_DIE = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
insert = "INSERT INTO change VALUES (?, randomblob(16), 1, 'x', 'y', zeroblob(2000), x'00')"
connection.executemany(insert, [(1000 + number,) for number in range(400)])
connection.execute("UPDATE account SET name = 'half-way'")
os.kill(os.getpid(), signal.SIGKILL)
"""


def leave_hot_journal(path: str) -> None:
    """Let a process die in the middle of a transaction that has reached the disk."""
    done = subprocess.run([sys.executable, "-c", _WRITE_AND_DIE, path], check=False)
    assert done.returncode == -signal.SIGKILL
    assert os.path.getsize(f"{path}-journal") > 512


def test_a_hot_journal_is_rolled_back_at_the_next_opening(session: Session) -> None:
    fill(session)
    session.close()
    before = Path(session.path).read_bytes()
    leave_hot_journal(session.path)
    assert Path(session.path).read_bytes() != before
    with Database(session.path) as database:
        session.database = database
        assert problems(session) == []
    assert Path(session.path).read_bytes()[4096:] == before[4096:]
    assert not os.path.exists(f"{session.path}-journal")


def journal_that_names(victim: Path) -> bytes:
    """An empty rollback journal of a vault, which ends in the record of a super-journal (SQLite's file format, 3)."""
    magic, name = bytes.fromhex("d9d505f920a163d7"), bytes(victim)
    head = (magic + struct.pack(">IIIII", 0, 0, 0, 512, 4096)).ljust(512, b"\0")
    lock_page = 0x40000000 // 4096 + 1
    return head + struct.pack(">I", lock_page) + name + struct.pack(">II", len(name), sum(name)) + magic


@pytest.mark.parametrize("linked", [False, True])
def test_a_journal_that_names_another_file_deletes_nothing(
    session: Session, tmp_path: Path, linked: bool
) -> None:
    session.close()
    victim = tmp_path / "id_ed25519"
    victim.write_text("a key")
    journal = Path(f"{session.path}-journal")
    journal.write_bytes(journal_that_names(victim))
    path = Path(session.path)
    if linked:
        path = tmp_path / "link.dossier"
        path.symlink_to(session.path)
    with pytest.raises(Damaged, match="names another file") as raised:
        Database(str(path))
    assert str(journal) in str(raised.value.hint)
    assert (victim.read_text(), journal.exists()) == ("a key", True)
    journal.unlink()
    Database(str(path)).close()


def test_such_a_journal_beside_a_vault_that_is_replaced_is_set_aside_with_it(
    session: Session, tmp_path: Path
) -> None:
    victim, backup = tmp_path / "id_ed25519", str(tmp_path / "backup")
    victim.write_text("a key")
    copy_vault(session.database, backup)
    session.close()
    Path(f"{session.path}-journal").write_bytes(journal_that_names(victim))
    with Database(backup) as database:
        kept = restore_vault(database, session.path, lambda file: None, 5)
    assert os.path.exists(f"{kept}-journal")
    Database(session.path).close()
    assert victim.exists()


def test_a_journal_that_is_no_file_is_refused_at_once(session: Session) -> None:
    session.close()
    os.mkfifo(f"{session.path}-journal")
    with pytest.raises(Damaged, match="it is not a file"):
        Database(session.path)


def test_a_write_ahead_log_is_never_replayed(session: Session) -> None:
    session.close()
    writer = sqlite3.connect(session.path, isolation_level=None)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("PRAGMA user_version = 1")
    planted = Path(f"{session.path}-wal").read_bytes()
    writer.close()
    with pytest.raises(Damaged, match="it keeps a write-ahead log"):
        Database(session.path)
    Path(f"{session.path}-wal").write_bytes(planted)
    with pytest.raises(Damaged, match="dossier never writes one"):
        Database(session.path)
    assert Path(f"{session.path}-wal").read_bytes() == planted


def test_opening_a_second_time_does_not_drop_the_locks_of_the_first(session: Session) -> None:
    """POSIX drops a process's locks when it closes any descriptor of the file: so nothing of ours may open it."""
    with session.database.transaction():
        session.database.execute("UPDATE vault SET manifest = manifest")
        Database(session.path).close()
        code = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"
        done = subprocess.run(
            [sys.executable, "-c", code, session.path], capture_output=True, text=True, check=False
        )
        assert "database is locked" in done.stderr


def test_the_settings_that_leave_no_plain_text_behind(session: Session) -> None:
    settings = ("temp_store", "secure_delete", "foreign_keys", "trusted_schema", "synchronous")
    found = {name: session.database.row(f"PRAGMA {name}") for name in settings}
    assert found == {
        "temp_store": (2,),
        "secure_delete": (1,),
        "foreign_keys": (1,),
        "trusted_schema": (0,),
        "synchronous": (2,),
    }
    assert session.database.row("PRAGMA journal_mode") == ("delete",)


def test_a_transaction_that_raises_leaves_nothing(session: Session) -> None:
    def delete_and_fail() -> None:
        with session.database.transaction():
            session.database.execute("DELETE FROM calendar")
            raise KeyError

    with pytest.raises(KeyError):
        delete_and_fail()
    assert session.database.count("calendar") == 1
