"""Words looked for in a heap of text, as people spell and accent it: fast over what does not hold them.

Folding a text costs ten times what looking at it does once it leaves ASCII, and nearly every text of a vault does not
hold the word. So each word is also a pattern that takes every spelling of each of its letters: `dang` becomes
`[dDđĐďĎḋ…][aAàÀ…][nNñÑ…][gGğĞ…]`. Only what that lets through is folded and compared.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import cache, cached_property

from dossier.domain.text import fold, one_line

# Where a letter folds to the same whatever stands beside it: Latin, Greek, Cyrillic, Vietnamese, punctuation, CJK
# punctuation, kana, full-width forms.
_ALPHABETS = (
    (0x21, 0x7E), (0xA0, 0x24F), (0x370, 0x3FF), (0x400, 0x52F), (0x1E00, 0x1EFF), (0x2010, 0x2027), (0x20A0, 0x20BF),
    (0x3001, 0x303F), (0x3041, 0x3096), (0x30A1, 0x30FF), (0xFF01, 0xFF60),
)  # fmt: skip
# Chinese characters, Korean syllables, symbols and emoji fold to themselves.
THEMSELVES = (
    (0x2600, 0x27BF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x1F300, 0x1FAFF),
)  # fmt: skip

_ESCAPED_IN_JSON = re.compile(r'["\\\x00-\x1f\x7f]')


class Needle:
    """One word to look for, folded and without white space."""

    def __init__(self, word: str) -> None:
        self.word = word
        self._piece = max(_ESCAPED_IN_JSON.split(word), key=len)
        self._bytes = self._piece.encode()

    def among(self, raws: Sequence[bytes]) -> list[int]:
        """Which of some texts may hold the word: their places. They are UTF-8, as they are or as JSON, without NUL.

        Never wrong about a no. Looking at many at once costs half of looking at each.
        """
        joined = b"\0".join(raws)
        if joined.isascii():
            lowered = joined.lower()
            if self._bytes not in lowered:
                return []
            return [place for place, raw in enumerate(lowered.split(b"\0")) if self._bytes in raw]
        texts = joined.decode()
        looks = self._looks(texts)
        if looks is False:
            return []
        if looks is None or self._intricate.search(texts):
            return [place for place, text in enumerate(texts.split("\0")) if self._may_be_in(text)]
        search = self._pattern.search
        return [place for place, text in enumerate(texts.split("\0")) if search(text)]

    def is_in(self, text: str) -> bool:
        """Whether the word occurs in a text, whatever its case and accents."""
        if text.isascii():
            return self.word in text.lower()
        return self._may_be_in(text) and self.word in fold(text)

    def span(self, text: str) -> tuple[int, int] | None:
        """Where the word first occurs in a text, which folding may have made longer or shorter; None if nowhere."""
        if not self.is_in(text):
            return None
        high = 64
        while high < len(text) and self.word not in fold(text[:high]):
            high *= 2
        end = _least(
            min(high // 2, len(text)), min(high, len(text)), lambda place: self.word in fold(text[:place])
        )
        # The other way round: the latest start from which the word is whole.
        back = _least(0, end, lambda length: self.word in fold(text[end - length : end]))
        return end - back, end

    def _may_be_in(self, text: str) -> bool:
        looks = self._looks(text)
        return self._piece in fold(text) if looks is None else looks

    def _looks(self, text: str) -> bool | None:
        """Whether the word looks to be in a text; None if only folding can tell."""
        if self._pattern.search(text):
            return True
        return None if self._intricate.search(text) else False

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """Finds the word in all its spellings."""
        return re.compile("".join(f"[{re.escape(_spellings().get(one, '') + one)}]" for one in self._piece))

    @cached_property
    def _intricate(self) -> re.Pattern[str]:
        """Finds what may hide the word from `_pattern`.

        That is a letter that folds to several, some of them the word's, or to none, or together with its neighbour.
        """
        harmless = "".join(
            letters
            for folded, letters in _spellings().items()
            if len(folded) == 1 or (folded and not set(folded) & set(self._piece))
        )
        themselves = "".join(f"{chr(first)}-{chr(last)}" for first, last in THEMSELVES)
        return re.compile(f"[^\x00-\x7f{re.escape(harmless)}{themselves}]")


def needles(text: str) -> list[Needle]:
    """The words of what a person wants to find; each once."""
    return [Needle(word) for word in dict.fromkeys(fold(text).split())]


def excerpt(text: str, wanted: Needle, width: int = 72) -> str:
    """About `width` characters of a text, on one line, with the word in sight."""
    line = one_line(text).strip()
    if len(line) <= width:
        return line
    start, end = wanted.span(line) or (0, 0)
    first = max(0, min(start - width // 3, len(line) - width))
    last = max(min(first + width, len(line)), end)
    return ("…" if first else "") + line[first:last].strip() + ("…" if last < len(line) else "")


@cache
def _spellings() -> dict[str, str]:
    """The letters of the alphabets by what they fold to, which may be several letters or none."""
    letters = [chr(point) for first, last in _ALPHABETS for point in range(first, last + 1)]
    found: dict[str, str] = {}
    for letter, folded in zip(letters, fold("\0".join(letters)).split("\0"), strict=True):
        found[folded] = found.get(folded, "") + letter
    return found


def _least(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The least number from `low` to `high` for which a condition holds that, once it does, holds for all above."""
    return bisect_left(range(low, high), True, key=holds) + low
