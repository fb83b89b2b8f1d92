"""All about the row under the cursor, where the table has no room for it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.app import RenderResult
from textual.reactive import reactive
from textual.widget import Widget

from dossier.tui.inert import MASK, inert


class Detail(Widget):
    """A few lines of text, some of it secret."""

    masked = reactive(default=False)
    """Whether secrets are hidden."""
    parts: reactive[tuple[tuple[str, bool], ...]] = reactive(())

    def tell(self, parts: Sequence[tuple[str, bool]]) -> None:
        """Show these texts, each with whether it is a secret."""
        self.parts = tuple(parts)

    def forget(self) -> None:
        """Show nothing and hold nothing."""
        self.parts = ()

    def render(self) -> RenderResult:
        """The texts in a row, as they wrap."""
        return Text(" · ").join(
            inert(MASK if secret and self.masked else text) for text, secret in self.parts if text
        )
