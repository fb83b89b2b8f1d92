"""The program itself on every vault of the kit: it says what is wrong, soon, and does nothing that the file wants."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dossier.vault.agent_client import AgentClient
from tests.kit import attached, heads
from tests.kit.files import VICTIM
from tests.kit.making import PASSPHRASE, TODAY, Case, Run
from tests.kit.writing import CASES, write_kit
from tests.torture.place import ROOT
from tests.torture.sentinels import Scanner

HERE = Path(__file__).resolve().parent
MEMORY = 160 << 20
"""Argon2id takes 64 MiB of it, the program 25."""

SECONDS = 2.0
"""Of computing: what a busy machine adds by making us wait is no fault of ours."""


class Kit:
    """The kit on disk, and the program to run on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "kit"
        self.folder.mkdir()
        self.keys = write_kit(self.folder)
        home = folder / "home"
        home.mkdir()
        runtime, self._with_agent = folder / "run", folder / "agent"
        runtime.mkdir(mode=0o700)
        self._agent = AgentClient(str(self._with_agent / "dossier"))
        self._agent.put(self.keys)
        self._number = 0
        self._printed = folder / "out", folder / "err"
        self.variables = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(runtime),
            "DOSSIER_TODAY": TODAY.isoformat(),
            "LANG": "C.UTF-8",
        }
        self._runner = subprocess.Popen(
            [sys.executable, str(HERE / "runner.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=home,
        )

    def close(self) -> None:
        """End what runs beside."""
        self._agent.lock()
        self._runner.communicate()

    def run(self, case: Case, run: Run, *, by_agent: bool = False) -> Ended:
        """One run of the program on one vault, in a child of a program that has imported it."""
        assert self._runner.stdin is not None
        assert self._runner.stdout is not None
        request = {
            "arguments": ["--vault", str(self.vault(case)), *run.arguments],
            "variables": self.given(run, by_agent),
            "out": str(self._printed[0]),
            "err": str(self._printed[1]),
        }
        self._runner.stdin.write(json.dumps(request) + "\n")
        self._runner.stdin.flush()
        answer = json.loads(self._runner.stdout.readline())
        out, err = (file.read_bytes().decode("utf-8", "replace") for file in self._printed)
        return Ended(answer["code"], out, err, answer["seconds"], answer["bytes"])

    def vault(self, case: Case) -> Path:
        """Where a vault of the kit is."""
        return self.folder / case.name / "vault.dossier"

    def given(self, run: Run, by_agent: bool = False) -> dict[str, str]:
        """What a run sees of the environment: keys by the passphrase or from an agent, and no memory of other runs."""
        self._number += 1
        given = self.variables | {"XDG_STATE_HOME": f"{self.variables['HOME']}/{self._number}"}
        if not run.unlocked:
            return given
        if by_agent:
            return given | {"XDG_RUNTIME_DIR": str(self._with_agent)}
        return given | {"DOSSIER_PASSPHRASE_COMMAND": f"printf %s '{PASSPHRASE}'"}


class Ended(NamedTuple):
    """A run that has ended: what it printed, seconds of computing, the most memory it had."""

    code: int
    out: str
    err: str
    seconds: float
    memory: int


@pytest.fixture(scope="module")
def kit() -> Iterator[Kit]:
    with tempfile.TemporaryDirectory(prefix="dossier-") as folder:  # short, as the path of a socket must be
        made = Kit(Path(folder))
        yield made
        made.close()


def state(folder: Path) -> dict[str, Any]:
    """Every name below a folder, what it is, and what is in it if it is a file: of an enormous one, both ends."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        what = os.lstat(path)
        found[path.name] = stat.S_IFMT(what.st_mode), what.st_size, what.st_mode
        if stat.S_ISREG(what.st_mode):
            with path.open("rb") as file:
                digest = hashlib.sha256(file.read(1 << 22))
                file.seek(max(0, what.st_size - (1 << 20)))
                digest.update(file.read())
            found[path.name] += (digest.hexdigest(),)
    return found


def assert_as_expected(run: Run, ended: Ended) -> None:
    """The exit code, what is said, in words alone, and soon."""
    printed = ended.out + ended.err
    assert ended.code == run.code, ended
    assert run.says in printed, ended
    assert "Traceback" not in printed
    assert "a mistake in dossier" not in printed
    assert "\x1b" not in (ended.err if "export" in run.arguments else printed)
    assert ended.seconds < SECONDS, ended
    assert ended.memory < MEMORY, ended
    if run.code:
        first, *more = [line for line in ended.err.splitlines() if "Checking" not in line]
        assert first.startswith("dossier: "), ended
        assert len(more) <= 1, ended
        assert len(first) < 1000, ended
    assert Scanner.of_stems().found_in(printed.encode()) == set()


def telling(case: Case) -> Run:
    """The run that tells most: the check, where only that sees it; else any, in turn."""
    read, check, _ = case.runs
    return check if read.code != check.code else case.runs[CASES.index(case) % 3]


@pytest.mark.parametrize("how", ["short", pytest.param("full", marks=pytest.mark.torture)])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_vault_of_the_kit_is_met_as_it_says(kit: Kit, case: Case, how: str) -> None:
    """In short, one run each, with keys from an agent but where the head itself is hurt; in full, all by passphrase."""
    folder = kit.folder / case.name
    for run in case.runs if how == "full" else [telling(case)]:
        before = state(folder)
        ended = kit.run(case, run, by_agent=how == "short" and case not in (*heads.CASES, *attached.CASES))
        assert_as_expected(run, ended)
        if run.code or run.arguments[0] != "account":
            assert state(folder) == before, f"{run.arguments} left something behind"
        if (folder / VICTIM).exists():
            assert (folder / VICTIM).read_text() == "not to be touched"


@pytest.mark.torture
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_whole_process_meets_it_as_well(case: Case, kit: Kit) -> None:
    """Not only a child of a program that has imported everything; the last run may have written, so it is left out."""
    for run in case.runs[:2]:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "dossier", "--vault", str(kit.vault(case)), *run.arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={**kit.given(run), "PYTHONPATH": str(ROOT)},
            cwd=kit.folder,
            timeout=60,
            check=False,
        )
        assert done.returncode == run.code or case.runs[2].code == 0, done
        assert run.says in (done.stdout + done.stderr).decode(), done
        assert b"Traceback" not in done.stderr


def test_the_kit_says_what_must_come_of_it(kit: Kit) -> None:
    expected = json.loads((kit.folder / "expected.json").read_text())
    names = [vault["name"] for vault in expected["vaults"]]
    assert len(set(names)) == len(names) == len(CASES)
    assert sorted(names) == sorted(path.name for path in kit.folder.iterdir() if path.is_dir())
    for vault in expected["vaults"]:
        assert os.path.lexists(kit.folder / vault["file"])
        assert [run["exit"] in range(10) for run in vault["runs"]] == [True] * 3


def test_the_kit_is_written_into_a_new_folder_alone(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "tests.kit"]
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "something").touch()
    around: Mapping[str, str] = {"PYTHONPATH": str(ROOT)}
    for arguments, code in (((), 2), ((str(tmp_path / "full"),), 6)):
        done = subprocess.run([*command, *arguments], env=around, capture_output=True, cwd=ROOT, check=False)
        assert done.returncode == code, done.stderr
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["something"]
