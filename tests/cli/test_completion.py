"""What the shell gets at TAB: names that no shell acts on, for they come from other people's cards and tables."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dossier.cli.arguments import complete_accounts, complete_both, complete_people
from tests.conftest import Run


@pytest.fixture(autouse=True)
def _this_vault(vault_path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOSSIER_VAULT", vault_path)


def hostile(command: str) -> list[str]:
    """Names that run a command where a shell evaluates or inserts them as they are."""
    return [
        f"Acme $({command})", f"Acme `{command}`", f"Acme; {command}", f"Acme | {command}", f"Acme && {command}",
        f"Acme \\$({command})", f"Acme \\\\$({command})", f"Acme \\`{command}\\`", f"Acme '$({command})'",
        f'Acme "$({command})"', f"Acme '; {command}; '", f"Acme))'; {command}; '", f"Acme <({command})",
        f"Acme =({command})", f"Acme ${{x:-$({command})}}", f"Acme ${{(e):-\\$({command})}}", f"=({command})",
        f"~{command}", f"Acme:$({command})", "Acme {a,b} * ?", f"-$({command})", f"!{command}", f"Acme # {command}",
    ]  # fmt: skip


def test_a_name_is_offered_as_it_is(dossier: Run) -> None:
    for name in ("Hanoi", "Nguyễn Đông", "मुंबई", "東京光学", "A.B.C-D_E, F+G 3"):
        dossier("account", "add", name)
    dossier("person", "add", "Hana", "--account", "1")
    assert sorted(map(str, complete_accounts(""))) == [
        "A.B.C-D_E, F+G 3",
        "Hanoi",
        "Nguyễn Đông",
        "मुंबई",
        "東京光学",
    ]
    assert complete_people("") == ["Hana"]
    assert complete_both("han") == ["Hanoi", "Hana"]


def test_whoever_is_meant_first_is_offered_first(dossier: Run) -> None:
    dossier("account", "add", "Hanoi")
    for name in ("Milan Roth", "Trần Lan", "Lan Petrova"):
        dossier("person", "add", name, "--account", "1")
    assert complete_people("lan") == ["Lan Petrova", "Trần Lan", "Milan Roth"]
    assert complete_people("lan tra") == ["Trần Lan"]


def test_a_space_is_escaped_for_bash_which_would_not(dossier: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier("account", "add", "Hanoi Optics")
    monkeypatch.setenv("_DOSSIER_COMPLETE", "complete_bash")
    assert complete_accounts("Han") == [r"Hanoi\ Optics"]


@pytest.mark.parametrize("name", hostile("touch x"))
def test_a_name_that_a_shell_could_act_on_is_offered_by_its_id(dossier: Run, name: str) -> None:
    assert dossier("account", "add", "--", name).code == 0
    (found,) = complete_accounts("")
    assert isinstance(found, tuple)
    offered, said = found
    assert offered == "a1"
    assert not set(said) & set("$`'\"\\;|&<>(){}[]*?!~#=:^@%\n")


class Shell:
    """A shell at a terminal, with the program's completion loaded, in which somebody types."""

    def __init__(self, words: list[str], folder: Path, prepare: str) -> None:
        here = folder / "bin"
        here.mkdir()
        root = Path(__file__).parents[2]
        (here / "dossier").write_text(f'#!/bin/sh\nPYTHONPATH={root} exec {sys.executable} -m dossier "$@"\n')
        (here / "dossier").chmod(0o700)
        pid, self.fd = pty.fork()
        if pid == 0:
            os.chdir(folder)
            os.environ |= {"PATH": f"{here}:{os.environ['PATH']}", "TERM": "dumb", "LC_ALL": "C.UTF-8"}
            os.execvp(words[0], words)
        self.pid = pid
        self._lines = 0
        self.types(f"PS1='at the ''prompt '\n{prepare}\n")

    def types(self, keys: str) -> str:
        """What the shell shows once it has dealt with these keys and is ready for the next line."""
        self._lines += 1
        # \x15 takes away what still stands in the line; the sum is not in what the terminal echoes.
        os.write(self.fd, f"{keys}\x15echo ready-$((1000 + {self._lines}))\n".encode())
        seen = b""
        end = time.monotonic() + 20
        while b"at the prompt" not in seen.partition(f"ready-{1000 + self._lines}".encode())[2]:
            assert time.monotonic() < end, seen
            if select.select([self.fd], [], [], 1)[0]:
                seen += os.read(self.fd, 65536)
        return seen.decode(errors="replace")

    def close(self) -> None:
        """End the shell."""
        os.close(self.fd)
        os.waitpid(self.pid, 0)


SHELLS = {
    "bash": (["bash", "--norc", "--noprofile"], 'eval "$(_DOSSIER_COMPLETE=source_bash dossier)"'),
    "zsh": (
        ["zsh", "-f"],
        'autoload -Uz compinit; compinit -u -D; unsetopt beep; eval "$(_DOSSIER_COMPLETE=source_zsh dossier)"',
    ),
}


@pytest.mark.parametrize("name", SHELLS)
def test_no_name_runs_anything_at_tab(dossier: Run, tmp_path: Path, name: str) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    for number, command in enumerate(hostile("touch ran")):
        assert dossier("account", "add", "--", command).code == 0, number
    dossier("account", "add", "Zenith Rail")
    words, prepare = SHELLS[name]
    shell = Shell(words, tmp_path, prepare)
    try:
        for start in ("", "Acm", "a", "A", "=", "~"):
            shell.types(f"dossier account show {start}\t\t")
        seen = shell.types("dossier account show Zen\t")
    finally:
        shell.close()
    assert not (tmp_path / "ran").exists()
    assert r"ith\ Rail" in seen, "the completion was at work"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_what_the_program_prints_for_a_shell_holds_nothing_of_a_hostile_name(
    dossier: Run, shell: str
) -> None:
    dossier("account", "add", "Acme $(touch ran) `touch ran`")
    asked = {
        "_DOSSIER_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": "dossier\naccount\nshow\n",
        "COMP_CWORD": "3",
        "_TYPER_COMPLETE_ARGS": "dossier account show ",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    done = subprocess.run(
        [sys.executable, "-m", "dossier"], env=os.environ | asked, capture_output=True, text=True, check=True
    )
    assert "a1" in done.stdout
    assert "$" not in done.stdout
    assert "`" not in done.stdout


def test_inside_quotes_bash_gets_no_backslashes(dossier: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier("account", "add", "Hanoi Optics")
    monkeypatch.setenv("_DOSSIER_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", 'dossier\nbrief\n"Han')
    assert complete_accounts("Han") == ["Hanoi Optics"]
