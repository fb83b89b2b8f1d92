"""The way in and out of the view at a real terminal: mistakes of ours, signals, and nothing left in files."""

from __future__ import annotations

import io
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dossier.tui.run import neutralise
from tests.tui.terminal import Terminal
from tests.tui.test_journey import PASSPHRASE, Place, place, template

__all__ = ["place", "template"]

SECRET = "sealed-offer"
TYPED = "what was agreed on the telephone"

_BREAK = f"""
from dossier.__main__ import main
import dossier.tui.run

show = dossier.tui.run._show

def broken(app):
    from dossier.tui.dialog import Dialog
    from dossier.tui.page import Page
    from dossier.tui.widgets.paged_table import PagedTable

    def fail(self, *_):
        local = "{SECRET}"
        raise ValueError(local + repr(self))

    async def fail_later(self):
        fail(self)

    def put(self):
        type(self).load = fail_later
        self.reload()

    def draw(self):
        PagedTable.render_line = fail
        self.query_one(PagedTable).refresh()

    Dialog.action_save = fail
    Page.action_reveal = put
    Page.action_copy = draw
    show(app)

dossier.tui.run._show = broken
main()
"""

_UNREAD = """
from dossier.__main__ import main
from textual._xterm_parser import XTermParser

feed = XTermParser.feed

def fail_at_f1(self, data):
    if "\\x1bOP" in data:
        raise ValueError(data)
    return feed(self, data)

XTermParser.feed = fail_at_f1
main()
"""


@pytest.fixture
def broken(tmp_path: Path) -> list[str]:
    """The program with mistakes in it: in the handler of a key, in a worker, in drawing."""
    script = tmp_path / "broken.py"
    script.write_text(_BREAK)
    return [sys.executable, str(script), "tui"]


def typing(view: Terminal) -> None:
    """Open a dialog and type."""
    view.see("Quit", "Оптика")
    view.press("c")
    view.see("Subject", "what was said")
    view.type(TYPED)
    view.see(TYPED)


def at_end(view: Terminal) -> tuple[int, str]:
    """The exit code, and what stands on the terminal that it had before, wrapped or not."""
    code = view.end()
    assert not view.screen.is_second
    width = view.screen.columns
    lines = view.screen.text().split("\n")
    return code, "".join(line if len(line) == width else f"{line}\n" for line in lines)


def test_a_mistake_in_a_handler_ends_in_one_line_and_gives_back_what_was_typed(
    place: Place, broken: list[str]
) -> None:
    with Terminal(broken, place.variables, columns=160) as view:
        typing(view)
        view.press("ctrl+s")
        code, left = at_end(view)
    assert code == 1
    assert re.search(
        r"a mistake in dossier itself \(ValueError at dossier/\S+\.py:\d+ in broken\.py:\d+\)", left
    )
    assert left.split("not lost:")[1].split("\n", 1)[1].strip() == TYPED, "and nothing that was not typed"
    assert SECRET not in left
    assert "Traceback" not in left


@pytest.mark.parametrize("key", ["v", "y"])
def test_a_mistake_in_a_worker_or_in_drawing_does_too(place: Place, broken: list[str], key: str) -> None:
    with Terminal([*broken, "--debug"], place.variables, columns=150) as view:
        view.see("Quit", "Оптика")
        view.press(key)
        code, left = at_end(view)
    assert code == 1
    assert "a mistake in dossier itself (ValueError " in left
    assert "broken.py" in left
    assert SECRET not in left
    assert "Оптика" not in left


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_it_in_order(place: Place, number: signal.Signals) -> None:
    with place.view(columns=100) as view:
        typing(view)
        os.kill(view.process.pid, number)
        code, left = at_end(view)
    assert code == 128 + number
    assert TYPED in left


@pytest.mark.parametrize("keys", ["", "c", "jjjjjjjjjjjjjjjj2", "chello"])
def test_a_terminal_that_is_closed_ends_it_also_while_it_draws(place: Place, keys: str) -> None:
    view = place.view()
    view.see("Quit")
    view.type(keys)
    assert closed(view)


def closed(view: Terminal) -> bool:
    """Close the window; whether the process ends by that alone."""
    unplug(view)
    if code_within(4.0, view) is not None:
        return True
    os.kill(view.process.pid, signal.SIGKILL)
    os.waitpid(view.process.pid, 0)
    return False


def unplug(view: Terminal) -> None:
    """Close the terminal's end of the line, and nothing else: whoever drives it would also end the process."""
    view.process.ptyproc.fileobj.close()
    view.process.closed = view.process.ptyproc.closed = True


def code_within(seconds: float, view: Terminal) -> int | None:
    """The exit code of a process that ends within so many seconds; None if it does not. Nothing is read from it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended, status = os.waitpid(view.process.pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    return None


def test_a_terminal_that_takes_nothing_holds_no_process_that_was_asked_to_end(place: Place) -> None:
    view = place.view(columns=200, lines=60)
    view.see("Quit")
    for _ in range(40):  # what is drawn is read by nobody, until no more goes into the terminal
        view.press("f2")
        time.sleep(0.05)
    os.kill(view.process.pid, signal.SIGTERM)
    assert code_within(3.0, view) is None, "the terminal took it all, and the test shows nothing"
    code = code_within(9.0, view)
    unplug(view)
    assert code == 128 + signal.SIGTERM


def test_bytes_that_are_no_text_end_nothing(place: Place) -> None:
    with place.view(columns=100) as view:
        typing(view)
        os.write(view.process.child_fd, b"\xe9t\xe9 \xff")
        view.see(TYPED + "\N{REPLACEMENT CHARACTER}t\N{REPLACEMENT CHARACTER}")
        view.type("and on")
        view.see("and on")


def test_a_terminal_that_cannot_be_read_ends_it_aloud_and_gives_back_what_was_typed(
    place: Place, tmp_path: Path
) -> None:
    script = tmp_path / "unread.py"
    script.write_text(_UNREAD)
    with Terminal([sys.executable, str(script), "tui"], place.variables, columns=100) as view:
        typing(view)
        view.press("f1")
        code, left = at_end(view)
    assert code == 8
    assert "the terminal cannot be read any more" in left
    assert TYPED in left


def test_whoever_leaves_while_another_program_holds_the_vault_is_told_what_they_wait_for(
    place: Place,
) -> None:
    with place.view(columns=100) as view:
        view.see("Quit", "Оптика")
        other = sqlite3.connect(place.vault, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        view.press("d")
        time.sleep(0.5)  # nothing shows that a key has acted while the vault is held
        view.press("ctrl+q")
        view.see("Waiting for the vault")
        other.execute("ROLLBACK")
        other.close()
        assert at_end(view)[0] == 0


def test_ctrl_c_loses_nothing(place: Place) -> None:
    with place.view(columns=100) as view:
        view.see("Quit")
        view.press("ctrl+c")
        view.see("Ctrl+Q quits")
        typing(view)
        view.press("ctrl+c")
        view.see(TYPED)
        view.press("ctrl+q")
        view.see("not saved")
        view.press("ctrl+q")
        assert at_end(view)[0] == 0


def test_nothing_is_written_to_files_or_into_the_windows_title(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "written"
    folder.mkdir()
    telltales = {
        "TEXTUAL": "debug,devtools",
        "TEXTUAL_LOG": str(folder / "log"),
        "TEXTUAL_DEBUG": "1",
        "TEXTUAL_SCREENSHOT": "0",
        "TEXTUAL_SCREENSHOT_LOCATION": str(folder),
        "TEXTUAL_PRESS": "ctrl+q",
        "TEXTUAL_THEME": "dracula",
    }
    with Terminal(
        [sys.executable, "-m", "dossier", "tui"], {**place.variables, **telltales}, columns=100
    ) as view:
        view.process.logfile_read = written = io.StringIO()
        view.see("Quit")
        view.press("v")
        view.see("send drawing")
        view.press("ctrl+l")
        view.miss("Оптика")
        view.type(PASSPHRASE + "\r")
        view.see("Оптика")
        view.press("ctrl+q")
        assert at_end(view)[0] == 0
    assert list(folder.iterdir()) == []
    assert "\x1b]0;" not in written.getvalue()
    assert "\x1b]2;" not in written.getvalue()


def test_textual_is_imported_only_once_its_variables_are_gone() -> None:
    check = (
        "import sys, dossier.tui.run; assert not [name for name in sys.modules if name.startswith('textual')]"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_what_only_says_how_to_draw_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXTUAL_LOG", "/nowhere")
    monkeypatch.setenv("TEXTUAL_COLOR_SYSTEM", "bogus")
    monkeypatch.setenv("TEXTUAL_FPS", "30")
    neutralise()
    assert "TEXTUAL_LOG" not in os.environ
    assert "TEXTUAL_COLOR_SYSTEM" not in os.environ, "Textual fails at one that it does not know"
    assert os.environ["TEXTUAL_FPS"] == "30"


_UNTOLD = """
from textual.drivers.linux_driver import LinuxDriver
LinuxDriver.disable_input = lambda self: None
from dossier.__main__ import main
main()
"""
"""The view, but the thread that reads keys is never told that it ended."""


def test_a_thread_that_goes_on_reading_keys_keeps_no_process(place: Place) -> None:
    with Terminal([sys.executable, "-c", _UNTOLD, "tui"], place.variables) as view:
        view.see("Оптика Варна")
        view.press("ctrl+q")
        assert view.end() == 0
