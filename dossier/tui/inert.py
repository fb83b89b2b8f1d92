"""Text from the vault on its way to the screen: nothing in it steers the terminal or is read as markup (C1)."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from rich.style import Style
from rich.text import Text

from dossier.domain.text import one_line, safe_text

MASK = "••••••"
"""What a hidden secret looks like; as long for a short one as for a long one."""


def inert(text: str, style: str | Style = "") -> Text:
    """Text of any shape that shows as it is; its lines stay."""
    return Text(safe_text(text), style=style, no_wrap=False)


def fit(text: str, width: int, *, right: bool = False) -> str:
    """The text on one line of exactly `width` cells, whatever its script; what does not fit ends in an ellipsis."""
    text = one_line(text)
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…" if width > 0 else ""
    return " " * (width - length) + text if right else text + " " * (width - length)
