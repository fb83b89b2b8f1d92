"""What a check tells: each thing that is wrong, and how to go on from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from dossier.errors import RESTORE, SALVAGE
from dossier.vault.header import ways_in

Progress = Callable[[int, int], None]
"""Told now and then how many records of how many were looked at."""

ACCEPT_HEADER = f"{RESTORE}; or, with the passphrase that opens it now: dossier vault accept"
"""The header may be somebody else's: only whoever opens it shows that it belongs to this vault."""


def opens_by(header: bytes) -> str:
    """What it means to go on with a header that may be an older one."""
    return f"what opened the vault at its time opens it: {ways_in(header)}"


class Problem(NamedTuple):
    """One thing that is wrong: with a record (`noun`, its id, its uid in hex) or with a part of the vault."""

    noun: str
    id: int | None
    uid: str | None
    problem: str
    how: str = SALVAGE
    """How to go on: one of the ways above, or `ACCEPT`."""

    def __str__(self) -> str:
        name = self.noun.replace("_", " ")
        return f"{name} {self.problem}" if self.id is None else f"{name} {self.id} {self.problem}"

    @property
    def acceptable(self) -> bool:
        """Whether a person may decide to go on with it."""
        return self.how is not SALVAGE


class Report(NamedTuple):
    """What was found: how many records of each noun there are, and all that is wrong."""

    counts: dict[str, int]
    problems: list[Problem]
