"""Next steps: noted, put off, done, dropped (B1)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dossier.domain.faults import BadValue, RuleBroken
from dossier.errors import NotFound
from dossier.services import accounts, steps
from dossier.services.session import Session
from dossier.store.catalog import Person, Step


@pytest.fixture(autouse=True)
def _client(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {})
    accounts.add(session, "Varna Steel", {})
    with session.change("people") as transaction:
        for account_id, name in ((1, "Trần Thị Lan"), (2, "Мария Иванова")):
            transaction.insert(Person(account_id=account_id, name=name, created_on="2027-01-01"))


def test_a_step_is_open_until_it_is_done(session: Session) -> None:
    assert steps.add(session, "lan", "ask for the contract", on="fri") == {
        "id": 1,
        "account": "Hanoi Optics",
        "account_id": 1,
        "person": "Trần Thị Lan",
        "person_id": 1,
        "title": "ask for the contract",
        "due_on": "2027-03-12",
        "days_late": -2,
        "state": "open",
        "done_on": None,
    }
    session.today = date(2027, 3, 14)
    assert steps.get(session, 1)["days_late"] == 2
    done = steps.done(session, 1, on="yesterday")
    assert (done["state"], done["done_on"], done["days_late"]) == ("done", "2027-03-13", 1)


def test_a_step_lies_ahead(session: Session) -> None:
    with pytest.raises(BadValue, match="2027-03-09 is in the past"):
        steps.add(session, "hanoi", "x", on="yesterday")
    assert steps.add(session, "hanoi", "x", on="today")["days_late"] == 0


@pytest.mark.parametrize(("to", "day"), [(None, "2027-03-11"), ("next mon", "2027-03-15")])
def test_put_off_to_tomorrow_unless_told(session: Session, to: str | None, day: str) -> None:
    steps.add(session, "hanoi", "x", on="today")
    assert steps.snooze(session, 1, to=to)["due_on"] == day


def test_it_is_not_put_off_into_the_past(session: Session) -> None:
    steps.add(session, "hanoi", "x", on="today")
    with pytest.raises(BadValue, match="in the past"):
        steps.snooze(session, 1, to="yesterday")


@pytest.mark.parametrize("close", [steps.done, steps.drop])
@pytest.mark.parametrize("again", [steps.done, steps.drop, steps.snooze])
def test_what_is_closed_stays_closed(session: Session, close: Any, again: Any) -> None:
    steps.add(session, "hanoi", "x", on="today")
    before = close(session, 1)
    with pytest.raises(RuleBroken, match="step 1 is already"):
        again(session, 1)
    assert steps.get(session, 1) == before


@pytest.mark.parametrize("act", [steps.get, steps.done, steps.drop, steps.snooze])
def test_a_number_that_no_step_has(session: Session, act: Any) -> None:
    with pytest.raises(NotFound, match="there is no step 7"):
        act(session, 7)


def test_the_open_ones_by_date_unless_told_otherwise(session: Session) -> None:
    for ref, title, on in (
        ("hanoi", "b", "fri"),
        ("varna", "c", "eom"),
        ("lan", "a", "today"),
        ("lan", "d", "fri"),
    ):
        steps.add(session, ref, title, on=on)
    steps.drop(session, 4)

    def titles(**more: Any) -> str:
        return "".join(one["title"] for one in steps.listed(session, **more))

    assert titles() == "abc"
    assert titles(state=None) == "abdc"
    assert titles(state="dropped") == "d"
    assert titles(ref="hanoi") == "ab"
    assert titles(ref="lan") == "a"


def test_editing_changes_wording_date_and_person(session: Session) -> None:
    steps.add(session, "lan", "x", on="fri")
    shape = steps.edit(session, 1, {"title": "y"}, on="yesterday", person="")
    assert (shape["title"], shape["due_on"], shape["person"]) == ("y", "2027-03-09", None)
    assert steps.edit(session, 1, {}, person="lan")["person"] == "Trần Thị Lan"
    with pytest.raises(NotFound, match="is not at Hanoi Optics"):
        steps.edit(session, 1, {}, person="p2")
    with pytest.raises(BadValue):
        steps.edit(session, 1, {"title": " "})


def test_removing(session: Session) -> None:
    steps.add(session, "lan", "Call Her", on="fri")
    assert steps.rm(session, 1, cascade=False) == "removed step 1 Call Her"
    assert session.reader.find(Step) == []


def test_putting_off_counts_from_the_steps_own_day_and_never_brings_it_forward(session: Session) -> None:
    accounts.add(session, "Mekong", {})
    number = steps.add(session, "mekong", "call", on="2027-03-20")["id"]
    assert steps.snooze(session, number)["due_on"] == "2027-03-21"
    with pytest.raises(RuleBroken, match="2027-03-15 is before step 1 is due, 2027-03-21"):
        steps.snooze(session, number, to="2027-03-15")
    assert steps.get(session, number)["due_on"] == "2027-03-21"
