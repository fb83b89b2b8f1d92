from __future__ import annotations

from typing import Any

import pytest

from dossier.errors import NotFound
from dossier.services.brief import TALKS, brief
from dossier.services.session import Session
from dossier.store.catalog import (
    Account,
    Fact,
    Interaction,
    Occasion,
    Participant,
    Person,
    Promise,
    PromiseMove,
    Relative,
    Step,
)
from tests.conftest import TODAY

DAY = TODAY.isoformat()


def fact(text: str, kind: str, confirmed_on: str, person_id: int | None = None) -> Fact:
    return Fact(
        account_id=1,
        person_id=person_id,
        text=text,
        kind=kind,
        learned_on="2024-01-05",
        confirmed_on=confirmed_on,
    )


def promise(title: str, due_on: str, **more: Any) -> Promise:
    return Promise(account_id=1, made_on="2026-12-01", due_on=due_on, title=title, **more)


@pytest.fixture
def book(session: Session) -> Session:
    """An account that was talked to, promised and asked; its people in three scripts; and another account."""
    with session.change("add") as transaction:
        for record in (
            Account(name="Quang học Hà Nội", created_on="2026-01-05", tier="key", industry="optics"),
            Account(name="Other", created_on="2026-01-05"),
            Person(
                account_id=1,
                name="Trần Văn Minh",
                created_on=DAY,
                gender="m",
                role="decision-maker",
                language="vi",
            ),
            Person(
                account_id=1, name="王小明", created_on=DAY, title="Dr", role="sponsor", birthday="1977-03-12"
            ),
            Person(account_id=1, name="Zora Marsh", created_on=DAY, birthday="1980-03-08"),
            Person(account_id=1, name="Anna Pike", created_on=DAY, birthday="--09-09"),
            Person(account_id=2, name="Lan Petrova", created_on=DAY, birthday="--03-11"),
            fact("sails", "interest", "2026-12-01", 1),
            fact("hates slides", "preference", "2027-01-01", 1),
            fact("wants one page", "decision", "2025-01-01", 1),
            fact("bad knee", "health", "2027-01-01", 1),
            fact("budget closes in May", "business", "2027-02-01"),
            Relative(person_id=1, name="Mai", relation="daughter", birthday="2008-02-29"),
            Occasion(account_id=1, kind="founding", date="1999-04-01", title="founding of the works"),
            Occasion(account_id=1, kind="holiday", date="--09-02"),
            *(
                Interaction(account_id=1, at=f"2027-02-{day:02}", subject=f"talk {day}")
                for day in range(1, 9)
            ),
            Interaction(account_id=2, at=DAY, subject="elsewhere"),
            Participant(interaction_id=2, person_id=1),
            Participant(interaction_id=8, person_id=4),
            promise("the quote", "2027-03-08", person_id=1),
            promise("the samples", "2027-04-01"),
            promise("kept in time", "2027-01-01", state="kept", settled_on="2026-12-20"),
            promise("kept late", "2027-01-01", state="kept", settled_on="2027-01-02"),
            promise("their order", "2027-03-01", by="them"),
            PromiseMove(
                promise_id=2, from_on="2027-03-01", to_on="2027-04-01", moved_on="2027-02-27", because="ill"
            ),
            Step(account_id=1, created_on=DAY, due_on="2027-03-12", title="call the lab"),
            Step(account_id=1, created_on=DAY, due_on=DAY, title="done", state="done", done_on=DAY),
        ):
            transaction.insert(record)
    return session


def test_its_shape(book: Session) -> None:
    assert list(brief(book, "a1")) == [
        "today", "account", "met", "days_over", "kept_rate", "people", "talks", "promises", "steps", "facts", "dates",
        "missing", "complete",
    ]  # fmt: skip


def test_people_come_by_their_part_in_decisions_and_are_addressed_rightly(book: Session) -> None:
    people = brief(book, "a1")["people"]
    assert [(one["name"], one["address_as"], one["last_talk_on"]) for one in people] == [
        ("王小明", "王博士", None),
        ("Trần Văn Minh", "anh Minh", "2027-02-02"),
        ("Anna Pike", "Anna Pike", "2027-02-08"),
        ("Zora Marsh", "Zora Marsh", None),
    ]


def test_who_is_met_comes_first_with_their_own_talks(book: Session) -> None:
    shape = brief(book, "minh")
    assert shape["met"] == 1
    assert shape["people"][0]["name"] == "Trần Văn Minh"
    assert [talk["subject"] for talk in shape["talks"]] == ["talk 2"]


def test_who_was_never_talked_to_gets_the_account_s_talks(book: Session) -> None:
    assert [talk["subject"] for talk in brief(book, "zora")["talks"]] == [
        f"talk {day}" for day in (8, 7, 6, 5, 4)
    ]


def test_the_last_talks_are_the_newest(book: Session) -> None:
    talks = brief(book, "a1")["talks"]
    assert len(talks) == TALKS
    assert (talks[0]["subject"], talks[0]["with"]) == ("talk 8", ["Anna Pike"])


def test_the_clock_and_the_rate_of_promises_kept(book: Session) -> None:
    shape = brief(book, "a1")
    assert shape["days_over"] == 30 - 14
    assert shape["kept_rate"] == pytest.approx(1 / 3)
    empty = brief(book, "a2")
    assert (empty["days_over"], empty["kept_rate"]) == (-60, None)


def test_open_promises_both_ways_and_next_steps(book: Session) -> None:
    shape = brief(book, "a1")
    assert [(one["title"], one["days_late"], one["notified"]) for one in shape["promises"]["us"]] == [
        ("the quote", 2, False),
        ("the samples", -22, False),
    ]
    assert [(one["title"], one["days_late"]) for one in shape["promises"]["them"]] == [("their order", 9)]
    assert [one["title"] for one in shape["steps"]] == ["call the lab"]


def test_facts_say_what_they_are_good_for(book: Session) -> None:
    facts = brief(book, "a1")["facts"]
    assert [(one["person"], one["text"], one["use"], one["age_days"], one["stale"]) for one in facts] == [
        ("Trần Văn Minh", "sails", "talk", 99, False),
        ("Trần Văn Minh", "hates slides", "talk", 68, False),
        ("Trần Văn Minh", "wants one page", "ask again", 798, True),
        ("Trần Văn Minh", "bad knee", "consider", 68, False),
        (None, "budget closes in May", "talk", 37, False),
    ]


def test_dates_to_come_and_birthdays_just_passed(book: Session) -> None:
    dates = brief(book, "a1")["dates"]
    assert [(one["person"], one["what"], one["on"], one["days"], one["why"]) for one in dates] == [
        ("Trần Văn Minh", "birthday of Mai (daughter)", "2027-02-28", -10, "turned 19 10 days ago"),
        ("Zora Marsh", "birthday", "2027-03-08", -2, "turned 47 2 days ago"),
        ("王小明", "birthday", "2027-03-12", 2, "turns 50 in 2 days"),
        (None, "founding of the works", "2027-04-01", 22, "founding day in 22 days, the 28th"),
    ]


def test_questions_take_turns_between_account_and_people(book: Session) -> None:
    missing = brief(book, "a1")["missing"]
    assert [one["person"] for one in missing[:6]] == [
        None, "王小明", "Trần Văn Minh", "Anna Pike", "Zora Marsh", None,
    ]  # fmt: skip
    assert missing[0]["question"] == "What does Quang học Hà Nội need, and how much of it?"
    assert not any("What part does Trần Văn Minh" in one["question"] for one in missing)


def test_questions_about_who_is_met_come_first_and_others_do_not(book: Session) -> None:
    shape = brief(book, "minh")
    asked = [one["person"] for one in shape["missing"]]
    assert asked == sorted(asked, key=lambda name: name is None)
    assert set(asked) == {"Trần Văn Minh", None}
    assert "When is Trần Văn Minh's birthday?" in [one["question"] for one in shape["missing"]]
    assert 0 < shape["complete"] < 100


def test_an_account_of_which_little_is_known_has_a_brief_too(book: Session) -> None:
    shape = brief(book, "other")
    assert (shape["facts"], shape["steps"], shape["promises"]) == ([], [], {"us": [], "them": []})
    assert [one["why"] for one in shape["dates"]] == ["birthday tomorrow"]


def test_nobody_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        brief(session, "nobody")
