"""Names of people: which part is the family's, and how they sort (A2).

These are best guesses from script, language and custom, right for most people of a culture and never for all: a
family name or a given name that was set by hand always wins.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple
from unicodedata import normalize

from dossier.domain.text import fold

NameOrder = Literal["family-first", "given-first"]


class NameParts(NamedTuple):
    """A name taken apart; `given` holds every name that is not the family's.

    A person known by one name only has it in `given`.
    """

    family: str
    given: str
    order: NameOrder


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Characters of Chinese (and kanji), of Japanese and of Korean, for a class in a pattern.
HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff々〇"
KANA = "\u3040-\u30ff"
HANGUL = "\uac00-\ud7af"
_EAST_ASIAN = rf"[{HAN}{KANA}{HANGUL}][{HAN}{KANA}{HANGUL} ·・]*"

# Surnames of more than one character, in both ways of writing.
_CHINESE_COMPOUND = _words(
    "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 东方 東方 皇甫 尉迟 尉遲 公孙 公孫 慕容 令狐 司徒 夏侯 轩辕 "
    "軒轅 端木 百里 呼延 南宫 南宮 长孙 長孫 宇文 西门 西門 东郭 東郭 独孤 獨孤 申屠 太史 公羊 拓跋 "
    "闻人 聞人 澹台 淳于 濮阳 濮陽 钟离 鍾離"
)
_KOREAN_COMPOUND = _words("남궁 황보 제갈 사공 선우 서문 독고 동방")
# The most frequent ones, to know a Japanese name of three or four characters from a Chinese one.
_JAPANESE = _words(
    "佐藤 鈴木 高橋 田中 渡辺 渡邊 伊藤 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 斎藤 "
    "斉藤 清水 山崎 阿部 池田 橋本 山下 石川 中島 前田 藤田 後藤 小川 岡田 村上 長谷川 近藤 石井 坂本 "
    "遠藤 藤井 青木 福田 三浦 西村"
)

_VIETNAMESE_LETTERS = "[ơưƠƯ\u1ea0-\u1ef9]"
# With its accents any of these tells a Vietnamese name …
_VIETNAMESE = _words(
    "nguyễn trần lê phạm hoàng huỳnh vũ võ đặng bùi đỗ hồ ngô dương lý đinh trịnh đoàn trương lương tạ "
    "tô đào hà phùng mạc vương lưu thái quách tăng châu phan mai cao lâm kiều"
)
_VIETNAMESE_FOLDED = frozenset(map(fold, _VIETNAMESE))
# … and without them only those that hardly anybody else bears.
_VIETNAMESE_BARE = _words("nguyen tran pham huynh hoang phan dang bui duong ngo trinh")

_FAMILY_FIRST_LANGUAGES = frozenset(("hu", "ja", "ko", "vi", "zh"))
_PARTICLES = _words(
    "van von zu zur zum vom de der den del dela della degli di da das do dos du des la le las los ter "
    "ten te al el bin ibn ben bint af av y e"
)
_SUFFIXES = _words("jr sr ii iii iv phd md mba esq")


def split_name(full: str, language: str | None = None, family_first: bool | None = None) -> NameParts:
    """Take a full name apart (A2).

    `language` is a code such as `vi` or `zh-TW`; `family_first`, when it is known, decides the order of a
    name whose script does not. In turn: `Weber, Anna` · Chinese, Japanese and Korean script, family first,
    with surnames of two characters · a family name in CAPITALS · Vietnamese, Hungarian, Chinese, Japanese
    and Korean custom · a Russian patronymic at the end · else the last word is the family's, with its
    particles (`van`, `de la`).
    """
    name = normalize("NFC", " ".join(full.split()))
    code = language_code(language)
    family, comma, given = (part.strip() for part in re.sub("[，、]", ",", name).partition(","))
    if comma and family and given and not _is_suffix(given):
        return NameParts(family, given, "family-first" if is_vietnamese(family, code) else "given-first")
    if re.fullmatch(_EAST_ASIAN, name):
        return _split_east_asian(name, code, family_first)
    # An emoji or a mark behind the name is nobody's family name.
    words = [word for word in name.split(" ") if any(map(str.isalpha, word))] or [name]
    if len(words) == 1:
        return NameParts("", name, "given-first")
    if family_first is None:
        if capitals := _capitals(words):
            return capitals
        family_first = _begins_with_family(words, code)
    if family_first:
        return NameParts(words[0], " ".join(words[1:]), "family-first")
    start = _family_start(words)
    return NameParts(" ".join(words[start:]), " ".join(words[:start]), "given-first")


def sort_key(parts: NameParts) -> str:
    """The folded key that sorts people: family then given name; without a family name, by what there is."""
    # A tab sorts before every letter and space, so "Li Zhen" stays before "Lin An".
    return f"{fold(parts.family)}\t{fold(parts.given)}" if parts.family else fold(parts.given)


def is_language_code(text: str) -> bool:
    """Whether this is the code of a language: `vi`, `zh-TW`."""
    return re.fullmatch("[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", text) is not None


def language_code(language: str | None) -> str | None:
    """The code without its region: `zh` of `zh-TW`; None for none."""
    return re.split("[-_]", language.strip().lower())[0] or None if language else None


def _split_east_asian(name: str, code: str | None, family_first: bool | None) -> NameParts:
    if re.search("[·・]", name):  # a foreign name: 约翰·史密斯, ジョン・スミス
        given, _, family = name.replace("・", "·").rpartition("·")
        return NameParts(family.strip(), given.strip(), "given-first")
    first, space, rest = name.partition(" ")
    if space:
        if family_first is False:
            return NameParts(rest, first, "given-first")
        return NameParts(first, rest, "family-first")
    length = _family_length(name, code)
    return NameParts(name[:length], name[length:], "family-first")


def _family_length(name: str, code: str | None) -> int:
    """How many characters of an unspaced East Asian name are the family's; 0 when that cannot be told."""
    if len(name) == 1 or re.fullmatch(f"[{KANA}]+", name):
        return 0
    if re.match(f"[{HANGUL}]", name):
        return 2 if len(name) > 2 and name[:2] in _KOREAN_COMPOUND else 1
    if (before_kana := re.match(f"[{HAN}]+(?=[{KANA}])", name)) is not None:
        return before_kana.end()
    if code == "ja" or (code is None and japanese_surname(name)):
        return japanese_surname(name) or (1 if len(name) == 2 else 2)
    if len(name) > 2 and name[:2] in _CHINESE_COMPOUND:
        return 2
    return 2 if len(name) == 4 else 1  # four characters: two surnames joined by marriage


def japanese_surname(name: str) -> int:
    """How many characters of an unspaced name are a well-known Japanese surname; 0 for none."""
    return next((length for length in (3, 2) if len(name) > length and name[:length] in _JAPANESE), 0)


def is_vietnamese(name: str, code: str | None) -> bool:
    """Whether a name is Vietnamese: by the person's language if known, else by its letters and family name."""
    if code is not None:
        return code == "vi"
    first = name.split(" ")[0].casefold()
    named_so = first in _VIETNAMESE and not first.isascii()
    return bool(re.search(_VIETNAMESE_LETTERS, name)) or named_so or fold(first) in _VIETNAMESE_BARE


def _begins_with_family(words: list[str], code: str | None) -> bool:
    if is_vietnamese(" ".join(words), code):
        # "Minh Nguyễn" has been turned round for foreigners.
        first, last = fold(words[0]), fold(words[-1])
        return first in _VIETNAMESE_FOLDED or last not in _VIETNAMESE_FOLDED
    if code in _FAMILY_FIRST_LANGUAGES:
        return True
    # Иванов Иван Иванович, but not Иван Иванович Иванов.
    return len(words) == 3 and is_patronymic(words[2]) and not is_patronymic(words[1])


def is_patronymic(word: str) -> bool:
    """Whether a word is a father's name of Eastern Slavic form: Иванович, Петровна."""
    return re.search("(ович|евич|ьич|овна|евна|ична|івна)$", word.casefold()) is not None


def _capitals(words: list[str]) -> NameParts | None:
    """WANG Wei, Minh NGUYEN: capitals mark the family name in papers of many countries."""
    shouted = [len(word) > 2 and word.isupper() and not _is_suffix(word) for word in words]
    number = sum(shouted)
    if not 0 < number < len(words):
        return None
    if all(shouted[:number]):
        return NameParts(" ".join(words[:number]), " ".join(words[number:]), "family-first")
    if all(shouted[-number:]):
        return NameParts(" ".join(words[-number:]), " ".join(words[:-number]), "given-first")
    return None


def _is_suffix(text: str) -> bool:
    return all(word.replace(".", "").casefold() in _SUFFIXES for word in text.replace(",", " ").split())


def _family_start(words: list[str]) -> int:
    """The index at which the family name begins when it comes last; particles and suffixes belong to it."""
    start = len(words) - 1
    while start > 1 and _is_suffix(words[start]):
        start -= 1
    while start > 1 and words[start - 1].casefold().rstrip(".'’") in _PARTICLES:
        start -= 1
    return start
