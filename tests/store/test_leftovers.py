"""What lies beside a vault under a name that dossier gave: only a regular file is a copy, and no copy is trusted."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dossier.services import forgetting
from dossier.services.session import Session
from dossier.store.histories import has_change, newest_in
from dossier.store.leftovers import copies
from tests.store.behind import fill

ENDLESS = "WITH RECURSIVE more(id, uid) AS (SELECT 1, x'00' UNION ALL SELECT id + 1, uid FROM more) SELECT * FROM more"


@pytest.fixture
def filled(session: Session) -> Session:
    fill(session)
    return session


def planted(path: str, *statements: str) -> str:
    """A file that no dossier made."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path


@pytest.mark.parametrize(
    "statement",
    [f"CREATE VIEW change AS {ENDLESS}", f"CREATE VIEW Change AS {ENDLESS}", "CREATE TABLE change (id, uid)"],
)
def test_what_only_bears_the_name_of_the_history_is_not_asked(tmp_path: Path, statement: str) -> None:
    path = planted(str(tmp_path / "v"), "PRAGMA application_id = 1148154673", statement)
    assert not has_change(path, 1, b"uid")
    assert newest_in(path) is None


def test_an_endless_view_is_not_waited_for_when_somebody_is_forgotten(filled: Session) -> None:
    path = planted(f"{filled.path}.before-1", f"CREATE VIEW change AS {ENDLESS}")
    assert forgetting.person(filled, "1")["backups_removed"] == [path]
    assert not os.path.lexists(path)


def test_an_endless_view_among_the_tables_of_a_vault_is_not_waited_for(
    filled: Session, tmp_path: Path
) -> None:
    path = str(shutil.copy(filled.path, tmp_path / "copy"))
    planted(path, "ALTER TABLE change RENAME TO other", f"CREATE VIEW change AS {ENDLESS}")
    assert not has_change(path, 1, b"uid")
    assert newest_in(path) is None
    assert newest_in(filled.path) == 1


def test_what_is_no_regular_file_is_left_alone_and_never_opened(filled: Session, tmp_path: Path) -> None:
    os.mkfifo(f"{filled.path}.before-1")
    os.mkdir(f"{filled.path}.before-2")
    os.mkdir(f"{filled.path}.before-3-journal")
    os.symlink(tmp_path / "elsewhere", f"{filled.path}.before-4")
    os.mkdir(f"{filled.path}.999999.new")
    before = os.listdir(os.path.dirname(filled.path))
    assert copies(filled.path) == []
    assert forgetting.person(filled, "1")["backups_removed"] == []
    assert sorted(before) == sorted(os.listdir(os.path.dirname(filled.path)))
    assert not has_change(f"{filled.path}.before-1", 1, b"uid")
    assert newest_in(f"{filled.path}.before-1") is None


def test_a_copy_goes_with_a_folder_beside_it_that_bears_the_name_of_a_journal(filled: Session) -> None:
    path = str(shutil.copy(filled.path, f"{filled.path}.before-1"))
    os.mkdir(f"{path}-journal")
    assert forgetting.person(filled, "1")["backups_removed"] == [path]
    assert not os.path.lexists(path)


def test_a_journal_left_alone_goes_too(filled: Session) -> None:
    path = f"{filled.path}.before-1"
    Path(f"{path}-journal").write_bytes(b"pages of before")
    assert forgetting.person(filled, "1")["backups_removed"] == [path]
    assert not os.path.lexists(f"{path}-journal")
