"""Names of files: as a line of text in the vault, and as a name that is safe to give to a file on any disk (C1)."""

from __future__ import annotations

import re
from unicodedata import category

from dossier.domain.limits import LINE_LIMIT, NO_LINE
from dossier.domain.text import one_line

MOST_BYTES = 180
"""Of a safe name in UTF-8: file systems take 255, and an unfinished file beside it needs some of them."""

_NAMELESS = "attachment"
_LONGEST_ENDING = 20
_JOINERS = "\u200c\u200d"
"""Spell emoji and several scripts; every other invisible format character only hides what a name is."""


def name_as_line(name: str) -> str:
    """A file's own name as one line of text within `LINE_LIMIT`: controls, and bytes that are no text, become `_`.

    What is cut off a long name is cut before its ending.
    """
    line = re.sub(NO_LINE, "_", name).strip() or _NAMELESS
    stem, ending = _split(line)
    return stem[: LINE_LIMIT - len(ending)].rstrip() + ending


def safe_name(name: str) -> str:
    """A name under which a file may be made in any folder: it names nothing outside, hides nothing, starts no option.

    Separators, what steers or reorders text, and leading dots, dashes and spaces are replaced or dropped; at most
    `MOST_BYTES` long in UTF-8, the ending kept.
    """
    plain = "".join(
        sign
        for sign in one_line(name)
        if category(sign) not in ("Cf", "Cs", "Cn", "Zl", "Zp") or sign in _JOINERS
    )
    plain = re.sub(r"[/\\\x00]", "_", plain).strip()
    plain = re.sub(r"^[.\-~\s]+", "_", plain).rstrip(". ")
    stem, ending = _split(plain)
    room = MOST_BYTES - len(ending.encode())
    stem = stem.encode()[:room].decode(errors="ignore").rstrip()
    return (stem + ending) or _NAMELESS


def _split(name: str) -> tuple[str, str]:
    """A name and its ending, which is empty where it has none of a usual length."""
    stem, dot, ending = name.rpartition(".")
    if not stem or not ending or len((dot + ending).encode()) > _LONGEST_ENDING:
        return name, ""
    return stem, dot + ending
