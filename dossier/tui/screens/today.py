"""Today: the agenda in groups, the worst first, and what to do about each item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult

from dossier.domain.agenda import GROUPS, Item, group_of
from dossier.domain.vocabulary import ItemKind
from dossier.services import accounts, agenda
from dossier.tui.deeds import Target
from dossier.tui.page import Page
from dossier.tui.widgets.detail import Detail
from dossier.tui.widgets.paged_table import Cell, Column, Heading, Line, PagedTable

LOCKED = "locked"
"""What stands where a title would, while the vault is locked."""

_GROUP_STYLE = dict(zip(GROUPS, ("bad", "warn", "warn", "heading", "heading", "heading"), strict=True))

NOTHING_DUE = "Nothing is due. Time for a call that nobody expects."

_WORK = {
    ItemKind.PROMISE_OVERDUE: "promise",
    ItemKind.PROMISE_DUE: "promise",
    ItemKind.NEXT_STEP: "step",
}
"""The items whose id is that of a record that one acts on."""


def _keyed(items: Iterable[Item]) -> dict[tuple[object, ...], Item]:
    """The items by what tells one from the others, whatever day it is; no title, for a key is kept while locked.

    Birthdays go by the ids of people and of relatives, which may be the same: those are counted.
    """
    found: dict[tuple[object, ...], Item] = {}
    alike = Counter[tuple[object, ...]]()
    for item in items:
        same = item.kind, item.id, item.person_id
        found[*same, alike[same]] = item
        alike[same] += 1
    return found


def _when(item: Item) -> Cell:
    # The day of an occasion is as secret as whose it is: the birthday of somebody who is named beside it.
    secret = item.kind == ItemKind.OCCASION
    if item.days_late > 0:
        return Cell(f"{item.days_late}d late", "bad", secret)
    return (
        Cell("today", "strong", secret)
        if item.days_late == 0
        else Cell(f"in {-item.days_late}d", "soft", secret)
    )


def _title(item: Item) -> Cell:
    if item.title is None:
        return Cell(LOCKED, "soft")
    return Cell(item.title, secret=item.kind != ItemKind.CADENCE)


COLUMNS = (
    Column("When", 9, _when, right=True),
    Column("Account", 16, lambda item: Cell(item.account, "strong"), flex=2),
    Column("Person", 12, lambda item: Cell(item.person or ""), flex=1, yields=1),
    Column("What", 22, _title, flex=3),
    Column(
        "Why",
        44,
        lambda item: Cell(item.why, "soft", secret=item.kind == ItemKind.OCCASION),
        flex=2,
        yields=2,
    ),
)


class Today(Page):
    """The agenda of today and the next days."""

    HELP: ClassVar[str] = (
        "What is due, the worst first: promises that are late and of which nobody was told, promises due, accounts "
        "left alone for too long, occasions, next steps. Enter opens the dossier."
    )
    TITLES_ONLY: ClassVar[bool] = True

    def body(self) -> ComposeResult:
        """The items, and all about the one under the cursor."""
        yield PagedTable(COLUMNS, empty=NOTHING_DUE, id="agenda")
        yield Detail()

    async def load(self) -> None:
        """Fetch the agenda."""
        items = await self.dossier.desk.ask(agenda.items)
        rows = _keyed(items)
        lines: list[Line] = []
        for group in GROUPS:
            found = [
                key
                for key, item in rows.items()
                if group_of(item.kind, item.urgency, item.by, item.days_late) == group
            ]
            if found:
                lines += [Heading(group, _GROUP_STYLE[group]), *found]
        table = self.query_one(PagedTable)
        if not items:
            known = await self.dossier.desk.ask(accounts.ordered)
            table.empty = (
                NOTHING_DUE if known else f"Nothing here yet. {self.dossier.key_of('add')} adds an account."
            )
        table.show_rows(lines, rows)

    def target(self) -> Target | None:
        """The promise or step of the item; of an occasion whose it is, of a long silence the account."""
        item: Item | None = self.query_one(PagedTable).row if self.is_mounted else None
        if item is None:
            return None
        if noun := _WORK.get(item.kind):
            return Target(noun, item.id, item.account_id, item.person_id, by=item.by)
        if item.person_id:
            return Target("person", item.person_id, item.account_id, item.person_id)
        return Target("account", item.account_id, item.account_id)

    def on_paged_table_moved(self) -> None:
        """Tell all about the item."""
        item: Item | None = self.query_one(PagedTable).row
        self.query_one(Detail).tell(
            []
            if item is None
            else [
                (item.account, False),
                (item.title or LOCKED, True),
                (item.why, item.kind == ItemKind.OCCASION),
            ]
        )
        self.refresh_bindings()

    def on_paged_table_opened(self) -> None:
        """Open the dossier of the account; of a person's occasion theirs."""
        if target := self.target():
            if target.noun == "person":
                self.dossier.open_person(target.id)
            else:
                self.dossier.open_account(target.account_id)
