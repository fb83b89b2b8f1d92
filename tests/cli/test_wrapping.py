"""What is said on a terminal breaks at words; in a pipe it does not break."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import termios
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from dossier.cli.environment import Environment
from dossier.cli.invocation import Invocation
from dossier.cli.wrapping import cells, wrapped
from dossier.services import accounts, people
from dossier.services.session import Session
from tests.conftest import Run

HINT = "  restore a backup: dossier vault restore FILE; or go on with it as it is: dossier vault accept"
words = st.text(st.sampled_from("abc 王ệ👓\n"), max_size=200)


def test_a_line_breaks_between_words_and_goes_on_where_it_began() -> None:
    assert wrapped("created on the third day", 11) == "created on\nthe third\nday"
    assert wrapped("  created on\nthe day", 11) == "  created\n  on\nthe day"


def test_a_command_stays_whole_where_it_fits() -> None:
    assert wrapped(HINT, 50).splitlines() == [
        "  restore a backup: dossier vault restore FILE; or",
        "  go on with it as it is: dossier vault accept",
    ]
    assert "\n  dossier vault restore FILE; or" in wrapped(HINT, 40)
    assert "dossier vault restore\n" in wrapped(HINT, 26)


def test_a_path_stays_whole_whatever_its_length() -> None:
    path = "/home/anna/" + "x" * 60
    assert wrapped(f"The vault is {path} now", 40).splitlines() == ["The vault is", path, "now"]


def test_wide_characters_take_two_cells() -> None:
    assert cells("王ệe\u0323👓a") == 2 + 1 + 1 + 2 + 1
    assert wrapped("望溪 医学 检验", 9) == "望溪 医学\n检验"


def test_there_is_room_to_answer_behind_a_question() -> None:
    assert wrapped("Go on with the vault? [y/N] ", 20) == "Go on with the\nvault? [y/N] "


@given(words, st.integers(1, 40))
def test_nothing_is_lost_and_no_line_is_too_long(text: str, width: int) -> None:
    out = wrapped(text, width)
    assert out.split() == text.split()
    for line in out.split("\n"):
        assert cell_len(line.rstrip()) <= width or len(line.split()) == 1


@pytest.fixture
def _narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 40 columns for what stderr says; a pipe has no width."""
    width = property(lambda around: 40 if around.stderr.isatty() else None)
    monkeypatch.setattr(Environment, "width_of_notes", width)


@pytest.mark.usefixtures("_narrow")
def test_on_a_terminal_notes_have_its_width(dossier: Run, vault_path: str) -> None:
    asked = ("account", "show", "Hanoi Opticians and all of their many other companies")
    told = dossier(*asked, terminal=True)
    piped = dossier(*asked)
    assert all(len(line) <= 40 or vault_path in line for line in told.err.splitlines())
    assert piped.err.split() == told.err.split()
    assert len(piped.err.splitlines()) == 2 < len(told.err.splitlines())


@pytest.mark.usefixtures("_narrow")
def test_questions_have_it_too(dossier: Run, session: Session) -> None:
    accounts.add(session, "Hanoi Optics and Calibration Instruments", {})
    people.add(session, "Nguyễn Thị Lan Hương Giang", "a1", {})
    asked = dossier("person", "forget", "p1", terminal=True, stdin="n\n")
    assert "Forget Nguyễn Thị Lan Hương Giang (p1)?\n[y/N] " in asked.err


def test_a_pipe_and_a_closed_stream_have_no_width() -> None:
    assert Environment(stderr=io.StringIO()).width_of_notes is None
    reading, writing = pty.openpty()
    try:
        fcntl.ioctl(writing, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 66, 0, 0))
        with open(writing, "w", encoding="utf-8", closefd=False) as terminal:
            assert Environment(stderr=terminal).width_of_notes == 66
    finally:
        os.close(reading)
        os.close(writing)


@pytest.mark.usefixtures("_narrow")
def test_what_was_typed_is_given_back_as_it_was(dossier: Run, session: Session) -> None:
    typed = "a long note about the calibration plan and the offer " * 3
    shown = dossier("log", "Nobody", "-", stdin=typed, terminal=True)
    assert shown.code == 3
    assert typed.rstrip("\n") in shown.err


@pytest.mark.parametrize("command", ["unlock", "init"])
def test_a_question_that_is_interrupted_leaves_the_line(
    dossier: Run, lock: Callable[[], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    def interrupted(run: Invocation, question: str) -> str:
        run.environment.stderr.write(question)
        raise KeyboardInterrupt

    lock()
    monkeypatch.setattr(Invocation, "ask_secret", interrupted)
    where = ("--vault", str(tmp_path / "new.dossier")) if command == "init" else ()
    stopped = dossier(*where, command, terminal=True)
    assert stopped.code == 130
    after = "No vault was made.\n" if command == "init" else ""
    assert stopped.err.endswith(f"assphrase: \n{after}")
