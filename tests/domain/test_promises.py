"""Promises are kept on time, or the client is told (B2)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossier.domain.faults import BadValue, RuleBroken
from dossier.domain.promises import (
    Move,
    Outcome,
    check_due,
    check_open,
    check_renegotiate,
    days_late,
    kept_on_time,
    kept_rate,
    needs_notice,
    notified,
)
from dossier.domain.vocabulary import By, PromiseState

OPEN, KEPT, WITHDRAWN = PromiseState.OPEN, PromiseState.KEPT, PromiseState.WITHDRAWN
TODAY = date(2026, 3, 4)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
LAST_WEEK, NEXT_WEEK = TODAY - timedelta(days=7), TODAY + timedelta(days=7)
MOVED_UNTOLD = [Move(LAST_WEEK, NEXT_WEEK)]
MOVED_AND_TOLD = [Move(LAST_WEEK, NEXT_WEEK, told_on=YESTERDAY)]


def test_due_before_made_is_refused() -> None:
    check_due(TODAY, TODAY)
    with pytest.raises(RuleBroken, match="due 2026-03-03 is before the promise was made, 2026-03-04"):
        check_due(TODAY, YESTERDAY)


@pytest.mark.parametrize("state", [KEPT, WITHDRAWN])
def test_a_settled_promise_stays_settled(state: PromiseState) -> None:
    check_open(OPEN)
    with pytest.raises(RuleBroken, match=f"already {state}"):
        check_open(state)
    with pytest.raises(RuleBroken, match=f"already {state}"):
        check_renegotiate(state, LAST_WEEK, YESTERDAY, TOMORROW, "the part is missing", TODAY)


def test_a_late_promise_may_move_to_today_or_later() -> None:
    check_renegotiate(OPEN, LAST_WEEK, YESTERDAY, TODAY, "the part is missing", TODAY)
    check_renegotiate(OPEN, LAST_WEEK, NEXT_WEEK, TOMORROW, "it came early", TODAY)


@pytest.mark.parametrize("because", ["", " \n"])
def test_a_move_needs_a_reason(because: str) -> None:
    with pytest.raises(BadValue, match="for a reason"):
        check_renegotiate(OPEN, LAST_WEEK, YESTERDAY, TOMORROW, because, TODAY)


@pytest.mark.parametrize(
    ("made_on", "due_on", "to", "message"),
    [
        (LAST_WEEK, TOMORROW, TOMORROW, "due on 2026-03-05 already"),
        (LAST_WEEK, TOMORROW, YESTERDAY, "in the past"),
        (TOMORROW, NEXT_WEEK, TODAY, "before the promise was made"),
    ],
)
def test_dates_that_no_move_may_have(made_on: date, due_on: date, to: date, message: str) -> None:
    with pytest.raises(RuleBroken, match=message) as refused:
        check_renegotiate(OPEN, made_on, due_on, to, "reason", TODAY)
    assert refused.value.hint


@pytest.mark.parametrize(
    ("state", "due_on", "settled_on", "days"),
    [
        (OPEN, YESTERDAY, None, 1),
        (OPEN, TODAY, None, 0),
        (OPEN, NEXT_WEEK, None, -7),
        (KEPT, LAST_WEEK, YESTERDAY, 6),
        (KEPT, NEXT_WEEK, TODAY, -7),
        (WITHDRAWN, LAST_WEEK, None, 0),
    ],
)
def test_days_late(state: PromiseState, due_on: date, settled_on: date | None, days: int) -> None:
    assert days_late(state, due_on, TODAY, settled_on) == days


@pytest.mark.parametrize(
    ("due_on", "told_for", "moves", "told", "needs"),
    [
        # Never moved.
        (TOMORROW, None, [], False, False),
        (TOMORROW, TOMORROW, [], True, False),
        (TODAY, None, [], False, False),
        (YESTERDAY, None, [], False, True),
        (YESTERDAY, YESTERDAY, [], True, False),
        # Moved, and the new date is still ahead.
        (NEXT_WEEK, None, MOVED_UNTOLD, False, True),
        (NEXT_WEEK, LAST_WEEK, MOVED_UNTOLD, False, True),
        (NEXT_WEEK, None, MOVED_AND_TOLD, True, False),
        (NEXT_WEEK, None, MOVED_AND_TOLD + MOVED_UNTOLD, False, True),
        (NEXT_WEEK, NEXT_WEEK, MOVED_UNTOLD, True, False),
        # Moved, and the new date has failed too: the notice of the move covered the old date only.
        (YESTERDAY, None, [Move(LAST_WEEK, YESTERDAY, told_on=LAST_WEEK)], False, True),
        (YESTERDAY, YESTERDAY, [Move(LAST_WEEK, YESTERDAY)], True, False),
    ],
)
def test_notice(due_on: date, told_for: date | None, moves: list[Move], told: bool, needs: bool) -> None:
    assert notified(By.US, OPEN, due_on, told_for, moves, TODAY) is told
    assert needs_notice(By.US, OPEN, due_on, told_for, moves, TODAY) is needs
    assert notified(By.THEM, OPEN, due_on, told_for, moves, TODAY) is None
    assert not needs_notice(By.THEM, OPEN, due_on, told_for, moves, TODAY)
    assert not needs_notice(By.US, KEPT, due_on, told_for, moves, TODAY)


@given(st.dates(), st.dates(), st.none() | st.dates(), st.lists(st.builds(Move)))
def test_whoever_needs_notice_is_not_notified(
    due_on: date, today: date, told_for: date | None, moves: list[Move]
) -> None:
    if needs_notice(By.US, OPEN, due_on, told_for, moves, today):
        assert notified(By.US, OPEN, due_on, told_for, moves, today) is False


@pytest.mark.parametrize(
    ("outcomes", "rate"),
    [
        ([], None),
        ([Outcome(TOMORROW, None, OPEN)], None),
        ([Outcome(TODAY, None, OPEN)], None),
        ([Outcome(TOMORROW, TODAY, WITHDRAWN)], None),
        ([Outcome(TODAY, TODAY, KEPT)], 1.0),
        ([Outcome(NEXT_WEEK, YESTERDAY, KEPT)], 1.0),
        ([Outcome(LAST_WEEK, YESTERDAY, KEPT)], 0.0),
        ([Outcome(YESTERDAY, None, OPEN)], 0.0),
        ([Outcome(LAST_WEEK, YESTERDAY, WITHDRAWN)], 0.0),
        (
            [Outcome(TODAY, TODAY, KEPT), Outcome(TODAY, YESTERDAY, KEPT), Outcome(YESTERDAY, None, OPEN)],
            2 / 3,
        ),
    ],
)
def test_kept_rate(outcomes: list[Outcome], rate: float | None) -> None:
    assert kept_rate(outcomes, TODAY) == rate


@pytest.mark.parametrize(
    ("outcome", "kept"),
    [
        (Outcome(TODAY, None, OPEN), None),
        (Outcome(YESTERDAY, None, OPEN), False),
        (Outcome(TODAY, TODAY, KEPT), True),
        (Outcome(YESTERDAY, TODAY, KEPT), False),
        (Outcome(TODAY, TODAY, WITHDRAWN), None),
        (Outcome(YESTERDAY, TODAY, WITHDRAWN), False),
    ],
)
def test_what_one_promise_counts_as(outcome: Outcome, kept: bool | None) -> None:
    assert kept_on_time(outcome, TODAY) is kept
