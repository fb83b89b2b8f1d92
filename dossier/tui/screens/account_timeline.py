"""Everything that happened with an account, the newest first (B1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.app import ComposeResult

from dossier.services import timeline
from dossier.services.shapes import Shape
from dossier.tui import in_full
from dossier.tui.deeds import Target
from dossier.tui.screens.pane import Pane
from dossier.tui.screens.today import LOCKED
from dossier.tui.widgets.paged_table import Cell, Column, Heading, Line, PagedTable
from dossier.tui.widgets.sheet import Entry, Section, Sheet

_WORDS = {
    "added": "new person",
    "made": "promised",
    "agreed": "next step",
    "done": "step done",
    "dropped": "step dropped",
}
"""How an event is called where its own name says too little."""

_LOOK = {"moved": "warn", "kept": "good", "done": "good", "withdrawn": "soft", "dropped": "soft"}


def _event(event: Shape) -> Cell:
    name: str = event["event"]
    return Cell(_WORDS.get(name, name), _LOOK.get(name, ""))


def _text(event: Shape) -> Cell:
    if event["noun"] == "person":
        return Cell(event["text"])
    if event.get("locked"):
        return Cell(LOCKED, "soft")
    return Cell(event["text"] or "", secret=True)


def _rest(event: Shape) -> Cell:
    # What is told while locked, dates and positions, is no secret.
    return Cell(event["detail"] or "", "soft", secret=event["noun"] != "person" and not event.get("locked"))


COLUMNS = (
    Column("Day", 10, lambda event: Cell(event["on"])),
    Column("Event", 12, _event),
    Column("Who", 14, lambda event: Cell(event["person"] or ""), flex=1),
    Column("What", 18, _text, flex=3),
    Column("More", 14, _rest, flex=3, yields=1),
)


class Timeline(Pane):
    """The events by day, of which only those in view are fetched."""

    def __init__(self, account_id: int) -> None:
        super().__init__(account_id)
        self._record: tuple[str, int, Shape] | None = None
        """Noun, number and shape of the record that is told in full."""

    def compose(self) -> ComposeResult:
        """The events, and all about the one under the cursor."""
        yield PagedTable(COLUMNS, empty="Nothing happened yet.")
        yield Sheet(id="in-full")

    async def load(self) -> None:
        """Fetch the outline."""
        entries = await self.page.dossier.desk.ask(timeline.entries, account_id=self.account_id)
        self.query_one(PagedTable).show(list(_by_year(entries)), self.page.fetching(self._fetch))

    async def _fetch(self, entries: Sequence[timeline.Entry]) -> dict[timeline.Entry, Shape]:
        shapes = await self.page.dossier.desk.ask(timeline.page, entries)
        return dict(_paired(entries, shapes))

    def forget(self) -> None:
        """Hold no record."""
        self._record = None

    def target(self) -> Target | None:
        """The record of the event under the cursor; what can be done with it is known once it is told in full."""
        event: Shape | None = self.query_one(PagedTable).row
        if event is None:
            return None
        noun, number = event["noun"], event["id"]
        shape = self._record[2] if self._record and self._record[:2] == (noun, number) else {}
        person_id = number if noun == "person" else shape.get("person_id")
        return Target(
            noun,
            number,
            self.account_id,
            person_id,
            by=shape.get("by"),
            settled=shape.get("state") != "open",
        )

    def on_paged_table_moved(self) -> None:
        """Fetch all about it."""
        self.page.newest(self._tell, group="in-full")

    async def _tell(self) -> None:
        event: Shape | None = self.query_one(PagedTable).row
        sheet, sections = self.query_one("#in-full", Sheet), list[Section]()
        self._record = None
        if event is not None:
            noun, number = event["noun"], event["id"]
            if noun == "person":
                sections = [Section(event["text"], [Entry("Position", event["detail"] or "not known")])]
            else:
                shape = await self.page.dossier.desk.ask(in_full.FETCH[noun], number)
                self._record = noun, number, shape
                sections = in_full.sections(noun, shape, self.page.dossier.today())
        sheet.show(sections)
        sheet.scroll_home(animate=False)
        self.page.refresh_bindings()

    def on_paged_table_opened(self) -> None:
        """Open the record: a person on their page, anything else to read it."""
        target = self.target()
        if target is None:
            return
        if target.noun == "person":
            self.page.dossier.open_person(target.id)
        else:
            self.read()


def _by_year(entries: Sequence[timeline.Entry]) -> Iterator[Line]:
    year = ""
    for entry in entries:
        if entry.on[:4] != year:
            year = entry.on[:4]
            yield Heading(year)
        yield entry


def _paired(
    entries: Sequence[timeline.Entry], shapes: Sequence[Shape]
) -> Iterator[tuple[timeline.Entry, Shape]]:
    """Each entry with its shape; those whose record is gone have none."""
    left = iter(shapes)
    shape = next(left, None)
    for entry in entries:
        if (
            shape is not None
            and (shape["on"], shape["event"]) == (entry.on, entry.event)
            and _same(entry, shape)
        ):
            yield entry, shape
            shape = next(left, None)


def _same(entry: timeline.Entry, shape: Shape) -> bool:
    # Of a move the shape names the promise, which has other numbers.
    return entry.noun == "promise_move" or (shape["noun"], shape["id"]) == (entry.noun, entry.id)
