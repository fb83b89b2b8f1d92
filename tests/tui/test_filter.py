"""The filter's line: there when asked for, and the keyboard goes back to the table."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from dossier.tui.widgets.filter import Filter
from dossier.tui.widgets.paged_table import Cell, Column, PagedTable


class _Filtered(App[None]):
    def compose(self) -> ComposeResult:
        yield Filter()
        yield PagedTable([Column("Name", 10, Cell)])

    def on_mount(self) -> None:
        self.query_one(PagedTable).focus()


def with_filter(story: Callable[[Pilot[Any], Filter], Awaitable[None]]) -> None:
    async def run() -> None:
        async with _Filtered().run_test(size=(40, 6)) as pilot:
            await story(pilot, pilot.app.query_one(Filter))

    asyncio.run(run())


def test_enter_and_down_go_to_the_table_and_the_text_stays() -> None:
    async def story(pilot: Pilot[Any], field: Filter) -> None:
        for sign, key in (("a", "enter"), ("b", "down")):
            field.open()
            await pilot.press(sign, key)
            assert isinstance(pilot.app.focused, PagedTable)
            assert field.display
            assert field.value == sign, "opened again, one types anew over what stood there"

    with_filter(story)


def test_escape_clears_it_and_it_is_gone() -> None:
    async def story(pilot: Pilot[Any], field: Filter) -> None:
        assert not field.display
        field.open()
        await pilot.press("a", "escape")
        assert isinstance(pilot.app.focused, PagedTable)
        assert field.value == ""
        assert not field.display

    with_filter(story)


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=200))
def test_any_text_stands_in_it(text: str) -> None:
    async def story(pilot: Pilot[Any], field: Filter) -> None:
        field.open()
        field.value = text
        await pilot.pause()
        await pilot.press("enter")
        assert field.value == text

    with_filter(story)
