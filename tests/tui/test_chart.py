"""The picture in block characters, and the line of tabs: within their width whatever they show."""

from __future__ import annotations

from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.geometry import Size

from dossier.tui.widgets.chart import Chart, Group, Series


class _Picture(Chart):
    """A chart of a given size, without a screen."""

    def __init__(self, series: list[Series], width: int, height: int) -> None:
        super().__init__(series)
        self._room = Size(width, height)

    @property
    def content_size(self) -> Size:
        return self._room

    def _look(self, name: str) -> Style:
        return Style()

    def lines(self) -> list[str]:
        return cast("Text", self.render()).plain.split("\n")


ONE = [Series("", "bar")]
TWO = [Series("kept", "good"), Series("late", "bad", "▒")]


def test_bars_are_as_tall_as_what_they_count() -> None:
    chart = _Picture(ONE, 9, 4)
    chart.show("Calls", [Group("Jan", [4]), Group("", [0]), Group("", [1]), Group("Feb", [3])])
    assert chart.lines() == ["Calls", "4▏█  ▄", "0▏█·▄█", "  Jan"]


def test_a_legend_names_the_series_and_labels_do_not_touch() -> None:
    chart = _Picture(TWO, 20, 4)
    chart.show("Due", [Group("Jan", [2, 0]), Group("Feb", [0, 0]), Group("Mar", [1, 2])])
    assert [line.rstrip() for line in chart.lines()] == [
        "Due  █ kept  ▒ late",
        "2▏██          ▒▒",
        "0▏██   ·    ██▒▒",
        "  Jan  Feb  Mar",
    ]


def test_where_there_is_too_little_room_the_oldest_go() -> None:
    chart = _Picture(ONE, 4, 4)
    chart.show("", [Group("", [2]), Group("", [0]), Group("", [2])])
    assert chart.lines()[2] == "0▏·█"


@settings(max_examples=50, deadline=None)
@given(
    st.text(max_size=60),
    st.lists(
        st.builds(
            Group,
            st.text(max_size=8),
            st.lists(st.integers(0, 10**6), min_size=2, max_size=2),
        ),
        max_size=60,
    ),
    st.integers(0, 220),
    st.integers(0, 20),
)
def test_it_stays_within_its_room(title: str, groups: list[Group], width: int, height: int) -> None:
    chart = _Picture(TWO, width, height)
    chart.show(title, groups)
    lines = chart.lines()
    assert len(lines) <= max(1, height)
    assert all(cell_len(line) <= width for line in lines)
