"""The outline of a history: found by index, however much there is beside it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dossier.services.session import Session
from dossier.store.timeline_view import Days, Of
from tests.store.plans import plan_of

ASKED: list[Callable[[Of], Days]] = [
    Of.interactions,
    Of.people,
    lambda of: of.promises("made_on"),
    lambda of: of.promises("settled_on", "kept"),
    lambda of: of.moves("told_on"),
    lambda of: of.steps("done_on", "done"),
]


@pytest.mark.parametrize(("account_id", "person_id"), [(1, None), (None, 1), (1, 1)])
@pytest.mark.parametrize("ask", ASKED)
def test_nothing_is_walked_through(
    session: Session, ask: Callable[[Of], Days], account_id: int | None, person_id: int | None
) -> None:
    of = Of(session.database, account_id, person_id)
    plan = plan_of(session.database, lambda: ask(of))
    assert "SEARCH" in plan
    assert "SCAN" not in plan
    assert "state_due_on" not in plan


def test_interactions_of_an_account_are_read_from_the_index_alone(session: Session) -> None:
    of = Of(session.database, 1, None)
    assert "COVERING INDEX interaction_account_id_at" in plan_of(session.database, of.interactions)
