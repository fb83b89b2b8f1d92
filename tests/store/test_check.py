"""The walk over a vault that nobody touched, and over a broken file; test_tamper.py has the touched ones."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from dossier.errors import ACCEPT, Failed, Unavailable
from dossier.services.session import Session
from dossier.store import calendar
from dossier.store.catalog import Account, Fact, Participant, Person
from dossier.store.check import Problem, Way, check_vault, walk
from dossier.store.record import Record
from tests.store.behind import fill, problems, said


def test_an_empty_vault_is_sound(session: Session) -> None:
    report = check_vault(session.database, session.rows)
    assert report.problems == []
    assert set(report.counts.values()) == {0}


def test_a_vault_in_use_is_sound(session: Session) -> None:
    fill(session)
    with session.change("edit") as transaction:
        transaction.update(session.reader.get(Person, 1), birthday="--02-29", marked=True)
        transaction.delete(session.reader.get(Fact, 2))
        third = transaction.insert(Account(name="Third", created_on="2027-03-01", cadence_days=10))
    with session.change("rm") as transaction:
        transaction.delete(third)
    assert problems(session) == []


def test_what_is_undone_and_brought_back_is_sound(session: Session) -> None:
    fill(session)
    person = session.reader.get(Person, 1)
    with session.change("rm") as transaction:
        transaction.delete(session.reader.get(Participant, 1))
        transaction.delete(person)
    with session.change("undo") as transaction:
        transaction.insert(person, as_id=person.id, uid=person.uid)
    assert problems(session) == []


def test_the_counts_are_those_of_the_records(session: Session) -> None:
    fill(session)
    counts = check_vault(session.database, session.rows).counts
    assert (counts["account"], counts["promise"], counts["step"], counts["change"]) == (2, 2, 0, 1)


def test_progress_is_told_and_reaches_the_end(session: Session, monkeypatch: object) -> None:
    fill(session)
    told: list[tuple[int, int]] = []
    check_vault(session.database, session.rows, lambda done, total: told.append((done, total)))
    assert told == [(15, 15)]
    assert walk.STEP > 1


def test_nobody_writes_while_the_check_holds_its_moment(session: Session) -> None:
    fill(session)
    refused: list[str] = []

    def write(done: int, total: int) -> None:
        other = sqlite3.connect(session.path, timeout=0.01, isolation_level=None)
        try:
            other.execute("UPDATE account SET version = 9")
        except sqlite3.OperationalError as error:
            refused.append(str(error))
        finally:
            other.close()

    check_vault(session.database, session.rows, write)
    assert refused == ["database is locked"]
    assert problems(session) == []


def test_the_connection_is_free_afterwards(session: Session) -> None:
    problems(session)
    fill(session)
    assert problems(session) == []


def test_a_problem_reads_as_a_sentence() -> None:
    assert str(Problem("promise_move", 3, "00", "is missing")) == "promise move 3 is missing"
    assert str(Problem("calendar", None, None, "is missing")) == "calendar is missing"


def test_a_page_that_is_gone_is_reported_and_the_rest_still_read(session: Session) -> None:
    fill(session)
    ((root,),) = session.database.rows("SELECT rootpage FROM sqlite_master WHERE name = 'promise'")
    session.database.connection.close()
    file = Path(session.path)
    whole = file.read_bytes()
    start = (root - 1) * 4096
    file.write_bytes(whole[:start] + b"\xff" * 4096 + whole[start + 4096 :])
    session.database.connection = sqlite3.connect(session.path, isolation_level=None)
    report = check_vault(session.database, session.rows)
    words = "\n".join(map(str, report.problems))
    assert "file is damaged" in words
    assert "promise 1 cannot be read" in words
    assert report.counts["account"] == 2
    assert "account 1" not in words


def test_a_file_that_cannot_be_read_just_now_is_not_called_damaged(session: Session) -> None:
    fill(session)

    class Failing(sqlite3.Connection):
        """Reads everything but the facts, as if the drive did not answer."""

        code = sqlite3.SQLITE_IOERR_READ

        def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
            if "FROM fact WHERE" in sql:
                error = sqlite3.OperationalError("disk I/O error")
                error.sqlite_errorcode = self.code
                raise error
            return super().execute(sql, parameters)

    session.database.connection.close()
    session.database.connection = sqlite3.connect(session.path, isolation_level=None, factory=Failing)
    with pytest.raises(Unavailable, match="disk I/O error"):
        check_vault(session.database, session.rows)
    Failing.code = sqlite3.SQLITE_BUSY
    with pytest.raises(Failed, match="keeps the vault busy"):
        check_vault(session.database, session.rows)
    Failing.code = sqlite3.SQLITE_CORRUPT
    assert "fact 1 cannot be read" in said(session)


def test_what_a_person_may_accept_is_said_by_the_problem_and_not_by_its_words() -> None:
    problems = [Problem("account", 1, "00", "is missing", way) for way in Way]
    assert [problem.acceptable for problem in problems] == [False, True, True]
    assert ["vault accept" in problem.how for problem in problems] == [False, True, True]
    assert problems[1].shape() == {
        "noun": "account", "id": 1, "uid": "00", "problem": "is missing", "how": ACCEPT
    }  # fmt: skip


def test_a_header_of_another_vault_is_named(session: Session, tmp_path: Path) -> None:
    from dossier.vault import header
    from tests.conftest import PASSPHRASE, TODAY

    other = header.create(PASSPHRASE, TODAY)
    session.database.execute("UPDATE vault SET header = ?", (other.header,))
    assert "header is another vault's" in said(session)
    session.database.execute("UPDATE vault SET header = ?", (other.header[:-1],))
    assert "header cannot be read: the vault's header is damaged" in said(session)
    session.database.execute("DELETE FROM vault")
    assert "manifest cannot be read" in said(session)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Account, {"cadence_days": 30.0}),
        (Account, {"note": ""}),
        (Person, {"birthday": "tomorrow"}),
        (Person, {"address_as": "two\nlines"}),
        (Fact, {"text": ["a", "list"]}),
        (Fact, {"kind": "rumour"}),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "-".join(value),
)
def test_what_somebody_with_the_keys_wrote_wrongly_is_named(
    session: Session, kind: type[Record], value: dict[str, Any]
) -> None:
    fill(session)
    with pytest.MonkeyPatch.context() as patch, session.change("by another program") as transaction:
        patch.setattr(kind, "checked", lambda record: record.replace())
        patch.setattr(calendar, "entries_of", lambda record: ())
        transaction.update(session.reader.get(kind, 1), **value)
    assert f"{kind.table.name} 1 holds a value that dossier never writes" in said(session)
