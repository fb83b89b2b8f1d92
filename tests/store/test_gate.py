from __future__ import annotations

from typing import Any

import pytest

from dossier.domain.faults import BadValue
from dossier.errors import Damaged, Locked, NotFound
from dossier.services.session import Session
from dossier.store.calendar import BIRTHDAY, OCCASION
from dossier.store.catalog import Account, Change, Fact, Occasion, Person
from dossier.store.head import read_manifest
from dossier.store.record import Record
from dossier.vault.keys import Keys
from tests.inspection import calendar_days, manifest_agrees


def account(name: str = "Café Zürich", **more: Any) -> Account:
    return Account(name=name, created_on="2027-01-04").replace(**more)


def added(session: Session, *records: Record) -> list[Any]:
    with session.change("add") as transaction:
        return [transaction.insert(record) for record in records]


def test_an_inserted_record_reads_back_as_it_was_given(session: Session) -> None:
    (stored,) = added(
        session, account("Đặng & Sons", tags=["north"], note="likes 茶\nand [/b]", cadence_days=10)
    )
    read = session.reader.get(Account, stored.id)
    assert (read.name, read.tags, read.note, read.cadence_days) == (
        "Đặng & Sons",
        ["north"],
        "likes 茶\nand [/b]",
        10,
    )
    assert (read.id, read.version, len(read.uid)) == (1, 1, 16)


def test_an_update_changes_what_was_asked_and_counts_the_version(session: Session) -> None:
    (stored,) = added(session, account(tier="key", note="first"))
    with session.change("edit") as transaction:
        changed = transaction.update(stored, note="second", industry="coffee")
    assert (changed.version, changed.uid) == (2, stored.uid)
    read = session.reader.get(Account, stored.id)
    assert (read.tier, read.note, read.industry) == ("key", "second", "coffee")


def test_an_update_that_changes_nothing_leaves_no_trace(session: Session) -> None:
    (stored,) = added(session, account(tier="key"))
    with session.change("edit") as transaction:
        assert transaction.update(stored, tier="key").version == 1
        assert transaction.empty
    assert transaction.number is None
    assert len(session.reader.find(Change)) == 1


def test_a_deleted_record_is_gone(session: Session) -> None:
    (stored,) = added(session, account())
    with session.change("rm") as transaction:
        transaction.delete(stored)
        assert not transaction.exists(Account, stored.id)
    with pytest.raises(NotFound):
        session.reader.get(Account, stored.id)


def test_an_id_is_never_used_again(session: Session) -> None:
    first, second = added(session, account("One"), account("Two"))
    with session.change("rm") as transaction:
        transaction.delete(second)
        transaction.delete(first)
        assert transaction.insert(account("Three")).id == 3
    (fourth,) = added(session, account("Four"))
    assert fourth.id == 4


def test_a_record_can_come_back_under_its_id_and_uid(session: Session) -> None:
    first, second = added(session, account("One"), account("Two"))
    with session.change("rm") as transaction:
        transaction.delete(first)
    with session.change("back") as transaction:
        back = transaction.insert(account("One"), as_id=first.id, uid=first.uid)
        assert transaction.insert(account("Three")).id == second.id + 1
    assert (back.id, back.uid) == (first.id, first.uid)
    assert manifest_agrees(session)


def test_the_journal_tells_each_row_before_and_after(session: Session) -> None:
    with session.change("account add") as transaction:
        stored = transaction.insert(account(note="quiet"))
        transaction.summary = "added account 1"
    with session.change("account edit") as transaction:
        transaction.update(stored, tier="key", note="loud")
    with session.change("account rm") as transaction:
        transaction.delete(stored)
    inserted, updated, deleted = session.reader.find(Change)
    assert [inserted.id, updated.id, deleted.id] == [1, 2, 3]
    assert (inserted.command, inserted.summary) == ("account add", "added account 1")
    (row,) = inserted.rows
    assert (row["table"], row["id"], row["uid"], row["action"]) == ("account", 1, stored.uid.hex(), "insert")
    assert row["after"]["note"] == "quiet"
    assert "before" not in row
    (row,) = updated.rows
    assert row["before"] == {"tier": "standard", "note": "quiet"}
    assert row["after"] == {"tier": "key", "note": "loud"}
    (row,) = deleted.rows
    assert row["action"] == "delete"
    assert row["before"]["note"] == "loud"
    assert "after" not in row


def test_the_journal_keeps_its_words_to_itself_while_locked(session: Session) -> None:
    added(session, account(note="sentinel"))
    session.use(Keys(session.vault_id, 0))
    (change,) = session.reader.find(Change)
    assert change.command == "add"
    assert change.summary is None
    assert not change.rows


def test_a_block_that_raises_changes_nothing(session: Session) -> None:
    (stored,) = added(session, account())

    def fail() -> None:
        with session.change("edit") as transaction:
            transaction.update(stored, tier="key")
            transaction.insert(account("Another"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [one.tier for one in session.reader.find(Account)] == ["standard"]
    assert len(session.reader.find(Change)) == 1
    assert manifest_agrees(session)
    (another,) = added(session, account("Another"))
    assert another.id == 2


def test_a_value_beyond_its_limits_changes_nothing(session: Session) -> None:
    with pytest.raises(BadValue):
        added(session, account(), account("x" * 201))
    assert session.reader.find(Account) == []


def test_a_reference_to_nothing_changes_nothing(session: Session) -> None:
    with pytest.raises(Exception, match="refused"), session.change("add") as transaction:
        transaction.insert(Person(account_id=99, name="Lan", created_on="2027-03-10"))
    assert session.reader.find(Person) == []


def test_the_manifest_follows_every_write(session: Session) -> None:
    assert manifest_agrees(session)
    one, _ = added(session, account("One", cadence_days=9), account("Two"))
    assert manifest_agrees(session)
    with session.change("edit") as transaction:
        transaction.update(one, cadence_days=None, note="x")
        transaction.insert(Person(account_id=1, name="Lan", created_on="2027-03-10", birthday="--02-29"))
    assert manifest_agrees(session)
    with session.change("rm") as transaction:
        transaction.delete(transaction.get(Person, 1))
        transaction.delete(one)
    assert manifest_agrees(session)
    manifest = read_manifest(session.database, session.rows.cipher)
    assert (manifest.generation, manifest.journal) == (3, 3)


def test_the_calendar_follows_birthdays_occasions_and_marks(session: Session) -> None:
    _, person, occasion = added(
        session,
        account(),
        Person(account_id=1, name="Lan", created_on="2027-03-10", birthday="1975-04-12"),
        Occasion(account_id=1, kind="founding", date="--06-01", lead_days=30),
    )
    assert calendar_days(session) == {412: [(BIRTHDAY, 1)], 601: [(OCCASION, 1)]}
    calendar = session.reader.calendar()
    assert calendar is not None
    assert calendar.longest_lead == 30
    with session.change("edit") as transaction:
        transaction.update(person, birthday="1975-04-13", marked=True)
        transaction.delete(occasion)
    assert calendar_days(session).get(413) == [(BIRTHDAY, 1)]
    assert 412 not in calendar_days(session)
    calendar = session.reader.calendar()
    assert calendar is not None
    assert (calendar.marked(), calendar.longest_lead) == ({1}, 0)


def test_a_year_or_month_alone_is_no_day_of_the_calendar(session: Session) -> None:
    added(
        session,
        account(),
        Person(account_id=1, name="Lan", created_on="2027-03-10", birthday="1975-04"),
        Person(account_id=1, name="Minh", created_on="2027-03-10", birthday="1980"),
    )
    assert calendar_days(session) == {}


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE account SET tier = 'prospect'",
        "UPDATE account SET version = version + 1",
        "UPDATE account SET folded = 'someone else'",
        "UPDATE account SET seal = zeroblob(32)",
        "UPDATE account SET dossier = (SELECT dossier FROM account WHERE id = 2) WHERE id = 1",
        "UPDATE account SET uid = randomblob(16)",
    ],
)
def test_a_row_changed_behind_our_back_is_never_written_over(session: Session, tampering: str) -> None:
    stored, _ = added(session, account("One", note="a"), account("Two", note="b"))
    session.database.execute(tampering)
    before = session.database.rows("SELECT * FROM account")
    with pytest.raises(Damaged), session.change("edit") as transaction:
        transaction.update(stored, note="c")
    with pytest.raises(Damaged), session.change("rm") as transaction:
        transaction.delete(stored)
    assert session.database.rows("SELECT * FROM account") == before
    assert len(session.reader.find(Change)) == 1


@pytest.mark.parametrize(
    ("tampering", "message"),
    [
        ("DELETE FROM account WHERE id = 2", "holds 3 records and not 4: something was deleted"),
        ("DELETE FROM account", "holds 2 records and not 4: something was deleted"),
        ("DELETE FROM calendar", "holds 3 records and not 4: something was deleted"),
        ("DELETE FROM change", "change 1 was the last one, and not 0"),
        ("UPDATE change SET id = 7", "change 1 was the last one, and not 7"),
        (
            """
            INSERT INTO step SELECT 1, uid, 1, 1, NULL, NULL, created_on, created_on, 'open', NULL, agenda, seal
            FROM account LIMIT 1
            """,
            "holds 5 records and not 4: something was added",
        ),
    ],
)
def test_what_was_deleted_or_added_behind_our_back_stops_the_first_write(
    session: Session, tampering: str, message: str
) -> None:
    added(session, account("One"), account("Two"))
    session.database.execute(tampering)
    before = list(session.database.connection.iterdump())
    with pytest.raises(Damaged, match=message) as caught:
        added(
            session,
            Fact(account_id=1, text="plays go", learned_on="2027-03-01", confirmed_on="2027-03-01"),
        )
    assert "dossier vault check" in (caught.value.hint or "")
    assert list(session.database.connection.iterdump()) == before


def test_what_was_deleted_stops_a_new_passphrase_too(session: Session) -> None:
    added(session, account("One"), account("Two"))
    session.database.execute("DELETE FROM account WHERE id = 2")
    with pytest.raises(Damaged, match="something was deleted"):
        session.replace_header(session.header, session.header)


def test_a_forged_manifest_stops_every_write(session: Session) -> None:
    added(session, account())
    session.database.execute("UPDATE vault SET manifest = zeroblob(200)")
    with pytest.raises(Damaged):
        added(session, account("Two"))
    assert len(session.reader.find(Account)) == 1


def test_a_calendar_changed_behind_our_back_stops_a_write_to_it(session: Session) -> None:
    added(session, account(cadence_days=9))
    session.database.execute("UPDATE calendar SET version = 7")
    with pytest.raises(Damaged):
        added(session, account("Two", cadence_days=8))


def test_writing_needs_all_keys(session: Session) -> None:
    session.use(Keys(session.vault_id, 0, agenda=session.keys.agenda))
    with pytest.raises(Locked):
        added(session, account())


def test_records_of_one_change_may_refer_to_each_other_in_any_order(session: Session) -> None:
    with session.change("add") as transaction:
        transaction.insert(
            Fact(account_id=1, text="plays go", learned_on="2027-03-01", confirmed_on="2027-03-01")
        )
        transaction.insert(account())
    assert session.reader.get(Fact, 1).account_id == 1
