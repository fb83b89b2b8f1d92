"""A file as small as what it holds: the same vault, checked, in place of the old file."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from pathlib import Path

import pytest

from dossier.errors import Damaged, Failed, Locked, Unavailable
from dossier.services import accounts, compacting
from dossier.services.session import Session
from dossier.store.database import Database
from dossier.vault.keys import Keys
from tests.services.rotations import leave_room, opened, says
from tests.store import behind
from tests.store.behind import fill, problems, tamper


def nobody(done: int, total: int) -> None:
    pass


@pytest.fixture
def path(session: Session) -> str:
    """A vault with a little of everything and much room; closed."""
    fill(session)
    session.close()
    leave_room(session.path)
    return session.path


def beside(path: str) -> list[str]:
    return sorted(name for name in os.listdir(os.path.dirname(path)) if name.startswith("vault.dossier"))


def free_pages(path: str) -> int:
    with behind.raw(path) as connection:
        ((found,),) = connection.execute("PRAGMA freelist_count")
    return int(found)


def test_it_says_the_same_in_less_room(path: str) -> None:
    before, size = says(path), os.stat(path).st_size
    with opened(path) as session:
        shape = compacting.compact(session, nobody)
    assert shape == {"path": path, "before": size, "after": os.stat(path).st_size}
    assert shape["after"] < size // 2
    assert free_pages(path) == 0
    assert says(path) == before
    with opened(path) as session:
        assert session.noticed is None
        assert problems(session) == []
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert beside(path) == ["vault.dossier"]


def test_one_that_is_small_enough_stays_the_file_that_it_is(path: str) -> None:
    with opened(path) as session:
        compacting.compact(session, nobody)
    inode = os.stat(path).st_ino
    with opened(path) as session:
        shape = compacting.compact(session, nobody)
    assert shape["before"] == shape["after"]
    assert os.stat(path).st_ino == inode


def test_others_read_meanwhile_and_do_not_write(path: str) -> None:
    heard = []

    def listen(done: int, total: int) -> None:
        other = sqlite3.connect(path, timeout=0)
        heard.append(other.execute("SELECT count(*) FROM account").fetchone())
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("DELETE FROM account")
        other.close()

    with opened(path) as session:
        compacting.compact(session, listen)
    assert heard == [(2,)]


def test_another_session_goes_on_with_the_new_file_and_its_keys(path: str) -> None:
    with opened(path) as other:
        with opened(path) as session:
            compacting.compact(session, nobody)
        with pytest.raises(Unavailable, match="replaced"):
            accounts.add(other, "Lost", {})
        with other.anew() as again:
            assert not again.locked
            accounts.add(again, "Kept", {})
    assert "Kept" in str(says(path))


def test_a_file_that_was_replaced_is_not_compacted_by_whoever_has_the_old_one(
    path: str, tmp_path: Path
) -> None:
    with opened(path) as session:
        shutil.copy(path, tmp_path / "copy")
        os.replace(tmp_path / "copy", path)
        with pytest.raises(Unavailable, match="replaced"):
            compacting.compact(session, nobody)


def test_one_that_is_hurt_is_left_alone(path: str) -> None:
    tamper(path, "UPDATE account SET tier = 'key' WHERE id = 2")
    before = Path(path).read_bytes()
    with opened(path) as session, pytest.raises(Damaged, match="account 2"):
        compacting.compact(session, nobody)
    assert Path(path).read_bytes() == before
    assert beside(path) == ["vault.dossier"]


def test_it_needs_the_keys(path: str) -> None:
    with opened(path) as session:
        session.use(Keys(session.vault_id, 1, session.keys.agenda))
        with pytest.raises(Locked):
            compacting.compact(session, nobody)


def test_a_vault_that_is_a_link_stays_one(path: str, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    real = tmp_path / "elsewhere" / "real?%41#.dossier"
    os.rename(path, real)
    os.symlink(real, path)
    with opened(path) as session:
        compacting.compact(session, nobody)
    assert os.path.islink(path)
    assert os.listdir(tmp_path / "elsewhere") == [real.name]
    assert free_pages(path) == 0


def test_nothing_passes_through_a_temporary_folder(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite ends with a fault if it needs a temporary file and there is no folder for one."""
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "nowhere"))
    with opened(path) as session:
        assert compacting.compact(session, nobody)["after"] < 2_000_000


def test_somebody_who_writes_all_the_time_is_waited_for_and_then_told_of(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(path) as session:
        writer = Database(path)
        writer.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr("dossier.store.database._BUSY_SECONDS", 0.05)
        with pytest.raises(Failed, match="busy"):
            compacting.compact(session, nobody)
        writer.close()
    assert beside(path) == ["vault.dossier"]


def test_an_older_copy_is_not_rewritten(path: str) -> None:
    older = f"{path}.older"
    shutil.copy(path, older)
    with opened(path) as session:
        accounts.add(session, "Later", {})
    before = Path(older).read_bytes()
    with opened(older) as copy, pytest.raises(Damaged, match="is an older copy") as caught:
        compacting.compact(copy, nobody)
    assert "dossier vault accept" in (caught.value.hint or "")
    assert Path(older).read_bytes() == before


def test_a_folder_that_cannot_be_synced_is_told_of_what_was_done(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(folder: str) -> None:
        raise OSError(5, "Input/output error")

    before = os.stat(path).st_size
    monkeypatch.setattr("dossier.store.place.sync_folder", fail)
    with opened(path) as session, pytest.raises(Unavailable, match="Input/output error") as late:
        compacting.compact(session, nobody)
    assert late.value.__notes__ == ["It was done all the same: the copy without unused pages is the vault."]
    assert os.stat(path).st_size < before
