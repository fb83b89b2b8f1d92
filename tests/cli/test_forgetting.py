"""`dossier person forget` and `dossier vault forget-history`: what they say before and after, and how they refuse."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

import pytest

from dossier.services import forgetting
from dossier.services.session import Session
from dossier.store import backups
from dossier.store.leftovers import Copy
from tests.conftest import Run
from tests.store.behind import tamper


@pytest.fixture
def book(dossier: Run) -> None:
    for words in (
        ("account", "add", "Hanoi Optics"),
        ("person", "add", "Nguyễn Thị Lan", "--account", "1", "--birthday", "--03-12"),
        ("fact", "add", "lan", "plays chess"),
        ("relative", "add", "lan", "Bình", "--relation", "son"),
        ("promise", "add", "lan", "send Lan the quote", "--due", "fri"),
        ("log", "lan", "--note", "prices"),
        ("account", "add", "Lan Chi Travel"),
    ):
        assert dossier(*words).code == 0


@pytest.fixture
def kept(session: Session) -> str:
    """An automatic backup."""
    path = backups.keep_before(session.database, "import", 5)
    assert path is not None
    return path


def people(dossier: Run) -> list[str]:
    return [person["name"] for person in json.loads(dossier("person", "list", "--format", "json").out)]


SHAPE = {
    "person": "Nguyễn Thị Lan",
    "person_id": 1,
    "account": "Hanoi Optics",
    "account_id": 1,
    "removed": {"person": 1, "fact": 1, "relative": 1, "participant": 1},
    "cleared": {"promise": 1},
    "history_entries": 6,
    "still_named_in": [
        {"noun": "account", "id": 2, "account": "Lan Chi Travel"},
        {"noun": "promise", "id": 1, "account": "Hanoi Optics"},
    ],
}


@pytest.mark.usefixtures("book")
def test_forgetting_in_json(dossier: Run, kept: str) -> None:
    tried = dossier("person", "forget", "lan", "--dry-run", "--format", "json")
    assert json.loads(tried.out) == {**SHAPE, "backups_removed": [kept], "forgotten": False}
    assert (people(dossier), os.path.exists(kept)) == (["Nguyễn Thị Lan"], True)
    done = dossier("person", "forget", "lan", "--yes", "--format", "json")
    assert json.loads(done.out) == {**SHAPE, "backups_removed": [kept], "forgotten": True}
    assert (done.code, done.err) == (0, "")
    assert (people(dossier), os.path.exists(kept)) == ([], False)
    assert json.loads(dossier("vault", "check", "--format", "json").out)["sound"] is True


@pytest.mark.usefixtures("book")
def test_forgetting_in_plain_and_csv(dossier: Run, kept: str) -> None:
    tried = dossier("person", "forget", "lan", "--dry-run")
    assert tried.out.rstrip("\n").split("\t") == [
        "1", "Nguyễn Thị Lan", "Hanoi Optics", "4", "1", "6", kept, "account 2, promise 1", "no",
    ]  # fmt: skip
    done = dossier("person", "forget", "lan", "--yes", "--format", "csv")
    heading, row = done.out.splitlines()
    assert heading.startswith("person id,person,account,removed,cleared,history entries,backups removed,")
    assert row.endswith(",yes")


@pytest.mark.usefixtures("book")
def test_at_a_terminal_it_says_what_will_go_and_asks(dossier: Run, kept: str) -> None:
    refused = dossier("person", "forget", "lan", terminal=True, stdin="n\n")
    assert refused.code == 1
    for line in (
        "To go: person 1 Nguyễn Thị Lan at Hanoi Optics, with 1 fact, 1 relative, 1 participant.",
        "To stay, without them: 1 promise.",
        "The history of 6 changes will be forgotten.",
        f"To be removed from {os.path.dirname(kept)}, for it holds them:\n  {os.path.basename(kept)}",
        "These texts name them still; edit them first:",
        "  account 2, Lan Chi Travel",
        "  promise 1, Hanoi Optics",
        "Out of reach: backups, exports and copies of the vault that you made yourself.",
        "This cannot be undone.",
    ):
        assert f"{line}\n" in refused.err
    assert "Forget Nguyễn Thị Lan (p1)? [y/N] " in refused.err
    assert "called off; nothing was changed" in refused.err
    assert people(dossier) == ["Nguyễn Thị Lan"]
    done = dossier("person", "forget", "lan", terminal=True, stdin="y\n")
    assert done.code == 0
    assert done.out == (
        "Forgot person 1, with 1 fact, 1 relative, 1 participant, and the history of 6 changes. Removed 1 copy.\n"
        "These texts name them still; edit them now:\n  account 2, Lan Chi Travel\n  promise 1, Hanoi Optics\n"
    )
    assert people(dossier) == []


@pytest.mark.usefixtures("book")
def test_afterwards_nothing_of_it_is_taken_back(dossier: Run) -> None:
    dossier("person", "forget", "lan", "--yes")
    newest, *_ = json.loads(dossier("history", "--format", "json").out)
    assert (newest["command"], newest["forgotten"], "Lan" in newest["summary"]) == (
        "person forget",
        True,
        False,
    )
    for words in (("undo",), ("undo", "--id", "2"), ("undo", "--dry-run")):
        refused = dossier(*words)
        assert (refused.code, refused.out) == (6, "")
        assert "cannot be taken back: its history was forgotten" in refused.err
    lines = [line.split("\t") for line in dossier("history").out.splitlines()]
    assert [(line[0], line[4]) for line in lines] == [
        ("8", "forgotten"), ("7", "forgotten"), ("6", "forgotten"), ("5", "forgotten"), ("4", "forgotten"),
        ("3", "forgotten"), ("2", "forgotten"), ("1", ""),
    ]  # fmt: skip
    assert "person 1" not in dossier("history", terminal=True).out


@pytest.mark.usefixtures("book")
def test_in_a_script_it_has_to_be_meant(dossier: Run) -> None:
    asked = dossier("person", "forget", "lan")
    assert (asked.code, asked.out, "--yes" in asked.err) == (2, "", True)
    asked = dossier("vault", "forget-history", "--before", "today")
    assert (asked.code, asked.out, "--yes" in asked.err) == (2, "", True)
    assert people(dossier) == ["Nguyễn Thị Lan"]


@pytest.mark.usefixtures("book")
def test_whom_nobody_knows(dossier: Run, lock: Callable[[], None]) -> None:
    assert dossier("person", "forget", "nobody", "--yes").code == 3
    assert dossier("person", "forget", "p9", "--dry-run").code == 3
    lock()
    for words in (("person", "forget", "lan", "--yes"), ("person", "forget", "lan", "--dry-run")):
        assert dossier(*words).code == 5


@pytest.mark.usefixtures("book")
def test_a_second_run_removes_what_the_first_had_left(
    dossier: Run, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Copy, "remove", lambda self: False)
        failed = dossier("person", "forget", "lan", "--yes")
    assert (failed.code, failed.out) == (8, "")
    assert f"the person is forgotten in the vault, but {kept} still holds them" in failed.err
    tried = dossier("person", "forget", "lan", "--dry-run")
    assert (tried.code, os.path.exists(kept)) == (3, True)
    again = dossier("person", "forget", "lan", "--yes")
    assert again.code == 3
    assert f"Removed what an earlier forgetting had left: {kept}\n" in again.err
    assert not os.path.exists(kept)


@pytest.mark.usefixtures("book")
def test_what_somebody_put_into_the_history_removes_no_backup(
    dossier: Run, kept: str, vault_path: str
) -> None:
    tamper(
        vault_path,
        "UPDATE change SET command = 'person forget', at = '9999-01-01T00:00:00+00:00' WHERE id = 7",
    )
    refused = dossier("person", "forget", "lan", "--yes")
    assert (refused.code, refused.out) == (7, "")
    assert "Removed" not in refused.err
    assert os.path.exists(kept)


# --- The history before a day ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("book")
def test_history_before_a_day_in_json(dossier: Run, kept: str) -> None:
    shape = {
        "before": "2027-03-10", "history_entries": 7, "records": 8, "attachment_bytes": 0, "backups": [kept],
    }  # fmt: skip
    tried = dossier("vault", "forget-history", "--before", "today", "--dry-run", "--format", "json")
    assert json.loads(tried.out) == {**shape, "forgotten": False}
    done = dossier("vault", "forget-history", "--before", "today", "--yes", "--format", "json")
    assert (done.code, json.loads(done.out)) == (0, {**shape, "forgotten": True})
    assert done.err == (
        "1 automatic backup beside the vault still holds it, and so does every backup that you made yourself.\n"
        "The file is as large as before; dossier vault compact gives the space back.\n"
    )
    assert os.path.exists(kept)
    assert len(people(dossier)) == 1
    assert dossier("undo", "--id", "3").code == 6


@pytest.mark.usefixtures("book")
def test_history_before_a_day_at_a_terminal(dossier: Run) -> None:
    words = ("vault", "forget-history", "--before", "10.3.")
    refused = dossier(*words, terminal=True, stdin="\n")
    assert (refused.code, "called off; nothing was changed" in refused.err) == (1, True)
    assert "7 changes before 2027-03-10 will lose what they say of 8 records.\n" in refused.err
    assert "This cannot be undone, and those changes cannot be taken back any more.\n" in refused.err
    done = dossier(*words, terminal=True, stdin="yes\n")
    assert done.out == "7 changes before 2027-03-10 lost what they say of 8 records.\n"
    assert done.err.endswith("The file is as large as before; dossier vault compact gives the space back.\n")
    again = dossier(*words, terminal=True)
    assert (again.code, again.out) == (0, "The history says nothing any more of changes before 2027-03-10.\n")


@pytest.mark.usefixtures("book")
def test_history_before_a_day_in_plain(dossier: Run) -> None:
    done = dossier("vault", "forget-history", "--before", "today", "--yes")
    assert done.out == "2027-03-10\t7\t8\t0\tyes\t\n"


@pytest.mark.parametrize("words", [(), ("--before",), ("--before", "31 feb"), ("--before", "")])
def test_no_day_at_all(dossier: Run, words: tuple[str, ...]) -> None:
    done = dossier("vault", "forget-history", *words, "--yes")
    assert (done.code, done.out) == (2, "")


def test_a_locked_history(dossier: Run, lock: Callable[[], None]) -> None:
    lock()
    assert dossier("vault", "forget-history", "--before", "today", "--dry-run").code == 5


def test_a_long_history_is_counted_for_whoever_waits(dossier: Run, session: Session) -> None:
    dossier("account", "add", "Hanoi Optics")
    dossier("person", "add", "Lan", "--account", "1")
    told: list[tuple[int, int]] = []
    forgetting.person(session, "p1", progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 4), (2, 4), (2, 4), (4, 4)]
