"""Dates of which any part may be unknown: birthdays, occasions, the birthdays of relatives (A3).

No placeholder ever stands for an unknown part. The stored forms, which are vCard's, are

    1975-04-12   --04-12   1975-04   --04   1975

and what falls on 29 February is kept on 28 February in common years, or on 1 March (`LeapRule`).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Literal, NamedTuple, Self

from dossier.domain.faults import BadValue
from dossier.domain.text import fold

LeapRule = Literal["feb28", "mar1"]

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_FORMS = "write it as 1975-04-12, --04-12 (year unknown), 1975-04, --04, 1975, or in words: 12 Apr 1975"

# Each way of writing a date; the groups are named for the part they hold. Matched against the folded text.
_YEAR_FIRST = r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})"
_COMPACT = r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
_YEAR_MONTH = r"(?P<year>\d{4})-(?P<month>\d{1,2})"
_YEAR = r"(?P<year>\d{4})"
_NO_YEAR = r"--(?P<month>\d\d)(-?(?P<day>\d\d))?"
_DOTTED = r"(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})(\. ?(?P<year>\d{4})?)?"
_DAY_NAME = r"(?P<day>\d{1,2})(\.|st|nd|rd|th)?( of)? ?(?P<name>[a-z]{3,})\.?(,? ?(?P<year>\d{4}))?"
_NAME_DAY = r"(?P<name>[a-z]{3,})\.? (?P<day>\d{1,2})(st|nd|rd|th)?(,? (?P<year>\d{4}))?"
_NAME_YEAR = r"(?P<name>[a-z]{3,})\.?(,? (?P<year>\d{4}))?"
_EAST_ASIAN = r"((?P<year>\d{4}) ?[年년] ?)?(?P<month>\d{1,2}) ?[月월]( ?(?P<day>\d{1,2}) ?[日号號일])?"
_WAYS = (
    _YEAR_FIRST, _COMPACT, _YEAR_MONTH, _YEAR, _NO_YEAR,
    _DOTTED, _DAY_NAME, _NAME_DAY, _NAME_YEAR, _EAST_ASIAN,
)  # fmt: skip
# 25/12/1975, 12-25-1975, 25/12: which is the day is a matter of country.
_EITHER_ORDER = r"(\d{1,2})([-/])(\d{1,2})(?:\2(\d{4}))?"
_SHORT_YEAR = r"\d{1,2}[-/. ]+(\d{1,2}|[a-z]+)[-/., ]+\d\d"


def days_in(year: int, month: int) -> int:
    """The number of days of a month; `calendar` knows it too, but its import would cost every start."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


class NotADate(BadValue):
    """The text follows none of the forms of a date; words of another language may still be meant."""


class PartialDate(NamedTuple):
    """A date whose year, month or day may be unknown (A3). Build it with `of` or `parse`, which check it."""

    year: int | None
    month: int | None
    day: int | None

    @classmethod
    def of(cls, year: int | None = None, month: int | None = None, day: int | None = None) -> Self:
        """The date made of the known parts; raises BadValue when no calendar has it.

        29 February needs a leap year only when the year is known.
        """
        if year is None and month is None:
            raise BadValue("a date needs at least a month or a year", _FORMS)
        if year is not None and not 1 <= year <= 9999:
            raise BadValue(f"there is no year {year} in the calendar", "years run from 0001 to 9999")
        if month is None:
            if day is not None:
                raise BadValue("a day needs its month", _FORMS)
        elif not 1 <= month <= 12:
            raise BadValue(f"there is no month {month}", "months run from 1 to 12, and 12.4. is 12 April")
        elif day is not None:
            _check_day(year, month, day)
        return cls(year, month, day)

    @classmethod
    def parse(cls, text: str, *, day_first: bool | None = None) -> Self:
        """Read a stored form, or a date as people write it.

        `12.4.`, `12.04.1975`, `12 Apr`, `April 1975`, `12th of April, 1975`, `Apr 12 1975`, `1975/4/12`,
        `19750412`, `1975年4月12日`. Month names are English, whole or cut to three letters and more. With
        slashes the day is the number that cannot be a month; where both could be, `day_first` decides.

        Raises BadValue: `NotADate` for text in no such form, else for a date that does not exist, that has
        a year of two digits, or that can be read in two ways (the hint names both). Messages never quote
        the text, which is a secret when it is a birthday.
        """
        folded = fold(text)
        for way in _WAYS:
            if found := re.fullmatch(way, folded):
                return cls._from_parts(found.groupdict())
        if found := re.fullmatch(_EITHER_ORDER, folded):
            first, second, year = int(found[1]), int(found[3]), int(found[4]) if found[4] else None
            return cls._in_some_order(first, second, year, day_first)
        if re.fullmatch(_SHORT_YEAR, folded):
            raise BadValue("a year needs four digits", _FORMS)
        raise NotADate("that is no date", _FORMS)

    @classmethod
    def _from_parts(cls, parts: dict[str, str | None]) -> Self:
        year, month, day = (parts.get(part) for part in ("year", "month", "day"))
        name = parts.get("name")
        return cls.of(
            int(year) if year else None,
            int(month) if month else _month_named(name) if name else None,
            int(day) if day else None,
        )

    @classmethod
    def _in_some_order(cls, first: int, second: int, year: int | None, day_first: bool | None) -> Self:
        if first == second or second > 12:
            return cls.of(year, first, second) if first <= 12 else cls.of(year, second, first)
        if first > 12 or day_first:
            return cls.of(year, second, first)
        if day_first is False:
            return cls.of(year, first, second)
        readings = f"{_in_words(year, second, first)} or {_in_words(year, first, second)}"
        raise BadValue("that date can be read in two ways", f"it is {readings}: write the month as a word")

    def __str__(self) -> str:
        """The stored form."""
        if self.month is None:
            return f"{self.year:04d}"
        day = "" if self.day is None else f"-{self.day:02d}"
        return f"{'-' if self.year is None else f'{self.year:04d}'}-{self.month:02d}{day}"

    def in_words(self) -> str:
        """`12 April 1975`, `April 1975`, `1975`; `12 April, no year` where the year is unknown."""
        if self.month is None:
            return str(self.year)
        named = MONTHS[self.month - 1] if self.day is None else f"{self.day} {MONTHS[self.month - 1]}"
        return f"{named}, no year" if self.year is None else f"{named} {self.year}"

    @property
    def month_day(self) -> int | None:
        """`412` for 12 April: its key in a calendar of the year; None unless month and day are known."""
        return None if self.month is None or self.day is None else self.month * 100 + self.day

    def on(self, year: int, leap_rule: LeapRule = "feb28") -> date | None:
        """The day on which it is kept in `year`; None unless month and day are known."""
        if self.month is None or self.day is None:
            return None
        if (self.month, self.day) == (2, 29) and days_in(year, 2) == 28:
            return date(year, 2, 28) if leap_rule == "feb28" else date(year, 3, 1)
        return date(year, self.month, self.day)

    def next_on(self, today: date, leap_rule: LeapRule = "feb28") -> date | None:
        """The first day, from `today` on, on which it is kept; never before the date itself.

        None unless month and day are known, and when the calendar ends before.
        """
        first_year = max(today.year, self.year or 0)
        for year in range(first_year, min(first_year + 1, 9999) + 1):
            kept = self.on(year, leap_rule)
            if kept is None or kept >= today:
                return kept
        return None


def _month_named(name: str) -> int:
    for number, month in enumerate(MONTHS, start=1):
        if month.lower().startswith(name):
            return number
    raise NotADate("that is no date", _FORMS)


def _in_words(year: int | None, month: int, day: int) -> str:
    return f"{day} {MONTHS[month - 1]}" + ("" if year is None else f" {year}")


def _check_day(year: int | None, month: int, day: int) -> None:
    most = days_in(2000 if year is None else year, month)
    if 1 <= day <= most:
        return
    name = MONTHS[month - 1]
    if month != 2:
        hint = f"{name} has {most} days"
    elif year is None:
        hint = "February has 28 days, in leap years 29"
    else:
        hint = f"February {year} has {most} days"
    in_year = f" in {year}" if (month, day) == (2, 29) else ""
    raise BadValue(f"there is no {day} {name}{in_year}", hint)
