"""What the journals of two copies say in clear: which changes they share, and what cannot be read at all."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dossier.services.session import Session
from dossier.store.catalog import Account
from dossier.store.histories import Parting, entries, has_change, newest_in, parting
from tests.store.behind import tamper


def write(session: Session, *names: str) -> None:
    for name in names:
        with session.change("add") as transaction:
            transaction.insert(Account(name=name, created_on="2027-03-10"))


def other(session: Session, path: str) -> Session:
    return Session(path, session.today, session.config, session._unlocking, session.keys, passing=True)


@pytest.mark.parametrize(
    ("before", "ours", "theirs", "expected"),
    [
        (0, 0, 0, Parting(0, 0, 0)),
        (2, 0, 0, Parting(2, 0, 0)),
        (2, 3, 0, Parting(2, 5, 0)),
        (2, 0, 1, Parting(2, 0, 3)),
        (2, 1, 3, Parting(2, 3, 5)),
        (0, 1, 1, Parting(0, 1, 1)),
    ],
)
def test_where_two_copies_went_apart(
    session: Session, tmp_path: Path, before: int, ours: int, theirs: int, expected: Parting
) -> None:
    write(session, *map(str, range(before)))
    copy = shutil.copy(session.path, tmp_path / "copy")
    write(session, *map(str, range(ours)))
    with other(session, str(copy)) as there:
        write(there, *map(str, range(theirs)))
        found = parting(entries(session.database), entries(there.database))
    assert (found, found.forks) == (expected, bool(ours and theirs))


def test_a_change_is_known_by_its_number_and_uid(session: Session, tmp_path: Path) -> None:
    copy = str(shutil.copy(session.path, tmp_path / "copy"))
    write(session, "ours")
    with other(session, copy) as there:
        write(there, "theirs")
    ((number, uid),) = session.database.rows("SELECT id, uid FROM change")
    assert has_change(session.path, number, uid)
    assert not has_change(copy, number, uid)
    assert not has_change(session.path, number + 1, uid)
    assert not has_change(str(tmp_path / "missing"), number, uid)


def test_the_newest_change_of_a_file_whatever_its_name(session: Session, tmp_path: Path) -> None:
    assert newest_in(session.path) == 0
    write(session, "one", "two")
    odd = str(shutil.copy(session.path, tmp_path / "a?b#c%20.dossier"))
    assert newest_in(odd) == 2


@pytest.mark.parametrize(
    "how",
    [
        "missing",
        "empty",
        "garbage",
        "beginning",
        "UPDATE vault SET header = zeroblob(100)",
        "UPDATE vault SET header = zeroblob(1000000)",
        "UPDATE vault SET header = 'text'",
        "DELETE FROM vault",
        "DROP TABLE change",
        "PRAGMA application_id = 1",
    ],
)
def test_what_cannot_be_read_has_none(session: Session, how: str) -> None:
    write(session, "one")
    session.close()
    file = Path(session.path)
    if how == "missing":
        file.unlink()
    elif how == "beginning":
        file.write_bytes(bytes(100) + file.read_bytes()[100:])
    elif how in ("empty", "garbage"):
        file.write_bytes(b"" if how == "empty" else b"garbage" * 1000)
    else:
        tamper(session.path, how)
    assert newest_in(session.path) is None


def test_a_journal_beside_it_is_left_alone(session: Session) -> None:
    write(session, "one")
    session.close()
    beside = Path(f"{session.path}-journal")
    beside.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(600))
    assert newest_in(session.path) == 1
    assert beside.stat().st_size == 608
