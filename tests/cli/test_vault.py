from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dossier.services.session import Session
from tests.cli.typing_person import Person
from tests.conftest import PASSPHRASE, FakeAgent, Run
from tests.store.behind import fill, raw, tamper

Types = Callable[..., Person]

NEW = "sieben Zwerge tragen Äpfel"
CODE = re.compile(r"(?:[0-9A-Z]{5}-){6}[0-9A-Z]{5}")


@pytest.fixture
def filled(session: Session) -> str:
    """A vault with something in it; its path."""
    fill(session)
    session.close()
    return session.path


@pytest.fixture
def backup(dossier: Run, filled: str, tmp_path: Path) -> str:
    path = str(tmp_path / "clients.backup")
    assert dossier("vault", "backup", path).code == 0
    assert dossier("account", "add", "After the backup").code == 0
    return path


@pytest.fixture
def descriptor(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Descriptors from which a line can be read."""
    made: list[int] = []

    def of(text: str) -> str:
        file = tmp_path / f"line{len(made)}"
        file.write_text(text + "\n")
        made.append(os.open(file, os.O_RDONLY))
        return str(made[-1])

    yield of
    for number in made:
        os.close(number)


def accounts(dossier: Run) -> list[str]:
    return [account["name"] for account in json.loads(dossier("account", "list", "--format", "json").out)]


# --- Passphrase and recovery -----------------------------------------------------------------------------------------


def test_a_new_passphrase_at_the_terminal(dossier: Run, types: Types, lock: Callable[[], None]) -> None:
    person = types(PASSPHRASE, NEW, NEW)
    done = dossier("vault", "passphrase", terminal=True)
    assert (done.code, done.out) == (0, "The vault has a new passphrase.\n")
    assert person.asked == ["Current passphrase: ", "New passphrase: ", "The same again: "]
    lock()
    types(NEW)
    assert dossier("unlock", terminal=True).code == 0


def test_a_new_code_along_with_it(dossier: Run, types: Types) -> None:
    types(PASSPHRASE, NEW, NEW)
    done = dossier("vault", "passphrase", "--new-code", terminal=True, stdin="\n")
    assert (done.code, done.out) == (0, "The vault has a new passphrase and a new recovery code.\n")
    assert CODE.search(done.err)


def test_the_current_passphrase_is_asked_for_although_the_vault_is_unlocked(dossier: Run) -> None:
    done = dossier("vault", "passphrase")
    assert (done.code, done.out) == (5, "")


def test_passphrases_from_descriptors(dossier: Run, descriptor: Callable[[str], str]) -> None:
    first, second = descriptor(PASSPHRASE), descriptor(NEW)
    done = dossier(
        "vault", "passphrase", "--passphrase-fd", first, "--new-passphrase-fd", second, "--format", "json"
    )
    assert (done.code, json.loads(done.out)["changed"]) == (0, True)


def test_without_a_new_passphrase(dossier: Run, descriptor: Callable[[str], str], vault_path: str) -> None:
    before = Path(vault_path).read_bytes()
    done = dossier("vault", "passphrase", "--passphrase-fd", descriptor(PASSPHRASE))
    assert (done.code, "--new-passphrase-fd" in done.err) == (5, True)
    assert Path(vault_path).read_bytes() == before


def test_the_passphrase_command_is_remembered(dossier: Run, descriptor: Callable[[str], str]) -> None:
    variables = {"DOSSIER_PASSPHRASE_COMMAND": f"echo '{PASSPHRASE}'"}
    done = dossier("vault", "passphrase", "--new-passphrase-fd", descriptor(NEW), variables=variables)
    assert (done.code, "Let the passphrase command print" in done.err) == (0, True)


def test_recovery(dossier: Run, types: Types, lock: Callable[[], None], tmp_path: Path) -> None:
    place = {"DOSSIER_VAULT": str(tmp_path / "v.dossier")}
    types(PASSPHRASE, PASSPHRASE)
    (code,) = CODE.findall(dossier("init", terminal=True, stdin="\n", variables=place).err)
    lock()
    person = types(NEW, NEW)
    done = dossier("vault", "recover", terminal=True, stdin=f"{code.lower()}\n\n", variables=place)
    assert (done.code, person.asked) == (0, ["New passphrase: ", "The same again: "])
    (new_code,) = CODE.findall(done.err)
    assert new_code != code
    again = dossier("vault", "recover", terminal=True, stdin=f"{code}\n", variables=place)
    assert (again.code, again.out) == (5, "")
    types(NEW)
    assert dossier("unlock", terminal=True, variables=place).code == 0


def test_recovery_in_a_script(dossier: Run, descriptor: Callable[[str], str], tmp_path: Path) -> None:
    place = {"DOSSIER_VAULT": str(tmp_path / "v.dossier")}
    first, second = str(tmp_path / "first"), str(tmp_path / "second")
    dossier("init", "--passphrase-fd", descriptor(PASSPHRASE), "--recovery-file", first, variables=place)
    done = dossier(
        "vault", "recover", "--code-file", first, "--new-passphrase-fd", descriptor(NEW), "--recovery-file", second,
        variables=place,
    )  # fmt: skip
    assert (done.code, CODE.search(done.out + done.err)) == (0, None)
    assert dossier("unlock", "--passphrase-fd", descriptor(NEW), variables=place).code == 0
    assert stat.S_IMODE(os.stat(second).st_mode) == 0o600


@pytest.mark.parametrize(
    ("code", "exit_code", "words"),
    [
        ("abc", 2, "the recovery code has 35 characters, not 3"),
        ("AAAAA" * 7, 2, "there is a typo in group 1 of the recovery code"),
    ],
)
def test_a_code_that_cannot_be(
    dossier: Run, types: Types, vault_path: str, code: str, exit_code: int, words: str
) -> None:
    person, before = types(), Path(vault_path).read_bytes()
    done = dossier("vault", "recover", terminal=True, stdin=f"{code}\n")
    assert (done.code, done.out, person.asked) == (exit_code, "", [])
    assert words in done.err
    assert Path(vault_path).read_bytes() == before


# --- Check -----------------------------------------------------------------------------------------------------------


def test_a_sound_vault(dossier: Run, filled: str) -> None:
    done = dossier("vault", "check", "--format", "table")
    assert done.code == 0
    assert done.out.startswith("The vault is sound: 2 accounts, 2 people, 2 facts")
    assert dossier("vault", "check") == (0, "", "")
    assert json.loads(dossier("vault", "check", "--format", "json").out)["sound"] is True


def test_a_vault_that_was_tampered_with(dossier: Run, filled: str) -> None:
    tamper(filled, "UPDATE promise SET due_on = '2029-01-01' WHERE id = 1")
    done = dossier("vault", "check", "--format", "json")
    assert done.code == 7
    shape = json.loads(done.out)
    assert shape["sound"] is False
    assert (shape["problems"][0]["noun"], shape["problems"][0]["id"]) == ("promise", 1)
    assert f"dossier: {filled} has 1 problem\n" in done.err
    assert "dossier vault restore --newest" in done.err
    plain = dossier("vault", "check")
    assert (plain.code, plain.out.split("\t")[:2]) == (7, ["promise", "1"])
    assert "promise" in dossier("vault", "check", "--format", "table").out


def test_checking_a_locked_vault(dossier: Run, filled: str, lock: Callable[[], None]) -> None:
    lock()
    assert dossier("vault", "check").code == 5


# --- Backup and restore ----------------------------------------------------------------------------------------------


def test_a_backup(dossier: Run, filled: str, tmp_path: Path) -> None:
    path = tmp_path / "b"
    done = dossier("vault", "backup", str(path), "--format", "table")
    assert done.code == 0
    assert re.match(rf"Backed up to {path} \([\d.]+ kB\) and checked: 2 accounts, 2 people", done.out)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert dossier("vault", "check", variables={"DOSSIER_VAULT": str(path)}).code == 0
    again = dossier("vault", "backup", str(path))
    assert (again.code, again.out, again.err.splitlines()[0]) == (
        6,
        "",
        f"dossier: there is something at {path} already",
    )


def test_the_shape_of_a_backup(dossier: Run, filled: str, tmp_path: Path) -> None:
    shape = json.loads(dossier("vault", "backup", str(tmp_path / "b"), "--format", "json").out)
    assert (shape["path"], shape["vault"]) == (str(tmp_path / "b"), filled)
    assert shape["bytes"] == (tmp_path / "b").stat().st_size
    assert shape["counts"]["promise"] == 2


def test_a_backup_to_nowhere(dossier: Run, filled: str, tmp_path: Path) -> None:
    done = dossier("vault", "backup", str(tmp_path / "no" / "b"))
    assert (done.code, done.out) == (8, "")


def test_a_restore_after_a_yes(dossier: Run, backup: str, filled: str) -> None:
    done = dossier("vault", "restore", backup, terminal=True, stdin="y\n")
    assert done.code == 0
    assert "The backup is sound: 2 accounts" in done.err
    assert f"Replace {filled} by it? [y/N]" in done.err
    assert accounts(dossier) == ["Café Zürich", "Đặng & Sons"]
    (kept,) = re.findall(r"kept as (\S+)", done.out)
    assert "After the backup" in Path(kept).read_bytes().decode(errors="replace")


@pytest.mark.parametrize("answer", ["n\n", "\n", "what?\n"])
def test_a_restore_after_anything_else(dossier: Run, backup: str, filled: str, answer: str) -> None:
    before = Path(filled).read_bytes()
    done = dossier("vault", "restore", backup, terminal=True, stdin=answer)
    assert (done.code, "called off; nothing was changed" in done.err) == (1, True)
    assert Path(filled).read_bytes() == before


def test_a_restore_in_a_script_says_that_it_is_meant(dossier: Run, backup: str) -> None:
    done = dossier("vault", "restore", backup)
    assert (done.code, "--yes" in done.err) == (2, True)
    assert len(accounts(dossier)) == 3
    shape = json.loads(dossier("vault", "restore", backup, "--yes", "--format", "json").out)
    assert re.fullmatch(r".*/vault\.dossier\.backups/\w+-before-restore\.dossier", shape["replaced"])
    assert len(accounts(dossier)) == 2


@pytest.mark.parametrize("state", ["missing", "garbage", "empty", "damaged header"])
def test_a_restore_over_what_is_no_vault_any_more(dossier: Run, backup: str, filled: str, state: str) -> None:
    if state == "missing":
        os.unlink(filled)
    elif state == "damaged header":
        tamper(filled, "UPDATE vault SET header = zeroblob(100)")
    else:
        Path(filled).write_bytes(b"garbage" * 1000 if state == "garbage" else b"")
    assert dossier("account", "list").code in (7, 8)
    done = dossier("vault", "restore", backup, "--yes", "--format", "json")
    assert done.code == 0
    assert (json.loads(done.out)["replaced"] is None) == (state == "missing")
    assert len(accounts(dossier)) == 2


def test_what_needs_the_passphrase_itself_does_not_say_to_unlock(
    dossier: Run, filled: str, backup: str, tmp_path: Path
) -> None:
    """The agent holds the keys: unlocking again would be no help."""
    new = str(tmp_path / "new")
    for command in (
        ["passphrase"],
        ["rotate", "--recovery-file", new, "--yes"],
        ["slots", "add", "--key-file", new],
        ["slots", "remove", "2", "--yes"],
    ):
        said = dossier("vault", *command)
        assert (said.code, "this needs the passphrase itself" in said.err) == (5, True)
        assert "--passphrase-fd N or DOSSIER_PASSPHRASE_COMMAND" in said.err
    FakeAgent("").lock()
    said = dossier("vault", "restore", backup, "--yes")
    assert (said.code, "this needs the passphrase of the backup itself" in said.err) == (5, True)
    assert "dossier unlock" not in said.err
    assert "--passphrase-fd N" in dossier("unlock", "--for", "1h").err
    assert "dossier unlock" in dossier("account", "add", "Later").err


def test_a_vault_that_was_cut_short(dossier: Run, filled: str) -> None:
    os.truncate(filled, 9000)
    done = dossier("vault", "check", "--format", "json")
    shape = json.loads(done.out)
    assert (done.code, shape["path"], shape["sound"], shape["counts"]) == (7, filled, False, {})
    (problem,) = shape["problems"]
    assert (problem["noun"], problem["id"], problem["uid"]) == ("file", None, None)
    assert problem["problem"] == "is damaged: a part of it is not as it was written"
    for command in (["vault", "check"], ["account", "list"]):
        said = dossier(*command)
        assert (said.code, "dossier vault check" in said.err) == (7, False)
        assert "dossier vault restore --newest" in said.err
        assert "dossier vault salvage NEW.dossier" in said.err


def test_a_damaged_page_is_named_by_its_number(dossier: Run, filled: str) -> None:
    with raw(filled) as connection:
        ((page,),) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'fact'")
    with open(filled, "r+b") as file:
        file.seek((page - 1) * 4096 + 1)
        file.write(b"\x0f\xf0")  # where free space in the page begins
    done = dossier("vault", "check")
    assert done.code == 7
    assert f"file\t\t\tis damaged at its page {page}\t" in done.out
    assert "***" not in done.out + done.err
    assert f"is damaged: {filled}" not in done.out + done.err


def test_a_changed_row_is_named_as_the_check_names_it(dossier: Run, filled: str) -> None:
    tamper(filled, "UPDATE account SET created_on = '2020-01-01' WHERE id = 1")
    for command in (["account", "list"], ["show", "a1"]):
        said = dossier(*command)
        assert (said.code, "dossier: account 1 is not as dossier wrote it\n" in said.err) == (7, True)
    tamper(filled, "UPDATE fact SET dossier = zeroblob(90) WHERE id = 1")
    assert "dossier: fact 1 is not as dossier wrote it" in dossier("fact", "list").err


def test_a_restore_says_what_is_wrong_before_it_asks(dossier: Run, filled: str, tmp_path: Path) -> None:
    done = dossier("vault", "restore", str(tmp_path / "none"))
    assert (done.code, "--yes" in done.err) == (8, False)
    nothing = {"DOSSIER_VAULT": str(tmp_path / "nothing")}
    done = dossier("vault", "restore", "--newest", variables=nothing)
    assert (done.code, "--yes" in done.err) == (3, False)


def test_a_recovery_code_that_is_not_there(dossier: Run, filled: str, tmp_path: Path) -> None:
    done = dossier(
        "vault", "recover", "--code-file", str(tmp_path / "none"), "--recovery-file", str(tmp_path / "new")
    )
    assert done.code == 8


def test_a_restore_asks_for_the_passphrase_of_the_backup(dossier: Run, backup: str, types: Types) -> None:
    FakeAgent("").lock()
    person = types(PASSPHRASE)
    assert dossier("vault", "restore", backup, "--yes", terminal=True).code == 0
    assert person.asked == ["Passphrase of the backup: "]
    FakeAgent("").lock()
    types(*["not the one at all"] * 3)
    assert dossier("vault", "restore", backup, "--yes", terminal=True).code == 5


@pytest.mark.parametrize(
    ("what", "code"), [("missing", 8), ("folder", 8), ("garbage", 7), ("cut", 7), ("tampered", 7)]
)
def test_a_restore_from_what_is_no_backup(
    dossier: Run, backup: str, filled: str, tmp_path: Path, what: str, code: int
) -> None:
    file = Path(backup)
    if what == "tampered":
        tamper(backup, "DELETE FROM fact WHERE id = 1")
    elif what == "cut":
        file.write_bytes(file.read_bytes()[:50_000])
    else:
        file.unlink()
        if what == "folder":
            file.mkdir()
        elif what == "garbage":
            file.write_text("garbage" * 1000)
    before, listed = Path(filled).read_bytes(), sorted(os.listdir(tmp_path))
    done = dossier("vault", "restore", backup, "--yes")
    assert (done.code, done.out) == (code, "")
    assert backup in done.err
    assert len(done.err.splitlines()) <= 2
    assert (Path(filled).read_bytes(), sorted(os.listdir(tmp_path))) == (before, listed)


@pytest.mark.parametrize("when", ["replaced", "waiting", "pruning"])
def test_a_restore_that_ctrl_c_ends_too_late_is_told_and_counts(
    dossier: Run, filled: str, backup: str, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    replace = os.replace

    def replaced(source: str, target: str) -> None:
        replace(source, target)
        if target == filled:
            raise KeyboardInterrupt

    def ended(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        match when:
            case "replaced":
                patch.setattr(os, "replace", replaced)
            case "waiting":
                patch.setattr("dossier.store.place.time.sleep", ended)
            case _:
                patch.setattr("dossier.store.place.prune", ended)
        done = dossier("vault", "restore", backup, "--yes")
    (kept,) = Path(f"{filled}.backups").iterdir()
    assert done.code == 130
    assert done.err.endswith(
        f"It was done all the same: the backup stands at its place; what was there is kept as {kept}.\n"
    )
    assert "After the backup" not in accounts(dossier)
    written = dossier("account", "add", "After the restore")
    assert (written.code, written.err) == (0, ""), "this machine takes it for the newest copy"


def test_a_restore_that_ctrl_c_ends_in_time_changes_nothing(
    dossier: Run, filled: str, backup: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("dossier.store.place._set_aside", ended)
        done = dossier("vault", "restore", backup, "--yes")
    assert (done.code, "all the same" in done.err) == (130, False)
    assert "After the backup" in accounts(dossier)


def test_a_restore_whose_folder_cannot_be_synced_was_done_all_the_same(
    dossier: Run, filled: str, backup: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: str) -> None:
        if path == filled:
            raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("dossier.store.place.sync_folder", fail)
        done = dossier("vault", "restore", backup, "--yes")
    assert done.code == 8
    assert "Input/output error" in done.err
    assert "It was done all the same: the backup stands at its place; what was there is kept as" in done.err
    assert dossier("account", "add", "After the restore").code == 0


def test_a_change_that_was_made_before_ctrl_c_is_told(
    dossier: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, types: Types
) -> None:
    from dossier.store.head import replace_header as real

    def interrupted(*arguments: Any) -> None:
        real(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr("dossier.services.session.replace_header", interrupted)
    types(PASSPHRASE, NEW, NEW)
    file = tmp_path / "code.txt"
    told = dossier("vault", "passphrase", "--new-code", "--recovery-file", str(file), terminal=True)
    assert told.code == 130
    assert told.err.endswith(
        f"It was done all the same: the vault opens by the new passphrase.\nIts recovery code is in {file}.\n"
    )
    assert file.exists()
