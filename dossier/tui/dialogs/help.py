"""Help for where one stands: what one does there, and every key that works there now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Static

from dossier.tui.here import possible
from dossier.tui.inert import inert
from dossier.tui.keys import bindings
from dossier.tui.modal import Modal
from dossier.tui.widgets.sheet import Entry, Section, Sheet

if TYPE_CHECKING:
    from dossier.tui.app import DossierApp

_ON_A_PAGE = (
    Entry("Arrows", "move, as do Page Up, Page Down, Home and End"),
    Entry("Mouse", "a click puts the cursor there, a second one opens, on a heading it sorts"),
    Entry("Esc", "goes back or closes; it never quits"),
)
_IN_A_DIALOG = (
    Entry("Tab", "to the next field, Shift+Tab to the one before"),
    Entry("Mouse", "a click goes to a field or presses a button"),
)


class Help(Modal[None]):
    """The help of a screen, as it stood when this was opened. Esc or ? closes it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("cancel")

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__()
        self._about = screen.HELP or ""
        groups: dict[str, list[Entry]] = {}
        for one in possible(screen):
            groups.setdefault(one.action.group, []).append(Entry(" ".join(one.keys), one.action.full))
        self._sections = [Section(title, entries) for title, entries in groups.items()]
        self._sections.append(Section("Besides", _IN_A_DIALOG if screen.is_modal else _ON_A_PAGE))

    def compose(self) -> ComposeResult:
        """What one does here, then the keys."""
        with Vertical(classes="dialog help"):
            yield Static("Help", classes="dialog--title", markup=False)
            yield Static(inert(self._about), classes="help--about", markup=False)
            yield Sheet()

    def on_mount(self) -> None:
        """Show the keys, ready to be scrolled."""
        sheet = self.query_one(Sheet)
        sheet.show(self._sections)
        sheet.focus()


def open_help(app: DossierApp) -> None:
    """Show the help of the screen that is seen, or close it; a blank screen has none."""
    if isinstance(app.screen, Help):
        app.screen.dismiss()
    elif not app.is_blank:
        app.push_screen(Help(app.screen))
