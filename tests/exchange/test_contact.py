from __future__ import annotations

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from dossier.exchange.contact import compose_name, distinct, is_private


@pytest.mark.parametrize(
    ("family", "given", "middle", "name", "given_names"),
    [
        ("Weber", "Anna", "Luise", "Anna Luise Weber", "Anna Luise"),
        ("OKAFOR", "Peter", "", "Peter OKAFOR", "Peter"),
        ("Иванов", "Петър", "Георгиев", "Петър Георгиев Иванов", "Петър Георгиев"),
        ("Nguyễn", "Lan", "Thị Ngọc", "Nguyễn Thị Ngọc Lan", "Thị Ngọc Lan"),
        ("Lê", "Nam", "", "Lê Nam", "Nam"),
        ("张", "雅婷", "", "张雅婷", "雅婷"),
        ("欧阳", "静", "", "欧阳静", "静"),
        ("김", "민수", "", "김민수", "민수"),
        ("山田", "たろう", "", "山田たろう", "たろう"),
        ("المنصوري", "أحمد", "", "أحمد المنصوري", "أحمد"),
        ("Mai", "Jürgen", "", "Jürgen Mai", "Jürgen"),
        ("Weber", "", "", "Weber", ""),
        ("", "Anna", "", "Anna", "Anna"),
        ("", "", "", "", ""),
    ],
)
def test_a_name_is_put_together_in_the_order_of_its_language(
    family: str, given: str, middle: str, name: str, given_names: str
) -> None:
    assert compose_name(family, given, middle) == (name, given_names)


@pytest.mark.parametrize("label", ["Home", "* Home", "_$!<Home>!$_", "личен", "Nhà riêng", "私人", "شخصي"])
def test_labels_that_mean_private(label: str) -> None:
    assert is_private(label)


@pytest.mark.parametrize("label", ["", "Work", "* Work", "Mobile", "_$!<HomePage>!$_", "Home office desk"])
def test_labels_that_do_not_mean_private(label: str) -> None:
    assert not is_private(label)


def test_values_are_kept_once_and_in_order() -> None:
    assert distinct([" b  c ", "a", "", "b c", " "]) == ("b c", "a")


@hypothesis_given(st.text(), st.text(), st.text())
def test_no_part_of_a_name_is_lost(family: str, given: str, middle: str) -> None:
    name, _ = compose_name(family, given, middle)
    assert all(word in name for part in (family, given, middle) for word in part.split())
