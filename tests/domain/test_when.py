"""Dates in people's words, seen from Wednesday 4 March 2026."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossier.domain.faults import BadValue
from dossier.domain.when import Look, UnknownWords, parse_duration, parse_when

WEDNESDAY = date(2026, 3, 4)
LOOKS: st.SearchStrategy[Look] = st.sampled_from(("forward", "back"))


@pytest.mark.parametrize(
    ("words", "forward", "back"),
    [
        ("2026-12-31", "2026-12-31", "2026-12-31"),
        ("today", "2026-03-04", "2026-03-04"),
        (" Tomorrow ", "2026-03-05", "2026-03-05"),
        ("yesterday", "2026-03-03", "2026-03-03"),
        ("fri", "2026-03-06", "2026-02-27"),
        ("Friday", "2026-03-06", "2026-02-27"),
        ("thurs", "2026-03-05", "2026-02-26"),
        ("wed", "2026-03-11", "2026-02-25"),
        ("this wed", "2026-03-04", "2026-03-04"),
        ("this fri", "2026-03-06", "2026-02-27"),
        ("next monday", "2026-03-09", "2026-03-09"),
        ("next wed", "2026-03-11", "2026-03-11"),
        ("coming fri", "2026-03-06", "2026-03-06"),
        ("last fri", "2026-02-27", "2026-02-27"),
        ("last wed", "2026-02-25", "2026-02-25"),
        ("in 3 weeks", "2026-03-25", "2026-03-25"),
        ("in a week", "2026-03-11", "2026-03-11"),
        ("in two months", "2026-05-04", "2026-05-04"),
        ("in an year", "2027-03-04", "2027-03-04"),
        ("3 weeks ago", "2026-02-11", "2026-02-11"),
        ("a month ago", "2026-02-04", "2026-02-04"),
        ("3 weeks", "2026-03-25", "2026-02-11"),
        ("2d", "2026-03-06", "2026-03-02"),
        ("2w", "2026-03-18", "2026-02-18"),
        ("1q", "2026-06-04", "2025-12-04"),
        ("+3d", "2026-03-07", "2026-03-07"),
        ("-2d", "2026-03-02", "2026-03-02"),
        ("eow", "2026-03-06", "2026-02-27"),
        ("eom", "2026-03-31", "2026-02-28"),
        ("eoq", "2026-03-31", "2025-12-31"),
        ("eoy", "2026-12-31", "2025-12-31"),
        ("next week", "2026-03-09", "2026-03-09"),
        ("next month", "2026-04-01", "2026-04-01"),
        ("next quarter", "2026-04-01", "2026-04-01"),
        ("next year", "2027-01-01", "2027-01-01"),
        ("31.12", "2026-12-31", "2025-12-31"),
        ("31.12.", "2026-12-31", "2025-12-31"),
        ("31.12.2027", "2027-12-31", "2027-12-31"),
        ("4.3.", "2026-03-04", "2026-03-04"),
        ("3.3.", "2027-03-03", "2026-03-03"),
        ("24 dec", "2026-12-24", "2025-12-24"),
        ("dec 24", "2026-12-24", "2025-12-24"),
        ("24 déc", "2026-12-24", "2025-12-24"),
        ("24 Dec 2026", "2026-12-24", "2026-12-24"),
        ("25/12", "2026-12-25", "2025-12-25"),
        ("12/25/2027", "2027-12-25", "2027-12-25"),
        ("29 feb", "2028-02-29", "2024-02-29"),
        ("12月24日", "2026-12-24", "2025-12-24"),
    ],
)
def test_words(words: str, forward: str, back: str) -> None:
    assert parse_when(words, WEDNESDAY).isoformat() == forward
    assert parse_when(words, WEDNESDAY, look="back").isoformat() == back


@pytest.mark.parametrize(
    ("words", "today", "day"),
    [
        ("in 1 month", date(2026, 1, 31), date(2026, 2, 28)),
        ("1 year ago", date(2028, 2, 29), date(2027, 2, 28)),
        ("eom", date(2026, 3, 31), date(2026, 3, 31)),
        ("eow", date(2026, 3, 6), date(2026, 3, 6)),
        ("eow", date(2026, 3, 7), date(2026, 3, 13)),
        ("next week", date(2026, 3, 9), date(2026, 3, 16)),
        ("next week", date(2026, 3, 8), date(2026, 3, 9)),
        ("next quarter", date(2026, 12, 1), date(2027, 1, 1)),
        ("29 feb", date(2097, 1, 1), date(2104, 2, 29)),
    ],
)
def test_the_edges_of_periods(words: str, today: date, day: date) -> None:
    assert parse_when(words, today) == day


@pytest.mark.parametrize(("day_first", "day"), [(True, date(2026, 4, 3)), (False, date(2027, 3, 4))])
def test_the_setting_decides_what_slashes_mean(day_first: bool, day: date) -> None:
    assert parse_when("03/04", WEDNESDAY + timedelta(days=1), day_first=day_first) == day


def test_slashes_that_can_be_read_in_two_ways_are_refused() -> None:
    with pytest.raises(BadValue) as refused:
        parse_when("03/04", WEDNESDAY)
    assert refused.value.hint == "it is 3 April or 4 March: write the month as a word"
    assert not isinstance(refused.value, UnknownWords)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("31.02", "there is no 31 February"),
        ("2027-02-29", "there is no 29 February in 2027"),
        ("april", '"april" names no day'),
        ("2026", '"2026" names no day'),
        ("in 3 weeks ago", '"in 3 weeks ago" points both ways'),
        ("in 99999 years", "that day is beyond the calendar"),
        ("9999y ago", "that day is beyond the calendar"),
    ],
)
def test_days_that_cannot_be_meant(words: str, message: str) -> None:
    with pytest.raises(BadValue) as refused:
        parse_when(words, WEDNESDAY)
    assert refused.value.message == message
    assert refused.value.hint
    assert not isinstance(refused.value, UnknownWords)


@pytest.mark.parametrize(
    "words",
    ["", "soon", "nächsten Freitag", "次の金曜日", "fr", "am", "next", "12", "24 février", "fri\x1b[2J"],
)
def test_words_of_other_languages_are_told_apart(words: str) -> None:
    with pytest.raises(UnknownWords, match="is no date") as refused:
        parse_when(words, WEDNESDAY)
    assert "\x1b" not in refused.value.message


def test_a_year_of_two_digits_is_refused_as_such() -> None:
    with pytest.raises(BadValue, match="four digits") as refused:
        parse_when("31.12.27", WEDNESDAY)
    assert not isinstance(refused.value, UnknownWords)


@given(st.dates(), st.dates(), LOOKS)
def test_iso_dates_mean_themselves(day: date, today: date, look: Look) -> None:
    assert parse_when(day.isoformat(), today, look=look) == day


@given(st.dates(), st.dates(date(100, 1, 1), date(9900, 1, 1)))
def test_a_day_without_a_year_is_the_nearest_one(day: date, today: date) -> None:
    words = f"{day.day}.{day.month}."
    coming, past = parse_when(words, today), parse_when(words, today, look="back")
    assert past <= today <= coming
    assert (coming.month, coming.day) == (past.month, past.day) == (day.month, day.day)
    assert (coming - past).days <= 366 * 8


@given(st.dates(date(100, 1, 1), date(9900, 1, 1)), st.integers(0, 6), LOOKS)
def test_a_weekday_is_within_a_week_and_never_today(today: date, weekday: int, look: Look) -> None:
    name = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[weekday]
    day = parse_when(name, today, look=look)
    assert day.weekday() == weekday
    assert 1 <= ((day - today) if look == "forward" else (today - day)).days <= 7


@given(st.dates(), st.integers(0, 400), LOOKS)
def test_spans_of_days_are_exact(today: date, days: int, look: Look) -> None:
    with suppress(BadValue):
        assert (parse_when(f"in {days} days", today, look=look) - today).days == days
        assert (today - parse_when(f"{days}d ago", today, look=look)).days == days


@given(st.text(st.sampled_from("0123456789-+./ adeiknotuwxyfrmqy")), st.dates(), LOOKS)
def test_any_text_gives_a_date_or_a_reason(text: str, today: date, look: Look) -> None:
    with suppress(BadValue):
        assert isinstance(parse_when(text, today, look=look), date)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("2h", timedelta(hours=2)),
        ("30m", timedelta(minutes=30)),
        ("1d", timedelta(days=1)),
        ("90s", timedelta(seconds=90)),
        ("1h30m", timedelta(minutes=90)),
        ("1H 30M", timedelta(minutes=90)),
    ],
)
def test_durations(text: str, span: timedelta) -> None:
    assert parse_duration(text) == span


@pytest.mark.parametrize("text", ["", "30", "0m", "-2h", "2 weeks", "soon", "99999d"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(BadValue) as refused:
        parse_duration(text)
    assert refused.value.hint == "write 30m, 2h, 1h30m or 1d"
