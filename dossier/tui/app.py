"""The full-screen view: which pages there are, the vault behind them, and what holds on every page."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from datetime import date
from typing import Any, ClassVar, Concatenate, ParamSpec

from textual import events
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.screen import ModalScreen, Screen

from dossier.config import Config
from dossier.domain.faults import Fault
from dossier.errors import Damaged, Locked
from dossier.services.session import Session
from dossier.tui import blank
from dossier.tui.desk import Desk
from dossier.tui.here import keys_of, spelled
from dossier.tui.keys import action, bindings, checked
from dossier.tui.modal import Modal
from dossier.tui.page import Page
from dossier.tui.quiet import Quiet
from dossier.tui.screens.today import Today
from dossier.tui.themes import THEMES, terminal_theme
from dossier.tui.undoing import Undoing
from dossier.tui.unsaved import Unsaved
from dossier.tui.watch import Doubt, Watch
from dossier.tui.widgets.bar import State

P = ParamSpec("P")


def _accounts() -> Screen[None]:
    from dossier.tui.screens.accounts import Accounts

    return Accounts()


def _board() -> Screen[None]:
    from dossier.tui.screens.board import Board

    return Board()


def _search() -> Screen[None]:
    from dossier.tui.screens.search import Search

    return Search()


class DossierApp(Quiet):
    """The app: it holds the desk and what is not saved yet, and nothing of the vault itself."""

    TITLE = "dossier"
    CSS_PATH = "style.tcss"
    MODES: ClassVar[dict[str, Any]] = {
        "today": Today,
        "accounts": _accounts,
        "board": _board,
        "search": _search,
        blank.MODE: blank.blank_screen,
    }
    DEFAULT_MODE = "today"
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "today",
        "accounts",
        "board",
        "search",
        "history",
        "undo",
        "redo",
        "help",
        "palette",
        "theme",
        "lock",
        "suspend_process",
        "quit",
    )

    def __init__(self, desk: Desk, config: Config, today: Callable[[], date]) -> None:
        """A view of the vault that `desk` has open. BadValue if the config binds keys to what is no action."""
        self.desk = desk
        self.config = config
        self.today = today
        keymap = checked(config.keys)
        super().__init__()
        self.unsaved = Unsaved(self)
        self.blank = blank.Blank(self)
        self.doubt: Doubt | None = None
        """What stands against writing into this copy of the vault."""
        self._watch = Watch(self)
        self.undoing = Undoing(self)
        self.register_theme(terminal_theme())
        self.theme = THEMES[config["theme"]]
        self.set_keymap(keymap)

    def on_mount(self) -> None:
        """Begin to look around."""
        self.start(self.undoing.open())
        self.start(self._watch.look_at_copy())
        for look in (self._watch.lock_if_due, self._watch.look_at_agent, self._watch.look_at_vault):
            self.set_interval(1.0, look)
        self.set_interval(1.0, self._look_at_terminal)
        self.call_after_refresh(self._watch.look_at_agent)  # from here on a lock from outside is a change
        self.app_resume_signal.subscribe(self, self._resumed)
        if self.desk.locked:
            self.ask_to_unlock()

    async def on_event(self, event: events.Event) -> None:
        """Note that somebody is here; a key that comes after the time to lock does nothing but that."""
        if isinstance(event, events.InputEvent) and not event.is_forwarded and not await self._watch.touch():
            return
        await super().on_event(event)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether something can be done now; on the blank screen next to nothing can."""
        if self.blank.is_on and action not in blank.ALLOWED:
            return False
        return super().check_action(action, parameters)

    # --- Pages --------------------------------------------------------------------------------------------------------

    def key_of(self, name: str) -> str:
        """The first key of an action, as a person reads it."""
        return spelled(keys_of(self, action(name))[0])

    async def action_today(self) -> None:
        """To the agenda."""
        await self._go_to("today")

    async def action_accounts(self) -> None:
        """To the list of accounts."""
        await self._go_to("accounts")

    async def action_board(self) -> None:
        """To the promises board."""
        await self._go_to("board")

    async def action_search(self) -> None:
        """To the search."""
        await self._go_to("search")

    async def _go_to(self, section: str) -> None:
        """To a section as one left it; from a page that was opened there, back to its first."""
        if self.blank.is_on:
            return  # a key that was pressed before the lock
        if self.current_mode != section:
            await self.switch_mode(section)
            return
        while len(self.screen_stack) > 1 and isinstance(self.screen, Page):
            await self.pop_screen()

    def open_account(self, account_id: int, tab: str | None = None) -> None:
        """Open the dossier of an account."""
        from dossier.tui.screens.account import AccountPage

        self.push_screen(AccountPage(account_id, tab))

    def open_person(self, person_id: int) -> None:
        """Open the dossier of a person."""
        from dossier.tui.screens.person import PersonPage

        self.push_screen(PersonPage(person_id))

    def action_history(self) -> None:
        """To every change that was made."""
        from dossier.tui.screens.history import History

        if not isinstance(self.screen, History):
            self.push_screen(History())

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
        names = list(THEMES)
        now = list(THEMES.values()).index(self.theme)
        self.use_theme(names[(now + 1) % len(names)])

    def use_theme(self, name: str) -> None:
        """Take the colours of this name, and say which they are."""
        self.theme = THEMES[name]
        self.tell(f"Colours: {name}")

    # --- The vault ----------------------------------------------------------------------------------------------------

    async def guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something with the vault; what it refuses is told, and a locked vault is offered to be opened."""
        try:
            await work
        except Locked:
            self.ask_to_unlock()
        except Damaged as fault:
            self.tell_fault(fault)
            await self.look_at_copy()
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
        if not self.may_change():
            return
        # Begun at once and never given up: whoever quits right after the key has still done it.
        begun = asyncio.shield(self.desk.begin(service, *args, **kwargs))

        async def change() -> None:
            await begun
            self.changed(said)

        self.start(change())

    def changed(self, said: str) -> None:
        """Say what was changed, and let every page show it."""
        self.tell(f"{said}  {self.key_of('undo')} takes it back.")
        self.reload()

    def action_undo(self) -> None:
        """Take back the newest change, after asking if it is older than this view."""
        if self.may_change():
            self.start(self.undoing.go(forth=False))

    def action_redo(self) -> None:
        """Bring back what was taken back last, after asking if that is older than this view."""
        if self.may_change():
            self.start(self.undoing.go(forth=True))

    def may_change(self) -> bool:
        """Whether this copy of the vault may be written into; if not, that is said, and how one decides."""
        if self.doubt is not None:
            self.tell_doubt()
        return self.doubt is None

    async def look_at_copy(self) -> None:
        """See anew whether this copy of the vault may be written into."""
        await self._watch.look_at_copy()

    def tell_doubt(self) -> None:
        """Say why nothing can be changed, and how one decides."""
        if self.doubt is not None:
            self.tell_fault(Damaged(self.doubt.what, self.doubt.hint))

    def show_state(self) -> None:
        """Let the bar say how it is now."""
        for page in self.pages():
            for state in page.query(State):
                state.show()

    def pages(self) -> list[Page]:
        """Every page that is open, in whatever section."""
        return [screen for screen in self.screens() if isinstance(screen, Page)]

    def screens(self) -> list[Screen[Any]]:
        """Every screen that is open, dialogs too, in whatever section."""
        return [screen for stack in self._screen_stacks.values() for screen in stack]

    def reload(self) -> None:
        """Let the page that is seen show what the vault says now; the others do when one comes back to them."""
        for screen in self.screen_stack:
            if isinstance(screen, Page):
                screen.reload()

    # --- Locking ------------------------------------------------------------------------------------------------------

    @property
    def is_blank(self) -> bool:
        """Whether the screen shows nothing, for the vault was locked."""
        return self.blank.is_on

    async def action_lock(self) -> None:
        """Lock the vault at once, for this view and the shell."""
        await self.blank.put_on("Locked.", agent_too=True)

    async def lock(self, why: str) -> None:
        """Blank the screen and let go of the keys and of all that was read; what is being typed stays as it is."""
        await self.blank.put_on(why)

    def ask_to_unlock(self) -> None:
        """Ask for the passphrase, over what is seen, unless that is being asked already."""
        from dossier.tui.dialogs.unlock import Unlock

        if not any(isinstance(screen, Unlock) for screen in self.screen_stack):
            self.push_screen(Unlock("The vault is locked.", blank=False))

    async def unlocked(self) -> None:
        """Show what the keys open."""
        from dossier.tui.dialogs.unlock import Unlock

        self._watch.opened()
        await self.blank.lift()
        if isinstance(self.screen, Unlock) and not self.screen.blank:
            self.pop_screen()
        self.reload()
        await self._watch.look_at_copy()

    def push_screen(self, screen: Any, *arguments: Any, mode: str | None = None, **options: Any) -> Any:
        """Open a screen; what somebody asked for before the vault was locked opens behind the blank screen.

        A form that could not be saved says so before anything is typed into it; what was typed before still shows.
        """
        if (
            isinstance(screen, Modal)
            and screen.changes
            and not self.unsaved.is_in(screen)
            and not self.may_change()
        ):
            return AwaitComplete()
        if self.blank.is_on and screen.id != blank.OVER:
            mode = self.blank.behind
        return super().push_screen(screen, *arguments, mode=mode, **options)

    # --- Leaving ------------------------------------------------------------------------------------------------------

    async def action_quit(self) -> None:
        """Leave; where something typed would be lost, only after asking, or when asked for again."""
        from dossier.tui.dialogs.leave import Leave

        self.unsaved.keep()
        if self.unsaved.drafts and not isinstance(self.screen, Leave):
            self.push_screen(Leave(self.unsaved.titles()))
        else:
            self.exit()

    def action_help_quit(self) -> None:
        """Ctrl-C interrupts nothing here."""
        self.tell(f"Nothing is interrupted. {self.key_of('quit')} quits.")

    async def action_suspend_process(self) -> None:  # type: ignore[override]  # actions may be either
        """Let the shell have the terminal; whoever comes back late finds the view locked before anything shows."""
        super().action_suspend_process()
        await self._come_back()

    def _resumed(self, _: object) -> None:
        self.run_worker(self._come_back())

    async def _come_back(self) -> None:
        with self.batch_update():  # nothing is drawn before it is known whether it may be
            await self._watch.look_at_locks()
        self.refresh(layout=True)  # the terminal comes back empty

    def _look_at_terminal(self) -> None:
        """End with the terminal, where no signal tells that it is gone: without it a view can but spin."""
        if not self.is_headless and not os.isatty(0):
            self.end_by_signal(signal.SIGHUP)

    def end_by_signal(self, number: int) -> None:
        """Leave in order, as a signal asks; the exit code is that of a program which it ended."""
        self.give_up()
        self.exit(return_code=128 + number)

    def give_up(self) -> None:
        """Put by what was typed, for whoever ran the view to give back."""
        self.unsaved.give_up()

    # --- What is said -------------------------------------------------------------------------------------------------

    def tell_fault(self, fault: Fault) -> None:
        """What went wrong, and what to do about it: in the dialog that is open, else at the top."""
        if isinstance(self.screen, ModalScreen) and self.screen.query(".dialog--fault"):
            from dossier.tui.dialog import Dialog

            if isinstance(self.screen, Dialog):
                self.screen.fault(fault.message, fault.hint)
                return
        super().tell_fault(fault)

    def say(self, message: str, **how: Any) -> None:
        """A line at the top, once the screen is no longer blank."""
        if self.blank.is_on:
            self.blank.say_later(lambda: self.say(message, **how))
        else:
            super().say(message, **how)
