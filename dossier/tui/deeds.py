"""What can be done with the thing under the cursor, on whatever page it stands.

A page says in `target` what that is; the keys that do not fit it do nothing and are not in the footer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple, cast

from textual.binding import BindingType
from textual.screen import Screen

from dossier.services import promises, steps
from dossier.tui.keys import bindings

if TYPE_CHECKING:
    from dossier.tui.app import DossierApp


class Target(NamedTuple):
    """What an action is about: a record by noun and id, and whose it is."""

    noun: str
    id: int
    account_id: int
    person_id: int | None = None
    by: str | None = None
    """Whose promise it is, if it is one: `us` or `them`."""
    settled: bool = False
    """Whether it is a promise or step that is no longer open."""

    @property
    def ref(self) -> str:
        """Whom it concerns, as services take it: `p12` or `a3`."""
        return f"p{self.person_id}" if self.person_id else f"a{self.account_id}"


_FITTING = {
    "done": ("promise", "step"),
    "done_on": ("promise", "step"),
    "move": ("promise", "step"),
    "snooze": ("step",),
    "told": ("promise",),
    "withdraw": ("promise", "step"),
    "edit": ("account", "person", "fact", "relative", "occasion", "interaction", "promise", "step"),
    "remove": ("account", "person", "fact", "relative", "occasion", "interaction", "promise", "step"),
}
"""The nouns that an action can be about."""

_OF_OPEN = ("done", "done_on", "move", "snooze", "told", "withdraw")


class Deeds(Screen[None]):
    """A screen on which things are done."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "done",
        "done_on",
        "move",
        "snooze",
        "told",
        "withdraw",
        "log",
        "promise",
        "brief",
        "add",
        "edit",
        "remove",
    )

    def target(self) -> Target | None:
        """What the cursor is on; None where it is on nothing."""
        return None

    def whom(self) -> str | None:
        """The account or person that something new would be about, as services take it: `p12`, `a3`."""
        target = self.target()
        return target.ref if target else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action fits what the cursor is on."""
        nouns = _FITTING.get(action)
        if nouns is not None:
            target = self.target()
            if target is None or target.noun not in nouns:
                return False
            if action in _OF_OPEN and target.settled:
                return False
            if action == "told" and target.by == "them":
                return False
        return super().check_action(action, parameters)

    @property
    def dossier(self) -> DossierApp:
        """The app, by its own type."""
        return cast("DossierApp", self.app)

    def action_done(self) -> None:
        """Mark the promise as kept, the step as done."""
        if (target := self.target()) is None:
            return
        if target.noun == "promise":
            self.dossier.do(promises.keep, f"Promise {target.id} is kept.", target.id)
        else:
            self.dossier.do(steps.done, f"Step {target.id} is done.", target.id)

    def action_done_on(self) -> None:
        """Mark it as kept or done on a day that one says."""
        if target := self.target():
            from dossier.tui.dialogs.promise import DoneOn

            self.app.push_screen(DoneOn(target.noun, target.id))

    def action_snooze(self) -> None:
        """Put the step off by a day."""
        if target := self.target():
            self.dossier.do(steps.snooze, f"Step {target.id} is put off by a day.", target.id)

    def action_withdraw(self) -> None:
        """Say that the promise is no longer owed, the step no longer wanted, after asking."""
        if target := self.target():
            from dossier.tui.dialogs.promise import Withdraw

            self.app.push_screen(Withdraw(target.noun, target.id, target.by))

    def action_move(self) -> None:
        """Give the promise a new date and say why, or the step another day."""
        if (target := self.target()) is None:
            return
        from dossier.tui.dialogs.promise import Renegotiate, SnoozeTo

        self.app.push_screen(
            Renegotiate(target.id, target.by) if target.noun == "promise" else SnoozeTo(target.id)
        )

    def action_told(self) -> None:
        """Record that they were told of the promise's failing."""
        if target := self.target():
            from dossier.tui.dialogs.promise import Told

            self.app.push_screen(Told(target.id))

    def action_log(self) -> None:
        """Log an interaction with whom the cursor is on."""
        from dossier.tui.dialogs.log import Log

        self.app.push_screen(Log(self.whom()))

    def action_promise(self) -> None:
        """Note a promise, ours or theirs."""
        from dossier.tui.dialogs.record import add

        self.app.push_screen(add("promise", self.whom()))

    def action_brief(self) -> None:
        """One page about whom the cursor is on, before a meeting."""
        if whom := self.whom():
            from dossier.tui.screens.brief import Brief

            self.app.push_screen(Brief(whom))

    def action_add(self) -> None:
        """Choose what to add, then type it."""
        from dossier.tui.dialogs.choose import WhatToAdd

        self.app.push_screen(WhatToAdd(self.whom()))

    def action_edit(self) -> None:
        """Change what the cursor is on."""
        if target := self.target():
            from dossier.tui.dialogs.record import edit

            self.dossier.start(edit(self.dossier, target.noun, target.id))

    def action_remove(self) -> None:
        """Remove what the cursor is on, after asking."""
        if target := self.target():
            from dossier.tui.dialogs.remove import Remove

            self.app.push_screen(Remove(target.noun, target.id))
