"""A key file for the agenda alone: what a cron job gets by it, and that no command gives or changes anything more."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dossier.config import Config
from dossier.domain.faults import BadValue
from dossier.services import slots
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.services.slots import Scope
from dossier.store.catalog import RECORDS, Change
from dossier.store.create import create_vault
from dossier.store.record import DOSSIER
from dossier.vault import header, kdf
from tests.conftest import PASSPHRASE, TODAY, FakeAgent, Run
from tests.docs.test_help import BOOK, EXAMPLES, FILES, Example, name_of

ROOT = Path(__file__).parents[2]

SENTINEL = "Qjx"
"""Begins every secret that the agenda does not show; nothing else holds it."""

SHELL = set("|<>&;")


class Place(NamedTuple):
    """A folder with a vault that nobody holds open, the files of the examples, and `cron.key` for the agenda."""

    folder: Path
    before: dict[str, bytes]


def fill_in(session: Session) -> int:
    """Put a sentinel into every field of the class `dossier` that takes a text; how many there were."""
    count = 0
    for kind in RECORDS:
        if kind is Change:
            continue
        for record in session.reader.find(kind):
            for field in kind.table.secrets(DOSSIER):
                for value in (
                    f"{SENTINEL} {kind.table.name} {field.name}",
                    [f"{SENTINEL}@{field.name}.example"],
                ):
                    with (
                        suppress(BadValue, TypeError, AttributeError),
                        session.change("fill in") as transaction,
                    ):
                        transaction.update(transaction.get(kind, record.id), **{field.name: value})
                        transaction.summary = f"{SENTINEL} was filled in"
                        count += 1
    return count


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def _made() -> Iterator[list[Place]]:
    made: list[Place] = []
    yield made
    for one in made:
        shutil.rmtree(one.folder)


@pytest.fixture
def place(
    _made: list[Place], dossier: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    """A copy for each test of what is made once."""
    if not _made:
        folder = Path(tempfile.mkdtemp(prefix="dossier-"))
        vault = str(folder / "vault.dossier")
        # The cheapest that the program itself does not refuse: one test runs a process of its own.
        with monkeypatch.context() as patch:
            patch.setattr(kdf, "DEFAULT", kdf.KdfParams(memory=64 * 1024, passes=1, lanes=1))
            made = header.create(PASSPHRASE, TODAY)
        create_vault(vault, made.header, made.keys)
        FakeAgent("").put(made.keys)
        with Session(
            vault, TODAY, Config({}, {}, ""), Unlocking(None, lambda question: PASSPHRASE)
        ) as session:
            slots.add(session, str(folder / "cron.key"), Scope.AGENDA)
        monkeypatch.chdir(folder)
        for name, text in FILES.items():
            (folder / name).write_text(text, encoding="utf-8")
        for line in BOOK.splitlines():
            done = dossier(*shlex.split(line)[1:], variables={"DOSSIER_VAULT": vault})
            assert done.code == 0, (line, done.err)
        with Session(vault, TODAY, Config({}, {}, ""), Unlocking()) as session:
            assert fill_in(session) > 30
        _made.append(Place(folder, contents(folder)))
    FakeAgent("").lock()
    here = tmp_path / "here"
    shutil.copytree(_made[0].folder, here)
    monkeypatch.chdir(here)
    yield Place(here, _made[0].before)
    FakeAgent("").lock()


def by_key(place: Place) -> dict[str, str]:
    return {
        "DOSSIER_VAULT": str(place.folder / "vault.dossier"),
        "DOSSIER_KEY_FILE": str(place.folder / "cron.key"),
    }


def first_command(line: str) -> list[str]:
    """The words of an example up to where the shell does something."""
    quoted = shlex.shlex(line, posix=True, punctuation_chars="|<>&;")
    quoted.whitespace_split = True
    words: list[str] = []
    for word in quoted:
        if set(word) <= SHELL:
            break
        words.append(word)
    return words[1:]


# --- Every command ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", EXAMPLES, ids=name_of)
@pytest.mark.parametrize("shape", ["json", "table"])
def test_no_command_gives_more_than_the_agenda_or_changes_anything(
    place: Place, dossier: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, example: Example, shape: str
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    words = [*first_command(example.line), "--format", shape]
    if example.command == ("demo",) and "--keep" in words:
        words[words.index("--keep") + 1] = str(tmp_path / "rehearsal")
    done = dossier(*words, stdin="what was typed\n", variables=by_key(place))
    assert SENTINEL not in done.out + done.err
    assert "a mistake in dossier itself" not in done.err
    after = contents(place.folder)
    assert {name: after.get(name) for name in place.before} == place.before
    assert [name for name, data in after.items() if SENTINEL.encode() in data] == []


def test_the_sentinels_are_there_for_whoever_may_see_them(place: Place, dossier: Run) -> None:
    """Else the test above would prove nothing."""
    variables = {
        "DOSSIER_VAULT": str(place.folder / "vault.dossier"),
        "DOSSIER_PASSPHRASE_COMMAND": f"echo {PASSPHRASE}",
    }
    for line in (
        "show lan",
        "search Qjx",
        "fact list",
        "history",
        "promise show 1",
        "export json - --include-sensitive",
    ):
        assert SENTINEL in dossier(*line.split(), variables=variables).out, line


LOCKED = (
    "log lan call",
    "account add Mekong",
    "promise keep 1",
    "undo",
    "undo --dry-run",
    "export json all.json --include-sensitive",
    "vault check",
    "vault backup copy.backup",
    "vault slots remove 1 --yes",
    "vault passphrase",
    "unlock",
)


@pytest.mark.parametrize("line", LOCKED)
def test_what_needs_all_keys_says_that_it_has_the_agendas_alone(
    place: Place, dossier: Run, line: str
) -> None:
    done = dossier(*line.split(), variables=by_key(place))
    assert (done.code, done.out) == (5, "")
    assert "cron.key opens the agenda alone" in done.err.splitlines()[0]
    assert contents(place.folder) == place.before


def test_lists_show_the_agendas_secrets_and_that_others_are_locked(place: Place, dossier: Run) -> None:
    def listed(*words: str) -> Any:
        return json.loads(dossier(*words, "--format", "json", variables=by_key(place)).out)

    lan = next(person for person in listed("person", "list") if person["name"] == "Nguyễn Thị Lan")
    assert (lan["birthday"], lan["locked"], lan["address_as"]) == ("--03-12", True, None)
    assert [promise["title"] for promise in listed("promise", "list")] == ["send the quote", "send drawings"]
    assert [fact["text"] for fact in listed("fact", "list")] == [None]
    told = dossier("promise", "list", "--format", "table", variables=by_key(place)).err
    assert (
        "The key file opens the agenda alone: other secrets are hidden. To see them: dossier unlock" in told
    )


# --- A cron job ------------------------------------------------------------------------------------------------------


_RUN = """
import sys
from dossier.__main__ import run
code = run(sys.argv[1:])
print(*sys.modules, sep=chr(10), file=sys.stderr)
sys.exit(code)
"""


def cron(place: Place, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A process with next to no environment, no terminal and nothing to read."""
    return subprocess.run(
        [sys.executable, "-c", _RUN, *arguments],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOME": str(place.folder / "home"),
            "DOSSIER_VAULT": str(place.folder / "vault.dossier"),
            "DOSSIER_TODAY": "2027-03-10",
            **variables,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        start_new_session=True,
    )


def test_a_cron_job_prints_the_agenda_with_birthdays(place: Place) -> None:
    arguments = ("agenda", "--key-file", str(place.folder / "cron.key"), "--format", "json")
    done = cron(place, *arguments)
    assert done.returncode == 0, done.stderr
    agenda = json.loads(done.stdout)
    assert agenda["locked"] is False
    (lan,) = (item for item in agenda["items"] if item["kind"] == "occasion" and item["person"])
    assert (lan["person"], lan["due"], lan["title"]) == ("Nguyễn Thị Lan", "2027-03-12", "birthday")
    assert "send the quote" in [item["title"] for item in agenda["items"]]
    assert SENTINEL not in done.stdout
    modules = set(done.stderr.split())
    assert "dossier.vault.key_file" in modules
    assert not modules & {"dossier.cli.main", "typer", "click", "rich", "subprocess", "sqlmodel", "pydantic"}


@pytest.mark.parametrize("line", ["log lan call", "fact add lan chess", "vault check", "undo"])
def test_a_cron_job_can_do_nothing_else(place: Place, line: str) -> None:
    done = cron(place, *line.split(), DOSSIER_KEY_FILE=str(place.folder / "cron.key"))
    assert (done.returncode, done.stdout) == (5, "")
    assert "opens the agenda alone" in done.stderr
    after = {name: data for name, data in contents(place.folder).items() if not name.startswith("home/")}
    assert after == place.before


def test_a_cron_job_without_its_key_file_fails_loudly(place: Place) -> None:
    done = cron(place, "agenda", DOSSIER_KEY_FILE=str(place.folder / "gone.key"))
    assert (done.returncode, done.stdout) == (8, "")
    assert done.stderr.startswith("dossier: cannot read the key file")
