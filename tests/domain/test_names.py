"""Names and forms of address across cultures (A2)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossier.domain.address import address_form
from dossier.domain.names import NameParts, sort_key, split_name
from dossier.domain.vocabulary import Gender

FEMALE, MALE = Gender.FEMALE, Gender.MALE


@pytest.mark.parametrize(
    ("full", "language", "family", "given", "family_first"),
    [
        ("Anna Weber", None, "Weber", "Anna", False),
        ("  Anna   Maria  Weber ", "de", "Weber", "Anna Maria", False),
        ("Weber, Anna", None, "Weber", "Anna", False),
        ("Ludwig van Beethoven", None, "van Beethoven", "Ludwig", False),
        ("Pieter van der Berg", "nl", "van der Berg", "Pieter", False),
        ("Maria de la Cruz", "es", "de la Cruz", "Maria", False),
        ("Ben Miller", None, "Miller", "Ben", False),
        ("John Q. Miller Jr.", "en", "Miller Jr.", "John Q.", False),
        ("John Miller, PhD", "en", "Miller, PhD", "John", False),
        ("Madonna", None, "", "Madonna", False),
        ("Wei WANG", None, "WANG", "Wei", False),
        ("WANG Wei", None, "WANG", "Wei", True),
        ("ANNA WEBER", None, "WEBER", "ANNA", False),
        ("Wang Wei", "zh-TW", "Wang", "Wei", True),
        ("Kovács Anna", "hu", "Kovács", "Anna", True),
        ("王伟", None, "王", "伟", True),
        ("王小明", "zh", "王", "小明", True),
        ("欧阳修", None, "欧阳", "修", True),
        ("司馬相如", "zh", "司馬", "相如", True),
        ("欧 阳修", "zh", "欧", "阳修", True),
        ("约翰·史密斯", "zh", "史密斯", "约翰", False),
        ("田中誠", None, "田中", "誠", True),
        ("佐々木希", None, "佐々木", "希", True),
        ("長谷川明", "ja", "長谷川", "明", True),
        ("大野智美", "ja", "大野", "智美", True),
        ("林誠", "ja", "林", "誠", True),
        ("佐藤さくら", None, "佐藤", "さくら", True),
        ("山田 太郎", None, "山田", "太郎", True),
        ("ジョン・スミス", None, "スミス", "ジョン", False),
        ("さくら", None, "", "さくら", True),
        ("김민준", None, "김", "민준", True),
        ("남궁민수", "ko", "남궁", "민수", True),
        ("Nguyễn Văn Minh", None, "Nguyễn", "Văn Minh", True),
        ("Nguyen Van Minh", None, "Nguyen", "Van Minh", True),
        ("Lê Hà", None, "Lê", "Hà", True),
        ("Đặng Thu Lan", "vi", "Đặng", "Thu Lan", True),
        ("Minh Nguyễn", None, "Nguyễn", "Minh", False),
        ("Anna Weber 🎉", None, "Weber", "Anna", False),
        ("Le Van Minh", "vi", "Le", "Van Minh", True),
        ("Nguyen, Van Minh", None, "Nguyen", "Van Minh", True),
        ("Иван Петров Иванов", None, "Иванов", "Иван Петров", False),
        ("Мария Иванова", "bg", "Иванова", "Мария", False),
        ("Иванов Иван Иванович", None, "Иванов", "Иван Иванович", True),
        ("Иван Иванович Иванов", "ru", "Иванов", "Иван Иванович", False),
    ],
)
def test_split_name(full: str, language: str | None, family: str, given: str, family_first: bool) -> None:
    order = "family-first" if family_first else "given-first"
    assert split_name(full, language) == NameParts(family, given, order)  # type: ignore[arg-type]


def test_the_known_order_decides() -> None:
    assert split_name("Wang Wei", family_first=True) == NameParts("Wang", "Wei", "family-first")
    assert split_name("Wei Wang", "zh", family_first=False) == NameParts("Wang", "Wei", "given-first")
    assert split_name("太郎 山田", family_first=False) == NameParts("山田", "太郎", "given-first")


def test_it_does_not_matter_how_accents_are_spelled() -> None:
    decomposed = unicodedata.normalize("NFD", "Lê Văn Hưng")
    assert split_name(decomposed) == split_name("Lê Văn Hưng") == NameParts("Lê", "Văn Hưng", "family-first")


@given(
    st.text(st.sampled_from("aAbNé ngũỹ.,王欧阳田中さ김·-Иович"), max_size=20),
    st.sampled_from([None, "", "vi", "zh", "ja", "ko", "hu", "de", "bg"]),
    st.sampled_from([None, True, False]),
)
def test_no_letter_of_a_name_is_lost(full: str, language: str | None, family_first: bool | None) -> None:
    parts = split_name(full, language, family_first)
    letters = sorted(char for char in unicodedata.normalize("NFC", full) if char.isalpha())
    assert sorted(char for char in parts.family + parts.given if char.isalpha()) == letters


def test_people_sort_by_family_then_given_name() -> None:
    names = ["Lin An", "Nguyễn Văn Bình", "Li Zhen", "Anna Łukasz", "Madonna", "Nguyen Van An"]
    keys = {name: sort_key(split_name(name, "zh" if name.startswith("Li") else None)) for name in names}
    assert sorted(names, key=keys.__getitem__) == [
        "Li Zhen", "Lin An", "Anna Łukasz", "Madonna", "Nguyen Van An", "Nguyễn Văn Bình",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "language", "title", "gender", "position", "form"),
    [
        ("王伟", "zh", "医生", None, None, "王医生"),
        ("王伟", None, None, None, "医生", "王医生"),
        ("张教明", "zh", "Prof.", None, None, "张教授"),
        ("欧阳明", "zh", None, None, "采购部经理", "欧阳经理"),
        ("王伟", "zh", None, None, "副总经理", "王总"),
        ("王伟", "zh", None, None, "Purchasing Manager", "王经理"),
        ("王伟", "zh", None, None, "General Manager", "王总"),
        ("王伟", "zh", None, MALE, "职员", "王先生"),
        ("李娜", "en", None, FEMALE, None, "李女士"),
        ("李娜", None, None, None, None, "李娜"),
        ("Wang Wei", "zh", "Dr.", None, None, "Dr. Wang"),
        ("田中誠", None, None, None, "営業部長", "田中部長"),
        ("田中誠", "ja", None, MALE, None, "田中様"),
        ("김민준", None, None, None, "영업부장", "김 부장님"),
        ("김민준", None, None, None, None, "김민준 님"),
        ("Nguyễn Văn Minh", None, None, MALE, None, "anh Minh"),
        ("Trần Thị Lan", "vi", None, FEMALE, None, "chị Lan"),
        ("Nguyen Van Minh", "vi", None, MALE, None, "anh Minh"),
        ("Nguyễn Văn Minh", None, None, None, None, "anh/chị Minh"),
        ("Nguyễn Văn Minh", None, "Dr.", MALE, None, "bác sĩ Minh"),
        ("Nguyễn Văn Minh", "vi", "GS.", MALE, None, "GS. Minh"),
        ("Иван Петров Иванов", "bg", None, MALE, None, "г-н Иванов"),
        ("Мария Иванова", None, None, None, None, "г-жа Иванова"),
        ("Георги Бояджи", "bg", None, None, None, "Георги Бояджи"),
        ("Мария Иванова", "bg", "Dr.", FEMALE, None, "д-р Иванова"),
        ("Иванов Иван Иванович", "ru", None, MALE, None, "Иван Иванович"),
        ("Мария Иванова", "en", None, FEMALE, None, "г-жа Иванова"),
        ("Олексій Бойко", None, None, MALE, None, "пан Бойко"),
        ("Hans Weber", "bg", None, MALE, None, "Mr. Weber"),
        ("Anna Weber", "de", "Dr.", FEMALE, "Einkaufsleiterin", "Dr. Weber"),
        ("Hans Weber", "de-AT", None, MALE, None, "Herr Weber"),
        ("Anna Weber", "de", None, FEMALE, None, "Frau Weber"),
        ("Anna Weber", "de", None, None, None, "Anna Weber"),
        ("Claire Dubois", "fr", None, FEMALE, None, "Mme Dubois"),
        ("John Miller", None, None, MALE, None, "Mr. Miller"),
        ("Anna Miller", "sv", None, FEMALE, None, "Ms. Miller"),
        ("Anna Miller", None, " ", None, "CFO", "Anna Miller"),
        ("Madonna", None, "Dr.", FEMALE, None, "Dr. Madonna"),
        ("محمد الأحمد", None, None, MALE, None, "محمد الأحمد"),
        ("محمد الأحمد", "ar", "Dr.", MALE, None, "محمد الأحمد"),
        ("محمد الأحمد", "ar", "د.", MALE, None, "د. الأحمد"),
        ("Ελένη Παππά", "el", None, FEMALE, None, "Ελένη Παππά"),
        ("दीपा शर्मा", "en", " ", FEMALE, None, "दीपा शर्मा"),
        ("นภา", None, None, FEMALE, None, "นภา"),
    ],
)
def test_address_form(
    name: str, language: str | None, title: str | None, gender: Gender | None, position: str | None, form: str
) -> None:
    parts = split_name(name, language)
    addressed = address_form(name, parts, title=title, language=language, gender=gender, position=position)
    assert addressed == form


def test_a_form_that_was_set_wins() -> None:
    parts = split_name("Anna Weber")
    assert address_form("Anna Weber", parts, set_form=" Anna ", title="Dr.", gender=FEMALE) == "Anna"
    assert address_form("Anna Weber", parts, set_form=" ", gender=FEMALE) == "Ms. Weber"
