"""Accounts: all of them in a table, filtered as one types and in any order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Static

from dossier.domain.text import count_of, in_days
from dossier.services import accounts
from dossier.services.shapes import Shape
from dossier.tui.deeds import Target
from dossier.tui.inert import inert
from dossier.tui.keys import bindings
from dossier.tui.page import Page
from dossier.tui.widgets.filter import Filter
from dossier.tui.widgets.paged_table import Cell, Column, PagedTable


def _name(account: Shape) -> Cell:
    return Cell(account["name"], "strong" if account["status"] == "active" else "soft")


def _last_contact(account: Shape) -> Cell:
    days = account["days_since_contact"]
    return Cell("never", "soft") if days is None else Cell(in_days(-days))


def _days_over(account: Shape) -> Cell:
    days = account["days_over"]
    words = f"{days} over" if days > 0 else f"{-days} left" if days else "today"
    return Cell(words, "bad" if account["late"] else "soft")


def _count(number: int, look: str = "") -> Cell:
    return Cell(str(number) if number else "", look)


COLUMNS = (
    Column("Account", 22, _name, flex=4, sort="name"),
    Column("Tier", 9, lambda account: Cell(account["tier"]), flex=1, sort="tier"),
    Column("Status", 8, lambda account: Cell(account["status"], "soft"), flex=1, yields=2, sort="status"),
    Column("Last contact", 14, _last_contact, flex=1, yields=1, sort="last_contact"),
    Column(
        "On",
        10,
        lambda account: Cell(account["last_contact_on"] or "", "soft"),
        yields=3,
        sort="last_contact",
    ),
    Column("Cadence", 9, _days_over, right=True, sort=accounts.DAYS_OVER),
    Column("Open", 6, lambda account: _count(account["open_promises"]), right=True, sort="open_promises"),
    Column(
        "Late",
        6,
        lambda account: _count(account["overdue_promises"], "bad"),
        right=True,
        sort="late_promises",
    ),
)

_ORDERS = {
    "name": ("name", "name, from the end"),
    "tier": ("tier, key first", "tier, prospects first"),
    "status": ("status, active first", "status, former first"),
    "last_contact": ("last contact, longest ago first", "last contact, newest first"),
    accounts.DAYS_OVER: ("days over cadence, least first", "days over cadence, most first"),
    "open_promises": ("open promises, fewest first", "open promises, most first"),
    "late_promises": ("late promises, fewest first", "late promises, most first"),
}
"""The orders in words, and the other way round."""

_WORST_IS_MOST = frozenset({accounts.DAYS_OVER, "open_promises", "late_promises"})
"""The orders that begin with the greatest: there one looks for trouble."""


class Accounts(Page):
    """All accounts."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("filter", "sort", "turn")
    HELP: ClassVar[str] = (
        "All accounts. Cadence counts against the longest that an account may go without contact: 5 over is five days "
        "late, 3 left leaves three. The filter takes parts of names, aliases, mails and phones, and whole tiers and "
        "states, as key or dormant; case and accents make no difference. A click on a heading sorts, a second one "
        "turns the order round."
    )

    def __init__(self) -> None:
        super().__init__()
        self._sort, self._descending = "name", False
        self._to_top = False
        """Whether what is shown next begins anew, with the cursor on the first row."""

    def body(self) -> ComposeResult:
        """How many there are, the filter, the accounts."""
        with Horizontal(classes="count-line"):
            yield Static(id="count", markup=False)
            yield Filter("#accounts", placeholder="Part of a name, mail or phone; tier, status")
        yield PagedTable(COLUMNS, empty="No account goes by that.", id="accounts")

    async def load(self) -> None:
        """Fetch the order; the table fetches what is seen of it."""
        ask, text = self.dossier.desk.ask, self.query_one(Filter).value
        found = await ask(accounts.ordered, text=text, sort=self._sort, descending=self._descending)
        everything = len(await ask(accounts.ordered)) if text else len(found)
        table = self.query_one(PagedTable)
        table.sorted_by = (self._sort, self._descending)
        table.empty = "No account goes by that." if everything else self._none_yet()
        table.show(found, self.fetching(self._fetch))
        if self._to_top:
            self._to_top = False
            table.action_first()
        count = f"{len(found)} of {everything}" if text else count_of(everything, "account")
        count += f" by {_ORDERS[self._sort][self._descending]}" if found else ""
        self.query_one("#count", Static).update(inert(count), layout=False)

    def _none_yet(self) -> str:
        return f"No accounts yet. {self.dossier.key_of('add')} adds one."

    async def _fetch(self, ids: Sequence[int]) -> dict[int, Any]:
        shapes = await self.dossier.desk.ask(accounts.page, ids)
        return {shape["id"]: shape for shape in shapes}

    def target(self) -> Target | None:
        """The account under the cursor."""
        number: int | None = self.query_one(PagedTable).key if self.is_mounted else None
        return None if number is None else Target("account", number, number)

    # --- Filter and order ---------------------------------------------------------------------------------------------

    def action_filter(self) -> None:
        """Type a part of what one looks for."""
        self.query_one(Filter).open()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what goes by what is typed; while that is sought, only the newest of what follows waits."""
        self._to_top = bool(event.value)  # with the filter gone, one stays on what one found
        self.reload()

    def action_back(self) -> None:
        """First no longer filter."""
        field = self.query_one(Filter)
        if field.display:
            field.action_give_up()
        else:
            super().action_back()

    def action_sort(self) -> None:
        """Order by the next column that there is room for."""
        sorts = self.query_one(PagedTable).sorts
        sort = sorts[(sorts.index(self._sort) + 1) % len(sorts)] if self._sort in sorts else sorts[0]
        self._order(sort, descending=sort in _WORST_IS_MOST)

    def action_turn(self) -> None:
        """The other way round."""
        self._order(self._sort, descending=not self._descending)

    def on_paged_table_sort_asked(self, event: PagedTable.SortAsked) -> None:
        """Order by the column that was clicked; clicked again, the other way round."""
        if event.sort == self._sort:
            self.action_turn()
        else:
            self._order(event.sort, descending=event.sort in _WORST_IS_MOST)

    def _order(self, sort: str, *, descending: bool) -> None:
        self._sort, self._descending, self._to_top = sort, descending, True
        self.reload()

    # --- The cursor ---------------------------------------------------------------------------------------------------

    def on_paged_table_moved(self) -> None:
        """Other keys may fit now."""
        self.refresh_bindings()

    def on_paged_table_opened(self, event: PagedTable.Opened) -> None:
        """Open the dossier."""
        self.dossier.open_account(event.table.key)
