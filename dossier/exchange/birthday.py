"""Birthdays as address books write them, brought to the canonical form of a partial date (A3)."""

from __future__ import annotations

import re

from dossier.domain.faults import BadValue
from dossier.domain.partial_date import PartialDate
from dossier.exchange.contact import RowRefused

UNREADABLE = "birthday cannot be read"
AMBIGUOUS = "birthday could be day/month or month/day: say --day-first or --month-first"

_PLACEHOLDER_YEAR = "1604"
"""What Apple's address book writes for an unknown year, also without saying so: a leap year, and nobody's."""

_LONGEST = 60
"""Characters in a date; a longer text is none, and not worth the time of the patterns below."""

_TIME = re.compile(
    r"(?:(?<=\d)T|\s+)\d{1,2}:?\d{2}(?::?\d{2}(?:\.\d+)?)?\s*(?:[AP]M)?(?:Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE
)
_DAY = re.compile(r"(?P<day>.*?\d)(?:" + _TIME.pattern + r"|\s*г\.?)?", re.IGNORECASE)
_BLANK = re.compile(r"[0/.-]*(?:" + _TIME.pattern + ")?", re.IGNORECASE)
_SLASHED = re.compile(r"(\d{1,2})[-/](\d{1,2})(?:[-/]\d{4})?")


def read_birthday(text: str, *, day_first: bool | None = None, omitted_year: str = "") -> str | None:
    """The canonical partial date (`1975-04-12`, `--04-12`, `1975-04`, …) that `text` means; None for a blank.

    `day_first` settles 03/04/1980; None refuses it. 1604, or else `omitted_year`, stands for an unknown year
    and Outlook's 0/0/00 for a blank. A time of day is dropped. Raises `RowRefused`, without naming the text,
    for what cannot be read.
    """
    text = text.strip()
    if len(text) > _LONGEST:
        raise RowRefused(UNREADABLE)
    if _BLANK.fullmatch(text):
        return None
    text = _without_time(text)
    try:
        date = PartialDate.parse(text, day_first=day_first)
        if f"{date.year}" in (_PLACEHOLDER_YEAR, omitted_year):
            date = PartialDate.of(None, date.month, date.day)
    except BadValue:
        found = _SLASHED.fullmatch(text)
        ambiguous = found is not None and all(1 <= int(part) <= 12 for part in found.groups())
        raise RowRefused(AMBIGUOUS if ambiguous else UNREADABLE) from None
    return str(date)


def is_day_first(text: str) -> bool:
    """Whether this date alone tells that its writer puts the day before the month: 25/04/1980."""
    found = _SLASHED.fullmatch(_without_time(text.strip())) if len(text) <= _LONGEST else None
    return found is not None and int(found[1]) > 12 >= int(found[2])


def _without_time(text: str) -> str:
    """The date itself, without a time of day and without the year's sign that Bulgarian puts behind it."""
    found = _DAY.fullmatch(text)
    return found["day"] if found else text
