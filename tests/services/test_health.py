"""An account's health: each figure by its rule, and null for what is locked (B2, B4, A10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dossier.config import Config
from dossier.domain.vocabulary import By
from dossier.errors import NotFound
from dossier.services import accounts, brief, health, promises, steps
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.store.catalog import Account, Fact, Interaction, Person, Promise, PromiseMove, Step
from tests.conftest import TODAY

DAY = TODAY.isoformat()


def promise(due_on: str, **more: Any) -> Promise:
    return Promise(account_id=1, made_on="2026-12-01", due_on=due_on, title="x", **more)


def fact(confirmed_on: str, person_id: int | None = None) -> Fact:
    return Fact(
        account_id=1, person_id=person_id, text="x", learned_on="2024-01-05", confirmed_on=confirmed_on
    )


@pytest.fixture
def book(session: Session) -> Session:
    """An account with something of everything that its health counts, and another one."""
    with session.change("add") as transaction:
        for record in (
            Account(name="Quang học Hà Nội", created_on="2026-01-05", tier="key", industry="optics"),
            Account(name="Other", created_on="2027-03-01"),
            Person(account_id=1, name="Trần Văn Minh", created_on=DAY),
            Person(account_id=1, name="王小明", created_on=DAY),
            Person(account_id=2, name="Lan Petrova", created_on=DAY),
            Interaction(account_id=1, at="2027-02-08"),
            promise("2027-03-08"),
            promise("2027-03-07", told_for="2027-03-07"),
            promise("2027-04-01"),
            promise("2027-04-02"),
            promise("2027-01-01", state="kept", settled_on="2026-12-20"),
            promise("2027-01-01", state="kept", settled_on="2027-01-02"),
            promise("2027-03-01", by="them"),
            PromiseMove(
                promise_id=3, from_on="2027-03-01", to_on="2027-04-01", moved_on="2027-02-27", because="ill"
            ),
            Step(account_id=1, created_on=DAY, due_on="2027-03-12", title="call the lab"),
            Step(account_id=1, created_on=DAY, due_on="2027-01-01", title="x", state="done", done_on=DAY),
            fact("2026-03-10", 1),
            fact("2026-03-09"),
            fact("2025-03-09", 2),
        ):
            transaction.insert(record)
    return session


def test_every_figure(book: Session) -> None:
    shape = health.health(book, 1)
    assert shape == {
        "cadence_days": 14,
        "last_contact_on": "2027-02-08",
        "days_over": 30 - 14,
        "open_promises": 5,
        "late_promises": 3,
        "untold": 2,
        "kept_rate": pytest.approx(1 / 4),
        "complete": 9,
        "people": 2,
        "stale_facts": 2,
        "next_on": "2027-03-01",
        "next_of": "them",
    }


def test_of_an_account_of_which_nothing_is_known(book: Session) -> None:
    assert health.health(book, 2) == {
        "cadence_days": 60,
        "last_contact_on": None,
        "days_over": 9 - 60,
        "open_promises": 0,
        "late_promises": 0,
        "untold": 0,
        "kept_rate": None,
        "complete": 0,
        "people": 1,
        "stale_facts": 0,
        "next_on": None,
        "next_of": None,
    }


def test_the_next_day_is_that_of_a_step_too(book: Session) -> None:
    steps.add(book, "a2", "call", on="fri")
    shape = health.health(book, 2)
    assert (shape["next_on"], shape["next_of"]) == ("2027-03-12", "step")
    promises.add(book, "a2", "their list", by=By.THEM, due="fri")
    assert health.health(book, 2)["next_of"] == "step"
    promises.add(book, "a2", "our list", due="fri")
    assert health.health(book, 2)["next_of"] == "us", "of what falls on one day, ours"


def test_it_agrees_with_the_brief(book: Session) -> None:
    accounts.edit(book, "a1", {"cadence_days": 25})
    told, shape = brief.brief(book, "a1"), health.health(book, 1)
    assert {name: told[name] for name in ("days_over", "kept_rate", "complete")} == {
        name: shape[name] for name in ("days_over", "kept_rate", "complete")
    }
    assert shape["cadence_days"] == told["account"]["cadence_days"] == 25


def test_locked_it_knows_what_is_plain(book: Session, vault_path: str, lock: Callable[[], None]) -> None:
    accounts.edit(book, "a1", {"cadence_days": 100})
    plain = health.health(book, 1)
    lock()
    with Session(vault_path, TODAY, Config({}, {}, ""), Unlocking()) as locked:
        assert health.health(locked, 1) == {
            **plain,
            "cadence_days": None,
            "days_over": 30 - 14,
            "complete": None,
            "stale_facts": None,
            "locked": True,
        }


def test_there_is_no_such_account(book: Session) -> None:
    with pytest.raises(NotFound):
        health.health(book, 3)
