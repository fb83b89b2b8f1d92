"""What a birthday must be, whoever's it is: a date whose parts may be unknown, and not one still to come (A3)."""

from __future__ import annotations

from datetime import date
from typing import Any

from dossier.domain.faults import BadValue
from dossier.domain.partial_date import PartialDate


def check(values: dict[str, Any], today: date) -> None:
    """Raise BadValue if the birthday among `values`, in its stored form, lies ahead: mostly a slip in the year."""
    if values.get("birthday") is None:
        return
    year, month, day = PartialDate.parse(values["birthday"])
    if year is not None and (year, month or 1, day or 1) > (today.year, today.month, today.day):
        raise BadValue(
            "that birthday is still to come", "check its year; leave it out where it is not known: 12 Apr"
        )
