"""What people read where programs get a bare value: `locked`, ages and dates in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from dossier.cli.invocation import Invocation
from dossier.cli.output import LOCKED, Column, Shape, as_text
from dossier.domain.completeness import age_words
from dossier.domain.occasions import upcoming, wording
from dossier.domain.partial_date import PartialDate
from dossier.domain.text import count_of, one_line
from dossier.services.shapes import day


def secret(key: str) -> Callable[[Shape], str]:
    """The value of a secret field; `locked` where the vault hides it."""

    def cell(shape: Shape) -> str:
        if shape[key] is None and shape.get("locked"):
            return LOCKED
        return as_text(shape[key])

    return cell


def age(fact: Shape, today: date) -> str:
    """How long ago a fact was confirmed: `7 months ago`, `2 years ago, ask again` (A10)."""
    return age_words(day(fact["confirmed_on"]), today)


def size_words(size: int) -> str:
    """A number of bytes as people read it: `1 byte`, `812 bytes`, `12.3 kB`, `2.1 GB`."""
    for unit, bytes_ in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= bytes_:
            return f"{size / bytes_:.1f} {unit}"
    return count_of(size, "byte")


def late_alone(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Columns for people: how late something is, but nothing where programs read how many days are left (`-3`)."""
    return tuple(Column("late", _days_late, "word") if one.value == "days_late" else one for one in columns)


def _days_late(shape: Shape) -> str:
    days = shape["days_late"]
    return as_text(days) if days and days > 0 else ""


def attached(shape: Shape) -> str:
    """An attachment among what is told of its interaction: `3 minutes.txt`."""
    return f"{shape['id']} {one_line(shape['name'] or LOCKED)}"


def kept(run: Invocation, kind: str, text: str) -> str:
    """A birthday or another date, and when it is kept next: `1975-04-12, turns 52 in 33 days`."""
    coming = upcoming(PartialDate.parse(text), run.today, 366, run.config["leap_day"])
    return f"{text}, {wording(kind, coming)}" if coming else text
