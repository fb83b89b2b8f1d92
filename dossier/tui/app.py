"""The full-screen view: which pages there are, the vault behind them, and what holds on every page."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import date
from typing import Any, ClassVar, Concatenate, ParamSpec

from textual import events
from textual.app import App
from textual.binding import BindingType
from textual.keys import format_key
from textual.screen import Screen

from dossier.config import Config
from dossier.domain.faults import Fault
from dossier.domain.text import one_line
from dossier.errors import Locked
from dossier.services.session import Session
from dossier.tui.desk import Desk
from dossier.tui.keys import action, bindings, checked
from dossier.tui.page import Page
from dossier.tui.screens.today import Today
from dossier.tui.watch import Watch

P = ParamSpec("P")

THEMES = {"dark": "textual-dark", "light": "textual-light", "terminal": "ansi-dark"}
"""The settings' names of the themes, in the order in which a key goes round."""


def _accounts() -> Screen[None]:
    from dossier.tui.screens.accounts import Accounts

    return Accounts()


def _board() -> Screen[None]:
    from dossier.tui.screens.board import Board

    return Board()


def _search() -> Screen[None]:
    from dossier.tui.screens.search import Search

    return Search()


class DossierApp(App[None]):
    """The app: it holds the desk and the drafts, and nothing of the vault itself."""

    TITLE = "dossier"
    CSS_PATH = "style.tcss"
    MODES: ClassVar[dict[str, Any]] = {
        "today": Today,
        "accounts": _accounts,
        "board": _board,
        "search": _search,
    }
    DEFAULT_MODE = "today"
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "today",
        "accounts",
        "board",
        "search",
        "undo",
        "help",
        "palette",
        "theme",
        "lock",
        "suspend_process",
        "quit",
    )
    COMMAND_PALETTE_BINDING = ""
    ENABLE_COMMAND_PALETTE = False  # ours opens by `action_palette`, with actions that this view has

    def __init__(self, desk: Desk, config: Config, today: Callable[[], date]) -> None:
        """A view of the vault that `desk` has open. BadValue if the config binds keys to what is no action."""
        self.desk = desk
        self.config = config
        self.today = today
        self.drafts: dict[str, dict[str, Any]] = {}
        """What was typed in dialogs and is not saved yet, by dialog; in memory alone."""
        self.failure: Exception | None = None
        """The mistake of ours that ended the view, if one did."""
        super().__init__()
        self._watch = Watch(self)
        self.theme = THEMES[config["theme"]]
        self.set_keymap(checked(config.keys))

    def on_mount(self) -> None:
        """Begin to look around."""
        self.set_interval(1.0, self._watch.look)

    async def on_event(self, event: events.Event) -> None:
        """Note that somebody is here."""
        if isinstance(event, events.InputEvent):
            self._watch.touch()
        await super().on_event(event)

    # --- Pages --------------------------------------------------------------------------------------------------------

    def key_of(self, name: str) -> str:
        """The first key of an action, as a person reads it."""
        keys = self.config.keys.get(name) or action(name).keys
        return format_key(keys.split(",")[0].strip())

    async def action_today(self) -> None:
        """To the agenda."""
        await self.switch_mode("today")

    async def action_accounts(self) -> None:
        """To the list of accounts."""
        await self.switch_mode("accounts")

    async def action_board(self) -> None:
        """To the promises board."""
        await self.switch_mode("board")

    async def action_search(self) -> None:
        """To the search."""
        await self.switch_mode("search")

    def open_account(self, account_id: int, tab: str | None = None) -> None:
        """Open the dossier of an account."""
        from dossier.tui.screens.account import AccountPage

        self.push_screen(AccountPage(account_id, tab))

    def open_person(self, person_id: int) -> None:
        """Open the dossier of a person."""
        from dossier.tui.screens.person import PersonPage

        self.push_screen(PersonPage(person_id))

    def action_help(self) -> None:
        """What can be done here, and with which key."""
        from dossier.tui.dialogs.help import open_help

        open_help(self)

    def action_palette(self) -> None:
        """Everything that can be done, and every account and person, by a part of its name."""
        from dossier.tui.palette import open_palette

        open_palette(self)

    def action_theme(self) -> None:
        """From dark to light to the terminal's own colours, and round."""
        names = list(THEMES.values())
        self.theme = names[(names.index(self.theme) + 1) % len(names)]

    # --- The vault ----------------------------------------------------------------------------------------------------

    async def guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something with the vault; what it refuses is told, and a locked vault is offered to be opened."""
        try:
            await work
        except Locked:
            self.ask_to_unlock()
        except Fault as fault:
            self.tell_fault(fault)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something with the vault that outlives the page or dialog where it was begun."""
        self.run_worker(self.guarded(work))

    def do(
        self,
        service: Callable[Concatenate[Session, P], object],
        said: str,
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Change the vault by a service, then say so and show it."""

        async def change() -> None:
            await self.desk.ask(service, *args, **kwargs)
            self.changed(said)

        self.start(change())

    def changed(self, said: str) -> None:
        """Say what was changed, and let every page show it."""
        self.tell(f"{said}  {self.key_of('undo')} takes it back.")
        self.reload()

    def action_undo(self) -> None:
        """Take back the newest change; an undo can itself be taken back in `dossier history`."""
        from dossier.services.undo import undo

        async def take_back() -> None:
            done = await self.desk.ask(undo)
            # The summary may hold a title, which is a secret; the command and its number are none.
            self.tell(f"Taken back: {done['command']} (change {done['undoes']}).")
            self.reload()

        self.start(take_back())

    def pages(self) -> list[Page]:
        """Every page that is open, in whatever section."""
        return [
            screen for stack in self._screen_stacks.values() for screen in stack if isinstance(screen, Page)
        ]

    def reload(self) -> None:
        """Let the page that is seen show what the vault says now; the others do when one comes back to them."""
        for screen in self.screen_stack:
            if isinstance(screen, Page):
                screen.reload()

    # --- Locking ------------------------------------------------------------------------------------------------------

    @property
    def is_blank(self) -> bool:
        """Whether the screen shows nothing, for the vault was locked."""
        return self.screen.has_class("-blank")

    async def action_lock(self) -> None:
        """Lock the vault at once, for this view and the shell."""
        from dossier.services.vaults import lock

        await self.lock("Locked.")
        await self.desk.ask(lambda _: lock())

    async def lock(self, why: str) -> None:
        """Blank the screen and let go of the keys and of all that was read; what is being typed stays under it."""
        if self.is_blank:
            return
        from dossier.tui.dialogs.unlock import Unlock

        self.clear_notifications()
        await self.push_screen(Unlock(why, blank=True))
        await self.desk.ask(Session.lock)
        for page in self.pages():
            page.forget()
            page.mask()

    def ask_to_unlock(self) -> None:
        """Ask for the passphrase, over what is seen."""
        from dossier.tui.dialogs.unlock import Unlock

        if not isinstance(self.screen, Unlock):
            self.push_screen(Unlock("The vault is locked.", blank=False))

    def unlocked(self) -> None:
        """Show what the keys open."""
        self.reload()
        self.refresh(layout=True)

    # --- Failing ------------------------------------------------------------------------------------------------------

    def unsaved_texts(self) -> list[str]:
        """What was typed and is saved nowhere: in drafts, and in the dialogs that are open."""
        from dossier.tui.dialog import Dialog

        for screen in [screen for stack in self._screen_stacks.values() for screen in stack]:
            if isinstance(screen, Dialog):
                screen.keep_draft()
        fields = [value for draft in self.drafts.values() for value in draft.values()]
        return [value for value in fields if isinstance(value, str) and value.strip()]

    def _handle_exception(self, error: Exception) -> None:
        self.failure = self.failure or error
        super()._handle_exception(error)

    def panic(self, *_: object) -> None:
        """End without Textual's report, which prints local variables; whoever ran the view tells what happened."""
        self._close_messages_no_wait()

    _fatal_error = panic

    # --- What is said -------------------------------------------------------------------------------------------------

    def tell(self, message: str) -> None:
        """A line in the corner for a few seconds."""
        self.notify(one_line(message), markup=False)

    def tell_fault(self, fault: Fault) -> None:
        """What went wrong, and what to do about it."""
        self.notify(one_line(fault.hint or ""), title=one_line(fault.message), severity="error", markup=False)
