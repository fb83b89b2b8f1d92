from __future__ import annotations

from collections.abc import Callable

import pytest

from dossier.config import Config
from dossier.domain.faults import BadValue, Fault
from dossier.errors import Locked, NotFound
from dossier.services import accounts, occasions, people
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.services.undo import undo
from dossier.store.catalog import Change
from tests.conftest import TODAY
from tests.inspection import calendar_days, everything, manifest_agrees


@pytest.fixture(autouse=True)
def _someone(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {})
    people.add(session, "Мария Иванова", "1", {})


def test_an_occasion_says_when_it_is_kept_next(session: Session) -> None:
    shape = occasions.add(
        session, "hanoi", "founding", "3 May 1998", {"lead_days": 30, "title": "Ngày thành lập"}
    )
    assert shape == {
        "id": 1,
        "account": "Hanoi Optics",
        "account_id": 1,
        "person": None,
        "person_id": None,
        "kind": "founding",
        "date": "1998-05-03",
        "title": "Ngày thành lập",
        "next_on": "2027-05-03",
        "lead_days": 30,
        "note": None,
    }
    assert calendar_days(session) == {503: [(3, 1)]}


@pytest.mark.parametrize(
    ("words", "stored", "next_on"),
    [
        ("24.6.", "--06-24", "2027-06-24"),
        ("10 Mar", "--03-10", "2027-03-10"),
        ("29 Feb", "--02-29", "2028-02-29"),
        ("29 Feb 2016", "2016-02-29", "2028-02-29"),
        ("fri", "2027-03-12", "2027-03-12"),
        ("in 3 weeks", "2027-03-31", "2027-03-31"),
        ("May", "--05", None),
        ("1998", "1998", None),
        ("1998-05", "1998-05", None),
    ],
)
def test_dates_in_words_with_any_part_unknown(
    session: Session, words: str, stored: str, next_on: str | None
) -> None:
    shape = occasions.add(session, "мария", "nameday", words, {})
    assert (shape["date"], shape["next_on"], shape["lead_days"]) == (stored, next_on, 7)


def test_the_next_one_comes_first_and_what_has_no_day_last(session: Session) -> None:
    for words in ("1998", "1 Mar", "24.6.", "tomorrow"):
        occasions.add(session, "мария", "other", words, {})
    assert [one["id"] for one in occasions.listed(session)] == [4, 3, 2, 1]


def test_lists_are_of_a_person_of_an_account_with_its_people_or_of_a_kind(session: Session) -> None:
    occasions.add(session, "мария", "nameday", "24.6.", {})
    occasions.add(session, "a1", "founding", "1 May", {})
    assert [one["id"] for one in occasions.listed(session, ref="a1")] == [2, 1]
    assert [one["id"] for one in occasions.listed(session, ref="p1")] == [1]
    assert [one["id"] for one in occasions.listed(session, kind="founding")] == [2]


@pytest.mark.parametrize(
    ("kind", "day", "changes"),
    [
        ("birthday", "1 May", {}),
        ("nameday", "31 Feb", {}),
        ("nameday", "zz-secret", {}),
        ("nameday", "zz-тайна", {}),
        ("nameday", "", {}),
        ("nameday", None, {}),
        ("nameday", "1 May", {"lead_days": 366}),
        ("nameday", "1 May", {"lead_days": -1}),
        ("nameday", "1 May", {"title": "a\x1b[31mb"}),
    ],
)
def test_what_cannot_be_meant_is_refused_without_quoting_it(
    session: Session, kind: str, day: str | None, changes: dict[str, object]
) -> None:
    before = everything(session)
    with pytest.raises(BadValue) as caught:
        occasions.add(session, "мария", kind, day, changes)
    assert "zz-" not in caught.value.message
    assert everything(session) == before


def test_every_change_is_one_journal_entry_and_can_be_undone(session: Session) -> None:
    steps: list[tuple[str, Callable[[], object]]] = [
        ("occasion add", lambda: occasions.add(session, "мария", "nameday", "24.6.", {"lead_days": 3})),
        ("occasion edit", lambda: occasions.edit(session, 1, {"date": "25.6.", "lead_days": 5})),
        ("occasion rm", lambda: occasions.rm(session, 1)),
    ]
    for command, step in steps:
        before, days, count = everything(session), calendar_days(session), len(session.reader.find(Change))
        step()
        assert [change.command for change in session.reader.find(Change)[count:]] == [command]
        undo(session)
        assert (everything(session), calendar_days(session)) == (before, days)
        undo(session, session.reader.find(Change)[-1].id)
    assert manifest_agrees(session)


def test_a_date_cannot_be_cleared_but_a_title_can(session: Session) -> None:
    occasions.add(session, "мария", "nameday", "24.6.", {"title": "Еньовден"})
    assert occasions.edit(session, 1, {"title": ""})["title"] is None
    with pytest.raises(Fault, match="date is missing"):
        occasions.edit(session, 1, {"date": ""})
    with pytest.raises(NotFound, match="no occasion 9"):
        occasions.edit(session, 9, {})


def test_locked_it_is_known_of_whom_but_not_when(
    session: Session, vault_path: str, lock: Callable[[], None]
) -> None:
    occasions.add(session, "мария", "nameday", "24.6.", {})
    lock()
    with Session(vault_path, TODAY, Config({}, {}, ""), Unlocking()) as locked:
        (shape,) = occasions.listed(locked)
        assert (shape["person"], shape["locked"]) == ("Мария Иванова", True)
        assert {shape[key] for key in ("kind", "date", "title", "next_on", "lead_days", "note")} == {None}
        with pytest.raises(Locked):
            occasions.listed(locked, kind="nameday")


@pytest.mark.parametrize(
    ("tier", "marked", "day", "cure"),
    [
        ("standard", False, "--04-12", "dossier person edit p{} --marked"),
        ("prospect", False, "1975-04-12", "dossier person edit p{} --marked"),
        ("standard", True, "--04-12", None),
        ("key", False, "--04-12", None),
        ("standard", False, "1975-04", None),
        ("standard", False, None, None),
    ],
)
def test_what_comes_on_no_agenda_says_why(
    session: Session, tier: str, marked: bool, day: str | None, cure: str | None
) -> None:
    account = accounts.add(session, "Thảo Nguyên", {"tier": tier})["id"]
    person = people.add(session, "王芳", str(account), {"marked": marked})["id"]
    said = occasions.why_unseen(session, day, account, person)
    assert (said is None) == (cure is None)
    assert cure is None or (said or "").endswith(cure.format(person))


def test_an_account_of_little_weight_is_told_of_by_its_tier(session: Session) -> None:
    account = accounts.add(session, "Thảo Nguyên", {})["id"]
    assert occasions.why_unseen(session, "2006-11-25", account, None) == (
        "On no agenda, as Thảo Nguyên is a standard account. "
        f"To have it there: dossier account edit a{account} --tier key"
    )
