"""Opening a session by a key file, and adding and removing what opens a vault."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dossier.config import Config
from dossier.errors import Failed, Locked, NotFound, Refused, Unavailable
from dossier.services import accounts, facts, interactions, memory, slots, vaults
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.services.slots import Scope
from dossier.store.catalog import Fact, Person
from dossier.vault import header, key_file
from dossier.vault.header import Header
from dossier.vault.slots import key_file_slot as key_slot
from tests.conftest import PASSPHRASE, TODAY, FakeAgent
from tests.store.behind import fill, problems, tamper

NEW = "quite another passphrase"
NOBODY = Unlocking()


@pytest.fixture
def files(session: Session, tmp_path: Path) -> dict[str, str]:
    """Key files of a filled vault that nobody holds open: `full`, `agenda`, and one of no vault, `foreign`."""
    fill(session)
    session._unlocking = Unlocking(None, lambda question: PASSPHRASE)
    made = {name: str(tmp_path / f"{name}.key") for name in ("full", "agenda", "foreign")}
    slots.add(session, made["full"])
    slots.add(session, made["agenda"], Scope.AGENDA)
    write(made["foreign"])
    FakeAgent("").lock()
    return made


def write(path: str, text: str | None = None, mode: int = 0o600) -> None:
    Path(path).write_text(key_file.new_text(TODAY) if text is None else text)
    os.chmod(path, mode)


Opens = Callable[..., Session]


@pytest.fixture
def opens(vault_path: str) -> Iterator[Opens]:
    """Open a session where a key file is set: in the environment, or `named` on the command line."""
    made: list[Session] = []

    def opening(
        file: str, *, named: bool = False, unlocking: Unlocking = NOBODY, command: str = ""
    ) -> Session:
        flags = {"key_file": file} if named else {}
        around = {"DOSSIER_KEY_FILE": file, "DOSSIER_PASSPHRASE_COMMAND": command}
        made.append(Session(vault_path, TODAY, Config(flags, {} if named else around, ""), unlocking))
        return made[-1]

    yield opening
    for one in made:
        one.close()


def types(passphrase: str = PASSPHRASE) -> Unlocking:
    return Unlocking(None, lambda question: passphrase)


# --- Opening by a full one -------------------------------------------------------------------------------------------


def test_a_full_key_file_opens_all_and_starts_no_agent(files: dict[str, str], opens: Opens) -> None:
    session = opens(files["full"])
    assert session.locked, "nothing is read before it is needed"
    session.unlock()
    assert not session.locked
    assert session.warning is None
    assert not FakeAgent.held
    accounts.add(session, "Hanoi Optics", {})
    assert problems(session) == []


def test_lists_are_opened_by_it_too(files: dict[str, str], opens: Opens) -> None:
    session = opens(files["full"])
    session.unlock_if_unattended()
    assert not session.locked


def test_it_comes_before_every_passphrase_and_after_the_agent(files: dict[str, str], opens: Opens) -> None:
    def ask(question: str) -> str:
        raise AssertionError("asked")

    session = opens(files["full"], unlocking=Unlocking(None, ask), command="false")
    session.unlock()
    assert not session.locked
    FakeAgent("").put(session.keys)
    assert not opens(files["foreign"], named=True).locked, "with the agent's keys no key file is read"


# --- Opening by one for the agenda -----------------------------------------------------------------------------------


def test_a_scoped_key_file_shows_the_agendas_secrets_alone(files: dict[str, str], opens: Opens) -> None:
    session = opens(files["agenda"])
    session.unlock_if_unattended()
    assert session.locked
    assert session.knows_agenda
    assert [person.birthday for person in session.reader.find(Person)] == ["1975-04-12"] * 2
    assert [fact.text for fact in session.reader.find(Fact)] == [None, None]
    assert session.reader.calendar() is not None


def test_a_scoped_key_file_is_not_enough_to_unlock(files: dict[str, str], opens: Opens) -> None:
    session = opens(files["agenda"])
    with pytest.raises(Locked, match="opens the agenda alone"):
        session.unlock()
    session.unlock_if_unattended()
    with pytest.raises(Locked, match="opens the agenda alone"):
        accounts.add(session, "Hanoi Optics", {})
    with pytest.raises(Locked, match="opens the agenda alone"):
        session.unlock()


@pytest.mark.parametrize("first", [True, False], ids=["agenda-open", "locked"])
def test_beside_a_scoped_key_file_the_passphrase_opens_the_rest(
    files: dict[str, str], opens: Opens, first: bool
) -> None:
    session = opens(files["agenda"], unlocking=types())
    if first:
        session.unlock_if_unattended()
    session.unlock()
    assert not session.locked


def test_a_list_is_opened_wholly_if_a_passphrase_is_to_be_had(files: dict[str, str], opens: Opens) -> None:
    session = opens(files["agenda"], command=f"echo {PASSPHRASE}")
    session.unlock_if_unattended()
    assert not session.locked


def test_a_screen_is_never_half_open(files: dict[str, str], opens: Opens) -> None:
    session = opens(files["agenda"])
    session.unlock_if_unattended(screen=True)
    assert not session.knows_agenda
    whole = opens(files["full"])
    whole.unlock_if_unattended(screen=True)
    assert not whole.locked


def test_locking_lets_go_of_the_agendas_key(files: dict[str, str], opens: Opens) -> None:
    session = opens(files["agenda"])
    session.unlock_if_unattended()
    session.lock()
    assert not session.knows_agenda


# --- Key files that open nothing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("attended", [True, False])
def test_a_key_file_of_another_vault_ends_it_in_one_line(
    files: dict[str, str], opens: Opens, attended: bool
) -> None:
    session = opens(files["foreign"])
    with pytest.raises(Locked, match=r"foreign\.key does not open this vault") as caught:
        session.unlock() if attended else session.unlock_if_unattended()
    assert "\n" not in caught.value.message


def test_where_something_else_is_tried_it_is_a_warning(
    files: dict[str, str], opens: Opens, tmp_path: Path
) -> None:
    """A second vault, or a stick that is not in: the settings name the file, and a person is there."""
    for file in (files["foreign"], str(tmp_path / "none")):
        session = opens(file, unlocking=types())
        session.unlock()
        assert not session.locked
        assert session.warning is not None
        assert file in session.warning
        FakeAgent("").lock()
        by_command = opens(file, command=f"echo {PASSPHRASE}")
        by_command.unlock_if_unattended()
        assert not by_command.locked
        seen = opens(file, unlocking=types())
        seen.unlock_if_unattended()
        assert seen.locked, "a list asks nobody"
        assert seen.warning is not None


def test_a_file_that_was_named_must_open(files: dict[str, str], opens: Opens, tmp_path: Path) -> None:
    with pytest.raises(Locked, match="does not open"):
        opens(files["foreign"], named=True, unlocking=types()).unlock()
    with pytest.raises(Unavailable, match="cannot read the key file"):
        opens(str(tmp_path / "none"), named=True, unlocking=types()).unlock()


def test_a_file_that_is_not_there(opens: Opens, files: dict[str, str], tmp_path: Path) -> None:
    for opening in (Session.unlock, Session.unlock_if_unattended):
        with pytest.raises(Unavailable, match="cannot read the key file"):
            opening(opens(str(tmp_path / "none")))


@pytest.mark.parametrize("name", ["full", "agenda"])
def test_a_file_that_others_can_read_is_never_used(files: dict[str, str], opens: Opens, name: str) -> None:
    os.chmod(files[name], 0o640)
    for unlocking in (Unlocking(), types()):
        session = opens(files[name], unlocking=unlocking)
        with pytest.raises(Refused, match="others on this machine"):
            session.unlock_if_unattended()
        with pytest.raises(Refused, match="others on this machine"):
            session.unlock()
        assert not session.knows_agenda


def test_a_file_that_was_taken_out_by_another_program(
    files: dict[str, str], session: Session, opens: Opens
) -> None:
    other = opens(files["full"])
    slots.remove(session, 3, lambda *_: None)
    with pytest.raises(Locked, match="does not open"):
        other.unlock()


# --- The agent -------------------------------------------------------------------------------------------------------


def test_unlock_hands_what_a_full_key_file_opens_to_the_agent(files: dict[str, str], opens: Opens) -> None:
    session = opens(files["full"], named=True)
    assert vaults.unlock(session)
    assert FakeAgent.held[session.vault_id].full
    assert vaults.unlock(session, timedelta(hours=1))


def test_unlock_by_a_scoped_key_file_is_refused(files: dict[str, str], opens: Opens) -> None:
    with pytest.raises(Refused, match="opens the agenda alone"):
        vaults.unlock(opens(files["agenda"], named=True, unlocking=types()))
    with pytest.raises(Locked, match="opens the agenda alone"):
        vaults.unlock(opens(files["agenda"]))
    assert not FakeAgent.held
    assert vaults.unlock(opens(files["agenda"], unlocking=types())), (
        "it is set for the agenda, and a person is here"
    )


# --- Changing the passphrase -----------------------------------------------------------------------------------------


def test_a_full_key_file_is_enough_for_a_new_passphrase(files: dict[str, str], opens: Opens) -> None:
    session = opens(files["full"])
    opened, typed = session.root()
    assert not typed
    vaults.change_passphrase(session, opened, lambda: NEW)
    assert opened.root == bytes(32), "it is wiped"
    assert session.root_by(NEW).keys.full
    assert problems(session) == []


def test_the_root_is_of_the_header_as_it_stands_now(
    files: dict[str, str], session: Session, opens: Opens
) -> None:
    """Another program changed the passphrase since this session was opened."""
    late = opens("", unlocking=types(NEW))
    vaults.change_passphrase(session, session.root_by(PASSPHRASE), lambda: NEW)
    opened, _ = late.root()
    vaults.change_passphrase(late, opened, lambda: PASSPHRASE)
    assert session.root_by(PASSPHRASE).keys.full


# --- Adding ----------------------------------------------------------------------------------------------------------


def test_a_file_is_made_private_and_whole(session: Session, files: dict[str, str]) -> None:
    for name in ("full", "agenda"):
        found = os.stat(files[name])
        assert stat.S_IMODE(found.st_mode) == 0o600
        assert key_file.read(files[name])
    assert [(one["id"], one["type"], one["scope"]) for one in slots.listed(session)] == [
        (1, "passphrase", "full"),
        (2, "recovery", "full"),
        (3, "key_file", "full"),
        (4, "key_file", "agenda"),
    ]
    assert problems(session) == []


def test_the_umask_makes_it_no_wider(session: Session, tmp_path: Path) -> None:
    session._unlocking = types()
    before = os.umask(0)
    try:
        slots.add(session, str(tmp_path / "a.key"))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.key").stat().st_mode) == 0o600


def test_what_is_there_is_taken_if_it_is_a_key_file(
    session: Session, files: dict[str, str], opens: Opens
) -> None:
    before = Path(files["foreign"]).read_bytes()
    shape = slots.add(session, files["foreign"])
    assert (shape["made"], shape["file"], shape["id"]) == (False, files["foreign"], 5)
    assert Path(files["foreign"]).read_bytes() == before
    again = opens(files["foreign"])
    again.unlock()
    assert not again.locked


def test_a_file_has_one_scope_wherever_it_is_added(
    session: Session, files: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(Refused, match="opens all of a vault"):
        slots.add(session, files["foreign"], Scope.AGENDA)
    write(str(tmp_path / "other.key"), key_file.new_text(TODAY, agenda_only=True))
    with pytest.raises(Refused, match="for the agenda alone"):
        slots.add(session, str(tmp_path / "other.key"))
    shape = slots.add(session, str(tmp_path / "other.key"), Scope.AGENDA)
    assert (shape["scope"], shape["made"]) == ("agenda", False)


def test_a_file_for_the_agenda_never_opens_a_vault_that_somebody_else_made_of_it(
    session: Session, files: dict[str, str], opens: Opens
) -> None:
    """A thief of the scoped file, who can write to the vault, makes a full slot for it under a root of their own."""
    place, root = Header.parse(session.header).place, os.urandom(32)
    theirs = Header(*place, [key_slot(place, 1, TODAY, root, key_file.read(files["agenda"]).secret)]).pack(
        root
    )
    assert header.open_with_key_file(theirs, key_file.read(files["agenda"]).secret).keys.full
    tamper(session.path, "UPDATE vault SET header = ?", theirs)
    other = opens(files["agenda"])
    for opening in (Session.unlock, Session.unlock_if_unattended):
        with pytest.raises(Locked, match="does not open this vault"):
            opening(other)
    assert not other.knows_agenda


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o602])
def test_one_that_others_can_get_at_is_refused(session: Session, files: dict[str, str], mode: int) -> None:
    os.chmod(files["foreign"], mode)
    with pytest.raises(Refused, match="others on this machine") as caught:
        slots.add(session, files["foreign"])
    assert caught.value.hint == f"run: chmod 600 {files['foreign']}"
    assert len(slots.listed(session)) == 4


@pytest.mark.parametrize("what", ["text", "empty", "folder", "fifo", "dangling"])
def test_what_is_no_key_file_is_left_alone(
    session: Session, files: dict[str, str], tmp_path: Path, what: str
) -> None:
    path = tmp_path / "thing"
    if what == "folder":
        path.mkdir(0o700)
    elif what == "fifo":
        os.mkfifo(path, 0o600)
    elif what == "dangling":
        path.symlink_to(tmp_path / "elsewhere")
    else:
        write(str(path), "precious" if what == "text" else "")
    with pytest.raises(Refused if what != "dangling" else Unavailable):
        slots.add(session, str(path))
    assert len(slots.listed(session)) == 4
    assert not (tmp_path / "elsewhere").exists()


def test_one_that_opens_the_vault_already(session: Session, files: dict[str, str]) -> None:
    with pytest.raises(Refused, match="slot 4 already"):
        slots.add(session, files["agenda"], Scope.AGENDA)
    with pytest.raises(Refused, match="slot 3 already"):
        slots.add(session, files["full"])


def test_a_wrong_passphrase_makes_no_file(session: Session, tmp_path: Path) -> None:
    session._unlocking = types("not the one")
    before = Path(session.path).read_bytes()
    with pytest.raises(Locked, match="wrong passphrase"):
        slots.add(session, str(tmp_path / "a.key"))
    assert not (tmp_path / "a.key").exists()
    assert Path(session.path).read_bytes() == before


def test_the_agents_keys_are_not_enough(session: Session, tmp_path: Path) -> None:
    with pytest.raises(Locked):
        slots.add(session, str(tmp_path / "a.key"))
    with pytest.raises(Locked):
        slots.remove(session, 2, lambda *_: None)


def test_a_full_key_file_may_add_another(files: dict[str, str], opens: Opens, tmp_path: Path) -> None:
    session = opens(files["full"])
    assert slots.add(session, str(tmp_path / "b.key"))["id"] == 5
    with pytest.raises(Locked, match="the agenda alone"):
        slots.add(opens(files["agenda"]), str(tmp_path / "c.key"))
    assert not (tmp_path / "c.key").exists()


def test_a_file_that_cannot_be_made_changes_nothing(session: Session, tmp_path: Path) -> None:
    session._unlocking = types()
    before = Path(session.path).read_bytes()
    with pytest.raises(Unavailable, match="cannot write the key file"):
        slots.add(session, str(tmp_path / "none" / "a.key"))
    assert Path(session.path).read_bytes() == before


@pytest.mark.parametrize("after", [True, False], ids=["after", "before"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, Unavailable])
@pytest.mark.parametrize("there", [True, False], ids=["there", "new"])
def test_a_new_file_stands_or_falls_with_the_change(
    session: Session,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    after: bool,
    error: type[BaseException],
    there: bool,
) -> None:
    path, real = tmp_path / "a.key", Session.replace_header
    if there:
        write(str(path))

    def ended(*arguments: Any) -> None:
        assert path.exists(), "the file is on the disk before the vault relies on it"
        if after:
            real(*arguments)
        raise error("the end")

    session._unlocking = types()
    monkeypatch.setattr(Session, "replace_header", ended)
    with pytest.raises(error) as caught:
        slots.add(session, str(path))
    assert path.exists() == (after or there)
    notes = ["It was done all the same: the key file opens the vault."] if after else []
    notes += [f"Its key file is in {path}."] if after and not there else []
    assert getattr(caught.value, "__notes__", []) == notes
    assert len(slots.listed(session)) == 2 + after


def test_the_vault_is_not_changed_until_the_file_is_on_the_disk(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    real, replace = os.fsync, Session.replace_header

    def sync(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        real(descriptor)

    def ended(*arguments: Any) -> None:
        assert synced == [(tmp_path / "a.key").stat().st_ino, tmp_path.stat().st_ino]
        replace(*arguments)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Session, "replace_header", ended)
    session._unlocking = types()
    slots.add(session, str(tmp_path / "a.key"))


# --- Removing --------------------------------------------------------------------------------------------------------


def test_a_slot_that_was_removed_opens_nothing_more(
    session: Session, files: dict[str, str], opens: Opens
) -> None:
    told: list[Any] = []
    removed = slots.remove(session, 4, lambda *what: told.extend(what))
    assert (removed["id"], removed["scope"]) == (4, "agenda")
    assert (told[0]["id"], [left["id"] for left in told[1]]) == (4, [1, 2, 3])
    assert problems(session) == []
    with pytest.raises(Locked):
        opens(files["agenda"]).unlock_if_unattended()
    opens(files["full"]).unlock()


def test_what_was_not_meant_is_not_done(session: Session, files: dict[str, str]) -> None:
    def called_off(*_: Any) -> None:
        raise Failed("called off")

    with pytest.raises(Failed):
        slots.remove(session, 3, called_off)
    assert len(slots.listed(session)) == 4


def test_what_cannot_be_removed_is_told_before_anything_is_asked(session: Session) -> None:
    def ask(*_: Any) -> None:
        raise AssertionError("asked")

    with pytest.raises(NotFound):
        slots.remove(session, 9, ask)
    session._unlocking = types()
    slots.remove(session, 2, lambda *_: None)
    with pytest.raises(Refused, match="slot 1 is the last"):
        slots.remove(session, 1, ask)


def test_a_removal_that_ends_early_says_what_became_of_it(
    session: Session, files: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Session.replace_header

    def ended(*arguments: Any) -> None:
        real(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(Session, "replace_header", ended)
    with pytest.raises(KeyboardInterrupt) as caught:
        slots.remove(session, 3, lambda *_: None)
    assert caught.value.__notes__ == ["It was done all the same: slot 3 opens the vault no more."]


def test_a_slot_that_became_another_one_while_the_question_stood(
    session: Session, files: dict[str, str]
) -> None:
    with Session(session.path, TODAY, Config({}, {}, ""), types()) as other:

        def meanwhile(*_: Any) -> None:
            slots.remove(other, 4, lambda *_: None)
            assert slots.add(other, files["foreign"])["id"] == 4

        with pytest.raises(Failed, match="another program changed slot 4"):
            slots.remove(session, 4, meanwhile)
    assert len(slots.listed(session)) == 4


@pytest.mark.parametrize("step", ["fsync", "folder"])
def test_half_a_key_file_is_none(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = Path(session.path).read_bytes()
    session._unlocking = types()
    if step == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr("dossier.services.reheading.sync_folder", full)
    with pytest.raises(Unavailable, match="cannot write the key file"):
        slots.add(session, str(tmp_path / "a.key"))
    assert not (tmp_path / "a.key").exists()
    assert Path(session.path).read_bytes() == before


# --- What is said of it ----------------------------------------------------------------------------------------------


def status(path: str, **around: str) -> dict[str, Any]:
    return vaults.status(path, Config({}, around, ""))


def test_status_says_that_this_machine_opens_the_vault_by_a_key_file(
    session: Session, files: dict[str, str]
) -> None:
    made_here = [
        {"how": "key_file_made_here", "file": files["full"], "scope": "full"},
        {"how": "key_file_made_here", "file": files["agenda"], "scope": "agenda"},
    ]
    assert status(session.path)["opens_without_passphrase"] == made_here
    found = status(session.path, DOSSIER_KEY_FILE=files["agenda"])
    assert found["opens_without_passphrase"] == [
        {"how": "key_file", "file": files["agenda"], "scope": "agenda"},
        made_here[0],
    ]
    found = status(session.path, DOSSIER_PASSPHRASE_COMMAND="false")
    assert found["opens_without_passphrase"][0] == {
        "how": "passphrase_command",
        "file": None,
        "scope": "full",
    }


def test_status_leaves_out_what_opens_nothing_any_more(session: Session, files: dict[str, str]) -> None:
    os.unlink(files["full"])
    os.chmod(files["agenda"], 0o644)
    assert status(session.path)["opens_without_passphrase"] == []
    slots.remove(session, 4, lambda *_: None)
    os.chmod(files["agenda"], 0o600)
    assert status(session.path)["opens_without_passphrase"] == []
    assert memory.key_files(session.vault_id) == (files["full"], files["agenda"])


@pytest.mark.parametrize(
    ("file", "problem"),
    [("foreign", "does not open this vault"), ("none", "cannot read"), ("wide", "others on")],
)
def test_status_says_why_the_key_file_that_is_set_opens_nothing(
    session: Session, files: dict[str, str], tmp_path: Path, file: str, problem: str
) -> None:
    write(str(tmp_path / "wide.key"), mode=0o644)
    found = status(session.path, DOSSIER_KEY_FILE=str(tmp_path / f"{file}.key"))
    assert problem in found["key_file_problem"]
    assert "key_file" not in [way["how"] for way in found["opens_without_passphrase"]]


def test_status_where_there_is_no_vault(files: dict[str, str], tmp_path: Path) -> None:
    found = status(str(tmp_path / "nowhere"), DOSSIER_KEY_FILE=files["full"])
    assert (found["exists"], found["opens_without_passphrase"], found["key_file_problem"]) == (
        False,
        None,
        None,
    )


def test_a_slot_of_a_later_program_is_listed_as_other(session: Session) -> None:
    parsed = Header.parse(session.header)
    later = parsed.slots[0]._replace(type=77, id=9)
    assert slots.shape(later) == {"id": 9, "type": "other", "scope": None, "created_on": "2027-03-10"}


def test_what_was_added_is_no_change_that_undo_knows(session: Session, files: dict[str, str]) -> None:
    """The journal holds the filling and nothing since."""
    assert session.database.count("change") == 1
    facts.add(session, "a1", "collects stamps", {})
    interactions.log(session, "a1", "call", {})
    assert session.database.count("change") == 3
