"""A terminal with a program in it: presses keys, and reads what stands on the screen as a person would.

It understands of a terminal's language what programs on a full screen use: where to write, and what to wipe; colours
are passed over. (The libraries that emulate more know no second screen, which is what hides the text on leaving.)
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import pexpect
from rich.cells import cell_len

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "space": " ",
    "backspace": "\x7f",
    "delete": "\x1b[3~",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
}
"""What a terminal sends for keys that are no sign."""

_PATIENCE = 60.0
"""Seconds that something may take to show: far longer than it does, for the machine may be busy."""

_CAN_FRAMES = ("\x1b[?2026$p", "\x1b[?2026;2$y")
"""The question whether the terminal shows whole frames only, and the answer that it does."""

_CODE = re.compile(
    r"""\x1b(?:
        \[ (?P<marks>[<=>?]?) (?P<numbers>[0-9;:]*) [\ -/]* (?P<end>[@-~])  # to the screen
        | \] [^\x07\x1b]* (?:\x07|\x1b\\)                                  # to the window
        | [P_^X] [^\x1b]* \x1b\\                                           # to the terminal
        | [\ -/]* [0-~]
    )""",
    re.VERBOSE,
)
_UNFINISHED = re.compile(r"\x1b(?:\[[<=>?]?[0-9;:]*[ -/]*|\][^\x07\x1b]*\x1b?|[P_^X][^\x1b]*\x1b?|[ -/]*)?$")


def bytes_of(key: str) -> str:
    """What a terminal sends for a key: `c`, `enter`, `ctrl+s`."""
    if key.startswith("ctrl+"):
        return chr(ord(key[-1].upper()) - 64)
    return KEYS.get(key, key)


class Screen:
    """The cells of a screen, and of the second one that full-screen programs draw on."""

    def __init__(self, columns: int, lines: int) -> None:
        self.columns, self.lines = columns, lines
        self.is_second = False
        self.is_drawing = False
        """Whether a frame was begun and has not ended yet."""
        self._waiting = ""
        self._first: list[list[str]] = []
        self._cells = self._blank()
        self._x = self._y = 0

    def text(self) -> str:
        """What stands there, line by line."""
        return "\n".join("".join(line).rstrip() for line in self._cells)

    def line_at_cursor(self) -> str:
        """The line in which one types."""
        return "".join(self._cells[self._y])

    def resize(self, columns: int, lines: int) -> None:
        """Another size; what stands there goes, for the program draws anew."""
        self.columns, self.lines = columns, lines
        self._cells = self._blank()

    def feed(self, text: str) -> None:
        """What the program writes."""
        text, self._waiting = self._waiting + text, ""
        if unfinished := _UNFINISHED.search(text):
            text, self._waiting = text[: unfinished.start()], unfinished[0]
        place = 0
        for code in _CODE.finditer(text):
            self._write(text[place : code.start()])
            if code["end"]:
                self._obey(code["marks"], code["numbers"], code["end"])
            place = code.end()
        self._write(text[place:])

    def _blank(self) -> list[list[str]]:
        return [[" "] * self.columns for _ in range(self.lines)]

    def _write(self, text: str) -> None:
        for sign in text:
            if sign == "\r":
                self._x = 0
            elif sign == "\n":
                self._next_line()
            elif sign == "\b":
                self._x = max(0, self._x - 1)
            elif sign >= " ":
                self._put(sign)

    def _put(self, sign: str) -> None:
        width = cell_len(sign)
        line = self._cells[self._y]
        if width == 0:
            line[max(0, self._x - 1)] += sign
            return
        if self._x + width > self.columns:
            self._x = 0
            self._next_line()
            line = self._cells[self._y]
        line[self._x : self._x + width] = [sign] + [""] * (width - 1)
        self._x += width

    def _next_line(self) -> None:
        if self._y == self.lines - 1:
            self._cells = [*self._cells[1:], [" "] * self.columns]
        else:
            self._y += 1

    def _obey(self, marks: str, numbers: str, end: str) -> None:
        given = [int(number or 0) for number in re.split("[;:]", numbers)]
        one = max(1, given[0])
        if marks == "?" and given in ([1049], [2026]) and end in "hl":
            if given == [2026]:
                self.is_drawing = end == "h"
            else:
                self._turn_to(second=end == "h")
        elif marks:
            return
        elif end in "Hf":
            column = given[1] if len(given) > 1 else 1
            self._y, self._x = min(one, self.lines) - 1, min(max(1, column), self.columns) - 1
        elif end in "ABCD":
            down, right = {"A": (-one, 0), "B": (one, 0), "C": (0, one), "D": (0, -one)}[end]
            self._y = min(max(0, self._y + down), self.lines - 1)
            self._x = min(max(0, self._x + right), self.columns - 1)
        elif end == "G":
            self._x = min(one, self.columns) - 1
        elif end in "JK":
            self._wipe(given[0], whole=end == "J")

    def _turn_to(self, *, second: bool) -> None:
        if second and not self.is_second:
            self._first, self._cells = self._cells, self._blank()
        elif self.is_second and not second:
            self._cells = self._first
        self.is_second = second

    def _wipe(self, what: int, *, whole: bool) -> None:
        here = self._cells[self._y]
        if what == 0:
            here[self._x :] = [" "] * (self.columns - self._x)
        elif what == 1:
            here[: self._x + 1] = [" "] * (self._x + 1)
        else:
            here[:] = [" "] * self.columns
        if whole:
            lines = {0: range(self._y + 1, self.lines), 1: range(self._y)}.get(what, range(self.lines))
            for line in lines:
                self._cells[line] = [" "] * self.columns


class Terminal:
    """A process at a terminal of its own."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], *, columns: int = 80, lines: int = 24
    ) -> None:
        self.screen = Screen(columns, lines)
        self.process = pexpect.spawn(
            command[0],
            list(command[1:]),
            env=dict(environment),
            dimensions=(lines, columns),
            encoding="utf-8",
            timeout=_PATIENCE,
        )
        self.process.delaybeforesend = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.close(force=True)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other.

        Wait for what a key does before typing on: signs reach a field sooner than keys that act on it.
        """
        for key in keys:
            self.process.send(bytes_of(key))

    def type(self, text: str) -> None:
        """Type a text."""
        self.process.send(text)

    def resize(self, columns: int, lines: int) -> None:
        """Drag the window to another size."""
        self._read(0)
        self.screen.resize(columns, lines)
        self.process.setwinsize(lines, columns)

    def see(self, *texts: str) -> str:
        """Wait until all these texts stand on the screen; the screen."""
        return self.wait(lambda shown: all(text in shown for text in texts), f"to see {texts}")

    def miss(self, *texts: str) -> str:
        """Wait until none of these texts stands on the screen; the screen."""
        return self.wait(lambda shown: not any(text in shown for text in texts), f"no longer to see {texts}")

    def stand(self, text: str) -> None:
        """Wait until one types in a line that holds this text."""
        self.wait(lambda _: text in self.screen.line_at_cursor(), f"to type in the line of {text!r}")

    def wait(self, until: Callable[[str], bool], what: str) -> str:
        """Wait until the screen is as wanted; the screen."""
        deadline = time.monotonic() + _PATIENCE
        while self.screen.is_drawing or not until(self.screen.text()):
            if not self._read(deadline - time.monotonic()):
                raise AssertionError(f"waited {what} in vain:\n{self.screen.text()}")
        return self.screen.text()

    def end(self) -> int:
        """Wait for the end of the process; its exit code, or the signal that ended it below zero."""
        while self._read(_PATIENCE):
            pass
        self.process.wait()
        ended: int | None = self.process.exitstatus
        return -int(self.process.signalstatus) if ended is None else ended

    def _read(self, patience: float) -> bool:
        """Take in what is written within so many seconds; whether there was anything."""
        try:
            text = self.process.read_nonblocking(1 << 16, max(0.0, patience))
        except (pexpect.TIMEOUT, pexpect.EOF):
            return False
        self.screen.feed(text)
        question, answer = _CAN_FRAMES
        if question in text:
            self.process.send(answer)
        return True
