"""`dossier vault accept`, and how commands tell of a copy that is not the newest one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dossier.errors import Damaged, Failed, Locked, Usage
from dossier.services.session import Session
from tests.conftest import Run
from tests.store.behind import fill, row, tamper


@pytest.fixture
def filled(session: Session) -> Session:
    fill(session)
    return session


@pytest.fixture
def older(dossier: Run, vault_path: str) -> str:
    """The vault, put back to before the last change that this machine saw."""
    assert dossier("account", "add", "Hanoi Optics").code == 0
    shutil.copy(vault_path, vault_path + ".copy")
    assert dossier("account", "add", "Saigon Steel").code == 0
    shutil.copy(vault_path + ".copy", vault_path)
    return vault_path


def test_a_sound_vault_leaves_nothing_to_accept(dossier: Run, filled: Session) -> None:
    said = dossier("vault", "accept", "--yes", "--format", "table")
    assert (said.code, said.err) == (0, "")
    assert (
        said.out == "The vault is sound and the newest that this machine saw: there is nothing to accept.\n"
    )
    shape = json.loads(dossier("vault", "accept", "--yes", "--format", "json").out)
    assert shape == {"path": filled.path, "change": None, "accepted": []}


def test_what_is_missing_is_shown_and_accepted(dossier: Run, filled: Session) -> None:
    uid = row(filled.path, "fact", 2)["uid"].hex()
    tamper(filled.path, "DELETE FROM fact WHERE id = 2")
    shape = dossier("vault", "accept", "--yes", "--format", "json")
    assert shape.code == 0
    assert "differs from what it was in 2 points:" in shape.err
    assert (
        "  fact 2 is missing: the journal says that it was added, and never that it was removed" in shape.err
    )
    found = json.loads(shape.out)
    assert (found["path"], found["change"]) == (filled.path, 2)
    assert [list(one) for one in found["accepted"]] == [["noun", "id", "uid", "problem", "how"]] * 2
    assert [(one["noun"], one["id"], one["uid"]) for one in found["accepted"]] == [
        ("fact", 2, uid),
        ("manifest", None, None),
    ]
    assert dossier("vault", "check").code == 0
    assert dossier("account", "add", "Later").code == 0
    assert dossier("undo", "--id", "2").code == 6
    assert "vault accept" in dossier("history", "--format", "plain").out


def test_it_prints_a_line_for_scripts_and_a_sentence_for_people(dossier: Run, filled: Session) -> None:
    tamper(filled.path, "DELETE FROM fact WHERE id = 2")
    assert dossier("vault", "accept", "--yes").out == f"{filled.path}\t2\t2\n"
    tamper(filled.path, "DELETE FROM fact WHERE id = 1")
    said = dossier("vault", "accept", "--yes", "--format", "table").out
    assert said == "The vault goes on as it is; change 3 of the journal says what was accepted.\n"


@pytest.mark.parametrize(
    ("answer", "code"), [("y\n", 0), ("n\n", Failed.exit_code), ("\n", Failed.exit_code)]
)
def test_a_person_is_asked(dossier: Run, filled: Session, answer: str, code: int) -> None:
    tamper(filled.path, "DELETE FROM fact WHERE id = 2")
    said = dossier("vault", "accept", stdin=answer, terminal=True)
    assert said.code == code
    assert "Go on with the vault as it is? [y/N]" in said.err
    assert dossier("account", "add", "Later").code == (0 if code == 0 else Damaged.exit_code)


def test_a_script_has_to_say_that_it_is_meant(dossier: Run, filled: Session) -> None:
    assert dossier("vault", "accept").code == 0  # for there is nothing to accept
    tamper(filled.path, "DELETE FROM fact WHERE id = 2")
    said = dossier("vault", "accept")
    assert said.code == Usage.exit_code
    assert "--yes" in said.err


def test_what_is_wrong_comes_before_the_question(dossier: Run, tmp_path: Path) -> None:
    said = dossier("vault", "accept", variables={"DOSSIER_VAULT": str(tmp_path / "none")})
    assert (said.code, "there is no vault" in said.err, "--yes" in said.err) == (8, True, False)


def test_accepting_is_not_advised_once_a_check_found_what_it_refuses(dossier: Run, filled: Session) -> None:
    tamper(filled.path, "DELETE FROM fact WHERE id = 2")
    dossier("vault", "check")
    assert "dossier vault accept" in dossier("account", "list").err
    tamper(filled.path, "UPDATE promise SET due_on = '2029-01-01' WHERE id = 1")
    dossier("vault", "check")
    assert "dossier vault salvage NEW.dossier" in dossier("account", "list").err
    for command in (["account", "list"], ["account", "add", "Later"]):
        assert "dossier vault accept" not in dossier(*command).err
    tamper(filled.path, "UPDATE promise SET due_on = '2027-03-01' WHERE id = 1")
    dossier("vault", "check")
    assert "dossier vault accept" in dossier("account", "list").err
    tamper(filled.path, "UPDATE promise SET due_on = '2029-01-01' WHERE id = 1")
    assert dossier("vault", "accept", "--yes").code == 7
    assert "dossier vault accept" not in dossier("account", "list").err


def test_a_long_list_is_cut_short(dossier: Run, filled: Session) -> None:
    for number in range(30):
        assert dossier("fact", "add", "zürich", f"fact {number}", "--kind", "interest").code == 0
    tamper(filled.path, "DELETE FROM fact")
    said = dossier("vault", "accept", "--yes")
    assert len(said.err.splitlines()) == 1 + 20 + 1
    assert "… and 13 more, listed by: dossier vault check" in said.err


def test_what_is_not_authentic_is_never_accepted(dossier: Run, filled: Session) -> None:
    tamper(filled.path, "UPDATE promise SET due_on = '2027-09-09' WHERE id = 1")
    said = dossier("vault", "accept", "--yes")
    assert (said.code, said.out) == (Damaged.exit_code, "")
    assert "cannot be accepted as it is: promise 1 is not as dossier wrote it" in said.err
    assert "dossier vault salvage" in said.err


def test_it_needs_the_keys(dossier: Run, filled: Session, lock: Callable[[], None]) -> None:
    lock()
    assert dossier("vault", "accept", "--yes").code == Locked.exit_code


def test_reads_of_an_older_copy_print_what_they_print_and_warn(dossier: Run, older: str) -> None:
    said = dossier("account", "list", "--format", "json")
    assert said.code == 0
    assert [one["name"] for one in json.loads(said.out)] == ["Hanoi Optics"]
    (line,) = said.err.splitlines()
    assert line.startswith(
        f"Careful: {older} is an older copy: its last change is 1, and change 2 was seen here on "
    )
    assert "dossier vault restore FILE" in line
    assert "dossier vault accept" in line


def test_a_locked_agenda_of_an_older_copy_warns(dossier: Run, older: str, lock: Callable[[], None]) -> None:
    lock()
    said = dossier("agenda", "--format", "plain")
    assert said.code == 0
    assert "is an older copy" in said.err


def test_writes_into_an_older_copy_are_refused_in_one_line_and_a_hint(dossier: Run, older: str) -> None:
    before = Path(older).read_bytes()
    said = dossier("account", "add", "Later")
    assert (said.code, said.out) == (Damaged.exit_code, "")
    first, second = said.err.splitlines()
    assert first.startswith(f"dossier: {older} is an older copy")
    assert "dossier vault accept" in second
    assert Path(older).read_bytes() == before


def test_the_passphrase_of_an_older_copy_is_not_changed(dossier: Run, older: str, tmp_path: Path) -> None:
    before = Path(older).read_bytes()
    (tmp_path / "old").write_text("correct horse battery\n")
    (tmp_path / "new").write_text("another good passphrase\n")
    with open(tmp_path / "new") as new:
        said = dossier(
            "vault",
            "passphrase",
            "--new-passphrase-fd",
            str(new.fileno()),
            variables={"DOSSIER_PASSPHRASE_COMMAND": f"cat {tmp_path / 'old'}"},
        )
    assert said.code == Damaged.exit_code
    assert "is an older copy" in said.err
    assert Path(older).read_bytes() == before


def test_an_older_copy_is_accepted_or_the_newer_one_restored(
    dossier: Run, older: str, vault_path: str
) -> None:
    assert dossier("vault", "check").code == Damaged.exit_code
    assert dossier("vault", "accept", "--yes").code == 0
    assert dossier("vault", "check").err == ""
    assert dossier("account", "add", "Later").code == 0


def test_a_restored_backup_is_the_newest_from_then_on(dossier: Run, older: str) -> None:
    backup = older + ".copy"
    assert dossier("vault", "restore", backup, "--yes").code == 0
    said = dossier("account", "list")
    assert said.err == ""
    assert dossier("account", "add", "Later").code == 0


def test_a_restore_that_is_called_off_teaches_nothing(dossier: Run, vault_path: str, older: str) -> None:
    assert dossier("vault", "restore", older + ".copy", stdin="n\n", terminal=True).code == Failed.exit_code
    assert "is an older copy" in dossier("account", "list").err


def test_check_says_how_to_go_on_with_each_problem(dossier: Run, filled: Session) -> None:
    tamper(filled.path, "DELETE FROM fact WHERE id = 2")
    said = dossier("vault", "check", "--format", "json")
    assert said.code == Damaged.exit_code
    found = json.loads(said.out)
    assert [list(one) for one in found["problems"]] == [["noun", "id", "uid", "problem", "how"]] * 2
    assert all("dossier vault accept" in one["how"] for one in found["problems"])
    assert "dossier vault accept" in said.err
    tamper(filled.path, "UPDATE promise SET due_on = '2027-09-09' WHERE id = 1")
    said = dossier("vault", "check", "--format", "json")
    ways = {one["noun"]: one["how"] for one in json.loads(said.out)["problems"]}
    assert "dossier vault salvage" in ways["promise"]
    assert "dossier vault accept" in ways["fact"]
    assert "dossier vault salvage" in said.err
    assert "dossier vault accept" not in said.err
    columns = dossier("vault", "check", "--format", "plain").out.splitlines()[0].split("\t")
    assert len(columns) == 5


def test_a_machine_that_never_saw_it_says_nothing(
    dossier: Run, older: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another machine"))
    assert dossier("account", "list").err == ""
    assert dossier("account", "add", "Later").code == 0
