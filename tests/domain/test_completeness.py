"""What a dossier lacks is a question to ask (A10)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossier.domain.completeness import ACCOUNT_WANTS, PERSON_WANTS, Want, age_words, is_stale, missing, share
from dossier.domain.vocabulary import FactKind

TODAY = date(2026, 3, 4)
FIELDS = sorted({field for want in PERSON_WANTS for field in want.fields})


@pytest.mark.parametrize("wants", [PERSON_WANTS, ACCOUNT_WANTS])
def test_an_empty_dossier_asks_everything(wants: tuple[Want, ...]) -> None:
    assert share(wants, {}) == 0
    assert len(missing(wants, {}, "Anna")) == len(wants)
    assert share(wants, {want.fields[-1]: "known" for want in wants}) == 100


def test_the_questions_name_the_person_and_the_weightiest_come_first() -> None:
    known = {want.fields[0]: True for want in PERSON_WANTS} | {
        "birthday": None,
        "language": "",
    }
    assert missing(PERSON_WANTS, known, "Anna") == [
        "When is Anna's birthday?",
        "Which language does Anna prefer?",
    ]


def test_any_of_the_fields_answers_a_question() -> None:
    assert (
        share(PERSON_WANTS, {"private_phones": ["+49 30 123"]})
        == share(PERSON_WANTS, {"mails": ["a@b.c"]})
        > 0
    )
    assert share(PERSON_WANTS, {"mails": []}) == 0


def test_every_kind_of_fact_that_is_wanted_exists() -> None:
    fields_of_records = {
        "role", "mails", "phones", "private_mails", "private_phones", "birthday", "position",
        "address_as", "title", "gender", "language", "relatives",
    }  # fmt: skip
    assert set(FIELDS) - fields_of_records <= set(FactKind)


@given(st.sets(st.sampled_from(FIELDS)))
def test_complete_means_nothing_is_missing(known: set[str]) -> None:
    values = dict.fromkeys(known, "known")
    percent = share(PERSON_WANTS, values)
    assert 0 <= percent <= 100
    assert (percent == 100) == (missing(PERSON_WANTS, values, "Anna") == [])


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "today"),
        (1, "yesterday"),
        (13, "13 days ago"),
        (14, "2 weeks ago"),
        (60, "8 weeks ago"),
        (61, "2 months ago"),
        (365, "12 months ago"),
        (366, "1 year ago, ask again"),
        (800, "2 years ago, ask again"),
    ],
)
def test_age_in_words(days: int, words: str) -> None:
    assert age_words(TODAY - timedelta(days=days), TODAY) == words


def test_what_was_never_confirmed_is_stale() -> None:
    assert is_stale(None, TODAY)
    assert age_words(None, TODAY) == "never confirmed, ask"
    assert not is_stale(TODAY - timedelta(days=365), TODAY)
    assert is_stale(TODAY - timedelta(days=366), TODAY)
