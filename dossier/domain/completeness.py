"""How complete and how fresh a dossier is, and what to ask next time (A10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from dossier.domain.text import count_of, in_days

STALE_AFTER_DAYS = 365


class Want(NamedTuple):
    """One thing that a full dossier knows.

    Any of `fields` answers it; `weight` is 1, or 2 for what makes the most difference; `{name}` in the
    question stands for the person or account.
    """

    fields: tuple[str, ...]
    weight: int
    question: str


# Fields of the person, and kinds of fact (FactKind) by their word; `relatives` are those on file.
PERSON_WANTS = (
    Want(("role",), 2, "What part does {name} play in decisions?"),
    Want(("mails", "phones", "private_mails", "private_phones"), 2, "How can {name} be reached?"),
    Want(("birthday",), 2, "When is {name}'s birthday?"),
    Want(("decision",), 2, "How does {name} decide, and what counts most?"),
    Want(("interest",), 2, "What does {name} like to do and to talk about?"),
    Want(("position",), 1, "What is {name}'s position?"),
    Want(("address_as", "title", "gender"), 1, "How does {name} like to be addressed?"),
    Want(("language",), 1, "Which language does {name} prefer?"),
    Want(("relatives", "family"), 1, "Does {name} have a family, and which dates matter to them?"),
    Want(("value", "personality"), 1, "What matters most to {name}?"),
    Want(("preference",), 1, "What does {name} prefer, and what should be avoided?"),
    Want(("career",), 1, "Where does {name} come from, and what comes next?"),
)

# The profile (A1), in the order in which a conversation can reach it.
ACCOUNT_WANTS = (
    Want(("industry",), 2, "Which industry is {name} in?"),
    Want(("demand",), 2, "What does {name} need, and how much of it?"),
    Want(("business_model",), 2, "How does {name} earn its money?"),
    Want(("financial_strength",), 2, "How strong is {name} financially?"),
    Want(("willingness",), 2, "How willing is {name} to work with us?"),
    Want(("industry_position",), 1, "What is {name}'s place in its industry?"),
    Want(("influence",), 1, "Whom does {name} influence?"),
    Want(("credit",), 1, "How good are {name}'s credit and reputation?"),
    Want(("strengths",), 1, "What are {name}'s strengths?"),
    Want(("weak_points",), 1, "Where is {name} weak?"),
    Want(("growth_areas",), 1, "Where does {name} want to grow?"),
    Want(("market",), 1, "What is going on in {name}'s market and surroundings?"),
    Want(("country",), 1, "Which country is {name} in?"),
    Want(("language",), 1, "Which language is spoken at {name}?"),
    Want(("address",), 1, "What is {name}'s address?"),
    Want(("website",), 1, "What is {name}'s website?"),
)


def missing(wants: Sequence[Want], values: Mapping[str, object], name: str) -> list[str]:
    """The questions that the dossier leaves open, the weightiest first (A10).

    `values` maps fields, and kinds of fact, to what is known: anything empty or absent is not.
    """
    open_wants = [want for want in wants if not _answered(want, values)]
    return [want.question.format(name=name) for want in sorted(open_wants, key=lambda want: -want.weight)]


def share(wants: Sequence[Want], values: Mapping[str, object]) -> int:
    """How complete the dossier is, in whole percent by weight; 100 only when nothing is missing (A10)."""
    known = sum(want.weight for want in wants if _answered(want, values))
    return 100 * known // sum(want.weight for want in wants)


def is_stale(confirmed_on: date | None, today: date) -> bool:
    """Whether something has not been confirmed for over a year, or never was (A10)."""
    return confirmed_on is None or (today - confirmed_on).days > STALE_AFTER_DAYS


def age_words(confirmed_on: date | None, today: date) -> str:
    """How old a confirmation is: `3 days ago`, `7 months ago`, `2 years ago, ask again` (A10)."""
    if confirmed_on is None:
        return "never confirmed, ask"
    days = (today - confirmed_on).days
    if is_stale(confirmed_on, today):
        return f"{count_of(days // 365, 'year')} ago, ask again"
    if days < 14:
        return in_days(-days)
    return f"{count_of(days // 7, 'week') if days < 61 else count_of(days * 12 // 365, 'month')} ago"


def _answered(want: Want, values: Mapping[str, object]) -> bool:
    return any(values.get(field) for field in want.fields)
