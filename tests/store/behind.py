"""Changing a vault behind dossier's back, as whoever has the file could."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dossier.services.session import Session
from dossier.store.catalog import Account, Fact, Interaction, Occasion, Participant, Person, Promise
from dossier.store.check import Problem, check_vault


@contextmanager
def raw(path: str) -> Iterator[sqlite3.Connection]:
    """The file itself, without any of dossier's care; committed in the end."""
    connection = sqlite3.connect(path)
    try:
        yield connection
        connection.commit()
    finally:
        connection.close()


def tamper(path: str, sql: str, *parameters: Any) -> None:
    """Run one statement behind dossier's back."""
    with raw(path) as connection:
        connection.execute(sql, parameters)


def write_into_schema(path: str, kind: str, name: str, table: str, sql: str) -> None:
    """Make something under a name that SQLite itself would refuse, by writing into its own list."""
    with raw(path) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, 0, ?)", (kind, name, table, sql))
        ((version,),) = connection.execute("PRAGMA schema_version")
        connection.execute(f"PRAGMA schema_version = {version + 1}")


def row(path: str, table: str, record_id: int = 1) -> dict[str, Any]:
    """A row as it stands in the file."""
    with raw(path) as connection:
        connection.row_factory = sqlite3.Row
        return dict(connection.execute(f"SELECT * FROM {table} WHERE id = ?", (record_id,)).fetchone())


def chunk_bytes(path: str, attachment_id: int) -> int:
    """How many encrypted bytes are stored of an attachment."""
    with raw(path) as connection:
        ((size,),) = connection.execute(
            "SELECT sum(length(data)) FROM chunk WHERE attachment_id = ?", (attachment_id,)
        )
    return int(size)


def put(path: str, table: str, values: dict[str, Any]) -> None:
    """Write a row as it is, over the one with its id if there is one."""
    marks = ", ".join("?" * len(values))
    tamper(path, f"INSERT OR REPLACE INTO {table} ({', '.join(values)}) VALUES ({marks})", *values.values())


def fill(session: Session) -> None:
    """A little of everything: accounts 1 and 2, people 1 and 2, and what belongs to them."""
    with session.change("fill") as transaction:
        for name, person in (("Café Zürich", "Élodie Roux"), ("Đặng & Sons", "Đặng Thị Mai")):
            account = transaction.insert(Account(name=name, created_on="2027-01-04", note=f"about {name}"))
            someone = transaction.insert(
                Person(account_id=account.id, name=person, created_on="2027-01-04", birthday="1975-04-12")
            )
            transaction.insert(
                Fact(
                    account_id=account.id,
                    text="plays chess",
                    learned_on="2027-01-04",
                    confirmed_on="2027-01-04",
                )
            )
            transaction.insert(
                Occasion(
                    account_id=account.id, kind="anniversary", date="--09-21", title="Founded", lead_days=10
                )
            )
            talk = transaction.insert(Interaction(account_id=account.id, at="2027-02-01", subject="the plan"))
            transaction.insert(Participant(interaction_id=talk.id, person_id=someone.id))
            transaction.insert(
                Promise(
                    account_id=account.id, made_on="2027-02-01", due_on="2027-03-01", title="send the quote"
                )
            )


def problems(session: Session) -> list[Problem]:
    """What `vault check` has to say."""
    return check_vault(session.database, session.rows).problems


def said(session: Session) -> str:
    """What `vault check` has to say, as text."""
    return "\n".join(map(str, problems(session)))
