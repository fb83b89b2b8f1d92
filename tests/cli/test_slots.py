from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from dossier.services.session import Session
from dossier.vault import key_file
from tests.cli.typing_person import Person
from tests.conftest import PASSPHRASE, TODAY, FakeAgent, Run
from tests.store.behind import fill

Types = Callable[..., Person]

COMMAND = {"DOSSIER_PASSPHRASE_COMMAND": f"echo '{PASSPHRASE}'"}
TAKES = "Passphrase, to change what opens the vault: "


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in that is not the vault's."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def book(session: Session, dossier: Run, here: Path, lock: Callable[[], None]) -> Path:
    """A filled and locked vault with `full.key` in slot 3 and `cron.key` for the agenda in slot 4, in this folder."""
    fill(session)
    assert dossier("vault", "slots", "add", "--key-file", "full.key", variables=COMMAND).code == 0
    arguments = ("--key-file", "cron.key", "--scope", "agenda")
    assert dossier("vault", "slots", "add", *arguments, variables=COMMAND).code == 0
    lock()
    return here


def by(file: str) -> dict[str, str]:
    return {"DOSSIER_KEY_FILE": file}


# --- Adding ----------------------------------------------------------------------------------------------------------


def test_adding_at_a_terminal(dossier: Run, here: Path, types: Types) -> None:
    person = types("a slip of the hand", PASSPHRASE)
    done = dossier("vault", "slots", "add", "--key-file", "a.key", terminal=True)
    assert done.code == 0
    assert done.out == "Slot 3: the key file a.key opens the vault, without a passphrase.\n"
    assert person.asked == [TAKES, "That is not it. Passphrase: "], "although the agent holds the keys"
    assert stat.S_IMODE((here / "a.key").stat().st_mode) == 0o600
    types(PASSPHRASE)
    done = dossier("vault", "slots", "add", "--key-file", "b.key", "--scope", "agenda", terminal=True)
    assert (
        done.out == "Slot 4: the key file b.key opens the agenda, and nothing else, without a passphrase.\n"
    )


def test_the_shape_of_what_was_added(dossier: Run, here: Path) -> None:
    done = dossier("vault", "slots", "add", "--key-file", "a.key", "--format", "json", variables=COMMAND)
    assert json.loads(done.out) == {
        "id": 3,
        "type": "key_file",
        "scope": "full",
        "created_on": "2027-03-10",
        "file": str(here / "a.key"),
        "made": True,
    }
    done = dossier("vault", "slots", "add", "--key-file", "b.key", "--scope=agenda", variables=COMMAND)
    assert done.out == f"4\tkey_file\tagenda\t2027-03-10\t{here / 'b.key'}\tyes\n"


@pytest.mark.parametrize("place", ["before", "environment"])
def test_a_full_key_file_may_open_the_vault_for_another(dossier: Run, book: Path, place: str) -> None:
    """Where --key-file names the file to add, the one that opens stands before `vault` or in the environment."""
    opening = ("--key-file", "full.key") if place == "before" else ()
    words = (*opening, "vault", "slots", "add", "--key-file", "new.key")
    done = dossier(*words, variables={} if opening else by("full.key"))
    assert (done.code, done.out[:11]) == (0, "5\tkey_file\t")
    assert dossier("vault", "check", "--key-file", "new.key").code == 0


def test_a_scoped_key_file_adds_and_removes_nothing(dossier: Run, book: Path, vault_path: str) -> None:
    before = Path(vault_path).read_bytes()
    for words in (("add", "--key-file", "new.key"), ("remove", "3", "--yes")):
        done = dossier("vault", "slots", *words, variables=by("cron.key"))
        assert (done.code, done.out) == (5, "")
        assert "cron.key opens the agenda alone" in done.err
    assert Path(vault_path).read_bytes() == before
    assert not (book / "new.key").exists()


def test_nobody_and_nothing_to_open_with(dossier: Run, here: Path) -> None:
    done = dossier("vault", "slots", "add", "--key-file", "a.key")
    assert (done.code, done.out) == (5, "")
    assert not (here / "a.key").exists()


def test_a_key_file_that_others_can_read(dossier: Run, book: Path) -> None:
    (book / "wide.key").write_text(key_file.new_text(TODAY))
    (book / "wide.key").chmod(0o644)
    done = dossier("vault", "slots", "add", "--key-file", "wide.key", variables=COMMAND)
    assert (done.code, done.out) == (6, "")
    assert done.err == (
        "dossier: others on this machine can get at the key file wide.key\n  run: chmod 600 wide.key\n"
    )


def test_something_else_is_never_overwritten(dossier: Run, here: Path) -> None:
    (here / "letter.txt").write_text("precious")
    (here / "letter.txt").chmod(0o600)
    done = dossier("vault", "slots", "add", "--key-file", "letter.txt", variables=COMMAND)
    assert (done.code, "it is no key file" in done.err) == (6, True)
    assert (here / "letter.txt").read_text() == "precious"


@pytest.mark.parametrize(
    "words",
    [(), ("--scope", "agenda"), ("--key-file", "a", "--scope", "everything"), ("a.key",), ("--key-file", "")],
)
def test_bad_input(dossier: Run, here: Path, words: tuple[str, ...]) -> None:
    done = dossier("vault", "slots", "add", *words, variables=COMMAND)
    assert (done.code in (2, 8), done.out, os.listdir(here)) == (True, "", [])


def test_a_key_file_beside_the_vault(dossier: Run, vault_path: str) -> None:
    file = str(Path(vault_path).with_name("a.key"))
    done = dossier("vault", "slots", "add", "--key-file", file, variables=COMMAND)
    assert (done.code, "whoever copies that has both" in done.err) == (0, True)


# --- Listing ---------------------------------------------------------------------------------------------------------


def test_the_list(dossier: Run, book: Path) -> None:
    listed = json.loads(dossier("vault", "slots", "list", "--format", "json").out)
    assert listed[2:] == [
        {"id": 3, "type": "key_file", "scope": "full", "created_on": "2027-03-10"},
        {"id": 4, "type": "key_file", "scope": "agenda", "created_on": "2027-03-10"},
    ]
    lines = dossier("vault", "slots", "list").out.splitlines()
    assert lines[0] == "1\tpassphrase\tfull\t2027-03-10"
    assert "recovery" in dossier("vault", "slots", "list", "--format", "table").out
    assert (
        dossier("vault", "slots", "list", "--format", "csv").out.splitlines()[0] == "id,type,scope,created on"
    )


def test_a_list_where_there_is_no_vault(dossier: Run, tmp_path: Path) -> None:
    assert dossier("vault", "slots", "list", variables={"DOSSIER_VAULT": str(tmp_path / "none")}).code == 8


# --- Removing --------------------------------------------------------------------------------------------------------


def test_removing_asks_first(dossier: Run, book: Path, types: Types) -> None:
    person = types(PASSPHRASE)
    done = dossier("vault", "slots", "remove", "4", terminal=True, stdin="y\n")
    assert (done.code, person.asked) == (0, [TAKES])
    assert done.out == "Slot 4, the key file for the agenda alone, is removed.\n"
    assert "Then the vault opens by: passphrase, recovery code, key file.\n" in done.err
    assert "Remove slot 4, the key file for the agenda alone of 2027-03-10? [y/N]" in done.err
    assert "To end that: dossier vault rotate" in done.err
    assert dossier("agenda", "--key-file", "cron.key").code == 5


def test_a_no_changes_nothing(dossier: Run, book: Path, types: Types, vault_path: str) -> None:
    before, person = Path(vault_path).read_bytes(), types()
    done = dossier("vault", "slots", "remove", "4", terminal=True, stdin="n\n")
    assert (done.code, done.out, person.asked) == (1, "", [])
    assert Path(vault_path).read_bytes() == before


def test_a_script_has_to_mean_it(dossier: Run, book: Path, vault_path: str) -> None:
    before = Path(vault_path).read_bytes()
    done = dossier("vault", "slots", "remove", "4", variables=COMMAND)
    assert (done.code, "--yes" in done.err) == (2, True)
    assert Path(vault_path).read_bytes() == before
    done = dossier("vault", "slots", "remove", "4", "--yes", "--format", "json", "--key-file", "full.key")
    assert json.loads(done.out) == {
        "id": 4,
        "type": "key_file",
        "scope": "agenda",
        "created_on": "2027-03-10",
    }


def test_the_last_full_slot_stays(dossier: Run, book: Path) -> None:
    for number in "1", "2":
        assert dossier("vault", "slots", "remove", number, "--yes", "--key-file", "full.key").code == 0
    done = dossier("vault", "slots", "remove", "3", "--yes", "--key-file", "full.key")
    assert (done.code, "slot 3 is the last one" in done.err) == (6, True)
    assert dossier("vault", "slots", "remove", "9", "--yes", "--key-file", "full.key").code == 3
    assert dossier("vault", "slots", "remove", "x", "--yes", "--key-file", "full.key").code == 2
    assert dossier("vault", "check", "--key-file", "full.key").code == 0


# --- Opening by a key file -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["before", "after", "environment", "config"])
def test_a_full_key_file_opens_every_command(dossier: Run, book: Path, place: str) -> None:
    variables = by("full.key") if place == "environment" else {}
    if place == "config":
        config = Path(os.environ["XDG_CONFIG_HOME"]) / "dossier" / "config.toml"
        config.parent.mkdir(parents=True)
        config.write_text('key_file = "full.key"\n')
    option = ("--key-file", "full.key")
    words = ("fact", "add", "1", "likes tea")
    line = (*option, *words) if place == "before" else (*words, *option) if place == "after" else words
    assert dossier(*line, variables=variables).code == 0
    assert not FakeAgent.held, "no agent was started"


def test_unlocking_by_a_full_key_file(dossier: Run, book: Path) -> None:
    done = dossier("unlock", "--key-file", "full.key")
    assert (done.code, done.out[:9]) == (0, "Unlocked:")
    assert dossier("log", "1", "a call").code == 0


def test_unlocking_by_a_scoped_key_file_is_refused(dossier: Run, book: Path, types: Types) -> None:
    person = types()
    done = dossier("unlock", "--key-file", "cron.key", terminal=True)
    assert (done.code, done.out, person.asked) == (6, "", [])
    assert "the key file cron.key opens the agenda alone" in done.err
    assert not FakeAgent.held


def test_a_new_passphrase_by_a_full_key_file(dossier: Run, book: Path, types: Types) -> None:
    types("sieben Zwerge", "sieben Zwerge", "sieben Zwerge")
    done = dossier("vault", "passphrase", "--key-file", "full.key", terminal=True)
    assert (done.code, done.out) == (0, "The vault has a new passphrase.\n")
    assert dossier("unlock", terminal=True).code == 0


@pytest.mark.parametrize(
    ("file", "code", "words"),
    [
        ("foreign.key", 5, "the key file foreign.key does not open this vault"),
        ("none.key", 8, "cannot read the key file none.key: No such file or directory"),
        ("wide.key", 6, "others on this machine can get at the key file wide.key"),
        ("letter.txt", 5, "letter.txt is no key file of dossier, or a damaged one"),
        (".", 6, "the key file . is no regular file"),
    ],
)
@pytest.mark.parametrize("line", ["agenda", "account list", "log 1 call", "show 1", "unlock", "vault check"])
def test_a_key_file_that_opens_nothing_ends_it_in_one_line(
    dossier: Run, book: Path, line: str, file: str, code: int, words: str
) -> None:
    """A cron job that prints less in silence would be read as a day with nothing to do."""
    for name, mode in (("foreign.key", 0o600), ("wide.key", 0o644)):
        (book / name).write_text(key_file.new_text(TODAY))
        (book / name).chmod(mode)
    (book / "letter.txt").write_text("precious")
    (book / "letter.txt").chmod(0o600)
    for variables, option in ((by(file), ()), ({}, ("--key-file", file))):
        done = dossier(*line.split(), *option, variables=variables)
        assert (done.code, done.out) == (code, "")
        assert done.err.splitlines()[0] == f"dossier: {words}"
        assert len(done.err.splitlines()) == 2


def test_a_person_with_another_vault_is_told_and_asked(dossier: Run, book: Path, types: Types) -> None:
    (book / "foreign.key").write_text(key_file.new_text(TODAY))
    (book / "foreign.key").chmod(0o600)
    person = types(PASSPHRASE)
    told = "The key file foreign.key does not open this vault\n"
    done = dossier("agenda", terminal=True, variables=by("foreign.key"))
    assert (done.code, person.asked, told in done.err) == (0, [], True)
    done = dossier("log", "1", "a call", terminal=True, variables=by("foreign.key"))
    assert (done.code, person.asked, done.err.count(told)) == (0, ["Passphrase: "], 1)


def test_an_empty_name_is_no_key_file(dossier: Run, book: Path) -> None:
    for words in (("agenda", "--key-file", ""), ("account", "list", "--key-file=")):
        done = dossier(*words, variables=by("none.key"))
        assert (done.code, done.err) == (0, "")


# --- What status says ------------------------------------------------------------------------------------------------


def test_status_says_so_in_words(dossier: Run, book: Path) -> None:
    def page(**variables: str) -> str:
        return " ".join(dossier("status", "--format", "table", variables=variables).out.split())

    out = page()
    assert "key file, since 2027-03-10 key file for the agenda alone, since 2027-03-10" in out
    assert "this machine opens it, by the key file" in out
    assert "this machine opens it: the agenda alone, by the key file" in out
    assert "locked; to open it: dossier unlock" in out
    out = page(DOSSIER_KEY_FILE="full.key")
    assert "which is set this machine opens it: the agenda alone" in out
    assert "locked; commands open it through the key file" in out
    assert "locked; to open it: dossier unlock" in page(DOSSIER_KEY_FILE="cron.key")


def test_status_says_no_where_a_passphrase_is_always_asked_for(dossier: Run) -> None:
    out = dossier("status", "--format", "table").out
    assert [line.split() for line in out.splitlines() if line.startswith("without")] == [
        ["without", "passphrase", "no"]
    ]


def test_status_says_what_is_wrong_with_the_key_file_that_is_set(dossier: Run, book: Path) -> None:
    (book / "full.key").chmod(0o644)
    done = dossier("status", "--format", "table", variables=by("full.key"))
    assert done.code == 0
    said = " ".join(done.out.split("opens by")[0].split())
    assert "careful the key file that is set opens nothing: others on this machine can get at" in said
    shape = json.loads(dossier("status", "--format", "json", variables=by("full.key")).out)
    assert "others on this machine" in shape["key_file_problem"]
    assert [way["file"] for way in shape["opens_without_passphrase"]] == [str(book / "cron.key")]
