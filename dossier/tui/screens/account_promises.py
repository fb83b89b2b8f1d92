"""The promises of an account, with every move and its reason (B2)."""

from __future__ import annotations

from textual.app import ComposeResult

from dossier.services import promises
from dossier.services.shapes import Shape
from dossier.tui import in_full
from dossier.tui.deeds import Target
from dossier.tui.screens.pane import Pane
from dossier.tui.screens.today import LOCKED
from dossier.tui.widgets.paged_table import Cell, Column, Heading, Line, PagedTable
from dossier.tui.widgets.sheet import Sheet


def _what(promise: Shape) -> Cell:
    if promise["title"] is None:
        return Cell(LOCKED, "soft")
    return Cell(promise["title"], secret=True)


def _standing(promise: Shape) -> Cell:
    if promise["state"] != "open":
        return Cell(in_full.standing(promise), "soft")
    return Cell(in_full.standing(promise), in_full.look_of(promise))


COLUMNS = (
    Column("Due", 10, lambda promise: Cell(promise["due_on"])),
    Column("Whose", 6, lambda promise: Cell("ours" if promise["by"] == "us" else "theirs", "soft")),
    Column("What", 22, _what, flex=3),
    Column("Person", 14, lambda promise: Cell(promise["person"] or ""), flex=1, yields=1),
    Column("Stands", 34, _standing, flex=1),
)


class Promises(Pane):
    """The open ones first, by date; then those settled, the newest first."""

    def compose(self) -> ComposeResult:
        """The promises, and all about the one under the cursor."""
        yield PagedTable(COLUMNS, empty="No promises yet.")
        yield Sheet(id="in-full")

    async def load(self) -> None:
        """Fetch the promises with their moves."""
        found = await self.page.dossier.desk.ask(promises.listed, ref=f"a{self.account_id}", state=None)
        still = [promise for promise in found if promise["state"] == "open"]
        settled = [promise for promise in found if promise["state"] != "open"]
        settled.sort(key=lambda promise: promise["settled_on"] or "", reverse=True)
        lines: list[Line] = []
        for title, group in (("Open", still), ("Settled", settled)):
            if group:
                lines += [Heading(title), *(promise["id"] for promise in group)]
        self.query_one(PagedTable).show_rows(lines, {promise["id"]: promise for promise in found})

    def target(self) -> Target | None:
        """The promise under the cursor."""
        promise: Shape | None = self.query_one(PagedTable).row
        if promise is None:
            return None
        return Target(
            "promise",
            promise["id"],
            self.account_id,
            promise["person_id"],
            by=promise["by"],
            settled=promise["state"] != "open",
        )

    def on_paged_table_moved(self) -> None:
        """Tell all about it."""
        promise: Shape | None = self.query_one(PagedTable).row
        today = self.page.dossier.today()
        sheet = self.query_one("#in-full", Sheet)
        sheet.show(in_full.sections("promise", promise, today) if promise else ())
        sheet.scroll_home(animate=False)

    def on_paged_table_opened(self) -> None:
        """Read it."""
        self.read()
