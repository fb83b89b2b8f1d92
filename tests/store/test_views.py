"""Read models: what lists and the agenda count, over plain columns."""

from __future__ import annotations

from datetime import date

import pytest

from dossier.services import accounts, interactions, promises
from dossier.services.session import Session
from dossier.store import agenda_view, views
from dossier.store.catalog import Person
from dossier.store.views import Figures
from tests.store.plans import plan_of


@pytest.fixture(autouse=True)
def _book(session: Session) -> None:
    for name in ("Hanoi Optics", "Hanoi Steel", "Varna"):
        accounts.add(session, name, {})
    with session.change("people") as transaction:
        for account_id, name in ((1, "Lan"), (1, "Minh"), (2, "Lan Anh")):
            transaction.insert(Person(account_id=account_id, name=name, created_on="2027-01-01"))


def test_figures_of_some_accounts_and_of_all(session: Session) -> None:
    interactions.log(session, "1", "x", {}, on="2027-03-01")
    interactions.log(session, "1", "x", {}, on="2027-02-01")
    promises.add(session, "1", "late", due="2027-03-09", made="2027-03-01")
    promises.add(session, "1", "today", due="today")
    promises.keep(session, promises.add(session, "1", "kept", due="2027-03-05", made="2027-03-01")["id"])
    assert views.figures(session.database, "2027-03-10", [1]) == {1: Figures("2027-03-01", 2, 1)}
    assert views.figures(session.database, "2027-03-11") == {
        1: Figures("2027-03-01", 2, 2),
        2: Figures(None, 0, 0),
        3: Figures(None, 0, 0),
    }
    assert views.figures(session.database, "2027-03-10", [99]) == {}


def test_names(session: Session) -> None:
    assert views.names(session.database, "person", {1, 3, 99}) == {1: "Lan", 3: "Lan Anh"}
    assert views.names(session.database, "account", set()) == {}
    assert views.names(session.database, "account") == {1: "Hanoi Optics", 2: "Hanoi Steel", 3: "Varna"}


def test_ids_by_part_of_a_name_in_the_order_of_names(session: Session) -> None:
    assert views.ids_by_name(session.database, "account", "hanoi") == [1, 2]
    assert views.ids_by_name(session.database, "person", "\nlan\n") == [1]
    assert views.ids_by_name(session.database, "person", "lan", 2) == [3]
    assert views.ids_by_name(session.database, "person", "%") == []


def test_names_are_looked_up_in_the_index_alone(session: Session) -> None:
    plan = session.database.rows(
        "EXPLAIN QUERY PLAN SELECT id FROM person WHERE instr(folded, 'x') > 0 ORDER BY folded"
    )
    assert "COVERING INDEX person_folded" in plan[0][3]


def test_participants_in_the_order_in_which_they_were_noted(session: Session) -> None:
    interactions.log(session, "1", "x", {}, participants=["minh", "p1"])
    interactions.log(session, "3", "x", {})
    assert views.participants(session.database, {1, 2}) == {1: ["Minh", "Lan"]}


# --- What the agenda reads -------------------------------------------------------------------------------------------


def test_moves_of_some_promises_oldest_first(session: Session) -> None:
    for _ in range(2):
        promises.add(session, "1", "x", due="fri")
    promises.renegotiate(session, 1, to="2027-03-19", because="x", told="p1")
    promises.renegotiate(session, 1, to="2027-03-26", because="x")
    assert agenda_view.moves(session.database, [1, 2]) == {
        1: [("2027-03-12", "2027-03-19", "2027-03-10"), ("2027-03-19", "2027-03-26", None)]
    }


def test_only_the_last_move_keeps_a_promise_in_sight(session: Session) -> None:
    promises.add(session, "1", "x", due="fri")
    promises.renegotiate(session, 1, to="2027-05-01", because="x")
    assert [one.id for one in agenda_view.promises(session.reader, "2027-03-17")] == [1]
    promises.renegotiate(session, 1, to="2027-06-01", because="x", told="p1")
    assert agenda_view.promises(session.reader, "2027-03-17") == []


def test_waiting_accounts_by_the_last_day_of_their_tier(session: Session) -> None:
    session.today = date(2027, 3, 20)
    interactions.log(session, "2", "x", {})
    last_days = {"standard": "2027-03-15", "key": "2027-03-19"}
    assert [one.name for one in agenda_view.waiting(session.database, last_days, [])] == [
        "Hanoi Optics",
        "Varna",
    ]
    assert len(agenda_view.waiting(session.database, last_days, [2])) == 3


# --- What the full-screen view reads ---------------------------------------------------------------------------------


def test_the_figures_of_a_page_are_not_sought_among_all_open_promises(session: Session) -> None:
    plan = plan_of(session.database, lambda: views.figures(session.database, "2027-03-10", [1, 2]))
    assert "promise_account_id" in plan
    assert "promise_state_due_on" not in plan
    assert "SCAN a" not in plan
