"""A dialog: fields over the page one came from, saved with one key; what is typed outlives every failure.

Closed or refused, locked or not, typed text stays in memory until it is saved. It never goes to the disk in clear (C1).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Input, Select, Static, Switch, TextArea

from dossier.domain.faults import Fault
from dossier.errors import Locked
from dossier.tui.inert import inert
from dossier.tui.keys import bindings

if TYPE_CHECKING:
    from dossier.tui.app import DossierApp

Draft = dict[str, Any]
"""What stands in a dialog's fields, by the ids of their widgets."""


class Dialog(ModalScreen[None]):
    """Fields with a title. A dialog composes its `fields` and does in `save` what it is for."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("save", "cancel")
    HELP: ClassVar[str] = ""

    title_text = ""
    """What stands above the fields."""
    save_label = "Save"

    def __init__(self) -> None:
        super().__init__()
        self._blank: Draft = {}

    @property
    def dossier(self) -> DossierApp:
        """The app, by its own type."""
        return cast("DossierApp", self.app)

    @property
    def draft_key(self) -> str:
        """What the draft belongs to: opened again for the same, the dialog goes on with it."""
        return f"{type(self).__name__}"

    def fields(self) -> ComposeResult:
        """The widgets that are filled in, each with an id."""
        raise NotImplementedError

    async def save(self) -> str:
        """Do what the dialog is for; what to say about it. A fault keeps the dialog open with what was typed."""
        raise NotImplementedError

    async def prepare(self) -> None:
        """Fetch what the fields begin with. A draft goes over it."""

    def compose(self) -> ComposeResult:
        """Title, fields, what went wrong, buttons."""
        with Vertical(classes="dialog"):
            yield Static(inert(self.title_text), classes="dialog--title", markup=False)
            with VerticalScroll(classes="dialog--fields", can_focus=False):
                yield from self.fields()
            yield Static(classes="dialog--fault", markup=False)
            with Horizontal(classes="dialog--buttons"):
                yield Button(
                    f"{self.save_label}  {self.dossier.key_of('save')}", id="save", variant="primary"
                )
                yield Button(f"Close  {self.dossier.key_of('cancel')}", id="cancel")

    async def on_mount(self) -> None:
        """Fill in what is known, then what was typed before."""
        await self.dossier.guarded(self.prepare())
        self._blank = self.draft()
        if kept := self.dossier.drafts.get(self.draft_key):
            self._restore(kept)
            self.fault("This was typed before and not saved yet.")

    # --- What is typed ------------------------------------------------------------------------------------------------

    def _typed(self) -> Iterator[Widget]:
        for widget in self.query(Widget):
            if widget.id and isinstance(widget, Input | TextArea | Select | Switch):
                yield widget

    def draft(self) -> Draft:
        """What stands in the fields now."""
        found: Draft = {}
        for widget in self._typed():
            assert widget.id is not None
            found[widget.id] = widget.text if isinstance(widget, TextArea) else widget.value  # type: ignore[attr-defined]
        return found

    def _restore(self, draft: Draft) -> None:
        for widget in self._typed():
            if widget.id in draft:
                if isinstance(widget, TextArea):
                    widget.text = draft[widget.id]
                else:
                    widget.value = draft[widget.id]  # type: ignore[attr-defined]

    @property
    def is_dirty(self) -> bool:
        """Whether something is typed that is saved nowhere."""
        return self.draft() != self._blank

    def keep_draft(self) -> None:
        """Let what is typed outlive the dialog."""
        if self.is_dirty:
            self.dossier.drafts[self.draft_key] = self.draft()
        else:
            self.dossier.drafts.pop(self.draft_key, None)

    def text_of(self, name: str) -> str | None:
        """The text in a field; None where it is blank."""
        widget = self.query_one(f"#{name}")
        text = widget.text if isinstance(widget, TextArea) else cast("Input", widget).value
        return text if text.strip() else None

    def choice_of(self, name: str) -> str | None:
        """What is chosen in a field; None where nothing is."""
        value = self.query_one(f"#{name}", Select).value
        return None if value is Select.NULL else str(value)

    # --- Saving -------------------------------------------------------------------------------------------------------

    def fault(self, message: str, hint: str | None = None) -> None:
        """Say in the dialog what is wrong; "" says nothing any more."""
        self.query_one(".dialog--fault", Static).update(inert(f"{message}\n{hint}" if hint else message))

    def action_save(self) -> None:
        """Save, and close if that went well."""
        # The app does it: a dialog that is closed meanwhile must not stop a change half way.
        self.app.run_worker(self._save(), group="save", exclusive=False)

    async def _save(self) -> None:
        if self.has_class("-busy"):
            return
        self.add_class("-busy")
        self.fault("")
        try:
            said = await self.save()
        except Locked:
            self.fault("The vault is locked. What you typed is kept; unlock and save again.")
            self.dossier.ask_to_unlock()
            return
        except Fault as fault:
            self.fault(fault.message, fault.hint)
            return
        finally:
            self.remove_class("-busy")
        self.dossier.drafts.pop(self.draft_key, None)
        if self.is_current or self in self.app.screen_stack:
            self.dismiss()
        self.dossier.changed(said)

    def action_cancel(self) -> None:
        """Close; what is typed is kept for the next time."""
        self.keep_draft()
        if self.is_dirty:
            self.dossier.tell("What you typed is kept: open it again to go on.")
        self.dismiss()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The buttons do what the keys do."""
        if event.button.id == "save":
            self.action_save()
        elif event.button.id == "cancel":
            self.action_cancel()
