from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from dossier.config import Config
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from tests.cli.typing_person import Person
from tests.conftest import TODAY, FakeAgent, Run
from tests.store.behind import problems

PHRASE = "sieben Zwerge tragen Äpfel"
CODE = re.compile(r"(?:[0-9A-Z]{5}-){6}[0-9A-Z]{5}")

Types = Callable[..., Person]


@pytest.fixture
def place(tmp_path: Path) -> dict[str, str]:
    """Where the new vault goes, for `variables=`."""
    FakeAgent("").lock()
    return {"DOSSIER_VAULT": str(tmp_path / "new" / "v.dossier")}


@pytest.fixture
def phrase_fd(tmp_path: Path) -> str:
    """A descriptor from which the passphrase can be read."""
    file = tmp_path / "phrase"
    file.write_text(PHRASE + "\nsecond line\n")
    return str(os.open(file, os.O_RDONLY))


def test_at_a_terminal(dossier: Run, types: Types, place: dict[str, str]) -> None:
    person = types(PHRASE, PHRASE)
    done = dossier("init", terminal=True, stdin="\n", variables=place)
    assert (done.code, person.asked) == (0, ["Passphrase: ", "The same again: "])
    assert CODE.search(done.err)
    assert not CODE.search(done.out)
    assert PHRASE not in done.out + done.err
    assert f"Your vault is {place['DOSSIER_VAULT']}; it is open for 15 minutes without use." in done.out
    assert "account: name, aliases, tier, status, tags, mails, phones, created on" in done.out
    assert "birthday" not in done.out
    assert "Next:\n  dossier account add" in done.out
    assert dossier("account", "add", "Hanoi Optics", variables=place).code == 0, "the agent has the keys"


def test_the_person_must_say_that_the_code_is_written_down(
    dossier: Run, types: Types, place: dict[str, str]
) -> None:
    types(PHRASE, PHRASE)
    done = dossier("init", terminal=True, stdin="", variables=place)
    assert done.code == 130
    assert done.err.endswith("\nNo vault was made.\n")
    assert not os.path.exists(place["DOSSIER_VAULT"])


def test_three_tries_at_typing_it_twice(dossier: Run, types: Types, place: dict[str, str]) -> None:
    types("short", PHRASE, "another one", PHRASE, PHRASE)
    assert dossier("init", terminal=True, stdin="\n", variables=place).code == 0


def test_three_tries_and_no_more(dossier: Run, types: Types, place: dict[str, str]) -> None:
    types("a", "b", "c")
    done = dossier("init", terminal=True, stdin="\n", variables=place)
    assert (done.code, done.out) == (2, "")
    assert "dossier: a passphrase needs at least 8 characters\n" in done.err
    assert not os.path.exists(os.path.dirname(place["DOSSIER_VAULT"]))


def test_without_a_terminal(dossier: Run, place: dict[str, str], phrase_fd: str, tmp_path: Path) -> None:
    code = tmp_path / "code.txt"
    done = dossier(
        "init",
        "--passphrase-fd",
        phrase_fd,
        "--recovery-file",
        str(code),
        "--format",
        "json",
        variables=place,
    )
    assert done.code == 0
    shape = json.loads(done.out)
    assert (shape["path"], shape["recovery_file"], shape["locked"]) == (
        place["DOSSIER_VAULT"],
        str(code),
        True,
    )
    assert "name" in shape["plain"]["account"]
    assert CODE.match(code.read_text())
    assert not CODE.search(done.out + done.err)
    with Session(
        place["DOSSIER_VAULT"], TODAY, Config({}, {}, ""), Unlocking(None, lambda _: PHRASE)
    ) as session:
        session.unlock()
        assert problems(session) == []


def test_the_passphrase_of_a_command(dossier: Run, place: dict[str, str], tmp_path: Path) -> None:
    variables = place | {"DOSSIER_PASSPHRASE_COMMAND": f"echo '{PHRASE}'"}
    done = dossier("init", "--recovery-file", str(tmp_path / "code"), variables=variables)
    assert (done.code, "it is locked" in done.out) == (0, True)
    assert dossier("account", "add", "Hanoi Optics", variables=variables).code == 0


def test_without_a_terminal_the_code_needs_a_file(
    dossier: Run, place: dict[str, str], phrase_fd: str
) -> None:
    done = dossier("init", "--passphrase-fd", phrase_fd, variables=place)
    assert (done.code, done.out) == (2, "")
    assert "no terminal to show the recovery code on" in done.err
    assert "--recovery-file FILE" in done.err
    assert not os.path.exists(os.path.dirname(place["DOSSIER_VAULT"]))


@pytest.mark.parametrize("arguments", [(), ("--no-input",)])
def test_without_any_passphrase(
    dossier: Run, place: dict[str, str], tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    code = tmp_path / "code"
    done = dossier(
        "init", "--recovery-file", str(code), *arguments, terminal=bool(arguments), variables=place
    )
    assert (done.code, done.out) == (5, "")
    assert "there is no passphrase for the new vault" in done.err
    assert not code.exists()


def test_a_vault_that_is_there_is_left_alone(dossier: Run, types: Types, vault_path: str) -> None:
    person, before = types(), Path(vault_path).read_bytes()
    done = dossier("init", terminal=True)
    assert (done.code, done.out, person.asked) == (6, "", [])
    assert f"there is something at {vault_path} already" in done.err
    assert Path(vault_path).read_bytes() == before


def test_a_file_of_codes_that_is_there_is_left_alone(
    dossier: Run, types: Types, place: dict[str, str], tmp_path: Path
) -> None:
    person, code = types(), tmp_path / "code"
    code.write_text("precious")
    done = dossier("init", "--recovery-file", str(code), terminal=True, variables=place)
    assert (done.code, person.asked, code.read_text()) == (6, [], "precious")
    assert not os.path.exists(place["DOSSIER_VAULT"])


def test_a_passphrase_is_never_an_argument(dossier: Run, place: dict[str, str]) -> None:
    assert dossier("init", "--passphrase", PHRASE, variables=place).code == 2
