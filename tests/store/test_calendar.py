"""The sealed calendar: what the agenda must find without opening every record."""

from __future__ import annotations

import random
from typing import Any

import pytest

from dossier.domain.faults import BadValue
from dossier.services.session import Session
from dossier.store import calendar
from dossier.store.calendar import (
    BIRTHDAY,
    CADENCE,
    MARKED,
    OCCASION,
    RELATIVE,
    Calendar,
    Entry,
    changed,
    entries_of,
)
from dossier.store.catalog import Account, Occasion, Person, Promise, Relative
from dossier.store.record import Record


def stored(kind: type[Record], record_id: int, **values: Any) -> Record:
    record = kind(**values)
    record.id = record_id
    return record


def account(cadence_days: int | None) -> Record:
    return stored(Account, 1, name="A", created_on="2027-01-01", cadence_days=cadence_days)


def person(record_id: int, birthday: str | None = None, marked: bool = False) -> Record:
    return stored(
        Person, record_id, account_id=1, name="P", created_on="2027-01-01", birthday=birthday, marked=marked
    )


def occasion(record_id: int, day: str, lead_days: int | None = None) -> Record:
    return stored(Occasion, record_id, account_id=1, date=day, lead_days=lead_days)


def holding(*records: Record) -> Calendar:
    return Calendar(changed(b"", (), [entry for record in records for entry in entries_of(record)]))


def everything(of: Calendar) -> list[Entry]:
    return [entry for day in sorted({of[place] for place in range(len(of))}) for entry in of.on(day)]


def test_what_it_says_of_each_kind() -> None:
    found = holding(
        account(21),
        person(2, "1975-04-12"),
        person(3, "--02-29", marked=True),
        stored(Relative, 4, person_id=2, name="R", relation="son", birthday="--04-12"),
        occasion(5, "1999-12-31", 30),
        occasion(6, "--12-31"),
    )
    assert everything(found) == [
        Entry(0, 21, CADENCE, 1),
        Entry(0, None, MARKED, 3),
        Entry(229, None, BIRTHDAY, 3),
        Entry(412, None, BIRTHDAY, 2),
        Entry(412, None, RELATIVE, 4),
        Entry(1231, 30, OCCASION, 5),
        Entry(1231, None, OCCASION, 6),
    ]
    assert (found.cadences(), found.marked(), found.longest_lead) == ({1: 21}, {3}, 30)


@pytest.mark.parametrize("day", ["1975", "1975-04", "--04", None])
def test_a_date_without_its_day_is_not_in_it(day: str | None) -> None:
    assert entries_of(person(1, day)) == []


def test_records_of_other_kinds_are_not_in_it() -> None:
    assert entries_of(Promise(account_id=1, made_on="2027-01-01", due_on="2027-01-02", title="x")) == []
    assert entries_of(account(None)) == []


@pytest.mark.parametrize(("days", "kind"), [(3650, "cadence"), (365, "lead"), (0, "lead"), (1, "cadence")])
def test_the_extremes_of_days_come_back(days: int, kind: str) -> None:
    record = account(days) if kind == "cadence" else occasion(1, "--01-01", days)
    assert [entry.days for entry in everything(holding(record))] == [days]


def test_the_largest_id_comes_back() -> None:
    assert [one.record_id for one in holding(person(2**32 - 1, "--01-01")).on(101)] == [2**32 - 1]


def test_a_day_is_found_among_many_and_others_are_empty() -> None:
    days = [f"--{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]
    found = holding(*(person(number, day) for number, day in enumerate(days * 3, 1)))
    assert len(found) == len(days) * 3
    for number, day in enumerate(days, 1):
        key = int(day[2:4]) * 100 + int(day[5:])
        assert sorted(entry.record_id for entry in found.on(key)) == [
            number,
            number + len(days),
            number + 2 * len(days),
        ]
    assert list(found.on(229)) == []
    assert list(found.on(1299)) == []
    assert list(Calendar(b"").on(101)) == []


def test_changes_in_any_order_give_the_same_bytes() -> None:
    records = [person(number, f"--{number % 12 + 1:02}-{number % 28 + 1:02}") for number in range(1, 200)]
    whole = changed(b"", (), [entry for record in records for entry in entries_of(record)])
    shuffled = random.Random(7).sample(records, len(records))
    packed = b""
    for record in shuffled:
        packed = changed(packed, (), entries_of(record))
    assert packed == whole
    for record in shuffled[50:]:
        packed = changed(packed, entries_of(record), ())
    assert packed == changed(b"", (), [entry for record in shuffled[:50] for entry in entries_of(record)])


def test_the_longest_lead_follows_what_is_left() -> None:
    long, short = occasion(1, "--01-01", 90), occasion(2, "--01-01", 5)
    packed = changed(b"", (), [*entries_of(long), *entries_of(short)])
    assert Calendar(packed).longest_lead == 90
    packed = changed(packed, entries_of(long), ())
    assert Calendar(packed).longest_lead == 5
    assert Calendar(changed(packed, entries_of(short), ())).longest_lead == 0


# --- Kept by the gate ------------------------------------------------------------------------------------------------


def kept(session: Session) -> list[Entry]:
    found = session.reader.calendar()
    assert found is not None
    return everything(found)


def test_the_gate_keeps_it_through_insert_update_and_delete(session: Session) -> None:
    with session.change("test") as transaction:
        transaction.insert(Account(name="A", created_on="2027-01-01", cadence_days=9))
        lan = transaction.insert(
            Person(account_id=1, name="Lan", created_on="2027-01-01", birthday="--03-10")
        )
    assert kept(session) == [Entry(0, 9, CADENCE, 1), Entry(310, None, BIRTHDAY, 1)]
    with session.change("test") as transaction:
        transaction.update(lan, birthday="--03-11", marked=True)
        transaction.update(transaction.get(Account, 1), cadence_days=None)
    assert kept(session) == [Entry(0, None, MARKED, 1), Entry(311, None, BIRTHDAY, 1)]
    with session.change("test") as transaction:
        transaction.delete(transaction.get(Person, 1))
    assert kept(session) == []


def test_what_comes_and_goes_in_one_transaction_leaves_nothing(session: Session) -> None:
    with session.change("test") as transaction:
        transaction.insert(Account(name="A", created_on="2027-01-01"))
        lan = transaction.insert(
            Person(account_id=1, name="Lan", created_on="2027-01-01", birthday="--03-10")
        )
        lan = transaction.update(lan, birthday="--03-11")
        lan = transaction.update(lan, birthday="--03-10")
        transaction.delete(lan)
    assert kept(session) == []


def test_a_transaction_that_fails_leaves_it_as_it_was(session: Session) -> None:
    with session.change("test") as transaction:
        transaction.insert(Account(name="A", created_on="2027-01-01", cadence_days=9))
    before = session.database.row("SELECT version, agenda, seal FROM calendar")
    lan = Person(account_id=1, name="Lan", created_on="2027-01-01", birthday="--03-10")
    nobody = Person(account_id=1, name="", created_on="2027-01-01")
    with pytest.raises(BadValue), session.change("test") as transaction:
        list(map(transaction.insert, (lan, nobody)))
    assert session.database.row("SELECT version, agenda, seal FROM calendar") == before


def test_a_change_that_does_not_concern_it_leaves_its_row_alone(session: Session) -> None:
    before = session.database.row("SELECT version FROM calendar")
    with session.change("test") as transaction:
        transaction.insert(Account(name="A", created_on="2027-01-01"))
    assert session.database.row("SELECT version FROM calendar") == before


def test_an_entry_takes_ten_bytes() -> None:
    """10,000 people with a birthday make 100 kB, which every agenda decrypts."""
    assert {len(entry) for entry in entries_of(person(1, "--01-01", marked=True))} == {10}
    assert calendar._LONGEST.size == 2
