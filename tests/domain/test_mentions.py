from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossier.domain.mentions import Mentions, stands_in
from dossier.domain.text import fold

WEBER = Mentions(
    ["Weber", "Anna Weber", "王小明", "김민수", "anna@weber.example", "Nguyễn Thị Lan", "O'Neill"],
    ["Lan"],
    ["+84 (0)24 3825 1234"],
)


@pytest.mark.parametrize(
    "text",
    [
        "Weber's", "Webers Brief", "see WEBER.", "(weber)", "Müller/Weber", "anna.weber@else.example", "weber.Then",
        "quote_weber2.pdf", "2027-03-weber", "nguyen_thi_lan.pdf", "Nguyen.Thi.Lan", "Nguyen Thi-Lan",
        "与王小明见面", "김민수는", "nguyen  THI lan", "O’Neill’s", "mail anna@weber.example.",
        "call 024-3825-1234", "0084 24 38251234", "3825 1234 now", "+84 24 3825 1234 ext. 7",
    ],
)  # fmt: skip
def test_texts_that_name_the_person(text: str) -> None:
    assert WEBER.are_in(text)
    assert WEBER.may_be_among([b"nothing", json.dumps(text, ensure_ascii=False).encode()]) == {1}


@pytest.mark.parametrize(
    "text",
    [
        "Weberstraße", "Eberhard", "info@weber.example", "https://weber.example", "www.weber.example", "王大明",
        "Lan likes tea", "Nguyen Van Lan", "1234", "3825 1235 now", "2027-03-10 12:30", "",
    ],
)  # fmt: skip
def test_texts_that_do_not(text: str) -> None:
    assert not WEBER.are_in(text)


def test_a_name_that_others_bear_counts_near_alone() -> None:
    assert WEBER.are_in("Lan likes tea", near=True)
    assert not WEBER.are_in("Lanny likes tea", near=True)
    assert WEBER.are_in("Weber likes tea", near=True)


def test_what_says_too_little_is_not_looked_for() -> None:
    initials = Mentions(["J.", "王", " ", "-"], ["X"], ["110"])
    assert not any(initials.are_in(text, near=True) for text in ("J. came", "王总", "x", "110", ""))
    assert initials.may_be_among([b"J. came", b"110"]) == set()
    assert not Mentions(()).are_in("anything")


def test_a_name_stands_in_folded_lines() -> None:
    assert stands_in("Lan", fold("x\nNguyễn Thị Lan\ny"))
    assert not stands_in("Lan", "\nlanny\n")
    assert not stands_in("", "\nlanny\n")


@given(st.text(), st.sampled_from(["Weber", "王小明", "김민수"]), st.text())
def test_whoever_is_named_is_found_whatever_stands_around(before: str, name: str, after: str) -> None:
    text = f"{before} {name} {after}"
    assert WEBER.are_in(text)
    assert WEBER.may_be_among([text.replace("\0", "").encode(errors="replace")]) == {0}
