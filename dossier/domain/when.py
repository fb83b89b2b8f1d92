"""Dates and spans in people's words: `fri`, `in 3 weeks`, `31.12`, `eom`.

English and figures only; words it does not know raise `UnknownWords`, so that a service may ask a library
that speaks other languages. Case, accents and extra space make no difference. A due date looks forward, the
day on which something happened looks back:

    words                                  forward                             back
    2026-12-31, 24 dec 2026                that day                            that day
    31.12, 24 dec, dec 24, 25/12           the next one, or today              the latest one, or today
    today, tomorrow, yesterday             as they say                         as they say
    fri, friday                            the first Friday after today        the last Friday before today
    this fri                               the same, but today counts          the same, but today counts
    next fri, coming fri                   the first Friday after today        as forward
    last fri                               the last Friday before today        as forward
    in 3 weeks, +3w, in a month            that far ahead                      as forward
    3 weeks ago, -3w                       that far back                       as forward
    3 weeks, 3w                            that far ahead                      that far back
    eow (Friday), eom, eoq, eoy            the coming end, or today            the latest end, or today
    next week, month, quarter, year        its first day (Monday, the 1st)     as forward

Units are d, w, m (month), q, y and their words. Counting in months stops at the end of a shorter month: a
month after 31 January is 28 February. 29 February without a year is the next, or latest, that exists.
"""

from __future__ import annotations

import re
from datetime import MAXYEAR, MINYEAR, date, timedelta
from typing import Literal

from dossier.domain.faults import BadValue
from dossier.domain.partial_date import NotADate, PartialDate, days_in
from dossier.domain.text import fold, one_line

Look = Literal["forward", "back"]

_EXAMPLES = "write fri, in 3 weeks, 31.12, 24 dec 2026, eom or 2026-12-31"

_DAYS = {"today": 0, "tomorrow": 1, "yesterday": -1}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FRIDAY = 4
# Days or months in each unit; every spelling of a unit begins with its first letter.
_DAY_UNITS = {"d": 1, "w": 7}
_MONTH_UNITS = {"m": 1, "q": 3, "y": 12}
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}

_UNIT = r"(?P<unit>d|days?|w|wks?|weeks?|m|mo|months?|q|quarters?|y|yrs?|years?)"
_NUMBER = rf"(?:(?P<figure>\d{{1,5}}) ?|(?P<word>{'|'.join(_NUMBERS)}) )"
_SPAN = rf"(?P<ahead>in |\+ ?)?(?P<minus>- ?)?{_NUMBER}{_UNIT}(?P<ago> ago)?"
_PERIOD = r"(?P<which>eo|next )(?P<unit>[wmqy]|week|month|quarter|year)"
_WEEKDAY = r"(?:(?P<which>this|next|coming|last) )?(?P<name>[a-z]{3,})"


class UnknownWords(BadValue):
    """The words are no date in English; in another language they may be one."""


def parse_when(text: str, today: date, *, look: Look = "forward", day_first: bool | None = None) -> date:
    """The day that `text` means, seen from `today`; the module says what each form means.

    `day_first` decides how `03/04` is read; without it such a date is refused with both readings in the hint.
    Raises BadValue for a day that does not exist or is not named, and its subclass UnknownWords.
    """
    words = fold(text)
    if words in _DAYS:
        return _shifted(today, days=_DAYS[words])
    if found := re.fullmatch(_SPAN, words):
        return _after_span(found, today, look)
    if found := re.fullmatch(_PERIOD, words):
        return _in_period(found["which"], found["unit"][0], today, look)
    if (found := re.fullmatch(_WEEKDAY, words)) and (weekday := _weekday_named(found["name"])) is not None:
        return _on_weekday(weekday, found["which"], today, look)
    try:
        written = PartialDate.parse(text, day_first=day_first)
    except NotADate:
        raise UnknownWords(f'"{one_line(text)}" is no date', _EXAMPLES) from None
    return _of_written(written, text, today, look)


def parse_duration(text: str) -> timedelta:
    """A span such as `2h`, `30m`, `1d` or `1h30m` (days, hours, minutes, seconds); raises BadValue."""
    words = fold(text)
    found = re.fullmatch(r"(?:(\d{1,4})d)? ?(?:(\d{1,4})h)? ?(?:(\d{1,4})m)? ?(?:(\d{1,4})s)?", words)
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0, 0)
    span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not span:
        raise BadValue(f'"{one_line(text)}" is no length of time', "write 30m, 2h, 1h30m or 1d")
    return span


def _weekday_named(name: str) -> int | None:
    """0 for Monday; `fri`, `tues`, `thurs` and whole names."""
    return next((number for number, weekday in enumerate(_WEEKDAYS) if weekday.startswith(name)), None)


def _on_weekday(weekday: int, which: str | None, today: date, look: Look) -> date:
    back = which == "last" or (look == "back" and which in (None, "this"))
    distance = (today.weekday() - weekday) % 7 if back else (weekday - today.weekday()) % 7
    if distance == 0 and which != "this":
        distance = 7
    return _shifted(today, days=-distance if back else distance)


def _after_span(found: re.Match[str], today: date, look: Look) -> date:
    told_ahead, told_back = bool(found["ahead"]), bool(found["minus"] or found["ago"])
    if told_ahead and told_back:
        raise BadValue(f'"{found[0]}" points both ways', _EXAMPLES)
    count = int(found["figure"]) if found["figure"] else _NUMBERS[found["word"]]
    if told_back or (look == "back" and not told_ahead):
        count = -count
    unit = found["unit"][0]
    if unit in _DAY_UNITS:
        return _shifted(today, days=count * _DAY_UNITS[unit])
    return _shifted(today, months=count * _MONTH_UNITS[unit])


def _in_period(which: str, unit: str, today: date, look: Look) -> date:
    if unit == "w":
        if which == "eo":
            return _on_weekday(_FRIDAY, "this", today, look)
        return _shifted(today, days=7 - today.weekday())
    length = _MONTH_UNITS[unit]
    first = date(today.year, (today.month - 1) // length * length + 1, 1)
    if which != "eo":
        return _shifted(first, months=length)
    last_month = _shifted(first, months=length - 1)
    end = last_month.replace(day=days_in(last_month.year, last_month.month))
    return end if look == "forward" or end == today else _shifted(first, days=-1)


def _of_written(written: PartialDate, text: str, today: date, look: Look) -> date:
    if written.month is None or written.day is None:
        raise BadValue(f'"{one_line(text)}" names no day', _EXAMPLES)
    if written.year is not None:
        return date(written.year, written.month, written.day)
    step = 1 if look == "forward" else -1
    # 29 February comes every fourth year, but for 2100 and its like every eighth.
    for year in range(max(MINYEAR, today.year - 8), min(MAXYEAR, today.year + 8) + 1)[::step]:
        if (written.month, written.day) == (2, 29) and days_in(year, 2) == 28:
            continue
        day = date(year, written.month, written.day)
        if (day >= today) if look == "forward" else (day <= today):
            return day
    raise _beyond_calendar()


def _shifted(day: date, *, days: int = 0, months: int = 0) -> date:
    """`day` moved; in months it stays within a shorter month."""
    month_number = day.year * 12 + day.month - 1 + months
    year, month = month_number // 12, month_number % 12 + 1
    if not MINYEAR <= year <= MAXYEAR:
        raise _beyond_calendar()
    try:
        return date(year, month, min(day.day, days_in(year, month))) + timedelta(days=days)
    except OverflowError:
        raise _beyond_calendar() from None


def _beyond_calendar() -> BadValue:
    return BadValue("that day is beyond the calendar", "years run from 0001 to 9999")
