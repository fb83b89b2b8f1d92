from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dossier import paths
from dossier.config import Config
from dossier.errors import Damaged, Locked, NotFound, Refused
from dossier.services.history import history
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.services.undo import undo
from dossier.store.catalog import (
    Account,
    Change,
    Fact,
    Interaction,
    Participant,
    Person,
    Promise,
    PromiseMove,
    Relative,
    Step,
)
from dossier.store.gate import Transaction
from dossier.store.record import Record
from dossier.store.removal import remove
from dossier.store.where import at_least
from tests.conftest import TODAY
from tests.inspection import calendar_days, everything, manifest_agrees

DAY = TODAY.isoformat()


def change(session: Session, command: str, do: Callable[[Transaction], Any], summary: str = "did it") -> Any:
    with session.change(command) as transaction:
        transaction.summary = summary
        return do(transaction)


def add(session: Session, *records: Record) -> Any:
    stored = change(session, "add", lambda t: [t.insert(record) for record in records])
    return stored[0] if len(stored) == 1 else stored


def edit(session: Session, record: Record, **changes: Any) -> Any:
    return change(session, "edit", lambda t: t.update(record, **changes))


def rm(session: Session, record: Record) -> None:
    change(session, "rm", lambda t: remove(t, record))


def account(name: str = "Café Zürich") -> Account:
    return Account(name=name, created_on=DAY)


def person(name: str = "Trần Lan", account_id: int = 1) -> Person:
    return Person(account_id=account_id, name=name, created_on=DAY)


def test_an_added_record_is_removed(session: Session) -> None:
    add(session, account())
    shape = undo(session)
    assert everything(session) == {}
    assert shape["undoes"] == 1
    assert shape["id"] == 2
    assert shape["summary"] == "took back change 1: did it"
    assert [(one["action"], one["noun"], one["id"], one["label"]) for one in shape["records"]] == [
        ("removed", "account", 1, "Café Zürich")
    ]


def test_an_edit_is_restored_field_by_field(session: Session) -> None:
    stored = add(session, account())
    edit(session, stored, tier="key", note="quiet, 茶")
    edit(session, stored, industry="coffee")
    shape = undo(session, 2)
    read = session.reader.get(Account, 1)
    assert (read.tier, read.note, read.industry) == ("standard", None, "coffee")
    assert shape["records"][0]["fields"] == {
        "tier": {"from": "key", "to": "standard"},
        "note": {"from": "quiet, 茶", "to": None},
    }


def test_a_removed_record_comes_back_with_its_id_and_uid_and_all_that_belonged_to_it(
    session: Session,
) -> None:
    add(session, account())
    add(session, person())
    add(
        session,
        Fact(account_id=1, person_id=1, text="plays go", learned_on=DAY, confirmed_on=DAY),
        Relative(person_id=1, name="Mai", relation="daughter", birthday="--02-29"),
        Interaction(account_id=1, at=DAY, note="agreed"),
        Participant(interaction_id=1, person_id=1),
        Promise(
            account_id=1, person_id=1, interaction_id=1, made_on=DAY, due_on="2027-04-01", title="the quote"
        ),
        PromiseMove(
            promise_id=1, from_on=DAY, to_on="2027-04-01", moved_on=DAY, told_person_id=1, because="ill"
        ),
        Step(account_id=1, person_id=1, interaction_id=1, created_on=DAY, due_on=DAY, title="call"),
    )
    before, days = everything(session), calendar_days(session)
    rm(session, session.reader.get(Person, 1))
    assert ("fact", 1) not in everything(session)
    assert session.reader.get(Promise, 1).person_id is None
    undo(session)
    assert everything(session) == before
    assert calendar_days(session) == days
    rm(session, session.reader.get(Account, 1))
    assert everything(session) == {}
    undo(session)
    assert everything(session) == before
    assert manifest_agrees(session)


def test_an_undo_can_be_taken_back_and_again(session: Session) -> None:
    add(session, account())
    with_it = everything(session)
    for again in range(3):
        first = undo(session, 1)
        assert everything(session) == {}
        second = undo(session, first["id"])
        assert everything(session) == with_it
        assert second["summary"] == "brought back change 1: did it"
        assert session.reader.get(Change, 1).undone_by is None, again
    third = undo(session, undo(session)["id"])
    fourth = undo(session, third["id"])
    assert fourth["summary"] == "took back change 1: did it"
    assert everything(session) == {}
    assert session.reader.get(Change, 1).undone_by is not None


def test_without_a_number_the_changes_go_one_by_one_and_undos_do_not_count(session: Session) -> None:
    for name in ("One", "Two", "Three"):
        add(session, account(name))
    assert [undo(session)["undoes"] for _ in range(2)] == [3, 2]
    add(session, account("Four"))
    assert [undo(session)["undoes"] for _ in range(2)] == [6, 1]
    with pytest.raises(NotFound, match="nothing to take back"):
        undo(session)


def test_nothing_to_take_back_and_no_such_change_are_not_found(session: Session) -> None:
    with pytest.raises(NotFound, match="nothing to take back"):
        undo(session)
    add(session, account())
    with pytest.raises(NotFound, match="no change 9"):
        undo(session, 9)


def test_a_change_is_not_taken_back_twice(session: Session) -> None:
    add(session, account())
    undo(session)
    with pytest.raises(Refused, match="change 1 was already taken back by change 2") as caught:
        undo(session, 1)
    assert caught.value.hint == "to bring it back: dossier undo --id 2"


def test_what_was_changed_since_is_not_overwritten(session: Session) -> None:
    stored = add(session, account())
    edit(session, stored, tier="key")
    edit(session, stored, tier="strategic")
    for number in (1, 2):
        with pytest.raises(
            Refused, match=f"change {number} cannot be taken back: account 1 has changed"
        ) as caught:
            undo(session, number)
        assert caught.value.hint == "take that back first: dossier undo --id 3"
    assert session.reader.get(Account, 1).tier == "strategic"
    assert len(session.reader.find(Change)) == 3
    undo(session, 3)
    undo(session, 2)
    undo(session, 1)
    assert everything(session) == {}


def test_what_was_removed_since_cannot_be_edited_back(session: Session) -> None:
    stored = add(session, account())
    edit(session, stored, tier="key")
    rm(session, stored)
    with pytest.raises(Refused, match=r"account 1 has changed since \(change 3\)"):
        undo(session, 2)


def test_an_added_record_that_others_refer_to_stays(session: Session) -> None:
    add(session, account())
    add(session, person())
    add(session, person("Minh"))
    with pytest.raises(Refused, match=r"person 1 and 1 more record refer to what it added \(change 2, 3\)"):
        undo(session, 1)
    assert len(everything(session)) == 3


def test_of_many_changes_in_the_way_the_newest_are_named(session: Session) -> None:
    add(session, account())
    for number in range(9):
        add(session, person(f"Person {number}"))
    with pytest.raises(Refused, match=r"\(change … 5, 6, 7, 8, 9, 10\)$"):
        undo(session, 1)


def test_a_removed_record_does_not_come_back_without_what_it_needs(session: Session) -> None:
    add(session, account())
    lan = add(session, person())
    rm(session, lan)
    rm(session, session.reader.get(Account, 1))
    with pytest.raises(Refused, match=r"account 1 is no longer there \(change 4\)"):
        undo(session, 3)
    undo(session, 4)
    undo(session, 3)
    assert session.reader.get(Person, 1).name == "Trần Lan"


def test_a_redo_is_refused_when_something_else_came_in_between(session: Session) -> None:
    stored = add(session, account())
    edit(session, stored, tier="key")
    back = undo(session)["id"]
    edit(session, stored, tier="prospect")
    with pytest.raises(Refused, match=r"account 1 has changed since \(change 4\)"):
        undo(session, back)


def test_several_rows_of_one_record_in_one_change_count_once(session: Session) -> None:
    def do(transaction: Transaction) -> None:
        stored = transaction.insert(account())
        transaction.update(stored, tier="key")
        other = transaction.insert(account("Gone at once"))
        transaction.delete(other)

    change(session, "several", do)
    shape = undo(session)
    assert [(one["action"], one["id"]) for one in shape["records"]] == [("removed", 1)]
    assert everything(session) == {}
    undo(session, shape["id"])
    assert session.reader.get(Account, 1).tier == "key"


def test_a_dry_run_says_the_same_and_changes_nothing(session: Session) -> None:
    stored = add(session, account())
    edit(session, stored, tier="key")
    before = everything(session)
    rehearsed = undo(session, dry_run=True)
    assert rehearsed["summary"] == "would take back change 2: did it"
    assert (rehearsed["id"], rehearsed["dry_run"]) == (None, True)
    assert everything(session) == before
    assert len(session.reader.find(Change)) == 2
    assert undo(session)["records"] == rehearsed["records"]


def test_a_dry_run_meets_the_same_refusals(session: Session) -> None:
    add(session, account())
    add(session, person())
    with pytest.raises(Refused):
        undo(session, 1, dry_run=True)


def test_a_row_changed_behind_our_back_is_not_taken_back(session: Session) -> None:
    add(session, account())
    session.database.execute("UPDATE account SET tier = 'key'")
    with pytest.raises(Damaged):
        undo(session)


def test_taking_back_needs_the_keys(session: Session, lock: Callable[[], None]) -> None:
    add(session, account())
    lock()
    with Session(session.path, TODAY, Config({}, {}, ""), Unlocking()) as locked, pytest.raises(Locked):
        undo(locked)


# --- A random life of a vault ---------------------------------------------------------------------------------


def pick(session: Session, kind: type[Record], number: int) -> Any:
    """One of the records of a kind, if there are any."""
    found = session.reader.find(kind)
    return found[number % len(found)] if found else None


def _person(session: Session, whose: Account, whom: Person | None, number: int) -> None:
    birthday = f"--03-{1 + number % 28:02}"
    add(session, Person(account_id=whose.id, name=f"P{number}", created_on=DAY, birthday=birthday))


def _relative(session: Session, whose: Account, whom: Person | None, number: int) -> None:
    if whom:
        add(session, Relative(person_id=whom.id, name=f"R{number}", relation="son", birthday="--02-29"))


def _talk(session: Session, whose: Account, whom: Person | None, number: int) -> None:
    def do(transaction: Transaction) -> None:
        talk = transaction.insert(Interaction(account_id=whose.id, at=DAY, note=f"N{number}"))
        if whom:
            transaction.insert(Participant(interaction_id=talk.id, person_id=whom.id))

    change(session, "talk", do)


def _promise(session: Session, whose: Account, whom: Person | None, number: int) -> None:
    given_to = whom.id if whom else None
    add(
        session, Promise(account_id=whose.id, person_id=given_to, made_on=DAY, due_on=DAY, title=f"W{number}")
    )


def _move(session: Session, whose: Account, whom: Person | None, number: int) -> None:
    promise = pick(session, Promise, number)
    if promise:
        to = f"2027-05-{1 + number % 28:02}"
        move = PromiseMove(
            promise_id=promise.id, from_on=promise.due_on, to_on=to, moved_on=DAY, because="ill"
        )
        change(session, "move", lambda t: (t.insert(move), t.update(promise, due_on=to)))


def _edit(session: Session, whose: Account, whom: Person | None, number: int) -> None:
    edit(session, whose, note=f"note {number}", tags=["x"] * (number % 3), cadence_days=number + 1)


def _to_another_account(session: Session, whose: Account, whom: Person | None, number: int) -> None:
    if whom:
        edit(session, whom, account_id=whose.id, marked=bool(number % 2), birthday=None)


def _rm(session: Session, whose: Account, whom: Person | None, number: int) -> None:
    rm(session, whom if whom and number % 3 else whose)


def _undo(session: Session, whose: Account, whom: Person | None, number: int) -> None:
    with suppress(Refused):
        undo(session, pick(session, Change, number).id)


EVENTS = (_person, _relative, _talk, _promise, _move, _edit, _to_another_account, _rm, _undo)
Life = list[tuple[int, int, int]]
LIVES: st.SearchStrategy[Life] = st.lists(
    st.tuples(st.integers(0, len(EVENTS)), st.integers(0, 50), st.integers(0, 50)), max_size=14
)


def live(session: Session, life: Life) -> None:
    """Let things happen to the vault, each a change; what has nothing to act on is left out."""
    for event, first, second in life:
        whose = pick(session, Account, first)
        if whose is None or event == len(EVENTS):
            add(session, Account(name=f"A{first}", created_on=DAY, cadence_days=second + 1))
        else:
            EVENTS[event](session, whose, pick(session, Person, second), second)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=LIVES, after=LIVES)
def test_taking_everything_back_leads_to_where_it_began_and_undoing_that_to_the_end(
    vault_path: str, tmp_path: Path, before: Life, after: Life
) -> None:
    path = str(tmp_path / "copy.dossier")
    shutil.copy(vault_path, path)
    shutil.rmtree(
        paths.state_dir(), ignore_errors=True
    )  # where the last life is remembered: this is an older copy
    with Session(path, TODAY, Config({}, {}, ""), Unlocking()) as session:
        live(session, before)
        start, days, number = everything(session), calendar_days(session), len(session.reader.find(Change))
        live(session, after)
        end = everything(session)
        undone = []
        for one in session.reader.find(Change, at_least("id", number + 1), order="id DESC"):
            if session.reader.get(Change, one.id).undone_by is None:
                undone.append(undo(session, one.id)["id"])  # noqa: PERF401 - each looks at what the last one did
        assert everything(session) == start
        assert calendar_days(session) == days
        for done in reversed(undone):
            undo(session, done)
        assert everything(session) == end
        assert manifest_agrees(session)


# --- History -----------------------------------------------------------------------------------------------------


def test_history_is_newest_first_and_knows_what_was_taken_back(session: Session) -> None:
    stored = add(session, account())
    edit(session, stored, tier="key")
    undo(session)
    shapes = history(session)
    assert [(one["id"], one["command"], one["undoes"], one["undone_by"]) for one in shapes] == [
        (3, "undo", 2, None),
        (2, "edit", None, 3),
        (1, "add", None, None),
    ]
    assert shapes[0]["summary"] == "took back change 2: did it"
    assert shapes[0]["records"] == 1
    assert [one["id"] for one in history(session, limit=2)] == [3, 2]


def test_history_tells_the_time_of_this_place(session: Session) -> None:
    add(session, account())
    at = datetime.fromisoformat(history(session)[0]["at"])
    assert at == datetime.fromisoformat(session.reader.get(Change, 1).at)
    assert at.utcoffset() == datetime.now().astimezone().utcoffset()


def test_history_of_an_account_has_all_that_belongs_to_it_and_nothing_else(session: Session) -> None:
    add(session, account())  # 1
    add(session, account("Other"))  # 2
    lan = add(session, person())  # 3
    add(session, person("Minh", account_id=2))  # 4
    mai = add(session, Relative(person_id=1, name="Mai", relation="daughter"))  # 5
    edit(session, mai, birthday="--02-29")  # 6
    edit(session, session.reader.get(Account, 2), tier="key")  # 7
    assert [one["id"] for one in history(session, "a1")] == [6, 5, 3, 1]
    rm(session, lan)  # 8: the relative goes too, and the journal alone still knows whose she was
    assert [one["id"] for one in history(session, "a1")] == [8, 6, 5, 3, 1]
    assert [one["id"] for one in history(session, "a1", limit=1)] == [8]
    assert [one["id"] for one in history(session, "a2")] == [7, 4, 2]


def test_history_of_a_person_has_their_talks_and_promises(session: Session) -> None:
    add(session, account(), person(), person("Minh"))  # 1
    talk = add(session, Interaction(account_id=1, at=DAY), Participant(interaction_id=1, person_id=1))[0]  # 2
    edit(session, talk, note="agreed")  # 3
    word = add(session, Promise(account_id=1, person_id=1, made_on=DAY, due_on=DAY, title="x"))  # 4
    edit(session, word, state="kept", settled_on=DAY)  # 5
    add(session, Promise(account_id=1, person_id=2, made_on=DAY, due_on=DAY, title="y"))  # 6
    assert [one["id"] for one in history(session, "p1")] == [5, 4, 3, 2, 1]
    assert [one["id"] for one in history(session, "p2")] == [6, 1]


def test_history_of_who_changed_the_account_belongs_to_both(session: Session) -> None:
    add(session, account(), account("Other"))  # 1
    lan = add(session, person())  # 2
    edit(session, lan, account_id=2)  # 3
    assert [one["id"] for one in history(session, "a1")] == [3, 2, 1]
    assert [one["id"] for one in history(session, "a2")] == [3, 2, 1]
