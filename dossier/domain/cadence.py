"""Cadence: the longest an account may go without contact (B4)."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from dossier.domain.vocabulary import Tier

CADENCE_DAYS = {Tier.KEY: 14, Tier.STRATEGIC: 21, Tier.PROSPECT: 30, Tier.STANDARD: 60}
LONGEST_CADENCE_DAYS = 3650


def cadence_of(tier: Tier, own: int | None = None) -> int:
    """The account's own cadence in days where it has one, else its tier's (B4)."""
    return CADENCE_DAYS[tier] if own is None else own


class Clock(NamedTuple):
    """How long an account has waited, against how long it may; any interaction sets it back (B4)."""

    days_since: int
    cadence_days: int

    @property
    def days_over(self) -> int:
        """Days beyond the cadence; negative while there is time, 0 on the last day that is still in time."""
        return self.days_since - self.cadence_days

    @property
    def ratio(self) -> float:
        """Waiting time in units of the cadence, so that accounts of different tiers compare."""
        return self.days_since / self.cadence_days

    @property
    def overdue(self) -> bool:
        """Whether the account has waited longer than it may."""
        return self.days_over > 0


def clock(cadence_days: int, last_contact_on: date | None, created_on: date, today: date) -> Clock:
    """The clock of an account: it runs from the last interaction, else from the day it was created (B4)."""
    return Clock((today - (last_contact_on or created_on)).days, cadence_days)
