"""The table: any text in it, any size, any list, and a cursor that stays on its row."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from dossier.tui.inert import MASK, fit
from dossier.tui.widgets.paged_table import Cell, Column, Heading, PagedTable, _share

NAMES = (
    "Đặng Thị Hồng Ánh",
    "北京精密仪器",
    "👩‍👩‍👧‍👦 family",
    "🇻🇳🇨🇳 flags",
    "👍🏽 thumbs",
    "שלום עולם",
    "e\u0301\u0323",
)
HOSTILE = (
    "[/b]",
    "[@click=app.quit]x[/]",
    "\x1b[2J\x1b]0;x\x07",
    "\u202eabc",
    "a\u200bb\u2066c",
    "x" * 10_000,
    "\ud800",
)

_STEERING = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
"""What turns the direction of a line round."""

texts = st.one_of(st.text(max_size=40), st.sampled_from(NAMES + HOSTILE))


class Shown(App[None]):
    """A table and nothing else."""

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self.columns = columns
        self.heard: list[Any] = []

    def compose(self) -> ComposeResult:
        yield PagedTable(self.columns)

    def on_paged_table_opened(self, event: PagedTable.Opened) -> None:
        self.heard.append(event.table.key)

    def on_paged_table_sort_asked(self, event: PagedTable.SortAsked) -> None:
        self.heard.append(event.sort)


Story = Callable[[PagedTable, "Pilot[None]"], Awaitable[None]]

COLUMNS = (
    Column("Name", 10, lambda row: Cell(row[0], "strong"), flex=2, sort="name"),
    Column("Secret", 8, lambda row: Cell(row[1], secret=True), flex=1, yields=1, sort="secret"),
    Column("Days", 6, lambda row: Cell(str(row[2]), "bad"), right=True, yields=2, sort="days"),
)


def at(story: Story, size: tuple[int, int] = (60, 12), columns: Sequence[Column] = COLUMNS) -> Shown:
    app = Shown(columns)

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            table = app.query_one(PagedTable)
            table.focus()
            await story(table, pilot)

    asyncio.run(run())
    return app


def rows(count: int) -> dict[int, tuple[str, str, int]]:
    return {number: (f"name {number}", f"secret {number}", number) for number in range(count)}


def drawn(table: PagedTable) -> list[str]:
    return ["".join(segment.text for segment in table.render_line(y)) for y in range(table.size.height)]


@given(text=texts, width=st.integers(0, 60), right=st.booleans())
@settings(max_examples=300)
def test_text_takes_exactly_its_cells(text: str, width: int, right: bool) -> None:
    fitted = fit(text, width, right=right)
    assert cell_len(fitted) == width
    assert not any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in fitted)
    assert not any(unicodedata.bidirectional(sign) in _STEERING for sign in fitted)


@pytest.mark.parametrize("right", [False, True])
def test_half_a_wide_character_leaves_no_blank_before_the_ellipsis(right: bool) -> None:
    shown = fit("北京精密仪器", 6, right=right)
    assert shown.strip() == "北京…"
    assert cell_len(shown) == 6


def test_what_has_no_room_ends_in_an_ellipsis_also_in_the_last_column() -> None:
    columns = [Column(str(place), 16, lambda _: Cell("long " * 9), flex=1) for place in range(4)]

    async def story(table: PagedTable, _: Pilot[None]) -> None:
        table.show_rows([0], {0: 0})
        assert drawn(table)[1].rstrip().endswith("…")
        assert drawn(table)[1].count("…") == 4

    at(story, columns=columns)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_copied_steers_no_terminal_and_is_one_line(text: str) -> None:
    async def story(table: PagedTable, _: Pilot[None]) -> None:
        evil = f"quote {text}\x1b[201~\nrm -rf ~\n\x1b]52;c;AAAA\x07\u202e b\x00\tc"
        table.show_rows([0], {0: (evil, evil, 3)})
        copied = table.shown_text()
        assert copied.count("\t") == 2, "the columns alone"
        assert "rm -rf" in copied
        table.masked = True
        assert table.shown_text().split("\t")[1] == MASK
        assert all(
            sign.isprintable() or sign == "\t" or unicodedata.category(sign) in ("Cf", "Zs")
            for sign in copied
        )
        assert not any(unicodedata.bidirectional(sign) in _STEERING for sign in copied)

    at(story)


@given(
    widths=st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=6
    ),
    width=st.integers(0, 300),
)
@settings(max_examples=200)
def test_the_width_is_shared_out_to_the_last_cell(widths: list[tuple[int, int, int]], width: int) -> None:
    columns = [Column("x", least, lambda _: Cell(""), flex=flex, yields=goes) for least, flex, goes in widths]
    shared = _share(columns, width)
    taken = sum(wide for _, wide in shared) + 2 * (len(shared) - 1)
    if taken <= width and len(shared) == len(columns) and sum(least for least, *_ in widths) <= width - 12:
        assert all(wide >= column.width for column, wide in shared)
    assert sum(not column.yields for column in columns) <= len(shared)
    if taken > width:
        assert not any(column.yields for column, _ in shared)
        assert all(wide <= 8 for column, wide in shared if column.flex), "those that can are narrow"
    elif any(column.flex for column, _ in shared):
        assert taken == width


def test_any_text_at_any_width_is_one_line_of_the_tables_width() -> None:
    async def story(table: PagedTable, pilot: Pilot[None]) -> None:
        @given(
            cells=st.lists(st.tuples(texts, texts, st.integers()), max_size=8),
            heading=texts,
            masked=st.booleans(),
        )
        @settings(max_examples=60, deadline=None)
        def check(cells: list[tuple[str, str, int]], heading: str, masked: bool) -> None:
            table.masked = masked
            table.show_rows([Heading(heading), *range(len(cells))], dict(enumerate(cells)))
            for y in range(table.size.height):
                strip = table.render_line(y)
                assert strip.cell_length == cell_len(strip.text) == table.scrollable_content_region.width
                assert "\x1b" not in strip.text
                assert "\n" not in strip.text

        for width in (60, 3, 1, 300):
            await pilot.resize_terminal(width, 12)
            await pilot.pause()
            check()

    at(story)


def test_columns_stay_in_line_in_every_script() -> None:
    async def story(table: PagedTable, pilot: Pilot[None]) -> None:
        shown = {number: (name, MASK, number) for number, name in enumerate(NAMES)}
        table.show_rows(list(shown), shown)
        await pilot.pause()
        places = {cell_len(line[: line.index(MASK)]) for line in drawn(table)[1 : 1 + len(NAMES)]}
        assert len(places) == 1

    at(story)


def test_secrets_are_masked_alike_whatever_their_length() -> None:
    async def story(table: PagedTable, pilot: Pilot[None]) -> None:
        table.show_rows([0, 1, 2], {0: ("a", "x", 1), 1: ("b", "a long secret", 2), 2: ("c", "", 3)})
        table.masked = True
        await pilot.pause()
        shown = "\n".join(drawn(table))
        assert shown.count(MASK) == 2
        assert "secret" not in shown.replace("Secret", "")
        assert MASK in table.shown_text()

    at(story)


@given(
    before=st.lists(st.integers(0, 30), unique=True),
    after=st.lists(st.integers(0, 30), unique=True),
    place=st.integers(0, 30),
    sought=st.integers(0, 40),
)
@settings(max_examples=60, deadline=None)
def test_the_cursor_stays_on_its_row_or_in_its_place(
    before: list[int], after: list[int], place: int, sought: int
) -> None:
    table = PagedTable(COLUMNS)
    all_rows = rows(31)
    table.post_message = lambda message: True  # type: ignore[method-assign]
    table._scroll_to_cursor = lambda: None  # type: ignore[method-assign]
    table.show_rows([Heading("one"), *before], all_rows)
    if before:
        assert table.go_to(before[place % len(before)])
    key = table.key
    table.show_rows([Heading("one"), *after[:3], Heading("two"), *after[3:]], all_rows)
    assert (table.key is None) == (not after)
    if key in after:
        assert table.key == key
    assert table.go_to(sought) == (sought in after)
    table.forget()
    assert table.row is None
    assert table._rows == table._stale == {}
    table.show_rows(after, all_rows)
    if sought in after:
        assert table.key == sought


def fetching(asked: list[list[int]]) -> Any:
    async def fetch(keys: Sequence[int]) -> Mapping[int, tuple[str, str, int]]:
        asked.append(list(keys))
        return {key: (f"name {key}", "", key) for key in keys if key % 1000 != 7}

    return fetch


def test_fifty_thousand_rows_cost_what_is_seen() -> None:
    asked: list[list[int]] = []

    async def story(table: PagedTable, pilot: Pilot[None]) -> None:
        table.show(range(50_000), fetching(asked))
        await pilot.pause()
        assert sum(map(len, asked)) <= 120
        await pilot.press("G")
        await pilot.pause()
        assert table.row == ("name 49999", "", 49999)
        assert "name 49999" in drawn(table)[-1]
        await pilot.press("g")
        for _ in range(3):
            await pilot.press("ctrl+d")
        assert table.go_to(25_000)
        await pilot.pause()
        assert table.row[2] == 25_000
        assert table.go_to(25_007)
        await pilot.pause()
        assert table.row is None, "it vanished meanwhile"
        await pilot.press("enter")
        assert sum(map(len, asked)) <= 600

    at(story)


def test_what_is_kept_has_a_limit() -> None:
    async def story(table: PagedTable, pilot: Pilot[None]) -> None:
        table.show(range(20_000), fetching([]))
        for place in range(0, 20_000, 300):
            table.go_to(place)
            await pilot.pause()
        assert len(table._rows) + len(table._stale) <= 3000
        assert table.row is not None

    at(story)


def test_what_was_fetched_for_another_list_is_not_shown() -> None:
    async def story(table: PagedTable, pilot: Pilot[None]) -> None:
        go = asyncio.Event()

        async def slow(keys: Sequence[int]) -> Mapping[int, tuple[str, str, int]]:
            await go.wait()
            return {key: ("old", "", key) for key in keys}

        table.show([1, 2, 3], slow)
        table.show_rows([1, 2], rows(3))
        go.set()
        await pilot.pause()
        assert table.row[0] == "name 1"

    at(story)


def test_arrows_and_letters_move_alike() -> None:
    async def story(table: PagedTable, pilot: Pilot[None]) -> None:
        table.show_rows([Heading("a"), 1, 2, Heading("b"), *range(3, 40)], rows(40))
        for keys, key in (
            (("j", "j"), 3),
            (("k",), 2),
            (("down", "up"), 2),
            (("G",), 39),
            (("g",), 1),
            (("end",), 39),
            (("home",), 1),
            (("k", "up"), 1),
            (("G", "j"), 39),
        ):
            await pilot.press(*keys)
            assert table.key == key, keys
        await pilot.press("g", "pagedown")
        page = table.key
        await pilot.press("g", "ctrl+d")
        assert table.key == page > 5
        await pilot.press("ctrl+u")
        assert table.key == 1
        await pilot.press("l", "enter")

    assert at(story).heard == [1, 1]


def test_the_mouse_moves_opens_sorts_and_scrolls() -> None:
    async def story(table: PagedTable, pilot: Pilot[None]) -> None:
        table.show_rows([Heading("a"), *range(1, 60)], rows(60))
        await pilot.pause()
        await pilot.click(PagedTable, offset=(3, 4))
        assert table.key == 3
        await pilot.click(PagedTable, offset=(3, 4))
        await pilot.click(PagedTable, offset=(3, 1))  # a heading between rows
        assert table.key == 3
        await pilot.click(PagedTable, offset=(2, 0))
        await pilot.click(PagedTable, offset=(57, 0))
        table.scroll_to(y=20, animate=False)
        await pilot.pause()
        await pilot.click(PagedTable, offset=(3, 1))
        assert table.key == 20

    assert at(story).heard == [3, "name", "days"]


@pytest.mark.parametrize("lines", [[], [Heading("alone")]])
def test_without_rows_every_key_is_harmless(lines: list[Any]) -> None:
    async def story(table: PagedTable, pilot: Pilot[None]) -> None:
        table.show_rows(lines, {})
        await pilot.press("j", "k", "G", "g", "ctrl+d", "ctrl+u", "enter")
        assert table.key is None
        assert table.shown_text() == ""

    assert at(story).heard == []
