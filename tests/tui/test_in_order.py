"""Letters and editing keys in one burst."""

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.containers import Vertical

from dossier.tui.widgets.line import Line
from dossier.tui.widgets.note import Note


class Fields(App[None]):
    def compose(self) -> ComposeResult:
        with Vertical(), Vertical():
            yield Line(id="line")
            yield Note(id="note")


async def typed(field: str) -> str:
    app = Fields()
    async with app.run_test() as pilot:
        widget = app.query_one(f"#{field}")
        widget.focus()
        await pilot.pause()
        for key in [*"duong", *["backspace"] * 5, *"ab", "home", "z", "end", "c"]:
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        await pilot.pause()
        return str(widget.text if isinstance(widget, Note) else app.query_one(Line).value)


@pytest.mark.parametrize("field", ["line", "note"])
def test_each_key_acts_on_what_was_typed_before_it(field: str) -> None:
    assert asyncio.run(typed(field)) == "zabc"
