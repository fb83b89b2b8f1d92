"""Promises: kept on time, or renegotiated before it is too late, with the client told (B2).

A promise that will be late needs, on or before its date, a notice to the client with an explanation and a
new date. A move changes the date and records why; a notice says that the client knows. `told_for` is the
date whose failing the client has been told of, so that a notice stops counting as soon as the date moves on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from dossier.domain.faults import BadValue, RuleBroken
from dossier.domain.vocabulary import By, PromiseState


class Move(NamedTuple):
    """One renegotiation (moves go oldest first); `told_on` is None while the client does not know of it."""

    from_on: date
    to_on: date
    told_on: date | None = None


class Outcome(NamedTuple):
    """What `kept_on_time` needs of a promise; `settled_on` is None while it is open."""

    due_on: date
    settled_on: date | None
    state: PromiseState


def check_due(made_on: date, due_on: date) -> None:
    """Refuse (RuleBroken) a promise that would be due before it was made (B2)."""
    if due_on < made_on:
        raise RuleBroken(
            f"due {due_on} is before the promise was made, {made_on}", f"choose a date from {made_on} on"
        )


def check_not_before_made(made_on: date, on: date) -> None:
    """Refuse (RuleBroken) that a promise was kept, or spoken of, before it was made (B2)."""
    if on < made_on:
        raise RuleBroken(
            f"{on} is before the promise was made, {made_on}", f"choose a date from {made_on} on"
        )


def check_open(state: PromiseState) -> None:
    """Refuse (RuleBroken) to keep, move or withdraw a promise that is settled (B2)."""
    if state != PromiseState.OPEN:
        raise RuleBroken(
            f"the promise is already {state}", "dossier undo takes that back, if it was a mistake"
        )


def check_renegotiate(
    state: PromiseState, made_on: date, due_on: date, to: date, because: str, today: date
) -> None:
    """Whether an open promise may move from `due_on` to `to` (B2).

    Raises BadValue without a reason, RuleBroken when it is settled, when the date would not change, and when
    the new date is in the past or before the promise was made.
    """
    check_open(state)
    if not because.strip():
        raise BadValue("a promise is moved for a reason", "say it: --because TEXT")
    if to == due_on:
        raise RuleBroken(f"the promise is due on {due_on} already", "choose another date: --to DATE")
    if to < today:
        raise RuleBroken(f"the new date {to} is in the past", "promise a date that can be kept: --to DATE")
    check_due(made_on, to)


def days_late(state: PromiseState, due_on: date, today: date, settled_on: date | None = None) -> int:
    """Days after the date, negative while ahead; a settled promise counts to the day it was settled."""
    until = today if state == PromiseState.OPEN else settled_on or due_on
    return (until - due_on).days


def notified(
    by: By, state: PromiseState, due_on: date, told_for: date | None, moves: Sequence[Move], today: date
) -> bool | None:
    """Whether the client has a notice for the current date's failing (B2); None for a promise of theirs.

    The notice is one given for this very date, or, as long as the date is not past, the one that came with
    the last move: it covers the old date's failing, never that of the new one.
    """
    if by == By.THEM:
        return None
    if told_for == due_on:
        return True
    if state == PromiseState.OPEN and due_on < today:
        return False
    return bool(moves) and moves[-1].told_on is not None


def needs_notice(
    by: By, state: PromiseState, due_on: date, told_for: date | None, moves: Sequence[Move], today: date
) -> bool:
    """Whether the client must be told: an open promise of ours was missed or moved without a notice (B2)."""
    if by == By.THEM or state != PromiseState.OPEN or not (due_on < today or moves):
        return False
    return not notified(by, state, due_on, told_for, moves, today)


def kept_on_time(outcome: Outcome, today: date) -> bool | None:
    """Whether a promise was kept on time (True) or broken (False); None if it counts as neither (B2).

    Kept counts against the date agreed last. Broken are those kept late, those still open past their date,
    and those withdrawn after it. Neither are those still ahead, nor one withdrawn in time: it was no longer owed.
    """
    if (outcome.settled_on or today) > outcome.due_on:
        return False
    return True if outcome.state == PromiseState.KEPT else None


def kept_rate(outcomes: Iterable[Outcome], today: date) -> float | None:
    """The share, 0 to 1, of promises kept on time among those kept or broken; None without any (B2)."""
    counted = [kept for outcome in outcomes if (kept := kept_on_time(outcome, today)) is not None]
    return sum(counted) / len(counted) if counted else None
