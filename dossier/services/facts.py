"""Facts: what is known about a person or an account, who said it, when it was last confirmed (A3, A10)."""

from __future__ import annotations

from collections.abc import Sequence

from dossier.domain.faults import BadValue, RuleBroken
from dossier.errors import Locked
from dossier.services import about, dates, edits, refs, shapes_people
from dossier.services.about import Whom
from dossier.services.edits import Changes
from dossier.services.passphrases import HOW_TO_UNLOCK
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.store.catalog import Fact


def add(session: Session, ref: str, text: str, changes: Changes, *, on: str | None = None) -> Shape:
    """Note a fact about an account or one of its people, learned and so confirmed `on` that day, today unless told."""
    learned_on = dates.past_day(session, on)
    values = edits.values(session, Fact, changes)
    with session.change("fact add") as transaction:
        whom = refs.account_or_person(session, ref)
        new = Fact(**about.links(whom), text=text, learned_on=learned_on, confirmed_on=learned_on)
        record = transaction.insert(new.replace(**values))
        transaction.summary = about.summary(session, "added", record)
    return get(session, record.id)


def get(session: Session, number: int) -> Shape:
    """One fact; NotFound if there is none of that number."""
    return with_names(session, [session.reader.get(Fact, number)])[0]


def listed(session: Session, *, ref: str | None = None, kind: str | None = None) -> list[Shape]:
    """Facts by account and person; of an account with its people, or of a person, if one is named.

    Raises Locked when a `kind` is asked for while the kinds are hidden.
    """
    if kind is not None and session.locked:
        raise Locked("the vault is locked, and so the kinds of facts are hidden", HOW_TO_UNLOCK)
    found = of(session, refs.account_or_person(session, ref) if ref is not None else None)
    return [shape for shape in found if kind in (None, shape["kind"])]


def of(session: Session, whom: Whom | None) -> list[Shape]:
    """The facts about a person, about an account and its people, or all of them."""
    found = session.reader.find(Fact, about.condition(whom), order="account_id, person_id, id")
    return with_names(session, found)


def with_names(session: Session, records: Sequence[Fact]) -> list[Shape]:
    """The shapes of some facts, with the names of whom they are about."""
    accounts, people = about.names(session, records)
    return [shapes_people.fact(record, accounts, people, session.locked) for record in records]


def edit(session: Session, number: int, changes: Changes) -> Shape:
    """Change a fact; BadValue if it would have been confirmed before it was learned."""
    values = edits.values(session, Fact, changes)
    with session.change("fact edit") as transaction:
        record = transaction.update(transaction.get(Fact, number), **values)
        _check_order(record)
        transaction.summary = about.summary(session, "edited", record)
    return get(session, number)


def confirm(session: Session, number: int, *, on: str | None = None) -> Shape:
    """Note that a fact still holds, as heard `on` that day, today unless told (A10).

    BadValue for a day before it was learned, RuleBroken for one before its last confirmation.
    """
    confirmed_on = dates.past_day(session, on)
    with session.change("fact confirm") as transaction:
        current = transaction.get(Fact, number)
        record = transaction.update(current, confirmed_on=confirmed_on)
        _check_order(record)
        if current.confirmed_on and confirmed_on < current.confirmed_on:
            raise RuleBroken(
                f"fact {number} was confirmed later than that",
                f"to set that right: dossier fact edit {number} --confirmed-on DATE",
            )
        transaction.summary = about.summary(session, "confirmed", record)
    return get(session, number)


def rm(session: Session, number: int) -> str:
    """Remove a fact; says what was done."""
    record = session.reader.get(Fact, number, classes=())
    return edits.rm(session, record, about.whom_of(session, record), cascade=False)


def _check_order(record: Fact) -> None:
    if record.learned_on and record.confirmed_on and record.confirmed_on < record.learned_on:
        raise BadValue(
            "that is before the fact was learned", f"see both dates: dossier fact show {record.id}"
        )
