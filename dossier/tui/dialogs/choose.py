"""What to add: the nouns in a list, a letter each, then the form of the one that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Static

from dossier.services import search
from dossier.tui.dialogs.record import add
from dossier.tui.inert import inert
from dossier.tui.keys import bindings
from dossier.tui.modal import Modal
from dossier.tui.widgets.paged_table import Cell, Column, PagedTable

if TYPE_CHECKING:
    from dossier.tui.app import DossierApp


class Offer(NamedTuple):
    """Something that can be added."""

    letter: str
    text: str
    noun: str
    by: str = ""
    """Whose promise it is."""


OFFERS = (
    Offer("c", "a call, meeting, mail …: an interaction", "interaction"),
    Offer("p", "a promise of ours", "promise", "us"),
    Offer("t", "a promise of theirs", "promise", "them"),
    Offer("s", "a next step", "step"),
    Offer("n", "a person", "person"),
    Offer("f", "a fact, with who said it", "fact"),
    Offer("r", "a relative", "relative"),
    Offer("o", "an occasion: a date to remember", "occasion"),
    Offer("a", "an account", "account"),
)

_COLUMNS = (
    Column("Key", 3, lambda offer: Cell(offer.letter, "strong")),
    Column("", 24, lambda offer: Cell(offer.text), flex=1),
)


class WhatToAdd(Modal[None]):
    """The list; Enter, a letter or the mouse chooses."""

    changes = True
    BINDINGS: ClassVar[list[BindingType]] = bindings("cancel")
    HELP: ClassVar[str] = "Press the letter of what you want to add, or choose it with the arrows and Enter."

    def __init__(self, whom: str | None) -> None:
        super().__init__()
        self.whom = whom
        # Only a person has relatives; where nobody is meant yet, the form asks whose they are.
        self.offers = [one for one in OFFERS if one.noun != "relative" or not (whom or "").startswith("a")]

    def compose(self) -> ComposeResult:
        """Whom it is about, and the list."""
        with Vertical(classes="dialog choose"):
            yield Static("Add", classes="dialog--title", markup=False)
            yield PagedTable(_COLUMNS)

    async def on_mount(self) -> None:
        """Show the list, and say whom it is about; whoever is quick has closed it before it stands."""
        if not self.query(PagedTable):
            return
        table = self.query_one(PagedTable)
        table.styles.height = len(self.offers) + 1
        rows = {offer.letter: offer for offer in self.offers}
        table.show_rows(list(rows), rows)
        table.focus()
        await cast("DossierApp", self.app).guarded(self._say_whom())

    async def _say_whom(self) -> None:
        if self.whom:
            found = await cast("DossierApp", self.app).desk.ask(search.named, self.whom)
            if self.is_there:
                self.query_one(".dialog--title", Static).update(inert(f"Add, about {found['name']}"))

    def on_key(self, event: events.Key) -> None:
        """A letter chooses."""
        for offer in self.offers:
            if event.character == offer.letter:
                event.stop()
                self._choose(offer)

    def on_paged_table_opened(self) -> None:
        """Enter or a click chooses."""
        self._choose(self.query_one(PagedTable).row)

    def _choose(self, offer: Offer) -> None:
        if self.app.screen is not self:  # chosen already, by a key before
            return
        whom = None if offer.noun == "account" else self.whom
        begins = {"by": offer.by} if offer.by else {}
        app = self.app
        self.dismiss()
        app.push_screen(add(offer.noun, whom, **begins))
