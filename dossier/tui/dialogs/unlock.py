"""Unlocking: over a page that wants its secrets, or over a blank screen after the vault was locked."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from dossier.domain.faults import Fault
from dossier.services.session import Session
from dossier.tui.inert import inert
from dossier.tui.keys import bindings

if TYPE_CHECKING:
    from dossier.tui.app import DossierApp


class Unlock(ModalScreen[None]):
    """Asks for the passphrase. Blank, it hides all that lies under it, and nothing but the passphrase lifts it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("cancel")
    HELP: ClassVar[str] = (
        "Type the passphrase and press Enter. What was being typed elsewhere is kept and comes back."
    )

    def __init__(self, why: str, *, blank: bool) -> None:
        super().__init__(classes="-blank" if blank else "")
        self.why = why
        self.blank = blank

    def compose(self) -> ComposeResult:
        """Why, and the passphrase."""
        with Vertical(classes="dialog"):
            yield Static(inert(self.why), classes="dialog--title", markup=False)
            yield Input(password=True, placeholder="Passphrase", id="passphrase")
            yield Static(classes="dialog--fault", markup=False)

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Try the passphrase; the vault takes its time on purpose, the screen does not wait."""
        if not self.has_class("-busy"):
            self.add_class("-busy")
            self.run_worker(self._try(event.value))

    async def _try(self, passphrase: str) -> None:
        app = cast("DossierApp", self.app)
        field, fault_line = self.query_one(Input), self.query_one(".dialog--fault", Static)
        field.clear()
        fault_line.update(inert("Opening …"))
        try:
            await app.desk.ask(Session.unlock_with, passphrase)
        except Fault as fault:
            fault_line.update(inert(f"{fault.message}\n{fault.hint or ''}".rstrip()))
            return
        finally:
            self.remove_class("-busy")
        self.dismiss()
        app.unlocked()

    def action_cancel(self) -> None:
        """Look around without secrets; not from a blank screen."""
        if not self.blank:
            self.dismiss()
