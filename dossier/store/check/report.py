"""What a check tells: each thing that is wrong, and how to go on from it."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import Any, NamedTuple

from dossier.errors import ACCEPT, RESTORE, SALVAGE
from dossier.vault.header import ways_in

Progress = Callable[[int, int], None]
"""Told now and then how many records of how many were looked at."""

ACCEPT_HEADER = f"{RESTORE}; or, with the passphrase that opens it now: dossier vault accept"
"""The header may be somebody else's: only whoever opens it shows that it belongs to this vault."""


class Way(Enum):
    """How to go on from what is wrong: it decides what a person may accept."""

    SALVAGE = auto()
    """Not with this file as it is: somebody else wrote it, or what it held is gone."""
    ACCEPT = auto()
    """A person may decide to go on with it."""
    ACCEPT_HEADER = auto()
    """So may whoever opens the vault by its header as it is."""


_SAID = {Way.SALVAGE: SALVAGE, Way.ACCEPT: ACCEPT, Way.ACCEPT_HEADER: ACCEPT_HEADER}


def opens_by(header: bytes) -> str:
    """What it means to go on with a header that may be an older one."""
    return f"what opened the vault at its time opens it: {ways_in(header)}"


class Problem(NamedTuple):
    """One thing that is wrong: with a record (`noun`, its id, its uid in hex) or with a part of the vault."""

    noun: str
    id: int | None
    uid: str | None
    problem: str
    way: Way = Way.SALVAGE

    def __str__(self) -> str:
        name = self.noun.replace("_", " ")
        return f"{name} {self.problem}" if self.id is None else f"{name} {self.id} {self.problem}"

    @property
    def acceptable(self) -> bool:
        """Whether a person may decide to go on with it."""
        return self.way is not Way.SALVAGE

    @property
    def how(self) -> str:
        """How to go on, as it is said."""
        return _SAID[self.way]

    def shape(self) -> dict[str, Any]:
        """The JSON: `{noun, id, uid, problem, how}`."""
        return {
            "noun": self.noun,
            "id": self.id,
            "uid": self.uid,
            "problem": self.problem,
            "how": self.how,
        }


class Report(NamedTuple):
    """What was found: how many records of each noun there are, and all that is wrong."""

    counts: dict[str, int]
    problems: list[Problem]
