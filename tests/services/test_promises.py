"""Promises as the practice wants them: kept, or moved in time with the client told; nothing overwritten (B2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from dossier.domain.faults import BadValue, RuleBroken
from dossier.domain.vocabulary import By, Channel, PromiseState
from dossier.errors import NotFound, Refused, Usage
from dossier.services import accounts, interactions, promises, steps
from dossier.services.session import Session
from dossier.store.catalog import Interaction, Participant, Person, Promise, PromiseMove

TODAY = date(2027, 3, 10)  # a Wednesday, the day of every session in these tests


@pytest.fixture(autouse=True)
def _two_clients(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {"tier": "key"})
    accounts.add(session, "Varna Steel", {})
    with session.change("people") as transaction:
        for account_id, name in ((1, "Trần Thị Lan"), (1, "Nguyễn Minh"), (2, "Мария Иванова")):
            transaction.insert(Person(account_id=account_id, name=name, created_on="2027-01-01"))


def promise(session: Session, due: str = "2027-03-12", **more: Any) -> int:
    number: int = promises.add(session, "hanoi", "send the quote", due=due, **more)["id"]
    return number


def on(session: Session, day: str) -> None:
    session.today = date.fromisoformat(day)


# --- Making a promise ------------------------------------------------------------------------------------------------


def test_a_promise_is_ours_made_today_and_open(session: Session) -> None:
    assert promises.add(session, "hanoi", "send the quote", due="fri") == {
        "id": 1,
        "account": "Hanoi Optics",
        "account_id": 1,
        "person": None,
        "person_id": None,
        "by": "us",
        "title": "send the quote",
        "made_on": "2027-03-10",
        "due_on": "2027-03-12",
        "state": "open",
        "settled_on": None,
        "days_late": -2,
        "notified": False,
        "detail": None,
        "moves": [],
    }


def test_to_a_person_it_belongs_to_the_account_of_that_person(session: Session) -> None:
    shape = promises.add(session, "lan", "send the quote", due="fri")
    assert (shape["account"], shape["person"]) == ("Hanoi Optics", "Trần Thị Lan")


def test_the_person_named_must_be_at_the_account(session: Session) -> None:
    assert promises.add(session, "hanoi", "quote", due="fri", person="minh")["person"] == "Nguyễn Minh"
    for stranger in ("Мария", "p3", "3"):
        with pytest.raises(NotFound, match="at Hanoi Optics"):
            promises.add(session, "hanoi", "quote", due="fri", person=stranger)


def test_it_may_be_due_on_the_day_on_which_it_was_made(session: Session) -> None:
    assert promises.add(session, "hanoi", "call back", due="today")["days_late"] == 0


@pytest.mark.parametrize(("made", "due"), [(None, "yesterday"), ("last mon", "2027-03-05")])
def test_due_before_it_was_made_is_refused(session: Session, made: str | None, due: str) -> None:
    with pytest.raises(RuleBroken, match="before the promise was made"):
        promises.add(session, "hanoi", "send the quote", due=due, made=made)
    assert promises.listed(session, state=None) == []


def test_it_cannot_have_been_made_tomorrow(session: Session) -> None:
    with pytest.raises(BadValue, match="has not come yet"):
        promises.add(session, "hanoi", "send the quote", due="fri", made="tomorrow")


# --- Keeping and withdrawing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "late"), [("2027-03-11", -1), ("2027-03-12", 0), ("2027-03-15", 3)])
def test_kept_in_time_or_late_counts_to_the_day_on_which_it_was_kept(
    session: Session, day: str, late: int
) -> None:
    number = promise(session)
    on(session, day)
    shape = promises.keep(session, number)
    assert (shape["state"], shape["settled_on"], shape["days_late"]) == ("kept", day, late)
    on(session, "2027-12-31")
    assert promises.get(session, number)["days_late"] == late


def test_kept_on_an_earlier_day_than_it_is_noted(session: Session) -> None:
    number = promise(session)
    on(session, "2027-03-20")
    assert promises.keep(session, number, on="2027-03-12")["days_late"] == 0


def test_it_was_not_kept_before_it_was_made(session: Session) -> None:
    number = promise(session)
    with pytest.raises(RuleBroken, match="before the promise was made"):
        promises.keep(session, number, on="yesterday")
    assert promises.get(session, number)["state"] == "open"


def test_a_withdrawn_promise_is_no_longer_owed(session: Session) -> None:
    number = promise(session)
    shape = promises.withdraw(session, number)
    assert (shape["state"], shape["settled_on"]) == ("withdrawn", "2027-03-10")
    assert promises.listed(session) == []


@pytest.mark.parametrize("settle", [promises.keep, promises.withdraw])
def test_what_is_settled_is_not_kept_withdrawn_moved_or_told_again(session: Session, settle: Any) -> None:
    number = promise(session)
    settle(session, number)
    before = promises.get(session, number)
    again: Callable[[], Any]
    for again in (
        lambda: promises.keep(session, number),
        lambda: promises.withdraw(session, number),
        lambda: promises.renegotiate(session, number, to="2027-04-01", because="more work"),
        lambda: promises.told(session, number),
    ):
        with pytest.raises(RuleBroken, match="already"):
            again()
    assert promises.get(session, number) == before


@pytest.mark.parametrize("act", [promises.keep, promises.withdraw, promises.told, promises.get])
def test_a_number_that_no_promise_has(session: Session, act: Any) -> None:
    with pytest.raises(NotFound, match="there is no promise 99") as caught:
        act(session, 99)
    assert caught.value.hint == "look with: dossier promise list"


# --- Renegotiating ---------------------------------------------------------------------------------------------------


def test_moved_with_a_notice_everything_is_on_record(session: Session) -> None:
    number = promise(session)
    shape = promises.renegotiate(
        session,
        number,
        to="2027-03-19",
        because="the lab is closed",
        apology="we are sorry",
        told="lan",
        channel=Channel.MAIL,
    )
    assert shape["due_on"] == "2027-03-19"
    assert shape["notified"] is True
    assert shape["moves"] == [
        {
            "from": "2027-03-12",
            "to": "2027-03-19",
            "because": "the lab is closed",
            "apology": "we are sorry",
            "told": "Trần Thị Lan",
            "channel": "mail",
            "on": "2027-03-10",
        }
    ]


def test_the_notice_is_an_interaction_of_our_initiative(session: Session) -> None:
    number = promise(session)
    shape = promises.renegotiate(
        session, number, to="2027-03-19", because="the lab is closed", told="lan", channel=Channel.MAIL
    )
    assert shape["notice"] == interactions.get(session, 1)
    assert shape["notice"] | {"id": 0} == {
        "id": 0,
        "account": "Hanoi Optics",
        "account_id": 1,
        "at": "2027-03-10",
        "channel": "mail",
        "direction": "out",
        "initiative": "us",
        "subject": "about our promise: send the quote",
        "outcome": None,
        "note": None,
        "with": ["Trần Thị Lan"],
        "attachments": [],
    }


def test_moved_without_a_notice_it_is_not_notified_until_they_are_told(session: Session) -> None:
    number = promise(session)
    moved = promises.renegotiate(session, number, to="2027-03-19", because="the lab is closed")
    assert (moved["notified"], moved["notice"], moved["moves"][0]["told"]) == (False, None, None)
    assert interactions.listed(session) == []

    on(session, "2027-03-11")
    told = promises.told(session, number, person="lan", channel=Channel.VISIT)
    assert told["notified"] is True
    assert told["moves"] == [moved["moves"][0] | {"told": "Trần Thị Lan", "channel": "visit"}]
    assert [one["at"] for one in interactions.listed(session)] == ["2027-03-11"]


def test_a_notice_in_time_no_longer_counts_when_the_new_date_fails_too(session: Session) -> None:
    number = promise(session)
    promises.renegotiate(session, number, to="2027-03-19", because="the lab is closed", told="lan")
    on(session, "2027-03-19")
    assert promises.get(session, number)["notified"] is True
    on(session, "2027-03-20")
    assert promises.get(session, number)["notified"] is False
    assert promises.told(session, number)["notified"] is True


@pytest.mark.parametrize("day", ["2027-03-10", "2027-03-12", "2027-03-15"])
def test_told_before_on_or_after_the_date_is_a_notice_for_that_date(session: Session, day: str) -> None:
    number = promise(session)
    on(session, day)
    assert promises.told(session, number)["notified"] is True
    on(session, "2027-03-30")
    assert promises.get(session, number)["notified"] is True


def test_told_for_the_old_date_does_not_cover_a_later_move(session: Session) -> None:
    number = promise(session)
    promises.told(session, number)
    assert promises.renegotiate(session, number, to="2027-03-19", because="x")["notified"] is False


def test_told_to_nobody_in_particular_names_the_account(session: Session) -> None:
    number = promise(session)
    promises.renegotiate(session, number, to="2027-03-19", because="the lab is closed")
    shape = promises.told(session, number)
    assert shape["moves"][0]["told"] == "Hanoi Optics"
    assert shape["notice"]["with"] == []
    assert shape["moves"][0]["channel"] == "call"


def test_told_on_an_earlier_day_is_logged_on_that_day(session: Session) -> None:
    number = promise(session, made="last mon")
    shape = promises.told(session, number, on="yesterday")
    assert shape["notice"]["at"] == "2027-03-09"


def test_nobody_was_told_before_it_was_promised(session: Session) -> None:
    number = promise(session)
    with pytest.raises(RuleBroken, match="before the promise was made"):
        promises.told(session, number, on="yesterday")
    assert interactions.listed(session) == []


def test_a_late_promise_moved_without_a_word_stays_untold_and_one_notice_settles_both(
    session: Session,
) -> None:
    number = promise(session)
    on(session, "2027-03-15")
    promises.renegotiate(session, number, to="2027-03-16", because="still waiting")
    on(session, "2027-03-18")
    assert promises.get(session, number)["notified"] is False
    shape = promises.told(session, number, person="lan")
    assert shape["notified"] is True
    assert shape["moves"][0]["told"] == "Trần Thị Lan"


def test_moved_twice_and_back_every_date_is_kept(session: Session) -> None:
    number = promise(session)
    for to, why in (("2027-03-19", "the lab"), ("2027-03-26", "the flood"), ("2027-03-12", "found a way")):
        promises.renegotiate(session, number, to=to, because=why)
    shape = promises.get(session, number)
    assert [(one["from"], one["to"], one["because"]) for one in shape["moves"]] == [
        ("2027-03-12", "2027-03-19", "the lab"),
        ("2027-03-19", "2027-03-26", "the flood"),
        ("2027-03-26", "2027-03-12", "found a way"),
    ]
    assert (shape["due_on"], shape["made_on"]) == ("2027-03-12", "2027-03-10")


def test_moved_back_to_a_date_told_of_long_ago_the_old_notice_does_not_count(session: Session) -> None:
    number = promise(session)
    promises.told(session, number)  # for 12 March
    promises.renegotiate(session, number, to="2027-03-19", because="the lab", told="lan")
    shape = promises.renegotiate(session, number, to="2027-03-12", because="found a way")
    assert shape["notified"] is False


def test_a_second_notice_leaves_the_record_of_the_first(session: Session) -> None:
    number = promise(session)
    promises.renegotiate(
        session, number, to="2027-03-19", because="the lab", told="lan", channel=Channel.MAIL
    )
    shape = promises.told(session, number, person="minh", channel=Channel.VISIT)
    assert (shape["moves"][0]["told"], shape["moves"][0]["channel"]) == ("Trần Thị Lan", "mail")
    assert [one["with"] for one in interactions.listed(session)] == [["Nguyễn Minh"], ["Trần Thị Lan"]]


@pytest.mark.parametrize(
    ("to", "because", "fault", "message"),
    [
        ("2027-03-12", "x", RuleBroken, "due on 2027-03-12 already"),
        ("2027-03-09", "x", RuleBroken, "in the past"),
        ("2027-03-19", "  ", BadValue, "for a reason"),
        ("31 feb", "x", BadValue, "no 31 February"),
    ],
)
def test_what_is_no_renegotiation(
    session: Session, to: str, because: str, fault: type[Exception], message: str
) -> None:
    number = promise(session)
    with pytest.raises(fault, match=message):
        promises.renegotiate(session, number, to=to, because=because, told="lan")
    assert promises.get(session, number)["moves"] == []
    assert interactions.listed(session) == []


def test_a_channel_without_anybody_told_says_too_little(session: Session) -> None:
    number = promise(session)
    with pytest.raises(Usage, match="not whom"):
        promises.renegotiate(session, number, to="2027-03-19", because="x", channel=Channel.MAIL)
    assert promises.get(session, number)["due_on"] == "2027-03-12"


def test_told_to_somebody_elsewhere_is_refused_and_nothing_moves(session: Session) -> None:
    number = promise(session)
    with pytest.raises(NotFound):
        promises.renegotiate(session, number, to="2027-03-19", because="x", told="p3")
    assert promises.get(session, number)["due_on"] == "2027-03-12"


def test_a_notice_that_was_logged_already_is_not_logged_twice(session: Session) -> None:
    number = promise(session)
    talk = interactions.log(session, "lan", "we are late", {})
    shape = promises.told(session, number, person="lan", interaction=talk["id"])
    assert shape["notice"]["id"] == talk["id"]
    assert len(interactions.listed(session)) == 1


def test_a_notice_logged_with_another_client_is_none(session: Session) -> None:
    number = promise(session)
    talk = interactions.log(session, "varna", "we are late", {})
    with pytest.raises(Refused, match="not with the client"):
        promises.told(session, number, interaction=talk["id"])
    assert promises.get(session, number)["notified"] is False


def test_the_notice_closes_due_steps_and_says_so(session: Session) -> None:
    steps.add(session, "hanoi", "explain the delay", on="today")
    steps.add(session, "hanoi", "ask for the contract", on="tomorrow")
    number = promise(session)
    shape = promises.renegotiate(session, number, to="2027-03-19", because="x", told="lan")
    assert [(one["title"], one["state"]) for one in shape["closed_steps"]] == [("explain the delay", "done")]
    assert promises.told(session, number)["closed_steps"] == []


# --- Theirs ----------------------------------------------------------------------------------------------------------


def test_their_promise_has_no_notice_and_they_are_not_told_of_it(session: Session) -> None:
    number = promise(session, by=By.THEM)
    assert promises.get(session, number)["notified"] is None
    with pytest.raises(Refused, match="theirs"):
        promises.told(session, number)
    with pytest.raises(Refused, match="theirs"):
        promises.renegotiate(session, number, to="2027-03-19", because="x", told="lan")
    assert promises.get(session, number)["due_on"] == "2027-03-12"
    assert interactions.listed(session) == []


def test_their_promise_may_move_and_be_kept(session: Session) -> None:
    number = promise(session, by=By.THEM)
    moved = promises.renegotiate(session, number, to="2027-03-19", because="their boss is away")
    assert (moved["due_on"], moved["notified"]) == ("2027-03-19", None)
    assert promises.keep(session, number)["state"] == "kept"


# --- Listing, editing, removing --------------------------------------------------------------------------------------


def test_the_open_ones_by_date_unless_told_otherwise(session: Session) -> None:
    late = promise(session, due="2027-03-11")
    later = promise(session, due="2027-04-01")
    theirs = promise(session, due="2027-03-20", by=By.THEM)
    kept = promise(session, due="2027-03-15")
    promises.keep(session, kept)
    elsewhere = promises.add(session, "varna", "send samples", due="2027-03-30")["id"]
    on(session, "2027-03-12")

    def numbers(**more: Any) -> list[int]:
        return [one["id"] for one in promises.listed(session, **more)]

    assert numbers() == [late, theirs, elsewhere, later]
    assert numbers(state=None) == [late, kept, theirs, elsewhere, later]
    assert numbers(state=PromiseState.KEPT) == [kept]
    assert numbers(by=By.THEM) == [theirs]
    assert numbers(late=True) == [late]
    assert numbers(ref="varna") == [elsewhere]


def test_of_a_person(session: Session) -> None:
    promise(session)
    of_lan = promise(session, person="lan")
    assert [one["id"] for one in promises.listed(session, ref="p1")] == [of_lan]


def test_editing_changes_words_and_person_never_the_date(session: Session) -> None:
    number = promise(session, person="lan", changes={"detail": "in three copies"})
    shape = promises.edit(session, number, {"title": "send the drawings", "detail": ""}, person="minh")
    assert (shape["title"], shape["detail"], shape["person"]) == ("send the drawings", None, "Nguyễn Minh")
    assert promises.edit(session, number, {}, person="")["person"] is None
    assert promises.get(session, number)["due_on"] == "2027-03-12"


def test_a_title_cannot_be_cleared(session: Session) -> None:
    number = promise(session)
    with pytest.raises(BadValue, match="promise title is missing"):
        promises.edit(session, number, {"title": ""})


def test_removing_one_with_moves_needs_cascade(session: Session) -> None:
    number = promise(session)
    promises.renegotiate(session, number, to="2027-03-19", because="x", told="lan")
    with pytest.raises(Refused, match="1 promise move"):
        promises.rm(session, number, cascade=False)
    promises.rm(session, number, cascade=True)
    assert session.reader.find(Promise) == []
    assert session.reader.find(PromiseMove) == []
    # What was said to the client was said all the same.
    assert len(session.reader.find(Interaction)) == len(session.reader.find(Participant)) == 1
