"""Occasions: which birthdays and other dates to remember come near, and how that is said (A3, B5)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from dossier.domain.faults import BadValue
from dossier.domain.partial_date import LeapRule, PartialDate
from dossier.domain.text import in_days
from dossier.domain.vocabulary import OccasionKind, Tier

BIRTHDAY = "birthday"

# What is counted in years; a holiday or a name day of 2019 is only the day on which it was written down.
_COUNTED = frozenset((OccasionKind.ANNIVERSARY, OccasionKind.FOUNDING, OccasionKind.JUBILEE))
_SPOKEN = {OccasionKind.NAMEDAY: "name day", OccasionKind.FOUNDING: "founding day", OccasionKind.OTHER: ""}


class Upcoming(NamedTuple):
    """The next time a date is kept: `days` from today (0 is today), `years` since it began, where known."""

    on: date
    days: int
    years: int | None


def shows_for(tier: Tier, marked: bool) -> bool:
    """Whether a person's occasions show: people of key and strategic accounts, and whoever is marked (A3)."""
    return marked or tier in (Tier.KEY, Tier.STRATEGIC)


def check_birthday(birthday: str | None, today: date) -> None:
    """Raise BadValue if a birthday, in its stored form, lies ahead: mostly a slip in the year (A3)."""
    if birthday is None:
        return
    year, month, day = PartialDate.parse(birthday)
    if year is not None and (year, month or 1, day or 1) > (today.year, today.month, today.day):
        raise BadValue(
            "that birthday is still to come", "check its year; leave it out where it is not known: 12 Apr"
        )


def upcoming(day: PartialDate, today: date, lead_days: int, leap_rule: LeapRule = "feb28") -> Upcoming | None:
    """The next time `day` is kept, if that is within `lead_days` from today; None without month and day.

    The year's end is no border, and a date still to come for the first time is not kept before.
    """
    coming = day.next_on(today, leap_rule)
    if coming is None or (days := (coming - today).days) > lead_days:
        return None
    return Upcoming(coming, days, (coming.year - day.year or None) if day.year else None)


def month_days(today: date, lead_days: int, leap_rule: LeapRule = "feb28") -> frozenset[int]:
    """The keys (`PartialDate.month_day`) of every date kept from today through `lead_days` ahead.

    With it a calendar sorted by key yields its few candidates without reading the rest.
    """
    leap_day = PartialDate(None, 2, 29)
    last = min(lead_days, 366, (date.max - today).days)
    days = [today + timedelta(days=ahead) for ahead in range(last + 1)]
    kept_leap_day = {229} if any(day == leap_day.on(day.year, leap_rule) for day in days) else set()
    return frozenset({day.month * 100 + day.day for day in days} | kept_leap_day)


def wording(kind: str, coming: Upcoming) -> str:
    """Why it is on the agenda: `turns 50 in 3 days`, `birthday today`, `founding day tomorrow, the 25th`.

    `kind` is `BIRTHDAY` or an OccasionKind.
    """
    when = in_days(coming.days)
    if kind == BIRTHDAY:
        return f"{BIRTHDAY} {when}" if coming.years is None else f"turns {coming.years} {when}"
    said = f"{_SPOKEN.get(OccasionKind(kind), kind)} {when}".strip()
    return f"{said}, the {_ordinal(coming.years)}" if coming.years and kind in _COUNTED else said


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
