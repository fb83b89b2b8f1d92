"""The JSON of every record: the shapes that scripts rely on (design: "JSON is a promise"), each in one place.

What is locked is null, and the object carries `locked: true`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from dossier.domain import cadence
from dossier.domain.vocabulary import Tier
from dossier.store.catalog import Account
from dossier.store.record import Record
from dossier.store.views import Figures

Shape = dict[str, Any]
Names = Mapping[int, str]
"""Names of people or accounts by id."""


def day(text: str | None) -> date | None:
    """The date of a stored ISO day."""
    return date.fromisoformat(text) if text else None


def with_lock(shape: Shape, locked: bool) -> Shape:
    """The shape, saying so if something in it is hidden."""
    return {**shape, "locked": True} if locked else shape


def fields_of(record: Record, *names: str) -> Shape:
    """Some fields under their own names."""
    return {name: getattr(record, name) for name in names}


def account(record: Account, figures: Figures, today: date, locked: bool) -> Shape:
    """An account as `account list` gives it. `cadence_days` is the one in force; null while locked."""
    last = day(figures.last_contact_on)
    return with_lock(
        {
            "id": record.id,
            "name": record.name,
            "tier": record.tier,
            "status": record.status,
            "cadence_days": None if locked else cadence.cadence_of(Tier(record.tier), record.cadence_days),
            "last_contact_on": figures.last_contact_on,
            "days_since_contact": (today - last).days if last else None,
            "open_promises": figures.open_promises,
            "overdue_promises": figures.overdue_promises,
        },
        locked,
    )


PROFILE = (
    "industry", "country", "language", "website", "address", "industry_position", "influence", "business_model",
    "financial_strength", "credit", "willingness", "demand", "strengths", "weak_points", "growth_areas", "market",
    "note",
)  # fmt: skip
"""The secret profile fields of an account (A1), in the order in which they print."""


def account_in_full(record: Account, figures: Figures, today: date, locked: bool) -> Shape:
    """An account as `show` and the writing commands give it: with its profile."""
    return {
        **account(record, figures, today, locked),
        **fields_of(record, "aliases", "tags", "mails", "phones", "created_on", *PROFILE),
    }
