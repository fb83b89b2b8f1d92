"""What is done about one promise or next step that takes more than a key: moved, told of, put off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Select, Static

from dossier.domain.text import due_words
from dossier.domain.vocabulary import Channel
from dossier.errors import Locked
from dossier.services import promises, steps
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.tui.dialog import Dialog, row
from dossier.tui.dialogs.channel import channel_choice
from dossier.tui.inert import MASK, inert
from dossier.tui.keys import bindings
from dossier.tui.page import Page
from dossier.tui.widgets.day import Day
from dossier.tui.widgets.note import Note
from dossier.tui.widgets.who import Who


class OfOne(Dialog):
    """A dialog about one record, whose title stands on top: masked, unless the page below shows it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("reveal")

    def __init__(self, number: int, get: Callable[[Session, int], Shape]) -> None:
        super().__init__()
        self.number = number
        self._get = get
        self._shape: Shape = {}
        self._revealed = False

    @property
    def draft_key(self) -> str:
        """One draft for each record."""
        return f"{type(self).__name__} {self.number}"

    def about(self) -> Static:
        """What it is about."""
        return Static(id="about", classes="dialog--hint", markup=False)

    async def prepare(self) -> None:
        """Fetch what it is about; Locked where its title cannot be read."""
        self._shape = await self.dossier.desk.ask(self._get, self.number)
        if self._shape.get("locked"):
            raise Locked("the vault is locked")
        pages = [screen for screen in self.app.screen_stack if isinstance(screen, Page)]
        self._revealed = bool(pages) and pages[-1].revealed
        self._show()

    def action_reveal(self) -> None:
        """Show the title, or hide it again."""
        self._revealed = not self._revealed
        self._show()

    def on_screen_suspend(self) -> None:
        """Hide the title again where a lock comes over it."""
        self._revealed = False
        self._show()

    def _show(self) -> None:
        shape = self._shape
        if shape:
            whom = f"{shape['person']}, {shape['account']}" if shape["person"] else shape["account"]
            title = shape["title"] if self._revealed else f"{MASK}  ctrl+r reveals it"
            self.query_one("#about", Static).update(
                inert(f"{title}\n{whom} · {due_words(shape['days_late'])}, {shape['due_on']}")
            )


def _whom(placeholder: str) -> Who:
    return Who(id="told", nouns=("person",), placeholder=placeholder)


class _OfPromise(OfOne):
    """About a promise: the people who can be told are those of its account."""

    def __init__(self, number: int) -> None:
        super().__init__(number, promises.get)

    async def prepare(self) -> None:
        """Fetch the promise."""
        await super().prepare()
        for who in self.query(Who):
            who.account_id = self._shape["account_id"]


class Renegotiate(_OfPromise):
    """A promise gets a new date, for a reason; the old one stays on record (B2)."""

    HELP: ClassVar[str] = (
        "A promise that will be late needs a new date, the reason, and that they are told of both. Every earlier date "
        "stays on record. Until they are told, it stays on the agenda."
    )
    title_text = "Move a promise to a new date"
    save_label = "Move"

    def __init__(self, number: int, by: str | None) -> None:
        """Whose promise it is, `us` or `them`: of theirs there is nobody to tell."""
        super().__init__(number)
        self._is_ours = by != "them"

    def fields(self) -> ComposeResult:
        """The new date, why, and for one of ours what was said about it to whom."""
        yield self.about()
        yield row("To", Day("to come", placeholder="fri, in 2 weeks, eom", id="to"), needed=True)
        yield row("Because", Note(placeholder="why it moves", id="because"), needed=True)
        if self._is_ours:
            yield row("Apology", Note(placeholder="how we apologised", id="apology"))
            yield row(
                "They know",
                Select(
                    [(f"told by {channel.value}", channel.value) for channel in Channel],
                    prompt="not told yet: it stays on the agenda",
                    compact=True,
                    id="channel",
                ),
            )
            yield row("Told", _whom("who there was told; blank: nobody in particular"))

    async def save(self) -> str:
        """Move it; where they were told, that is logged as an interaction."""
        to = self.need("to", "Say the new date.")
        because = self.need("because", "Say why: a promise is moved for a reason.")
        more: dict[str, Any] = {}
        if self._is_ours:
            told, channel = self.text_of("told"), self.choice_of("channel")
            # "" is told as well, though nobody in particular
            more = {
                "apology": self.text_of("apology"),
                "told": told or ("" if channel else None),
                "channel": Channel(channel) if channel else None,
            }
        moved = await self.dossier.desk.ask(promises.renegotiate, self.number, to=to, because=because, **more)
        said = f"Promise {self.number} is due on {moved['due_on']} now."
        if self._is_ours:
            said += f" {_who_knows(moved)}" if moved["notice"] else " Nobody there knows yet."
        return said


class Told(_OfPromise):
    """They were told that a promise of ours is late, will be late, or was moved (B2)."""

    HELP: ClassVar[str] = "Say who was told, how and when. It is logged as an interaction."
    title_text = "They were told about a promise"

    async def prepare(self) -> None:
        """Whom it was promised to is told first."""
        await super().prepare()
        if person_id := self._shape["person_id"]:
            await self.query_one("#told", Who).choose_ref(f"p{person_id}")

    def fields(self) -> ComposeResult:
        """Who, how, when."""
        yield self.about()
        yield row("Told", _whom("who there was told; blank: nobody in particular"))
        yield row(
            "How",
            channel_choice(),
        )
        yield row("When", Day("past", default="today", id="on"))

    async def save(self) -> str:
        """Record the notice."""
        channel = self.choice_of("channel")
        told = await self.dossier.desk.ask(
            promises.told,
            self.number,
            person=self.text_of("told"),
            channel=Channel(channel) if channel else None,
            on=self.text_of("on"),
        )
        return f"Promise {self.number}: {_who_knows(told)}"


class SnoozeTo(OfOne):
    """A next step is put off to another day."""

    HELP: ClassVar[str] = "Say the day in words: mon, in 3 days, 31.12. Enter saves."
    title_text = "Put off a next step"
    save_label = "Put off"

    def __init__(self, number: int) -> None:
        super().__init__(number, steps.get)

    def fields(self) -> ComposeResult:
        """The day."""
        yield self.about()
        yield row("To", Day("to come", placeholder="the day after", id="to"))

    async def prepare(self) -> None:
        """Blank means tomorrow, for a step whose date has come."""
        await super().prepare()
        if self._shape["days_late"] >= 0:
            self.query_one(Day).stands_for("tomorrow")

    async def save(self) -> str:
        """Put it off."""
        step = await self.dossier.desk.ask(steps.snooze, self.number, to=self.text_of("to"))
        return f"Step {self.number} is put off to {step['due_on']}."


class DoneOn(OfOne):
    """A promise was kept, or a next step done, on another day than today."""

    HELP: ClassVar[str] = "Say the day in words: yesterday, mon, 24.12. Enter saves."

    def __init__(self, noun: str, number: int) -> None:
        self._kept = noun == "promise"
        super().__init__(number, promises.get if self._kept else steps.get)
        self.title_text = "When was the promise kept?" if self._kept else "When was the next step done?"

    @property
    def draft_key(self) -> str:
        """One draft for each promise and step."""
        return f"{self.title_text} {self.number}"

    def fields(self) -> ComposeResult:
        """The day."""
        yield self.about()
        yield row("Kept" if self._kept else "Done", Day("past", default="today", id="on"))

    async def save(self) -> str:
        """Settle it as of that day."""
        desk, on = self.dossier.desk, self.text_of("on")
        if self._kept:
            await desk.ask(promises.keep, self.number, on=on)
            return f"Promise {self.number} is kept."
        await desk.ask(steps.done, self.number, on=on)
        return f"Step {self.number} is done."


class Withdraw(OfOne):
    """Asks before a promise is no longer owed, or a next step no longer wanted. Enter or the key that asked does it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("withdraw")
    HELP: ClassVar[str] = (
        "What is withdrawn or dropped leaves the agenda and stays on record. Undo takes it back."
    )
    begin_at = "save"

    def __init__(self, noun: str, number: int, by: str | None) -> None:
        self._noun = noun
        super().__init__(number, promises.get if noun == "promise" else steps.get)
        if noun == "promise":
            self.title_text, self.save_label = "Withdraw a promise?", "Withdraw"
            self._means = "It is no longer owed, and leaves the agenda; it counts as neither kept nor broken."
            if by != "them":
                self._means += " Nobody is told by this: if they do not know yet, tell them first."
        else:
            self.title_text, self.save_label = "Drop a next step?", "Drop"
            self._means = "It is no longer wanted, and leaves the agenda without being done."

    def fields(self) -> ComposeResult:
        """What goes, and what that means."""
        yield self.about()
        yield Static(inert(self._means), classes="means", markup=False)

    async def save(self) -> str:
        """Withdraw or drop it."""
        if self._noun == "promise":
            await self.dossier.desk.ask(promises.withdraw, self.number)
            return f"Promise {self.number} is withdrawn."
        await self.dossier.desk.ask(steps.drop, self.number)
        return f"Step {self.number} is dropped."

    def action_withdraw(self) -> None:
        """The key that asked says yes."""
        self.action_save()


def _who_knows(shape: Shape) -> str:
    people = shape["notice"]["with"]
    return f"{', '.join(people) or shape['account']} knows."
