"""Who reports to whom, as people come, go and move (A4)."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest

from dossier.config import Config
from dossier.domain.faults import RuleBroken
from dossier.domain.reporting import tree
from dossier.errors import Ambiguous, NotFound, Refused
from dossier.services import accounts, dossier_page, exporting, facts, people
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.services.undo import undo
from dossier.store.catalog import Account, Change, Person
from tests.conftest import TODAY
from tests.inspection import everything, manifest_agrees


@pytest.fixture(autouse=True)
def _book(session: Session) -> None:
    """Lan is above Minh, who is above Anna; Boris works elsewhere."""
    accounts.add(session, "Hanoi Optics", {})
    accounts.add(session, "Varna", {})
    people.add(session, "Lan", "1", {})
    people.add(session, "Minh", "1", {}, reports_to="lan")
    people.add(session, "Anna", "1", {}, reports_to="p2")
    people.add(session, "Boris", "2", {})


def lines(session: Session) -> dict[str, str | None]:
    return {one["name"]: one["reports_to"] for one in people.listed(session)}


SOUND = {"Anna": "Minh", "Boris": None, "Lan": None, "Minh": "Lan"}


def test_a_line_is_set_moved_and_cleared(session: Session) -> None:
    assert lines(session) == SOUND
    shape = people.edit(session, "anna", {"position": "CFO"}, reports_to="lan")
    assert (shape["reports_to"], shape["reports_to_id"], shape["position"]) == ("Lan", 1, "CFO")
    shape = people.edit(session, "anna", {}, reports_to="")
    assert shape["reports_to"] is shape["reports_to_id"] is None


def test_the_people_of_an_account_read_as_a_tree(session: Session) -> None:
    shape = dossier_page.account(session, session.reader.get(Account, 1))
    assert [(depth, one["name"]) for depth, one in tree(shape["people"])] == [
        (0, "Lan"),
        (1, "Minh"),
        (2, "Anna"),
    ]


def test_a_list_of_some_people_still_names_whom_they_report_to(session: Session) -> None:
    people.edit(session, "anna", {"role": "user"})
    (anna,) = people.listed(session, role="user")
    assert anna["reports_to"] == "Minh"


@pytest.mark.parametrize("above", ["lan", "minh", "anna"])
def test_nobody_stands_above_themselves(session: Session, above: str) -> None:
    before = everything(session)
    with pytest.raises(RuleBroken) as caught:
        people.edit(session, "lan", {"position": "CEO"}, reports_to=above)
    assert everything(session) == before
    assert not any(name in caught.value.message for name in SOUND)  # who reports to whom is a secret


@pytest.mark.parametrize("ref", ["boris", "p4", "nobody", "p99"])
def test_only_somebody_of_the_same_account_can_stand_above(session: Session, ref: str) -> None:
    before = everything(session)
    with pytest.raises(NotFound):
        people.edit(session, "anna", {}, reports_to=ref)
    with pytest.raises(NotFound):
        people.add(session, "Hà", "1", {}, reports_to=ref)
    with pytest.raises(Ambiguous):
        people.edit(session, "lan", {}, reports_to="n")
    assert everything(session) == before


def test_whoever_changes_sides_leaves_the_lines_behind(session: Session) -> None:
    before = everything(session)
    assert people.edit(session, "minh", {}, account="varna")["reports_to"] is None
    assert lines(session) == {"Anna": None, "Boris": None, "Lan": None, "Minh": None}
    undo(session)
    assert everything(session) == before
    assert people.edit(session, "minh", {}, account="varna", reports_to="boris")["reports_to"] == "Boris"
    assert manifest_agrees(session)


def test_naming_the_account_where_they_are_changes_no_line(session: Session) -> None:
    people.edit(session, "minh", {}, account="hanoi")
    assert lines(session) == SOUND


def test_whoever_goes_leaves_nobody_reporting_to_them_and_undo_brings_all_back(session: Session) -> None:
    before, changes = everything(session), len(session.reader.find(Change))
    assert people.rm(session, "minh", cascade=False) == "removed person 2 Minh"
    assert [one.reports_to for one in session.reader.find(Person)] == [None, None, None]
    assert len(session.reader.find(Change)) == changes + 1
    undo(session)
    assert everything(session) == before
    assert lines(session) == SOUND
    assert manifest_agrees(session)


def test_a_refused_removal_leaves_the_lines(session: Session) -> None:
    facts.add(session, "minh", "plays tennis", {})
    with pytest.raises(Refused):
        people.rm(session, "minh", cascade=False)
    assert lines(session) == SOUND


def test_an_account_goes_with_its_people_and_comes_back_with_its_lines(session: Session) -> None:
    before = everything(session)
    accounts.rm(session, "hanoi", cascade=True)
    assert lines(session) == {"Boris": None}
    undo(session)
    assert everything(session) == before


@pytest.mark.parametrize("above", [4, 99, 3, 1, (1 << 40)])
def test_a_line_that_should_never_be_is_nobody(session: Session, above: int) -> None:
    with session.change("oddity") as transaction:
        transaction.update(session.reader.get(Person, 1), reports_to=above)
    shape = dossier_page.account(session, session.reader.get(Account, 1))
    assert sorted(one["name"] for _, one in tree(shape["people"])) == ["Anna", "Lan", "Minh"]
    assert lines(session)["Lan"] is None
    # and it stands in nobody's way
    people.edit(session, "lan", {"position": "CEO"})
    people.edit(session, "lan", {}, reports_to="")
    assert people.edit(session, "minh", {}, reports_to="lan")["reports_to"] == "Lan"


def test_an_undo_may_bring_back_a_line_to_somebody_who_has_moved(session: Session) -> None:
    people.edit(session, "anna", {}, reports_to="")
    people.edit(session, "minh", {}, account="varna")
    undo(session, session.reader.find(Change)[-2].id)
    assert session.reader.get(Person, 3).reports_to == 2
    assert lines(session)["Anna"] is None


def test_locked_nobody_sees_who_reports_to_whom(
    session: Session, vault_path: str, lock: Callable[[], None]
) -> None:
    lock()
    with Session(vault_path, TODAY, Config({}, {}, ""), Unlocking()) as locked:
        assert set(lines(locked).values()) == {None}
        assert {one["reports_to_id"] for one in people.listed(locked)} == {None}
        assert [depth for depth, _ in tree(people.listed(locked))] == [0, 0, 0, 0]


def test_an_export_has_the_lines_unless_it_leaves_out_what_is_encrypted(session: Session) -> None:
    for sensitive in (True, False):
        stream = io.StringIO()
        exporting.to_stream(session, stream, include_sensitive=sensitive)
        exported = [one.get("reports_to") for one in json.loads(stream.getvalue())["people"]]
        assert exported == ([None, 1, 2, None] if sensitive else [None] * 4)
