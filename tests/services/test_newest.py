"""A copy of a vault that goes back in time or forks proves sound: only a machine that saw the newer one can tell."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from dossier.config import Config
from dossier.errors import Damaged, Unavailable
from dossier.services import memory, newest
from dossier.services.memory import Memory
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.store.catalog import Account
from tests.conftest import TODAY


def write(session: Session, name: str = "Café Zürich") -> None:
    with session.change("account add") as transaction:
        transaction.insert(Account(name=name, created_on="2027-03-10"))


def opened(path: str, *, passing: bool = False) -> Session:
    return Session(path, TODAY, Config({}, {}, ""), Unlocking(), passing=passing)


def noticed(path: str) -> str:
    with opened(path) as session:
        return session.noticed.message if session.noticed else ""


def changes(path: str) -> int:
    with opened(path) as session:
        return session.database.count("change")


@pytest.fixture
def copies(session: Session, tmp_path: Path) -> Callable[[], str]:
    """Copies of the vault's file as it is, as a backup or a synced folder makes them."""
    made: list[str] = []

    def copy() -> str:
        made.append(str(tmp_path / f"copy-{len(made)}"))
        shutil.copy(session.path, made[-1])
        return made[-1]

    return copy


def put_back(copy: str, session: Session) -> None:
    shutil.copy(copy, session.path)


def test_a_vault_that_moves_on_is_followed(session: Session) -> None:
    for _ in range(3):
        write(session)
        assert noticed(session.path) == ""
    seen = memory.recall(session.vault_id).seen
    assert seen is not None
    assert (seen.number, seen.generation, seen.key_id) == (3, 3, session.keys.key_id)
    ((uid,),) = session.database.rows("SELECT uid FROM change WHERE id = 3")
    assert seen.uid == uid.hex()


def test_an_empty_vault_is_remembered_when_it_is_opened(session: Session) -> None:
    seen = memory.recall(session.vault_id).seen
    assert seen is not None
    assert (seen.number, seen.uid) == (0, "")


def test_what_another_machine_wrote_is_remembered_when_it_is_seen(
    session: Session, copies: Callable[[], str]
) -> None:
    write(session)
    before = memory.recall(session.vault_id)
    write(session)
    newer = memory.recall(session.vault_id).seen
    assert newer is not None
    assert before.seen is not None
    memory.accept(session.vault_id, before.seen)  # as if this machine had not been there
    assert noticed(session.path) == ""
    again = memory.recall(session.vault_id).seen
    assert again is not None
    assert again._replace(at=newer.at) == newer


def test_a_locked_vault_that_moves_on_is_not_remembered_for_it_is_not_proven(
    session: Session, lock: Callable[[], None]
) -> None:
    write(session)
    known = memory.recall(session.vault_id)
    lock()
    session.database.execute("UPDATE change SET id = 1000000")
    with opened(session.path):
        pass
    assert memory.recall(session.vault_id) == known


def test_a_number_that_the_manifest_does_not_know_is_not_remembered(session: Session) -> None:
    write(session)
    known = memory.recall(session.vault_id)
    session.database.execute(
        "INSERT INTO change SELECT 1000000, randomblob(16), version, at, command, dossier, seal FROM change"
    )
    assert "cannot be relied on" in noticed(session.path)
    assert memory.recall(session.vault_id) == known


@pytest.mark.parametrize("locked", [False, True])
def test_a_copy_that_went_back_in_time_is_noticed(
    session: Session, copies: Callable[[], str], lock: Callable[[], None], locked: bool
) -> None:
    write(session)
    older = copies()
    write(session)
    put_back(older, session)
    if locked:
        lock()
    message = noticed(session.path)
    assert "is an older copy: its last change is 1, and change 2 was seen here on " in message


def test_nothing_is_written_into_a_copy_that_went_back_in_time(
    session: Session, copies: Callable[[], str]
) -> None:
    write(session)
    older = copies()
    write(session)
    put_back(older, session)
    with opened(session.path) as again, pytest.raises(Damaged, match="is an older copy") as caught:
        write(again)
    assert caught.value.hint is not None
    assert "dossier vault restore FILE" in caught.value.hint
    assert "dossier vault accept" in caught.value.hint
    assert changes(session.path) == 1
    assert Path(session.path).read_bytes() == Path(older).read_bytes()


@pytest.mark.parametrize("locked", [False, True])
@pytest.mark.parametrize("more", [0, 2])
def test_a_fork_is_noticed_however_far_it_went(
    session: Session, copies: Callable[[], str], lock: Callable[[], None], locked: bool, more: int
) -> None:
    write(session)
    base = copies()
    seen = memory.recall(session.vault_id)
    with opened(base) as elsewhere:
        for _ in range(1 + more):
            write(elsewhere, "Đặng & Sons")
    assert seen.seen is not None
    memory.accept(session.vault_id, seen.seen)  # that was on another machine
    write(session)
    put_back(base, session)
    if locked:
        lock()
    assert "was changed in two places: its change 2 is not the one seen here on" in noticed(session.path)
    if not locked:
        with opened(session.path) as again, pytest.raises(Damaged, match="two places"):
            write(again)


def test_a_change_taken_out_of_the_middle_is_noticed_locked_too(
    session: Session, lock: Callable[[], None]
) -> None:
    write(session)
    write(session)
    seen = memory.recall(session.vault_id).seen
    write(session)
    assert seen is not None
    memory.accept(session.vault_id, seen)
    session.database.execute("DELETE FROM change WHERE id = 2")
    lock()
    assert "has lost change 2, which was seen here" in noticed(session.path)


def test_an_older_header_with_its_manifest_is_noticed(session: Session) -> None:
    write(session)
    older = session.database.row("SELECT header, manifest FROM vault")
    assert older is not None
    from dossier.vault import header
    from tests.conftest import PASSPHRASE

    with header.open_with_passphrase(session.header, PASSPHRASE) as root:
        changed = header.change_passphrase(session.header, root.root, "something else entirely", TODAY)
    session.replace_header(session.header, changed)
    assert noticed(session.path) == ""
    write_back = "UPDATE vault SET header = ?, manifest = ?"
    session.database.execute(write_back, older)
    assert "has an older header: from before what opens it was changed, as was seen here" in noticed(
        session.path
    )
    with opened(session.path) as again:
        with pytest.raises(Damaged, match="older header"):
            write(again)
        with pytest.raises(Damaged, match="older header"):
            again.replace_header(again.header, changed)


def test_a_vault_from_before_its_keys_were_changed_is_noticed_locked_too(
    session: Session, lock: Callable[[], None]
) -> None:
    write(session)
    seen = memory.recall(session.vault_id).seen
    assert seen is not None
    memory.note(session.vault_id, seen._replace(key_id=seen.key_id + 1, header="00" * 32))
    assert "from before its keys were changed" in noticed(session.path)
    with opened(session.path) as again, pytest.raises(Damaged, match="from before its keys were changed"):
        write(again)
    lock()
    assert "from before its keys were changed" in noticed(session.path)


def test_a_file_that_was_found_unsound_takes_no_writes_and_others_do(
    session: Session, copies: Callable[[], str]
) -> None:
    write(session)
    memory.note_check(session.vault_id, session.path, 2)
    assert "was not sound when it was checked on" in noticed(session.path)
    assert noticed(copies()) == ""
    with pytest.raises(Damaged, match="2 problems"):
        write(session)
    memory.note_check(session.vault_id, session.path, 0)
    write(session)
    assert noticed(session.path) == ""


def test_what_a_check_found_is_said_whatever_cannot_be_read_now(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(session)
    memory.note_check(session.vault_id, session.path, 2)

    def gone(*_: object) -> None:
        raise Unavailable("the drive does not answer")

    monkeypatch.setattr(newest, "last_change", gone)
    assert "was not sound when it was checked on" in noticed(session.path)
    memory.note_check(session.vault_id, session.path, 0)
    assert noticed(session.path) == ""


def test_looking_into_an_old_backup_does_not_lower_what_was_seen(
    session: Session, copies: Callable[[], str]
) -> None:
    backup = copies()
    write(session)
    known = memory.recall(session.vault_id)
    assert "is an older copy" in noticed(backup)
    assert memory.recall(session.vault_id) == known
    with opened(backup) as old, pytest.raises(Damaged, match="older copy"):
        write(old)
    write(session)


def test_a_copy_that_is_accepted_is_the_newest_and_the_other_is_the_fork(
    session: Session, copies: Callable[[], str]
) -> None:
    backup = copies()
    write(session)
    with opened(backup) as old:
        newest.accept(old.database, old.rows)
        write(old, "Đặng & Sons")
    assert noticed(backup) == ""
    assert "was changed in two places" in noticed(session.path)
    with pytest.raises(Damaged, match="two places"):
        write(session)


def test_a_copy_in_passing_is_neither_compared_nor_remembered(
    session: Session, copies: Callable[[], str]
) -> None:
    backup = copies()
    write(session)
    known = memory.recall(session.vault_id)
    with opened(backup, passing=True) as old:
        assert old.noticed is None
        write(old)
    assert memory.recall(session.vault_id) == known


def test_a_machine_that_cannot_remember_reads_and_writes_as_ever(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null")
    write(session)
    assert noticed(session.path) == ""
    assert memory.recall(session.vault_id) == Memory()


def test_a_dry_run_is_not_remembered(session: Session) -> None:
    write(session)
    known = memory.recall(session.vault_id)
    with session.change("edit", dry_run=True) as transaction:
        transaction.insert(Account(name="Later", created_on="2027-03-10"))
    assert memory.recall(session.vault_id) == known


def test_a_vault_whose_head_is_not_authentic_opens_all_the_same_and_it_is_said(session: Session) -> None:
    write(session)
    session.database.execute("UPDATE vault SET manifest = zeroblob(200)")
    memory.accept(session.vault_id, memory.Seen(0, "", 0, 0, "", ""))
    assert "cannot be relied on" in noticed(session.path)


@pytest.mark.parametrize("uid", [7, "text", None, b""])
def test_a_hostile_uid_is_no_stumble(session: Session, uid: object) -> None:
    write(session)
    connection = sqlite3.connect(session.path, isolation_level=None)
    connection.execute("PRAGMA ignore_check_constraints = ON")
    if uid is None:
        connection.execute("DELETE FROM change")
    else:
        connection.execute("UPDATE change SET uid = ?", (uid,))
    connection.close()
    assert noticed(session.path)
