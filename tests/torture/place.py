"""A machine in small: a home, a temporary folder and a runtime folder, a vault, a real agent, real commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dossier.config import Config
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.store.check import check_vault
from dossier.store.create import create_vault
from dossier.vault import header, kdf
from dossier.vault.agent_client import AgentClient
from dossier.vault.header import NewVault
from dossier.vault.keys import Keys

TODAY = date(2027, 3, 10)
"""A Wednesday."""

PASSPHRASE = "Zwölf graue Esel 驢 tragen Salz"
ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent

_FLOOR = kdf.FLOOR
"""The real one: a test's own commands see a cheaper one."""

_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from dossier.__main__ import main; sys.exit(main())"
)
_WITHOUT_PRIVILEGES = """
import ctypes, os, sys
for capability in (1, 2, 3):  # DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
os.execv(sys.argv[1], sys.argv[1:])
"""


def counts(short: int, full: int) -> pytest.MarkDecorator:
    """Parametrize a test by `count`: a short form for every run, the full one for `make torture`."""
    return pytest.mark.parametrize(
        "count", [pytest.param(short, id="short"), pytest.param(full, id="full", marks=pytest.mark.torture)]
    )


class Ended(NamedTuple):
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)

    def failed_well(self, code: int) -> bool:
        """Whether it ended with this exit code, nothing on stdout, and one line and perhaps a hint on stderr."""
        first, *more = self.err.splitlines() or [""]
        hint_only = not more or (len(more) == 1 and more[0].startswith("  "))
        return self.code == code and not self.out and first.startswith("dossier: ") and hint_only


class Place:
    """Everything below one folder; `variables` are all that its commands see of the environment."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)
        self.home = self._made("home")
        self.temporary = self._made("tmp")
        self.data = self._made("data")
        self.runtime = self._made("run")
        self.vault = str(self.data / "vault.dossier")
        self.variables: Mapping[str, str] = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "DOSSIER_VAULT": self.vault,
            "DOSSIER_TODAY": TODAY.isoformat(),
            "LANG": "C.UTF-8",
        }
        self.agent = AgentClient(str(self.runtime / "dossier"))
        self.keys: Keys | None = None
        self.recovery_code = ""

    def make_vault(self) -> None:
        """Make the vault and let the agent hold it open."""
        made = _new_vault()
        create_vault(self.vault, made.header, made.keys)
        self.keys, self.recovery_code = made.keys, made.recovery_code
        self.agent.put(made.keys)

    def move_to(self, vault: str) -> None:
        """From now on the vault is there."""
        self.vault = vault
        self.variables = {**self.variables, "DOSSIER_VAULT": vault}

    def session(self, path: str | None = None) -> Session:
        """An open session, in this process, with the agent's keys."""
        return Session(path or self.vault, TODAY, Config({}, {}, ""), Unlocking())

    def command(self, *arguments: str) -> list[str]:
        """A `dossier` command line, as the installed entry point would start it."""
        return [sys.executable, "-P", "-c", _PROGRAM, str(ROOT), *arguments]

    def run(
        self,
        *arguments: str,
        stdin: str | None = None,
        variables: Mapping[str, str] | None = None,
        ordinary: bool = False,
        **more: Any,
    ) -> Ended:
        """Run `dossier` to its end; `ordinary` without root's power to ignore file modes."""
        command = self.command(*arguments)
        return self.start(ordinary_command(command) if ordinary else command, stdin, variables, **more)

    def break_and_run(self, fault: str, *arguments: str, stdin: str | None = None) -> Ended:
        """Run `dossier` with a fault built in, one of `broken.FAULTS`."""
        return self.start([sys.executable, str(HERE / "broken.py"), fault, *arguments], stdin)

    def start(
        self,
        command: Sequence[str],
        stdin: str | None = None,
        variables: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Ended:
        """Run any program in this place to its end."""
        done = subprocess.run(
            command,
            input=None if stdin is None else stdin.encode(),
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            env={**self.variables, **(variables or {})},
            cwd=more.pop("cwd", self.home),
            timeout=120,
            check=False,
            **more,
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    def beside(self, path: str | None = None) -> list[str]:
        """The names of what lies beside a vault: leftovers of SQLite or of ours."""
        vault = Path(path or self.vault)
        return sorted(name for name in os.listdir(vault.parent) if name != vault.name)

    def assert_sound(self, path: str | None = None) -> dict[str, int]:
        """Assert that a vault opens and checks clean; how many records of each noun it holds."""
        with self.session(path) as session:
            report = check_vault(session.database, session.rows)
        assert report.problems == []
        return report.counts

    def _made(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(mode=0o700)
        return folder


@cache
def _new_vault() -> NewVault:
    """Header and keys that real commands accept, at the least cost they do; all tests of a process share them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kdf, "DEFAULT", _FLOOR)
        return header.create(PASSPHRASE, TODAY)


def ordinary_command(command: Sequence[str]) -> list[str]:
    """The command without root's power to ignore file modes; where tests do not run as root, it changes nothing."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return list(command)
    return [sys.executable, "-I", "-c", _WITHOUT_PRIVILEGES, *command]
