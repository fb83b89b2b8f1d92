"""The promises board: all that is open between us and the clients, in groups, the worst first (B2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Static

from dossier.domain.board import Group
from dossier.domain.text import count_of
from dossier.domain.vocabulary import By
from dossier.services import promises
from dossier.services.board import board, count
from dossier.services.shapes import Shape
from dossier.services.shapes_work import owes_notice
from dossier.tui import in_full
from dossier.tui.deeds import Target
from dossier.tui.inert import inert
from dossier.tui.keys import bindings
from dossier.tui.page import Page
from dossier.tui.screens.today import LOCKED
from dossier.tui.widgets.filter import Filter
from dossier.tui.widgets.paged_table import Cell, Column, Heading, Line, PagedTable
from dossier.tui.widgets.sheet import Sheet

_STYLE = {Group.UNTOLD: "bad", Group.LATE: "warn"}

NOTHING_OPEN = "No promise is open, neither ours nor theirs."
NOTHING_FOUND = "No open promise of that name, or to anybody of that name."


def late_cell(shape: Shape) -> Cell:
    """How late an open promise or step is, or how far ahead: `+9d`, `today`, `in 3d`."""
    days: int = shape["days_late"]
    if days > 0:
        return Cell(f"+{days}d", "bad")
    return Cell("today", "strong") if days == 0 else Cell(f"in {-days}d", "soft")


def notice_cell(shape: Shape) -> Cell:
    """Whether they know that it is late or was moved, where that is owed; whose promise it is, where it is theirs."""
    if shape["by"] == By.THEM:
        return Cell("theirs", "soft")
    if owes_notice(shape):
        return Cell("not told", "bad")
    return Cell("told", "soft") if shape["notified"] else Cell("")


COLUMNS = (
    Column("Due", 10, lambda shape: Cell(shape["due_on"]), yields=2),
    Column("Late", 6, late_cell, right=True),
    Column("Account", 14, lambda shape: Cell(shape["account"], "strong"), flex=2),
    Column("Person", 12, lambda shape: Cell(shape["person"] or ""), flex=1, yields=1),
    Column(
        "Promise",
        28,  # at 80 columns the day goes: how late it is says the same, and the day stands below
        lambda shape: Cell(shape["title"], secret=True) if shape["title"] else Cell(LOCKED, "soft"),
        flex=4,
    ),
    Column("Notice", 8, notice_cell),
)


class Board(Page):
    """Every open promise under its group; what it takes to act on one is a key."""

    AUTO_FOCUS = "PagedTable"
    BINDINGS: ClassVar[list[BindingType]] = bindings("filter")
    HELP: ClassVar[str] = (
        "Every promise that is open, the worst first: late and nobody there was told, late and they know, due this "
        "week, later, and what they promised us. Enter opens the dossier at its promises. What stands below the table "
        "tells why a promise was moved and who was told; Tab goes there, to read on. The filter takes parts of names "
        "and, unlocked, of titles; Esc ends it."
    )
    TITLES_ONLY: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (36, "-high")]
        self._to_top = False
        """Whether what is shown next begins anew, with the cursor on the first row."""

    def body(self) -> ComposeResult:
        """How many there are and the filter, the promises, and all about the one under the cursor."""
        with Horizontal(classes="count-line"):
            yield Static(id="count", markup=False)
            yield Filter(placeholder="Part of a title or name")
        yield PagedTable(COLUMNS, empty=NOTHING_OPEN, id="promises")
        yield Sheet(id="in-full")

    async def load(self) -> None:
        """Fetch which promises are open, in their groups."""
        text = self.query_one(Filter).value
        groups = await self.dossier.desk.ask(board, text=text)
        found, everything = sum(len(group["ids"]) for group in groups), await self.dossier.desk.ask(count)
        table = self.query_one(PagedTable)
        table.empty = NOTHING_FOUND if text.strip() else NOTHING_OPEN
        lines: list[Line] = []
        for group in groups:
            if group["ids"]:
                title = f"{group['title']} · {count_of(len(group['ids']), 'promise')}"
                lines.append(Heading(title, _STYLE.get(group["group"], "heading")))
                lines += group["ids"]
        table.show(lines, self.fetching(self._fetch))
        if self._to_top:
            self._to_top = False
            table.action_first()
        said = count_of(everything, "promise")
        if text.strip():
            said = f"{found} of {said} shown"
        self.query_one("#count", Static).update(inert(said))
        self.on_paged_table_moved()

    async def _fetch(self, ids: Sequence[int]) -> Mapping[int, Shape]:
        return {shape["id"]: shape for shape in await self.dossier.desk.ask(promises.page, ids)}

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the promises that go by what is typed."""
        self._to_top = bool(event.value)  # with the filter gone, one stays on what one found
        self.reload()

    def action_filter(self) -> None:
        """Type a part of a name."""
        self.query_one(Filter).open()

    def action_back(self) -> None:
        """First no longer filter."""
        field = self.query_one(Filter)
        if field.display:
            field.action_give_up()
        else:
            super().action_back()

    def target(self) -> Target | None:
        """The promise."""
        shape: Shape | None = self.query_one(PagedTable).row if self.is_mounted else None
        if shape is None:
            return None
        return Target("promise", shape["id"], shape["account_id"], by=shape["by"])

    def on_paged_table_moved(self) -> None:
        """Tell all about the promise."""
        shape: Shape | None = self.query_one(PagedTable).row
        sheet = self.query_one("#in-full", Sheet)
        sheet.show(in_full.sections("promise", shape, self.dossier.today()) if shape else ())
        sheet.scroll_home(animate=False)
        self.refresh_bindings()

    def on_paged_table_opened(self) -> None:
        """Open the account's dossier at its promises."""
        if target := self.target():
            self.dossier.open_account(target.account_id, "promises")
