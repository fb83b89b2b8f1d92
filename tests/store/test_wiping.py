"""What SQLite leaves in its pages although it overwrites what it deletes, and that `wipe` leaves nothing of it."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from dossier.errors import Damaged
from dossier.services.session import Session
from dossier.store.catalog import Account, Fact
from dossier.store.database import Database
from dossier.store.wiping import emptied_at_once, wipe
from tests.store.behind import fill, problems

_MARK = re.compile(rb"MARK\d{6}x")
_ROUNDS = 30


def churn(database: Database, chance: random.Random, number: int) -> None:
    """Write, rewrite and delete a few hundred rows, each marked in a column, an index and a blob."""
    live = [row[0] for row in database.rows("SELECT id FROM account")]
    with database.transaction():
        for place in range(number * 400, number * 400 + 400):
            mark = f"MARK{place:06d}x"
            values = (mark + "f" * chance.randint(0, 300), mark.encode() * chance.randint(1, 200))
            if not live or chance.random() < 0.5:
                sql = """INSERT INTO account (uid, version, name, aliases, tier, status, tags, mails, phones,
                         created_on, folded, agenda, dossier, seal)
                         VALUES (x'00', 1, 'x', '', 'key', 'active', '', '', '', '', ?, ?, x'00', x'00')"""
                live.append(database.execute(sql, values).lastrowid)
            elif chance.random() < 0.6:
                row = (*values, chance.choice(live))
                database.execute("UPDATE account SET folded = ?, agenda = ? WHERE id = ?", row)
            else:
                gone = live.pop(chance.randrange(len(live)))
                database.execute("DELETE FROM account WHERE id = ?", (gone,))


def stale(database: Database) -> set[bytes]:
    """The marks that the file holds and no row does."""
    rows = database.rows("SELECT folded, agenda FROM account")
    there = {mark for folded, blob in rows for mark in _MARK.findall(folded.encode() + blob)}
    return set(_MARK.findall(Path(database.path).read_bytes())) - there


def test_what_sqlite_leaves_in_its_pages_is_gone_after_a_wipe(vault_path: str) -> None:
    chance = random.Random(7)
    with Database(vault_path) as database:
        rounds = iter(range(_ROUNDS))
        while not stale(database):  # the reason for all of this: `secure_delete` does not overwrite it
            churn(database, chance, next(rounds))
        rows = database.rows("SELECT * FROM account")
        with emptied_at_once(database), database.transaction():
            wipe(database)
        assert stale(database) == set()
        assert database.rows("SELECT * FROM account") == rows
        assert database.row("PRAGMA foreign_keys") == (1,)
        assert database.rows("PRAGMA integrity_check") == [("ok",)]


def test_a_wiped_vault_is_the_same_vault(session: Session) -> None:
    fill(session)
    with session.change("rm") as transaction:
        transaction.delete(transaction.get(Fact, 2))
    dump = list(session.database.connection.iterdump())
    with emptied_at_once(session.database), session.database.transaction():
        wipe(session.database)
    assert list(session.database.connection.iterdump()) == dump
    assert problems(session) == []
    with session.change("add") as transaction:
        new = transaction.insert(
            Fact(account_id=1, text="x", learned_on="2027-01-04", confirmed_on="2027-01-04")
        )
    assert new.id == 3  # ids are never given again


def test_a_wipe_refuses_what_refers_to_nothing(session: Session) -> None:
    fill(session)

    def wiped() -> None:
        with emptied_at_once(session.database), session.database.transaction():
            session.database.execute("DELETE FROM account WHERE id = 1")
            wipe(session.database)

    with pytest.raises(Damaged, match="refers to what is not there"):
        wiped()
    assert session.reader.get(Account, 1).name == "Café Zürich"
    assert problems(session) == []
