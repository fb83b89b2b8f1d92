"""The worst first, and each item says why and what to do."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest

from dossier.domain.agenda import (
    URGENCY,
    Item,
    cadence_item,
    fails_on,
    occasion_item,
    promise_item,
    select,
    step_item,
    worst_first,
)
from dossier.domain.cadence import Clock
from dossier.domain.occasions import Upcoming
from dossier.domain.promises import Move
from dossier.domain.vocabulary import By, ItemKind

TODAY = date(2026, 3, 4)
OR_MOVE = "or move it: dossier promise renegotiate 5 --to DATE --because TEXT"


def ahead(days: int) -> date:
    return TODAY + timedelta(days=days)


def promise(
    days_late: int,
    *,
    id: int = 5,
    by: By = By.US,
    told: bool = False,
    moves: tuple[Move, ...] = (),
    title: str | None = "send the figures",
    person: str | None = "Anna Weber",
) -> Item:
    due_on = ahead(-days_late)
    return promise_item(
        id=id,
        account="Northwind Mills",
        account_id=12,
        person=person,
        person_id=3 if person else None,
        title=title,
        by=by,
        due_on=due_on,
        told_for=due_on if told else None,
        moves=moves,
        today=TODAY,
    )


def cadence(days_since: int, days: int, *, account: str = "Northwind Mills", contact: bool = True) -> Item:
    last = ahead(-days_since)
    return cadence_item(
        account=account,
        account_id=12,
        clock=Clock(days_since, days),
        last_contact_on=last if contact else None,
        due_on=last + timedelta(days=days),
    )


def step(days_late: int, id: int = 7) -> Item:
    return step_item(
        id=id,
        account="Northwind Mills",
        account_id=12,
        person=None,
        person_id=None,
        title="call about the trial",
        due_on=ahead(-days_late),
        today=TODAY,
    )


def occasion(days: int) -> Item:
    return occasion_item(
        id=3,
        account="Northwind Mills",
        account_id=12,
        person="Anna Weber",
        person_id=3,
        title="Anna Weber's birthday",
        coming=Upcoming(ahead(days), days, 50),
        why="turns 50",
    )


def moved(to_days_ahead: int, told_on: date | None = None) -> Item:
    return promise(-to_days_ahead, moves=(Move(ahead(-1), ahead(to_days_ahead), told_on),))


IN_ORDER = [
    promise(30),
    promise(6),
    promise(1, moves=(Move(ahead(-9), ahead(-1), ahead(-9)),)),
    moved(0),
    moved(9),
    promise(40, told=True),
    promise(2, told=True),
    promise(0),
    cadence(43, 14),
    cadence(60, 30),
    promise(20, by=By.THEM),
    promise(1, by=By.THEM),
    cadence(27, 14),
    cadence(61, 60),
    step(10),
    step(1),
    step(0),
    occasion(0),
    promise(0, by=By.THEM),
    step(-1),
    promise(-2),
    occasion(3),
    moved(4, told_on=ahead(-1)),
    promise(-5, by=By.THEM),
]


def test_worst_first() -> None:
    for seed in range(20):
        shuffled = Random(seed).sample(IN_ORDER, len(IN_ORDER))
        assert worst_first(shuffled) == IN_ORDER


def test_ties_are_settled_the_same_way_every_time() -> None:
    tied = [
        cadence(30, 14, account="éclair"),
        cadence(30, 14, account="Zeta"),
        cadence(30, 14, account="Alpha"),
    ]
    assert [item.account for item in worst_first(tied)] == ["Alpha", "éclair", "Zeta"]
    assert [item.id for item in worst_first([step(1, id=9), step(1, id=2)])] == [2, 9]


def test_urgency_runs_from_0_to_100_and_strictly_down() -> None:
    numbers = list(URGENCY.values())
    assert numbers == sorted(set(numbers), reverse=True)
    assert max(numbers) == 100
    assert min(numbers) >= 0


@pytest.mark.parametrize(
    ("item", "kind", "notified", "why", "action"),
    [
        (
            promise(6),
            ItemKind.PROMISE_OVERDUE,
            False,
            "6 days late, and Anna Weber has not been told",
            f"tell them: dossier promise told 5 · {OR_MOVE}",
        ),
        (
            promise(1, person=None),
            ItemKind.PROMISE_OVERDUE,
            False,
            "1 day late, and Northwind Mills has not been told",
            f"tell them: dossier promise told 5 · {OR_MOVE}",
        ),
        (
            promise(6, told=True),
            ItemKind.PROMISE_OVERDUE,
            True,
            "6 days late; Anna Weber has been told",
            f"keep it: dossier promise keep 5 · {OR_MOVE}",
        ),
        (
            moved(9),
            ItemKind.PROMISE_DUE,
            False,
            "moved from 2026-03-03 to 2026-03-13, and Anna Weber has not been told",
            "tell them: dossier promise told 5",
        ),
        (
            moved(9, told_on=TODAY),
            ItemKind.PROMISE_DUE,
            True,
            "due in 9 days",
            f"keep it: dossier promise keep 5 · {OR_MOVE}",
        ),
        (
            promise(0),
            ItemKind.PROMISE_DUE,
            False,
            "due today",
            f"keep it: dossier promise keep 5 · {OR_MOVE}",
        ),
        (
            promise(4, by=By.THEM),
            ItemKind.PROMISE_OVERDUE,
            None,
            "Anna Weber is 4 days late with it",
            "remind them: dossier log a12 TEXT · kept: dossier promise keep 5",
        ),
        (
            promise(-1, by=By.THEM),
            ItemKind.PROMISE_DUE,
            None,
            "Anna Weber: due tomorrow",
            "kept: dossier promise keep 5",
        ),
        (
            cadence(34, 14),
            ItemKind.CADENCE,
            None,
            "no contact for 34 days; at most every 14",
            "call them: dossier brief a12 · then: dossier log a12 TEXT",
        ),
        (
            cadence(34, 14, contact=False),
            ItemKind.CADENCE,
            None,
            "on the books without any contact for 34 days; at most every 14",
            "call them: dossier brief a12 · then: dossier log a12 TEXT",
        ),
        (
            step(3),
            ItemKind.NEXT_STEP,
            None,
            "3 days late",
            "done: dossier step done 7 · later: dossier step snooze 7 --to DATE",
        ),
        (
            occasion(3),
            ItemKind.OCCASION,
            None,
            "turns 50",
            "greet them: dossier brief p3 · then: dossier log p3 TEXT",
        ),
    ],
)
def test_each_item_says_why_and_what_to_do(
    item: Item, kind: ItemKind, notified: bool | None, why: str, action: str
) -> None:
    assert (item.kind, item.notified, item.why, item.action) == (kind, notified, why, action)


def test_days_late_is_negative_while_ahead() -> None:
    items = (promise(6), promise(-2), cadence(20, 14), step(-1), occasion(3))
    assert [item.days_late for item in items] == [6, -2, 6, -1, -3]


def test_a_locked_title_stays_locked() -> None:
    assert promise(6, title=None).title is None


def test_only_these_kinds() -> None:
    assert select(IN_ORDER, []) == IN_ORDER
    assert {item.kind for item in select(IN_ORDER, [ItemKind.CADENCE, ItemKind.OCCASION])} == {
        ItemKind.CADENCE,
        ItemKind.OCCASION,
    }


def test_overdue_means_a_late_promise_of_ours() -> None:
    assert fails_on([promise(1)], "overdue")
    assert fails_on([promise(1, told=True)], "overdue")
    assert not fails_on([promise(0), promise(9, by=By.THEM), moved(3), step(4), cadence(90, 14)], "overdue")
