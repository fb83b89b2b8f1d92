"""What reaches the terminal, and what search compares."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossier.domain.text import count_of, fold, in_days, one_line, phone_digits, safe_text

# Surrogates too: they arrive from argv and from damaged files.
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))
FRAGMENTS = st.sampled_from(["\x1b[31m", "\x1b]0;title\x07", "\x9b2J", "\x1b", "\u202e", "\r\n", "[", "\x90"])
NOISY_TEXT = st.lists(st.one_of(ANY_TEXT, FRAGMENTS)).map("".join)
BIDI = ("LRO", "RLO", "LRE", "RLE", "PDF", "LRI", "RLI", "FSI", "PDI")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("windows\r\nold mac\runix\n", "windows\nold mac\nunix\n"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;owned\x07title", "title"),
        ("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;never ended", "0;never ended"),
        ("\x9b31mred", "red"),
        ("\x1bcreset", "reset"),
        ("bell\x07 null\x00 delete\x7f", "bell null delete"),
        ("abc\u202egnp.exe", "abcgnp.exe"),
        ("\u2066isolated\u2069\u200e\u200f\u061c", "isolated"),
        ("half \ud83d", "half \ufffd"),
        ("family 👨\u200d👩\u200d👧", "family 👨\u200d👩\u200d👧"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("王医生 Nguyễn г-жа Иванова", "王医生 Nguyễn г-жа Иванова"),
        ("[b]markup[/b]", "[b]markup[/b]"),
    ],
)
def test_safe_text(raw: str, shown: str) -> None:
    assert safe_text(raw) == shown


@given(NOISY_TEXT)
def test_safe_text_leaves_nothing_that_steers_a_terminal(text: str) -> None:
    shown = safe_text(text)
    for char in shown:
        assert char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp")
        assert unicodedata.bidirectional(char) not in BIDI
    assert safe_text(shown) == shown


@given(NOISY_TEXT)
def test_one_line_is_one_line_of_encodable_text(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert "\t" not in line
    line.encode("utf-8")


def test_one_line_turns_runs_of_breaks_into_one_space() -> None:
    assert one_line("first\n\n\tsecond\u2028third") == "first second third"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Nguyễn Đặng", "nguyen dang"),
        ("  ACME \t Ltd ", "acme ltd"),
        ("Łódź Ørsted Straße Æsop Œuvre", "lodz orsted strasse aesop oeuvre"),
        ("Işık İzmir", "isik izmir"),
        ("ＡＣＭＥ　１２", "acme 12"),
        ("Щёлоков Йордан", "щелоков иордан"),
        ("王医生 欧阳", "王医生 欧阳"),
        ("ガイド が か", "ガイド が か"),
        ("ｶﾞｲﾄﾞ", "ガイド"),
        ("김민준", "김민준"),
        ("O’Brien – Smith", "o'brien - smith"),
        ("co\u00adoperate", "cooperate"),
        ("Nguye\u0302\u0303n", "nguyen"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(ANY_TEXT)
def test_fold_is_idempotent_and_trims(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert folded == " ".join(folded.split())


@given(st.text(st.characters(max_codepoint=0x1FFF, exclude_categories=["Cs"])))
def test_fold_does_not_mind_how_accents_are_spelled(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    ("text", "digits"), [("024 3825", "0243825"), ("00000", ""), ("1234", ""), ("x12345", ""), ("", "")]
)
def test_what_may_be_a_phone_number(text: str, digits: str) -> None:
    assert phone_digits(text) == digits


def test_words_for_numbers() -> None:
    assert [count_of(1, "day"), count_of(6, "day"), count_of(0, "row")] == ["1 day", "6 days", "0 rows"]
    assert [count_of(1, "person"), count_of(2, "person")] == ["1 person", "2 people"]
    assert [in_days(n) for n in (-1, 0, 1)] == ["yesterday", "today", "tomorrow"]
    assert [in_days(n) for n in (-2, 2)] == ["2 days ago", "in 2 days"]
