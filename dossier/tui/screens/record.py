"""One record in full, to be read: what Enter opens where a row of a table has no room for all of it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from dossier.errors import NotFound
from dossier.services.shapes import Shape
from dossier.tui import in_full
from dossier.tui.deeds import Target
from dossier.tui.page import Page
from dossier.tui.widgets.foot import Foot
from dossier.tui.widgets.sheet import Sheet


class RecordInFull(Page, ModalScreen[None]):
    """All about one record, over the page where it was opened: `app.push_screen(RecordInFull("interaction", 12))`.

    For every noun in `in_full.FETCH`: interaction, promise, step, fact, occasion, relative. It is masked or revealed
    as the page below it is, which is not left; the keys that fit the record act on it.
    """

    AUTO_FOCUS = "Sheet"
    HELP: ClassVar[str] = "A record in full, to be read. Esc goes back to where one was."

    def __init__(self, noun: str, number: int) -> None:
        """The record of this noun with this number."""
        super().__init__()
        self._noun, self._number = noun, number
        self._shape: Shape | None = None

    def compose(self) -> ComposeResult:
        """The record, and what can be done with it."""
        with Vertical(classes="reading"):
            yield Sheet(id="record")
        yield Foot()

    def mask(self) -> None:
        """Hide what the settings say is hidden; at first what the page below hides."""
        super().mask()
        if not self.is_mounted:
            below = [page for page in self.app.screen_stack if isinstance(page, Page) and page is not self]
            self.revealed = below[-1].revealed if below else self.revealed
            self.watch_revealed()

    async def load(self) -> None:
        """Fetch the record; what is there no longer is left."""
        try:
            self._shape = await self.dossier.desk.ask(in_full.FETCH[self._noun], self._number)
        except NotFound:
            if self.app.screen is self:
                self.app.pop_screen()
            return
        sheet = self.query_one(Sheet)
        sheet.show(in_full.sections(self._noun, self._shape, self.dossier.today()))
        self.refresh_bindings()

    def forget(self) -> None:
        """Hold no record."""
        super().forget()
        self._shape = None

    def target(self) -> Target | None:
        """The record."""
        shape = self._shape
        if shape is None:
            return None
        return Target(
            self._noun,
            self._number,
            shape["account_id"],
            shape.get("person_id"),
            by=shape.get("by"),
            settled=shape.get("state", "open") != "open",
        )
