from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from dossier.errors import Damaged, Refused, Unavailable
from dossier.services.session import Session
from dossier.store.backup import copy_vault
from dossier.store.catalog import Account
from dossier.store.database import Database
from dossier.store.place import restore_vault
from tests.store.behind import fill, problems, tamper
from tests.store.test_database import leave_hot_journal


def accept(path: str) -> None:
    pass


def names(session: Session, path: str) -> list[str]:
    with Database(path) as database:
        return [name for (name,) in database.rows("SELECT name FROM account ORDER BY id")]


@pytest.fixture
def filled(session: Session) -> Session:
    fill(session)
    return session


@pytest.fixture
def backup(filled: Session, tmp_path: Path) -> str:
    path = str(tmp_path / "clients.backup")
    copy_vault(filled.database, path)
    with filled.change("add") as transaction:
        transaction.insert(Account(name="After the backup", created_on="2027-03-10"))
    return path


def test_a_copy_is_whole_private_and_alone(filled: Session, tmp_path: Path) -> None:
    path = tmp_path / "clients.backup"
    copy_vault(filled.database, str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(os.listdir(tmp_path)) == ["clients.backup", "run", "vault.dossier"]
    filled.database = Database(str(path))
    assert problems(filled) == []


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_copy_replaces_nothing(filled: Session, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "clients.backup"
    if kind == "file":
        path.write_text("precious")
    else:
        path.symlink_to("nowhere")
    with pytest.raises(Refused, match="something at"):
        copy_vault(filled.database, str(path))
    assert sorted(os.listdir(tmp_path)) == ["clients.backup", "run", "vault.dossier"]


def test_a_copy_that_does_not_pass_never_appears(filled: Session, tmp_path: Path) -> None:
    def refuse(path: str) -> None:
        assert Path(path).stat().st_size > 4096
        raise Damaged("no")

    with pytest.raises(Damaged):
        copy_vault(filled.database, str(tmp_path / "b"), verify=refuse)
    assert sorted(os.listdir(tmp_path)) == ["run", "vault.dossier"]


def test_a_copy_to_nowhere_is_unavailable(filled: Session, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="No such file"):
        copy_vault(filled.database, str(tmp_path / "nowhere" / "b"))


def test_copies_are_consistent_while_others_write(filled: Session, tmp_path: Path) -> None:
    stop = threading.Event()
    written: list[int] = []

    def write() -> None:
        with Session(filled.path, filled.today, filled.config, filled._unlocking) as writer:
            while not stop.is_set():
                with writer.change("add") as transaction:
                    transaction.insert(Account(name=f"N{len(written)}", created_on="2027-03-10"))
                written.append(1)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(10):
            path = str(tmp_path / f"b{number}")
            copy_vault(filled.database, path)
            with Session(path, filled.today, filled.config, filled._unlocking) as copy:
                assert problems(copy) == []
    finally:
        stop.set()
        thread.join()
    assert written


def test_a_restore_puts_the_backup_in_place_and_keeps_what_was_there(filled: Session, backup: str) -> None:
    filled.close()
    with Database(backup) as database:
        kept = restore_vault(database, filled.path, accept, 5)
    assert kept is not None
    assert kept.startswith(f"{filled.path}.backups/")
    assert kept.endswith("-before-restore.dossier")
    assert "After the backup" in names(filled, kept)
    assert "After the backup" not in names(filled, filled.path)
    assert stat.S_IMODE(os.stat(filled.path).st_mode) == 0o600


def test_a_second_restore_within_a_second_keeps_both(filled: Session, backup: str) -> None:
    kept = []
    with Database(backup) as database:
        for number in range(3):
            tamper(filled.path, f"UPDATE account SET created_on = '2027-03-1{number}'")
            kept.append(restore_vault(database, filled.path, accept, 5))
    assert len(set(kept)) == 3
    assert all(name and os.path.exists(name) for name in kept)


def test_a_restore_where_nothing_is_makes_the_folder(filled: Session, backup: str, tmp_path: Path) -> None:
    path = tmp_path / "new" / "v.dossier"
    with Database(backup) as database:
        assert restore_vault(database, str(path), accept, 5) is None
    assert os.listdir(path.parent) == ["v.dossier"]
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_refused_backup_changes_nothing(filled: Session, backup: str, tmp_path: Path) -> None:
    def refuse(path: str) -> None:
        raise Damaged("no")

    before, listed = Path(filled.path).read_bytes(), sorted(os.listdir(tmp_path))
    with Database(backup) as database, pytest.raises(Damaged):
        restore_vault(database, filled.path, refuse, 5)
    assert (Path(filled.path).read_bytes(), sorted(os.listdir(tmp_path))) == (before, listed)


@pytest.mark.parametrize("damage", [b"", b"garbage" * 1000])
def test_a_damaged_vault_is_replaced_and_kept_as_it_is(filled: Session, backup: str, damage: bytes) -> None:
    filled.close()
    Path(filled.path).write_bytes(damage)
    with Database(backup) as database:
        kept = restore_vault(database, filled.path, accept, 5)
    assert kept is not None
    assert Path(kept).read_bytes() == damage
    assert len(names(filled, filled.path)) == 2


def test_a_hot_journal_is_finished_first_and_not_replayed_into_the_restored_file(
    filled: Session, backup: str
) -> None:
    filled.close()
    leave_hot_journal(filled.path)
    with Database(backup) as database:
        kept = restore_vault(database, filled.path, accept, 5)
    assert kept is not None
    assert not os.path.exists(f"{filled.path}-journal")
    assert names(filled, kept) == ["Café Zürich", "Đặng & Sons", "After the backup"]
    filled.database = Database(filled.path)
    assert problems(filled) == []


def test_the_journal_of_a_damaged_vault_goes_aside_with_it(filled: Session, backup: str) -> None:
    filled.close()
    leave_hot_journal(filled.path)
    journal = Path(f"{filled.path}-journal").read_bytes()
    Path(filled.path).write_bytes(b"garbage" * 1000)
    with Database(backup) as database:
        kept = restore_vault(database, filled.path, accept, 5)
    assert Path(f"{kept}-journal").read_bytes() == journal
    assert not os.path.exists(f"{filled.path}-journal")
    filled.database = Database(filled.path)
    assert problems(filled) == []


def test_a_journal_without_a_vault_goes_aside_too(filled: Session, backup: str) -> None:
    filled.close()
    leave_hot_journal(filled.path)
    os.unlink(filled.path)
    with Database(backup) as database:
        assert restore_vault(database, filled.path, accept, 5) is None
    assert not os.path.exists(f"{filled.path}-journal")
    filled.database = Database(filled.path)
    assert problems(filled) == []


def test_a_linked_vault_is_replaced_where_it_is(filled: Session, backup: str, tmp_path: Path) -> None:
    filled.close()
    synced = tmp_path / "synced"
    synced.mkdir()
    os.rename(filled.path, synced / "v.dossier")
    os.symlink(synced / "v.dossier", filled.path)
    with Database(backup) as database:
        kept = restore_vault(database, filled.path, accept, 5)
    assert os.path.islink(filled.path)
    assert kept is not None
    assert os.path.dirname(kept) == str(synced / "v.dossier.backups")
    assert len(names(filled, filled.path)) == 2


def test_whoever_still_has_the_old_file_open_is_refused(filled: Session, backup: str) -> None:
    assert filled.database.count("account") == 3
    with Database(backup) as database:
        restore_vault(database, filled.path, accept, 5)
    with pytest.raises(Unavailable), filled.change("add") as transaction:
        transaction.insert(Account(name="Too late", created_on="2027-03-10"))
    assert len(names(filled, filled.path)) == 2
    assert not os.path.exists(f"{filled.path}-journal")


def test_a_folder_is_not_replaced(filled: Session, backup: str, tmp_path: Path) -> None:
    with Database(backup) as database, pytest.raises(Unavailable, match="is not a file"):
        restore_vault(database, str(tmp_path), accept, 5)
