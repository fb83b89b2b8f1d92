"""A session that stays open: locked and unlocked again, beside other sessions and programs, over midnight."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dossier.config import Config
from dossier.domain.vocabulary import ItemKind
from dossier.errors import Locked, Unavailable
from dossier.services import accounts, agenda, interactions, promises, vaults
from dossier.services.passphrases import Unlocking, with_three_tries
from dossier.services.session import Session
from dossier.store.catalog import Fact, Promise
from dossier.vault import header
from dossier.vault.keys import Keys
from tests.conftest import PASSPHRASE, TODAY, FakeAgent
from tests.services.rotations import Run
from tests.store.behind import fill, problems, raw

NEW = "quite another passphrase"


def opened(path: str, keys: Keys | None = None) -> Session:
    return Session(path, TODAY, Config({}, {}, ""), Unlocking(), keys)


@pytest.fixture
def other(session: Session) -> Iterator[Session]:
    """Another program at work in the same vault."""
    with opened(session.path) as found:
        yield found


# --- Locking ---------------------------------------------------------------------------------------------------------


def test_a_session_that_was_locked_reads_as_a_locked_one(session: Session) -> None:
    fill(session)
    session.lock()
    assert session.locked
    assert not session.knows_agenda
    assert [fact.text for fact in session.reader.find(Fact)] == [None, None]
    with pytest.raises(Locked):
        accounts.add(session, "Hanoi Optics", {})
    assert FakeAgent("").holds(session.vault_id), "the agent is not the session's to lock"


def test_the_keys_come_back_from_the_agent(session: Session) -> None:
    fill(session)
    session.lock()
    assert session.take_from_agent()
    assert session.reader.find(Fact)[0].text == "plays chess"
    session.lock()
    FakeAgent("").lock()
    assert not session.take_from_agent()
    assert session.locked


def test_only_all_the_keys_that_fit_are_taken_from_the_agent(session: Session) -> None:
    keys = session.keys
    session.lock()
    for held in (
        Keys(keys.vault_id, keys.key_id, agenda=keys.agenda),
        Keys(keys.vault_id, keys.key_id + 1, keys.agenda, keys.dossier, keys.seal),
    ):
        FakeAgent("").put(held)
        assert not session.take_from_agent()
        assert session.locked


def test_the_passphrase_unlocks_and_the_agent_holds_the_keys(session: Session) -> None:
    fill(session)
    FakeAgent("").lock()
    session.lock()
    with pytest.raises(Locked, match="wrong passphrase") as caught:
        session.unlock_with("not it at all")
    assert caught.value.hint
    assert session.locked
    assert not FakeAgent("").holds(session.vault_id)
    session.unlock_with(PASSPHRASE)
    assert session.reader.find(Fact)[0].text == "plays chess"
    assert FakeAgent("").holds(session.vault_id)
    assert session.warning is None


def test_an_agent_that_does_not_take_them_is_a_warning_until_one_does(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise Unavailable("the agent cannot be started")

    session.lock()
    with monkeypatch.context() as patch:
        patch.setattr(FakeAgent, "put", refuse)
        session.unlock_with(PASSPHRASE)
    assert not session.locked
    assert "the agent cannot be started" in str(session.warning)
    session.lock()
    session.unlock_with(PASSPHRASE)
    assert session.warning is None


def test_a_session_whose_file_is_gone_still_unlocks_for_what_was_not_saved(session: Session) -> None:
    fill(session)
    session.lock()
    os.unlink(session.path)
    session.unlock_with(PASSPHRASE)
    assert session.reader.find(Fact)[0].text == "plays chess"


def test_another_vault_written_into_the_file_is_not_unlocked(session: Session, vault_path: str) -> None:
    session.lock()
    other = f"{vault_path}.other"
    keys = vaults.make(other, PASSPHRASE, TODAY, vaults.CodeKeeper(None, lambda code: None))
    with opened(other, keys) as filled:
        fill(filled)  # SQLite knows a file by how often it was changed
    with open(other, "rb") as source, open(vault_path, "r+b") as target:
        shutil.copyfileobj(source, target)
    with pytest.raises(Unavailable, match="is another vault now"):
        session.unlock_with(PASSPHRASE)
    assert session.locked


# --- Two sessions ----------------------------------------------------------------------------------------------------


def test_a_second_session_is_given_the_keys_of_the_first(session: Session) -> None:
    fill(session)
    FakeAgent("").lock()
    with opened(session.path, session.keys) as second:
        assert second.reader.find(Fact)[0].text == "plays chess"
        second.lock()
        second.use(session.keys)
        accounts.add(second, "Hanoi Optics", {})
    session.lock()
    with opened(session.path, session.keys) as third:
        assert third.locked


def test_keys_of_another_vault_leave_a_session_locked(session: Session) -> None:
    with opened(session.path, header.create(NEW, TODAY).keys) as second:
        assert second.locked


def test_locking_one_leaves_the_other_reading_in_its_thread(session: Session) -> None:
    fill(session)
    begun, locked = threading.Event(), threading.Event()
    texts: list[str | None] = []

    def read() -> None:
        with opened(session.path, session.keys) as second:
            for fact in second.reader.each(Fact):
                texts.append(fact.text)
                begun.set()
                assert locked.wait(10)

    thread = threading.Thread(target=read)
    thread.start()
    assert begun.wait(10)
    walk = session.reader.each(Fact)
    next(walk)
    session.lock()
    locked.set()
    thread.join()
    assert texts == ["plays chess"] * 2
    assert next(walk).text == "plays chess", "what is in the middle of it ends with the keys it began with"


# --- What others do --------------------------------------------------------------------------------------------------


def test_what_others_commit_is_noticed_once(session: Session, other: Session) -> None:
    assert not session.changed_elsewhere()
    accounts.add(other, "Hanoi Optics", {})
    assert session.changed_elsewhere()
    assert not session.changed_elsewhere()


def test_what_was_committed_after_the_opening_counts_the_first_time(session: Session, other: Session) -> None:
    accounts.add(other, "Hanoi Optics", {})
    assert session.changed_elsewhere()


def test_commits_of_ones_own_do_not_count(session: Session, other: Session) -> None:
    accounts.add(session, "Hanoi Optics", {})
    with session.change("rehearsal", dry_run=True) as transaction:
        transaction.insert(Promise(account_id=1, made_on="2027-03-10", due_on="2027-03-11", title="send it"))
    with pytest.raises(KeyError), session.change("fails"):
        raise KeyError
    assert not session.changed_elsewhere()
    accounts.add(other, "Đặng & Sons", {})
    accounts.add(session, "Café Zürich", {})
    assert session.changed_elsewhere(), "another's commit before one of ours is not lost"
    assert not session.changed_elsewhere()


def test_asking_does_not_wait_for_a_commit_and_hears_of_it_next(session: Session, other: Session) -> None:
    other.database.execute("BEGIN EXCLUSIVE")  # as it is while a commit is written
    other.database.execute("UPDATE vault SET manifest = x'00'")
    assert not session.changed_elsewhere()
    other.database.execute("COMMIT")
    assert session.changed_elsewhere()


def test_asking_says_that_the_file_is_gone(session: Session) -> None:
    os.rename(session.path, f"{session.path}.away")
    with pytest.raises(Unavailable, match="is gone from"):
        session.changed_elsewhere()
    os.rename(f"{session.path}.away", session.path)
    assert not session.changed_elsewhere()


def test_a_passphrase_changed_by_another_program_breaks_no_write_and_is_asked_for(
    session: Session, other: Session
) -> None:
    vaults.change_passphrase(other, other.root_by(PASSPHRASE), lambda: NEW)
    assert session.changed_elsewhere()
    accounts.add(session, "Hanoi Optics", {})
    session.lock()
    with pytest.raises(Locked, match="wrong passphrase"):
        session.unlock_with(PASSPHRASE)
    session.unlock_with(NEW)
    accounts.add(session, "Đặng & Sons", {})
    session.lock()
    assert session.take_from_agent()
    assert problems(session) == []


def test_asking_for_the_passphrase_reads_the_header_anew(session: Session, other: Session) -> None:
    vaults.change_passphrase(other, other.root_by(PASSPHRASE), lambda: NEW)
    FakeAgent("").lock()
    with Session(
        session.path, TODAY, Config({}, {}, ""), Unlocking(None, lambda question: PASSPHRASE)
    ) as third:
        vaults.change_passphrase(other, other.root_by(NEW), lambda: PASSPHRASE)
        third.unlock()
        assert not third.locked


# --- The day ---------------------------------------------------------------------------------------------------------


def test_a_session_over_midnight_is_told_the_day(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {})
    promises.add(session, "a1", "send the drawings", due=TODAY.isoformat())
    assert [item.kind for item in agenda.items(session, 0)] == [ItemKind.PROMISE_DUE]
    session.today = TODAY + timedelta(days=3)
    assert [item.kind for item in agenda.items(session, 0)] == [ItemKind.PROMISE_OVERDUE]
    assert interactions.log(session, "a1", "call", {})["at"] == session.today.isoformat()


# --- Two machines ----------------------------------------------------------------------------------------------------


def test_keys_of_a_rotation_elsewhere_leave_the_copy_that_another_machine_rotated_locked(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have the same vault and the same number of keys, but not the same keys."""
    fill(session)
    session.close()
    theirs = str(tmp_path / "theirs.dossier")
    shutil.copy(session.path, theirs)
    Run()(session.path)
    with opened(session.path) as ours:
        assert not ours.locked, "the agent has the keys"
    keys = FakeAgent("").get(ours.vault_id)
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
        Run()(theirs)
    assert keys is not None
    FakeAgent("").put(keys, 900, 28_800)
    with opened(theirs) as other:
        assert other.keys.key_id == 0
        assert other.locked
        assert not other.take_from_agent()
        assert [fact.text for fact in other.reader.find(Fact)] == [None, None]
        other.unlock_with(PASSPHRASE)
        assert other.reader.find(Fact)[0].text == "plays chess"
    with opened(session.path) as ours:
        assert ours.locked, "the agent has theirs now"


@pytest.mark.parametrize("nothing_speaks", [False, True])
def test_a_hurt_manifest_alone_speaks_against_no_keys(session: Session, nothing_speaks: bool) -> None:
    """A change that was written with them speaks for them; where there is none, what is read has to prove itself."""
    fill(session)
    with raw(session.path) as connection:
        connection.execute("UPDATE vault SET manifest = zeroblob(200)")
        if nothing_speaks:
            connection.execute("DELETE FROM change")
    with opened(session.path) as again:
        assert not again.locked


@pytest.mark.parametrize(
    ("typed", "right", "asked"), [(True, 1, 1), (True, 3, 3), (True, 4, 3), (False, 2, 1), (False, 1, 1)]
)
def test_whoever_types_a_passphrase_has_three_tries(typed: bool, right: int, asked: int) -> None:
    questions: list[str] = []

    def ask(question: str) -> tuple[int, bool]:
        questions.append(question)
        return len(questions), typed

    def open_by(given: int) -> str:
        if given != right:
            raise Locked("wrong passphrase")
        return "open"

    if right <= asked:
        assert with_three_tries(ask, open_by, "Which? ") == ("open", typed)
    else:
        with pytest.raises(Locked, match="wrong passphrase"):
            with_three_tries(ask, open_by, "Which? ")
    assert questions == ["Which? ", *["That is not it. Passphrase: "] * 2][:asked]
