"""A date in people's words, and what is understood of it while it is typed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from textual.app import ComposeResult
from textual.widgets import Input, Static

from dossier.services import dates
from dossier.tui.inert import inert
from dossier.tui.widgets.field import Field, hold
from dossier.tui.widgets.line import Line

if TYPE_CHECKING:
    from textual.worker import WorkType

    from dossier.tui.app import DossierApp

_PAUSE, _LONG_PAUSE = 0.05, 0.5
"""Seconds without a key before a text is read: words of other languages need a library that takes its time."""


class Day(Field):
    """A `Line` with an echo beside it: `Fri 12 March 2027, in 2 days`, or what is wrong with it.

    `meaning` says which days will do (`services.dates.Meaning`); `default` are the words for which an empty field
    stands, if there are any.
    """

    def __init__(
        self,
        meaning: dates.Meaning = "to come",
        *,
        default: str = "",
        placeholder: str = "",
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.meaning = meaning
        self.default = default
        # At hand at any time: what a text means may come when the dialog goes already.
        self._line = Line(placeholder=placeholder or default)
        self._said = Static(classes="day--echo", markup=False)

    def compose(self) -> ComposeResult:
        """What is typed, and what it means."""
        yield self._line
        yield self._said

    @property
    def line(self) -> Line:
        """What is typed into."""
        return self._line

    def on_mount(self) -> None:
        """Say what an empty field means."""
        self._look()

    @property
    def value(self) -> str:
        """The words as they were typed; a service turns them into a day."""
        return self.line.value

    @value.setter
    def value(self, words: str) -> None:
        hold(self.line, words)

    @property
    def text(self) -> str:
        """The words."""
        return self.value

    @property
    def held(self) -> Any:
        """The words."""
        return self.value

    @held.setter
    def held(self, value: Any) -> None:
        self.value = value

    def stands_for(self, words: str) -> None:
        """An empty field means the same as these words."""
        self.default = self.line.placeholder = words
        self._look()

    async def check(self) -> None:
        """BadValue if the words name no day that will do."""
        if self.value.strip():
            await cast("DossierApp", self.app).desk.ask(dates.read, self.value, self.meaning)

    def on_input_changed(self, _: Input.Changed) -> None:
        """Read the words once the person pauses."""
        self._look()

    def _look(self) -> None:
        work: WorkType[None] = (
            self._echo
        )  # begun by the worker: of several at once all but the last never are
        self.run_worker(work, group="echo", exclusive=True)

    async def _echo(self) -> None:
        echo, words = self._said, self.value.strip() or self.default
        if not words:
            echo.update("")
            return
        await asyncio.sleep(_PAUSE if words.isascii() else _LONG_PAUSE)
        desk = cast("DossierApp", self.app).desk
        seen = await desk.ask(dates.preview, words, self.meaning)
        echo.set_class(seen["stored"] is None, "-wrong")
        echo.update(inert(seen["words"]))
