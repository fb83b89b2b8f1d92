"""Today: the agenda in groups, the worst first, and what to do about each item."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from dossier.domain.agenda import GROUPS, Item, group_of
from dossier.domain.vocabulary import ItemKind
from dossier.services import agenda
from dossier.tui.deeds import Target
from dossier.tui.page import Page
from dossier.tui.widgets.detail import Detail
from dossier.tui.widgets.paged_table import Cell, Column, Heading, Line, PagedTable

LOCKED = "locked"
"""What stands where a title would, while the vault is locked."""

_GROUP_STYLE = dict(zip(GROUPS, ("bad", "warn", "warn", "heading", "heading", "heading"), strict=True))

_WORK = {
    ItemKind.PROMISE_OVERDUE: "promise",
    ItemKind.PROMISE_DUE: "promise",
    ItemKind.NEXT_STEP: "step",
}
"""The items whose id is that of a record that one acts on."""


def _key(item: Item) -> tuple[object, ...]:
    """What tells an item from the others, whatever day it is: birthdays go by the ids of people and of relatives."""
    return item.kind, item.id, item.person_id, item.title


def _when(item: Item) -> Cell:
    if item.days_late > 0:
        return Cell(f"+{item.days_late}d", "bad")
    return Cell("today", "strong") if item.days_late == 0 else Cell(f"in {-item.days_late}d", "soft")


def _title(item: Item) -> Cell:
    if item.title is None:
        return Cell(LOCKED, "soft")
    return Cell(item.title, secret=item.kind != ItemKind.CADENCE)


COLUMNS = (
    Column("When", 6, _when, right=True),
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
        yield PagedTable(COLUMNS, empty="Nothing is due. Time for a call that nobody expects.", id="agenda")
        yield Detail()

    async def load(self) -> None:
        """Fetch the agenda."""
        items = await self.dossier.desk.ask(agenda.items)
        lines: list[Line] = []
        for group in GROUPS:
            found = [
                item for item in items if group_of(item.kind, item.urgency, item.by, item.days_late) == group
            ]
            if found:
                lines.append(Heading(group, _GROUP_STYLE[group]))
                lines += [_key(item) for item in found]
        self.query_one(PagedTable).show_rows(lines, {_key(item): item for item in items})

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
