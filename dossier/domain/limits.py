"""How long and of what shape the text in a dossier may be."""

from __future__ import annotations

import re

from dossier.domain.faults import BadValue

LINE_LIMIT = 200
"""Characters in a name, a title or any other single line."""

TEXT_LIMIT = 100_000
"""Characters in a note: some forty pages; beyond that a file belongs beside the vault, not in a field."""

ATTACHMENT_LIMIT = 2 << 30
"""Bytes in an attachment; a larger file belongs beside the vault."""

NO_LINE = "[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]"
"""What no line of text holds, as a pattern. It is compiled when first used: agenda and lists check nothing."""

_NOT_TEXT = "[\x00\ud800-\udfff]"


def check_line(text: str, what: str = "a line") -> str:
    """Return `text` stripped, if it is one line within `LINE_LIMIT` and not blank; else raise BadValue.

    Control characters (escape codes among them) and line breaks are refused; any script and emoji pass.
    """
    text = text.strip()
    if not text:
        raise BadValue(f"{what} is empty", "give it some text")
    if len(text) > LINE_LIMIT:
        raise BadValue(
            f"{what} is {len(text)} characters long; at most {LINE_LIMIT} fit", "put the rest in a note"
        )
    if re.search(NO_LINE, text):
        raise BadValue(f"{what} holds a line break or control character", "type it again without it")
    return text


def check_hex(text: str, what: str = "a value") -> str:
    """Return `text`, if it is bytes written as lowercase hexadecimal digits, at least one; else raise BadValue."""
    if not re.fullmatch("([0-9a-f]{2})+", text):
        raise BadValue(f"{what} is not hexadecimal", "write each byte as two of 0-9 and a-f")
    return text


def check_text(text: str, what: str = "a text") -> str:
    """Return `text` stripped of surrounding space, if it is not blank and within `TEXT_LIMIT`; else raise BadValue."""
    text = text.strip()
    if not text:
        raise BadValue(f"{what} is empty", "give it some text")
    if len(text) > TEXT_LIMIT:
        raise BadValue(
            f"{what} is {len(text):,} characters long; at most {TEXT_LIMIT:,} fit",
            "shorten it, or split it over several notes",
        )
    if re.search(_NOT_TEXT, text):
        raise BadValue(f"{what} holds bytes that are no text", "save it as UTF-8 and try again")
    return text
