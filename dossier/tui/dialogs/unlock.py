"""Unlocking: over a page that wants its secrets, or on a blank screen after the vault was locked."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.timer import Timer
from textual.widgets import Input, Static

from dossier.domain.faults import Fault
from dossier.services.session import Session
from dossier.tui.here import spelled
from dossier.tui.inert import inert
from dossier.tui.keys import FIXED, bindings
from dossier.tui.modal import Modal
from dossier.tui.widgets.in_order import InOrder

if TYPE_CHECKING:
    from dossier.tui.app import DossierApp


_HALF_TYPED = 60.0
"""Seconds after the last key until what stands in the line is forgotten."""


class Passphrase(InOrder, Input):
    """A line of dots. What is typed there goes to the vault alone, and is not left standing half-typed."""

    def __init__(self, placeholder: str) -> None:
        self._forgetting: Timer | None = None
        super().__init__(password=True, placeholder=placeholder, id="passphrase")

    def watch_value(self, value: str) -> None:
        """Begin to wait anew."""
        if self._forgetting is not None:
            self._forgetting.stop()
        self._forgetting = self.set_timer(_HALF_TYPED, self.clear) if value else None

    def action_copy(self) -> None:
        """To no clipboard."""
        raise SkipAction

    def action_cut(self) -> None:
        """To no clipboard."""
        raise SkipAction


class Unlock(Modal[None]):
    """Asks for the passphrase. Blank, it is all that there is to see, and nothing but the passphrase lifts it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("cancel")
    HELP: ClassVar[str] = (
        "Type the passphrase and press Enter. What was being typed elsewhere is kept and comes back."
    )

    def __init__(self, why: str, *, blank: bool) -> None:
        super().__init__(classes="-blank" if blank else "")
        self.why = why
        self.blank = blank

    @property
    def dossier(self) -> DossierApp:
        """The app, by its own type."""
        return cast("DossierApp", self.app)

    def compose(self) -> ComposeResult:
        """Why, the passphrase, and how to do without."""
        command = self.dossier.config["passphrase_command"]
        with Vertical(classes="dialog"):
            yield Static(inert(self.why), id="why", classes="dialog--title", markup=False)
            yield Passphrase("Passphrase; Enter alone runs passphrase_command" if command else "Passphrase")
            yield Static(classes="dialog--fault", markup=False)
            yield Static(inert(self._ways_out()), classes="unlock--keys", markup=False)

    def _ways_out(self) -> str:
        key_of = self.dossier.key_of
        away = (
            f"{spelled(FIXED['quit'])} quits"
            if self.blank
            else f"{key_of('cancel')} looks around without secrets"
        )
        return f"Enter unlocks · {away}"

    def say(self, why: str) -> None:
        """Tell why it asks."""
        self.why = why
        self.query_one("#why", Static).update(inert(why))
        self._tell("")

    def _tell(self, text: str) -> None:
        for line in self.query(".dialog--fault").results(Static):  # none, once it is closed
            line.update(inert(text))

    def on_screen_resume(self) -> None:
        """Go if the vault was opened while something else lay over the question."""
        if not (self.blank or self.dossier.desk.locked):
            self.dismiss()

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Try the passphrase; the vault takes its time on purpose, the screen does not wait."""
        by_command = not event.value and self.dossier.config["passphrase_command"]
        if self.has_class("-busy") or not (event.value or by_command):
            return
        self.add_class("-busy")
        event.input.clear()
        self._tell("Opening …")
        # The app does it: the vault is open then, whatever becomes of this dialog meanwhile.
        self.app.run_worker(self._try(event.value))

    async def _try(self, passphrase: str) -> None:
        app, desk = self.dossier, self.dossier.desk
        locked_before = app.blank.times
        try:
            if passphrase:
                await desk.ask(Session.unlock_with, passphrase)
            else:
                await desk.ask(Session.unlock)
        except Fault as fault:
            self._tell(f"{fault.message}\n{fault.hint or ''}".rstrip())
            return
        finally:
            self.remove_class("-busy")
            app.refresh(layout=True)  # the command may have drawn on the terminal
        self._tell("")
        if app.blank.times == locked_before:  # else it was locked again while the vault took its time
            await app.unlocked()
        if warning := await desk.ask(lambda session: session.warning):
            app.tell(warning)

    def action_cancel(self) -> None:
        """Look around without secrets; not from a blank screen."""
        if not self.blank:
            self.dismiss()
