"""Birthdays and other dates come up in time (A3)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossier.domain.faults import BadValue
from dossier.domain.occasions import (
    BIRTHDAY,
    Upcoming,
    check_birthday,
    month_days,
    shows_for,
    upcoming,
    wording,
)
from dossier.domain.partial_date import LeapRule, PartialDate
from dossier.domain.vocabulary import OccasionKind, Tier

TODAY = date(2026, 12, 28)
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ("1976-12-28", Upcoming(TODAY, 0, 50)),
        ("--12-28", Upcoming(TODAY, 0, None)),
        ("1977-01-02", Upcoming(date(2027, 1, 2), 5, 50)),
        ("--01-04", Upcoming(date(2027, 1, 4), 7, None)),
        ("--01-05", None),
        ("--12-27", None),
        ("2026-12-30", Upcoming(date(2026, 12, 30), 2, None)),
        ("2027-12-30", None),
        ("1976-12", None),
        ("1976", None),
    ],
)
def test_what_comes_up_within_a_week(stored: str, expected: Upcoming | None) -> None:
    assert upcoming(PartialDate.parse(stored), TODAY, 7) == expected


def test_the_lead_can_be_longer() -> None:
    christmas = PartialDate.parse("--12-24")
    assert upcoming(christmas, date(2026, 12, 1), 7) is None
    assert upcoming(christmas, date(2026, 12, 1), 30) == Upcoming(date(2026, 12, 24), 23, None)


@pytest.mark.parametrize(
    ("today", "rule", "days"),
    [
        (date(2027, 2, 26), "feb28", 2),
        (date(2027, 2, 26), "mar1", 3),
        (date(2028, 2, 26), "feb28", 3),
        (date(2027, 2, 28), "feb28", 0),
    ],
)
def test_a_leap_day_never_vanishes(today: date, rule: LeapRule, days: int) -> None:
    coming = upcoming(PartialDate.parse("1976-02-29"), today, 7, leap_rule=rule)
    assert coming is not None
    assert coming.days == days


@given(DAYS, DAYS, st.integers(0, 60), st.sampled_from(["feb28", "mar1"]))
def test_the_calendar_keys_miss_nothing_and_add_nothing(
    born: date, today: date, lead: int, rule: LeapRule
) -> None:
    day = PartialDate(None, born.month, born.day)
    assert (day.month_day in month_days(today, lead, rule)) == (upcoming(day, today, lead, rule) is not None)


def test_calendar_keys_around_the_end_of_a_common_february() -> None:
    assert month_days(date(2027, 2, 27), 1) == {227, 228, 229}
    assert month_days(date(2027, 2, 28), 0, "mar1") == {228}
    assert month_days(date(2028, 2, 28), 0) == {228}
    assert month_days(date(9999, 12, 31), 7) == {1231}


@pytest.mark.parametrize(
    ("kind", "days", "years", "words"),
    [
        (BIRTHDAY, 3, 50, "turns 50 in 3 days"),
        (BIRTHDAY, 0, 50, "turns 50 today"),
        (BIRTHDAY, 0, None, "birthday today"),
        (BIRTHDAY, 1, None, "birthday tomorrow"),
        (OccasionKind.FOUNDING, 1, 25, "founding day tomorrow, the 25th"),
        (OccasionKind.ANNIVERSARY, 2, 11, "anniversary in 2 days, the 11th"),
        (OccasionKind.JUBILEE, 0, 101, "jubilee today, the 101st"),
        (OccasionKind.ANNIVERSARY, 0, None, "anniversary today"),
        (OccasionKind.NAMEDAY, 2, 7, "name day in 2 days"),
        (OccasionKind.HOLIDAY, 2, 7, "holiday in 2 days"),
        (OccasionKind.OTHER, 2, 7, "in 2 days"),
    ],
)
def test_wording(kind: str, days: int, years: int | None, words: str) -> None:
    assert wording(kind, Upcoming(TODAY, days, years)) == words


@pytest.mark.parametrize(
    ("tier", "marked", "shows"),
    [
        (Tier.KEY, False, True),
        (Tier.STRATEGIC, False, True),
        (Tier.STANDARD, False, False),
        (Tier.PROSPECT, False, False),
        (Tier.PROSPECT, True, True),
    ],
)
def test_whose_occasions_show(tier: Tier, marked: bool, shows: bool) -> None:
    assert shows_for(tier, marked) is shows


@pytest.mark.parametrize("birthday", [None, "--12-24", "--12", "2027", "2027-03", "2027-03-10", "1975-04-12"])
def test_a_birthday_that_may_be_one(birthday: str | None) -> None:
    check_birthday(birthday, date(2027, 3, 10))


@pytest.mark.parametrize("birthday", ["2028", "2027-04", "2027-03-11"])
def test_a_birthday_still_to_come_is_a_slip(birthday: str) -> None:
    with pytest.raises(BadValue, match="still to come"):
        check_birthday(birthday, date(2027, 3, 10))
