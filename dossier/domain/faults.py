"""What the practice refuses: each fault carries one line for the person and a hint on what to do next."""

from __future__ import annotations


class Fault(Exception):
    """Base of everything `dossier` reports instead of crashing.

    `message` is one line without secrets; `hint`, when there is one, says what to do next.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class BadValue(Fault):
    """A value that cannot be meant: 31 February, an empty name, a text beyond its limit (exit 2)."""


class RuleBroken(Fault):
    """A request that is well formed but that a rule of the practice refuses (exit 6)."""
