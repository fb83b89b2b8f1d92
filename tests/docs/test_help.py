"""Every command explains itself: `--help` works, has examples, and every example really runs."""

from __future__ import annotations

import getpass
import io
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from dossier.cli import diagnostics
from dossier.cli.environment import Environment
from dossier.cli.invocation import Invocation
from dossier.cli.main import COMMANDS, build
from dossier.services.session import the_agent
from dossier.store.create import create_vault
from dossier.vault import header, kdf
from dossier.vault.agent_client import AgentClient
from dossier.vault.keys import Keys
from tests.conftest import PASSPHRASE
from tests.docs.make_reference import Command, commands, reference
from tests.tui.terminal import Terminal

ROOT = Path(__file__).parents[2]
TODAY = "2027-03-10"

EVERY = tuple(commands())
RUNNABLE = tuple(found for found in EVERY if not found.is_group or not found.words)


class Example(NamedTuple):
    """A line of a command's examples."""

    command: tuple[str, ...]
    line: str

    @property
    def needs_a_shell(self) -> bool:
        """Whether it pipes or redirects."""
        quoted = shlex.shlex(self.line, posix=True, punctuation_chars="|<>&;")
        quoted.whitespace_split = True
        return any(set(word) <= set("|<>&;") for word in quoted)


def examples_of(found: Command) -> list[str]:
    """The example lines of a command's help, remarks taken off."""
    text = found.command.epilog or ""
    lines = [line.strip() for line in text.partition("Examples:")[2].splitlines()]
    return [line.partition("   #")[0].strip() for line in lines if line]


EXAMPLES = [Example(found.words, line) for found in RUNNABLE for line in examples_of(found)]


def name_of(found: Command | Example) -> str:
    return found.line if isinstance(found, Example) else " ".join(found.words) or "dossier"


# --- The help --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("found", EVERY, ids=name_of)
def test_help_is_printed_without_a_vault(found: Command, capsys: pytest.CaptureFixture[str]) -> None:
    out, err = io.StringIO(), io.StringIO()
    around = Environment(io.StringIO(), out, err, {"DOSSIER_VAULT": "/nonexistent"})
    assert diagnostics.run_guarded(build(), [*found.words, "--help"], Invocation(around)) == 0
    printed = capsys.readouterr().out
    assert f"Usage: dossier {' '.join(found.words)}".rstrip() in printed
    assert err.getvalue() == ""


@pytest.mark.parametrize("found", EVERY, ids=name_of)
def test_help_says_what_it_does_in_a_sentence(found: Command) -> None:
    first = (found.command.help or "").split("\n\n")[0].strip()
    assert first.endswith(".")
    assert first[0].isupper()


@pytest.mark.parametrize("found", EVERY, ids=name_of)
def test_every_option_says_what_it_is_for(found: Command) -> None:
    for parameter in found.command.params:
        if hasattr(parameter, "is_flag"):
            assert parameter.help, parameter.opts


@pytest.mark.parametrize("found", RUNNABLE, ids=name_of)
def test_every_command_has_an_example_of_itself(found: Command) -> None:
    lines = examples_of(found)
    assert lines
    for line in lines:
        words = shlex.split(line, comments=True)
        assert words[0] == "dossier"
        assert set(found.words) <= set(words)


def test_the_root_lists_every_command_with_the_line_of_its_own_help() -> None:
    assert [found.words[0] for found in EVERY if len(found.words) == 1] == list(COMMANDS)


def test_the_command_reference_is_current() -> None:
    """After a change to a command: python tests/docs/make_reference.py > docs/commands.md."""
    assert (ROOT / "docs" / "commands.md").read_text(encoding="utf-8") == reference()


# --- The examples ----------------------------------------------------------------------------------------------------

BOOK = """\
dossier account add "Hanoi Instruments" --alias "Hanoi Optics" --tier key
dossier account add "Varna Steel"
dossier account add "Linz Valves" --tier key
dossier person add "Nguyễn Thị Lan" --account 1 --birthday --03-12
dossier fact add lan "plays chess" --kind interest --on 1.3.
dossier relative add lan "Bình" --relation son --birthday 2015
dossier occasion add 1 founding "3 May 1998"
dossier promise add 1 "send the quote" --due fri --made 1.3.
dossier log lan "calibration and warranty" --on 5.3.
dossier step add 1 "call back" --on fri
dossier promise add 3 "send drawings" --due eom
dossier account edit 2 --industry steel
dossier attachment add 1 minutes.txt --name audit.txt
dossier import csv leads.csv
dossier vault backup clients.backup
"""
"""What the examples of every command may count on: `hanoi`, `lan`, account 3, and number 1 of everything."""

FILES = {
    "minutes.txt": "Minutes\nThey agreed.\n",
    "reason.txt": "The lab is closed.\n",
    "note.txt": "They build a second hall.\n",
    "words.txt": "warranty\n",
    "contacts.vcf": "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Minh Tran\r\nN:Tran;Minh;;;\r\nORG:Mekong Labs\r\nEND:VCARD\r\n",
    "leads.csv": "Name,Company,Birthday\nIvo Petrov,Plovdiv Gears,12.04.1975\n",
}

PROGRAMS = {
    "dossier": f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m dossier "$@"\n',
    # Viewers, which nobody is there to close.
    "xdg-open": "#!/bin/sh\nexec true\n",
    "zathura": "#!/bin/sh\nexec true\n",
    # Not on every machine; that its input is JSON is what matters here.
    "jq": f"#!/bin/sh\nexec {shlex.quote(sys.executable)} -c 'import json, sys; json.load(sys.stdin)'\n",
}

WITHOUT_A_VAULT = {("init",)}
"""Commands whose examples begin with no vault at the usual place."""

FULL_SCREEN = {("tui",)}
"""Commands whose examples fill a terminal until a key ends them."""

NOT_THERE_YET = {("init",): "code.txt", ("vault", "backup"): "clients.backup"}
"""The file that the examples of a command make, where those of others need it."""


class Prepared(NamedTuple):
    """A folder with the vault and files of the examples; `keys` open it."""

    folder: Path
    keys: Keys
    code: str


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(line: str, variables: dict[str, str], stdin: str = "") -> tuple[int, str]:
    """Run an example in this process, as at a terminal; the exit code and what went to stderr."""
    err = _Terminal()
    around = Environment(_Terminal(stdin), io.StringIO(), err, variables)
    code = diagnostics.run_guarded(build(), shlex.split(line, comments=True)[1:], Invocation(around))
    return code, err.getvalue()


@pytest.fixture(scope="module")
def _template() -> Iterator[list[Prepared]]:
    made: list[Prepared] = []
    yield made
    for one in made:
        shutil.rmtree(one.folder)


@pytest.fixture
def prepared(_template: list[Prepared], monkeypatch: pytest.MonkeyPatch) -> Prepared:
    """The folder that each example gets a copy of, made once."""
    if not _template:
        # The cheapest that the program itself does not refuse: some examples run in processes of their own.
        monkeypatch.setattr(kdf, "DEFAULT", kdf.KdfParams(memory=64 * 1024, passes=1, lanes=1))
        folder = Path(tempfile.mkdtemp(prefix="dossier-"))
        monkeypatch.chdir(folder)
        vault = str(folder / "vault.dossier")
        made = header.create(PASSPHRASE, date.fromisoformat(TODAY))
        create_vault(vault, made.header, made.keys)
        the_agent().put(made.keys, 600, 600)
        for name, text in {**FILES, "code.txt": made.recovery_code + "\n"}.items():
            (folder / name).write_text(text, encoding="utf-8")
        for line in BOOK.splitlines():
            code, err = run(line, {"DOSSIER_VAULT": vault, "DOSSIER_TODAY": TODAY})
            assert code == 0, f"{line}: {err}"
        (folder / "bin").mkdir()
        for name, text in PROGRAMS.items():
            (folder / "bin" / name).write_text(text)
            (folder / "bin" / name).chmod(0o700)
        _template.append(Prepared(folder, made.keys, made.recovery_code))
    return _template[0]


@pytest.fixture
def agents() -> Iterator[str]:
    """A runtime folder with a path short enough for sockets; agents that were started in it are stopped."""
    with tempfile.TemporaryDirectory(prefix="dossier-") as folder:
        yield folder
        AgentClient(os.path.join(folder, "dossier")).lock()


@pytest.mark.parametrize("example", EXAMPLES, ids=name_of)
def test_every_example_runs(
    example: Example, prepared: Prepared, agents: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    shutil.copytree(prepared.folder, here)
    if example.command in NOT_THERE_YET:
        (here / NOT_THERE_YET[example.command]).unlink()
    monkeypatch.chdir(here)
    monkeypatch.setenv("XDG_RUNTIME_DIR", agents)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("PATH", f"{here}/bin:{os.environ['PATH']}")
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(getpass, "getpass", lambda *_, **__: PASSPHRASE)
    variables = {"DOSSIER_TODAY": TODAY}
    if example.command not in WITHOUT_A_VAULT:
        variables["DOSSIER_VAULT"] = str(here / "vault.dossier")
    if example.needs_a_shell:
        AgentClient(os.path.join(agents, "dossier")).put(prepared.keys, 600, 600)
        environment = os.environ | variables | {"PYTHONPATH": str(ROOT)}
        command = ["bash", "-o", "pipefail", "-c", example.line]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return
    if example.command in FULL_SCREEN:
        AgentClient(os.path.join(agents, "dossier")).put(prepared.keys, 600, 600)
        environment = os.environ | variables | {"PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
        words = shlex.split(example.line)[1:]
        with Terminal([sys.executable, "-m", "dossier", *words], environment) as terminal:
            terminal.see("Hanoi Instruments", "Help")
            terminal.press("ctrl+q")
            assert terminal.end() == 0
        return
    the_agent().put(prepared.keys, 600, 600)
    stdin = f"{prepared.code}\n\n" if example.command == ("vault", "recover") else "y\n\n"
    code, err = run(example.line, variables, stdin)
    assert code == 0, err
