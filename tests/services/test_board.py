"""The promises board: groups of ids from what stands in clear, then a page of them (B2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dossier.config import Config
from dossier.domain.vocabulary import By
from dossier.services import accounts, people, promises
from dossier.services.agenda import items
from dossier.services.board import board, count
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from tests.conftest import TODAY


@pytest.fixture(autouse=True)
def _book(session: Session) -> None:
    accounts.add(session, "Hà Nội Optics", {"phones": ["+84 24 3825 1234"]})
    accounts.add(session, "Оптика Варна", {})
    people.add(session, "Trần Thị Lan", "1", {"aliases": ["Lan Tran"]})
    made = "2027-01-01"
    promises.add(session, "a1", "1 late, untold", due="2027-03-01", made=made)
    promises.add(session, "p1", "2 later still, untold", due="2027-02-01", made=made)
    promises.add(session, "a2", "3 moved in silence", due="2027-03-05", made=made)
    promises.renegotiate(session, 3, to="2027-09-01", because="x")
    promises.add(session, "a1", "4 late, told", due="2027-03-02", made=made)
    promises.told(session, 4)
    promises.add(session, "a2", "5 a week ahead", due="2027-03-17")
    promises.add(session, "p1", "6 today", due="today")
    promises.add(session, "a1", "7 later", due="2027-03-18")
    promises.add(session, "a2", "8 moved and told", due="2027-03-12")
    promises.renegotiate(session, 8, to="2027-04-01", because="x", told="")
    promises.add(session, "a2", "9 theirs, ahead", due="2027-04-01", by=By.THEM)
    promises.add(session, "p1", "10 theirs, late", due="2027-03-01", made=made, by=By.THEM)
    promises.keep(session, promises.add(session, "a1", "11 kept", due="today")["id"])


WHOLE = {"untold": [2, 1, 3], "late": [4], "this_week": [6, 5], "later": [7, 8], "theirs": [10, 9]}


def ids(session: Session, text: str = "") -> dict[str, list[int]]:
    return {one["group"]: one["ids"] for one in board(session, text=text)}


def test_open_promises_stand_in_groups_by_date(session: Session) -> None:
    assert ids(session) == WHOLE
    assert [one["title"] for one in board(session)] == [
        "Late or moved, and nobody there was told",
        "Late, and they know",
        "This week",
        "Later",
        "Theirs",
    ]


def test_the_board_and_the_agenda_agree_on_whom_to_tell(session: Session) -> None:
    untold = {item.id for item in items(session, 7) if item.notified is False and item.urgency >= 90}
    assert untold == set(ids(session)["untold"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lan", {2, 6, 10}),
        ("TRẦN hà", {2, 6, 10}),
        ("ha noi", {1, 2, 4, 6, 7, 10}),
        ("024 3825", {1, 2, 4, 6, 7, 10}),
        ("варна", {3, 5, 8, 9}),
        ("варна lan", set()),
        ("silence", {3}),  # titles are secret, and looked at where their key is at hand
        ("AHEAD варна", {5, 9}),
        ("untold lan", {2}),
        ("title", set()),
        ("  ", set(range(1, 11))),
    ],
)
def test_a_text_keeps_what_concerns_an_account_or_person(
    session: Session, text: str, expected: set[int]
) -> None:
    found = ids(session, text)
    assert {number for group in found.values() for number in group} == expected
    assert found == {group: [one for one in listed if one in expected] for group, listed in WHOLE.items()}


def test_a_title_is_compared_as_it_is_written(session: Session) -> None:
    promises.add(session, "a1", 'đón "khách" \\ 10:00', due="2027-05-01")
    for text in ('don "khach"', "\\", "10:00", "ĐÓN"):
        assert ids(session, text)["later"] == [12], text
    for text in ("u0111", "don x", '"title"', "{"):
        assert ids(session, text)["later"] == [], text


def test_how_many_are_open(session: Session) -> None:
    assert count(session) == 10


def test_it_works_locked(session: Session, vault_path: str, lock: Callable[[], None]) -> None:
    lock()
    with Session(vault_path, TODAY, Config({}, {}, ""), Unlocking()) as locked:
        assert ids(locked) == WHOLE
        assert ids(locked, "lan") == ids(session, "lan")
        assert not any(ids(locked, "silence").values())
        shapes = promises.page(locked, [3, 1])
        assert [(one["id"], one["title"], one["locked"]) for one in shapes] == [
            (3, None, True),
            (1, None, True),
        ]


def test_a_page_has_the_shapes_of_the_list_in_the_order_asked_for(session: Session) -> None:
    listed = {one["id"]: one for one in promises.listed(session, state=None)}
    assert promises.page(session, [8, 2, 99, 11]) == [listed[8], listed[2], listed[11]]
    assert promises.page(session, []) == []
