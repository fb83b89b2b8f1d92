"""A dialog: fields over the page one came from, saved with one key; what is typed outlives every failure.

Closed or refused, locked or not, typed text stays in memory until it is saved. It never goes to the disk in clear (C1).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.css.query import NoMatches
from textual.widget import Widget
from textual.widgets import Button, Input, Select, Static, Switch, TextArea

from dossier.domain.faults import BadValue, Fault
from dossier.errors import Damaged, Locked
from dossier.tui.inert import inert
from dossier.tui.keys import bindings
from dossier.tui.modal import Modal
from dossier.tui.watch import ELSEWHERE
from dossier.tui.widgets.field import Field, held, hold
from dossier.tui.widgets.line import Line
from dossier.tui.widgets.who import NameLine

if TYPE_CHECKING:
    from dossier.tui.app import DossierApp

Draft = dict[str, Any]
"""What stands in a dialog's fields, by the ids of their widgets."""

_LINES_OF_A_COMMAND = ("--", "dossier ")
"""What gives away a hint that is meant for the command line."""


def row(label: str, *fields: Widget, id: str | None = None, needed: bool = False) -> Horizontal:
    """Fields on a line behind their label, which has a mark where nothing can be saved without them."""
    said = Static(inert(f"{label} *" if needed else label), classes="dialog--label", markup=False)
    return Horizontal(said, *fields, classes=f"dialog--row{' -needed' if needed else ''}", id=id)


def texts_of(draft: Draft) -> list[str]:
    """What was typed and who was chosen, in a draft."""
    found: list[str] = []
    for filled in draft.values():
        if isinstance(filled, str):
            found.append(filled)
        elif isinstance(filled, tuple):  # of a `Who`: the chosen, of whom one may stand in the text too
            chosen, typed = filled
            found += dict.fromkeys([*(one.name for one in chosen), typed])
    return [text for text in found if text.strip()]


class Dialog(Modal[None]):
    """Fields with a title. A dialog composes its `fields` and does in `save` what it is for."""

    # Enter and Tab move the focus at once: keys that are typed ahead are the next field's already.
    BINDINGS: ClassVar[list[BindingType]] = bindings("save", "cancel", "afresh", "next_field", "leave_field")
    HELP: ClassVar[str] = ""

    changes = True
    title_text = ""
    """What stands above the fields."""
    save_label = "Save"
    begin_at: str | None = None
    """The id of the field where the person begins, if that is not the first."""

    def __init__(self) -> None:
        super().__init__()
        self._blank: Draft | None = None
        self._saving = False
        self._saved = False
        self._wrong: Widget | None = None
        """Where the person was sent to put right what is said to be wrong."""

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
        if self.begin_at is not None:  # at once, so that nothing typed ahead goes to the first field
            self.AUTO_FOCUS = f"#{self.begin_at}, #{self.begin_at} *"  # type: ignore[misc]
        fields = list(self.fields())
        needed = "    * is needed" if any(field.has_class("-needed") for field in fields) else ""
        with Vertical(classes="dialog"):
            yield Static(inert(self.title_text + needed), classes="dialog--title", markup=False)
            yield VerticalScroll(*fields, classes="dialog--fields", can_focus=False)
            yield Static(classes="dialog--fault", markup=False)
            with Horizontal(classes="dialog--buttons"):
                for name, label in (
                    ("afresh", "Start afresh"),
                    ("cancel", "Close"),
                    ("save", self.save_label),
                ):
                    yield Button(
                        Content(f"{label}  {self.dossier.key_of(name)}"),
                        id=name,
                        variant="primary" if name == "save" else "default",
                        compact=True,
                    )

    def on_resize(self) -> None:
        """Let the fields take the room that there is."""
        self._fit()

    def _fit(self) -> None:
        """Leave the title, the fault and the buttons on the screen, however many fields there are."""
        if not self._stands:
            return
        fields = self.query_one(".dialog--fields")
        around = [widget for widget in fields.siblings if widget.display]
        frame = cast("Widget", fields.parent).gutter.height
        room = self.size.height - frame - sum(widget.outer_size.height for widget in around)
        fields.styles.max_height = max(room, 3)
        self.call_after_refresh(self._see_focus)

    def _see_focus(self) -> None:
        if self.focused is not None:
            self.focused.scroll_visible(animate=False, immediate=True)

    @property
    def _stands(self) -> bool:
        """Whether the fields are there: whoever is quick closes the dialog before they are, or are filled in."""
        return self.is_there and bool(self.query("#afresh"))

    async def on_mount(self) -> None:
        """Fill in what is known, then what was typed before."""
        await self._begin()

    async def on_screen_resume(self) -> None:
        """Go on where a lock or another dialog came between."""
        if self._saved:
            self.dismiss()
        elif self.is_mounted and self._blank is None and not self.dossier.desk.locked:
            await self._begin()

    async def _begin(self) -> None:
        if not self._stands:
            return
        self.query_one("#afresh").display = False
        refused: Fault | None = None
        try:
            await self.prepare()
        except Fault as fault:
            refused = fault
        except NoMatches:
            if self._stands:
                raise
        if not self._stands:
            return
        if isinstance(refused, Locked):
            self.fault("The vault is locked. Unlock it to go on.")
            self.dossier.ask_to_unlock()
            return
        if refused is not None:
            self.fault(refused.message, refused.hint)
        self._blank = self.draft()
        if kept := self.dossier.unsaved.drafts.get(self.draft_key):
            await self.restore(kept)
            self.query_one("#afresh").display = True
            self.fault("You typed this before and have not saved it yet.")

    # --- What is typed ------------------------------------------------------------------------------------------------

    def _typed(self) -> Iterator[Widget]:
        for widget in self.query(Widget):
            if widget.id and isinstance(widget, Field | Input | TextArea | Select | Switch):
                yield widget

    def draft(self) -> Draft:
        """What stands in the fields now."""
        return {cast("str", widget.id): held(widget) for widget in self._typed()}

    async def restore(self, draft: Draft) -> None:
        """Let the fields hold what stood in them."""
        for widget in self._typed():
            if widget.id in draft:
                hold(widget, draft[widget.id])

    @property
    def is_dirty(self) -> bool:
        """Whether something is typed that is saved nowhere."""
        return not self._saved and self._blank is not None and self.draft() != self._blank

    @property
    def altered(self) -> Draft:
        """The fields in which something else stands than at first."""
        blank = self._blank or {}
        return {name: held for name, held in self.draft().items() if held != blank.get(name)}

    def keep_draft(self) -> None:
        """Let what is typed outlive the dialog."""
        if self.is_dirty:
            self.dossier.unsaved.drafts[self.draft_key] = self.draft()
            self.dossier.unsaved.typed_in[self.draft_key] = self.title_text
        elif self._blank is not None:
            self.dossier.unsaved.drafts.pop(self.draft_key, None)

    async def action_afresh(self) -> None:
        """Throw away what was typed before."""
        if self._blank is not None:
            self.dossier.unsaved.drafts.pop(self.draft_key, None)
            await self.restore(self._blank)
            self.query_one("#afresh").display = False
            self.fault("")
            next(self._typed()).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether there is a draft to throw away; whether Enter is a field's and no button's."""
        if action == "afresh":
            return self._stands and self.query_one("#afresh").display
        if action == "next_field":
            return isinstance(self.focused, Line)
        return super().check_action(action, parameters)

    def text_of(self, name: str) -> str | None:
        """The text in a field; None where it is blank."""
        widget = self.query_one(f"#{name}")
        text = widget.text if isinstance(widget, Field | TextArea) else cast("Input", widget).value
        return text if text.strip() else None

    def need(self, name: str, message: str) -> str:
        """The text in a field; where it is blank, the person is back in it and hears why: BadValue."""
        text = self.text_of(name)
        if text is None:
            self.query_one(f"#{name}").focus()
            raise BadValue(message)
        return text

    def choice_of(self, name: str) -> str | None:
        """What is chosen in a field; None where nothing is."""
        value = self.query_one(f"#{name}", Select).value
        return None if value is Select.NULL else str(value)

    # --- Saving -------------------------------------------------------------------------------------------------------

    def fault(self, message: str, hint: str | None = None) -> None:
        """Say in the dialog what is wrong; "" says nothing any more."""
        if hint and (hint.startswith(ELSEWHERE) or not any(sign in hint for sign in _LINES_OF_A_COMMAND)):
            message = f"{message}\n{hint}"
        self.query_one(".dialog--fault", Static).update(inert(message))
        self._wrong = None
        self.call_after_refresh(self._look_where)

    def _look_where(self) -> None:
        self._wrong = self.focused
        self._fit()

    @on(Input.Changed)
    @on(TextArea.Changed)
    @on(Select.Changed)
    def _put_right(self, event: Input.Changed | TextArea.Changed | Select.Changed) -> None:
        """What was said to be wrong is not said of what is changed."""
        if event.control is self._wrong and event.control.has_focus:
            self.fault("")

    def action_next_field(self) -> None:
        """Take the name, if names are listed; else go on to the next field, or save where there is one only."""
        if self._takes_a_name():
            return
        if len([widget for widget in self._typed() if widget.display]) > 1:
            self.focus_next()
        else:
            self.action_save()

    def action_leave_field(self) -> None:
        """Take the name, if names are listed; else go on to the next field or button."""
        if not self._takes_a_name():
            self.focus_next()

    def _takes_a_name(self) -> bool:
        line = self.focused
        if not (isinstance(line, NameLine) and line.who.is_open):
            return False
        line.who.take()
        return True

    def action_save(self) -> None:
        """Save, and close if that went well."""
        if self._blank is not None and not self._saving:
            self._saving = True
            # The app does it: a dialog that is closed meanwhile must not stop a change half way.
            self.app.run_worker(self._save(), group="save", exclusive=False)

    async def _save(self) -> None:
        self.fault("")
        self.keep_draft()
        try:
            for field in self.query(Field):
                await self._check(field)
            said = await self.save()
        except Locked:
            self.fault("The vault is locked. What you typed is kept: unlock it and save again.")
            self.dossier.ask_to_unlock()
            return
        except Fault as fault:
            self.fault(fault.message, fault.hint)
            if isinstance(fault, Damaged):
                await self.dossier.look_at_copy()
            return
        finally:
            self._saving = False
        self._saved = True
        self.dossier.unsaved.drafts.pop(self.draft_key, None)
        self.dismiss()  # now, or once what lies over it goes, be it the blank of a lock
        self.tell_saved(said)

    def tell_saved(self, said: str) -> None:
        """Say what was saved, and show it."""
        self.dossier.changed(said)

    async def _check(self, field: Field) -> None:
        try:
            await field.check()
        except Locked:
            raise
        except Fault:
            field.focus()
            raise

    def action_cancel(self) -> None:
        """Close; what is typed is kept for the next time. While it saves, it closes by itself or says what is wrong."""
        if self._saving:
            return
        self.keep_draft()
        if self.is_dirty:
            self.dossier.tell("What you typed is kept: open it again to go on.")
        self.dismiss()

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """The buttons do what the keys do."""
        await self.run_action(f"screen.{event.button.id}")
