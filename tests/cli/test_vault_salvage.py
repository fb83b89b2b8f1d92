from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dossier.services.session import Session
from tests.cli.typing_person import Person
from tests.conftest import PASSPHRASE, Result, Run
from tests.store.behind import fill, tamper

Types = Callable[..., Person]


@pytest.fixture
def dossier(dossier: Run) -> Run:
    """The command line, where a command gives the passphrase for a salvage: the agent's keys open no header."""

    def run(*arguments: str, asked: bool = False, **around: Any) -> Result:
        salvages = arguments[:2] == ("vault", "salvage") and not asked
        given = {"DOSSIER_PASSPHRASE_COMMAND": f"echo {PASSPHRASE}"} if salvages else None
        return dossier(*arguments, variables=given, **around)

    return run


@pytest.fixture
def damaged(session: Session) -> str:
    """A vault of which SQLite can read nothing any more; its path."""
    fill(session)
    session.close()
    tamper(session.path, "UPDATE account SET seal = zeroblob(32) WHERE id = 2")
    data = bytearray(Path(session.path).read_bytes())
    data[:100] = bytes(100)
    Path(session.path).write_bytes(data)
    return session.path


@pytest.fixture
def rescued(tmp_path: Path) -> str:
    return str(tmp_path / "rescued.dossier")


def names(dossier: Run, path: str) -> list[str]:
    found = json.loads(dossier("account", "list", "--vault", path, "--format", "json").out)
    return [account["name"] for account in found]


def test_a_person_reads_what_came_out_and_what_to_do_next(dossier: Run, damaged: str, rescued: str) -> None:
    assert dossier("account", "list").code == 7
    done = dossier("vault", "salvage", rescued, terminal=True)
    assert done.code == 0
    assert f"Salvaged from {damaged} into {rescued} and checked: 1 account, 2 people" in done.out
    assert f"dossier vault restore {rescued}\n" in done.out
    assert done.err == "account 2: made anew from the journal\n"
    assert names(dossier, rescued) == ["Café Zürich", "Đặng & Sons"]
    assert stat.S_IMODE(os.stat(rescued).st_mode) == 0o600


def test_losses_in_words(dossier: Run, damaged: str, rescued: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def one(noun: str, number: int) -> dict[str, object]:
        return {"noun": noun, "id": number, "uid": None}

    shape = {
        "path": rescued,
        "from": damaged,
        "slots": [],
        "newest_header": True,
        "rescued": {"person": 2},
        "rebuilt": [],
        "placeholders": [one("account", 1)],
        "outdated": [],
        "lost": [one("account", 1), one("fact", 3)],
        "attachments_incomplete": [
            {"id": 1, "name": "empty.txt", "chunks": 1, "missing": 1},
            {"id": 2, "name": "plan.txt", "chunks": 3, "missing": 1},
        ],
    }
    monkeypatch.setattr("dossier.services.salvaging.salvage", lambda *_: shape)
    assert dossier("vault", "salvage", rescued).err.splitlines() == [
        "account 1: is lost; a placeholder stands in for it",
        "fact 3: is lost",
        "attachment 1 (empty.txt) is incomplete: all of it is lost",
        "attachment 2 (plan.txt) is incomplete: 1 piece of 3 (of 64 KiB) lost",
    ]
    shape["lost"] = [one("change", number) for number in range(1, 44)]
    assert "43 changes: are lost\n" in dossier("vault", "salvage", rescued).err


def test_a_program_reads_the_shape(dossier: Run, damaged: str, rescued: str) -> None:
    done = dossier("vault", "salvage", rescued, "--format", "json")
    assert (done.code, done.err) == (0, "")
    shape = json.loads(done.out)
    assert list(shape) == [
        "path",
        "from",
        "slots",
        "newest_header",
        "rescued",
        "rebuilt",
        "placeholders",
        "outdated",
        "lost",
        "attachments_incomplete",
    ]
    assert (shape["path"], shape["from"]) == (rescued, damaged)
    assert (shape["rescued"]["account"], shape["rescued"]["person"], shape["rescued"]["change"]) == (1, 2, 1)
    (rebuilt,) = shape["rebuilt"]
    assert (rebuilt["noun"], rebuilt["id"], len(rebuilt["uid"])) == ("account", 2, 32)
    assert (shape["lost"], shape["placeholders"], shape["attachments_incomplete"]) == ([], [], [])


def test_plain_and_csv(dossier: Run, damaged: str, rescued: str) -> None:
    done = dossier("vault", "salvage", rescued)
    assert done.out.split("\t")[:2] == [rescued, damaged]
    assert done.out.rstrip("\n").split("\t")[3:] == ["1", "0", "0", "0", "0"]
    csv = dossier("vault", "salvage", f"{rescued}2", "--format", "csv").out
    assert csv.startswith("path,from,records,rebuilt,placeholders,lost,incomplete,outdated\n")


def test_what_was_salvaged_takes_the_place_of_the_vault(dossier: Run, damaged: str, rescued: str) -> None:
    dossier("vault", "salvage", rescued)
    assert dossier("vault", "restore", rescued, "--yes").code == 0
    assert names(dossier, damaged) == ["Café Zürich", "Đặng & Sons"]
    assert dossier("account", "add", "New").code == 0
    assert json.loads(dossier("vault", "check", "--format", "json").out)["sound"] is True


def test_looking_into_what_was_salvaged_and_restoring_it_is_quiet(
    dossier: Run, damaged: str, rescued: str
) -> None:
    dossier("account", "list")
    dossier("vault", "salvage", rescued)
    looked = dossier("account", "list", "--vault", rescued)
    assert (looked.code, looked.err) == (0, "")
    restored = dossier("vault", "restore", rescued, "--yes")
    assert (restored.code, "Careful" in restored.err) == (0, False)
    for words in (("account", "list"), ("account", "add", "New"), ("account", "list")):
        done = dossier(*words)
        assert (done.code, done.err) == (0, "")


def test_going_back_from_what_was_salvaged_says_where_the_newer_one_is(
    dossier: Run, session: Session, rescued: str
) -> None:
    fill(session)
    session.close()
    assert dossier("vault", "salvage", rescued).code == 0
    assert dossier("account", "list").err == "", "that there is another file says nothing about this one"
    assert dossier("account", "add", "There", "--vault", rescued).code == 0
    back = dossier("account", "list")
    assert back.code == 0
    assert (
        f"{session.path} is an older copy: its last change is 1, and change 3 was seen here on " in back.err
    )
    assert f", in {rescued};" in back.err
    assert dossier("account", "add", "Here").code == 7


def test_another_file_is_salvaged_by_its_name(dossier: Run, damaged: str, rescued: str) -> None:
    elsewhere = f"{damaged}.elsewhere"
    os.rename(damaged, elsewhere)
    assert dossier("vault", "salvage", rescued).code == 8
    assert dossier("vault", "salvage", rescued, "--from", elsewhere).code == 0


def test_nothing_is_overwritten(dossier: Run, damaged: str, rescued: str) -> None:
    Path(rescued).write_text("precious")
    done = dossier("vault", "salvage", rescued)
    assert (done.code, done.out) == (6, "")
    assert Path(rescued).read_text() == "precious"
    assert dossier("vault", "salvage", damaged).code == 6


def test_it_asks_for_the_passphrase_of_the_damaged_vault(
    dossier: Run, damaged: str, rescued: str, types: Types, lock: Callable[[], None]
) -> None:
    for _ in range(2):
        done = dossier("vault", "salvage", rescued, asked=True)
        assert (done.code, done.out) == (5, ""), "unlocked or not"
        lock()
    person = types(PASSPHRASE)
    assert dossier("vault", "salvage", rescued, terminal=True, asked=True).code == 0
    assert person.asked == ["Passphrase of the damaged vault: "]


def test_a_wrong_passphrase_leaves_nothing_behind(
    dossier: Run, damaged: str, rescued: str, types: Types, lock: Callable[[], None], tmp_path: Path
) -> None:
    lock()
    listed = sorted(os.listdir(tmp_path))
    types(*["not the one at all"] * 3)
    assert dossier("vault", "salvage", rescued, terminal=True, asked=True).code == 5
    assert sorted(os.listdir(tmp_path)) == listed


@pytest.mark.parametrize(("what", "code"), [("missing", 8), ("folder", 8), ("fifo", 8), ("garbage", 7)])
def test_what_cannot_be_salvaged(dossier: Run, rescued: str, tmp_path: Path, what: str, code: int) -> None:
    place = tmp_path / "thing"
    if what == "folder":
        place.mkdir()
    elif what == "fifo":
        os.mkfifo(place)
    elif what == "garbage":
        place.write_text("garbage" * 1000)
    done = dossier("vault", "salvage", rescued, "--from", str(place))
    assert (done.code, done.out) == (code, "")
    assert str(place) in done.err
    assert not os.path.exists(rescued)


def test_a_place_that_cannot_be_written(dossier: Run, damaged: str, tmp_path: Path) -> None:
    done = dossier("vault", "salvage", str(tmp_path / "no" / "rescued"))
    assert (done.code, done.out) == (8, "")


def test_a_header_is_taken_from_where_there_is_one(dossier: Run, damaged: str, rescued: str) -> None:
    data = Path(damaged).read_bytes()
    Path(f"{damaged}.whole").write_bytes(data)
    Path(damaged).write_bytes(data.replace(b"\x89dossier", bytes(8)))
    refused = dossier("vault", "salvage", rescued)
    assert refused.code == 7
    assert f"dossier vault salvage NEW.dossier --from {damaged} --header-from BACKUP" in refused.err
    assert dossier("vault", "salvage", rescued, "--header-from", f"{damaged}.whole").code == 0
    assert dossier("vault", "salvage", f"{rescued}2", "--header-from", "/nonexistent").code == 8
