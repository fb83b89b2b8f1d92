"""What is known about an account and its people, with source and age; and the dates to remember (A3, A10)."""

from __future__ import annotations

from datetime import date

from textual.app import ComposeResult

from dossier.domain.completeness import age_words, is_stale
from dossier.services import facts, occasions
from dossier.services.shapes import Shape, day
from dossier.tui import in_full
from dossier.tui.deeds import Target
from dossier.tui.screens.pane import Pane
from dossier.tui.screens.today import LOCKED
from dossier.tui.widgets.paged_table import Cell, Column, Heading, Line, PagedTable
from dossier.tui.widgets.sheet import Sheet

Key = tuple[str, int]
"""The noun and the number of a fact or an occasion."""


class Facts(Pane):
    """Facts about the account, then about each of its people; occasions after them, the next one first."""

    def compose(self) -> ComposeResult:
        """What is known, and all about the row under the cursor."""
        columns = (
            Column("About", 16, lambda known: Cell(known["person"] or "the account", "strong"), flex=1),
            Column("Kind", 11, lambda known: self._hidden(known, known["kind"])),
            Column(
                "What", 22, lambda known: self._hidden(known, known.get("text") or known.get("title")), flex=4
            ),
            Column(
                "From", 12, lambda known: self._hidden(known, known.get("source"), "soft"), flex=1, yields=2
            ),
            Column("Confirmed", 21, self._age, yields=1),
        )
        yield PagedTable(columns, empty="Nothing is known yet.")
        yield Sheet(id="in-full")

    @property
    def _today(self) -> date:
        return self.page.dossier.today()

    def _hidden(self, known: Shape, text: str | None, look: str = "") -> Cell:
        if known.get("locked"):
            return Cell(LOCKED, "soft")
        return Cell(text or "", look, secret=True)

    def _age(self, known: Shape) -> Cell:
        if "confirmed_on" not in known:
            coming = known["next_on"]
            return self._hidden(known, f"on {coming}" if coming else known["date"])
        confirmed = day(known["confirmed_on"])
        return self._hidden(
            known, age_words(confirmed, self._today), "warn" if is_stale(confirmed, self._today) else "soft"
        )

    async def load(self) -> None:
        """Fetch facts and occasions."""
        ask, ref = self.page.dossier.desk.ask, f"a{self.account_id}"
        rows: dict[Key, Shape] = {}
        lines: list[Line] = []
        for title, noun, listed in (
            ("Facts", "fact", await ask(facts.listed, ref=ref)),
            ("Occasions", "occasion", await ask(occasions.listed, ref=ref)),
        ):
            found = {(noun, known["id"]): known for known in listed}
            if found:
                rows |= found
                lines += [Heading(title), *found]
        self.query_one(PagedTable).show_rows(lines, rows)

    def target(self) -> Target | None:
        """The fact or occasion under the cursor."""
        table = self.query_one(PagedTable)
        if table.row is None:
            return None
        noun, number = table.key
        return Target(noun, number, self.account_id, table.row["person_id"])

    def on_paged_table_moved(self) -> None:
        """Tell all about it."""
        table = self.query_one(PagedTable)
        known: Shape | None = table.row
        sheet = self.query_one("#in-full", Sheet)
        sheet.show(in_full.sections(table.key[0], known, self._today) if known else ())
        sheet.scroll_home(animate=False)

    def on_paged_table_opened(self) -> None:
        """Read it."""
        self.read()
