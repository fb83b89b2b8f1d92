"""The promises board: what each open promise asks of us (B2)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dossier.domain.board import TITLES, Group, group_of
from dossier.domain.promises import Move
from dossier.domain.vocabulary import By

TODAY = date(2027, 3, 10)


def on(days: int) -> date:
    return TODAY + timedelta(days=days)


@pytest.mark.parametrize(
    ("due", "group"),
    [
        (-1, Group.UNTOLD),
        (0, Group.THIS_WEEK),
        (7, Group.THIS_WEEK),
        (8, Group.LATER),
    ],
)
def test_a_promise_of_ours_that_was_never_moved_goes_by_its_date(due: int, group: Group) -> None:
    assert group_of(By.US, on(due), None, [], TODAY) is group


@pytest.mark.parametrize("due", [-30, 0, 90])
def test_moved_without_telling_is_late_without_notice_however_far_ahead(due: int) -> None:
    assert group_of(By.US, on(due), None, [Move(on(-40), on(due))], TODAY) is Group.UNTOLD


@pytest.mark.parametrize(("due", "group"), [(-1, Group.UNTOLD), (3, Group.THIS_WEEK), (30, Group.LATER)])
def test_a_notice_of_a_move_covers_the_old_date_only(due: int, group: Group) -> None:
    moves = [Move(on(-40), on(-20)), Move(on(-20), on(due), told_on=on(-20))]
    assert group_of(By.US, on(due), None, moves, TODAY) is group


def test_late_with_a_notice_for_the_very_date_is_known() -> None:
    assert group_of(By.US, on(-1), on(-1), [], TODAY) is Group.LATE
    assert group_of(By.US, on(-1), on(-5), [], TODAY) is Group.UNTOLD


@pytest.mark.parametrize("due", [-30, 0, 30])
def test_theirs_stay_together(due: int) -> None:
    assert group_of(By.THEM, on(due), None, [Move(on(-40), on(due))], TODAY) is Group.THEIRS


def test_every_group_has_its_title() -> None:
    assert list(TITLES) == list(Group)
