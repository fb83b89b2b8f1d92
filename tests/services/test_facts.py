from __future__ import annotations

from collections.abc import Callable

import pytest

from dossier.config import Config
from dossier.domain.faults import BadValue, RuleBroken
from dossier.errors import Locked, NotFound
from dossier.services import accounts, facts, people
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.services.undo import undo
from dossier.store.catalog import Change
from tests.conftest import TODAY
from tests.inspection import everything, manifest_agrees


@pytest.fixture(autouse=True)
def _someone(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {"tier": "key"})
    people.add(session, "Trần Thị Lan", "1", {})
    accounts.add(session, "光明医院", {})
    people.add(session, "王小明", "a2", {})


def test_a_fact_has_its_source_and_is_confirmed_when_it_was_learned(session: Session) -> None:
    shape = facts.add(
        session, "lan", "chơi quần vợt 🎾\nthứ bảy", {"kind": "interest", "source": "thư ký"}, on="1 mar"
    )
    assert shape == {
        "id": 1,
        "account": "Hanoi Optics",
        "account_id": 1,
        "person": "Trần Thị Lan",
        "person_id": 1,
        "kind": "interest",
        "text": "chơi quần vợt 🎾\nthứ bảy",
        "source": "thư ký",
        "learned_on": "2027-03-01",
        "confirmed_on": "2027-03-01",
    }


def test_a_fact_may_be_about_the_account_itself(session: Session) -> None:
    shape = facts.add(session, "hanoi", "went public", {})
    assert (shape["person"], shape["kind"], shape["learned_on"]) == (None, "other", "2027-03-10")


def test_lists_are_of_a_person_of_an_account_with_its_people_or_of_all(session: Session) -> None:
    facts.add(session, "王小明", "喜欢喝茶", {"kind": "preference"})
    facts.add(session, "lan", "tennis", {"kind": "interest"})
    facts.add(session, "a1", "went public", {"kind": "business"})
    assert [one["id"] for one in facts.listed(session)] == [3, 2, 1]
    assert [one["id"] for one in facts.listed(session, ref="a1")] == [3, 2]
    assert [one["id"] for one in facts.listed(session, ref="lan")] == [2]
    assert [one["id"] for one in facts.listed(session, kind="preference")] == [1]
    assert facts.listed(session, ref="lan", kind="health") == []


def test_a_confirmation_keeps_a_fact_fresh(session: Session) -> None:
    facts.add(session, "lan", "tennis", {}, on="1 feb 2026")
    assert facts.confirm(session, 1, on="yesterday")["confirmed_on"] == "2027-03-09"
    shape = facts.confirm(session, 1)
    assert (shape["learned_on"], shape["confirmed_on"]) == ("2026-02-01", "2027-03-10")
    before = everything(session)
    with pytest.raises(RuleBroken, match="later"):
        facts.confirm(session, 1, on="yesterday")
    with pytest.raises(BadValue, match="before the fact was learned"):
        facts.confirm(session, 1, on="1 jan 2026")
    with pytest.raises(BadValue, match="has not come"):
        facts.confirm(session, 1, on="12 mar 2027")
    assert everything(session) == before


def test_a_fact_is_set_right_by_edit(session: Session) -> None:
    facts.add(session, "lan", "tenis", {"source": "her assistant"})
    shape = facts.edit(
        session,
        1,
        {"text": "tennis", "source": "", "confirmed_on": "", "kind": "interest"} | {"confirmed_on": None},
    )
    assert (shape["text"], shape["source"], shape["kind"]) == ("tennis", None, "interest")
    shape = facts.edit(session, 1, {"learned_on": "1 feb 2026", "confirmed_on": "1 mar 2026"})
    assert (shape["learned_on"], shape["confirmed_on"]) == ("2026-02-01", "2026-03-01")


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "gossip"},
        {"text": ""},
        {"learned_on": ""},
        {"learned_on": "31 feb"},
        {"learned_on": "12 mar 2027"},
        {"confirmed_on": "1 jan 2020"},
        {"source": "a\x1b[31mb"},
    ],
)
def test_an_edit_that_cannot_be_meant_changes_nothing(session: Session, changes: dict[str, str]) -> None:
    facts.add(session, "lan", "tennis", {})
    before = everything(session)
    with pytest.raises(BadValue):
        facts.edit(session, 1, changes)
    assert everything(session) == before


@pytest.mark.parametrize(
    ("text", "changes"), [("", {}), ("  \n", {}), ("x" * 100_001, {}), ("x", {"kind": "gossip"})]
)
def test_a_fact_that_says_nothing_is_refused(session: Session, text: str, changes: dict[str, str]) -> None:
    before = everything(session)
    with pytest.raises(BadValue):
        facts.add(session, "lan", text, changes)
    assert everything(session) == before


def test_every_change_is_one_journal_entry_and_can_be_undone(session: Session) -> None:
    steps: list[tuple[str, Callable[[], object]]] = [
        ("fact add", lambda: facts.add(session, "lan", "tennis", {}, on="1 feb 2026")),
        ("fact edit", lambda: facts.edit(session, 1, {"text": "golf"})),
        ("fact confirm", lambda: facts.confirm(session, 1)),
        ("fact rm", lambda: facts.rm(session, 1)),
    ]
    for command, step in steps:
        before, count = everything(session), len(session.reader.find(Change))
        step()
        written = session.reader.find(Change)[count:]
        assert [change.command for change in written] == [command]
        assert "Trần Thị Lan" in str(written[0].summary)
        undo(session)
        assert everything(session) == before
        undo(session, session.reader.find(Change)[-1].id)
    assert manifest_agrees(session)


def test_there_is_no_such_fact(session: Session) -> None:
    for attempt in (facts.get, facts.rm, facts.confirm):
        with pytest.raises(NotFound, match="no fact 9"):
            attempt(session, 9)


def test_locked_it_is_known_of_whom_but_not_what(
    session: Session, vault_path: str, lock: Callable[[], None]
) -> None:
    facts.add(session, "lan", "tennis", {"kind": "interest", "source": "Hà"})
    lock()
    with Session(vault_path, TODAY, Config({}, {}, ""), Unlocking()) as locked:
        (shape,) = facts.listed(locked)
        assert (shape["account"], shape["person"], shape["locked"]) == ("Hanoi Optics", "Trần Thị Lan", True)
        assert {shape[key] for key in ("kind", "text", "source", "learned_on", "confirmed_on")} == {None}
        with pytest.raises(Locked):
            facts.listed(locked, kind="interest")
        with pytest.raises(Locked):
            facts.add(locked, "lan", "golf", {})
