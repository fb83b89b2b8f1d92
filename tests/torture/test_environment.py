"""An environment that is odd, poor or hostile: designed exit codes, no traceback, the vault as it was."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from dossier.services import accounts, interactions, people, promises
from dossier.store.catalog import Interaction
from tests.torture.place import PASSPHRASE, Ended, Place
from tests.torture.test_kill import dump

_IN_A_FOLDER_GONE = """
import os, sys
os.mkdir(sys.argv[1])
os.chdir(sys.argv[1])
os.rmdir(sys.argv[1])
os.execv(sys.argv[2], sys.argv[2:])
"""
NAME = "Đặng & Söhne 株式会社"


@pytest.fixture
def book(place: Place) -> Place:
    with place.session() as session:
        accounts.add(session, NAME, {"tier": "key"})
        people.add(session, "Nguyễn Thị Lan", "a1", {"birthday": "--03-12"})
        interactions.log(session, "a1", "spring order", {})
        promises.add(session, "a1", "send the quote", due="tomorrow")
    return place


def assert_well_behaved(ended: Ended, *codes: int) -> None:
    assert ended.code in codes, ended
    assert "Traceback" not in ended.out + ended.err
    assert "a mistake in dossier" not in ended.err
    assert "Exception ignored" not in ended.err


LOCALES = [
    {"LANG": "C"},
    {"LC_ALL": "xx_YY.nonsense"},
    {"LANG": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
    {"LANG": "vi_VN.ISO-8859-1", "PYTHONIOENCODING": "latin-1:strict"},
]


@pytest.mark.parametrize(
    "variables", LOCALES, ids=lambda locale: ",".join(f"{k}={v}" for k, v in locale.items())
)
def test_whatever_the_locale_says_text_is_utf_8(book: Place, variables: dict[str, str]) -> None:
    logged = book.run(
        "log", "1", "-", "--format", "json", stdin="хубав разговор за 校准", variables=variables
    )
    assert_well_behaved(logged, 0)
    assert logged.json["subject"] == "хубав разговор за 校准"
    listed = book.run("account", "list", "--format", "plain", variables=variables)
    assert_well_behaved(listed, 0)
    assert NAME in listed.out


ODD = {
    "no columns": {"COLUMNS": "0"},
    "one column": {"COLUMNS": "1"},
    "columns of letters": {"COLUMNS": "wide"},
    "a million columns": {"COLUMNS": "1000000", "LINES": "1000000"},
    "an unknown terminal": {"TERM": "\x1b[31m"},
    "no such time zone": {"TZ": "Mars/Olympus"},
    "warnings as errors": {"PYTHONWARNINGS": "error"},
    "optimised": {"PYTHONOPTIMIZE": "2"},
    "a home that is not there": {"HOME": "/nonexistent"},
    "relative folders": {"XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": ".", "XDG_RUNTIME_DIR": "run"},
    "no runtime folder": {"XDG_RUNTIME_DIR": ""},
    "a passphrase command in vain": {"DOSSIER_PASSPHRASE_COMMAND": "/nonexistent/command"},
}


@pytest.mark.parametrize("odd", ODD)
def test_reading_works_in_an_odd_environment(book: Place, odd: str) -> None:
    for arguments in (
        ("agenda", "--format", "table"),
        ("account", "list", "--format", "table"),
        ("status",),
        (),
    ):
        assert_well_behaved(book.run(*arguments, variables=ODD[odd]), 0)


WRONG = {
    "a day that is none": ({"DOSSIER_TODAY": "2027-02-31"}, 2),
    "an unknown format": ({"DOSSIER_FORMAT": "xml"}, 2),
    "a config folder that is a file": ({"XDG_CONFIG_HOME": "/dev/null"}, 2),
    "a folder for a vault": ({"DOSSIER_VAULT": "/"}, 8),
    "a device for a vault": ({"DOSSIER_VAULT": "/dev/zero"}, 7),
    "no vault there": ({"DOSSIER_VAULT": "/nonexistent/vault"}, 8),
    "a path beyond all limits": ({"DOSSIER_VAULT": "/" + "v" * 5000}, 8),
    "escape codes in the path": ({"DOSSIER_VAULT": "/tmp/\x1b[31mred\x07"}, 8),
    "a line break in the path": ({"DOSSIER_VAULT": "/tmp/\nbroken"}, 8),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_setting_is_one_clear_line(book: Place, wrong: str) -> None:
    variables, code = WRONG[wrong]
    ended = book.run("agenda", variables=variables)
    assert ended.failed_well(code), ended
    assert "\x1b" not in ended.err


@pytest.mark.parametrize(
    "content", ["", "x", "no vault\n" * 500, "SQLite format 3\x00", "SQLite format 3\x00" + "\x00" * 5000]
)
def test_a_file_that_is_no_vault_is_refused_and_left_alone(book: Place, content: str) -> None:
    other = book.home / "other"
    other.write_text(content)
    for arguments in (("agenda",), ("log", "1", "words"), ("unlock", "--no-input")):
        assert book.run("--vault", str(other), *arguments).failed_well(7)
    assert other.read_text() == content
    assert sorted(path.name for path in book.home.iterdir()) == ["other", "state"]


def test_another_programs_database_is_refused_and_left_alone(book: Place) -> None:
    other = str(book.home / "other.sqlite")
    connection = sqlite3.connect(other)
    connection.executescript(
        "CREATE TABLE vault (header BLOB); CREATE TABLE account (id INTEGER PRIMARY KEY)"
    )
    connection.close()
    before = Path(other).read_bytes()
    assert book.run("--vault", other, "agenda").failed_well(7)
    assert Path(other).read_bytes() == before


REDIRECTIONS = ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"]


@pytest.mark.parametrize("redirection", REDIRECTIONS)
def test_closed_streams_neither_crash_it_nor_end_up_in_the_vault(book: Place, redirection: str) -> None:
    """Whatever is opened next gets the number of a closed stream: it must not be the vault."""
    shell = ["/bin/sh", "-c", f'"$@" {redirection}', "sh"]
    for arguments in (
        ("agenda",),
        ("account", "list", "--format", "table"),
        ("--help",),
        ("log", "1", "said"),
    ):
        assert_well_behaved(book.start([*shell, *book.command(*arguments)]), 0)
    for arguments in (("log", "nobody", "-"), ("promise", "keep", "99"), ("nonsense",), ("log", "1", "-")):
        assert_well_behaved(book.start([*shell, *book.command(*arguments)]), 2, 3)
    found = book.assert_sound()
    assert found["interaction"] == 2


PRINTING = {
    "agenda": ("agenda",),
    "agenda in json": ("agenda", "--format", "json"),
    "a list": ("account", "list", "--format", "table"),
    "a long list": ("interaction", "list", "--format", "json", "--limit", "1000"),
    "help": ("--help",),
}


@pytest.mark.parametrize("printing", PRINTING)
def test_a_reader_that_is_gone_is_no_failure(book: Place, printing: str) -> None:
    with book.session() as session, session.change("fill") as transaction:
        for number in range(500):  # more than a pipe holds
            subject = f"call {number} {'of the same ' * 12}"
            transaction.insert(Interaction(account_id=1, at="2027-03-10", subject=subject))
    command = book.command(*PRINTING[printing])
    ended = book.start(["/bin/sh", "-c", '{ sleep 0.1; "$@"; echo $? >&2; } | true', "sh", *command])
    assert (ended.out, ended.err) == ("", "0\n")


BYTES = [
    b"\xff\xfe",
    b"caf\xe9",
    b"half \xed\xa0\x80 a character",
    b"\x1b[31mred",
    b"line\nbreak",
    b"a" * 100_000,
]


@pytest.mark.parametrize("given", BYTES, ids=lambda given: repr(given[:12]))
def test_bytes_that_are_no_name_are_refused(book: Place, given: bytes) -> None:
    before = dump(book.vault)
    command = [os.fsencode(word) for word in book.command("account", "add")]
    for tail in ([given], [b"Fine", b"--note", given.replace(b"\n", b"\0").split(b"\0")[0] + b"\xff"]):
        done = subprocess.run(
            [*command, *tail], capture_output=True, stdin=subprocess.DEVNULL, env=book.variables, check=False
        )
        ended = Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert ended.failed_well(2), ended
        assert len(ended.err) < 1000
        assert "\x1b" not in ended.err
    assert dump(book.vault) == before


def test_a_working_folder_that_is_gone_does_not_matter(book: Place) -> None:
    gone = book.folder / "gone"
    command = [sys.executable, "-I", "-c", _IN_A_FOLDER_GONE, str(gone)]
    assert_well_behaved(book.start([*command, *book.command("log", "1", "said")]), 0)
    assert_well_behaved(book.start([*command, *book.command("--vault", "vault.dossier", "agenda")]), 8)


def test_the_working_folder_decides_nothing_about_what_runs(book: Place) -> None:
    """The installed command, that is: `python -m dossier` looks there first, as `python -m` always does."""
    script = Path(sys.executable).parent / "dossier"
    if not script.exists():
        pytest.skip("dossier is not installed here")
    trap = book.folder / "trap"
    trap.mkdir()
    for name in ("json", "sqlite3", "typing", "dossier", "sitecustomize"):
        (trap / f"{name}.py").write_text("raise SystemExit(99)\n")
    for arguments in (("agenda", "--format", "json"), ("log", "1", "said"), ("unlock",)):
        assert_well_behaved(book.start([str(script), *arguments], cwd=trap), 0)


@pytest.mark.skipif(shutil.which("prlimit") is None, reason="needs prlimit")
@pytest.mark.parametrize("limit", ["--nofile=12", "--nproc=1", "--core=unlimited", "--as=500000000"])
def test_tight_limits_are_no_reason_to_crash(book: Place, limit: str) -> None:
    for arguments in (("agenda",), ("log", "1", "said")):
        assert_well_behaved(book.start(["prlimit", limit, *book.command(*arguments)]), 0)
    book.assert_sound()


def test_the_passphrase_may_come_on_standard_input(book: Place) -> None:
    book.agent.lock()
    ended = book.run("account", "add", "Another", "--passphrase-fd", "0", stdin=f"{PASSPHRASE}\n")
    assert_well_behaved(ended, 0)
