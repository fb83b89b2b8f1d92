"""Who reports to whom: lines that lead up, never round in a circle (A4)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossier.domain.faults import RuleBroken
from dossier.domain.reporting import check, sound, tree

LINES = st.dictionaries(st.integers(1, 9), st.none() | st.integers(1, 12))


def people(lines: dict[int, int | None]) -> list[dict[str, Any]]:
    return [{"id": number, "reports_to_id": above} for number, above in lines.items()]


def drawn(lines: dict[int, int | None]) -> list[tuple[int, int]]:
    return [(depth, person["id"]) for depth, person in tree(people(lines))]


def test_nobody_reports_to_themselves() -> None:
    with pytest.raises(RuleBroken, match="themselves"):
        check(1, 1, {1: None})


def test_lines_never_go_round_in_a_circle() -> None:
    lines = {1: None, 2: 1, 3: 2, 4: None}
    check(3, 1, lines)
    check(1, 4, lines)
    check(4, 3, lines)
    for below in (2, 3):
        with pytest.raises(RuleBroken, match="circle"):
            check(1, below, lines)


def test_a_circle_that_stands_already_is_no_line_at_all() -> None:
    check(3, 1, {1: 2, 2: 1, 3: None})
    check(1, 2, {1: 2, 2: 1})


def test_lines_to_nobody_and_in_a_circle_are_not_sound() -> None:
    assert sound({1: None, 2: 1, 3: 99, 4: 4, 5: 6, 6: 7, 7: 6, 8: 5}) == {2: 1, 5: 6, 8: 5}


def test_a_tree_reads_from_the_top_and_keeps_the_order_given() -> None:
    assert drawn({5: 1, 3: None, 2: 1, 1: None, 4: 5}) == [(0, 3), (0, 1), (1, 5), (2, 4), (1, 2)]
    assert drawn({}) == []


def test_whoever_reports_to_somebody_not_in_the_list_is_at_the_top() -> None:
    assert drawn({2: 1, 3: 2}) == [(0, 2), (1, 3)]


def test_a_line_of_ten_thousand_is_no_matter() -> None:
    chain = {number: number - 1 or None for number in range(1, 10_001)}
    assert drawn(chain)[-1] == (9_999, 10_000)
    with pytest.raises(RuleBroken):
        check(1, 10_000, chain)


@given(LINES)
def test_a_tree_of_anything_has_everybody_once_below_whom_they_report_to(
    lines: dict[int, int | None],
) -> None:
    found = drawn(lines)
    assert sorted(number for _, number in found) == sorted(lines)
    above: list[int] = []
    for depth, number in found:
        assert depth <= len(above)
        del above[depth:]
        assert sound(lines).get(number) == (above[-1] if above else None)
        above.append(number)


@given(LINES, st.integers(1, 9), st.integers(1, 9))
def test_what_passes_the_check_makes_a_sound_line(
    lines: dict[int, int | None], below: int, above: int
) -> None:
    for number in (below, above):
        lines.setdefault(number, None)
    try:
        check(below, above, lines)
    except RuleBroken:
        return
    assert sound({**sound(lines), below: above, above: sound(lines).get(above)})[below] == above
