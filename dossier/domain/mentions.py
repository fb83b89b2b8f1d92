"""Whether a text names somebody: by name, alias, mail or phone, word by word, in any script, folded as in a search."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from dossier.domain.names import HAN, HANGUL, KANA
from dossier.domain.needle import Needle
from dossier.domain.text import fold, phone_digits

# Scripts that put no spaces between words, and Korean, which joins its particles to the name: 김민수는.
_UNSPACED = re.compile(f"[{HAN}{KANA}{HANGUL}\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")

# Names that are also among the words every text is made of, in English, German, French and Vietnamese, folded.
_EVERYDAY = """
    am an and as at be by can do for has he her him his how in is it may me my new no not now of old on one or our out
    she so sun the to two up us we who will you
    da das dem den der die du ein er es im mai mit um und van von zu zur
    au de en et il la le les ma mon sa se son ta un une va
    anh ba bao cho chi co con cua em hai khi khong lai len lon mot moi nam nay ngay ong qua roi sau thang theo thi tu
    vao ve voi y
"""
_WORDS = frozenset(_EVERYDAY.split())
_LETTERS = re.compile(r"[^\W\d_]+")

_PHONE = re.compile(r"\+?\d(?:[\s().\-/\u00a0]{0,3}\d){5,}")
_SHORTEST_NUMBER = 7
"""Digits by which a number that leaves out country or area code is still taken for the same."""


class Mentions:
    """What somebody goes by, and the texts that say so.

    `certain` are names that nobody else bears: they count everywhere. `near` are those that others bear as well, so
    they count only in free text about the company where the person is; so do names that are everyday words, such as An
    or May, and only with a capital. `phones` are numbers in any spelling.
    """

    def __init__(self, certain: Iterable[str], near: Iterable[str] = (), phones: Iterable[str] = ()) -> None:
        names = _words(certain)
        self._certain = [name for name in names if name not in _WORDS]
        self._near = [name for name in _words(near) if name not in names and name not in _WORDS]
        self._everyday = _WORDS & {*names, *_words(near)}
        self._numbers = sorted({digits for phone in phones if (digits := phone_digits(phone).lstrip("0"))})

    def may_be_among(self, raws: Sequence[bytes]) -> set[int]:
        """The places of the texts (UTF-8, as they are or as JSON, without NUL) that `are_in` has to look at."""
        found = {place for needle in self._needles for place in needle.among(raws)}
        if self._numbers:
            found |= {place for place, raw in enumerate(raws) if self._calls(raw.decode())}
        return found

    def are_in(self, text: str, *, near: bool = False) -> bool:
        """Whether a text names the person; `near` says that it is free text about their company."""
        pattern = self._near_pattern if near else self._certain_pattern
        if pattern and pattern.search(fold(text)):
            return True
        return self._calls(text) or (near and any(map(self._is_everyday_name, _LETTERS.findall(text))))

    def _is_everyday_name(self, word: str) -> bool:
        return word[:1].isupper() and fold(word) in self._everyday

    def _calls(self, text: str) -> bool:
        """Whether a phone number in a text is the person's, with or without the codes in front."""
        if not self._numbers:
            return False
        for found in _PHONE.findall(text):
            digits = "".join(filter(str.isdigit, found.replace("(0)", ""))).lstrip("0")
            for number in self._numbers:
                if number in digits or (len(digits) >= _SHORTEST_NUMBER and number.endswith(digits)):
                    return True
        return False

    @cached_property
    def _needles(self) -> list[Needle]:
        names = (*self._certain, *self._near, *sorted(self._everyday))
        return [Needle(word) for word in dict.fromkeys(max(name.split(), key=len) for name in names)]

    @cached_property
    def _certain_pattern(self) -> re.Pattern[str] | None:
        return _pattern(self._certain)

    @cached_property
    def _near_pattern(self) -> re.Pattern[str] | None:
        return _pattern([*self._certain, *self._near])


def stands_in(name: str, folded: str) -> bool:
    """Whether a name stands by itself in a text that is folded already."""
    pattern = _pattern(_words([name]))
    return bool(pattern and pattern.search(folded))


def _is_a_name(text: str) -> bool:
    """Whether a text says enough to look for it: not an initial, nor the one character of a Chinese family name."""
    return sum(map(str.isalnum, fold(text))) > 1


def _words(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(fold(name) for name in names if _is_a_name(name)))


def _pattern(names: Sequence[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(map(_as_words, names))) if names else None


def _as_words(name: str) -> str:
    """A pattern for a (folded) name where it stands by itself; neither in another word nor as a company's domain.

    `weber` is in `Weber's`, `Webers Brief`, `anna.weber@…` and `quote_weber2.pdf`, but not in `Weberstraße` and
    `info@weber.example`; `anna weber` also in `Anna_Weber` and `Anna.Weber`.
    """
    begin = "" if _UNSPACED.match(name[0]) else r"(?<![^\W\d_])(?<!@)(?<!//)(?<!www\.)"
    end = "" if _UNSPACED.match(name[-1]) else r"s?(?![^\W\d_])"
    return begin + r"[\W_]{1,3}".join(map(re.escape, name.split())) + end
