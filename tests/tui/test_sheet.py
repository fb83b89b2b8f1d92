"""The sheet of labelled lines and the detail under a table: any text, inert; secrets masked; nothing kept."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from dossier.tui.inert import MASK
from dossier.tui.widgets.detail import Detail
from dossier.tui.widgets.sheet import Entry, Section, Sheet
from tests.tui.test_paged_table import texts


class Shown(App[None]):
    """A sheet and a detail."""

    CSS = "Detail { height: auto; max-height: 4; }"

    def compose(self) -> ComposeResult:
        yield Sheet()
        yield Detail()

    def text(self) -> str:
        lines = self.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in lines)


entries = st.builds(
    Entry, label=texts, text=texts, secret=st.booleans(), look=st.sampled_from(["", "bad", "soft"])
)
sections = st.lists(st.builds(Section, title=texts, entries=st.lists(entries, max_size=3)), max_size=3)


def test_any_text_is_shown_inert() -> None:
    async def run() -> None:
        app = Shown()
        async with app.run_test(size=(50, 20)) as pilot:
            found: list[tuple[list[Section], bool]] = []

            @given(shown=sections, masked=st.booleans())
            @settings(max_examples=25, deadline=None, database=None)
            def collect(shown: list[Section], masked: bool) -> None:
                found.append((shown, masked))

            collect()
            for shown, masked in found:
                app.query_one(Sheet).masked = app.query_one(Detail).masked = masked
                app.query_one(Sheet).show(shown)
                app.query_one(Detail).tell([(one.text, one.secret) for part in shown for one in part.entries])
                await pilot.pause()
                assert "\x1b" not in app.text()
                assert app.is_running

    asyncio.run(run())


def test_secrets_are_masked_until_they_are_not_and_nothing_is_kept() -> None:
    async def run() -> None:
        app = Shown()
        async with app.run_test(size=(60, 20)) as pilot:
            sheet, detail = app.query_one(Sheet), app.query_one(Detail)
            sheet.masked = detail.masked = True
            sheet.show([Section("Note", [Entry("Wine", "[b]red[/b]", secret=True), Entry("Since", "2020")])])
            detail.tell([("Đặng", False), ("likes tea", True)])
            await pilot.pause()
            assert app.text().count(MASK) == 2
            assert "red" not in app.text()
            assert "tea" not in app.text()
            sheet.masked = detail.masked = False
            await pilot.pause()
            assert "[b]red[/b]" in app.text()
            assert "Đặng · likes tea" in app.text()
            sheet.forget()
            detail.forget()
            await pilot.pause()
            assert not app.text().strip()
            assert not sheet._sections
            assert not detail.parts

    asyncio.run(run())
