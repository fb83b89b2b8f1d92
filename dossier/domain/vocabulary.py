"""The closed word lists of the practice, each word as it is stored, typed and printed."""

from __future__ import annotations

from enum import StrEnum


class Tier(StrEnum):
    """How much an account matters (A5); sets its cadence (B4) and whether its occasions show (A3)."""

    KEY = "key"
    STRATEGIC = "strategic"
    STANDARD = "standard"
    PROSPECT = "prospect"


class AccountStatus(StrEnum):
    """Whether we work with the account at all; only active accounts fall due for contact."""

    ACTIVE = "active"
    DORMANT = "dormant"
    FORMER = "former"


class Role(StrEnum):
    """A person's part in the decision-making unit (A4)."""

    SPONSOR = "sponsor"
    DECISION_MAKER = "decision-maker"
    CHAMPION = "champion"
    INFLUENCER = "influencer"
    TECHNICAL = "technical"
    FINANCIAL = "financial"
    HR = "hr"
    USER = "user"
    GATEKEEPER = "gatekeeper"
    BLOCKER = "blocker"


class Gender(StrEnum):
    """Only asked for where a form of address needs it (A2)."""

    FEMALE = "f"
    MALE = "m"


class FactKind(StrEnum):
    """What a fact is about (A3, A1)."""

    INTEREST = "interest"
    FAMILY = "family"
    VALUE = "value"
    PERSONALITY = "personality"
    PREFERENCE = "preference"
    DECISION = "decision"
    CAREER = "career"
    HEALTH = "health"
    BUSINESS = "business"
    OTHER = "other"


class OccasionKind(StrEnum):
    """A date to remember (A3, B5)."""

    ANNIVERSARY = "anniversary"
    NAMEDAY = "nameday"
    HOLIDAY = "holiday"
    FOUNDING = "founding"
    JUBILEE = "jubilee"
    OTHER = "other"


class Channel(StrEnum):
    """The way an interaction took place (B1)."""

    CALL = "call"
    MEETING = "meeting"
    VISIT = "visit"
    MAIL = "mail"
    MESSAGE = "message"
    EVENT = "event"
    LETTER = "letter"


class Direction(StrEnum):
    """Who reached out: `in` is the client to us, `out` is us to the client (B1, B4)."""

    IN = "in"
    OUT = "out"


class By(StrEnum):
    """Whose word it is (B2)."""

    US = "us"
    THEM = "them"


class PromiseState(StrEnum):
    """The life of a promise (B2); a move changes its date, never its state."""

    OPEN = "open"
    KEPT = "kept"
    WITHDRAWN = "withdrawn"


class StepState(StrEnum):
    """The life of a next step (B1)."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class ItemKind(StrEnum):
    """The kinds of agenda item, in the words that scripts rely on."""

    PROMISE_OVERDUE = "promise_overdue"
    PROMISE_DUE = "promise_due"
    CASE_DUE = "case_due"
    PROPOSAL_STEP = "proposal_step"
    PROPOSAL_EXPIRING = "proposal_expiring"
    TENDER_MILESTONE = "tender_milestone"
    OCCASION = "occasion"
    CADENCE = "cadence"
    NEXT_STEP = "next_step"
    TRIP = "trip"
    STALE = "stale"
