"""The dossier of an account: a line that says which, and tabs."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Static

from dossier.errors import NotFound
from dossier.services import accounts, refs
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.tui.deeds import Target
from dossier.tui.inert import inert
from dossier.tui.keys import bindings
from dossier.tui.page import Page
from dossier.tui.screens.account_facts import Facts
from dossier.tui.screens.account_overview import Overview
from dossier.tui.screens.account_people import People
from dossier.tui.screens.account_promises import Promises
from dossier.tui.screens.account_timeline import Timeline
from dossier.tui.screens.pane import Pane
from dossier.tui.widgets.paged_table import PagedTable
from dossier.tui.widgets.tab_line import TabLine

PANES: dict[str, type[Pane]] = {
    "overview": Overview,
    "people": People,
    "timeline": Timeline,
    "promises": Promises,
    "facts": Facts,
}
"""What the tabs show, by their names, in their order."""


def _in_full(session: Session, account_id: int) -> Shape:
    return accounts.in_full(session, refs.account(session, f"a{account_id}"))


class AccountPage(Page):
    """Everything about one account."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("next_tab", "previous_tab")
    HELP: ClassVar[str] = (
        "Everything about one account. Overview: how it stands and its profile. People: who reports to whom, once "
        "revealed. Timeline: all that ever happened. Promises: with every move and its reason. Facts: with their "
        "source and age. Enter opens what the cursor is on, to be read; e changes it."
    )

    def __init__(self, account_id: int, tab: str | None = None) -> None:
        """The dossier of this account, at one of `PANES`."""
        super().__init__()
        self.account_id = account_id
        self._tab = tab or "overview"
        self._begun = False
        """Whether the tabs are there to be gone through; who asks for another one before gets it then."""
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (140, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (36, "-high")]

    def body(self) -> ComposeResult:
        """Which account, which tabs there are, and the pane of the one that is seen; the others come when asked for."""
        yield Static(id="whose", markup=False)
        yield TabLine(tuple(PANES), self._tab)
        with Vertical(id="panes"):
            yield PANES[self._tab](self.account_id)

    def on_mount(self) -> None:
        """From here on one can go from tab to tab."""
        self._begun = True
        self.call_later(self._catch_up)

    async def _catch_up(self) -> None:
        """Show the tab that was asked for while the page was made."""
        if self.query_one(TabLine).current != self._tab:
            await self.show_tab(self._tab)

    @property
    def pane(self) -> Pane | None:
        """The pane of the tab that is seen; None until it is there to be asked."""
        found = self.query(PANES[self._tab]).results()
        return next((pane for pane in found if pane.is_mounted), None)

    async def load(self) -> None:
        """Fetch what the top says, and the pane that is seen."""
        try:
            account = await self.dossier.desk.ask(_in_full, self.account_id)
        except NotFound:
            if self.is_current:
                self.dossier.tell("That account is no longer there.")
                self.app.pop_screen()
            return
        top = inert(account["name"], "bold")
        top.append_text(inert(f"   {account['tier']}, {account['status']}"))
        if account["tags"]:
            top.append_text(inert(f"   {' '.join(account['tags'])}", "dim"))
        self.query_one("#whose", Static).update(top, layout=False)
        if (pane := self.pane) is not None:
            await pane.load()
            self.refresh_bindings()

    def forget(self) -> None:
        """Hold nothing of the vault any more."""
        super().forget()
        for whose in self.query("#whose").results(Static):
            whose.update("")
        for pane in self.query(Pane):
            pane.forget()

    def watch_revealed(self) -> None:
        """Some panes show other rows then."""
        super().watch_revealed()
        for pane in self.query(Pane):
            if pane.is_mounted:
                pane.reveal(revealed=self.revealed)

    # --- Tabs ---------------------------------------------------------------------------------------------------------

    async def show_tab(self, name: str) -> None:
        """Show the tab of this name, with what the vault says now."""
        self._tab = name
        if not self._begun:
            return
        self.query_one(TabLine).current = name
        found = self.query(PANES[name]).results()
        pane = next(found, None)
        shown = pane or PANES[name](self.account_id)
        for other in self.query(Pane):
            other.display = other is shown
        if pane is None:
            await self.query_one("#panes").mount(shown)  # it asks for its data once it is there
        elif pane.is_mounted:
            pane.take_focus()
            self.reload()

    def pane_came(self, pane: Pane) -> None:
        """A pane is ready to show something."""
        self.watch_revealed()
        if pane.display:
            pane.take_focus()
        if self.is_mounted:  # else it is about to be seen, and is fetched with all of it
            self.reload()

    async def action_next_tab(self) -> None:
        """The tab to the right."""
        await self.show_tab(self._beside(1))

    async def action_previous_tab(self) -> None:
        """The tab to the left."""
        await self.show_tab(self._beside(-1))

    def _beside(self, step: int) -> str:
        """The name of the tab so many to the right of the one that is meant, round the ends."""
        names = tuple(PANES)
        return names[(names.index(self._tab) + step) % len(names)]

    async def on_tab_line_chosen(self, event: TabLine.Chosen) -> None:
        """A tab was clicked."""
        await self.show_tab(event.name)

    # --- What is meant ------------------------------------------------------------------------------------------------

    def target(self) -> Target | None:
        """What the cursor of the tab is on."""
        pane = self.pane
        return pane.target() if pane is not None else None

    def whom(self) -> str:
        """Whom the row is about; else the account."""
        target = self.target()
        return target.ref if target else f"a{self.account_id}"

    def on_paged_table_moved(self, _: PagedTable.Moved) -> None:
        """Other keys may fit now."""
        self.refresh_bindings()
