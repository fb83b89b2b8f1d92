"""Adding and editing a record of any noun, field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Select, Static, Switch, TextArea

from dossier.domain.faults import BadValue, Fault
from dossier.errors import Refused
from dossier.services import search
from dossier.services.shapes import Shape
from dossier.services.stored import stored
from dossier.tui.dialog import Dialog, row
from dossier.tui.dialogs.record_fields import FORMS, FieldOf, Values
from dossier.tui.widgets.day import Day
from dossier.tui.widgets.field import hold
from dossier.tui.widgets.line import Line
from dossier.tui.widgets.note import Note
from dossier.tui.widgets.who import Who

if TYPE_CHECKING:
    from dossier.tui.app import DossierApp

_NAMESAKE = FieldOf("namesake", "Somebody else", "switch", "of the same name at the same account")


_MAILS = ("mails", "private_mails")


def add(noun: str, whom: str | None, **begins: str) -> Dialog:
    """The dialog that adds a record about `whom`; `begins` are choices with which it begins, by field."""
    if noun == "interaction":
        from dossier.tui.dialogs.log import Log

        return Log(whom)
    return RecordForm(noun, whom=whom, begins=begins)


async def edit(app: DossierApp, noun: str, number: int) -> None:
    """Open the form of a record, its secrets in clear, for that is what whoever edits it asks for."""
    app.push_screen(RecordForm(noun, number=number))


class RecordForm(Dialog):
    """The fields of a record: of a new one, or of the one with this number."""

    HELP: ClassVar[str] = (
        "Dates are words: fri, in 3 weeks, 31.12. Names complete themselves. A field that is emptied is cleared; "
        "one that is left alone stays as it is, also where it is changed elsewhere meanwhile."
    )

    def __init__(
        self,
        noun: str,
        *,
        number: int | None = None,
        whom: str | None = None,
        begins: dict[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.noun, self.number, self.whom = noun, number, whom
        self.begins = begins or {}
        self.set_class(noun in ("account", "person"), "-wide")
        self.form = FORMS[noun]
        self.asked = self.form.asked("add" if number is None else "edit")
        if number is None and whom and self.asked[0].name == "whom":
            self.begin_at = self.asked[1].name
        self.title_text = f"New {self.form.title}" if number is None else f"Change {self.form.title} {number}"

    @property
    def draft_key(self) -> str:
        """The record, or whom the new one is about."""
        return " ".join(
            [self.noun, f"edit {self.number}" if self.number else f"add {self.whom}", *self.begins.values()]
        )

    # --- Fields -------------------------------------------------------------------------------------------------------

    def fields(self) -> ComposeResult:
        """A row per field."""
        for field in self.asked:
            yield self._row(field)
        if self.noun == "person" and self.number is None:
            namesake = self._row(_NAMESAKE)
            namesake.display = False
            yield namesake

    def _row(self, field: FieldOf) -> Horizontal:
        if field.kind == "switch":
            about = Static(
                f"no · {field.hint}", id=f"{field.name}-said", classes="dialog--hint", markup=False
            )
            return row(field.label, Switch(id=field.name), about)
        # A word that is needed is always chosen.
        return row(field.label, self._widget(field), needed=field.required and field.kind != "choice")

    def _widget(self, field: FieldOf) -> Widget:
        if field.kind in ("text", "lines"):
            return Note(placeholder=field.hint, id=field.name)
        if field.kind == "day":
            return Day(field.meaning, default=field.default, placeholder=field.hint, id=field.name)
        if field.kind in ("who", "people"):
            return Who(
                nouns=field.nouns,
                several=field.kind == "people",
                placeholder=field.hint or "part of a name",
                id=field.name,
            )
        if field.kind == "choice":
            begins = self.begins.get(field.name, field.begins)
            return Select(
                field.choices,
                value=begins or (Select.NULL if not field.required else field.choices[0][1]),
                allow_blank=not field.required,
                prompt="not set",
                compact=True,
                id=field.name,
            )
        return Line(placeholder=field.hint, id=field.name)

    async def prepare(self) -> None:
        """Fill in whom it is about, or what is stored."""
        if self.number is not None:
            record = await self.dossier.desk.ask(stored, self.noun, self.number)
            for field in self.asked:
                await self._fill(field, record)
        elif self.whom:
            await self._fill_whom(await self.dossier.desk.ask(search.named, self.whom))

    async def _fill(self, field: FieldOf, record: Shape) -> None:
        value, widget = record[field.name], self.query_one(f"#{field.name}")
        if isinstance(widget, Who):
            widget.account_id = None if field.name == "account_id" else record["account_id"]
            letter = "a" if field.nouns == ("account",) else "p"
            for number in value if field.kind == "people" else filter(None, [value]):
                await widget.choose_ref(f"{letter}{number}")
        elif isinstance(widget, TextArea):
            hold(widget, "\n".join(value) if field.kind == "lines" else value or "")
        elif isinstance(widget, Select):
            widget.value = Select.NULL if value is None else value
        elif isinstance(widget, Switch):
            widget.value = value
        elif isinstance(widget, Day | Line):
            hold(widget, "" if value is None else str(value))

    async def _fill_whom(self, whom: Shape) -> None:
        for field in self.asked:
            if field.name not in ("whom", "account_id"):
                continue
            who = self.query_one(f"#{field.name}", Who)
            if whom["noun"] in field.nouns:
                who.choose(whom)
            elif field.nouns == ("account",):
                await who.choose_ref(f"a{whom['account_id']}")
            else:
                who.account_id = whom["account_id"]

    def on_switch_changed(self, event: Switch.Changed) -> None:
        """Say it in words too: not every terminal shows the colours that tell on from off."""
        (field,) = [field for field in (*self.asked, _NAMESAKE) if field.name == event.switch.id]
        said = self.query_one(f"#{field.name}-said", Static)
        said.update(f"{'yes' if event.value else 'no'} · {field.hint}")

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Say what is hardly a mail address; it is stored all the same if one saves."""
        note = event.widget
        if isinstance(note, Note) and note.id in _MAILS:
            lines = [line for line in note.text.splitlines() if line.strip()]
            if not all("@" in line for line in lines):
                (field,) = [field for field in self.asked if field.name == note.id]
                self.fault(
                    f"{field.label}: a mail address without @ reaches nobody. It would be stored as it is."
                )

    def on_who_changed(self, event: Who.Changed) -> None:
        """Whom somebody reports to is at the same account."""
        if self.noun == "person" and event.who.id == "account_id" and event.who.chosen:
            self.query_one("#reports_to", Who).account_id = event.who.chosen[0].account_id

    # --- What was filled in -------------------------------------------------------------------------------------------

    def keep_draft(self) -> None:
        """Keep what was typed; fields that were left alone show anew what is stored then."""
        super().keep_draft()
        kept, blank = self.dossier.unsaved.drafts.get(self.draft_key), self._blank
        if kept is not None and blank is not None:
            self.dossier.unsaved.drafts[self.draft_key] = {
                name: value for name, value in kept.items() if value != blank[name]
            }

    def action_save(self) -> None:
        """Save; where nothing was changed there is nothing to save, and it closes."""
        if self.number is not None and self._blank is not None and not self.is_dirty:
            self.action_cancel()
        else:
            super().action_save()

    async def save(self) -> str:
        """Let the noun's service write what was filled in."""
        desk, form = self.dossier.desk, self.form
        if self.number is not None:
            now, blank = self.draft(), self._blank or {}
            changes = {
                field.name: self._given(field) for field in self.asked if now[field.name] != blank[field.name]
            }
            return self._said("Changed", await desk.ask(form.edit, self.number, changes))
        given: Values = {field.name: self._given(field) for field in self.asked}
        values = {
            name: value for name, value in given.items() if value not in ("", []) and value is not False
        }
        assert form.add is not None
        if self.noun != "person":
            return self._said("Added", await desk.ask(form.add, values))
        values["namesake"] = self.query_one("#namesake", Switch).value
        try:
            return self._said("Added", await desk.ask(form.add, values))
        except Refused as refused:
            switch = self.query_one("#namesake", Switch)
            if switch.value:
                raise
            assert isinstance(switch.parent, Widget)
            switch.parent.display = True
            switch.focus()
            hint = "If this is somebody else, say so with the switch and save again."
            raise Refused(refused.message, hint) from None

    def _given(self, field: FieldOf) -> Any:
        """What was filled in; BadValue where something is missing or no number."""
        widget = self.query_one(f"#{field.name}")
        value: Any
        if isinstance(widget, Who):
            value = widget.refs if widget.several else widget.ref or ""
        elif isinstance(widget, TextArea):
            value = widget.text if widget.text.strip() else ""
            if field.kind == "lines":
                value = [line for line in value.split("\n") if line.strip()]
        elif isinstance(widget, Select):
            value = "" if widget.value is Select.NULL else widget.value
        elif isinstance(widget, Switch):
            value = widget.value
        else:
            assert isinstance(widget, Day | Line)
            value = widget.value if widget.value.strip() else ""
        try:
            return _checked(field, value)
        except Fault:
            widget.focus()
            raise

    def _said(self, done: str, shape: Shape) -> str:
        # Names of accounts and people stand in clear anyway; whatever else a record is called is a secret.
        name = f", {shape['name']}" if self.noun in ("account", "person") else ""
        return f"{done} {self.form.title} {shape['id']}{name}."


def _checked(field: FieldOf, value: Any) -> Any:
    if field.required and value == "":
        raise BadValue(f"{field.label}: nothing is filled in there yet")
    if field.kind == "number" and value:
        text = value.strip()
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise BadValue(f"{field.label}: that is no whole number")
        return int(text)
    return value
