"""History: every change that was made, the newest first, any of which can be taken back (C2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from dossier.domain.text import count_of, joined, one_line
from dossier.services import history
from dossier.services.shapes import Shape
from dossier.services.undo import outlook
from dossier.tui.keys import bindings
from dossier.tui.page import Page
from dossier.tui.screens.today import LOCKED
from dossier.tui.widgets.paged_table import Cell, Column, PagedTable
from dossier.tui.widgets.sheet import Entry, Section, Sheet


def _what(change: Shape) -> Cell:
    words = history.in_words(change["command"])
    return Cell(f"{words}: change {change['undoes']}" if change["undoes"] else words)


def _summary(change: Shape) -> Cell:
    return Cell(LOCKED, "soft") if change.get("locked") else Cell(change["summary"] or "", secret=True)


def _state(change: Shape) -> Cell:
    if change["undone_by"]:
        return Cell(f"by {change['undone_by']}", "warn")
    return Cell("forgotten" if change["forgotten"] else "", "soft")


def when(change: Shape) -> str:
    """The moment of a change, to the minute."""
    at: str = change["at"]
    return at[:16].replace("T", " ")


COLUMNS = (
    Column("No.", 6, lambda change: Cell(str(change["id"]), "soft"), right=True),
    Column("When", 16, lambda change: Cell(when(change), "soft")),
    Column("What", 24, _what),
    Column("About", 12, _summary, flex=1),
    Column("Taken back", 10, _state, yields=1),
)


class History(Page):
    """Every change, and what it changed."""

    AUTO_FOCUS = "PagedTable"
    BINDINGS: ClassVar[list[BindingType]] = bindings("undo")
    HELP: ClassVar[str] = (
        "Every change that was made to the vault, here or in the shell, the newest first; below the table, what the "
        "one under the cursor changed. The key of undo takes that one back, after asking; where later changes "
        "stand in the way it says which. What was taken back is itself a change, so taking that back brings it again."
    )

    def body(self) -> ComposeResult:
        """The changes, and all about the one under the cursor."""
        yield PagedTable(COLUMNS, empty="Nothing was changed yet.", id="changes")
        yield Sheet(id="in-full")

    async def load(self) -> None:
        """Fetch the numbers; the table fetches what is seen."""
        self.query_one(PagedTable).show(await self.dossier.desk.ask(history.ids), self.fetching(self._fetch))

    async def _fetch(self, numbers: Sequence[int]) -> dict[int, Shape]:
        return {change["id"]: change for change in await self.dossier.desk.ask(history.page, numbers)}

    def on_paged_table_moved(self) -> None:
        """Tell all about the change."""
        self.newest(self._tell, group="in-full")

    async def _tell(self) -> None:
        number: int | None = self.query_one(PagedTable).key
        sections: Sequence[Section] = ()
        if number is not None:
            sections = (_section(await self.dossier.desk.ask(history.in_full, number)),)
        sheet = self.query_one("#in-full", Sheet)
        sheet.show(sections)
        sheet.scroll_home(animate=False)
        self.refresh_bindings()

    def action_undo(self) -> None:
        """Take back the change under the cursor, after asking; never another one, as the key does elsewhere."""
        change: Shape | None = self.query_one(PagedTable).row
        if change is not None and change["undone_by"]:
            self.dossier.tell(
                f"Change {change['id']} was taken back already, by change {change['undone_by']}."
            )
        elif change is not None:
            self.start(self._ask(change["id"]), group="undo")

    async def _ask(self, number: int) -> None:
        from dossier.tui.dialogs.take_back import TakeBack

        await self.app.push_screen(TakeBack(await self.dossier.desk.ask(outlook, number)))


def _section(change: Shape) -> Section:
    title = joined(f"Change {change['id']}", when(change), history.in_words(change["command"]))
    if change.get("locked"):
        return Section(title, [Entry("What", LOCKED, look="soft")])
    return Section(title, list(_entries(change)))


def _entries(change: Shape) -> Iterator[Entry]:
    if change["summary"]:
        yield Entry("What", change["summary"], secret=True)
    if change["undone_by"]:
        yield Entry("State", f"taken back by change {change['undone_by']}", look="warn")
    if change["forgotten"]:
        yield Entry("History", "forgotten: it cannot be taken back", look="soft")
    for line in change["lines"]:
        label = f"{line['noun'].replace('_', ' ')} {line['id']}"
        if line["fields"]:
            for name, values in line["fields"].items():
                told = f"{name.replace('_', ' ')}: {_value(values['from'])} → {_value(values['to'])}"
                yield Entry(label, told, secret=True)
        elif line["label"]:
            yield Entry(label, f"{line['action']}: {line['label']}", secret=True)
        else:
            yield Entry(label, line["action"])
    if change["more"]:
        yield Entry("", f"and {count_of(change['more'], 'more record')}", look="soft")


def _value(value: Any) -> str:
    if value in (None, "", []):
        return "nothing"
    return one_line(", ".join(map(str, value)) if isinstance(value, list) else str(value))
