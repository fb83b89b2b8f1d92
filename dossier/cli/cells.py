"""What people read where programs get a bare value: `locked`, ages and dates in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from dossier.cli.invocation import Invocation
from dossier.cli.output import LOCKED, Shape, as_text
from dossier.domain.completeness import age_words
from dossier.domain.occasions import upcoming, wording
from dossier.domain.partial_date import PartialDate
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


def kept(run: Invocation, kind: str, text: str) -> str:
    """A birthday or another date, and when it is kept next: `1975-04-12, turns 52 in 33 days`."""
    coming = upcoming(PartialDate.parse(text), run.today, 366, run.config["leap_day"])
    return f"{text}, {wording(kind, coming)}" if coming else text
