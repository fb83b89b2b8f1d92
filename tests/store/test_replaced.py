"""A vault replaced while somebody has the old file open: SQLite must not take the new one's journal for its own."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dossier.config import Config
from dossier.errors import Unavailable
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.store import database
from dossier.store.backup import copy_vault
from dossier.store.backups import listed
from dossier.store.catalog import Account, Interaction
from dossier.store.database import connect
from dossier.store.place import take_place, writers_out
from tests.conftest import TODAY
from tests.store.behind import fill, problems


@pytest.fixture
def replaced(session: Session, tmp_path: Path) -> Session:
    """A session on a vault in whose place a copy of it stands by now; the old file is a backup."""
    fill(session)
    with session.change("fill") as transaction:
        for _ in range(30):
            transaction.insert(Interaction(account_id=1, at="2027-03-10", note="long words " * 3000))
    new = f"{session.path}.new"
    copy_vault(session.database, new)
    with writers_out(session.database):
        assert take_place(new, session.path, "rotation", 5, session.database) == listed(session.path)[0].path
    return session


@pytest.fixture
def writing(replaced: Session) -> Iterator[sqlite3.Connection]:
    """Somebody in the middle of a change of the new file: its journal is on the disk."""
    with closing(connect(replaced.path)) as connection:
        connection.execute("PRAGMA cache_spill = 5")
        connection.execute("PRAGMA cache_size = 5")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE interaction SET dossier = zeroblob(30000)")
        assert os.path.getsize(f"{replaced.path}-journal") > 10_000
        yield connection


def test_who_reads_the_old_file_leaves_the_new_ones_journal_alone(
    replaced: Session, writing: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be played back into the old file, and removed: then a kill would leave half a change in the new one."""
    monkeypatch.setattr(database, "_PATIENCE_SECONDS", 0.1)
    for read in (
        lambda: replaced.database.count("account"),
        lambda: replaced.reader.find(Account),
        lambda: replaced.database.execute("SELECT 1 FROM account"),
    ):
        with pytest.raises(Unavailable, match="was replaced by another one; nothing was read"):
            read()
    assert os.path.getsize(f"{replaced.path}-journal") > 10_000
    writing.execute("ROLLBACK")
    for path in (replaced.path, listed(replaced.path)[0].path):
        with Session(path, TODAY, Config({}, {}, ""), Unlocking(), replaced.keys) as session:
            assert problems(session) == []


def test_who_reads_the_old_file_reads_on_once_nobody_writes(
    replaced: Session, writing: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sleep(_seconds: float) -> None:
        writing.execute("ROLLBACK")

    monkeypatch.setattr("dossier.store.database.time.sleep", sleep)
    assert replaced.database.count("account") == 2
    assert len(replaced.reader.find(Account)) == 2


def test_nobody_writes_to_the_new_file_right_after(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waited for the old one sees in that time that it was replaced, while there is no journal."""
    fill(session)
    new = f"{session.path}.new"
    copy_vault(session.database, new)
    seen: list[str] = []

    def sleep(seconds: float) -> None:
        assert seconds >= 0.3
        with closing(sqlite3.connect(session.path, isolation_level=None, timeout=0)) as other:
            seen.append(str(other.execute("SELECT count(*) FROM account").fetchone()[0]))
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
        assert not session.database.connection.in_transaction, "the old one is free"

    monkeypatch.setattr("dossier.store.place.time.sleep", sleep)
    with writers_out(session.database):
        take_place(new, session.path, None, 0, session.database)
    assert seen == ["2"]
    with closing(sqlite3.connect(session.path, isolation_level=None, timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")


def test_who_reads_the_old_file_reads_on_once_it_is_put_back(
    replaced: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a journal that stays, which says nothing."""
    old = listed(replaced.path)[0].path
    Path(f"{replaced.path}-journal").write_bytes(bytes(512))
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        assert not waits, "the old file stands there again: there is nothing to wait for"
        waits.append(seconds)
        os.replace(old, replaced.path)

    monkeypatch.setattr("dossier.store.database.time.sleep", sleep)
    assert replaced.database.count("account") == 2
    assert len(waits) == 1
