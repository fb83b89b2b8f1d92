"""All accounts in an order: walked once, whatever they are ordered by."""

from __future__ import annotations

import pytest

from dossier.services.session import Session
from dossier.store import accounts_view
from dossier.store.accounts_view import Waiting
from dossier.store.catalog import Account, Interaction
from dossier.store.names_view import asked
from dossier.store.where import EVERY
from tests.store.plans import plan_of


def test_by_name_the_index_alone_is_walked(session: Session) -> None:
    plan = plan_of(
        session.database,
        lambda: accounts_view.ordered(
            session.database, "name", descending=False, where=asked("hanoi").where, today="2027-03-10"
        ),
    )
    assert plan.startswith("SCAN account USING COVERING INDEX account_folded")


@pytest.mark.parametrize("key", ["open_promises", "late_promises"])
def test_promises_are_counted_in_one_walk(session: Session, key: str) -> None:
    plan = plan_of(
        session.database,
        lambda: accounts_view.ordered(
            session.database, key, descending=True, where=EVERY, today="2027-03-10"
        ),
    )
    assert plan.count("promise USING") == 1
    assert "CORRELATED" not in plan


def test_how_long_accounts_have_waited(session: Session) -> None:
    with session.change("add") as transaction:
        for record in (
            Account(name="Varna", created_on="2027-01-01", tier="key"),
            Account(name="Hanoi", created_on="2027-02-01"),
            Interaction(account_id=1, at="2027-03-01"),
        ):
            transaction.insert(record)
    assert accounts_view.waiting(session.database, EVERY) == [
        Waiting(2, "standard", "active", "2027-02-01", None),
        Waiting(1, "key", "active", "2027-01-01", "2027-03-01"),
    ]
    assert [one.id for one in accounts_view.waiting(session.database, asked("var").where)] == [1]
