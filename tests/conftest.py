"""What every test stands on: a home of its own, a cheap key derivation, a vault, and a command line to call."""

from __future__ import annotations

import io
import signal
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import ClassVar, NamedTuple

import pytest

from dossier.cli import diagnostics
from dossier.cli.environment import Environment
from dossier.cli.invocation import Invocation
from dossier.cli.main import build
from dossier.config import Config
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.store.create import create_vault
from dossier.vault import header, kdf
from dossier.vault.agent_client import TimeLeft
from dossier.vault.keys import Keys

# A run in the background may have been told to ignore Ctrl-C, and its children would be too.
signal.signal(signal.SIGINT, signal.default_int_handler)

TODAY = date(2027, 3, 10)
"""A Wednesday."""

PASSPHRASE = "correct horse battery"


class FakeAgent:
    """Holds keys in memory in place of the agent's process; `tests/vault` tests the real one."""

    held: ClassVar[dict[bytes, Keys]] = {}
    left: ClassVar[dict[bytes, TimeLeft]] = {}

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def get(self, vault_id: bytes) -> Keys | None:
        return self.held.get(vault_id)

    def put(self, keys: Keys, idle_s: int = 0, max_s: int = 0) -> None:
        self.held[keys.vault_id] = keys
        self.left[keys.vault_id] = TimeLeft(idle_s, max_s)

    def lock(self, vault_id: bytes | None = None) -> bool:
        found = bool(self.held) if vault_id is None else vault_id in self.held
        for known in list(self.held) if vault_id is None else [vault_id]:
            self.held.pop(known, None)
            self.left.pop(known, None)
        return found

    def status(self, vault_id: bytes) -> TimeLeft | None:
        return self.left.get(vault_id)

    def holds(self, vault_id: bytes) -> bool:
        return vault_id in self.held


@pytest.fixture(scope="session", autouse=True)
def _no_memory_of_this_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What fixtures for a whole module do leaves nothing in the home of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty home, no settings from outside, and a key derivation that takes a millisecond."""
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    # Beside the test's own folder, for what a machine remembers appears with the first look into a vault.
    monkeypatch.setenv("XDG_STATE_HOME", f"{tmp_path}-state")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    (tmp_path / "run").mkdir(mode=0o700)
    for name in (
        "DOSSIER_VAULT",
        "DOSSIER_TODAY",
        "DOSSIER_FORMAT",
        "DOSSIER_PASSPHRASE_COMMAND",
        "DOSSIER_KEY_FILE",
        "NO_COLOR",
    ):
        monkeypatch.delenv(name, raising=False)
    tiny = kdf.KdfParams(memory=128, passes=1, lanes=1)
    monkeypatch.setattr(kdf, "DEFAULT", tiny)
    monkeypatch.setattr(kdf, "FLOOR", tiny)
    monkeypatch.setattr("dossier.services.session.AgentClient", FakeAgent)
    FakeAgent("").lock()
    yield
    FakeAgent("").lock()


@pytest.fixture
def vault_path(tmp_path: Path) -> str:
    """A fresh vault whose keys the agent holds."""
    path = str(tmp_path / "vault.dossier")
    made = header.create(PASSPHRASE, TODAY)
    create_vault(path, made.header, made.keys)
    FakeAgent("").put(made.keys, 900, 28_800)
    return path


@pytest.fixture
def session(vault_path: str) -> Iterator[Session]:
    """An unlocked session on a fresh vault, on `TODAY`."""
    with Session(vault_path, TODAY, Config({}, {}, ""), Unlocking()) as opened:
        yield opened


class Result(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Result]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def dossier(vault_path: str) -> Run:
    """Run the command line in this process: `dossier("agenda", "--format", "json")`.

    `stdin` is what it reads; with `terminal=True` all streams are one. It acts on the `vault_path` fixture's vault and
    on `TODAY` unless `variables` say otherwise.
    """

    def run(
        *arguments: str, stdin: str = "", terminal: bool = False, variables: dict[str, str] | None = None
    ) -> Result:
        kind = _Terminal if terminal else io.StringIO
        out, err = kind(), kind()
        around = {"DOSSIER_VAULT": vault_path, "DOSSIER_TODAY": TODAY.isoformat(), "COLUMNS": "100"} | (
            variables or {}
        )
        code = diagnostics.run_guarded(
            build(), list(arguments), Invocation(Environment(kind(stdin), out, err, around))
        )
        return Result(code, out.getvalue(), err.getvalue())

    return run


@pytest.fixture
def lock() -> Callable[[], None]:
    """Make the agent forget every key."""

    def forget() -> None:
        FakeAgent("").lock()

    return forget
