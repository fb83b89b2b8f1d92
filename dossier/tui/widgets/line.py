"""One line of typed text, shown as it is."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.widgets import Input

from dossier.tui.inert import harmless
from dossier.tui.widgets.in_order import InOrder


class Line(InOrder, Input):
    """An `Input` of one row whose text never steers the terminal, whatever was pasted or stored."""

    def __init__(self, value: str | None = None, *, placeholder: str = "", id: str | None = None) -> None:
        # One goes on where a text ends: what is selected, the next key would wipe out.
        super().__init__(value, placeholder=placeholder, select_on_focus=False, compact=True, id=id)

    @property
    def _value(self) -> Text:
        shown = harmless(self.value).replace("\n", " ").replace("\t", " ")
        return Text(shown, no_wrap=True, overflow="ignore", end="")

    def _on_paste(self, event: events.Paste) -> None:
        # The toolkit would take the first line and drop the others without a word.
        event.prevent_default().stop()
        self.replace(" ".join(event.text.splitlines()), *sorted(self.selection))
