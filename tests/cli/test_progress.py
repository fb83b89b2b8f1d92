from __future__ import annotations

import io
import itertools

import pytest

from dossier.cli.environment import Environment
from dossier.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def progress(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, seconds_a_look: float) -> Progress:
    clock = itertools.count(0, seconds_a_look)
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    return Progress(Environment(io.StringIO(), io.StringIO(), stream, {}), "Checking")


def test_what_takes_long_is_counted_and_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    count = progress(monkeypatch, stream, 2.0)
    count(500, 2000)
    count(1500, 2000)
    assert stream.getvalue() == "\rChecking: 500 of 2,000\rChecking: 1,500 of 2,000"
    count(2000, 2000)
    assert stream.getvalue().endswith("\r" + " " * len("Checking: 1,500 of 2,000") + "\r")


@pytest.mark.parametrize(("stream", "seconds"), [(Terminal(), 0.01), (io.StringIO(), 2.0)])
def test_what_is_quick_or_watched_by_nobody_is_silent(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, seconds: float
) -> None:
    count = progress(monkeypatch, stream, seconds)
    for done in range(0, 2001, 500):
        count(done, 2000)
    assert stream.getvalue() == ""
