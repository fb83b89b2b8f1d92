"""Values that dossier never writes: found when a run stumbles over one, which then is no mistake of dossier's."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from dossier.services.session import Session
from dossier.store.oddities import first_oddity
from tests.conftest import Run
from tests.store.behind import fill

ODDITIES = [
    ("UPDATE account SET uid = x'00' WHERE id = 2", "account 2"),
    ("UPDATE account SET created_on = '9999-99-99' WHERE id = 2", "account 2"),
    ("UPDATE account SET created_on = '2027-02-30' WHERE id = 1", "account 1"),
    ("UPDATE account SET tier = 'golden' WHERE id = 1", "account 1"),
    ("UPDATE account SET tags = '{' WHERE id = 1", "account 1"),
    ("UPDATE account SET tags = '{}' WHERE id = 1", "account 1"),
    ("UPDATE account SET tags = '[1]' WHERE id = 1", "account 1"),
    ("UPDATE account SET name = x'ff' WHERE id = 1", "account 1"),
    ("UPDATE person SET version = 'two' WHERE id = 1", "person 1"),
    ("UPDATE promise SET account_id = 'x' WHERE id = 1", "promise 1"),
    ("UPDATE promise SET seal = 'x' WHERE id = 1", "promise 1"),
    ("UPDATE participant SET id = -4 WHERE id = 1", "participant -4"),
    ("UPDATE change SET at = 'then' WHERE id = 1", "change 1"),
    ("UPDATE change SET at = '2027-03-10T25:00:00+00:00' WHERE id = 1", "change 1"),
    ("DELETE FROM account WHERE id = 2", "interaction 2"),
    ("UPDATE last_contact SET at = '9999-99-99' WHERE account_id = 1", "account 1"),
]


def tamper(path: str, sql: str) -> None:
    """Run a statement without any constraint in its way."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(sql)


def test_what_dossier_wrote_is_never_odd(session: Session) -> None:
    assert first_oddity(session.database) is None
    fill(session)
    assert first_oddity(session.database) is None


@pytest.mark.parametrize(("sql", "named"), ODDITIES)
def test_what_dossier_never_wrote_is_named(session: Session, sql: str, named: str) -> None:
    fill(session)
    tamper(session.path, sql)
    assert first_oddity(session.database) == named


def test_pages_that_are_not_in_order_are_odd_too(session: Session) -> None:
    fill(session)
    with open(session.path, "r+b") as file:
        file.seek(36)  # how many pages are free
        file.write(b"\xff" * 4)
    assert first_oddity(session.anew().database) == "pages that are not in order"


def test_pages_that_cannot_be_read_are_odd_too(session: Session) -> None:
    fill(session)
    page = session.database.row("SELECT rootpage FROM sqlite_master WHERE name = 'account'")
    assert page is not None
    with open(session.path, "r+b") as file:
        file.seek((page[0] - 1) * 4096)
        file.write(bytes(100))
    assert first_oddity(session.anew().database) == "pages that are not in order"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE last_contact SET at = '0001-99-99' WHERE account_id = 1",
        "UPDATE account SET created_on = '0000-99-99'; DELETE FROM last_contact",
    ],
)
def test_a_run_that_stumbles_over_it_says_damaged(session: Session, dossier: Run, sql: str) -> None:
    fill(session)
    for statement in sql.split(";"):
        tamper(session.path, statement)
    result = dossier("agenda")
    assert result.code == 7, result.err
    assert "the vault holds what dossier never wrote: account 1" in result.err
    assert "dossier vault check" in result.err
