from __future__ import annotations

from collections.abc import Callable

import pytest

from dossier.config import Config
from dossier.domain.faults import BadValue
from dossier.errors import NotFound
from dossier.services import accounts, people, relatives
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.services.undo import undo
from dossier.store.catalog import Change
from tests.conftest import TODAY
from tests.inspection import calendar_days, everything, manifest_agrees


@pytest.fixture(autouse=True)
def _someone(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {})
    people.add(session, "Trần Thị Lan", "1", {})
    accounts.add(session, "София Оптика", {})
    people.add(session, "Мария Иванова", "a2", {})


def test_a_relative_with_a_birthday_on_a_leap_day(session: Session) -> None:
    shape = relatives.add(session, "lan", "Nguyễn Mai", "con gái", {"birthday": "29 Feb 2016", "note": "🎻"})
    assert shape == {
        "id": 1,
        "account": "Hanoi Optics",
        "account_id": 1,
        "person": "Trần Thị Lan",
        "person_id": 1,
        "name": "Nguyễn Mai",
        "relation": "con gái",
        "birthday": "2016-02-29",
        "note": "🎻",
    }
    assert calendar_days(session) == {229: [(2, 1)]}


def test_lists_are_of_a_person_of_an_account_or_of_all(session: Session) -> None:
    relatives.add(session, "мария", "Иво", "син", {})
    relatives.add(session, "lan", "Mai", "daughter", {})
    assert [one["name"] for one in relatives.listed(session)] == ["Mai", "Иво"]
    assert [one["name"] for one in relatives.listed(session, ref="a2")] == ["Иво"]
    assert [one["name"] for one in relatives.listed(session, ref="p1")] == ["Mai"]


@pytest.mark.parametrize(
    ("name", "relation", "changes"),
    [
        ("", "son", {}),
        ("Mai", " ", {}),
        ("Mai", "son", {"birthday": "31 Feb"}),
        ("Mai", "son", {"birthday": "2028"}),
        ("a\x1b[31mb", "son", {}),
    ],
)
def test_what_cannot_be_meant_is_refused(
    session: Session, name: str, relation: str, changes: dict[str, str]
) -> None:
    before = everything(session)
    with pytest.raises(BadValue):
        relatives.add(session, "lan", name, relation, changes)
    assert everything(session) == before


def test_a_birthday_still_to_come_is_refused_in_an_edit_too(session: Session) -> None:
    relatives.add(session, "lan", "Mai", "daughter", {"birthday": "2016"})
    with pytest.raises(BadValue, match="still to come"):
        relatives.edit(session, 1, {"birthday": "11 Mar 2027"})
    assert relatives.edit(session, 1, {"birthday": "", "relation": "niece"})["birthday"] is None


def test_every_change_is_one_journal_entry_and_can_be_undone(session: Session) -> None:
    steps: list[tuple[str, Callable[[], object]]] = [
        ("relative add", lambda: relatives.add(session, "lan", "Mai", "daughter", {"birthday": "1 May"})),
        ("relative edit", lambda: relatives.edit(session, 1, {"birthday": "2 May"})),
        ("relative rm", lambda: relatives.rm(session, 1)),
    ]
    for command, step in steps:
        before, days, count = everything(session), calendar_days(session), len(session.reader.find(Change))
        step()
        assert [change.command for change in session.reader.find(Change)[count:]] == [command]
        undo(session)
        assert (everything(session), calendar_days(session)) == (before, days)
        undo(session, session.reader.find(Change)[-1].id)
    assert manifest_agrees(session)


def test_only_a_person_has_relatives(session: Session) -> None:
    with pytest.raises(NotFound):
        relatives.add(session, "a1", "Mai", "daughter", {})
    with pytest.raises(NotFound, match="no relative 9"):
        relatives.get(session, 9)


def test_locked_it_is_known_of_whom_but_not_who(
    session: Session, vault_path: str, lock: Callable[[], None]
) -> None:
    relatives.add(session, "lan", "Mai", "daughter", {"birthday": "2016"})
    lock()
    with Session(vault_path, TODAY, Config({}, {}, ""), Unlocking()) as locked:
        (shape,) = relatives.listed(locked, ref="lan")
        assert (shape["person"], shape["locked"]) == ("Trần Thị Lan", True)
        assert {shape[key] for key in ("name", "relation", "birthday", "note")} == {None}
