"""The brief: of all that is known of a person, what to talk about and what to ask again (A3, A10)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from dossier.domain.completeness import is_stale
from dossier.domain.vocabulary import FactKind

# What opens a conversation, then what serves the deal. Health is known to be considerate, not to bring it up.
_TOPICS = (
    FactKind.INTEREST, FactKind.FAMILY, FactKind.CAREER, FactKind.PREFERENCE, FactKind.VALUE,
    FactKind.DECISION, FactKind.PERSONALITY, FactKind.BUSINESS, FactKind.OTHER,
)  # fmt: skip


class Known(NamedTuple):
    """A fact as the brief weighs it; `confirmed_on` is the day it was confirmed last, else learned."""

    id: int
    kind: FactKind
    confirmed_on: date | None


class Topics(NamedTuple):
    """Facts chosen for a meeting: `fresh` to talk about, `ask_again` to have confirmed."""

    fresh: list[Known]
    ask_again: list[Known]


def topics(facts: Iterable[Known], today: date, most: int = 5) -> Topics:
    """At most `most` facts of each sort.

    Fresh ones come by kind, what opens a conversation first, the newest first within a kind; stale ones the
    oldest first, as these are the likeliest to be wrong.
    """
    usable = [fact for fact in facts if fact.kind in _TOPICS]
    stale = [fact for fact in usable if is_stale(fact.confirmed_on, today)]
    fresh = [fact for fact in usable if not is_stale(fact.confirmed_on, today)]
    fresh.sort(key=lambda fact: (_TOPICS.index(fact.kind), -_day_number(fact), fact.id))
    stale.sort(key=lambda fact: (_day_number(fact), fact.id))
    return Topics(fresh[:most], stale[:most])


def _day_number(fact: Known) -> int:
    """A fact that was never confirmed counts as the oldest of all."""
    return fact.confirmed_on.toordinal() if fact.confirmed_on else 0
