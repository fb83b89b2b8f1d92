"""Runs the commands that the pages show, as their reader would: in a shell, on a terminal, with a home of its own."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.tui.terminal import Terminal

ROOT = Path(__file__).parents[2]
TODAY = "2027-03-10"

_BLOCK = re.compile(r"^```(console|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`(dossier [^`]+)`")


_TALKS = """
case "$*" in
  init) run "$@" --recovery-file code && run unlock; exit;;
  "vault passphrase --new-code") rm -f code; run "$@" --recovery-file code --new-passphrase-fd 3 3< passphrase; exit;;
  "vault passphrase") run "$@" --new-passphrase-fd 3 3< passphrase; exit;;
  "vault rotate"*) rm -f code; run "$@" --recovery-file code; exit;;
esac
"""


class Ran(NamedTuple):
    """A command that was run, and what it left."""

    command: str
    code: int
    output: str


class Shell:
    """A home in `folder`, with `dossier` on the path, a passphrase command, and the files that pages speak of."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        bin_, runtime = folder / "bin", folder / "run"
        bin_.mkdir()
        runtime.mkdir(mode=0o700)
        # What asks a person for a passphrase, or shows one a code: here files answer, and take the code.
        (folder / "passphrase").write_text("correct horse battery staple\n")
        program = bin_ / "dossier"
        program.write_text(
            "#!/bin/sh\n"
            f'run() {{ PYTHONPATH={ROOT} "{sys.executable}" -m dossier "$@"; }}\n'
            f"{_TALKS}"
            'run "$@"\n'
        )
        program.chmod(0o755)
        shutil.copy(ROOT / "examples/contacts.vcf", folder / "contacts.vcf")
        shutil.copy(ROOT / "examples/leads.csv", folder / "contacts.csv")
        (folder / "offer.pdf").write_bytes(b"%PDF-1.7\n")
        self._environment = {
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "PATH": f"{bin_}:{os.environ['PATH']}",
            "XDG_RUNTIME_DIR": str(runtime),
            "DOSSIER_PASSPHRASE_COMMAND": f"cat {folder / 'passphrase'}",
            "DOSSIER_TODAY": TODAY,
            "COLUMNS": "100",
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "NO_COLOR": "1",
        }

    def run(self, command: str, *, agreeing: bool = False) -> Ran:
        """Run a line of shell on a terminal of 100 columns; what it asks is answered by yes if one is `agreeing`."""
        ours, theirs = pty.openpty()
        if agreeing:
            os.write(ours, b"yes\n" * 3)
        with subprocess.Popen(
            ["bash", "-c", command],
            stdin=theirs if agreeing else subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
            cwd=self.folder,
            env=self._environment,
            close_fds=True,
        ) as process:
            os.close(theirs)
            output = _read_all(ours)
        os.close(ours)
        return Ran(
            command, process.returncode, "\n".join(line.rstrip() for line in output.splitlines()).strip("\n")
        )

    def run_until(self, command: str, shows: str, key: str) -> int:
        """Run a command that fills the terminal until it shows a text, then press a key; the exit code."""
        environment = self._environment | {"TERM": "xterm-256color"}
        with Terminal(["bash", "-c", command], environment, columns=100) as terminal:
            terminal.see(shows)
            terminal.press(key)
            return terminal.end()

    def close(self) -> None:
        """Let the agent go."""
        self.run("dossier lock")


def _read_all(descriptor: int) -> str:
    parts = []
    while True:
        try:
            part = os.read(descriptor, 65536)
        except OSError:  # Linux says so when the last writer of a terminal is gone
            break
        if not part:
            break
        parts.append(part)
    return b"".join(parts).decode()


class Block(NamedTuple):
    """A block of a page: `console` shows commands with their output, `sh` commands alone."""

    kind: str
    text: str


def blocks(page: str) -> list[Block]:
    """The blocks of a page that show commands."""
    return [Block(match[1], match[2]) for match in _BLOCK.finditer(page)]


def commands(block: Block) -> list[str]:
    """The commands of a block."""
    lines = block.text.splitlines()
    if block.kind == "console":
        return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    return [line for line in lines if line and not line.startswith("#")]


def spans(page: str) -> list[str]:
    """The commands that stand inside sentences and tables."""
    return [" ".join(span.split()) for span in _SPAN.findall(_BLOCK.sub("", page))]


def as_shown(ran: list[Ran]) -> str:
    """A console block of what was run; what `init` says to a person is left out."""
    parts = []
    for one in ran:
        talk = one.command == "dossier init"
        parts.append(f"$ {one.command}\n" + (f"{one.output}\n" if one.output and not talk else ""))
    return "\n".join(parts)
