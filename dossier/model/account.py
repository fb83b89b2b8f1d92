"""The client company."""

from __future__ import annotations

from typing import ClassVar

from dossier.domain.cadence import LONGEST_CADENCE_DAYS
from dossier.domain.vocabulary import AccountStatus, Tier
from dossier.model.fields import Day, Line, Lines, Noun, Text, agenda, plain, secret


class Account(Noun):
    """A client company with its profile (A1)."""

    table_id: ClassVar[int] = 1
    search_fields: ClassVar[tuple[str, ...]] = ("name", "aliases", "mails", "phones")

    name: Line = plain()
    aliases: Lines = plain([])
    tier: Tier = plain(Tier.STANDARD)
    status: AccountStatus = plain(AccountStatus.ACTIVE)
    tags: Lines = plain([])
    mails: Lines = plain([])
    phones: Lines = plain([])
    created_on: Day = plain()

    cadence_days: int | None = agenda(ge=1, le=LONGEST_CADENCE_DAYS)

    industry: Line | None = secret()
    country: Line | None = secret()
    language: Line | None = secret()
    website: Line | None = secret()
    address: Text | None = secret()
    industry_position: Text | None = secret()
    influence: Text | None = secret()
    business_model: Text | None = secret()
    financial_strength: Text | None = secret()
    credit: Text | None = secret()
    willingness: Text | None = secret()
    demand: Text | None = secret()
    strengths: Text | None = secret()
    weak_points: Text | None = secret()
    growth_areas: Text | None = secret()
    market: Text | None = secret()
    note: Text | None = secret()
