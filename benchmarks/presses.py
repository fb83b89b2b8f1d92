"""What is measured of the keys of the full-screen view; light, for who measures commands must stay small."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from statistics import median, quantiles
from typing import NamedTuple

BUDGET = 0.05
"""Seconds within which half of all keys must be answered."""


class Presses(NamedTuple):
    """Keys pressed on a page: seconds until the screen first changed after each, and until it changed no more."""

    label: str
    answered: list[float]
    done: list[float]

    @staticmethod
    def all_of(found: Iterable[Presses]) -> Presses:
        """Those of all pages together."""
        together = Presses("all", [], [])
        for one in found:
            together.answered.extend(one.answered)
            together.done.extend(one.done)
        return together

    @staticmethod
    def typical(seconds: Sequence[float]) -> tuple[float, float]:
        """Their median and their 95th percentile."""
        return median(seconds), quantiles(seconds, n=20, method="inclusive")[-1]


def told(found: Iterable[Presses]) -> str:
    """As `found_in` reads it."""
    return json.dumps(list(found))


def found_in(text: str) -> list[Presses]:
    """What `told` wrote."""
    return [Presses(*one) for one in json.loads(text)]
