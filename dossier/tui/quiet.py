"""Textual's app, kept from what a private view must not do by itself, such as reports that show values."""

from __future__ import annotations

from time import time
from typing import Any

from textual import events
from textual.app import App
from textual.keys import key_to_character
from textual.worker import WorkerFailed

from dossier.domain.faults import Fault
from dossier.domain.text import one_line
from dossier.errors import Unavailable

_TO_READ, _TO_READ_A_FAULT = 4.0, 15.0
"""Seconds that something done, and something that went wrong, stay at the top."""

_SEEN_AFTER = 0.8
"""Seconds after which a key takes away what is said; before that it may have been pressed without seeing it."""


class Quiet(App[None]):
    """An app that writes down nothing, ends without values, and says one thing at a time."""

    COMMAND_PALETTE_BINDING = ""
    ENABLE_COMMAND_PALETTE = False  # ours opens by `action_palette`, with actions that this view has

    def __init__(self) -> None:
        self.failure: Exception | None = None
        """The mistake of ours that ended the view, if one did."""
        super().__init__()

    async def on_event(self, event: events.Event) -> None:
        """Take away what was said, once it was seen and a key is pressed."""
        if isinstance(event, events.Key) and any(
            time() - said.raised_at > _SEEN_AFTER for said in self._notifications
        ):
            self.clear_notifications()
        await super().on_event(event)

    async def _check_bindings(self, key: str, priority: bool = False) -> bool:
        # A sign that a field takes is text, also where it is the key of what works everywhere, as ? is of the help.
        if priority and self.focused and self.focused.check_consume_key(key, key_to_character(key)):
            return False
        return await super()._check_bindings(key, priority)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether something can be done now; what Textual would write to a file never can (C1)."""
        return False if action == "screenshot" else super().check_action(action, parameters)

    # --- Failing ------------------------------------------------------------------------------------------------------

    def give_up(self) -> None:
        """Put by what must outlive a view that ends by no will of the person."""

    def _handle_exception(self, error: Exception) -> None:
        if self.failure is None:
            failed = error.error if isinstance(error, WorkerFailed) else error
            self.failure = failed if isinstance(failed, Exception) else error
            self.give_up()
        super()._handle_exception(error)

    def panic(self, *_: object) -> None:
        """End without Textual's report, which prints local variables; whoever ran the view tells what happened."""
        if self.failure is None and not self._exit:
            # Not by way of a mistake that was caught: what reads the terminal has failed.
            self.failure = Unavailable("the terminal cannot be read any more", "start it again: dossier tui")
            self.give_up()
        self._close_messages_no_wait()

    _fatal_error = panic

    # --- What is said -------------------------------------------------------------------------------------------------

    def tell(self, message: str) -> None:
        """A line at the top for a few seconds."""
        self.say(one_line(message), timeout=_TO_READ)

    def on_notify(self) -> None:
        """The newest is what counts: what was said before goes."""
        self._notifications.clear()

    def tell_fault(self, fault: Fault) -> None:
        """What went wrong, and what to do about it."""
        self.say(
            one_line(fault.hint or ""),
            title=one_line(fault.message),
            severity="error",
            timeout=_TO_READ_A_FAULT,
        )

    def say(self, message: str, **how: Any) -> None:
        """A line at the top; markup in it means nothing."""
        self.notify(message, markup=False, **how)
