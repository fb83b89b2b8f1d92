"""What the pictures show: every week and month of the span, whether anything was in it or not (B2, B4)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dossier.services import accounts, interactions, promises, rhythm
from dossier.services.session import Session
from dossier.store.catalog import Person, Promise
from tests.conftest import TODAY

US = [
    # Due, settled, state: what counts as kept on time, as broken, and not at all.
    ("2027-03-01", "2027-03-01", "kept"),
    ("2027-03-09", None, "open"),
    ("2027-03-31", "2027-03-02", "kept"),
    ("2027-03-10", None, "open"),
    ("2027-02-28", "2027-03-01", "kept"),
    ("2027-02-10", "2027-02-11", "withdrawn"),
    ("2027-02-10", "2027-02-09", "withdrawn"),
    ("2026-12-31", "2026-12-31", "kept"),
    ("2026-04-01", "2026-03-01", "kept"),
    ("2026-03-31", "2026-03-01", "kept"),
    ("2027-04-01", "2027-03-01", "kept"),
]


@pytest.fixture
def book(session: Session) -> Session:
    for name in ("Hanoi Optics", "Varna"):
        accounts.add(session, name, {})
    with session.change("add") as transaction:
        for name in ("Lan", "Minh"):
            transaction.insert(Person(account_id=1, name=name, created_on="2027-01-01"))
        for due_on, settled_on, state in US:
            transaction.insert(
                Promise(
                    account_id=1,
                    made_on="2026-01-01",
                    due_on=due_on,
                    settled_on=settled_on,
                    state=state,
                    title="x",
                )
            )
        transaction.insert(
            Promise(account_id=1, made_on="2027-01-01", due_on="2027-03-01", by="them", title="theirs")
        )
        transaction.insert(Promise(account_id=2, made_on="2027-01-01", due_on="2027-03-01", title="late"))
    for at, who in (
        ("2027-03-10", "p1"), ("2027-03-08", "p1"), ("2027-03-07", "p2"), ("2027-02-22", "p1"), ("2027-02-21", "p1"),
    ):  # fmt: skip
        interactions.log(session, who, "x", {}, on=at)
    interactions.log(session, "a2", "x", {}, on="2027-03-09")
    return session


def test_contacts_by_the_week_from_monday_to_sunday(book: Session) -> None:
    assert rhythm.contacts_per_week(book, account_id=1, weeks=4) == [
        {"week": "2027-02-15", "contacts": 1},
        {"week": "2027-02-22", "contacts": 1},
        {"week": "2027-03-01", "contacts": 1},
        {"week": "2027-03-08", "contacts": 2},
    ]


def test_contacts_with_a_person_and_with_everybody(book: Session) -> None:
    def counts(**whom: int) -> list[int]:
        return [one["contacts"] for one in rhythm.contacts_per_week(book, weeks=4, **whom)]

    assert counts(person_id=1) == [1, 1, 0, 2]
    assert counts(person_id=2) == [0, 0, 1, 0]
    assert counts(account_id=2, person_id=2) == [0, 0, 0, 0]
    assert counts() == [1, 1, 1, 3]


def test_half_a_year_of_weeks_on_a_sunday_and_a_monday(book: Session) -> None:
    book.today = TODAY.replace(day=14)
    weeks = rhythm.contacts_per_week(book)
    assert (len(weeks), weeks[0]["week"], weeks[-1]["week"]) == (26, "2026-09-14", "2027-03-08")
    book.today = TODAY.replace(day=15)
    assert rhythm.contacts_per_week(book)[-1] == {"week": "2027-03-15", "contacts": 0}


def test_promises_of_ours_by_the_month_of_their_date(book: Session) -> None:
    months = rhythm.promises_per_month(book, account_id=1)
    assert [(one["month"], one["kept"], one["late"]) for one in months if one["kept"] or one["late"]] == [
        ("2026-04", 1, 0),
        ("2026-12", 1, 0),
        ("2027-02", 0, 2),
        ("2027-03", 2, 1),
    ]
    assert [one["month"] for one in months] == [
        *(f"2026-{month:02}" for month in range(4, 13)),
        *(f"2027-{month:02}" for month in range(1, 4)),
    ]


def test_promises_to_everybody(book: Session) -> None:
    assert rhythm.promises_per_month(book, months=1) == [{"month": "2027-03", "kept": 2, "late": 2}]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(today=st.dates(TODAY.replace(year=2028), TODAY.replace(year=2040)))
def test_over_the_years_every_outcome_is_in_one_month(book: Session, today: date) -> None:
    book.today = today
    found = rhythm.promises_per_month(book, account_id=1, months=12 * 15)
    rate = sum(one["kept"] for one in found) / sum(one["kept"] + one["late"] for one in found)
    assert len({one["month"] for one in found}) == 12 * 15
    assert rate == pytest.approx(6 / 10)


def test_a_promise_that_is_moved_moves_its_outcome(book: Session) -> None:
    number = promises.add(book, "a2", "x", due="2027-03-11")["id"]
    promises.renegotiate(book, number, to="2027-04-02", because="ill")
    book.today = TODAY.replace(month=4, day=3)
    assert rhythm.promises_per_month(book, account_id=2, months=2) == [
        {"month": "2027-03", "kept": 0, "late": 1},
        {"month": "2027-04", "kept": 0, "late": 1},
    ]
