"""The people of an account: who they are, and once revealed who reports to whom (A2, A4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual.app import ComposeResult

from dossier.domain.reporting import tree
from dossier.domain.text import joined
from dossier.services import people
from dossier.services.shapes import Shape
from dossier.tui.deeds import Target
from dossier.tui.screens.pane import Pane
from dossier.tui.screens.today import LOCKED
from dossier.tui.widgets.detail import Detail
from dossier.tui.widgets.paged_table import Cell, Column, Heading, PagedTable


class _Placed(NamedTuple):
    """A person, with the lines drawn before the name."""

    branch: str
    person: Shape


def _name(row: _Placed) -> Cell:
    return Cell(f"{row.branch}{row.person['name']}", "strong")


def _address(row: _Placed) -> Cell:
    if row.person.get("locked"):
        return Cell(LOCKED, "soft")
    return Cell(row.person["address_as"] or "", secret=True)


def branches(depths: Sequence[int]) -> list[str]:
    """What is drawn before each name of a tree, by how many stand above: `├ `, for the last of some `└ `, `│ └ `."""
    found: list[str] = []
    going_on: set[int] = set()
    """The levels of which another one follows below."""
    for depth in reversed(depths):
        going_on = {level for level in going_on if level <= depth}
        above = "".join("│ " if level in going_on else "  " for level in range(1, depth))
        found.append(f"{above}{'├' if depth in going_on else '└'} " if depth else "")
        going_on.add(depth)
    return found[::-1]


COLUMNS = (
    Column("Name", 24, _name, flex=3),
    Column("Position", 18, lambda row: Cell(row.person["position"] or ""), flex=2),
    Column("Role", 14, lambda row: Cell(row.person["role"] or "", "soft"), yields=1),
    Column("Address as", 14, _address, flex=1),
    Column("Department", 14, lambda row: Cell(row.person["department"] or "", "soft"), flex=1, yields=2),
)


class People(Pane):
    """The people by family name; with the secrets revealed, below whom they report to."""

    def __init__(self, account_id: int) -> None:
        super().__init__(account_id)
        self._people: Sequence[Shape] = ()

    def compose(self) -> ComposeResult:
        """The people, and how to reach the one under the cursor."""
        yield PagedTable(COLUMNS, empty="Nobody yet.")
        yield Detail()

    async def load(self) -> None:
        """Fetch the people."""
        self._people = await self.page.dossier.desk.ask(people.listed, account=f"a{self.account_id}")
        self.reveal(revealed=self.page.revealed)

    def reveal(self, *, revealed: bool) -> None:
        """Who reports to whom is a secret: the tree shows once it may."""
        placed = tree(self._people) if revealed else [(0, person) for person in self._people]
        drawn = branches([depth for depth, _ in placed])
        rows = {
            person["id"]: _Placed(branch, person) for branch, (_, person) in zip(drawn, placed, strict=True)
        }
        told = "By whom they report to"
        if not revealed:
            told = f"By name. {self.page.dossier.key_of('reveal')} shows who reports to whom."
        # It stands there either way, so that the rows stay where they are.
        self.query_one(PagedTable).show_rows([Heading(told, "soft"), *rows] if rows else (), rows)

    def forget(self) -> None:
        """Hold nobody."""
        self._people = ()

    def target(self) -> Target | None:
        """The person under the cursor."""
        row: _Placed | None = self.query_one(PagedTable).row
        return row and Target("person", row.person["id"], self.account_id, row.person["id"])

    def on_paged_table_moved(self) -> None:
        """Tell how to reach them."""
        row: _Placed | None = self.query_one(PagedTable).row
        parts: list[tuple[str, bool]] = []
        if row is not None:
            person = row.person
            parts = [
                (person["name"], False),
                (joined(person["position"], person["department"], by=", "), False),
                (person["address_as"] or "", True),
                (f"reports to {person['reports_to']}" if person["reports_to"] else "", True),
                *((text, False) for text in (*person["mails"], *person["phones"])),
            ]
        self.query_one(Detail).tell(parts)

    def on_paged_table_opened(self, event: PagedTable.Opened) -> None:
        """Open the person's own page."""
        self.page.dossier.open_person(event.table.key)
