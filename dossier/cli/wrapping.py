"""What is said on a terminal, broken between words: a terminal by itself breaks in the middle of them."""

from __future__ import annotations

import re
from unicodedata import category, east_asian_width

_COMMAND = r"(?<=: )(?:dossier|chmod|unset|pipx) [^;,()\n]*[^;,()\n ][;,)]*"
"""A command that somebody is to type: it is copied from here, so it stays in one piece."""

_PIECE = re.compile(rf"{_COMMAND}|[^ ]+")


def wrapped(text: str, width: int) -> str:
    """`text` with no line of more than `width` cells where there is a space to break at.

    What follows a break begins where its line began. Commands stay whole if they fit on a line of their own; a word
    that is longer than a line is left to the terminal. What has room is left as it is.
    """
    return "\n".join(_wrapped(line, width) for line in text.split("\n"))


def cells(text: str) -> int:
    """How many cells of a terminal a line takes: two for each wide character, none for marks over others."""
    if text.isascii():
        return len(text)
    return sum(map(_cells_of, text))


def _cells_of(char: str) -> int:
    if category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(char) in "WF" else 1


def _wrapped(line: str, width: int) -> str:
    if cells(line) <= width:
        return line
    margin = line[: len(line) - len(line.lstrip(" "))]
    lines: list[str] = []
    for piece in _pieces(line, width - len(margin)):
        if lines and cells(lines[-1]) + 1 + cells(piece) <= width:
            lines[-1] += f" {piece}"
        else:
            lines.append(margin + piece)
    ends = line[len(line.rstrip(" ")) :]  # an answer is typed behind it
    return "\n".join(lines) + ends


def _pieces(line: str, room: int) -> list[str]:
    """The words of a line, commands in one piece where there is room."""
    found: list[str] = []
    for piece in _PIECE.findall(line):
        found += [piece.rstrip(" ")] if cells(piece.rstrip(" ")) <= room else piece.split()
    return found
