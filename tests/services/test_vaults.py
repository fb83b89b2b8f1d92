from __future__ import annotations

import os
import signal
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dossier.config import Config
from dossier.domain.faults import BadValue
from dossier.errors import Damaged, Failed, Locked, Refused, Unavailable, Usage
from dossier.services import safekeeping, vaults
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.services.vaults import CodeKeeper
from dossier.store.catalog import RECORDS
from dossier.store.database import SCHEMA_VERSION
from dossier.vault.header import Header
from tests.conftest import PASSPHRASE, TODAY, FakeAgent
from tests.store.behind import fill, problems, tamper

NEW = "quite another passphrase"


class Shown:
    """A person before whose eyes codes are shown."""

    def __init__(self) -> None:
        self.codes: list[str] = []

    def __call__(self, code: str) -> None:
        self.codes.append(code)

    @property
    def keeper(self) -> CodeKeeper:
        return CodeKeeper(None, self)


def opened_by(path: str, passphrase: str) -> Session:
    session = Session(path, TODAY, Config({}, {}, ""), Unlocking(None, lambda question: passphrase))
    FakeAgent("").lock()
    session.open_anew()
    return session


# --- Making ----------------------------------------------------------------------------------------------------------


def test_a_new_vault_opens_by_its_passphrase_and_is_sound(tmp_path: Path) -> None:
    path = str(tmp_path / "new" / "v.dossier")
    vaults.make(path, NEW, TODAY, Shown().keeper)
    with opened_by(path, NEW) as session:
        assert problems(session) == []


def test_the_code_is_kept_before_the_vault_appears(tmp_path: Path) -> None:
    path = tmp_path / "v.dossier"

    def show(code: str) -> None:
        assert code
        assert not path.exists()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        vaults.make(str(path), NEW, TODAY, CodeKeeper(None, show))
    assert not path.exists()


def test_the_file_of_the_code_is_private_and_says_what_it_is(tmp_path: Path) -> None:
    path, file = str(tmp_path / "v.dossier"), tmp_path / "code.txt"
    vaults.make(path, NEW, TODAY, CodeKeeper(str(file), Shown()))
    code, _, said, *_ = file.read_text().splitlines()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert path in said
    with Session(path, TODAY, Config({}, {}, ""), Unlocking()) as session:
        vaults.recover(session, code, lambda: PASSPHRASE, Shown().keeper)
        assert not session.locked


def test_a_vault_that_cannot_be_made_leaves_no_code_behind(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code = tmp_path / "code.txt"
    with pytest.raises(Unavailable):
        vaults.make(str(tmp_path / "file" / "v.dossier"), NEW, TODAY, CodeKeeper(str(code), Shown()))
    assert not code.exists()


@pytest.mark.parametrize("taken", ["v.dossier", "code.txt"])
def test_nothing_is_replaced_by_a_new_vault_or_its_code(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).write_text("precious")
    with pytest.raises(Refused, match=taken):
        vaults.make(str(tmp_path / "v.dossier"), NEW, TODAY, CodeKeeper(str(tmp_path / "code.txt"), Shown()))
    assert (tmp_path / taken).read_text() == "precious"
    assert sorted(os.listdir(tmp_path)) == sorted(["run", taken])


@pytest.mark.parametrize("passphrase", ["", "seven77", "        ", "  short   "])
def test_a_passphrase_that_is_too_short_is_refused(tmp_path: Path, passphrase: str) -> None:
    with pytest.raises(BadValue, match="at least 8"):
        vaults.make(str(tmp_path / "v.dossier"), passphrase, TODAY, Shown().keeper)
    assert os.listdir(tmp_path) == ["run"]


# --- Opening and locking ---------------------------------------------------------------------------------------------


def test_unlocking_hands_the_keys_to_the_agent_for_the_time_of_the_settings(vault_path: str) -> None:
    FakeAgent("").lock()
    unlocking = Unlocking(None, lambda question: PASSPHRASE)
    with Session(vault_path, TODAY, Config({}, {}, ""), unlocking) as session:
        assert vaults.unlock(session)
        assert FakeAgent("").status(session.vault_id) == (15 * 60, 8 * 3600)
        assert not vaults.unlock(session), "it is open already"


def test_a_span_counts_whether_used_or_not_and_needs_the_passphrase_again(session: Session) -> None:
    with pytest.raises(Locked):
        vaults.unlock(session, timedelta(hours=2))
    session._unlocking = Unlocking(None, lambda question: PASSPHRASE)
    assert vaults.unlock(session, timedelta(hours=2))
    assert FakeAgent("").status(session.vault_id) == (7200, 7200)


def test_a_span_beyond_a_week_is_refused(session: Session) -> None:
    with pytest.raises(BadValue, match="7 days"):
        vaults.unlock(session, timedelta(days=8))


def test_locking_says_whether_anything_was_held(vault_path: str) -> None:
    assert vaults.lock()
    assert not vaults.lock()


def test_keys_of_another_generation_are_not_taken_from_the_agent(session: Session) -> None:
    FakeAgent.held[session.vault_id].key_id += 1
    with Session(session.path, TODAY, Config({}, {}, ""), Unlocking()) as again:
        assert again.locked


def test_an_agent_that_cannot_be_started_is_a_warning_and_no_failure(
    vault_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise Unavailable("the agent cannot be started")

    FakeAgent("").lock()
    monkeypatch.setattr(FakeAgent, "put", refuse)
    unlocking = Unlocking(None, lambda question: PASSPHRASE)
    with Session(vault_path, TODAY, Config({}, {}, ""), unlocking) as session:
        session.unlock()
        assert not session.locked
        assert session.warning is not None
        assert "the agent cannot be started" in session.warning
        with pytest.raises(Unavailable):
            vaults.unlock(session, timedelta(hours=1))


# --- Passphrase and recovery -----------------------------------------------------------------------------------------


def test_a_new_passphrase_replaces_the_old_and_nothing_else(session: Session) -> None:
    fill(session)
    code_slot = [slot for slot in Header.parse(session.header).slots if slot.type == 2]
    vaults.change_passphrase(session, session.root_by(PASSPHRASE), lambda: NEW)
    assert [slot for slot in Header.parse(session.header).slots if slot.type == 2] == code_slot
    with opened_by(session.path, NEW) as again:
        assert problems(again) == []
    with pytest.raises(Locked, match="wrong passphrase"):
        opened_by(session.path, PASSPHRASE)


def test_a_wrong_current_passphrase_is_told_before_a_new_one_is_asked_for(session: Session) -> None:
    def choose() -> str:
        raise AssertionError("asked")

    with pytest.raises(Locked, match="wrong passphrase"):
        vaults.change_passphrase(session, session.root_by(NEW), choose)


def test_a_new_passphrase_that_is_too_short_changes_nothing(session: Session) -> None:
    before = Path(session.path).read_bytes()
    with pytest.raises(BadValue):
        vaults.change_passphrase(session, session.root_by(PASSPHRASE), lambda: "short")
    assert Path(session.path).read_bytes() == before


def test_recovery_gives_a_new_passphrase_and_a_new_code_and_ends_the_old_ones(tmp_path: Path) -> None:
    path, person = str(tmp_path / "v.dossier"), Shown()
    vaults.make(path, PASSPHRASE, TODAY, person.keeper)
    with Session(path, TODAY, Config({}, {}, ""), Unlocking()) as session:
        vaults.recover(session, person.codes[0].lower().replace("-", " "), lambda: NEW, person.keeper)
        assert problems(session) == []
        with pytest.raises(Locked, match="not this vault's"):
            vaults.recover(session, person.codes[0], lambda: NEW, person.keeper)
        vaults.recover(session, person.codes[1], lambda: NEW, person.keeper)
    with pytest.raises(Locked):
        opened_by(path, PASSPHRASE)
    opened_by(path, NEW).close()
    assert len(set(person.codes)) == 3


def test_a_typo_in_the_code_names_its_group_and_never_the_code(session: Session) -> None:
    with pytest.raises(Usage) as raised:
        vaults.recover(session, "AAAAA-" * 7, lambda: NEW, Shown().keeper)
    assert raised.value.message == "there is a typo in group 1 of the recovery code"


def test_of_two_programs_that_change_the_passphrase_one_is_told(session: Session) -> None:
    code = Path(session.path).with_name("code.txt")
    opened = session.root_by(PASSPHRASE)
    with Session(session.path, TODAY, Config({}, {}, ""), Unlocking()) as other:
        vaults.change_passphrase(other, other.root_by(PASSPHRASE), lambda: NEW)
    with pytest.raises(Failed, match="just now"):
        vaults.change_passphrase(
            session, opened, lambda: "a third passphrase", CodeKeeper(str(code), Shown())
        )
    assert not code.exists(), "a code that opens nothing is not left lying about"
    opened_by(session.path, NEW).close()


# --- Ended early -----------------------------------------------------------------------------------------------------


Ended = Callable[[str, bool], None]


@pytest.fixture(params=[KeyboardInterrupt, SystemExit, Unavailable], ids=lambda kind: kind.__name__)
def ends(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Ended:
    """Let a step of `vaults`, or of the session, be ended right before or right after it is done."""

    def end(step: str, after: bool) -> None:
        where = vaults if hasattr(vaults, step) else Session
        real = getattr(where, step)

        def ended(*arguments: Any) -> None:
            if after:
                real(*arguments)
            raise request.param("the end")

        monkeypatch.setattr(where, step, ended)

    return end


def test_a_vault_that_was_made_keeps_its_code_whatever_comes_after(tmp_path: Path, ends: Ended) -> None:
    path, code = tmp_path / "v.dossier", tmp_path / "code.txt"
    ends("create_vault", True)
    with pytest.raises(BaseException, match="the end") as ended:
        vaults.make(str(path), NEW, TODAY, CodeKeeper(str(code), Shown()))
    assert ended.value.__notes__ == [
        "It was done all the same: the vault opens by the new passphrase.",
        f"Its recovery code is in {code}.",
    ]
    with Session(str(path), TODAY, Config({}, {}, ""), Unlocking()) as session:
        vaults.recover(session, code.read_text().split("\n")[0], lambda: PASSPHRASE, Shown().keeper)


def test_a_vault_that_was_not_made_leaves_no_code(tmp_path: Path, ends: Ended) -> None:
    ends("create_vault", False)
    code = tmp_path / "code.txt"
    with pytest.raises(BaseException, match="the end") as ended:
        vaults.make(str(tmp_path / "v.dossier"), NEW, TODAY, CodeKeeper(str(code), Shown()))
    assert not code.exists()
    assert not hasattr(ended.value, "__notes__")


@pytest.mark.parametrize("after", [True, False], ids=["after", "before"])
def test_a_new_code_stands_or_falls_with_the_change(session: Session, ends: Ended, after: bool) -> None:
    code = Path(session.path).with_name("code.txt")
    ends("replace_header", after)
    with pytest.raises(BaseException, match="the end") as ended:
        vaults.change_passphrase(
            session, session.root_by(PASSPHRASE), lambda: NEW, CodeKeeper(str(code), Shown())
        )
    assert code.exists() == after
    assert hasattr(ended.value, "__notes__") == after
    opened_by(session.path, NEW if after else PASSPHRASE).close()


@pytest.mark.parametrize("when", ["BEGIN IMMEDIATE", "UPDATE", "COMMIT"])
def test_a_change_that_is_ended_inside_is_none(
    session: Session, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    code = Path(session.path).with_name("code.txt")
    real = session.database.execute

    def execute(sql: str, *more: Any) -> Any:
        if sql.startswith(when):
            raise KeyboardInterrupt
        return real(sql, *more)

    monkeypatch.setattr(session.database, "execute", execute)
    with pytest.raises(KeyboardInterrupt):
        vaults.change_passphrase(
            session, session.root_by(PASSPHRASE), lambda: NEW, CodeKeeper(str(code), Shown())
        )
    assert not code.exists()
    opened_by(session.path, PASSPHRASE).close()


def test_a_commit_that_is_interrupted_as_it_returns_was_made(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = Path(session.path).with_name("code.txt")
    real = session.database.execute

    def execute(sql: str, *more: Any) -> Any:
        done = real(sql, *more)
        if sql == "COMMIT":
            os.kill(os.getpid(), signal.SIGINT)
        return done

    monkeypatch.setattr(session.database, "execute", execute)
    with pytest.raises(KeyboardInterrupt):
        vaults.change_passphrase(
            session, session.root_by(PASSPHRASE), lambda: NEW, CodeKeeper(str(code), Shown())
        )
    with Session(session.path, TODAY, Config({}, {}, ""), Unlocking()) as again:
        vaults.recover(again, code.read_text().split("\n")[0], lambda: PASSPHRASE, Shown().keeper)


def test_a_code_is_kept_when_nobody_can_see_whether_it_counts(session: Session, ends: Ended) -> None:
    code = Path(session.path).with_name("code.txt")
    ends("replace_header", False)

    def choose() -> str:
        os.rename(session.path, f"{session.path}.away")
        return NEW

    with pytest.raises(BaseException, match="the end") as ended:
        vaults.change_passphrase(session, session.root_by(PASSPHRASE), choose, CodeKeeper(str(code), Shown()))
    assert code.exists()
    assert ended.value.__notes__ == [f"It may have been done: keep the recovery code in {code}."]


# --- What can be said ------------------------------------------------------------------------------------------------


def test_every_field_is_said_to_be_plain_or_secret_once() -> None:
    plain, secret = vaults.in_clear(), vaults.secret()
    for kind in RECORDS:
        noun = kind.table.name
        said = plain[noun] + [field for fields in secret[noun].values() for field in fields]
        assert sorted(said) == sorted(field.name for field in kind.table.fields)


def test_status_of_an_open_vault(session: Session) -> None:
    fill(session)
    found = vaults.status(session.path, session.config)
    assert (found["exists"], found["locked"], found["private"], found["mode"]) == (True, False, True, "0600")
    assert (found["idle_seconds_left"], found["seconds_left"], found["schema"]) == (
        900,
        28_800,
        SCHEMA_VERSION,
    )
    assert found["counts"]["person"] == 2
    assert found["slots"] == [
        {"id": 1, "type": "passphrase", "scope": "full", "created_on": "2027-03-10"},
        {"id": 2, "type": "recovery", "scope": "full", "created_on": "2027-03-10"},
    ]
    assert (found["opens_without_passphrase"], found["key_file_problem"]) == ([], None)
    assert "birthday" in found["secret"]["person"]["agenda"]
    assert "birthday" not in found["plain"]["person"]


def test_status_of_a_locked_vault_that_others_can_read(session: Session) -> None:
    FakeAgent("").lock()
    os.chmod(session.path, 0o644)
    found = vaults.status(session.path, session.config)
    assert (found["locked"], found["idle_seconds_left"], found["private"], found["mode"]) == (
        True,
        None,
        False,
        "0644",
    )


def test_status_where_there_is_no_vault(tmp_path: Path) -> None:
    found = vaults.status(str(tmp_path / "none"), Config({}, {}, ""))
    assert not found["exists"]
    assert found["locked"] is found["counts"] is found["slots"] is None
    assert os.listdir(tmp_path) == ["run"]


# --- Safekeeping -----------------------------------------------------------------------------------------------------


def quiet(done: int, total: int) -> None:
    pass


def accept(checked: safekeeping.Checked) -> None:
    pass


def test_checking_needs_the_keys(session: Session) -> None:
    FakeAgent("").lock()
    with Session(session.path, TODAY, Config({}, {}, ""), Unlocking()) as locked:
        with pytest.raises(Locked):
            safekeeping.check(locked, quiet)
        with pytest.raises(Locked):
            safekeeping.backup(locked, session.path + ".backup", quiet)


def test_a_vault_that_is_not_sound_is_not_backed_up(session: Session, tmp_path: Path) -> None:
    fill(session)
    tamper(session.path, "DELETE FROM fact WHERE id = 1")
    with pytest.raises(Damaged, match="does not check clean: fact 1 is missing"):
        safekeeping.backup(session, str(tmp_path / "b"), quiet)
    assert not (tmp_path / "b").exists()


def test_a_backup_that_was_tampered_with_is_not_restored(session: Session, tmp_path: Path) -> None:
    fill(session)
    copy = str(tmp_path / "b")
    safekeeping.backup(session, copy, quiet)
    tamper(copy, "UPDATE promise SET due_on = '2030-01-01'")
    before = Path(session.path).read_bytes()
    into = safekeeping.Restoring(session.path, TODAY, Config({}, {}, ""), Unlocking())
    with pytest.raises(Damaged, match=r"promise 1 is not as dossier wrote it.*and 1 other problem"):
        safekeeping.restore(copy, into, accept, quiet)
    assert Path(session.path).read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["b", "run", "vault.dossier"]


def test_a_restore_opens_with_the_passphrase_that_the_backup_had(session: Session, tmp_path: Path) -> None:
    fill(session)
    copy = str(tmp_path / "b")
    safekeeping.backup(session, copy, quiet)
    vaults.change_passphrase(session, session.root_by(PASSPHRASE), lambda: NEW)
    session.close()
    FakeAgent("").lock()
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return PASSPHRASE

    into = safekeeping.Restoring(session.path, TODAY, Config({}, {}, ""), Unlocking(None, answer))
    shape = safekeeping.restore(copy, into, accept, quiet)
    assert asked == ["Passphrase of the backup: "]
    assert shape["counts"]["account"] == 2
    opened_by(session.path, PASSPHRASE).close()
    opened_by(str(shape["replaced"]), NEW).close()


def test_a_vault_is_not_restored_from_itself(session: Session) -> None:
    into = safekeeping.Restoring(session.path, TODAY, Config({}, {}, ""), Unlocking())
    with pytest.raises(Refused, match="is the vault itself"):
        safekeeping.restore(session.path, into, accept, quiet)
