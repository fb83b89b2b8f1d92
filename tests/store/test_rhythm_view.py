"""What the pictures count: no record is opened for it, and no more is read than the index holds."""

from __future__ import annotations

import pytest

from dossier.services.session import Session
from dossier.store import rhythm_view
from dossier.store.catalog import Account, Interaction, Participant, Person, Promise
from tests.store.plans import plan_of

SPAN = ("2027-03-01", "2027-03-31")


@pytest.fixture(autouse=True)
def _book(session: Session) -> None:
    with session.change("add") as transaction:
        for record in (
            Account(name="A", created_on="2027-01-01"),
            Account(name="B", created_on="2027-01-01"),
            Person(account_id=1, name="Lan", created_on="2027-01-01"),
            *(
                Interaction(account_id=account_id, at=at)
                for account_id, at in (
                    (1, "2027-02-28"), (1, "2027-03-01"), (1, "2027-03-01"), (2, "2027-03-31"), (1, "2027-04-01"),
                )
            ),
            Participant(interaction_id=2, person_id=1),
            *(
                Promise(account_id=account_id, by=by, made_on="2027-01-01", due_on=due_on, title="x")
                for account_id, by, due_on in (
                    (1, "us", "2027-02-28"), (1, "us", "2027-03-01"), (1, "them", "2027-03-02"),
                    (2, "us", "2027-03-31"), (1, "us", "2027-04-01"),
                )
            ),
        ):  # fmt: skip
            transaction.insert(record)


def test_contacts_on_each_day_of_a_span(session: Session) -> None:
    database = session.database
    assert rhythm_view.contacts_by_day(database, *SPAN, None, None) == {"2027-03-01": 2, "2027-03-31": 1}
    assert rhythm_view.contacts_by_day(database, *SPAN, 1, None) == {"2027-03-01": 2}
    assert rhythm_view.contacts_by_day(database, *SPAN, None, 1) == {"2027-03-01": 1}
    assert rhythm_view.contacts_by_day(database, *SPAN, 2, 1) == {}


@pytest.mark.parametrize("account_id", [1, None])
def test_contacts_are_read_from_the_index_alone(session: Session, account_id: int | None) -> None:
    database = session.database
    plan = plan_of(database, lambda: rhythm_view.contacts_by_day(database, *SPAN, account_id, None))
    assert "COVERING INDEX interaction_account_id_at" in plan


def test_promises_of_ours_due_in_a_span(session: Session) -> None:
    assert rhythm_view.our_promises(session.database, *SPAN, None) == [
        ("2027-03-01", None, "open"),
        ("2027-03-31", None, "open"),
    ]
    assert rhythm_view.our_promises(session.database, *SPAN, 1) == [("2027-03-01", None, "open")]
