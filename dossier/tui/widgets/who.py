"""An account or a person, or several people, by a part of the name."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, OptionList, Static

from dossier.domain.faults import Fault
from dossier.services import search
from dossier.services.shapes import Shape
from dossier.tui.inert import inert
from dossier.tui.keys import bindings
from dossier.tui.widgets.field import Field
from dossier.tui.widgets.line import Line

if TYPE_CHECKING:
    from textual.worker import WorkType

    from dossier.tui.app import DossierApp

_PAUSE = 0.05
"""Seconds without a key before names are looked up."""
_SHOWN = 6


class Chosen(NamedTuple):
    """Somebody who was chosen, with what is needed to show them."""

    ref: str
    name: str
    account: str
    account_id: int

    @classmethod
    def of(cls, found: Shape) -> Chosen:
        """From what `services.search.names` and `named` give."""
        letter = "a" if found["noun"] == "account" else "p"
        return cls(f"{letter}{found['id']}", found["name"], found["account"], found["account_id"])

    @property
    def place(self) -> str:
        """Where a person is; nothing for an account."""
        return self.account if self.ref.startswith("p") else ""


class NameLine(Line):
    """What is typed of a name. While names are listed, some keys are theirs."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("take_name", "next_name", "previous_name", "close_names")

    @property
    def who(self) -> Who:
        """The field that this is part of."""
        return next(node for node in self.ancestors if isinstance(node, Who))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where no names are listed, their keys mean what they mean elsewhere."""
        if action in ("take_name", "previous_name", "close_names"):
            return self.who.is_open
        return super().check_action(action, parameters)

    async def action_submit(self) -> None:
        """Enter takes the name, if names are listed."""
        if self.who.is_open:
            self.who.take()
        else:
            await super().action_submit()

    def action_take_name(self) -> None:
        """Take the name under the cursor."""
        self.who.take()

    def action_next_name(self) -> None:
        """Down among the names; list them if they are not."""
        self.who.move(1)

    def action_previous_name(self) -> None:
        """Up among the names."""
        self.who.move(-1)

    def action_close_names(self) -> None:
        """List no names any more."""
        self.who.close()

    def action_delete_left(self) -> None:
        """Where nothing is typed, the name chosen last goes."""
        if self.value or not self.who.let_go():
            super().action_delete_left()


class Names(OptionList, can_focus=False):
    """The names that fit what is typed."""


class Who(Field):
    """A name with completion. What is typed and not chosen counts as it is: a service finds out who is meant.

    `nouns` says whether accounts, people or both will do; `several` lets more than one be chosen. `account_id`, which
    may change at any time, keeps to one account and its people.
    """

    class Changed(Message):
        """Somebody else is chosen now, or nobody."""

        def __init__(self, who: Who) -> None:
            super().__init__()
            self.who = who

        @property
        def control(self) -> Who:
            """The field."""
            return self.who

    def __init__(
        self,
        *,
        nouns: Sequence[str] = ("account", "person"),
        several: bool = False,
        account_id: int | None = None,
        placeholder: str = "part of a name",
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.nouns = nouns
        self.several = several
        self.account_id = account_id
        self._chosen: tuple[Chosen, ...] = ()
        self._listed: list[Chosen] = []
        # At hand at any time: names may come when the dialog goes already.
        self._line = NameLine(placeholder=placeholder)
        self._line.select_on_focus = True  # a name is a choice: another one takes its place
        self._those = Static(classes="who--chosen", markup=False)
        self._at = Static(classes="who--at", markup=False)
        self._names = Names(markup=False, compact=True)

    def compose(self) -> ComposeResult:
        """Who is chosen, what is typed, the names that fit."""
        yield self._those
        yield Horizontal(self._line, self._at, classes="who--typed")
        yield self._names

    @property
    def line(self) -> Line:
        """What is typed into."""
        return self._line

    def on_mount(self) -> None:
        """Show who was chosen before there was a place to show it."""
        self._show()

    # --- What is chosen -----------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> tuple[Chosen, ...]:
        """Who is chosen; at most one unless several will do."""
        return self._chosen

    @property
    def refs(self) -> list[str]:
        """Everybody meant: `p12` or `a3` for who was chosen, then what is typed and not chosen, as it is."""
        named = [one.ref for one in self._chosen]
        text = self.line.value.strip()
        return [*named, text] if text and (self.several or not named) else named

    @property
    def ref(self) -> str | None:
        """The only or first one meant; None while there is nobody."""
        return next(iter(self.refs), None)

    def choose(self, found: Shape | Chosen) -> None:
        """Choose somebody, as `services.search.names` or `named` gives them."""
        one = found if isinstance(found, Chosen) else Chosen.of(found)
        kept = tuple(other for other in self._chosen if other.ref != one.ref) if self.several else ()
        self.held = ((*kept, one), "" if self.several else one.name)

    async def choose_ref(self, ref: str) -> None:
        """Choose whom `ref` means; NotFound or Ambiguous if that is not one."""
        self.choose(await cast("DossierApp", self.app).desk.ask(search.named, ref))

    def let_go(self) -> bool:
        """Where several may be chosen, no longer mean the last one; whether there was one."""
        if not (self.several and self._chosen):
            return False
        self.held = (self._chosen[:-1], self.line.value)
        return True

    @property
    def text(self) -> str:
        """The only or first one meant."""
        return self.ref or ""

    async def check(self) -> None:
        """Choose whom the typed text means, if it means one; else NotFound or Ambiguous."""
        text = self.line.value.strip()
        if text and (self.several or not self._chosen):
            desk = cast("DossierApp", self.app).desk
            self.choose(await desk.ask(search.named, text, nouns=self.nouns, account_id=self.account_id))

    @property
    def held(self) -> Any:
        """Who is chosen, and what is typed."""
        return self._chosen, self.line.value

    @held.setter
    def held(self, value: Any) -> None:
        chosen, text = value
        before, self._chosen = self._chosen, tuple(chosen)
        with self.line.prevent(Input.Changed):
            self.line.value = text
        self.line.cursor_position = len(text)
        self.close()
        self._show()
        if before != self._chosen:
            self.post_message(self.Changed(self))

    def _show(self) -> None:
        self._those.display = self.several and bool(self._chosen)
        self._those.update(inert(", ".join(one.name for one in self._chosen)))
        place = self._chosen[0].place if self._chosen and not self.several else ""
        self._at.update(inert(f"at {place}" if place else ""))

    # --- The names that fit -------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether names are listed."""
        return bool(self._listed)

    def close(self) -> None:
        """List no names."""
        self.workers.cancel_group(self, "names")
        self._listed = []
        self._names.display = False

    def move(self, by: int) -> None:
        """Go up or down among the names; where none are listed, list them."""
        if not self.is_open:
            self._look()
        else:
            names = self._names
            names.highlighted = ((names.highlighted or 0) + by) % len(self._listed)

    def take(self) -> None:
        """Choose whoever is under the cursor."""
        self.choose(self._listed[self._names.highlighted or 0])

    def on_input_changed(self, event: Input.Changed) -> None:
        """List who fits what is typed."""
        if self._chosen and not self.several and event.value != self._chosen[0].name:
            self._chosen = ()
            self._show()
            self.post_message(self.Changed(self))
        if event.value.strip():
            self._look()
        else:
            self.close()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click chooses too."""
        event.stop()
        if event.option_index < len(self._listed):
            self.choose(self._listed[event.option_index])

    def on_descendant_blur(self, _: events.DescendantBlur) -> None:
        """Names are listed only for who types."""
        self.close()

    def _look(self) -> None:
        work: WorkType[None] = (
            self._list
        )  # begun by the worker: of several at once all but the last never are
        self.run_worker(work, group="names", exclusive=True)

    async def _list(self) -> None:
        await asyncio.sleep(_PAUSE)
        desk = cast("DossierApp", self.app).desk
        try:
            found = await desk.ask(
                search.names,
                self.line.value,
                limit=_SHOWN + len(self._chosen),
                nouns=self.nouns,
                account_id=self.account_id,
            )
        except Fault:  # the vault cannot be read now, which saving will say; typing goes on
            found = []
        if self.several:
            found = [one for one in found if Chosen.of(one).ref not in self.refs]
        found = found[:_SHOWN]
        self._listed = [Chosen.of(one) for one in found]
        names = self._names
        names.clear_options()
        names.add_options([self._option(one) for one in found])
        names.display = self.is_open
        if self.is_open:
            names.highlighted = 0
        at = "" if found else "nobody goes by that name"
        self._at.update(at)

    def _option(self, found: Shape) -> Text:
        about = [found["position"]] if found["noun"] == "person" else ["account"]
        if found["noun"] == "person" and self.account_id is None:
            about.append(found["account"])
        soft = " · ".join(filter(None, about))
        text = inert(found["name"])
        if soft:
            text.append(f"  {inert(soft).plain}", self.get_component_rich_style("who--soft", partial=True))
        return text

    COMPONENT_CLASSES: ClassVar[set[str]] = {"who--soft"}
