from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dossier.cli.status import span_in_words
from dossier.services import accounts
from dossier.services.session import Session
from dossier.store.backups import keep_before
from tests.conftest import FakeAgent, Run
from tests.store.behind import fill


def test_for_a_person(dossier: Run, session: Session) -> None:
    fill(session)
    out = dossier("status", "--format", "table").out
    assert session.path in "".join(out.split())  # a long one is folded
    assert "unlocked; locks after 15 min without use, in 8 h at the latest" in out
    assert "2 accounts, 2 people, 2 facts, 2 occasions, 2 interactions" in out
    assert "passphrase, since 2027-03-10" in out
    assert "recovery code, since 2027-03-10" in out
    clear, encrypted = out.split("encrypted", 1)
    assert "which belong together, and roughly how large each is" in " ".join(clear.split())
    assert "birthday" not in clear
    assert "person: birthday" in encrypted


def test_locked(dossier: Run, lock: Callable[[], None]) -> None:
    lock()
    assert "locked; to open it: dossier unlock" in dossier("status", "--format", "table").out
    variables = {"DOSSIER_PASSPHRASE_COMMAND": "cat phrase"}
    assert "through the passphrase command" in dossier("status", "--format", "table", variables=variables).out


def test_asking_does_not_keep_the_vault_open(dossier: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def get(*_: object) -> None:
        raise AssertionError("the keys were asked for")

    monkeypatch.setattr(FakeAgent, "get", get)
    assert dossier("status").code == 0


def test_the_shape(dossier: Run, vault_path: str) -> None:
    shape = json.loads(dossier("status", "--format", "json").out)
    assert list(shape) == [
        "path", "exists", "locked", "idle_seconds_left", "seconds_left", "schema", "mode", "private", "counts", "slots",
        "opens_without_passphrase", "key_file_problem", "damaged", "how", "plain", "secret", "unfinished_rotation",
        "backups", "doubt",
    ]  # fmt: skip
    assert shape["path"] == vault_path


def test_plain_columns(dossier: Run, vault_path: str) -> None:
    cells = dossier("status").out.rstrip("\n").split("\t")
    first = [vault_path, "yes", "no", "900", "28800", "2", "0600", "yes", "passphrase, recovery", "", ""]
    assert cells == [*first, "no", "0", "", ""]


def test_backups(dossier: Run, session: Session) -> None:
    assert "backups none that dossier made" in " ".join(dossier("status", "--format", "table").out.split())
    for name in ("Hanoi Optics", "Saigon Steel"):
        accounts.add(session, name, {})
        keep_before(session.database, "import", 5)
    [newest, _] = json.loads(dossier("vault", "backups", "--format", "json").out)
    shape = json.loads(dossier("status", "--format", "json").out)
    assert shape["backups"] == {"count": 2, "newest": newest["at"]}
    at = newest["at"][:16].replace("T", " ")
    assert f"backups 2, the newest of {at}" in " ".join(dossier("status", "--format", "table").out.split())
    os.rename(f"{session.path}.backups", f"{session.path}.elsewhere")
    os.symlink(f"{session.path}.elsewhere", f"{session.path}.backups")
    assert json.loads(dossier("status", "--format", "json").out)["backups"] is None


def test_an_older_copy(dossier: Run, session: Session, lock: Callable[[], None]) -> None:
    copy = f"{session.path}.copy"
    accounts.add(session, "Hanoi Optics", {})
    shutil.copy(session.path, copy)
    accounts.add(session, "Saigon Steel", {})
    assert json.loads(dossier("status", "--format", "json").out)["doubt"] is None
    shutil.copy(copy, session.path)
    lock()
    doubt = json.loads(dossier("status", "--format", "json").out)["doubt"]
    assert "is an older copy: its last change is 1" in doubt["what"]
    assert "dossier vault accept" in doubt["how"]
    top = " ".join(dossier("status", "--format", "table").out.split("without passphrase")[0].split())
    assert "its last change is 1" in top
    assert "dossier vault accept" in top


def test_a_file_that_others_can_read(dossier: Run, vault_path: str) -> None:
    os.chmod(vault_path, 0o640)
    done = dossier("status", "--format", "table")
    assert "mode 0640" in done.out
    assert f"chmod600{vault_path}" in "".join(done.out.split())
    assert done.err == ""


def test_no_vault(dossier: Run, tmp_path: Path) -> None:
    variables = {"DOSSIER_VAULT": str(tmp_path / "none")}
    done = dossier("status", "--format", "table", variables=variables)
    assert (done.code, done.err) == (0, "Make a vault: dossier init\n")
    assert "there is no vault here" in done.out
    assert json.loads(dossier("status", "--format", "json", variables=variables).out)["exists"] is False


@pytest.mark.parametrize(("what", "code"), [("folder", 8), ("fifo", 7), ("garbage", 7)])
def test_no_vault_of_ours(dossier: Run, tmp_path: Path, what: str, code: int) -> None:
    path = tmp_path / "v"
    if what == "folder":
        path.mkdir()
    elif what == "fifo":
        os.mkfifo(path)
    else:
        path.write_text("garbage" * 1000)
    variables = {"DOSSIER_VAULT": str(path)}
    for command in (["agenda"], ["unlock"]):
        done = dossier(*command, variables=variables)
        assert (done.code, done.out, len(done.err.splitlines())) == (code, "", 2)
    for command in (["status"], ["vault", "check"]):
        done = dossier(*command, variables=variables)
        assert (done.code, done.out != "", len(done.err.splitlines())) == (code, code == 7, 2)


def test_a_damaged_vault(dossier: Run, vault_path: str) -> None:
    os.truncate(vault_path, 9000)
    done = dossier("status", "--format", "json")
    shape = json.loads(done.out)
    assert (done.code, shape["path"], shape["exists"], shape["mode"]) == (7, vault_path, True, "0600")
    assert (shape["locked"], shape["counts"]) == (None, None)
    assert shape["damaged"] == f"{vault_path} is damaged: a part of it is not as it was written"
    assert shape["how"] in done.err
    page = dossier("status", "--format", "table")
    assert (page.code, "damaged; it cannot be opened" in page.out) == (7, True)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (28_799, "7 h 59 min"),
        (172_800, "2 d"),
        (176_400, "2 d 1 h"),
    ],
)
def test_spans_in_words(seconds: int, words: str) -> None:
    assert span_in_words(seconds) == words
