"""The timeline: everything that happened, in one order, secret days only while unlocked (B1, B2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dossier.config import Config
from dossier.services import facts, interactions, people, promises, steps, timeline
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.store.catalog import (
    Account,
    Fact,
    Interaction,
    Participant,
    Person,
    Promise,
    PromiseMove,
    Step,
)
from tests.conftest import TODAY

KEPT = {"state": "kept", "settled_on": "2027-02-12"}


def promise(person_id: int | None, title: str, **more: Any) -> Promise:
    return Promise(
        account_id=1,
        person_id=person_id,
        made_on="2027-02-01",
        title=title,
        **{"due_on": "2027-02-10"} | more,
    )


@pytest.fixture
def book(session: Session) -> Session:
    """An account with two people and every kind of event, and another account."""
    with session.change("add") as transaction:
        for record in (
            Account(name="Hanoi Optics", created_on="2027-01-01"),
            Account(name="Other", created_on="2027-01-01"),
            Person(account_id=1, name="Trần Minh", created_on="2027-01-02", position="head of lab"),
            Person(account_id=1, name="王小明", created_on="2027-01-03"),
            Person(account_id=2, name="Lan Petrova", created_on="2027-01-03"),
            Interaction(account_id=1, at="2027-02-01", subject="first", outcome="they like it", note="long"),
            Interaction(account_id=1, at="2027-02-20", channel="mail", note="only a note"),
            Interaction(account_id=2, at="2027-02-20", subject="elsewhere"),
            Participant(interaction_id=1, person_id=2),
            Participant(interaction_id=1, person_id=1),
            promise(1, "the quote", due_on="2027-03-20", detail="two copies"),
            promise(None, "the samples", **KEPT),
            promise(2, "the visit", by="them", state="withdrawn", settled_on="2027-02-09"),
            PromiseMove(
                promise_id=1, from_on="2027-02-25", to_on="2027-03-05", moved_on="2027-02-20", because="ill",
                told_on="2027-02-21", told_person_id=2, channel="call",
            ),
            PromiseMove(
                promise_id=1, from_on="2027-03-05", to_on="2027-03-20", moved_on="2027-03-04", because="snow"
            ),
            Step(
                account_id=1, person_id=1, created_on="2027-02-01", due_on="2027-02-08", title="send it",
                state="done", done_on="2027-02-07",
            ),
            Step(
                account_id=1, created_on="2027-02-01", due_on="2027-02-09", title="fair",
                state="dropped", done_on="2027-02-08",
            ),
            Fact(
                account_id=1, person_id=1, kind="interest", text="sails", source="Lan",
                learned_on="2027-02-01", confirmed_on="2027-03-01",
            ),
            Fact(account_id=1, text="budget in May", learned_on="2027-03-09", confirmed_on="2027-03-09"),
        ):  # fmt: skip
            transaction.insert(record)
    return session


def told(session: Session, **whom: int) -> list[tuple[Any, ...]]:
    """The timeline without what is the same all over."""
    shapes = timeline.page(session, timeline.entries(session, **whom))
    names = ("on", "event", "noun", "id", "person", "text", "detail")
    return [tuple(shape[name] for name in names) for shape in shapes]


OF_THE_ACCOUNT = [
    ("2027-03-09", "learned", "fact", 2, None, "budget in May", "other"),
    ("2027-03-04", "moved", "promise", 1, "Trần Minh", "the quote", "from 2027-03-05 to 2027-03-20 · snow"),
    ("2027-02-21", "told", "promise", 1, "王小明", "the quote", "call"),
    ("2027-02-20", "moved", "promise", 1, "Trần Minh", "the quote", "from 2027-02-25 to 2027-03-05 · ill"),
    ("2027-02-20", "contact", "interaction", 2, None, "only a note", "mail"),
    ("2027-02-12", "kept", "promise", 2, None, "the samples", "2 days late"),
    ("2027-02-09", "withdrawn", "promise", 3, "王小明", "the visit", None),
    ("2027-02-08", "dropped", "step", 2, None, "fair", None),
    ("2027-02-07", "done", "step", 1, "Trần Minh", "send it", None),
    ("2027-02-01", "agreed", "step", 2, None, "fair", "due 2027-02-09"),
    ("2027-02-01", "agreed", "step", 1, "Trần Minh", "send it", "due 2027-02-08"),
    ("2027-02-01", "made", "promise", 3, "王小明", "the visit", "theirs · due 2027-02-10"),
    ("2027-02-01", "made", "promise", 2, None, "the samples", "due 2027-02-10"),
    ("2027-02-01", "made", "promise", 1, "Trần Minh", "the quote", "due 2027-02-25 · two copies"),
    ("2027-02-01", "learned", "fact", 1, "Trần Minh", "sails", "interest · Lan"),
    ("2027-02-01", "contact", "interaction", 1, "王小明, Trần Minh", "first", "call · they like it"),
    ("2027-01-03", "added", "person", 2, "王小明", "王小明", None),
    ("2027-01-02", "added", "person", 1, "Trần Minh", "Trần Minh", "head of lab"),
]


def test_everything_of_an_account_the_newest_first(book: Session) -> None:
    assert told(book, account_id=1) == OF_THE_ACCOUNT


def test_everything_of_a_person(book: Session) -> None:
    about_minh = [("promise", 1), ("step", 1), ("fact", 1), ("interaction", 1), ("person", 1)]
    assert told(book, person_id=1) == [line for line in OF_THE_ACCOUNT if line[2:4] in about_minh]


def test_of_an_account_alone_on_a_shelf(book: Session) -> None:
    assert [entry[1:] for entry in timeline.entries(book, account_id=2)] == [
        ("contact", "interaction", 3),
        ("added", "person", 3),
    ]
    assert timeline.entries(book, account_id=3) == []


def test_a_person_who_moved_takes_along_what_is_known_and_not_what_happened(book: Session) -> None:
    people.edit(book, "p1", {}, account="a2")
    shapes = timeline.page(book, timeline.entries(book, person_id=1))
    assert {shape["noun"]: shape["account"] for shape in shapes} == {
        "promise": "Hanoi Optics",
        "step": "Hanoi Optics",
        "fact": "Other",
        "interaction": "Hanoi Optics",
        "person": "Other",
    }


def test_the_shape(book: Session) -> None:
    (shape,) = timeline.page(book, timeline.entries(book, account_id=1)[1:2])
    assert shape == {
        "on": "2027-03-04",
        "event": "moved",
        "noun": "promise",
        "id": 1,
        "account": "Hanoi Optics",
        "account_id": 1,
        "person": "Trần Minh",
        "text": "the quote",
        "detail": "from 2027-03-05 to 2027-03-20 · snow",
    }


def test_a_page_has_the_order_of_its_entries_and_leaves_out_who_is_gone(book: Session) -> None:
    entries = timeline.entries(book, account_id=1)
    chosen = [entries[4], entries[0], entries[2], entries[8], entries[-1]]
    interactions.rm(book, 2, cascade=True)
    facts.rm(book, 2)
    promises.rm(book, 1, cascade=True)
    steps.rm(book, 1, cascade=True)
    people.rm(book, "p2", cascade=True)
    assert [shape["noun"] for shape in timeline.page(book, chosen)] == ["person"]
    assert [(shape["noun"], shape["id"]) for shape in timeline.page(book, entries[::-1])][:2] == [
        ("person", 1),
        ("interaction", 1),
    ]
    assert timeline.page(book, []) == []


def test_what_the_services_write_is_on_it(session: Session, book: Session) -> None:
    made = promises.add(session, "p3", "the list", due="fri")
    promises.renegotiate(session, made["id"], to="2027-03-19", because="late", told="p3")
    promises.keep(session, made["id"])
    entries = timeline.entries(session, account_id=2)
    assert [entry.event for entry in entries if entry.on == TODAY.isoformat()] == [
        "kept", "told", "moved", "made", "contact",
    ]  # fmt: skip


def test_locked_it_shows_days_and_names_but_no_facts(
    book: Session, vault_path: str, lock: Callable[[], None]
) -> None:
    unlocked = timeline.entries(book, account_id=1)
    lock()
    with Session(vault_path, TODAY, Config({}, {}, ""), Unlocking()) as locked:
        entries = timeline.entries(locked, account_id=1)
        assert entries == [entry for entry in unlocked if entry.noun != "fact"]
        shapes = timeline.page(locked, unlocked)
        assert len(shapes) == len(unlocked)
        assert all(shape["locked"] for shape in shapes)
        assert {shape["text"] for shape in shapes} == {None, "Trần Minh", "王小明"}
        assert {shape["detail"] for shape in shapes} == {
            None,
            "from 2027-03-05 to 2027-03-20",
            "from 2027-02-25 to 2027-03-05",
            "2 days late",
            "due 2027-02-08",
            "due 2027-02-09",
            "due 2027-02-10",
            "due 2027-02-25",
            "theirs · due 2027-02-10",
            "head of lab",
        }
