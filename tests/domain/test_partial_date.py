"""Birthdays and occasions of which a part may be unknown (A3)."""

from __future__ import annotations

from calendar import monthrange
from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossier.domain.faults import BadValue
from dossier.domain.partial_date import MONTHS, NotADate, PartialDate, days_in

DATES = st.dates()
PARTIAL_DATES = st.one_of(
    DATES.map(lambda d: PartialDate.of(d.year, d.month, d.day)),
    DATES.map(lambda d: PartialDate.of(month=d.month, day=d.day)),
    DATES.map(lambda d: PartialDate.of(d.year, d.month)),
    DATES.map(lambda d: PartialDate.of(month=d.month)),
    DATES.map(lambda d: PartialDate.of(d.year)),
    st.just(PartialDate.of(month=2, day=29)),
)


@given(st.integers(1, 9999), st.integers(1, 12))
def test_the_length_of_months(year: int, month: int) -> None:
    assert days_in(year, month) == monthrange(year, month)[1]


@given(PARTIAL_DATES)
def test_the_stored_form_is_read_back(partial: PartialDate) -> None:
    assert PartialDate.parse(str(partial)) == partial


@pytest.mark.parametrize(
    ("parts", "stored"),
    [
        ((1975, 4, 12), "1975-04-12"),
        ((None, 4, 12), "--04-12"),
        ((1975, 4, None), "1975-04"),
        ((None, 4, None), "--04"),
        ((1975, None, None), "1975"),
        ((None, 2, 29), "--02-29"),
        ((812, 1, 2), "0812-01-02"),
    ],
)
def test_stored_forms(parts: tuple[int | None, int | None, int | None], stored: str) -> None:
    assert str(PartialDate.of(*parts)) == stored
    assert f"{PartialDate.of(*parts)}" == stored


@pytest.mark.parametrize(
    ("words", "stored"),
    [
        ("12.4.", "--04-12"),
        ("12.4", "--04-12"),
        ("12.04.1975", "1975-04-12"),
        ("12. 4. 1975", "1975-04-12"),
        ("12 Apr", "--04-12"),
        ("12. April", "--04-12"),
        ("12apr", "--04-12"),
        ("  12  APRIL  1975 ", "1975-04-12"),
        ("12th of April, 1975", "1975-04-12"),
        ("1st may", "--05-01"),
        ("Apr 12", "--04-12"),
        ("Apr 12 1975", "1975-04-12"),
        ("April 12th, 1975", "1975-04-12"),
        ("Sept. 3, 1980", "1980-09-03"),
        ("April 1975", "1975-04"),
        ("April", "--04"),
        ("1975", "1975"),
        ("1975/4/12", "1975-04-12"),
        ("1975.04.12", "1975-04-12"),
        ("19750412", "1975-04-12"),
        ("--0412", "--04-12"),
        ("25/12/1975", "1975-12-25"),
        ("12/25/1975", "1975-12-25"),
        ("25-12-1975", "1975-12-25"),
        ("25/12", "--12-25"),
        ("4/4", "--04-04"),
        ("1975年4月12日", "1975-04-12"),
        ("4月12日", "--04-12"),
        ("1975년 4월 12일", "1975-04-12"),
        ("１９７５-０４-１２", "1975-04-12"),
    ],
)
def test_dates_as_people_write_them(words: str, stored: str) -> None:
    assert str(PartialDate.parse(words)) == stored


@given(DATES)
def test_every_date_reads_back_from_words(day: date) -> None:
    month = MONTHS[day.month - 1]
    expected = PartialDate.of(day.year, day.month, day.day)
    for words in (
        f"{day.day} {month} {day.year:04d}",
        f"{month[:3]} {day.day}, {day.year:04d}",
        f"{day.day}.{day.month}.{day.year:04d}",
    ):
        assert PartialDate.parse(words) == expected
    assert PartialDate.parse(f"{day.day}/{day.month}/{day.year:04d}", day_first=True).month_day in (
        day.month * 100 + day.day,
        day.day * 100 + day.month,
    )


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        ("31 Feb", "there is no 31 February", "February has 28 days, in leap years 29"),
        ("--02-30", "there is no 30 February", "February has 28 days, in leap years 29"),
        ("1975-02-29", "there is no 29 February in 1975", "February 1975 has 28 days"),
        ("31.4.", "there is no 31 April", "April has 30 days"),
        ("0 May", "there is no 0 May", "May has 31 days"),
        ("1975-13", "there is no month 13", "months run from 1 to 12, and 12.4. is 12 April"),
        ("0000", "there is no year 0 in the calendar", "years run from 0001 to 9999"),
        ("13/14/1975", "there is no month 14", "months run from 1 to 12, and 12.4. is 12 April"),
    ],
)
def test_dates_that_no_calendar_has(words: str, message: str, hint: str) -> None:
    with pytest.raises(BadValue) as refused:
        PartialDate.parse(words)
    assert (refused.value.message, refused.value.hint) == (message, hint)


def test_a_leap_day_exists_in_leap_years_and_without_a_year() -> None:
    assert PartialDate.parse("1976-02-29") == (1976, 2, 29)
    assert PartialDate.parse("29 Feb") == (None, 2, 29)


def test_a_date_that_can_be_read_in_two_ways_is_refused_with_both_readings() -> None:
    with pytest.raises(BadValue) as refused:
        PartialDate.parse("03/04/1975")
    assert refused.value.hint == "it is 3 April 1975 or 4 March 1975: write the month as a word"
    with pytest.raises(BadValue, match="two ways"):
        PartialDate.parse("03/04")


@pytest.mark.parametrize(("day_first", "stored"), [(True, "1975-04-03"), (False, "1975-03-04")])
def test_the_setting_decides_what_slashes_mean(day_first: bool, stored: str) -> None:
    assert str(PartialDate.parse("03/04/1975", day_first=day_first)) == stored
    assert str(PartialDate.parse("25/12/1975", day_first=day_first)) == "1975-12-25"


@pytest.mark.parametrize("words", ["", " ", "soon", "12", "12 Foo", "1975-04-12x", "12 ma", "--", "12..4"])
def test_text_that_is_no_date(words: str) -> None:
    with pytest.raises(NotADate):
        PartialDate.parse(words)


@pytest.mark.parametrize("words", ["12.04.75", "12 Apr 75", "12/4/75", "75-04-12"])
def test_a_year_of_two_digits_is_refused_as_such(words: str) -> None:
    with pytest.raises(BadValue, match="four digits"):
        PartialDate.parse(words)


@given(st.text(st.sampled_from("0123456789-/. aprilmyfeb年月日")))
def test_no_text_crashes_or_gives_a_date_that_cannot_be_stored(text: str) -> None:
    with suppress(BadValue):
        partial = PartialDate.parse(text)
        assert PartialDate.parse(str(partial)) == partial


@pytest.mark.parametrize("parts", [(None, None, None), (None, None, 12), (1975, None, 12)])
def test_parts_that_make_no_date(parts: tuple[int | None, int | None, int | None]) -> None:
    with pytest.raises(BadValue):
        PartialDate.of(*parts)


def test_the_leap_day_in_common_years() -> None:
    leap_day = PartialDate.of(month=2, day=29)
    assert leap_day.on(2027) == date(2027, 2, 28)
    assert leap_day.on(2027, "mar1") == date(2027, 3, 1)
    assert leap_day.on(2028, "mar1") == date(2028, 2, 29)
    assert leap_day.next_on(date(2027, 3, 1)) == date(2028, 2, 29)
    assert leap_day.next_on(date(2027, 3, 1), "mar1") == date(2027, 3, 1)


@pytest.mark.parametrize("partial", ["1975", "1975-04", "--04"])
def test_without_a_day_nothing_is_kept_in_a_year(partial: str) -> None:
    unknown = PartialDate.parse(partial)
    assert unknown.month_day is None
    assert unknown.on(2026) is None
    assert unknown.next_on(date(2026, 1, 1)) is None


@given(PARTIAL_DATES, DATES, st.sampled_from(["feb28", "mar1"]))
def test_the_next_one_is_the_nearest_from_today_on(partial: PartialDate, today: date, rule: str) -> None:
    coming = partial.next_on(today, rule)  # type: ignore[arg-type]
    if coming is None:
        return
    assert coming >= today
    assert coming == partial.on(coming.year, rule)  # type: ignore[arg-type]
    if partial.year is None:
        assert coming - today <= timedelta(days=366)
    else:
        assert coming.year >= partial.year


def test_an_occasion_to_come_is_not_kept_before_it_happens() -> None:
    assert PartialDate.of(2030, 5, 1).next_on(date(2026, 6, 1)) == date(2030, 5, 1)


def test_the_calendar_ends() -> None:
    assert PartialDate.of(month=1, day=1).next_on(date(9999, 6, 1)) is None
