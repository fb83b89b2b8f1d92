"""The plain record that every reader of contacts yields, and what the readers share to fill it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from dossier.domain.faults import BadValue
from dossier.domain.names import split_name
from dossier.domain.text import fold, one_line


class Contact(NamedTuple):
    """One person as a file tells of them; nothing is checked against the vault's limits yet.

    `row` is where the person stands in the file, from 1: in a CSV file the line on which the record begins,
    in a vCard file the card counted from the top. What the file does not say is "" or (). `birthday` is in
    the canonical form of a partial date (`1975-04-12`, `--04-12`, `1975-04`, …); `given_name` holds every
    name but the family's. Mails and phones go to the private fields only where the file calls them private;
    they and the aliases keep the file's order.
    """

    row: int
    name: str
    family_name: str = ""
    given_name: str = ""
    organisation: str = ""
    position: str = ""
    department: str = ""
    mails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    private_mails: tuple[str, ...] = ()
    private_phones: tuple[str, ...] = ()
    private_address: str = ""
    birthday: str | None = None
    note: str = ""
    language: str = ""
    aliases: tuple[str, ...] = ()
    uid: str = ""


class Rejected(NamedTuple):
    """A row of the file that cannot be taken in; `reason` is one line and never holds what the row says."""

    row: int
    reason: str


class RowRefused(Exception):
    """Why one row cannot be taken in; the reader turns it into `Rejected` and goes on with the next row."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


ENCODINGS = "--encoding cp1251 (Bulgarian), cp1258 (Vietnamese), gb18030 (Chinese), cp1252 …"


def no_such_encoding(name: str) -> BadValue:
    """The fault of an encoding that Python does not know."""
    return BadValue(f"there is no text encoding {one_line(name)}", f"try {ENCODINGS}")


def squeeze(text: str) -> str:
    """`text` on one line: no space around it, one space for every run of white space within."""
    return " ".join(text.split())


def tidy_note(text: str) -> str:
    """Free text with plain newlines and no blank space around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def distinct(values: Iterable[str]) -> tuple[str, ...]:
    """The values on one line each, without blanks and repetitions, in the order given."""
    return tuple(dict.fromkeys(value for value in map(squeeze, values) if value))


_PRIVATE = frozenset(
    map(
        fold,
        (
            *("home", "private", "personal"),
            *("nhà", "nhà riêng", "cá nhân", "riêng", "riêng tư"),
            *("дом", "домашен", "личен", "лична", "частен"),
            *("家", "家庭", "住宅", "私人", "个人", "個人"),
            *("المنزل", "منزل", "شخصي", "خاص"),
        ),
    )
)


def is_private(label: str) -> bool:
    """Whether the label of a mail, phone or address (`* Home`, `_$!<Home>!$_`, `личен`) means private."""
    return fold(label.strip(" *_$!<>")) in _PRIVATE


_UNSPACED = re.compile(r"[\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")


def compose_name(family: str, given: str, middle: str = "") -> tuple[str, str]:
    """The full name and the given names (all but the family's) from a name's parts; "" where there are none.

    The order is that of the name's language: family, middle, given in Vietnamese and in Chinese, Japanese and
    Korean script, which has no spaces; given, middle, family elsewhere (A2).
    """
    guess = split_name(f"{family} {given}".title())  # not in capitals, which would mark the family name
    if guess.order == "given-first" or fold(guess.family) != fold(family):
        given_names = squeeze(f"{given} {middle}")
        return squeeze(f"{given_names} {family}"), given_names
    space = "" if _UNSPACED.search(family + given) else " "
    given_names = space.join(filter(None, (middle, given)))
    return f"{family}{space}{given_names}", given_names
