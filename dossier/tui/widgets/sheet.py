"""A page of labelled lines under headings: what is known, read from top to bottom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.style import Style
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.reactive import reactive
from textual.widgets import Static

from dossier.domain.text import one_line
from dossier.tui.inert import MASK, inert
from dossier.tui.keys import bindings

_WIDEST_LABEL = 24
"""Cells that a label takes at most."""


class Entry(NamedTuple):
    """A line: its label, its text, whether that is a secret, and its look (`bad`, `warn`, `good`, `soft`)."""

    label: str
    text: str
    secret: bool = False
    look: str = ""


class Section(NamedTuple):
    """Lines under a heading."""

    title: str
    entries: Sequence[Entry]


class Sheet(VerticalScroll, can_focus=True):
    """Sections of labelled lines, scrolled as a whole."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("down", "up", "first", "last", "page_down", "page_up")
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"sheet--{name}" for name in ("heading", "label", "bad", "warn", "good", "soft", "strong")
    }

    masked = reactive(default=False)
    """Whether secrets are hidden."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._sections: Sequence[Section] = ()

    def compose(self) -> ComposeResult:
        """One static text."""
        yield Static(markup=False)

    def show(self, sections: Sequence[Section]) -> None:
        """Show these sections; those without lines are left out."""
        self._sections = sections
        self._draw()

    def forget(self) -> None:
        """Show nothing and hold nothing."""
        self.show(())

    def watch_masked(self) -> None:
        """Hide or show."""
        self._draw()

    def on_mount(self) -> None:
        """Draw what was shown before there was a place to draw; and anew in other colours."""
        self._draw()
        self.app.theme_changed_signal.subscribe(self, lambda _: self._draw())

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        sections = [section for section in self._sections if section.entries]
        # The labels of all sections take the same width; a heading goes over it.
        widest = max((cell_len(entry.label) for section in sections for entry in section.entries), default=0)
        parts: list[RenderableType] = []
        for section in sections:
            if parts:
                parts.append(Text())
            heading = inert(one_line(section.title), self._style("heading"))
            heading.no_wrap, heading.overflow = True, "ellipsis"
            table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False, expand=True)
            table.add_column(no_wrap=True, width=min(widest, _WIDEST_LABEL))
            table.add_column(ratio=1)
            parts += [heading, table]
            for entry in section.entries:
                text = MASK if self.masked and entry.secret and entry.text else entry.text
                table.add_row(
                    inert(entry.label, self._style("label")),
                    inert(text, self._style(entry.look) if entry.look else Style()),
                )
        self.query_one(Static).update(Group(*parts))

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"sheet--{name}", partial=True)

    def action_down(self) -> None:
        """A line down."""
        self.scroll_down(animate=False)

    def action_up(self) -> None:
        """A line up."""
        self.scroll_up(animate=False)

    def action_first(self) -> None:
        """To the top."""
        self.scroll_home(animate=False)

    def action_last(self) -> None:
        """To the bottom."""
        self.scroll_end(animate=False)

    def action_page_down(self) -> None:
        """A screenful down."""
        self.scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """A screenful up."""
        self.scroll_page_up(animate=False)
