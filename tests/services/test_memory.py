from __future__ import annotations

import fcntl
import json
import os
import stat
import threading
from pathlib import Path

import pytest

from dossier import paths
from dossier.services import memory
from dossier.services.memory import Begun, Memory, Seen

VAULT = bytes(range(16))
SEEN = Seen(7, "ab" * 16, 9, 1, "cd" * 32, "2027-03-10T08:00:00+00:00")
BEGUN = Begun("12" * 32, "34" * 32)


@pytest.fixture
def file() -> Path:
    return Path(paths.state_dir(), "seen", VAULT.hex())


def test_a_vault_that_was_never_seen_is_no_memory() -> None:
    assert memory.recall(VAULT) == Memory()
    assert memory.key_files(VAULT) == ()


def test_what_was_seen_is_remembered_of_that_vault_alone() -> None:
    memory.note(VAULT, SEEN)
    assert memory.recall(VAULT).seen == SEEN
    assert memory.recall(bytes(16)) == Memory()


def test_only_its_owner_can_read_a_memory(file: Path) -> None:
    memory.note(VAULT, SEEN)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert os.listdir(file.parent) == [file.name]


@pytest.mark.parametrize(
    ("later", "stays"),
    [
        (SEEN._replace(number=6, generation=12), True),
        (SEEN._replace(generation=8), True),
        (SEEN._replace(generation=10), False),
        (SEEN._replace(number=8, generation=10), False),
        (SEEN._replace(key_id=2, number=7, generation=1), False),
    ],
)
def test_a_note_never_goes_back(later: Seen, stays: bool) -> None:
    memory.note(VAULT, SEEN)
    memory.note(VAULT, later)
    assert memory.recall(VAULT).seen == (SEEN if stays else later)


def test_the_person_may_decide_for_what_is_older() -> None:
    memory.note(VAULT, SEEN)
    memory.accept(VAULT, SEEN._replace(number=2))
    assert memory.recall(VAULT) == Memory(SEEN._replace(number=2))


def test_one_copy_that_is_accepted_says_nothing_of_another(tmp_path: Path) -> None:
    vault, copy = str(tmp_path / "vault"), str(tmp_path / "copy")
    memory.note_check(VAULT, vault, 3)
    memory.note_check(VAULT, copy, 2, acceptable=False)
    memory.accept(VAULT, SEEN._replace(path=vault))
    known = memory.recall(VAULT)
    assert memory.unsound(known, vault) is None
    found = memory.unsound(known, copy)
    assert found is not None
    assert (found.problems, found.acceptable) == (2, False)


def test_what_a_check_found_is_remembered_of_that_file_until_a_clean_one(tmp_path: Path) -> None:
    vault, copy = str(tmp_path / "vault"), str(tmp_path / "copy")
    memory.note(VAULT, SEEN)
    memory.note_check(VAULT, vault, 3)
    found = memory.unsound(memory.recall(VAULT), vault)
    assert found is not None
    assert found.problems == 3
    assert memory.unsound(memory.recall(VAULT), copy) is None
    memory.note_check(VAULT, copy, 0)
    assert memory.unsound(memory.recall(VAULT), vault) == found
    memory.note_check(VAULT, vault, 0)
    assert memory.recall(VAULT) == Memory(SEEN)


def test_key_files_are_remembered_once_each(tmp_path: Path) -> None:
    for name in ("one", "two", "one"):
        memory.note_key_file(VAULT, str(tmp_path / name))
    assert memory.key_files(VAULT) == (str(tmp_path / "one"), str(tmp_path / "two"))
    memory.note(VAULT, SEEN)
    assert len(memory.key_files(VAULT)) == 2


def test_a_name_that_is_no_text_is_remembered_too(tmp_path: Path) -> None:
    odd = os.fsdecode(os.fsencode(str(tmp_path)) + b"/\xff")
    memory.note_key_file(VAULT, odd)
    assert memory.key_files(VAULT) == (odd,)


def test_a_rotation_that_was_begun_is_remembered_until_it_is_done() -> None:
    memory.note(VAULT, SEEN)
    memory.note_begun(VAULT, BEGUN)
    memory.accept(VAULT, SEEN)
    assert memory.recall(VAULT) == Memory(SEEN, begun=BEGUN)
    memory.note_begun(VAULT, None)
    assert memory.recall(VAULT) == Memory(SEEN)


def test_of_two_who_remember_at_once_both_are_heard(tmp_path: Path) -> None:
    number, each = 4, 25
    together = threading.Barrier(number)

    def remember(who: int) -> None:
        together.wait()
        for count in range(each):
            memory.note_key_file(VAULT, str(tmp_path / f"{who}-{count}"))

    runs = [threading.Thread(target=remember, args=(who,)) for who in range(number)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert len(memory.key_files(VAULT)) == number * each


def test_whoever_never_lets_go_is_not_waited_for_long(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_PATIENCE_SECONDS", 0.05)
    file.parent.mkdir(parents=True)
    other = os.open(file.parent, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    memory.note(VAULT, SEEN)
    os.close(other)
    assert memory.recall(VAULT) == Memory(SEEN)


def test_a_place_without_locks_remembers_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", none)
    memory.note(VAULT, SEEN)
    assert memory.recall(VAULT) == Memory(SEEN)


def _valid(**other: object) -> bytes:
    values = {"format": 1, **SEEN._asdict(), "unsound": {}, "key_files": []} | other
    return json.dumps({name: value for name, value in values.items() if value is not ...}).encode()


def test_a_memory_is_read_as_it_was_written(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes(_valid())
    assert memory.recall(VAULT) == Memory(SEEN)


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"null",
        b"[1]",
        b"{}",
        b"\xff\xfe",
        b"[" * 60_000,
        _valid() + b" " * (1 << 16),
        _valid(format=2),
        _valid(format=...),
        _valid(number="7"),
        _valid(number=True),
        _valid(number=7.0),
        _valid(uid=None),
        _valid(uid=...),
        _valid(more=1),
        _valid(key_files=[1]),
        _valid(key_files=None),
        _valid(unsound=[]),
        _valid(unsound={"vault": 3}),
        _valid(unsound={"vault": {"at": "x", "problems": "3"}}),
        _valid(begun=None),
        _valid(begun={"keys": "ab"}),
        _valid(begun={"keys": "ab", "code": 7}),
        _valid(begun={"keys": "ab", "code": "é"}),
        _valid(begun={"keys": "ab", "code": "cd", "more": "ef"}),
    ],
    ids=range(25),
)
def test_garbage_is_no_memory(file: Path, garbage: bytes) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes(garbage)
    assert memory.recall(VAULT) == Memory()
    memory.note(VAULT, SEEN)
    assert memory.recall(VAULT) == Memory(SEEN)


@pytest.mark.parametrize("kind", ["folder", "pipe", "link"])
def test_what_is_no_plain_file_is_no_memory_and_is_not_waited_for(file: Path, kind: str) -> None:
    file.parent.mkdir(parents=True)
    if kind == "folder":
        file.mkdir()
    elif kind == "pipe":
        os.mkfifo(file)
    else:
        (file.parent / "other").write_bytes(_valid())
        file.symlink_to(file.parent / "other")
    assert memory.recall(VAULT) == Memory()


def test_a_machine_that_cannot_remember_is_as_one_that_never_saw_it(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.parent.parent.mkdir(parents=True)
    file.parent.write_text("no folder")
    memory.note(VAULT, SEEN)
    assert memory.recall(VAULT) == Memory()
    file.parent.unlink()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    memory.note(VAULT, SEEN)
    assert memory.recall(VAULT) == Memory()
    assert os.listdir(file.parent) == []


def test_a_folder_in_the_way_is_not_told(file: Path) -> None:
    Path(f"{file}.{os.getpid()}.new").mkdir(parents=True)
    memory.note(VAULT, SEEN)
    assert memory.recall(VAULT) == Memory()


def test_what_a_killed_run_left_is_in_the_way_once(file: Path) -> None:
    file.parent.mkdir(parents=True)
    Path(f"{file}.{os.getpid()}").write_bytes(b"{")
    memory.note(VAULT, SEEN)
    memory.note(VAULT, SEEN)
    assert memory.recall(VAULT).seen == SEEN
