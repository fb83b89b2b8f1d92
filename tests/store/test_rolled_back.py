"""Rows deleted, added, rolled back or swapped, of every kind, single or whole tables: named, and never hidden."""

from __future__ import annotations

import shutil
from contextlib import suppress
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from dossier.config import Config
from dossier.errors import Damaged
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.store.catalog import (
    RECORDS,
    Account,
    Change,
    Fact,
    Interaction,
    Occasion,
    Participant,
    Person,
    Promise,
    PromiseMove,
    Relative,
    Step,
)
from dossier.store.record import Record
from dossier.vault import header
from tests.conftest import PASSPHRASE, TODAY
from tests.store.behind import problems, put, raw, row, said

DAY = "2027-03-01"

EDITS: dict[type[Record], dict[str, Any]] = {
    Account: {"note": "another"},
    Person: {"birthday": "--05-06"},
    Fact: {"text": "another"},
    Relative: {"name": "Another"},
    Occasion: {"date": "--11-12"},
    Interaction: {"at": "2027-03-09"},
    Promise: {"title": "another"},
    PromiseMove: {"because": "another"},
    Step: {"title": "another"},
}
"""The kinds that are written again, and how; a participant never is, a change only by an undo."""

KINDS: tuple[type[Record], ...] = (*EDITS, Participant)

PARTS = ("header", "manifest", "calendar", "last_contact", "sqlite_sequence")


def one_of_each(session: Session, number: int) -> list[Record]:
    """An account with something of every kind, in a change of its own."""
    with session.change("fill") as transaction:
        add = transaction.insert
        account = add(Account(name=f"Account {number}", created_on=DAY, cadence_days=number + 9))
        person = add(
            Person(account_id=account.id, name=f"Person {number}", created_on=DAY, birthday="--04-12")
        )
        talk = add(Interaction(account_id=account.id, at=DAY, subject="the plan"))
        promise = add(Promise(account_id=account.id, made_on=DAY, due_on=DAY, title="the quote"))
        return [
            account,
            person,
            talk,
            promise,
            add(Participant(interaction_id=talk.id, person_id=person.id)),
            add(Fact(account_id=account.id, text="plays go", learned_on=DAY, confirmed_on=DAY)),
            add(Relative(person_id=person.id, name="Minh", relation="son", birthday="--07-08")),
            add(Occasion(account_id=account.id, kind="founding", date="--09-21", title="Founded")),
            add(PromiseMove(promise_id=promise.id, from_on=DAY, to_on=DAY, moved_on=DAY, because="rain")),
            add(Step(account_id=account.id, created_on=DAY, due_on=DAY, title="call")),
        ]


@pytest.fixture
def filled(session: Session) -> Session:
    """Three of every kind."""
    for number in range(3):
        one_of_each(session, number)
    assert problems(session) == []
    return session


def again(session: Session, path: str | None = None) -> Session:
    return Session(path or session.path, TODAY, Config({}, {}, ""), Unlocking(), passing=True)


def write_more(session: Session) -> None:
    """A change that touches nothing that was there."""
    with again(session) as other, other.change("account add") as transaction:
        transaction.insert(Account(name="Later", created_on=DAY, cadence_days=5))


def copied(path: str, table: str) -> list[tuple[Any, ...]]:
    with raw(path) as connection:
        return connection.execute(f"SELECT * FROM {table}").fetchall()


def replaced(path: str, table: str, rows: list[tuple[Any, ...]]) -> None:
    """The table with these rows and no others."""
    with raw(path) as connection:
        connection.execute(f"DELETE FROM {table}")
        connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def assert_stays(session: Session, *named: str) -> None:
    """The check names it, with the uid where it is a record; so it does after a write, if that is not refused."""
    for _ in range(2):
        found = problems(session)
        words = "\n".join(map(str, found))
        for name in named:
            assert name in words
        assert all(one.uid for one in found if one.id is not None and one.noun != "change")
        assert all("dossier vault" in one.how for one in found)
        with suppress(Damaged):
            write_more(session)


def name(kind: type[Record]) -> str:
    return kind.table.name.replace("_", " ")


def test_every_kind_is_tried() -> None:
    assert {*KINDS, Change} >= {kind for kind in RECORDS if kind.table.name != "attachment"}


@pytest.mark.parametrize("kind", KINDS, ids=name)
@pytest.mark.parametrize("number", [1, 3])
def test_a_deleted_row_of_any_kind_is_named_and_stops_writes(
    filled: Session, kind: type[Record], number: int
) -> None:
    uid = row(filled.path, kind.table.name, number)["uid"].hex()
    with raw(filled.path) as connection:
        connection.execute(f"DELETE FROM {kind.table.name} WHERE id = ?", (number,))
    with pytest.raises(Damaged, match="something was deleted behind dossier's back"):
        write_more(filled)
    assert (kind.table.name, number, uid) in [one[:3] for one in problems(filled)]
    assert_stays(filled, f"{name(kind)} {number} is missing")


@pytest.mark.parametrize("kind", [*KINDS, Change], ids=name)
def test_an_emptied_table_of_any_kind_is_named_and_stops_writes(filled: Session, kind: type[Record]) -> None:
    with raw(filled.path) as connection:
        connection.execute(f"DELETE FROM {kind.table.name}")
    with pytest.raises(Damaged, match=r"something was deleted|was the last one, and not 0"):
        write_more(filled)
    assert_stays(filled, *(f"{name(kind)} {number} is missing" for number in (1, 2, 3)))


@pytest.mark.parametrize("kind", KINDS, ids=name)
def test_a_row_of_any_kind_that_was_removed_and_is_put_back_is_named_and_stops_writes(
    filled: Session, kind: type[Record]
) -> None:
    extra = next(record for record in one_of_each(filled, 4) if isinstance(record, kind))
    older = row(filled.path, kind.table.name, extra.id)
    from dossier.store.removal import remove

    with filled.change("rm") as transaction:
        remove(transaction, extra)
    put(filled.path, kind.table.name, older)
    with pytest.raises(Damaged, match="something was added behind dossier's back"):
        write_more(filled)
    assert_stays(filled, f"{name(kind)} {extra.id}")


@pytest.mark.parametrize("kind", EDITS, ids=name)
def test_a_row_of_any_kind_that_is_rolled_back_is_named(filled: Session, kind: type[Record]) -> None:
    older = row(filled.path, kind.table.name)
    with filled.change("edit") as transaction:
        transaction.update(transaction.get(kind, 1), **EDITS[kind])
    put(filled.path, kind.table.name, older)
    assert_stays(filled, f"{name(kind)} 1 is another copy: its version is 1, the journal says 2")


@pytest.mark.parametrize("kind", KINDS, ids=name)
def test_two_rows_of_any_kind_that_were_swapped_are_named(filled: Session, kind: type[Record]) -> None:
    first, second = row(filled.path, kind.table.name, 1), row(filled.path, kind.table.name, 2)
    put(filled.path, kind.table.name, first | {"id": 2})
    put(filled.path, kind.table.name, second | {"id": 1})
    assert_stays(filled, f"{name(kind)} 1 is not as dossier", f"{name(kind)} 2 is not as dossier")


@pytest.mark.parametrize("kind", EDITS, ids=name)
def test_a_whole_table_of_any_kind_that_is_rolled_back_is_named_row_by_row(
    filled: Session, kind: type[Record]
) -> None:
    older = copied(filled.path, kind.table.name)
    with filled.change("edit") as transaction:
        transaction.update(transaction.get(kind, 2), **EDITS[kind])
    one_of_each(filled, 4)
    replaced(filled.path, kind.table.name, older)
    assert_stays(filled, f"{name(kind)} 2 is another copy", f"{name(kind)} 4 is missing")


def test_a_journal_that_is_rolled_back_with_its_counter_and_its_manifest_leaves_records_too_many(
    filled: Session,
) -> None:
    older = {table: copied(filled.path, table) for table in ("change", "sqlite_sequence", "vault")}
    one_of_each(filled, 4)
    with filled.change("edit") as transaction:
        transaction.update(transaction.get(Fact, 1), text="another")
    for table, rows in older.items():
        replaced(filled.path, table, rows)
    with pytest.raises(Damaged, match="something was added"):
        write_more(filled)
    assert_stays(
        filled,
        "fact 1 is another copy: its version is 2, the journal says 1",
        "fact 4 is one that the journal does not know",
        "person 4 is one that the journal does not know",
    )


@pytest.mark.parametrize("mended", [False, True], ids=["counter as it was", "counter set back"])
def test_a_journal_whose_end_was_cut_off_is_named_and_stops_writes(filled: Session, mended: bool) -> None:
    with raw(filled.path) as connection:
        connection.execute("DELETE FROM change WHERE id > 1")
        if mended:
            connection.execute("UPDATE sqlite_sequence SET seq = 1 WHERE name = 'change'")
    with pytest.raises(Damaged, match="change 3 was the last one, and not 1"):
        write_more(filled)
    assert_stays(
        filled,
        "change 2 is missing from the journal",
        "change 3 is missing",
        "account 3 is one that the journal",
    )


def test_a_change_taken_out_of_the_middle_is_named_and_stops_writes(filled: Session) -> None:
    with raw(filled.path) as connection:
        connection.execute("DELETE FROM change WHERE id = 2")
    with pytest.raises(Damaged, match="something was deleted"):
        write_more(filled)
    assert_stays(
        filled, "change 2 is missing from the journal", "fact 2 is one that the journal does not know"
    )


def test_parts_beside_the_records_that_are_rolled_back_show_singly_and_together(
    filled: Session, tmp_path: Path
) -> None:
    """Every choice of them: the header and the manifest in one row, the calendar, the last contacts, the counters."""
    older = {table: copied(filled.path, table) for table in (*PARTS[2:], "vault")}
    with header.open_with_passphrase(filled.header, PASSPHRASE) as opened:
        changed = header.change_passphrase(filled.header, opened.root, "something else entirely", TODAY)
    filled.replace_header(filled.header, changed)
    one_of_each(filled, 4)
    ((_, old_header, old_manifest),) = older["vault"]
    whole = str(tmp_path / "whole")
    shutil.copy(filled.path, whole)
    for size in range(1, len(PARTS) + 1):
        for chosen in combinations(PARTS, size):
            path = str(tmp_path / "tried")
            shutil.copy(whole, path)
            for part in chosen:
                if part in older:
                    replaced(path, part, older[part])
                else:
                    with raw(path) as connection:
                        blob = old_header if part == "header" else old_manifest
                        connection.execute(f"UPDATE vault SET {part} = ?", (blob,))
            with again(filled, path) as tried:
                before = said(tried)
                assert before, chosen
                with suppress(Damaged):
                    write_more(tried)
                after = said(tried)
                assert after, chosen
                if "header" in chosen and "manifest" not in chosen:
                    assert "header is not the one that was written last" in after
                if "last_contact" in chosen:
                    assert "account 4 has another last contact" in after
                if "calendar" in chosen:
                    assert "calendar does not agree with the records" in after
                if "manifest" in chosen:
                    assert "change 4 came after the manifest's last, 3" in after
                if "sqlite_sequence" in chosen:
                    assert "account has a counter of ids that was set to 3; the newest is 4" in after
