"""The way in and out of the view at a real terminal: mistakes of ours, signals, and nothing left in files."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
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
    view.stand("With")
    view.press("tab", "tab", "tab", "tab")
    view.stand("Subject")
    view.type(TYPED)
    view.see(TYPED)


def at_end(view: Terminal) -> tuple[int, str]:
    """The exit code, and what stands on the terminal that it had before."""
    code = view.end()
    assert not view.screen.is_second
    return code, view.screen.text()


def test_a_mistake_in_a_handler_ends_in_one_line_and_gives_back_what_was_typed(
    place: Place, broken: list[str]
) -> None:
    with Terminal(broken, place.variables, columns=160) as view:
        typing(view)
        view.press("ctrl+s")
        code, left = at_end(view)
    assert code == 1
    assert "a mistake in dossier itself (ValueError)" in left
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
    assert "a mistake in dossier itself (ValueError)" in left
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


def test_a_terminal_that_is_closed_ends_it(place: Place) -> None:
    with place.view() as view:
        view.see("Quit")
        view.process.ptyproc.delayafterterminate = 3.0  # close() also asks the process to end, if it has to
        view.process.close(force=False)
        assert not view.process.isalive()


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
    monkeypatch.setenv("TEXTUAL_COLOR_SYSTEM", "256")
    neutralise()
    assert "TEXTUAL_LOG" not in os.environ
    assert os.environ["TEXTUAL_COLOR_SYSTEM"] == "256"
