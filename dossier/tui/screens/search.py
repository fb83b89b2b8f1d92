"""Search as one types: names at once, then, unlocked, every text of the vault (C3)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from dossier.domain.faults import Fault
from dossier.domain.text import count_of, fold, joined
from dossier.services import search
from dossier.services.shapes import Shape
from dossier.tui.deeds import Target
from dossier.tui.inert import inert
from dossier.tui.keys import bindings
from dossier.tui.page import Page
from dossier.tui.widgets.detail import Detail
from dossier.tui.widgets.line import Line
from dossier.tui.widgets.paged_table import Cell, Column, Heading, PagedTable
from dossier.tui.widgets.paged_table import Line as TableLine

NAMES = 30
"""How many names show at most: whoever wants another one types on."""

TEXTS = 200
"""How many places in the texts show at most, the newest."""

PAUSE = 0.15
"""Seconds without a key before the texts are read: nobody waits for what the next letter makes worthless."""


class Found(NamedTuple):
    """A row: a record by noun and id, whose it is, its day, and the words that were found."""

    noun: str
    id: int
    account: str
    account_id: int
    person: str | None
    person_id: int | None
    on: str | None
    text: str
    is_name: bool = False
    """Whether it is a name that was found, of which nothing is secret."""
    field: str = ""
    """Where in the record the words stand."""
    by: str | None = None
    state: str | None = None
    """Of a promise or step, as `Target` wants to know it."""


def _named(shape: Shape) -> Found:
    is_person = shape["noun"] == "person"
    return Found(
        noun=shape["noun"],
        id=shape["id"],
        account=shape["account"],
        account_id=shape["account_id"],
        person=shape["name"] if is_person else None,
        person_id=shape["id"] if is_person else None,
        on=None,
        text=shape["position"] or "",
        is_name=True,
    )


def _held(shape: Shape) -> Found:
    return Found(
        noun=shape["noun"],
        id=shape["id"],
        account=shape["account"],
        account_id=shape["account_id"],
        person=shape["person"],
        person_id=shape["person_id"],
        on=shape["date"],
        text=shape["excerpt"],
        field=shape["field"],
        by=shape["by"],
        state=shape["state"],
    )


COLUMNS = (
    Column("What", 11, lambda row: Cell(row.noun, "soft")),
    Column("Account", 14, lambda row: Cell(row.account, "strong"), flex=2),
    Column("Person", 12, lambda row: Cell(row.person or ""), flex=1),
    # Of a fact the day says when it was confirmed, which is nobody's business either.
    Column("Day", 10, lambda row: Cell(row.on or "", "soft", secret=row.noun == "fact"), yields=1),
    Column("Text", 28, lambda row: Cell(row.text, secret=not row.is_name), flex=5),
)


class Query(Line):
    """The field in which one types; from it one goes down into what was found."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,down", "to_table", show=False)]

    def action_to_table(self) -> None:
        """Go on in what was found, if anything was."""
        table = self.screen.query_one(PagedTable)
        if table.line_count:
            table.focus()


class Search(Page):
    """Who goes by the words typed, and where they stand in the texts."""

    AUTO_FOCUS = "Query"
    BINDINGS: ClassVar[list[BindingType]] = bindings("filter")
    HELP: ClassVar[str] = (
        "Type a part of a name, or words from any note: case and accents do not matter. Names are found at once, in a "
        "locked vault too; the texts are searched as soon as you pause. Enter or Down goes to what was found, Enter "
        "there opens the record that was found, Esc comes back to the words, Esc again clears them. The texts are "
        "masked until revealed."
    )

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[str, bool] | None = None
        """The words that the table answers, and whether only names were searched."""
        self._under_way: tuple[str, bool] | None = None
        """The words that are being searched for, and whether the vault is locked."""
        self._once_more = False
        """Whether the vault has changed since that search began."""

    def body(self) -> ComposeResult:
        """The words, what came of them, what was found, and all of the text under the cursor."""
        yield Query(placeholder="A name, or words from any note", id="query")
        yield Static(id="outcome", markup=False)
        yield PagedTable(COLUMNS, empty="", id="found")
        yield Detail()

    @property
    def words(self) -> str:
        """What is typed."""
        return self.query_one(Query).value.strip()

    def on_input_changed(self) -> None:
        """Look for what stands there now; what was looked for before is given up."""
        self.reload()

    def reload(self) -> None:
        """Show what the vault says now; a search for the same words is let come to its end, then done once more.

        Where the vault changes every second, a search that takes longer would never be shown otherwise.
        """
        if self._under_way == (self.words, self.dossier.desk.locked):
            self._once_more = True
        else:
            super().reload()

    async def load(self) -> None:
        """Find what holds the words, and once more if the vault changes meanwhile."""
        asked = self._under_way = (self.words, self.dossier.desk.locked)
        try:
            while True:
                self._once_more = False
                try:
                    await self._find()
                except Fault:  # as where a record goes while it is read
                    if not self._once_more:
                        raise
                if not self._once_more:
                    return
        finally:
            if self._under_way is asked:  # else another search has begun
                self._under_way = None

    async def _find(self) -> None:
        """Find names, then wait until nobody types any more, then find texts."""
        desk, words = self.dossier.desk, self.words
        if not fold(words):
            self._show("", desk.locked, [], [])
            self._say(self._how_to_unlock() if desk.locked else "")
            return
        names = [_named(shape) for shape in await desk.ask(search.names, words, limit=NAMES)]
        count = "no names" if not names else count_of(len(names), "name")
        if len(names) == NAMES:
            count = f"the first {count}"
        if desk.locked or not _is_enough(words):
            self._show(words, desk.locked, names, [])
            self._say(
                joined(count, self._how_to_unlock() if desk.locked else "one more letter to search the texts")
            )
            return
        if self._shown != (words, desk.locked):  # else it is only seen whether anything has changed
            self._show(words, desk.locked, names, [])
            self._say(f"{count} · searching the texts …")
        await asyncio.sleep(PAUSE)
        hits = [_held(shape) for shape in await desk.ask_aside(search.search, words, TEXTS)]
        known = {(name.noun, name.id) for name in names}
        texts = [hit for hit in hits if (hit.noun, hit.id) not in known]
        self._show(words, desk.locked, names, texts)
        said = f"{len(texts)} in the texts" if texts else "nothing in the texts"
        self._say(f"{count} · " + (f"the newest {said}" if len(hits) == TEXTS else said))

    def _show(self, words: str, only_names: bool, names: Sequence[Found], texts: Sequence[Found]) -> None:
        lines: list[TableLine] = []
        rows: dict[object, Found] = {}
        for title, found in (("Names", names), ("In the texts", texts)):
            if found:
                lines.append(Heading(title))
            for row in found:
                nth = 0  # a promise may be found once more for each of its moves
                while (
                    key := (row.noun, row.id, row.field, nth)
                ) in rows:  # no text: a table keeps its key when locked
                    nth += 1
                rows[key] = row
                lines.append(key)
        table = self.query_one(PagedTable)
        is_other = self._shown is None or self._shown[0] != words
        self._shown = (words, only_names)
        table.show_rows(lines, rows)
        if is_other:
            table.action_first()

    def _say(self, outcome: str) -> None:
        self.query_one("#outcome", Static).update(inert(outcome))

    def _how_to_unlock(self) -> str:
        from dossier.tui.here import possible

        keys = [key for one in possible(self) if one.action.id == "reveal" for key in one.keys]
        return f"the vault is locked: only names are searched; {keys[0] if keys else 'Reveal'} unlocks it"

    def forget(self) -> None:
        """Hold nothing of the vault any more; the words are the person's own."""
        super().forget()
        self._shown = self._under_way = None
        self._say("")

    def action_filter(self) -> None:
        """Back to the words."""
        self.query_one(Query).focus()

    def action_back(self) -> None:
        """From what was found to the words; from there the words go, and without any one is back at the agenda."""
        query = self.query_one(Query)
        if self.focused is not query:
            query.focus()
        elif query.value:
            query.value = ""
        else:
            self.app.call_later(self.dossier.action_today)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether something can be done now; back to the words only from elsewhere."""
        if action == "filter" and isinstance(self.focused, Query):
            return False
        return super().check_action(action, parameters)

    def on_descendant_focus(self) -> None:
        """Other keys work in the table than in the field."""
        self.refresh_bindings()

    def target(self) -> Target | None:
        """The account, person or record that was found."""
        row: Found | None = self.query_one(PagedTable).row if self.is_mounted else None
        if row is None:
            return None
        settled = row.state not in (None, "open")
        return Target(row.noun, row.id, row.account_id, row.person_id, by=row.by, settled=settled)

    def on_paged_table_moved(self) -> None:
        """Tell all that was found."""
        row: Found | None = self.query_one(PagedTable).row
        self.query_one(Detail).tell(
            []
            if row is None
            else [
                (row.person or "", False),
                (row.account, False),
                (row.on or "", row.noun == "fact"),
                (row.text, not row.is_name),
            ]
        )
        self.refresh_bindings()

    def on_paged_table_opened(self) -> None:
        """Open the account or person, or the record in full, from which one comes back to what was found."""
        row: Found | None = self.query_one(PagedTable).row
        if row is None:
            return
        if row.noun == "account":
            self.dossier.open_account(row.id)
        elif row.noun == "person":
            self.dossier.open_person(row.id)
        else:
            from dossier.tui.screens.record import RecordInFull

            self.app.push_screen(RecordInFull(row.noun, row.id))


def _is_enough(words: str) -> bool:
    """Whether the words say enough to read every text for them: one Latin letter is everywhere, 王 is a name."""
    return len(words) > 1 or not words.isascii()
