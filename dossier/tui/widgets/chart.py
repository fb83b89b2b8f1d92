"""A picture in block characters: bars side by side over a scale, with labels below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.style import Style
from rich.text import Text
from textual.app import RenderResult
from textual.widget import Widget

from dossier.domain.text import one_line
from dossier.tui.inert import fit

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_NOTHING = "·"
"""What stands where there is nothing to count, so that a gap is seen as one."""
_WIDEST = 3
"""Cells that a bar takes at most, however wide the screen is."""
_TALLEST = 8
"""Rows of bars at most."""


class Group(NamedTuple):
    """Bars that stand together, one for each series, over one label."""

    label: str
    counts: Sequence[int]


class Series(NamedTuple):
    """What one bar of each group counts: its name for the legend ("" for none), its look, and what fills it.

    Where there are two, colour alone must not tell them apart.
    """

    name: str
    look: str
    sign: str = "█"


class Chart(Widget):
    """Groups of bars, the newest to the right; where there is too little room the oldest go."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"chart--{name}" for name in ("title", "soft", "bar", "good", "bad")
    }

    def __init__(self, series: Sequence[Series], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.series = tuple(series)
        self._title = ""
        self._groups: Sequence[Group] = ()

    def on_mount(self) -> None:
        """Draw it anew in other colours."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self.refresh())

    def show(self, title: str, groups: Sequence[Group]) -> None:
        """Show these groups, the oldest first, under a title."""
        self._title, self._groups = title, groups
        self.refresh()

    def forget(self) -> None:
        """Show nothing and hold nothing."""
        self.show("", ())

    def render(self) -> RenderResult:
        """A title with the legend, the bars over their scale, the labels."""
        width, height = self.content_size
        if not self._groups or width < 1:
            return Text()
        lines = [self._heading(width)]
        rows = min(height - 2, _TALLEST)
        if rows > 0:
            lines += self._picture(width, rows)
        return Text("\n", no_wrap=True, overflow="crop").join(lines)

    def _heading(self, width: int) -> Text:
        heading = Text(fit(self._title, width).rstrip(), self._look("title"))
        for series in self.series:
            if series.name and heading.cell_len + len(series.name) + 4 <= width:
                heading.append(f"  {series.sign}", self._look(series.look)).append(
                    f" {series.name}", self._look("soft")
                )
        return heading

    def _picture(self, width: int, rows: int) -> list[Text]:
        most = max(count for group in self._groups for count in group.counts)
        top = max(most, 2)  # a single call must not look like a flood
        scale = len(str(top)) + 1
        gap = 1 if len(self.series) > 1 else 0
        bars = len(self.series)
        wide = max(1, min(_WIDEST, ((width - scale) // len(self._groups) - gap) // bars))
        cells = bars * wide + gap
        fitting = (width - scale) // cells
        if fitting < 1:
            return []
        groups = self._groups[-fitting:]
        lines = []
        for row in reversed(range(rows)):
            mark = str(top) if row == rows - 1 else "0" if row == 0 else ""
            line = Text(mark.rjust(scale - 1) + "▏", self._look("soft"))
            for group in groups:
                self._draw(line, group, row, rows, top, wide)
                line.append(" " * gap)
            lines.append(line)
        return [*lines, Text(" " * scale + _labels(groups, cells), self._look("soft"))]

    def _draw(self, line: Text, group: Group, row: int, rows: int, top: int, wide: int) -> None:
        """The cells of a group in one row, counted from below."""
        if row == 0 and not any(group.counts):
            line.append(_NOTHING.ljust(wide * len(self.series)), self._look("soft"))
            return
        for series, count in zip(self.series, group.counts, strict=True):
            eighths = min(8, max(0, _eighths(count, rows, top) - row * 8))
            sign = _EIGHTHS[eighths]
            if series.sign not in _EIGHTHS:  # there are no low ones of its kind
                sign = series.sign if eighths >= 4 or (eighths and row == 0) else " "
            line.append(sign * wide, self._look(series.look))

    def _look(self, name: str) -> Style:
        return self.get_component_rich_style(f"chart--{name}", partial=True)


def _eighths(count: int, rows: int, top: int) -> int:
    """How tall a bar is, in eighths of a row; what is there at all is seen."""
    return max(1, count * rows * 8 // top) if count > 0 else 0


def _labels(groups: Sequence[Group], cells: int) -> str:
    """The labels, each below the first bar of its group; one that would touch the one before is left out."""
    line = ""
    for place, group in enumerate(groups):
        start = place * cells
        room = len(groups) * cells - start
        label = one_line(group.label).strip()
        if label and len(label) <= room and (not line or len(line) < start):
            line = line.ljust(start) + label
    return line
