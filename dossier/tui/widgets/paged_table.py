"""A table of any length: it knows the order of all its rows, and asks for those that come into view.

A DataTable of 20,000 rows takes seconds to fill. Here a row costs its key until it is seen.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from dossier.domain.text import one_line
from dossier.tui.inert import MASK, fit
from dossier.tui.keys import bindings

_PAGE = 60
"""Rows fetched at once: more than most terminals show."""

_KEPT = 20 * _PAGE
"""Rows kept in memory: scrolling back and forth fetches nothing, and a long walk does not hold the vault."""

_HEADER_ROWS = 1
_GAP = 2
"""Blank cells between two columns."""

_LEAST = 8
"""Cells that a column keeps where there is too little room."""


class Heading(NamedTuple):
    """A line between rows that tells what follows; the cursor passes over it."""

    title: str
    style: str = "heading"


class Cell(NamedTuple):
    """What stands in a row's column: text, the name of its look (`.paged-table--NAME`), whether it is a secret."""

    text: str
    look: str = ""
    secret: bool = False


class Column(NamedTuple):
    """A column: its heading, how wide at least, and the cell of a row.

    What is left of the table's width goes to the columns by `flex`. Where there is too little, columns go, the one
    with the highest `yields` first; 0 stays whatever happens, but becomes narrower if it flexes.
    `sort` is the order that a click on the heading asks for.
    """

    title: str
    width: int
    cell: Callable[[Any], Cell]
    flex: int = 0
    right: bool = False
    yields: int = 0
    sort: str | None = None


Line = Heading | Hashable
"""A heading, or the key of a row; a key is kept while the vault is locked, so nothing secret may be in it."""

Fetch = Callable[[Sequence[Any]], Awaitable[Mapping[Any, Any]]]
"""Gives the rows of some keys; a key that it leaves out is gone."""


class PagedTable(ScrollView, can_focus=True):
    """Rows under headings, one line each, with a cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"paged-table--{name}"
        for name in ("header", "cursor", "heading", "bad", "warn", "good", "soft", "strong")
    }

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("open", "down", "up", "first", "last", "page_down", "page_up"),
        Binding("down", "down", show=False),
        Binding("up", "up", show=False),
        Binding("home", "first", show=False),
        Binding("end", "last", show=False),
        Binding("pagedown", "page_down", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("enter", "open", show=False),
    ]

    masked = reactive(default=False)
    """Whether secret cells are hidden."""
    cursor = reactive(default=-1, repaint=False)
    """Index of the line that the cursor is on, -1 where there is no row."""

    class Moved(Message):
        """The cursor is on another row, or the row under it is known now."""

        def __init__(self, table: PagedTable) -> None:
            self.table = table
            super().__init__()

        @property
        def control(self) -> PagedTable:
            """The table."""
            return self.table

    class Opened(Moved):
        """Enter was pressed on a row, or it was clicked twice."""

    class SortAsked(Message):
        """The heading of a column was clicked."""

        def __init__(self, sort: str) -> None:
            self.sort = sort
            super().__init__()

    def __init__(
        self, columns: Sequence[Column], *, empty: str = "Nothing here.", id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self.columns = tuple(columns)
        self.empty = empty
        self.sorted_by: tuple[str, bool] | None = None
        """The order shown in the headings: its name, and whether it descends."""
        self._lines: Sequence[Line] = ()
        self._rows: dict[Any, Any] = {}
        self._stale: dict[Any, Any] = {}
        self._fetch: Fetch | None = None
        self._asked: set[int] = set()
        self._return_to: Any = None
        self._layout: list[tuple[Column, int]] = []
        self._shared_out = -1
        self._base = Style()

    # --- What is shown ------------------------------------------------------------------------------------------------

    def show(self, lines: Sequence[Line], fetch: Fetch) -> None:
        """Show these lines, whose rows are fetched as they come into view; the cursor stays on its row."""
        self._replace(lines)
        self._fetch = fetch
        self._ask_for_visible()

    def show_rows(self, lines: Sequence[Line], rows: Mapping[Any, Any]) -> None:
        """Show these lines, whose rows are at hand."""
        self._fetch = None
        self._replace(lines)
        self._rows = dict(rows)
        self._stale = {}
        self.post_message(self.Moved(self))

    def forget(self) -> None:
        """Show nothing and hold no row; with the next lines the cursor comes back to its own, by its key."""
        key = self._return_to if self.key is None else self.key
        self.show_rows((), {})
        self._return_to = key

    @property
    def row(self) -> Any:
        """The row under the cursor; None where there is none, or where it is not known yet."""
        key = self.key
        return None if key is None else self._row_of(key)

    @property
    def key(self) -> Any:
        """The key of the row under the cursor, or None."""
        if not 0 <= self.cursor < len(self._lines):
            return None
        line = self._lines[self.cursor]
        return None if isinstance(line, Heading) else line

    @property
    def sorts(self) -> tuple[str, ...]:
        """The orders of the columns that there is room for, as these come."""
        shown = [column for column, _ in self._layout] or self.columns
        return tuple(dict.fromkeys(column.sort for column in shown if column.sort))

    @property
    def line_count(self) -> int:
        """How many lines there are, headings included."""
        return len(self._lines)

    def go_to(self, key: Any) -> bool:
        """Put the cursor on the row with this key; whether it is there."""
        place = self._place_of(key)
        if place is None:
            return False
        self._move_to(place)
        return True

    def _replace(self, lines: Sequence[Line]) -> None:
        key, place = self._return_to if self.key is None else self.key, self.cursor
        self._lines, self._return_to = lines, None
        self._stale, self._rows = (
            {**self._stale, **self._rows} if len(self._stale) < _KEPT else self._rows,
            {},
        )
        self._asked.clear()
        self.virtual_size = Size(0, len(lines) + _HEADER_ROWS)
        found = self._place_of(key) if key is not None else None
        self.set_reactive(PagedTable.cursor, -1)
        self._move_to(place if found is None else found, scroll=key is not None)
        self.refresh()

    def _place_of(self, key: Any) -> int | None:
        try:
            return self._lines.index(key)
        except ValueError:
            return None

    def _row_of(self, key: Any) -> Any:
        found = self._rows.get(key)
        return self._stale.get(key) if found is None else found

    # --- Fetching -----------------------------------------------------------------------------------------------------

    def _ask_for_visible(self) -> None:
        top = max(0, self.scroll_offset.y)
        bottom = min(top + max(self.size.height, 1), len(self._lines))
        for page in range(top // _PAGE, (max(bottom - 1, top)) // _PAGE + 1):
            self._ask_for(page)

    def _ask_for(self, page: int) -> None:
        fetch = self._fetch
        if fetch is None or page in self._asked:
            return
        lines = self._lines
        keys = [line for line in lines[page * _PAGE : (page + 1) * _PAGE] if not isinstance(line, Heading)]
        self._asked.add(page)
        if keys:
            self.run_worker(self._fetch_page(lines, keys, fetch), exit_on_error=True)

    async def _fetch_page(self, lines: Sequence[Line], keys: list[Any], fetch: Fetch) -> None:
        found = await fetch(keys)
        if lines is not self._lines:
            return  # another order, filter or state of the vault is shown by now
        if len(self._rows) > _KEPT:
            self._rows.clear()
            self._asked.clear()
            self._ask_for_visible()
        self._rows.update(found)
        for key in keys:
            self._stale.pop(key, None)
        self.refresh()
        if self.key in found:
            self.post_message(self.Moved(self))

    # --- The cursor ---------------------------------------------------------------------------------------------------

    def _move_to(self, place: int, step: int = 1, *, scroll: bool = True) -> None:
        """Put the cursor on a line, or on the next row in the direction of `step`, or else the other way."""
        last = len(self._lines) - 1
        place = max(0, min(place, last))
        for way in (step, -step):
            probe = place
            while 0 <= probe <= last and isinstance(self._lines[probe], Heading):
                probe += way
            if 0 <= probe <= last:
                self.cursor = probe
                if scroll:
                    self._scroll_to_cursor()
                return
        self.cursor = -1

    def _scroll_to_cursor(self) -> None:
        # A heading right above the row is shown with it.
        above = self.cursor > 0 and isinstance(self._lines[self.cursor - 1], Heading)
        top = self.cursor - (1 if above else 0)
        height = self.scrollable_content_region.height - _HEADER_ROWS
        if height <= 0:
            return
        y = self.scroll_offset.y
        if top < y:
            y = top
        elif self.cursor >= y + height:
            y = self.cursor - height + 1
        self.scroll_to(y=y, animate=False, force=True, immediate=True)

    def watch_cursor(self, before: int, now: int) -> None:
        """Draw the two rows that it concerns anew, and tell who listens which row is meant now."""
        rows = [place - self.scroll_offset.y + _HEADER_ROWS for place in (before, now)]
        self.refresh(*(Region(0, y, self.size.width, 1) for y in rows if y >= _HEADER_ROWS))
        self.post_message(self.Moved(self))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Fetch what came into view."""
        super().watch_scroll_y(old_value, new_value)
        self._ask_for_visible()

    def action_down(self) -> None:
        """One row down."""
        self._move_to(self.cursor + 1)

    def action_up(self) -> None:
        """One row up; at the first, what stands above it comes into view."""
        self._move_to(self.cursor - 1, -1)

    def action_first(self) -> None:
        """To the first row."""
        self._move_to(0)

    def action_last(self) -> None:
        """To the last row."""
        self._move_to(len(self._lines) - 1, -1)

    def action_page_down(self) -> None:
        """A screenful down."""
        self._move_to(self.cursor + max(1, self.size.height - 2))

    def action_page_up(self) -> None:
        """A screenful up."""
        self._move_to(self.cursor - max(1, self.size.height - 2), -1)

    def action_open(self) -> None:
        """Open the row under the cursor."""
        if self.row is not None:
            self.post_message(self.Opened(self))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; on the row it is on, or twice, it opens that; on a heading it sorts."""
        if event.y < _HEADER_ROWS:
            self._sort_at(event.x)
            return
        place = event.y - _HEADER_ROWS + self.scroll_offset.y
        if place >= len(self._lines) or isinstance(self._lines[place], Heading):
            return
        if place == self.cursor or event.chain > 1:
            self._move_to(place)
            self.action_open()
        else:
            self._move_to(place)

    def _sort_at(self, x: int) -> None:
        start = 0
        for column, width in self._layout:
            if start <= x < start + width + _GAP and column.sort:
                self.post_message(self.SortAsked(column.sort))
            start += width + _GAP

    # --- Drawing ------------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Keep the cursor in view, and fetch what is now."""
        self._scroll_to_cursor()
        self._ask_for_visible()
        self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Some lines of the screen."""
        self._base = self.rich_style  # the same for all of them, and Textual works it out each time
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width = self.scrollable_content_region.width
        if width != self._shared_out:  # a scroll bar that appears takes its width without a resize
            self._shared_out, self._layout = width, _share(self.columns, width)
        base = self._base
        if y < _HEADER_ROWS:
            return self._header(width, base + self.get_component_rich_style("paged-table--header"))
        place = y - _HEADER_ROWS + self.scroll_offset.y
        if place >= len(self._lines):
            text = self.empty if not self._lines and y == _HEADER_ROWS + 1 else ""
            return Strip([Segment(fit(text, width), base + self._look("soft"))], width)
        line = self._lines[place]
        if isinstance(line, Heading):
            return Strip([Segment(fit(line.title, width), base + self._look(line.style))], width)
        return self._row(line, width, base, at_cursor=place == self.cursor)

    def _header(self, width: int, style: Style) -> Strip:
        segments = []
        for column, wide in self._layout:
            title = column.title
            if self.sorted_by and column.sort == self.sorted_by[0]:
                title += " ▼" if self.sorted_by[1] else " ▲"
            segments.append(Segment(fit(title, wide, right=column.right) + " " * _GAP, style))
        return Strip(segments).adjust_cell_length(width, style)

    def _row(self, key: Any, width: int, base: Style, *, at_cursor: bool) -> Strip:
        row = self._row_of(key)
        over = self.get_component_rich_style("paged-table--cursor") if at_cursor else None
        if row is None:
            return Strip([Segment(fit("…", width), base + over if over else base)], width)
        segments = []
        for column, wide in self._layout:
            cell = column.cell(row)
            text = self._shown(cell)
            style = base + self._look(cell.look) if cell.look else base
            style = style + over if over else style
            segments.append(Segment(fit(text, wide, right=column.right) + " " * _GAP, style))
        return Strip(segments).adjust_cell_length(width, base + over if over else base)

    def _look(self, name: str) -> Style:
        return self.get_component_rich_style(f"paged-table--{name}", partial=True)

    def shown_text(self) -> str:
        """What the row under the cursor shows, its cells apart by tabs: masked cells stay masked (for copying).

        One line, and harmless wherever it is pasted (C1).
        """
        if self.row is None:
            return ""
        return "\t".join(one_line(self._shown(column.cell(self.row))) for column in self.columns)

    def _shown(self, cell: Cell) -> str:
        return MASK if self.masked and cell.secret and cell.text else cell.text


def _share(columns: Iterable[Column], width: int) -> list[tuple[Column, int]]:
    """The columns that fit, each with its width; what is left over goes to those that flex."""
    chosen = list(columns)

    def taken() -> int:
        return sum(column.width for column in chosen) + _GAP * (len(chosen) - 1)

    while taken() > width and any(column.yields for column in chosen):
        chosen.remove(max(chosen, key=lambda column: column.yields))
    while taken() > width and any(column.flex and column.width > _LEAST for column in chosen):
        # What is cut off ends in an ellipsis, which a column that stands over the edge would not.
        widest = max((column for column in chosen if column.flex), key=lambda column: column.width)
        chosen[chosen.index(widest)] = widest._replace(width=widest.width - 1)
    spare, flex = max(0, width - taken()), sum(column.flex for column in chosen)
    shared = []
    for column in chosen:
        more = spare * column.flex // flex if flex else 0
        spare, flex = spare - more, flex - column.flex
        shared.append((column, column.width + more))
    return shared
