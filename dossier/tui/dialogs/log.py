"""Logging an interaction: who, how, when, what was said, what we promised, and what comes next; one key saves all."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Select

from dossier.domain.text import count_of
from dossier.domain.vocabulary import Direction
from dossier.services import interactions
from dossier.services.interactions import Made, Next
from dossier.services.shapes import Shape
from dossier.tui.dialog import Dialog, Draft, row
from dossier.tui.dialogs.channel import channel_choice
from dossier.tui.widgets.day import Day
from dossier.tui.widgets.line import Line
from dossier.tui.widgets.note import Note
from dossier.tui.widgets.who import Who

_PROMISES = 6
"""As many as one talk may well end with; whoever promises more at once should think again."""


class Log(Dialog):
    """What happened with an account or one of its people."""

    HELP: ClassVar[str] = (
        "Type a part of a name and choose with the arrows and Enter. Dates are words: yesterday, fri, 24.12, in 2 "
        "weeks. Once there is a promise, another one can be typed after the next step. Open next steps whose date has "
        "come are done with it."
    )
    title_text = "Log a call, meeting, visit, mail …"

    def __init__(self, ref: str | None) -> None:
        """With whom, `p12` or `a3`, if that is known."""
        super().__init__()
        self._ref = ref
        self._pairs = 1
        self.begin_at = "subject" if ref else None

    @property
    def draft_key(self) -> str:
        """One draft for each account and person, one for nobody yet."""
        return f"Log {self._ref or ''}"

    def fields(self) -> ComposeResult:
        """All that can be said of an interaction."""
        yield row("Whom", Who(id="whom", placeholder="account or person"), needed=True)
        yield row("With", Who(id="with", nouns=("person",), several=True, placeholder="who else took part"))
        yield row(
            "How",
            channel_choice(),
            Select(
                [("we reached out", Direction.OUT.value), ("they reached out", Direction.IN.value)],
                value=Direction.OUT.value,
                allow_blank=False,
                compact=True,
                id="direction",
            ),
        )
        yield row("When", Day("past", default="today", id="on"))
        yield row("Subject", Line(placeholder="what it was about", id="subject"))
        yield row("Note", Note(placeholder="what was said", id="note"))
        yield from _pair_rows(1)
        yield row("Next step", Line(placeholder="what is to be done next", id="next"))
        yield row("  on", Day("to come", placeholder="mon, in 3 days, 31.12", id="next-on"))

    async def prepare(self) -> None:
        """With whom it was."""
        if self._ref:
            await self.query_one("#whom", Who).choose_ref(self._ref)

    async def restore(self, draft: Draft) -> None:
        """Bring back what was typed, with as many promises as there were."""
        await self._offer(len([name for name in draft if name.startswith("promise-")]))
        await super().restore(draft)

    def on_who_changed(self, event: Who.Changed) -> None:
        """Who took part is of the account that is chosen."""
        if event.who.id == "whom":
            chosen = event.who.chosen
            self.query_one("#with", Who).account_id = chosen[0].account_id if chosen else None

    async def on_input_changed(self, _: Input.Changed) -> None:
        """Offer another promise once the last one is typed, and no more than one."""
        filled = [
            number
            for number in range(1, self._pairs + 1)
            if self.text_of(f"promise-{number}") or self.text_of(f"due-{number}")
        ]
        await self._offer(min(max(filled, default=0) + 1, _PROMISES))

    async def _offer(self, pairs: int) -> None:
        """Have the fields of so many promises. They come as they are needed: each takes its time to be drawn.

        They come last, for whoever types ahead is on the way to the next step.
        """
        before, self._pairs = self._pairs, pairs
        for number in range(before + 1, pairs + 1):
            await self.query_one(".dialog--fields").mount(*_pair_rows(number))
        for number in range(pairs + 1, before + 1):
            await self.query(f"#row-{number}, #by-{number}").remove()

    async def save(self) -> str:
        """Log it, with the promises and the next step, in one transaction."""
        whom = self.need("whom", "Say with whom it was.")
        others = self.query_one("#with", Who).refs
        made = [
            Made(title, day)
            for number in range(1, self._pairs + 1)
            if (pair := self._pair(f"promise-{number}", f"due-{number}", "promised"))
            for title, day in [pair]
        ]
        following = self._pair("next", "next-on", "to be done next")
        subject, note = self.text_of("subject"), self.text_of("note")
        if not (subject or note or others or made or following):
            self.need("subject", "Say what it was about.")
        logged = await self.dossier.desk.ask(
            interactions.log,
            whom,
            subject,
            {"channel": self.choice_of("channel"), "direction": self.choice_of("direction"), "note": note},
            on=self.text_of("on"),
            participants=others,
            made=made,
            following=Next(*following) if following else None,
        )
        return _said(logged)

    def _pair(self, title: str, day: str, what: str) -> tuple[str, str] | None:
        """A text and its date; None where both are blank, BadValue where one is."""
        if not (self.text_of(title) or self.text_of(day)):
            return None
        return self.need(title, f"Say what is {what}, too."), self.need(day, f"Say by when that is {what}.")


def _pair_rows(number: int) -> list[Horizontal]:
    return [
        row(
            "Promise" if number == 1 else f"Promise {number}",
            Line(placeholder="what we promised", id=f"promise-{number}"),
            id=f"row-{number}",
        ),
        row("  due", Day("due", placeholder="fri, in 2 weeks, eom", id=f"due-{number}"), id=f"by-{number}"),
    ]


def _said(logged: Shape) -> str:
    whom = ", ".join(logged["with"]) or logged["account"]
    said = f"Logged interaction {logged['id']} with {whom}."  # by which channel is a secret
    if logged["promises"]:
        said += f" {count_of(len(logged['promises']), 'promise')} noted."
    if following := logged["next"]:
        said += f" Next step {following['id']} is for {following['due_on']}."
    if logged["closed_steps"]:
        said += f" Steps done with it: {len(logged['closed_steps'])}."
    return said
