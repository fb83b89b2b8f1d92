"""The brief chooses what to talk about and what to ask again (A3, A10)."""

from __future__ import annotations

from datetime import date, timedelta

from dossier.domain.brief import Known, Topics, topics
from dossier.domain.vocabulary import FactKind

TODAY = date(2026, 3, 4)


def fact(id: int, kind: FactKind, days_ago: int | None) -> Known:
    return Known(id, kind, None if days_ago is None else TODAY - timedelta(days=days_ago))


def ids(facts: list[Known]) -> list[int]:
    return [known.id for known in facts]


def test_what_opens_a_conversation_comes_first_and_the_newest_of_it() -> None:
    chosen = topics(
        [
            fact(1, FactKind.BUSINESS, 1),
            fact(2, FactKind.INTEREST, 90),
            fact(3, FactKind.INTEREST, 30),
            fact(4, FactKind.FAMILY, 2),
        ],
        TODAY,
    )
    assert ids(chosen.fresh) == [3, 2, 4, 1]
    assert chosen.ask_again == []


def test_what_is_old_is_asked_again_the_oldest_first() -> None:
    chosen = topics(
        [
            fact(1, FactKind.INTEREST, 400),
            fact(2, FactKind.VALUE, None),
            fact(3, FactKind.FAMILY, 900),
            fact(4, FactKind.FAMILY, 365),
        ],
        TODAY,
    )
    assert ids(chosen.ask_again) == [2, 3, 1]
    assert ids(chosen.fresh) == [4]


def test_health_is_no_topic() -> None:
    assert topics([fact(1, FactKind.HEALTH, 1), fact(2, FactKind.HEALTH, 900)], TODAY) == Topics([], [])


def test_a_brief_is_short() -> None:
    many = [fact(number, FactKind.INTEREST, number) for number in range(20)]
    assert ids(topics(many, TODAY).fresh) == [0, 1, 2, 3, 4]
    assert ids(topics(many, TODAY, most=2).fresh) == [0, 1]
