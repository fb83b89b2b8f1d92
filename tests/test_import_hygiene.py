"""What a run imports decides how fast it starts: looked at in real processes, on a real vault, with a real agent."""

from __future__ import annotations

import importlib
import os
import pkgutil
import pty
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

import dossier
from dossier.cli.main import COMMANDS
from dossier.config import Config
from dossier.services import accounts, people, promises, steps
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.store.create import create_vault
from dossier.vault import header, kdf
from dossier.vault.agent_client import AgentClient
from tests.tui.terminal import Terminal

HEAVY = ("sqlalchemy", "sqlmodel", "pydantic", "textual", "dateparser", "keyring")
DRAWING = ("rich",)
ROOT = Path(dossier.__file__).parents[1]

_RUN = """
import sys
from dossier.__main__ import run
code = run(sys.argv[1:])
with open({told!r}, "w") as file:
    file.write("\\n".join(sys.modules))
sys.exit(code)
"""


class Place(NamedTuple):
    """A vault that an agent keeps open, and the variables under which a process finds both."""

    vault: Path
    variables: dict[str, str]


@pytest.fixture(scope="module")
def unlocked() -> Iterator[Place]:
    """A small vault, opened by an agent in a runtime folder of its own (a short path, for sockets like those)."""
    folder = Path(tempfile.mkdtemp(prefix="dossier-"))
    run = folder / "run"
    run.mkdir(mode=0o700)
    vault = folder / "vault.dossier"
    agent = AgentClient(str(run / "dossier"))
    with pytest.MonkeyPatch.context() as patch:
        # The cheapest that the program itself does not refuse.
        patch.setattr(kdf, "DEFAULT", kdf.KdfParams(memory=64 * 1024, passes=1, lanes=1))
        patch.setenv("XDG_RUNTIME_DIR", str(run))
        made = header.create("correct horse battery", date(2027, 3, 10))
        create_vault(str(vault), made.header, made.keys)
        agent.put(made.keys, 600, 600)
        with Session(str(vault), date(2027, 3, 10), Config({}, {}, ""), Unlocking()) as session:
            accounts.add(session, "Hanoi Optics", {"tier": "key"})
            people.add(session, "Trần Thị Lan", "hanoi", {"birthday": "--03-12"})
            for day in ("fri", "today"):
                promises.add(session, "lan", "send the quote", due=day)
            steps.add(session, "hanoi", "ask for the contract", on="today")
    kept = {name: os.environ[name] for name in ("PATH",)}
    yield Place(
        vault,
        kept
        | {
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(folder / "home"),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_RUNTIME_DIR": str(run),
            "DOSSIER_VAULT": str(vault),
            "DOSSIER_TODAY": "2027-03-10",
        },
    )
    agent.lock()
    shutil.rmtree(folder)


def imported(place: Place, tmp_path: Path, *arguments: str, terminal: bool = False) -> set[str]:
    """The top-level packages that a process had imported when its command was done."""
    told = tmp_path / "modules"
    command = [sys.executable, "-c", _RUN.format(told=str(told)), *arguments]
    if terminal:
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=place.variables
        ) as process:
            os.close(theirs)
            seen = b""
            try:
                while found := os.read(ours, 4096):
                    seen += found
            except OSError:  # the other end is closed
                pass
        os.close(ours)
        assert process.returncode == 0, seen
    else:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, env=place.variables, check=False
        )
        assert (done.returncode, done.stderr) == (0, b""), done
    return {name.partition(".")[0] for name in told.read_text().split("\n")}


EVERYDAY = [
    (),
    ("agenda",),
    ("agenda", "--format", "json"),
    ("agenda", "--only", "occasion", "--days", "30"),
    ("log", "lan", "price question", "--with", "lan", "--promise", "send it", "--due", "in 2 weeks"),
    ("promise", "add", "hanoi", "send the quote", "--due", "next fri", "--person", "lan"),
    ("promise", "renegotiate", "1", "--to", "eom", "--because", "the lab", "--told", "lan"),
    ("promise", "keep", "2"),
    ("promise", "list"),
    ("step", "done", "1"),
    ("show", "lan"),
    ("brief", "hanoi"),
    ("search", "quote"),
    ("account", "list"),
    ("account", "list", "--format", "csv"),
    ("person", "list"),
]


@pytest.mark.parametrize("arguments", EVERYDAY, ids=lambda line: " ".join(line[:2]) or "dossier")
def test_everyday_commands_import_nothing_heavy_and_draw_nothing_into_a_pipe(
    unlocked: Place, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    before = unlocked.vault.read_bytes()
    try:
        found = imported(unlocked, tmp_path, *arguments)
    finally:
        unlocked.vault.write_bytes(before)
        shutil.rmtree(unlocked.vault.parent / "state", ignore_errors=True)  # it saw a newer one
    assert found.isdisjoint((*HEAVY, *DRAWING))
    assert "cryptography" in found, "the vault was not open"


@pytest.mark.parametrize("arguments", [("agenda",), ("account", "list"), ("promise", "list")], ids=" ".join)
def test_a_table_at_a_terminal_may_import_what_draws_it(
    unlocked: Place, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    found = imported(unlocked, tmp_path, *arguments, terminal=True)
    assert found.isdisjoint(HEAVY)
    assert "rich" in found


def test_the_agenda_into_a_pipe_does_without_typer(unlocked: Place, tmp_path: Path) -> None:
    """Typer alone takes longer to import than the agenda to print (docs/performance.md)."""
    assert "typer" not in imported(unlocked, tmp_path, "agenda")


def test_a_command_imports_no_other_command(unlocked: Place, tmp_path: Path) -> None:
    told = tmp_path / "modules"
    command = [sys.executable, "-c", _RUN.format(told=str(told)), "account", "list"]
    subprocess.run(command, capture_output=True, env=unlocked.variables, check=True)
    nouns = {f"dossier.cli.{entry.module}" for entry in COMMANDS.values()}
    assert nouns & set(told.read_text().split("\n")) == {"dossier.cli.account"}


def test_the_help_of_the_root_imports_no_command(unlocked: Place, tmp_path: Path) -> None:
    told = tmp_path / "modules"
    command = [sys.executable, "-c", _RUN.format(told=str(told)), "--help"]
    done = subprocess.run(command, capture_output=True, env=unlocked.variables, check=True)
    nouns = {f"dossier.cli.{entry.module}" for entry in COMMANDS.values()}
    assert nouns.isdisjoint(told.read_text().split("\n"))
    for name in COMMANDS:
        assert f"\n  {name} ".encode() in done.stdout


_LATER = (
    "dossier.tui.dialogs.",
    "dossier.tui.palette",
    "textual.widgets._text_area",
    "textual.widgets._data_table",
)
"""What the full-screen view imports when it is opened; until the agenda shows it would only cost time."""

_TELL_WHEN_ASKED = """
import signal, sys
def tell(*_):
    with open({told!r}, "w") as file:
        file.write("\\n".join(sys.modules))
signal.signal(signal.SIGUSR1, tell)
from dossier.__main__ import run
sys.exit(run(["tui"]))
"""


def test_the_view_imports_of_pages_and_dialogs_what_is_opened(unlocked: Place, tmp_path: Path) -> None:
    told = tmp_path / "modules"
    command = [sys.executable, "-c", _TELL_WHEN_ASKED.format(told=str(told))]
    with Terminal(command, {**unlocked.variables, "TERM": "xterm-256color"}) as view:
        view.see("Hanoi Optics")
        assert view.process.pid is not None
        os.kill(view.process.pid, signal.SIGUSR1)
        view.press("ctrl+q")
        assert view.end() == 0
    found = told.read_text().split("\n")
    assert [name for name in found if name.startswith("dossier.tui.screens.")] == [
        "dossier.tui.screens.today"
    ]
    assert [name for name in found if name.startswith(_LATER)] == []
    assert {name.partition(".")[0] for name in found}.isdisjoint(set(HEAVY) - {"textual"})


def every_module() -> list[str]:
    """The name of each module of the package but its entry, which runs the program."""
    walked = pkgutil.walk_packages(dossier.__path__, "dossier.")
    return [module.name for module in walked if not module.name.endswith("__main__")]


@pytest.mark.parametrize("name", every_module())
def test_no_module_rots(name: str) -> None:
    importlib.import_module(name)


def test_importing_makes_no_file_and_no_folder(tmp_path: Path) -> None:
    """Not in the home, the runtime folder, the temporary one or where one stands."""
    folders = [tmp_path / f"a-{name}" for name in ("home", "run", "tmp", "here", "data", "config")]
    for folder in folders:
        folder.mkdir(mode=0o700)
    home, run, tmp, here, data, config = map(str, folders)
    code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    done = subprocess.run(
        [sys.executable, "-c", code, *every_module()],
        cwd=here,
        capture_output=True,
        check=False,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": home,
            "XDG_RUNTIME_DIR": run,
            "XDG_DATA_HOME": data,
            "XDG_CONFIG_HOME": config,
            "XDG_STATE_HOME": data,
            "TMPDIR": tmp,
        },
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert [list(folder.iterdir()) for folder in folders] == [[]] * len(folders)


def test_reading_makes_nothing_beside_the_vault(unlocked: Place, tmp_path: Path) -> None:
    for arguments in (("agenda",), ("account", "list"), ("show", "lan")):
        imported(unlocked, tmp_path, *arguments)
    beside = {path.name for path in unlocked.vault.parent.iterdir()}
    assert beside - {"state"} == {
        "run",
        "vault.dossier",
    }  # what a machine remembers lies here in this test alone
