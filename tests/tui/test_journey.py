"""The full-screen view as it is for a person: a real process at a real terminal, a vault on the disk, a real agent.

What was done by keys is looked up afterwards by the command line.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dossier.config import Config
from dossier.services import accounts, people, promises
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.store.create import create_vault
from dossier.vault import header, kdf
from dossier.vault.agent_client import AgentClient
from dossier.vault.keys import Keys
from tests.tui.terminal import Terminal

ROOT = Path(__file__).parents[2]
TODAY = date(2027, 3, 10)
PASSPHRASE = "correct horse battery"
DOSSIER = [sys.executable, "-m", "dossier"]


class Template(NamedTuple):
    """A vault that is copied for each test, and what opens it."""

    vault: Path
    keys: Keys


class Place(NamedTuple):
    """A vault that an agent keeps open, and the variables under which a process finds both."""

    vault: Path
    variables: Mapping[str, str]

    def view(self, *, columns: int = 80, lines: int = 24) -> Terminal:
        """The full-screen view at a terminal."""
        return Terminal([*DOSSIER, "tui"], self.variables, columns=columns, lines=lines)

    def run(self, *arguments: str) -> str:
        """What a command prints; it must go well."""
        done = subprocess.run(
            [*DOSSIER, *arguments],
            env=dict(self.variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, *arguments: str) -> Any:
        """What a command says as JSON."""
        return json.loads(self.run(*arguments, "--format", "json"))


def fill(session: Session) -> None:
    """Accounts with people and promises, in three scripts."""
    for name, *staff in (
        ("Công ty Đặng Gia", "Nguyễn Thị Lan", "Trần Văn Hùng"),
        ("Оптика Варна", "Мария Иванова"),
        ("苏州光学", "王丽娜"),
    ):
        account = accounts.add(session, name, {"tier": "key"})
        for person in staff:
            people.add(session, person, f"a{account['id']}", {})
    for number in range(1, 31):
        promises.add(
            session, f"a{2 + number % 2}", f"send drawing {number}", due="2027-03-05", made="2027-02-01"
        )


@pytest.fixture(scope="module")
def template() -> Iterator[Template]:
    """The vault, made once."""
    with tempfile.TemporaryDirectory(prefix="dossier-") as folder, pytest.MonkeyPatch.context() as patch:
        # The cheapest that the program itself does not refuse.
        patch.setattr(kdf, "DEFAULT", kdf.KdfParams(memory=64 * 1024, passes=1, lanes=1))
        vault = Path(folder, "vault.dossier")
        made = header.create(PASSPHRASE, TODAY)
        create_vault(str(vault), made.header, made.keys)
        with Session(str(vault), TODAY, Config({}, {}, ""), Unlocking()) as session:
            session.use(made.keys)
            fill(session)
        yield Template(vault, made.keys)


@pytest.fixture
def place(template: Template) -> Iterator[Place]:
    """A copy of the vault in a home of its own; the paths are short, for sockets like those."""
    with tempfile.TemporaryDirectory(prefix="dossier-") as folder:
        home = Path(folder)
        shutil.copy(template.vault, home / "vault.dossier")
        (home / "run").mkdir(mode=0o700)
        (home / "bin").mkdir()
        agent = AgentClient(str(home / "run" / "dossier"))
        agent.put(template.keys, 600, 600)
        try:
            yield Place(home / "vault.dossier", _variables(home))
        finally:
            agent.lock()


def _variables(home: Path) -> dict[str, str]:
    program = home / "bin" / "dossier"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dossier "$@"\n')
    program.chmod(0o700)
    return {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "TMPDIR": str(home),
        "DOSSIER_VAULT": str(home / "vault.dossier"),
        "DOSSIER_TODAY": TODAY.isoformat(),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "PS1": "shell> ",
    }


def in_line(*texts: str) -> Callable[[str], bool]:
    """Whether one line of the screen holds all these texts."""
    return lambda shown: any(all(text in line for text in texts) for line in shown.splitlines())


# --- A morning's work ------------------------------------------------------------------------------------------------


def test_a_call_is_logged_its_promise_moved_and_the_move_taken_back(place: Place) -> None:
    with place.view(columns=100, lines=40) as view:
        filter_to_dang_gia(view)
        log_a_call(view)
        find_it_on_the_board(view)
        renegotiate_it(view)
        view.press("u")
        view.see("Taken back: promise moved", "2027-03-24")
        lock_and_unlock(view)
        view.press("ctrl+q")
        assert view.end() == 0
    (call,) = place.ask("interaction", "list")
    assert (call["at"], call["channel"], call["subject"]) == ("2027-03-09", "call", "nói về hiệu chuẩn 校准")
    assert call["note"] == "They ask for [/b] a second date."
    assert set(call["with"]) == {"Nguyễn Thị Lan", "Trần Văn Hùng"}
    promise = place.ask("promise", "show", "31")
    assert (promise["title"], promise["by"], promise["due_on"]) == ("gửi báo giá", "us", "2027-03-24")
    assert (promise["made_on"], promise["account"], promise["moves"]) == (
        "2027-03-09",
        "Công ty Đặng Gia",
        [],
    )
    newest = [change["command"] for change in place.ask("history")]
    assert newest[:3] == ["undo", "promise renegotiate", "log"]
    assert place.ask("vault", "check")["problems"] == []


def filter_to_dang_gia(view: Terminal) -> None:
    """By a part of the name, without its accents."""
    view.see("Оптика Варна", "Reveal")
    view.press("2")
    view.see("Cadence", "Công ty Đặng Gia", "苏州光学")
    view.press("/")
    view.see("Part of a name")
    view.miss("Log")  # the keys of the table are letters now
    view.type("dang g")
    view.see("1 of 3")
    view.miss("苏州光学")
    view.press("enter")
    view.see("Log")


def log_a_call(view: Terminal) -> None:
    """With both of its people, a note, and a promise."""
    view.press("c")
    view.see("Log a call", "Công ty Đặng Gia", "what was said")
    view.press(*["shift+tab"] * 4)
    view.stand("With")
    view.type("lan")
    view.see("Nguyễn Thị Lan")
    view.press("enter")
    view.miss(" lan ")
    view.type("hung")
    view.see("Trần Văn Hùng")
    view.press("enter")
    view.miss(" hung ")
    for line, text in (
        ("When", "yesterday"),
        ("Subject", "nói về hiệu chuẩn 校准"),
        ("Note", "They ask for [/b] a second date."),
        ("Promise", "gửi báo giá"),
        ("due", "in 2 weeks"),
    ):
        view.press("tab")
        if line == "When":
            view.press("tab", "tab")
        view.stand(line)
        view.type(text[:-1])
        if line == "Promise":  # another one is offered
            view.wait(lambda shown: "Promise 2" in shown, "for another promise")
        view.type(text[-1])
        view.see(text)
    view.see("Tue 9 March 2027", "Wed 24 March 2027")
    view.press("ctrl+s")
    view.see("Logged", "1 promise noted")
    view.miss("Subject")


def find_it_on_the_board(view: Terminal) -> None:
    """Among what is due later, by the name of the account."""
    view.press("3")
    view.see("Notice", "Оптика Варна")
    view.press("/")
    view.see("Part of a title")
    view.miss("Log")
    view.type("dang g")
    view.miss("Оптика Варна")
    view.press("enter")
    view.see("Log")
    view.press("v")
    view.wait(in_line("2027-03-24", "Công ty Đặng Gia", "gửi báo giá"), "for the promise")


def renegotiate_it(view: Terminal) -> None:
    """To another date, for a reason, of which somebody was told."""
    view.press("m")
    view.stand("To")
    view.type("in 3 weeks")
    view.see("2027-03-24", "31 March 2027")
    view.press("tab")
    view.stand("Because")
    view.type("the lab is closed")
    view.press("ctrl+s")
    view.miss("Because")
    view.wait(in_line("2027-03-31", "Công ty Đặng Gia", "gửi báo giá"), "for the move")
    view.wait(in_line("because", "the lab is closed"), "for the reason")
    view.see("not told")


def lock_and_unlock(view: Terminal) -> None:
    """Nothing of the page stays, until the passphrase brings it back with its secrets masked."""
    view.press("ctrl+l")
    view.see("Passphrase")
    assert "Công ty" not in view.screen.text()
    view.type(PASSPHRASE + "\r")
    shown = view.see("Công ty Đặng Gia", "••••••")
    assert "gửi báo giá" not in shown


# --- Around it -------------------------------------------------------------------------------------------------------


def test_the_page_follows_the_size_of_the_window(place: Place) -> None:
    with place.view(columns=80, lines=24) as view:
        view.see("Оптика Варна", "Reveal")
        assert "Why" not in view.screen.text()
        view.resize(160, 48)
        view.wait(lambda shown: "Reveal" in (shown + "\n").split("\n")[47], "for the footer on the last line")
        view.see("Why", "days late", "Оптика Варна")
        view.resize(80, 24)
        narrow = view.see("Оптика Варна", "Reveal")
        assert max(map(len, narrow.splitlines())) <= 80
        view.press("ctrl+q")
        assert view.end() == 0


def test_on_leaving_the_terminal_is_as_it_was(place: Place) -> None:
    with Terminal(["bash", "--norc", "--noprofile", "-i"], place.variables) as shell:
        shell.see("shell>")
        shell.type("echo before; dossier tui\r")
        shell.see("Оптика Варна", "Reveal")
        assert shell.screen.is_second
        shell.press("ctrl+q")
        left = shell.see("before", "shell>")
        assert "Оптика" not in left
        assert not shell.screen.is_second


def test_it_can_be_put_aside_and_taken_up_again(place: Place) -> None:
    with Terminal(["bash", "--norc", "--noprofile", "-i"], place.variables) as shell:
        shell.see("shell>")
        shell.type("dossier tui\r")
        shell.see("Оптика Варна", "Reveal")
        shell.press("ctrl+z")
        shell.see("Stopped")
        assert "Оптика" not in shell.screen.text()
        shell.type("echo mean$((1))while\r")
        shell.see("mean1while")
        shell.type("fg\r")
        shell.see("Оптика Варна", "Reveal")
        shell.press("d")
        shell.see("is kept")
        shell.press("ctrl+q")
        shell.see("mean1while", "shell>")
    assert len(place.ask("promise", "list", "--state", "kept")) == 1


def test_what_is_done_in_another_terminal_shows_and_locking_there_blanks_the_screen(place: Place) -> None:
    with place.view(columns=100) as view:
        view.see("Оптика Варна")
        place.run("account", "edit", "2", "--name", "Varna Lenses")
        view.see("Varna Lenses")
        view.miss("Оптика Варна")
        place.run("lock")
        view.see("from outside")
        view.miss("Varna Lenses")
        view.type("wrong\r")
        view.see("wrong passphrase")
        view.press("v", "2")  # no keys of a page here
        assert "Varna" not in view.see("••")
        view.press("backspace", "backspace")
        view.miss("••")
        view.type(PASSPHRASE + "\r")
        view.see("Varna Lenses")
        view.press("ctrl+q")
        assert view.end() == 0


def kept_in(vault: Path) -> int:
    """How many promises of a vault are kept, by its plain columns."""
    with closing(sqlite3.connect(f"file:{vault}?mode=ro", uri=True, timeout=10)) as plain:
        count: int = plain.execute("SELECT count(*) FROM promise WHERE state = 'kept'").fetchone()[0]
    return count


@pytest.mark.parametrize("after", [1, 3, 5])
def test_killed_among_many_changes_it_leaves_a_whole_vault(place: Place, after: int) -> None:
    """Keys for more changes wait when it is killed: each change was made wholly or not at all."""
    with place.view(columns=100, lines=40) as view:
        view.see("Оптика Варна", "Reveal")
        view.type("dj" * 12)
        # The file is asked: of several changes in a row the screen names the last alone.
        view.wait(lambda _: kept_in(place.vault) >= after, f"for {after} changes")
        assert view.process.pid is not None
        os.kill(view.process.pid, signal.SIGKILL)
        assert view.end() == -signal.SIGKILL
    assert place.ask("vault", "check")["problems"] == []
    kept = place.ask("promise", "list", "--state", "kept")
    made = [change for change in place.ask("history") if change["command"] == "promise keep"]
    assert after <= len(kept) == len(made)
