"""Who reports to whom at an account (A4): lines that lead up, never round in a circle.

What is stored may still be unsound, as an undo can bring back a line to somebody who has gone since: such a line counts
as none, and nothing here fails over it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from dossier.domain.faults import RuleBroken

P = TypeVar("P", bound=Mapping[str, Any])

Lines = Mapping[int, int | None]
"""Whom each person of an account reports to, by id; None for nobody."""


def check(person_id: int, superior_id: int, lines: Lines) -> None:
    """Refuse (RuleBroken) that people report to themselves, or to somebody who reports to them, however indirectly."""
    if person_id == superior_id:
        raise RuleBroken("nobody reports to themselves", "name somebody else of the account")
    # Names would tell a secret in a message that may end up anywhere.
    if person_id in _upwards(superior_id, sound(lines)):
        raise RuleBroken(
            "that line would go round in a circle",
            "name somebody who does not report to them, directly or through others",
        )


def sound(lines: Lines) -> dict[int, int]:
    """The lines that lead to somebody who is there, without those that go round in a circle."""
    known = {person: above for person, above in lines.items() if above is not None and above in lines}
    circular: set[int] = set()
    seen: set[int] = set()
    for start in known:
        person, path = start, dict[int, None]()
        while person in known and person not in seen:
            seen.add(person)
            path[person] = None
            person = known[person]
        if person in path:
            way = list(path)
            circular.update(way[way.index(person) :])
    return {person: above for person, above in known.items() if person not in circular}


def tree(people: Iterable[P]) -> list[tuple[int, P]]:
    """People in reading order, each with how many stand above: first whoever reports to nobody here, below them theirs.

    A person has an `id` and a `reports_to_id`, as in the JSON. Who reports to the same one keeps the order given.
    """
    listed = list(people)
    lines = sound({person["id"]: person["reports_to_id"] for person in listed})
    below: dict[int | None, list[P]] = {}
    for person in listed:
        below.setdefault(lines.get(person["id"]), []).append(person)
    found: list[tuple[int, P]] = []
    waiting = [(0, person) for person in reversed(below.get(None, []))]
    while waiting:
        depth, person = waiting.pop()
        found.append((depth, person))
        waiting += [(depth + 1, one) for one in reversed(below.get(person["id"], []))]
    return found


def _upwards(person: int | None, lines: Mapping[int, int]) -> Iterator[int]:
    """A person and everybody above; the lines must be sound."""
    while person is not None:
        yield person
        person = lines.get(person)
