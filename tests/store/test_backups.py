from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dossier.errors import Failed, Unavailable
from dossier.services.session import Session
from dossier.store import backups
from dossier.store.backup import copy_vault
from dossier.store.backups import folder_of, keep_before, listed
from dossier.store.catalog import Account
from dossier.store.database import Database
from dossier.store.place import take_place, writers_out
from tests.store.behind import fill, problems, tamper

ROOT = Path(__file__).parents[2]


@pytest.fixture
def filled(session: Session) -> Session:
    fill(session)
    return session


def add(session: Session, name: str) -> None:
    with session.change("add") as transaction:
        transaction.insert(Account(name=name, created_on="2027-03-10"))


def names(path: str) -> list[str]:
    with Database(path) as database:
        return [name for (name,) in database.rows("SELECT name FROM account ORDER BY id")]


def kept(session: Session, reason: str = "import", most: int = 5) -> str:
    path = keep_before(session.database, reason, most)
    assert path is not None
    return path


def test_a_backup_is_whole_private_and_says_when_and_why(filled: Session) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    path = kept(filled)
    folder = folder_of(filled.path)
    assert folder == f"{filled.path}.backups"
    assert re.fullmatch(r"\d{8}T\d{6}Z-before-import\.dossier", os.path.basename(path))
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert os.listdir(folder) == [os.path.basename(path)]
    (found,) = listed(filled.path)
    assert (found.path, found.reason, found.bytes) == (path, "import", os.stat(path).st_size)
    assert before <= found.made <= datetime.now(UTC)
    with Session(path, filled.today, filled.config, filled._unlocking) as copy:
        assert problems(copy) == []


def test_a_folder_that_others_may_look_into_is_closed(filled: Session) -> None:
    os.mkdir(folder_of(filled.path), 0o755)
    kept(filled)
    assert stat.S_IMODE(os.stat(folder_of(filled.path)).st_mode) == 0o700


def test_within_a_transaction_it_is_the_vault_before_it(filled: Session) -> None:
    with filled.change("add") as transaction:
        transaction.insert(Account(name="Under way", created_on="2027-03-10"))
        path = kept(filled)
    assert "Under way" not in names(path)
    assert "Under way" in names(filled.path)


def test_several_within_a_second_are_told_apart_and_listed_newest_first(filled: Session) -> None:
    paths = []
    for number in range(12):
        add(filled, f"N{number}")
        paths.append(kept(filled, most=100))
    assert [backup.path for backup in listed(filled.path)] == paths[::-1]


def test_the_newest_of_each_reason_are_kept(filled: Session) -> None:
    paths: dict[str, list[str]] = {"import": [], "migration": []}
    for number in range(4):
        add(filled, f"N{number}")
        for reason, made in paths.items():
            made.append(kept(filled, reason, 2))
    assert {backup.path for backup in listed(filled.path)} == {*paths["import"][2:], *paths["migration"][2:]}
    assert kept(filled, "import", 1) in {backup.path for backup in listed(filled.path)}
    assert [backup.reason for backup in listed(filled.path)].count("import") == 1


def test_none_are_made_where_none_are_to_be_kept(filled: Session) -> None:
    assert keep_before(filled.database, "import", 0) is None
    assert not os.path.exists(folder_of(filled.path))


def test_the_one_just_made_stays_even_if_the_clock_was_set_back(filled: Session) -> None:
    folder = Path(folder_of(filled.path))
    folder.mkdir(0o700)
    copy_vault(filled.database, str(folder / "29990101T000000Z-before-import.dossier"))
    add(filled, "Later")
    path = kept(filled, most=1)
    assert [backup.path for backup in listed(filled.path)] == [path]


def test_the_same_file_takes_no_second_place(filled: Session) -> None:
    older = kept(filled, most=2)
    add(filled, "Later")
    twins = [kept(filled, most=2) for _ in range(4)]
    assert [backup.path for backup in listed(filled.path)] == [twins[-1], older]


def test_of_the_same_size_is_not_the_same(filled: Session) -> None:
    first = kept(filled)
    tamper(first, "UPDATE account SET tier = 'key' WHERE id = 1")
    size = os.stat(first).st_size
    second = kept(filled)
    assert os.stat(second).st_size == size
    assert [backup.path for backup in listed(filled.path)] == [second, first]


def test_what_cannot_be_opened_takes_no_place_of_what_can(filled: Session, tmp_path: Path) -> None:
    good = []
    for number in range(2):
        add(filled, f"N{number}")
        good.append(kept(filled, "restore", 2))
    hurt = []
    for number in range(3):
        Path(filled.path).write_bytes(b"garbage" * number * 1000)  # at first nothing at all
        new = str(tmp_path / "new")
        with Database(good[1]) as database:
            copy_vault(database, new)
        hurt.append(take_place(new, filled.path, "restore", 2))
    assert [backup.path for backup in listed(filled.path)] == [hurt[2], hurt[1], good[1], good[0]]


def test_what_is_not_ours_is_never_touched(filled: Session, tmp_path: Path) -> None:
    folder = Path(folder_of(filled.path))
    folder.mkdir(0o700)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("precious")
    for name in (
        "20200101T000000Z-before-import.dossier.txt",
        "20201301T000000Z-before-import.dossier",
        "20200101T000000Z-before-import-0.dossier",
        "2020-before-import.dossier",
        "unfinished.txt",
        "mine.dossier",
    ):
        (folder / name).write_text("precious")
    (folder / "20200101T000000Z-before-import.dossier").symlink_to(elsewhere)
    (folder / "20200102T000000Z-before-import.dossier").mkdir()
    there = set(os.listdir(folder))
    path = kept(filled, most=1)
    path = kept(filled, most=1)
    assert set(os.listdir(folder)) == there | {os.path.basename(path)}
    assert elsewhere.read_text() == "precious"
    assert [backup.path for backup in listed(filled.path)] == [path]


@pytest.mark.parametrize("kind", ["link", "file"])
def test_a_folder_that_is_none_is_refused(filled: Session, tmp_path: Path, kind: str) -> None:
    place = Path(folder_of(filled.path))
    if kind == "link":
        (tmp_path / "elsewhere").mkdir()
        place.symlink_to(tmp_path / "elsewhere")
    else:
        place.write_text("precious")
    with pytest.raises(Unavailable, match=r"\.backups, where backups go, is"):
        keep_before(filled.database, "import", 5)
    with pytest.raises(Unavailable):
        listed(filled.path)
    assert kind == "file" or os.listdir(tmp_path / "elsewhere") == []


def test_a_linked_vault_has_its_backups_beside_the_real_file(filled: Session, tmp_path: Path) -> None:
    link = tmp_path / "link.dossier"
    link.symlink_to(filled.path)
    with Database(str(link)) as database:
        path = keep_before(database, "import", 5)
    assert path is not None
    assert os.path.dirname(path) == f"{filled.path}.backups"
    assert listed(str(link)) == listed(filled.path) != []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_where_nobody_may_write(filled: Session) -> None:
    os.mkdir(folder_of(filled.path), 0o500)
    with pytest.raises(Unavailable, match="cannot write"):
        keep_before(filled.database, "import", 5)


def test_what_cannot_be_written_leaves_the_older_ones(
    filled: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = kept(filled, most=1)

    def fail(*arguments: object) -> None:
        raise Unavailable("the disk is full; nothing was changed")

    monkeypatch.setattr(backups, "copy_pages", fail)
    with pytest.raises(Unavailable, match="disk is full"):
        keep_before(filled.database, "import", 1)
    assert os.listdir(folder_of(filled.path)) == [os.path.basename(path)]


def test_a_vault_that_was_replaced_since_is_not_what_is_kept(filled: Session, tmp_path: Path) -> None:
    other = str(tmp_path / "other")
    copy_vault(filled.database, other)
    os.replace(other, filled.path)
    with pytest.raises(Unavailable, match="was replaced"):
        keep_before(filled.database, "import", 5)


_DIE = """
import os, signal, sys
from dossier.store import backups
from dossier.store.database import Database

name = sys.argv[2]
before = getattr(backups, name, None) or getattr(os, name)

def die(*arguments):
    if sys.argv[3] == "after":
        before(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(backups if hasattr(backups, name) else os, name, die)
backups.keep_before(Database(sys.argv[1]), "import", 1)
"""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("what", ["copy_pages", "link", "sync_folder", "prune"])
def test_killed_anywhere_there_are_only_whole_backups(filled: Session, what: str, when: str) -> None:
    first = kept(filled, most=1)
    killed = subprocess.run(
        [sys.executable, "-c", _DIE, filled.path, what, when], cwd=ROOT, check=False, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    found = [backup.path for backup in listed(filled.path)]
    assert (first in found) == ((what, when) != ("prune", "after"))
    for path in found:
        assert names(path) == names(filled.path)
    last = kept(filled, most=1)
    assert os.listdir(folder_of(filled.path)) == [os.path.basename(last)], "what it left is swept"


def test_a_new_file_takes_the_place_of_the_vault(filled: Session, tmp_path: Path) -> None:
    new = str(tmp_path / "vault.dossier.rotated")
    copy_vault(filled.database, new)
    add(filled, "Since")
    aside = take_place(new, filled.path, "rotation", 5)
    assert not os.path.exists(new)
    assert aside is not None
    assert [(backup.reason, backup.path) for backup in listed(filled.path)] == [("rotation", aside)]
    assert ("Since" in names(aside), "Since" in names(filled.path)) == (True, False)


def test_it_keeps_what_it_replaces_whatever_the_setting_says(filled: Session, tmp_path: Path) -> None:
    for _ in range(2):
        new = str(tmp_path / "new")
        with Database(filled.path) as database:
            copy_vault(database, new)
        aside = take_place(new, filled.path, "rotation", 0)
        assert [backup.path for backup in listed(filled.path)] == [aside]


def test_who_keeps_writers_out_can_look_before_it_takes_the_place(filled: Session, tmp_path: Path) -> None:
    new = str(tmp_path / "new")
    copy_vault(filled.database, new)
    with Database(filled.path) as reader, writers_out(filled.database):
        assert filled.database.count("account") == 2
        aside = take_place(new, filled.path, "rotation", 5, held=filled.database)
        assert reader.count("account") == 2, "readers go on"
    assert aside is not None
    with pytest.raises(Unavailable, match="was replaced"):
        add(filled, "Too late")
    assert names(aside) == names(filled.path)
    with filled.anew() as anew:
        assert problems(anew) == []


def test_a_vault_whose_replacing_was_killed_is_no_backup_of_itself(filled: Session) -> None:
    kept(filled, "rotation")
    os.link(filled.path, os.path.join(folder_of(filled.path), "20270101T000000Z-before-rotation.dossier"))
    assert len(listed(filled.path)) == 2
    add(filled, "Later")
    kept(filled, "rotation")
    assert len(listed(filled.path)) == 2
    assert os.stat(filled.path).st_nlink == 1


def test_a_place_that_cannot_be_taken_leaves_everything(
    filled: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = str(tmp_path / "new")
    copy_vault(filled.database, new)

    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(Unavailable, match="No space left"):
        take_place(new, filled.path, "rotation", 5)
    assert len(names(filled.path)) == 2
    assert os.path.exists(new)


def test_a_busy_vault_is_not_replaced(
    filled: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = str(tmp_path / "new")
    copy_vault(filled.database, new)
    monkeypatch.setattr("dossier.store.database._BUSY_SECONDS", 0.1)
    with Database(filled.path) as busy, writers_out(busy), pytest.raises(Failed, match="busy"):
        take_place(new, filled.path, "rotation", 5)
    assert listed(filled.path) == []


def test_a_backups_folder_that_cannot_be_read_any_more_does_not_undo_what_was_done(
    filled: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = str(tmp_path / "new")
    copy_vault(filled.database, new)

    def unreadable(vault: str) -> list[backups.Backup]:
        if os.path.exists(new):
            return listed(vault)
        raise Unavailable(f"cannot read {folder_of(vault)}: Input/output error")

    monkeypatch.setattr(backups, "listed", unreadable)
    aside = take_place(new, filled.path, "rotation", 1)
    assert aside is not None
    assert os.path.exists(aside)
    assert not os.path.exists(new)


def test_a_folder_called_like_a_backups_journal_stays(filled: Session) -> None:
    first = kept(filled, most=1)
    os.mkdir(f"{first}-wal")
    add(filled, "Later")
    last = kept(filled, most=1)
    assert [backup.path for backup in listed(filled.path)] == [last]
    assert os.path.isdir(f"{first}-wal")


def test_a_backup_that_cannot_be_removed_stays_and_is_no_failure(
    filled: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = kept(filled, most=1)
    add(filled, "Later")

    def fail(path: str) -> bool:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(backups, "is_plain_file", fail)
    last = kept(filled, most=1)
    assert [backup.path for backup in listed(filled.path)] == [last, first]
    assert not backups.remove(first)
