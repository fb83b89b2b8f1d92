"""No account is forgotten for longer than its interval (B4)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossier.domain.cadence import CADENCE_DAYS, cadence_of, clock
from dossier.domain.vocabulary import Tier

TODAY = date(2026, 3, 4)


@pytest.mark.parametrize(
    ("tier", "days"), [(Tier.KEY, 14), (Tier.STRATEGIC, 21), (Tier.PROSPECT, 30), (Tier.STANDARD, 60)]
)
def test_the_tier_sets_the_cadence_unless_the_account_has_its_own(tier: Tier, days: int) -> None:
    assert cadence_of(tier) == days
    assert cadence_of(tier, 5) == 5


def test_every_tier_has_a_cadence() -> None:
    assert set(CADENCE_DAYS) == set(Tier)


@pytest.mark.parametrize(
    ("days_since", "overdue", "days_over"), [(13, False, -1), (14, False, 0), (15, True, 1)]
)
def test_the_last_day_of_the_interval_is_still_in_time(
    days_since: int, overdue: bool, days_over: int
) -> None:
    waited = clock(14, TODAY - timedelta(days=days_since), date(2020, 1, 1), TODAY)
    assert (waited.overdue, waited.days_over) == (overdue, days_over)


def test_without_any_contact_the_clock_runs_from_creation() -> None:
    assert clock(14, None, TODAY - timedelta(days=28), TODAY).ratio == 2.0


@given(st.dates(max_value=TODAY), st.dates(max_value=TODAY), st.integers(1, 3650))
def test_overdue_and_ratio_agree(contact: date, created: date, cadence: int) -> None:
    waited = clock(cadence, contact, created, TODAY)
    assert waited.overdue == (waited.ratio > 1)
    assert waited.days_since == (TODAY - contact).days
