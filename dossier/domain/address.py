"""How to address each person rightly: 王医生, chị Lan, г-жа Иванова, Dr. Weber (A2).

A best guess from script, language, title and custom; a form of address that was set by hand always wins.
"""

from __future__ import annotations

import re
from unicodedata import normalize

from dossier.domain.names import (
    HAN,
    HANGUL,
    KANA,
    NameParts,
    is_patronymic,
    is_vietnamese,
    japanese_surname,
    language_code,
)
from dossier.domain.text import fold
from dossier.domain.vocabulary import Gender

_CYRILLIC_LANGUAGES = frozenset(("bg", "mk", "ru", "sr", "uk"))

# Latin and Cyrillic letters, and those of East Asia: for all others there are no forms here.
_WITH_FORMS = re.compile(f"[A-Za-z\u00c0-\u024f\u1e00-\u1eff\u0400-\u052f{HAN}{KANA}{HANGUL}]")

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
    written in another script than the name gives way to the name: nobody writes г-н Weber. A script without forms of
    ours keeps the full name, for nobody is Mr. الأحمد; a title in that script is used.
    """
    if set_form and set_form.strip():
        return set_form.strip()
    called = parts.family or parts.given
    if any(map(str.isalpha, called)) and not _WITH_FORMS.search(called):
        title = (title or "").strip()
        return name if not title or _WITH_FORMS.search(title) else f"{title} {called}"
    code = _language_of_address(name, language_code(language))
    spoken = _spoken(title, code)
    if code in _RANKS:
        return _ranked(name, parts, code, spoken or _rank_in(position, code), gender)
    if code == "vi":
        courtesy = "anh/chị" if gender is None else "anh" if gender == Gender.MALE else "chị"
        return f"{spoken or courtesy} {(parts.given or parts.family).split(' ')[-1]}"
    if code == "ru" and not spoken and is_patronymic(parts.given):
        return parts.given
    courtesy = spoken or _courtesy(code, gender or (_bulgarian_gender(parts) if code == "bg" else None))
    return f"{courtesy} {called}" if courtesy else name


def _language_of_address(name: str, code: str | None) -> str:
    """The language whose custom applies: the person's own, as long as the name is written in its script."""
    if re.search(f"[{HANGUL}]", name):
        return "ko"
    if re.search(f"[{KANA}]", name):
        return "ja"
    if re.search(f"[{HAN}]", name):
        return code if code in ("ja", "ko", "zh") else "ja" if japanese_surname(name) else "zh"
    if re.search("[\u0400-\u04ff]", name):
        if code in _CYRILLIC_LANGUAGES:
            return code
        return (
            "uk" if re.search("[іїєґ]", name.lower()) else "ru" if re.search("[ыэё]", name.lower()) else "bg"
        )
    if code is None:
        return "vi" if is_vietnamese(normalize("NFC", name), None) and not name.isascii() else "en"
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
