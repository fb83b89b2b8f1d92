"""Text from the vault on its way to the screen: nothing in it steers the terminal or is read as markup (C1)."""

from __future__ import annotations

from rich.cells import cached_cell_len, cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.widget import Widget

from dossier.domain.text import one_line, safe_text

MASK = "••••••"
"""What a hidden secret looks like; as long for a short one as for a long one."""


def inert(text: str, style: str | Style = "") -> Text:
    """Text of any shape that shows as it is; its lines stay."""
    return Text(safe_text(text), style=style, no_wrap=False)


class _Harmless(dict[int, str]):
    """A translation table that decides each code point once."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        shown = safe_text(char)
        # An invisible space takes as many cells as Textual counts for what it stands in for: none.
        self[point] = shown if shown == char or (shown and shown.isprintable()) else "\u200b"
        return self[point]


_HARMLESS = _Harmless()


def harmless(text: str) -> str:
    """The text of a field: nothing in it steers the terminal, yet the cursor finds each character in its place."""
    return text if text.isprintable() else text.translate(_HARMLESS)


def fit(text: str, width: int, *, right: bool = False) -> str:
    """The text on one line of exactly `width` cells, whatever its script; what does not fit ends in an ellipsis."""
    text = one_line(text)
    length = cell_len(text)
    if length > width:
        # Half a wide character is a blank, which would stand before the ellipsis.
        text = set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""
        length = cell_len(text)
    return " " * (width - length) + text if right else text + " " * (width - length)


def forget_widths() -> None:
    """Hold no text that was measured: the libraries remember the widths of thousands, whatever they say."""
    cached_cell_len.cache_clear()
    Segment._split_cells.cache_clear()  # noqa: SLF001 - it has no other way to forget


def forget_picture(widget: Widget) -> None:
    """Let a widget hold no picture of what it showed, though it may not be seen, and so not drawn anew, for long."""
    widget._render_cache = widget._render_cache._replace(lines=[])  # noqa: SLF001 - it has no other way to forget
    widget.refresh()
