"""What every page has: a bar above, a footer below, masked secrets, and data that keeps itself current."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.worker import WorkType

from dossier.tui.deeds import Deeds
from dossier.tui.inert import forget_picture, forget_widths
from dossier.tui.keys import bindings
from dossier.tui.widgets.bar import Bar, State
from dossier.tui.widgets.detail import Detail
from dossier.tui.widgets.foot import Foot
from dossier.tui.widgets.paged_table import PagedTable
from dossier.tui.widgets.sheet import Sheet


class Page(Deeds):
    """A full screen of the vault. A page composes its `body` and says in `load` what it shows."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("back", "reveal", "copy")
    HELP: ClassVar[str] = ""
    """What one does here, in a few lines, for the help."""

    TITLES_ONLY: ClassVar[bool] = False
    """Whether all that is secret here are the titles and dates that the agenda shows."""

    revealed = reactive(default=False)
    """Whether secrets are shown; false again whenever the page is left."""

    def body(self) -> ComposeResult:
        """The widgets between the bar and the footer."""
        raise NotImplementedError

    async def load(self) -> None:
        """Fetch and show what the page is about; called whenever that may have changed."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Bar, body, foot."""
        yield Bar()
        yield from self.body()
        yield Foot()

    # --- Data ---------------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Begin as the settings say; what there is to see is fetched once the page is seen."""
        self.mask()

    def reload(self) -> None:
        """Show what the vault says now."""
        for state in self.query(State):
            state.show()
        self.newest(self.load, group="load")

    def start(self, work: Coroutine[Any, Any, None], *, group: str) -> None:
        """Do something with the vault; a newer thing of the same group replaces an older one."""
        self.run_worker(self.dossier.guarded(work), group=group, exclusive=True)

    def newest(self, work: Callable[[], Coroutine[Any, Any, None]], *, group: str) -> None:
        """Like `start`, for what may be asked for faster than it is done: all but the last never begin."""

        async def guarded() -> None:
            await self.dossier.guarded(work())

        begin: WorkType[None] = guarded
        self.run_worker(begin, group=group, exclusive=True)

    def fetching(self, fetch: Callable[[Sequence[Any]], Awaitable[Mapping[Any, Any]]]) -> Any:
        """A table's way to its rows, under the guard: nothing where the vault cannot be read."""

        async def guarded(keys: Sequence[Any]) -> Mapping[Any, Any]:
            found: Mapping[Any, Any] = {}

            async def get() -> None:
                nonlocal found
                found = await fetch(keys)

            await self.dossier.guarded(get())
            return found

        return guarded

    def forget(self) -> None:
        """Hold nothing of the vault any more, and take nothing that is still under way: it was locked.

        A page that keeps anything itself, beside its widgets, forgets that too.
        """
        for worker in list(self.workers):
            if self in worker.node.ancestors_with_self:
                worker.cancel()
        for widget in self.query(Widget):
            if isinstance(widget, PagedTable | Sheet | Detail):
                widget.forget()
            forget_picture(widget)
        forget_widths()

    # --- Secrets ------------------------------------------------------------------------------------------------------

    def on_screen_suspend(self) -> None:
        """Mask again on leaving; a dialog over the page is no leaving."""
        if not isinstance(self.app.screen, ModalScreen):
            self.mask()

    def on_screen_resume(self) -> None:
        """What the vault says shows, and what was done elsewhere meanwhile."""
        self.reload()

    def mask(self) -> None:
        """Hide what the settings say is hidden at first."""
        mask = self.dossier.config["mask"]
        self.revealed = mask == "none" or (mask == "dossier" and self.TITLES_ONLY)
        self.watch_revealed()

    def action_reveal(self) -> None:
        """Show the secrets of this page, or hide them again."""
        if self.dossier.desk.locked:
            self.dossier.ask_to_unlock()
        else:
            self.revealed = not self.revealed

    def watch_revealed(self) -> None:
        """Tell every widget that hides something."""
        for widget in self.query(Widget):
            if isinstance(widget, PagedTable | Sheet | Detail):
                widget.masked = not self.revealed

    def action_copy(self) -> None:
        """Copy the row under the cursor, as it shows, to the clipboard."""
        table = self.focused
        if isinstance(table, PagedTable) and (text := table.shown_text()):
            self.app.copy_to_clipboard(text)
            self.dossier.tell("Copied.")

    def action_back(self) -> None:
        """Back to where one came from; at the first page nothing happens, for Esc never quits."""
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()
