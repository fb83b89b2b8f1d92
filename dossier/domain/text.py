"""Text as it is shown and text as it is compared: nothing from data may steer the terminal (C1)."""

from __future__ import annotations

import re
from unicodedata import category, combining, normalize

# A complete terminal sequence goes as a whole, so that no "[31m" is left behind. A string sequence (OSC,
# DCS, …) only counts when it ends on its line: an unterminated one must not swallow the text after it.
_SEQUENCES = (
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]"
)
_LINE_BREAKS = "\r\n|[\r\x0b\x0c\x85\u2028\u2029]"
# C0 and C1 controls but tab and newline; the marks that reorder what is read. ZWJ and ZWNJ stay: emoji and
# several scripts are spelled with them.
_UNSEEN = "[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f]"
_SURROGATES = "[\ud800-\udfff]"


def safe_text(text: str) -> str:
    """`text` without anything that could steer a terminal or reorder a line; newlines and tabs stay (C1).

    Terminal sequences, controls and bidirectional marks are dropped, every kind of line break becomes a
    newline, a lone surrogate (which no stream can encode) becomes U+FFFD. Idempotent.
    """
    if text.isprintable():
        return text
    text = re.sub(_SEQUENCES, "", text)
    text = re.sub(_LINE_BREAKS, "\n", text)
    text = re.sub(_UNSEEN, "", text)
    return re.sub(_SURROGATES, "\ufffd", text)


def one_line(text: str) -> str:
    """`safe_text` on a single line: each run of tabs and newlines becomes one space."""
    if text.isprintable():
        return text
    return re.sub(r"[\t\n]+", " ", safe_text(text))


# What decomposition leaves alone although people type it with a plain letter or sign; casefold does ß.
_PLAIN = {
    "đ": "d", "ð": "d", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "þ": "th",
    "’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "‐": "-", "–": "-", "—": "-",
}  # fmt: skip
_VOICED_KANA = "\u3099\u309a"  # が is another letter than か, not か with an accent


class _Folding(dict[int, str | int | None]):
    """A translation table that decides each code point once: dropped, replaced, or kept."""

    def __missing__(self, point: int) -> str | int | None:
        char = chr(point)
        drop = (combining(char) and char not in _VOICED_KANA) or category(char) == "Cf"
        self[point] = None if drop else _PLAIN.get(char, point)
        return self[point]


_FOLDING = _Folding()


def fold(text: str) -> str:
    """The form in which text is searched and sorted: `fold("Nguyễn  Đặng") == "nguyen dang"`.

    Case, accents, the stroke of đ ł ø, ligatures, full-width forms, curly quotes and dashes, invisible
    format characters and the amount of white space make no difference. Chinese, Japanese and Korean stay as
    they are. Idempotent.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    text = normalize("NFKD", normalize("NFKD", text).casefold()).translate(_FOLDING)
    return " ".join(normalize("NFC", text).split())


def phone_digits(text: str) -> str:
    """The digits of what may be a phone number, `+84 (0)24 3825` and all; empty if it is none."""
    if any(map(str.isalpha, text)):
        return ""
    digits = "".join(letter for letter in text.replace("(0)", "") if letter.isdigit())
    return digits if len(digits.lstrip("0")) >= 5 else ""


def count_of(number: int, noun: str) -> str:
    """`1 day`, `6 days`, `2 people`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} people" if noun == "person" else f"{number} {noun}s"


def due_words(days_late: int) -> str:
    """What a due date means today: `6 days late`, `due today`, `due in 3 days`."""
    return f"{count_of(days_late, 'day')} late" if days_late > 0 else f"due {in_days(-days_late)}"


def in_days(days: int) -> str:
    """A distance from today in words: `yesterday`, `today`, `in 3 days`, `2 days ago`."""
    if days in (-1, 0, 1):
        return ("today", "tomorrow", "yesterday")[days]
    return f"in {days} days" if days > 0 else f"{-days} days ago"


def joined(*parts: str | None, by: str = " · ") -> str:
    """What there is of some parts, with `by` between them."""
    return by.join(part for part in parts if part)
