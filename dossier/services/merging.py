"""What a person from a file adds to one we know: it fills gaps and never overwrites (C3)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any, NamedTuple

from dossier.domain.faults import BadValue
from dossier.domain.limits import TEXT_LIMIT
from dossier.domain.partial_date import PartialDate
from dossier.domain.text import fold
from dossier.store.catalog import Person
from dossier.store.rows import search_key

_REACHED_BY = (("mails", "private_mails"), ("phones", "private_phones"))
_SINGLE = ("position", "department", "language", "private_address")


class Merge(NamedTuple):
    """What a file's person changes in ours; `notes` name what was left as it is, without saying what it is."""

    changes: dict[str, Any]
    notes: list[str]


def merge(known: Person, new: Person) -> Merge:
    """What `new` (checked, not stored) knows beyond `known` (stored, all secrets open).

    Mails, phones and other names are added, whatever is empty is filled, a birthday is completed, a note goes below
    ours. Where both say something different, ours stays and a note tells so. What we hold as private stays private.
    """
    found = Merge({}, [])
    _merge_names(found, known, new)
    _merge_reached_by(found, known, new)
    for name in _SINGLE:
        _merge_single(found, name, getattr(known, name), getattr(new, name))
    _merge_birthday(found, known.birthday, new.birthday)
    _merge_note(found, known.note, new.note)
    return found


def may_be_one(name: str, other: str) -> bool:
    """Whether two people with the same mail address can be one: colleagues may share an office's address.

    One name must say no more than the other, in any order and with initials (A. Weber, Anna Weber); a name in another
    script can always be the same (王伟, Wang Wei).
    """
    if _script(name) != _script(other):
        return True
    shorter, longer = sorted((_words(name), _words(other)), key=len)
    for word in shorter:
        fitting = next((each for each in longer if _fits(word, each)), None)
        if fitting is None:
            return False
        longer.remove(fitting)
    return True


def reach_key(value: str) -> str:
    """The form in which mails and phones are compared: folded, or the digits of a phone number."""
    return search_key(value).rpartition("\n")[2]


def _script(name: str) -> str:
    """The script of a name's first letter as Unicode calls it: `LATIN`, `CYRILLIC`, `CJK`."""
    letter = next(filter(str.isalpha, name), "")
    return unicodedata.name(letter, "").partition(" ")[0] if letter else ""


def _words(name: str) -> list[str]:
    return fold(name).replace(".", " ").replace(",", " ").split()


def _fits(word: str, other: str) -> bool:
    return word == other or (min(len(word), len(other)) == 1 and word[0] == other[0])


def _unknown(values: Iterable[str], known: set[str]) -> list[str]:
    """The values that are not among the `known` keys, to which they are added."""
    found = []
    for value in values:
        key = reach_key(value)
        if key not in known:
            known.add(key)
            found.append(value)
    return found


def _merge_names(found: Merge, known: Person, new: Person) -> None:
    ours = {reach_key(name) for name in (known.name, *known.aliases)}
    if added := _unknown((new.name, *new.aliases), ours):
        found.changes["aliases"] = known.aliases + added


def _merge_reached_by(found: Merge, known: Person, new: Person) -> None:
    for pair in _REACHED_BY:
        ours = {reach_key(value) for field in pair for value in getattr(known, field)}
        for field in pair:
            if added := _unknown(getattr(new, field), ours):
                found.changes[field] = getattr(known, field) + added


def _merge_single(found: Merge, name: str, ours: str | None, theirs: str | None) -> None:
    if not theirs:
        return
    if not ours:
        found.changes[name] = theirs
    elif fold(ours) != fold(theirs):
        found.notes.append(f"has another {name.replace('_', ' ')}: ours is kept")


def _merge_birthday(found: Merge, ours: str | None, theirs: str | None) -> None:
    if not theirs or ours == theirs:
        return
    both = _completed(ours, theirs) if ours else theirs
    if both is None:
        found.notes.append("has another birthday: ours is kept")
    elif both != ours:
        found.changes["birthday"] = both


def _completed(ours: str, theirs: str) -> str | None:
    """Two partial dates as one; None if they contradict each other."""
    pairs = list(zip(PartialDate.parse(ours), PartialDate.parse(theirs), strict=True))
    if any(None not in pair and pair[0] != pair[1] for pair in pairs):
        return None
    try:
        return str(PartialDate.of(*(their if our is None else our for our, their in pairs)))
    except BadValue:  # 29 February in a common year
        return None


def _merge_note(found: Merge, ours: str | None, theirs: str | None) -> None:
    if not theirs or (ours and theirs in ours):
        return
    both = theirs if not ours or ours in theirs else f"{ours}\n\n{theirs}"
    if len(both) > TEXT_LIMIT:
        found.notes.append("has another note, and both do not fit: ours is kept")
    else:
        found.changes["note"] = both
