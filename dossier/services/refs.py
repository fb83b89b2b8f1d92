"""What a REF means: an id, an exact name, or any unambiguous part of a name, alias, mail or phone.

Case, accents and the stroke of đ do not matter. Where an account or a person fits, a bare number is an account;
`a12` and `p12` say which is meant.
"""

from __future__ import annotations

import re

from dossier.domain.text import fold, one_line, phone_digits
from dossier.errors import Ambiguous, NotFound
from dossier.services.session import Session
from dossier.store import views
from dossier.store.catalog import Account, Person
from dossier.store.record import Record
from dossier.store.where import equal

_ID = re.compile(r"([ap]?)(\d{1,9})")
_SHOWN = 8
Candidate = tuple[type[Account] | type[Person], int]
"""What a REF may mean: the kind and the id."""

_LETTER = {Account: "a", Person: "p"}


def account(session: Session, ref: str) -> Account:
    """The account that `ref` means; NotFound or Ambiguous if not exactly one."""
    found = _resolve(session, ref, (Account,))
    assert isinstance(found, Account)
    return found


def person(session: Session, ref: str, at: Account | None = None) -> Person:
    """The person that `ref` means, of one account if given; NotFound or Ambiguous if not exactly one."""
    found = _resolve(session, ref, (Person,), at)
    assert isinstance(found, Person)
    return found


def account_or_person(session: Session, ref: str) -> Account | Person:
    """The account or the person that `ref` means; NotFound or Ambiguous if not exactly one."""
    found = _resolve(session, ref, (Account, Person))
    assert isinstance(found, Account | Person)
    return found


def _resolve(
    session: Session, ref: str, kinds: tuple[type[Account] | type[Person], ...], at: Account | None = None
) -> Record:
    named = _by_id(session, ref, kinds)
    if named is not None:
        if at is not None and isinstance(named, Person) and named.account_id != at.id:
            raise NotFound(
                f"{one_line(named.name)} (p{named.id}) is not at {one_line(at.name)}",
                "look with: dossier person list",
            )
        return named
    candidates = _by_name(session, ref, kinds, at)
    if len(candidates) == 1:
        ((kind, record_id),) = candidates
        return session.reader.get(kind, record_id)
    what = " or ".join(kind.table.name for kind in kinds)
    if at is not None:
        what += f" at {one_line(at.name)}"
    if not candidates:
        noun = kinds[0].table.name
        raise NotFound(f"no {what} matches {one_line(ref)!r}", f"look with: dossier {noun} list")
    raise Ambiguous(
        f"{one_line(ref)!r} fits {_listed(session, candidates)}", "use more of the name, or the id"
    )


def _by_id(session: Session, ref: str, kinds: tuple[type[Account] | type[Person], ...]) -> Record | None:
    match = _ID.fullmatch(ref.strip().lower())
    if match is None:
        return None
    letter, number = match[1], int(match[2])
    for kind in kinds:
        if letter in ("", _LETTER[kind]):
            for record in session.reader.find(kind, equal(id=number)):
                return record
            if letter or len(ref.strip()) < 5:  # a longer number may be part of a phone number
                raise NotFound(
                    f"there is no {kind.table.name} {number}", f"look with: dossier {kind.table.name} list"
                )
    return None


def _by_name(
    session: Session, ref: str, kinds: tuple[type[Account] | type[Person], ...], at: Account | None
) -> list[Candidate]:
    """Who goes by it wholly; only where nobody does, in part. A mail or phone counts only where no name does.

    Else a colleague's address at hanoi-optics.example would make the company's own name ambiguous.
    """
    wanted = fold(ref)
    if not wanted:
        return []
    if number := phone_digits(wanted):
        wanted = number.lstrip("0")  # 024 … and 0084 24 … are found where +84 24 … is stored
    for needle in (f"\n{wanted}\n", wanted):
        found: list[Candidate] = []
        for kind in kinds:
            ids = views.ids_by_name(session.database, kind.table.name, needle, at.id if at else None)
            found += [(kind, record_id) for record_id in ids]
        if found:
            return _by_their_names(session, found, wanted) or found
    return []


def _by_their_names(session: Session, candidates: list[Candidate], wanted: str) -> list[Candidate]:
    """Those of the candidates who have it in a name or alias."""
    if len(candidates) == 1:
        return candidates
    named = set()
    for kind in {kind for kind, _ in candidates}:
        ids = [number for of, number in candidates if of is kind]
        for number, record in session.reader.of_ids(kind, ids, classes=()).items():
            if any(wanted in fold(name) for name in (record.name, *record.aliases)):
                named.add((kind, number))
    return [candidate for candidate in candidates if candidate in named]


def _listed(session: Session, candidates: list[Candidate]) -> str:
    words = []
    for kind, record_id in candidates[:_SHOWN]:
        record = session.reader.get(kind, record_id, classes=())
        of = ""
        if isinstance(record, Person):
            of = f" of {one_line(session.reader.get(Account, record.account_id, classes=()).name)}"
        words.append(f"{_LETTER[kind]}{record_id} {one_line(record.name)}{of}")
    more = len(candidates) - _SHOWN
    return "; ".join(words) + (f" and {more} more" if more > 0 else "")
