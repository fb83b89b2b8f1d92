from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossier.domain.needle import THEMSELVES, excerpt, needles
from dossier.domain.text import fold

# Letters of our four scripts and what makes folding hard: marks on their own, ligatures, full width, joiners.
LETTERS = st.text("aeođĐấßæﬁЖйИİΣς校准がハﾊ韓ＡｂE\u0301\u0323\u00ad\u200d\u3099…½'’\"\\ \n\t-1", max_size=12)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("dang", "Chị Đặng"),
        ("dang", "da\u0323ng"),
        ("nguyen", "NGUYỄN"),
        ("strasse", "Straße"),
        ("йога", "ходи на ЙОГА"),
        ("校准", "关于校准的计划"),
        ("office", "the o\ufb03ce"),
        ("a1", "Ａ１"),
        ("don't", "don\u2019t"),
    ],
)
def test_a_word_is_found_however_it_is_spelled(word: str, text: str) -> None:
    (needle,) = needles(word)
    assert needle.is_in(text)
    assert needle.among(
        [b"nothing", text.encode(), json.dumps({"note": text}, ensure_ascii=False).encode()]
    ) == [1, 2]
    span = needle.span(text)
    assert span is not None
    assert needle.word in fold(text[slice(*span)])


@pytest.mark.parametrize(
    ("word", "text"), [("dang", "đan g"), ("か", "が"), ("校准", "校 准"), ("ss", "s s")]
)
def test_what_is_not_there_is_not_found(word: str, text: str) -> None:
    (needle,) = needles(word)
    assert not needle.is_in(text)
    assert needle.span(text) is None


def test_words_are_folded_and_each_looked_for_once() -> None:
    assert [needle.word for needle in needles("  Đặng DANG\tquote ")] == ["dang", "quote"]
    assert needles(" \u00ad ") == []


@given(st.lists(LETTERS, max_size=5), LETTERS)
def test_the_quick_look_never_misses(texts: list[str], wanted: str) -> None:
    for needle in needles(wanted):
        places = needle.among([json.dumps([text], ensure_ascii=False).encode() for text in texts])
        for place, text in enumerate(texts):
            assert needle.is_in(text) == (needle.word in fold(text))
            if needle.is_in(text):
                assert place in places


@given(LETTERS, LETTERS, LETTERS)
def test_a_word_put_into_a_text_shows_in_its_excerpt(before: str, wanted: str, after: str) -> None:
    for needle in needles(wanted):
        text = f"{'so ' * 40}{before} {wanted} {after}{' on' * 40}"
        if needle.is_in(text):
            shown = excerpt(text, needle)
            assert "\n" not in shown
            assert len(shown) <= 72 + len(needle.word) + 2


def test_an_excerpt_has_the_word_in_sight() -> None:
    (needle,) = needles("hợp")
    text = "Chị Lan hỏi thêm về bảo hành. " * 20 + "Bản sao HỢP\nĐỒNG cũ. " + "Sau đó gọi lại. " * 20
    shown = excerpt(text, needle)
    assert "Bản sao HỢP ĐỒNG cũ." in shown
    assert shown[0] == shown[-1] == "…"
    assert excerpt("short", needle) == "short"


def test_letters_said_to_fold_to_themselves_do() -> None:
    for first, last in THEMSELVES:
        text = "".join(map(chr, range(first, last + 1)))
        assert fold(text) == text
