"""Logging what happened: who, when, what came of it, and the cadence that starts anew (B1, B4)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dossier.domain.faults import BadValue, RuleBroken
from dossier.domain.limits import LINE_LIMIT, TEXT_LIMIT
from dossier.errors import NotFound, Refused
from dossier.services import accounts, interactions, promises, steps
from dossier.services.interactions import Made, Next
from dossier.services.session import Session
from dossier.store.catalog import Change, Interaction, Participant, Person


@pytest.fixture(autouse=True)
def _two_clients(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {"tier": "key"})
    accounts.add(session, "Varna Steel", {})
    with session.change("people") as transaction:
        for account_id, name in ((1, "Trần Thị Lan"), (1, "Nguyễn Minh"), (2, "Мария Иванова")):
            transaction.insert(Person(account_id=account_id, name=name, created_on="2027-01-01"))


def log(
    session: Session, ref: str = "hanoi", text: str | None = "spring order", **more: Any
) -> dict[str, Any]:
    return interactions.log(session, ref, text, more.pop("changes", {}), **more)


# --- What is recorded ------------------------------------------------------------------------------------------------


def test_a_log_is_a_call_of_today_unless_told(session: Session) -> None:
    assert log(session) == {
        "id": 1,
        "account": "Hanoi Optics",
        "account_id": 1,
        "at": "2027-03-10",
        "channel": "call",
        "direction": "out",
        "initiative": None,
        "subject": "spring order",
        "outcome": None,
        "note": None,
        "with": [],
        "promises": [],
        "next": None,
        "closed_steps": [],
        "attachments": [],
    }


def test_a_person_was_part_of_it_each_once_in_the_order_named(session: Session) -> None:
    assert log(session, "minh", participants=["lan", "p1", "minh"])["with"] == ["Nguyễn Minh", "Trần Thị Lan"]


def test_participants_are_people_of_the_account(session: Session) -> None:
    for stranger in ("Мария", "p3"):
        with pytest.raises(NotFound, match="at Hanoi Optics"):
            log(session, participants=[stranger])
    assert interactions.listed(session) == []


def test_it_happened_on_an_earlier_day_never_a_later_one(session: Session) -> None:
    assert log(session, on="last fri")["at"] == "2027-03-05"
    with pytest.raises(BadValue, match="has not come yet"):
        log(session, on="tomorrow")


def test_all_of_it_is_one_change(session: Session) -> None:
    before = len(session.reader.find(Change))
    log(session, participants=["lan"], made=[Made("send", "fri")], following=Next("call", "fri"))
    newest = session.reader.find(Change)[before:]
    assert [(one.command, one.summary) for one in newest] == [("log", "logged call with Hanoi Optics")]


def test_nothing_is_recorded_when_a_part_of_it_is_refused(session: Session) -> None:
    before = len(session.reader.find(Change))
    for more in (
        {"made": [Made("send", "fri"), Made("", "fri")]},
        {"made": [Made("send", "31 feb")]},
        {"following": Next("", "fri")},
        {"changes": {"channel": "smoke"}},
    ):
        with pytest.raises(BadValue):
            log(session, **more)
    assert interactions.listed(session) == []
    assert promises.listed(session) == []
    assert len(session.reader.find(Change)) == before


# --- Subject and note ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "subject", "note"),
    [
        (None, None, None),
        ("  ", None, None),
        (" spring order ", "spring order", None),
        ("x" * LINE_LIMIT, "x" * LINE_LIMIT, None),
        ("x" * (LINE_LIMIT + 1), "x" * 80 + "…", "x" * (LINE_LIMIT + 1)),
        ("Minutes\nall of them", "Minutes", "Minutes\nall of them"),
        ("Minutes\r\nall of them", "Minutes", "Minutes\r\nall of them"),
        ("a " * 60 + "\nb", "a " * 39 + "a…", "a " * 60 + "\nb"),
        ("\x1b[31mred\x1b[0m\nb", "red", "\x1b[31mred\x1b[0m\nb"),
        ("\x07\nb", None, "\x07\nb"),
    ],
)
def test_one_line_is_the_subject_of_more_the_beginning_is(
    session: Session, text: str | None, subject: str | None, note: str | None
) -> None:
    shape = log(session, text=text)
    assert (shape["subject"], shape["note"]) == (subject, note)


def test_a_long_text_and_a_note_are_both_kept(session: Session) -> None:
    assert log(session, text="a\nb", changes={"note": "c"})["note"] == "a\nb\n\nc"


def test_a_subject_given_as_such_wins(session: Session) -> None:
    shape = log(session, text="a\nb", changes={"subject": "minutes"})
    assert (shape["subject"], shape["note"]) == ("minutes", "a\nb")


def test_a_text_beyond_the_limit_is_refused(session: Session) -> None:
    with pytest.raises(BadValue, match="interaction note is 100,001 characters long"):
        log(session, text="x" * (TEXT_LIMIT + 1))


# --- What came of it -------------------------------------------------------------------------------------------------


def test_promises_and_the_next_step_belong_to_it_and_to_the_first_who_took_part(session: Session) -> None:
    shape = log(
        session,
        participants=["lan", "minh"],
        on="yesterday",
        made=[Made("send the quote", "fri"), Made("send samples", "eom")],
        following=Next("ask for the contract", "in 2 weeks"),
    )
    assert [(one["title"], one["due_on"], one["made_on"], one["person"]) for one in shape["promises"]] == [
        ("send the quote", "2027-03-12", "2027-03-09", "Trần Thị Lan"),
        ("send samples", "2027-03-31", "2027-03-09", "Trần Thị Lan"),
    ]
    assert shape["promises"] == promises.listed(session)
    assert shape["next"] == steps.get(session, 1)
    assert (shape["next"]["due_on"], shape["next"]["person"]) == ("2027-03-24", "Trần Thị Lan")


def test_a_promise_is_made_on_the_day_of_its_interaction(session: Session) -> None:
    assert log(session, on="last fri", made=[Made("x", "2027-03-06")])["promises"][0]["days_late"] == 4
    with pytest.raises(RuleBroken, match="before the promise was made, 2027-03-05"):
        log(session, on="last fri", made=[Made("x", "2027-03-04")])


def test_a_next_step_lies_ahead(session: Session) -> None:
    assert log(session, following=Next("x", "today"))["next"]["state"] == "open"
    with pytest.raises(BadValue, match="is in the past"):
        log(session, following=Next("x", "yesterday"))


def test_open_steps_whose_date_has_come_are_done_with_it(session: Session) -> None:
    for title, day in (("due today", "today"), ("due later", "fri"), ("dropped", "today")):
        steps.add(session, "hanoi", title, on=day)
    steps.drop(session, 3)
    steps.add(session, "varna", "of another client", on="today")
    shape = log(session, following=Next("new", "today"))
    assert [(one["title"], one["state"], one["done_on"]) for one in shape["closed_steps"]] == [
        ("due today", "done", "2027-03-10")
    ]
    assert {one["title"] for one in steps.listed(session)} == {"due later", "of another client", "new"}


def test_a_call_noted_late_closes_only_what_was_due_by_then(session: Session) -> None:
    steps.add(session, "hanoi", "due on wednesday", on="today")
    session.today = date(2027, 3, 11)
    assert log(session, on="2027-03-09")["closed_steps"] == []
    assert [one["done_on"] for one in log(session, on="2027-03-10")["closed_steps"]] == ["2027-03-10"]


@pytest.mark.parametrize("changes", [{}, {"direction": "in"}, {"channel": "letter"}, {"initiative": "them"}])
def test_any_interaction_is_contact(session: Session, changes: dict[str, str]) -> None:
    log(session, changes=changes)
    (hanoi, varna) = accounts.listed(session)
    assert (hanoi["last_contact_on"], hanoi["days_since_contact"]) == ("2027-03-10", 0)
    assert (varna["last_contact_on"], varna["days_since_contact"]) == (None, None)


def test_an_older_one_noted_later_does_not_turn_the_clock_back(session: Session) -> None:
    log(session, on="yesterday")
    log(session, on="2026-12-01")
    assert accounts.listed(session)[0]["last_contact_on"] == "2027-03-09"


# --- Listing, editing, removing --------------------------------------------------------------------------------------


def test_newest_first_of_all_of_an_account_of_a_person_and_since(session: Session) -> None:
    log(session, "hanoi", "a", on="2027-03-01")
    log(session, "lan", "b", on="2027-03-05")
    log(session, "varna", "c", on="2027-03-05")
    log(session, "minh", "d", on="2027-03-03")

    def subjects(**more: Any) -> str:
        return "".join(one["subject"] for one in interactions.listed(session, **more))

    assert subjects() == "cbda"
    assert subjects(ref="hanoi") == "bda"
    assert subjects(ref="lan") == "b"
    assert subjects(since="2027-03-03") == "cbd"
    assert subjects(limit=2) == "cb"


def test_editing_replaces_what_is_given_and_clears_what_is_empty(session: Session) -> None:
    log(session, participants=["lan"], changes={"note": "long", "outcome": "agreed"})
    shape = interactions.edit(
        session, 1, {"note": "", "channel": "visit"}, on="yesterday", participants=["minh", "p2", "lan"]
    )
    assert (shape["note"], shape["channel"], shape["outcome"], shape["at"]) == (
        None,
        "visit",
        "agreed",
        "2027-03-09",
    )
    assert shape["with"] == ["Nguyễn Minh", "Trần Thị Lan"]
    assert interactions.edit(session, 1, {}, participants=[""])["with"] == []


def test_editing_keeps_participants_unless_told(session: Session) -> None:
    log(session, participants=["lan"])
    assert interactions.edit(session, 1, {"outcome": "agreed"})["with"] == ["Trần Thị Lan"]


def test_removing_takes_the_participants_along_but_not_what_was_promised(session: Session) -> None:
    log(session, participants=["lan"])
    assert (
        interactions.rm(session, 1, cascade=False)
        == "removed interaction 1 of 2027-03-10 and 1 record that belonged to it"
    )
    assert session.reader.find(Participant) == []

    log(session, participants=["lan"], made=[Made("send", "fri")], following=Next("call", "fri"))
    with pytest.raises(Refused, match="1 promise, 1 step"):
        interactions.rm(session, 2, cascade=False)
    interactions.rm(session, 2, cascade=True)
    assert session.reader.find(Interaction) == []
    assert [one["title"] for one in promises.listed(session)] == ["send"]
    assert [one["title"] for one in steps.listed(session)] == ["call"]


def test_a_number_is_not_used_again(session: Session) -> None:
    log(session)
    interactions.rm(session, 1, cascade=False)
    assert log(session)["id"] == 2
