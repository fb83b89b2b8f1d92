"""Names of people: which part is the family's, how they sort, how to address each person rightly (A2).

Both are best guesses from script, language and custom, right for most people of a culture and never for all:
a family name, a given name or a form of address that was set by hand always wins.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple
from unicodedata import normalize

from dossier.domain.text import fold
from dossier.domain.vocabulary import Gender

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


_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff々〇"
_KANA = "\u3040-\u30ff"
_HANGUL = "\uac00-\ud7af"
_EAST_ASIAN = rf"[{_HAN}{_KANA}{_HANGUL}][{_HAN}{_KANA}{_HANGUL} ·・]*"

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
    code = _code(language)
    family, comma, given = (part.strip() for part in re.sub("[，、]", ",", name).partition(","))
    if comma and family and given and not _is_suffix(given):
        return NameParts(family, given, "family-first" if _is_vietnamese(family, code) else "given-first")
    if re.fullmatch(_EAST_ASIAN, name):
        return _split_east_asian(name, code, family_first)
    words = name.split(" ")
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


def _code(language: str | None) -> str | None:
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
    if len(name) == 1 or re.fullmatch(f"[{_KANA}]+", name):
        return 0
    if re.match(f"[{_HANGUL}]", name):
        return 2 if len(name) > 2 and name[:2] in _KOREAN_COMPOUND else 1
    if (before_kana := re.match(f"[{_HAN}]+(?=[{_KANA}])", name)) is not None:
        return before_kana.end()
    if code == "ja" or (code is None and _japanese_surname(name)):
        return _japanese_surname(name) or (1 if len(name) == 2 else 2)
    if len(name) > 2 and name[:2] in _CHINESE_COMPOUND:
        return 2
    return 2 if len(name) == 4 else 1  # four characters: two surnames joined by marriage


def _japanese_surname(name: str) -> int:
    return next((length for length in (3, 2) if len(name) > length and name[:length] in _JAPANESE), 0)


def _is_vietnamese(name: str, code: str | None) -> bool:
    if code is not None:
        return code == "vi"
    first = name.split(" ")[0].casefold()
    named_so = first in _VIETNAMESE and not first.isascii()
    return bool(re.search(_VIETNAMESE_LETTERS, name)) or named_so or fold(first) in _VIETNAMESE_BARE


def _begins_with_family(words: list[str], code: str | None) -> bool:
    if _is_vietnamese(" ".join(words), code):
        # "Minh Nguyễn" has been turned round for foreigners.
        first, last = fold(words[0]), fold(words[-1])
        return first in _VIETNAMESE_FOLDED or last not in _VIETNAMESE_FOLDED
    if code in _FAMILY_FIRST_LANGUAGES:
        return True
    # Иванов Иван Иванович, but not Иван Иванович Иванов.
    return len(words) == 3 and _is_patronymic(words[2]) and not _is_patronymic(words[1])


def _is_patronymic(word: str) -> bool:
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


# --- Forms of address ---------------------------------------------------------------------------------------

_CYRILLIC_LANGUAGES = frozenset(("bg", "mk", "ru", "sr", "uk"))

# For a man, for a woman; before the family name.
_COURTESY = {
    "bg": ("г-н", "г-жа"),
    "cs": ("pan", "paní"),
    "de": ("Herr", "Frau"),
    "en": ("Mr.", "Ms."),
    "es": ("Sr.", "Sra."),
    "fr": ("M.", "Mme"),
    "it": ("Sig.", "Sig.ra"),
    "mk": ("г-дин", "г-ѓа"),
    "nl": ("dhr.", "mevr."),
    "pl": ("Pan", "Pani"),
    "pt": ("Sr.", "Sra."),
    "ru": ("г-н", "г-жа"),
    "sr": ("г-дин", "г-ђа"),
    "uk": ("пан", "пані"),
}

# English titles and positions as the language says them; compared folded, without full stops.
_SPOKEN = {
    "bg": {"dr": "д-р", "doctor": "д-р", "prof": "проф.", "professor": "проф.", "eng": "инж."},
    "ja": {"dr": "博士", "doctor": "先生", "prof": "教授", "professor": "教授", "teacher": "先生"},
    "ko": {"dr": "박사", "doctor": "선생", "prof": "교수", "professor": "교수", "teacher": "선생"},
    "ru": {"dr": "д-р", "doctor": "доктор", "prof": "профессор", "professor": "профессор"},
    "vi": {"dr": "bác sĩ", "doctor": "bác sĩ", "phd": "tiến sĩ", "prof": "giáo sư", "professor": "giáo sư"},
    "zh": {
        "dr": "博士", "doctor": "医生", "physician": "医生", "prof": "教授", "professor": "教授",
        "teacher": "老师", "lawyer": "律师", "engineer": "工", "manager": "经理", "general manager": "总",
        "chairman": "董事长",
    },
}  # fmt: skip

# Ranks that follow the family name, and what is said for them where that differs: 总经理 is 王总.
_RANKS = {
    "zh": (
        "董事长 董事長 总经理:总 總經理:總 总裁:总 總裁:總 总监:总 總監:總 总工程师:总工 工程师:工 "
        "经理 經理 主任 院长 校长 局长 处长 科长 部长 厂长 所长 行长 会长 站长 店长 护士长 书记 律师 "
        "律師 医生 醫生 医师:医生 大夫 老师 老師 教师:老师 教授 博士 院士 主管 顾问 老板"
    ),
    "ja": (
        "社長 会長 部長 課長 係長 次長 専務 常務 支店長 工場長 所長 店長 室長 局長 院長 主任 教授 博士 "
        "先生 医師:先生 弁護士:先生"
    ),
    "ko": (
        "회장 사장 부사장 전무 상무 이사 본부장 부장 차장 과장 팀장 대리 대표 원장 교수 박사 선생 "
        "의사:선생 변호사"
    ),
}


def address_form(
    name: str,
    parts: NameParts,
    *,
    set_form: str | None = None,
    title: str | None = None,
    language: str | None = None,
    gender: Gender | None = None,
    position: str | None = None,
) -> str:
    """How to address a person: 王医生, 田中部長, anh Minh, г-жа Иванова, Dr. Weber (A2).

    `set_form` wins; else a title replaces the courtesy word; else gender chooses it; without either it is
    the full name. Position matters where custom addresses by rank: Chinese, Japanese, Korean. A language
    written in another script than the name gives way to the name: nobody writes г-н Weber.
    """
    if set_form and set_form.strip():
        return set_form.strip()
    code = _language_of_address(name, _code(language))
    spoken = _spoken(title, code)
    if code in _RANKS:
        return _ranked(name, parts, code, spoken or _rank_in(position, code), gender)
    if code == "vi":
        courtesy = "anh/chị" if gender is None else "anh" if gender == Gender.MALE else "chị"
        return f"{spoken or courtesy} {(parts.given or parts.family).split(' ')[-1]}"
    if code == "ru" and not spoken and _is_patronymic(parts.given):
        return parts.given
    courtesy = spoken or _courtesy(code, gender or (_bulgarian_gender(parts) if code == "bg" else None))
    return f"{courtesy} {parts.family or parts.given}" if courtesy else name


def _language_of_address(name: str, code: str | None) -> str:
    """The language whose custom applies: the person's own, as long as the name is written in its script."""
    if re.search(f"[{_HANGUL}]", name):
        return "ko"
    if re.search(f"[{_KANA}]", name):
        return "ja"
    if re.search(f"[{_HAN}]", name):
        return code if code in ("ja", "ko", "zh") else "ja" if _japanese_surname(name) else "zh"
    if re.search("[\u0400-\u04ff]", name):
        if code in _CYRILLIC_LANGUAGES:
            return code
        return (
            "uk" if re.search("[іїєґ]", name.lower()) else "ru" if re.search("[ыэё]", name.lower()) else "bg"
        )
    if code is None:
        return "vi" if _is_vietnamese(normalize("NFC", name), None) and not name.isascii() else "en"
    return "en" if code in _RANKS or code in _CYRILLIC_LANGUAGES else code


def _spoken(title: str | None, code: str) -> str:
    title = (title or "").strip()
    return _SPOKEN.get(code, {}).get(fold(title).replace(".", ""), title)


def _rank_in(position: str | None, code: str) -> str:
    """The rank that ends a position, as it is said: 采购部经理 gives 经理; empty when none does."""
    position = fold(position or "")
    ranks = dict(rank.partition(":")[::2] for rank in _RANKS[code].split()) | _SPOKEN[code]
    fitting = [rank for rank in ranks if position.endswith(rank)]
    if not fitting:
        return ""
    longest = max(fitting, key=len)
    return ranks[longest] or longest


def _ranked(name: str, parts: NameParts, code: str, rank: str, gender: Gender | None) -> str:
    """East Asian forms follow the name; the whole name where the family's is not known."""
    family = parts.family or name
    if code == "ko":
        return f"{family} {rank}님" if rank else f"{name} 님"
    if rank:
        return family + rank
    if code == "ja":
        return f"{family}様"
    return {Gender.MALE: f"{family}先生", Gender.FEMALE: f"{family}女士"}[gender] if gender else name


def _courtesy(code: str, gender: Gender | None) -> str:
    if gender is None:
        return ""
    for_man, for_woman = _COURTESY.get(code, _COURTESY["en"])
    return for_man if gender == Gender.MALE else for_woman


def _bulgarian_gender(parts: NameParts) -> Gender | None:
    """Bulgarian family names tell it: Иванов is a man, Иванова a woman."""
    family = parts.family.casefold()
    if re.search("(ова|ева|ска|цка|ина)$", family):
        return Gender.FEMALE
    return Gender.MALE if re.search("(ов|ев|ски|цки|ин)$", family) else None
