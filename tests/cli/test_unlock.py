from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.typing_person import Person
from tests.conftest import PASSPHRASE, FakeAgent, Run

Types = Callable[..., Person]


def test_unlocking_at_a_terminal(dossier: Run, lock: Callable[[], None], types: Types) -> None:
    lock()
    person = types(PASSPHRASE)
    done = dossier("unlock", terminal=True)
    assert (done.code, person.asked) == (0, ["Passphrase: "])
    assert done.out == "Unlocked: for 15 min without use, 8 h at most. To lock it: dossier lock\n"


def test_unlocking_what_is_unlocked_asks_nothing(dossier: Run, types: Types) -> None:
    person = types()
    done = dossier("unlock", terminal=True)
    assert (done.code, person.asked, done.out[:16]) == (0, [], "Already unlocked")


@pytest.mark.parametrize(
    ("span", "seconds", "words"), [("30m", 1800, "30 min"), ("2h", 7200, "2 h"), ("1d12h", 129_600, "36 h")]
)
def test_unlocking_for_a_while(dossier: Run, types: Types, span: str, seconds: int, words: str) -> None:
    types(PASSPHRASE, PASSPHRASE)
    assert (
        dossier("unlock", "--for", span, terminal=True).out
        == f"Unlocked: for {words}. To lock it: dossier lock\n"
    )
    done = dossier("unlock", "--for", span, "--format", "json", terminal=True)
    assert json.loads(done.out) == {"locked": False, "idle_seconds_left": seconds, "seconds_left": seconds}


@pytest.mark.parametrize("span", ["soon", "0m", "-2h", "8d", "9999d"])
def test_a_span_that_makes_no_sense(dossier: Run, types: Types, span: str) -> None:
    person = types()
    done = dossier("unlock", "--for", span, terminal=True)
    assert (done.code, done.out, person.asked) == (2, "", [])


def test_a_wrong_passphrase(dossier: Run, lock: Callable[[], None], types: Types) -> None:
    lock()
    person = types("not the one at all", "nor this", "nor that")
    done = dossier("unlock", terminal=True)
    assert (done.code, done.out) == (5, "")
    assert done.err.startswith("dossier: wrong passphrase\n  ")
    assert len(person.asked) == 3
    assert not FakeAgent.held


def test_a_slip_at_the_passphrase_costs_nothing(dossier: Run, lock: Callable[[], None], types: Types) -> None:
    lock()
    types("not the one at all", PASSPHRASE)
    assert dossier("unlock", terminal=True).code == 0
    assert FakeAgent.held


def test_without_a_way_to_unlock(dossier: Run, lock: Callable[[], None]) -> None:
    lock()
    done = dossier("unlock")
    assert (done.code, done.out) == (5, "")
    assert "DOSSIER_PASSPHRASE_COMMAND" in done.err


def test_unlocking_from_a_descriptor(dossier: Run, lock: Callable[[], None], tmp_path: Path) -> None:
    lock()
    (tmp_path / "phrase").write_text(PASSPHRASE)
    descriptor = os.open(tmp_path / "phrase", os.O_RDONLY)
    try:
        assert dossier("unlock", "--passphrase-fd", str(descriptor)).code == 0
    finally:
        os.close(descriptor)
    assert FakeAgent.held


def test_a_descriptor_that_is_not_open(dossier: Run, lock: Callable[[], None]) -> None:
    lock()
    done = dossier("unlock", "--passphrase-fd", "97")
    assert (done.code, "cannot read file descriptor 97" in done.err) == (2, True)


def test_locking(dossier: Run) -> None:
    assert dossier("lock") == (0, "Locked: the keys are wiped.\n", "")
    assert dossier("lock") == (0, "No vault was unlocked.\n", "")
    assert json.loads(dossier("lock", "--format", "json").out) == {"locked": True, "were_held": False}


def test_locking_needs_no_vault(dossier: Run, tmp_path: Path) -> None:
    assert dossier("lock", variables={"DOSSIER_VAULT": str(tmp_path / "none")}).code == 0
