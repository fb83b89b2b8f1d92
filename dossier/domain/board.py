"""The promises board: every open promise in one of five groups, by what it asks of us (B2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum

from dossier.domain.promises import Move, needs_notice
from dossier.domain.vocabulary import By, PromiseState

WEEK = timedelta(days=7)
"""How far ahead this week reaches: to the same weekday of the next one, as the agenda does.

Seen on a Friday, the week of the calendar would hide what is due on Monday.
"""


class Group(StrEnum):
    """The groups in their order, the worst first."""

    UNTOLD = "untold"
    LATE = "late"
    THIS_WEEK = "this_week"
    LATER = "later"
    THEIRS = "theirs"


TITLES = {
    Group.UNTOLD: "Late or moved, and nobody there was told",
    Group.LATE: "Late, and they know",
    Group.THIS_WEEK: "This week",
    Group.LATER: "Later",
    Group.THEIRS: "Theirs",
}
"""What stands above each group."""


def group_of(by: By, due_on: date, told_for: date | None, moves: Sequence[Move], today: date) -> Group:
    """The group of an open promise; one that was moved without telling is late already, they just do not know (B2)."""
    if by == By.THEM:
        return Group.THEIRS
    if needs_notice(by, PromiseState.OPEN, due_on, told_for, moves, today):
        return Group.UNTOLD
    if due_on < today:
        return Group.LATE
    return Group.THIS_WEEK if due_on <= today + WEEK else Group.LATER
