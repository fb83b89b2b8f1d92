"""A vault somebody else wrote into: whatever stands anywhere, reading it ends with a designed exit code."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any

import pytest

from dossier.errors import Damaged
from dossier.services.session import Session
from dossier.store import heap
from dossier.store.catalog import RECORDS, Account, Fact, Person
from dossier.store.record import Record
from dossier.store.rows import Rows, layout_of
from dossier.vault.keys import Keys
from tests.conftest import Run
from tests.store.behind import fill, tamper

HOSTILE: dict[str, Any] = {
    "blob": b"\xff\x00\xfe",
    "text": "xx",
    "day": "9999-99-99",
    "object": '{"a": [1]}',
    "number": "7",
    "list": '[1, null, {"a": 2}, [["x"]]]',
    "deep": "[" * 200_000,
    "surrogate": '["\\ud800"]',
    "largest": (1 << 63) - 1,
    "infinite": float("inf"),
}


def columns(kind: type[Record]) -> list[str]:
    names = [column.rpartition(".")[2] for column in layout_of(kind).columns.split(", ")]
    return [name for name in names if name != "id"]


CASES = [(kind, column) for kind in RECORDS for column in columns(kind)]


@pytest.fixture
def filled(session: Session) -> Session:
    fill(session)
    return session


@pytest.mark.parametrize(("kind", "column"), CASES, ids=str)
def test_a_hostile_value_anywhere_is_damage_to_whoever_has_the_keys(
    filled: Session, kind: type[Record], column: str
) -> None:
    locked = Rows(Keys(filled.vault_id, 1))
    for value in HOSTILE.values():
        with closing(sqlite3.connect(filled.path)) as connection:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            changed = connection.execute(f'UPDATE {kind.table.name} SET "{column}" = ?', (value,)).rowcount
            connection.commit()
        if not changed:
            return
        with pytest.raises(Damaged):
            filled.reader.find(kind)
        for row in filled.database.rows(f"SELECT {layout_of(kind).columns} FROM {kind.table.name}"):
            with suppress(Damaged):
                locked.open(kind, row)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE account SET created_on = '9999-99-99'",
        "UPDATE account SET tags = '{'",
        "UPDATE account SET name = x'ff'",
        "UPDATE person SET account_id = 'x'",
        "UPDATE promise SET due_on = '0000-00-00'",
        "UPDATE promise SET account_id = 9999",
        "UPDATE interaction SET at = x'ff'",
        "UPDATE last_contact SET at = x'ff'",
        "DELETE FROM account",
        "DROP TABLE promise_move",
        "ALTER TABLE account RENAME COLUMN tier TO rank",
    ],
)
def test_every_list_ends_with_a_designed_code(
    filled: Session, dossier: Run, lock: Callable[[], None], statement: str
) -> None:
    tamper(filled.path, statement)
    for _ in range(2):
        for line in (
            "agenda",
            "account list",
            "person list",
            "promise list",
            "show a1",
            "search chess",
            "status",
        ):
            result = dossier(*line.split())
            assert result.code in (0, 3, 7), (line, result.err)
        lock()


def test_a_value_edited_behind_our_back_is_never_shown_while_the_vault_is_open(filled: Session) -> None:
    tamper(filled.path, "UPDATE person SET mails = '[\"thief@example.org\"]' WHERE id = 1")
    with pytest.raises(Damaged, match="is not as dossier wrote it"):
        filled.reader.get(Person, 1)
    filled.use(Keys(filled.vault_id, 1))
    assert filled.reader.get(Person, 1).mails == ["thief@example.org"], "locked, nobody can tell"


def test_a_calendar_edited_behind_our_back_is_never_used(filled: Session) -> None:
    tamper(filled.path, "UPDATE calendar SET version = version + 1")
    with pytest.raises(Damaged):
        filled.reader.calendar()


def test_a_secret_is_never_filed_under_an_account_that_somebody_renamed(filled: Session) -> None:
    tamper(filled.path, "UPDATE account SET name = 'Đặng & Sons', folded = folded || 'x' WHERE id = 1")
    fact = Fact(account_id=1, text="s", learned_on="2027-03-10", confirmed_on="2027-03-10")
    with pytest.raises(Damaged, match="is not as dossier wrote it"), filled.change("fact add") as transaction:
        transaction.insert(fact)
    with (
        pytest.raises(Damaged, match="is not as dossier wrote it"),
        filled.change("fact edit") as transaction,
    ):
        transaction.update(filled.reader.get(Fact, 2), account_id=1)
    assert filled.database.count("fact") == 2


def test_rows_that_break_off_in_the_middle_are_damage(filled: Session) -> None:
    tamper(filled.path, "UPDATE account SET tags = CAST(x'ff5b5d' AS TEXT) WHERE id = 2")
    with pytest.raises(Damaged, match="not UTF-8"):
        filled.reader.find(Account)
    tamper(filled.path, "UPDATE interaction SET at = CAST(x'ff5b5d' AS TEXT) WHERE id = 2")
    with pytest.raises(Damaged, match="not UTF-8"):
        list(heap._batches(filled.reader, heap._SOURCES[5]))
