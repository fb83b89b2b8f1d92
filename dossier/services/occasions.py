"""Occasions: the dates to remember of an account or of one of its people, birthdays aside (A3, B5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from dossier.domain.occasions import shows_for
from dossier.domain.partial_date import NotADate, PartialDate
from dossier.domain.vocabulary import Tier
from dossier.domain.when import UnknownWords
from dossier.errors import Locked
from dossier.services import about, dates, edits, refs, shapes_people
from dossier.services.about import Whom
from dossier.services.edits import Changes
from dossier.services.passphrases import HOW_TO_UNLOCK
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.store.catalog import Account, Occasion, Person
from dossier.store.record import AGENDA


def why_unseen(session: Session, day: str | None, account_id: int, person_id: int | None) -> str | None:
    """Why a birthday or occasion comes on no agenda, and what changes that; None if it comes, or has no day (A3)."""
    if day is None or PartialDate.parse(day).month_day is None:
        return None
    account = session.reader.get(Account, account_id, classes=())
    person = session.reader.get(Person, person_id) if person_id is not None else None
    if shows_for(Tier(account.tier), bool(person and person.marked)):
        return None
    cure = f"person edit p{person.id} --marked" if person else f"account edit a{account.id} --tier key"
    return f"On no agenda, as {account.name} is a {account.tier} account. To have it there: dossier {cure}"


def add(session: Session, ref: str, kind: str, day: str | None, changes: Changes) -> Shape:
    """Note a date to remember of an account or one of its people; any part of `day` may be unknown."""
    values = _values(session, {**changes, "kind": kind, "date": day})
    with session.change("occasion add") as transaction:
        whom = refs.account_or_person(session, ref)
        record = transaction.insert(Occasion(**about.links(whom), date=None).replace(**values))
        transaction.summary = about.summary(session, "added", record)
    return get(session, record.id)


def get(session: Session, number: int) -> Shape:
    """One occasion; NotFound if there is none of that number."""
    return with_names(session, [session.reader.get(Occasion, number)])[0]


def listed(session: Session, *, ref: str | None = None, kind: str | None = None) -> list[Shape]:
    """Occasions, the next one first; of an account with its people, or of a person, if one is named.

    Raises Locked when a `kind` is asked for while the kinds are hidden.
    """
    if kind is not None and not session.knows_agenda:
        raise Locked("the vault is locked, and so the kinds of occasions are hidden", HOW_TO_UNLOCK)
    found = of(session, refs.account_or_person(session, ref) if ref is not None else None)
    return [shape for shape in found if kind in (None, shape["kind"])]


def of(session: Session, whom: Whom | None) -> list[Shape]:
    """The occasions of a person, of an account and its people, or all: the next one first."""
    found = with_names(session, session.reader.find(Occasion, about.condition(whom)))
    return sorted(found, key=lambda shape: (shape["next_on"] is None, shape["next_on"] or ""))


def with_names(session: Session, records: Sequence[Occasion]) -> list[Shape]:
    """The shapes of some occasions, with the names of whose they are."""
    accounts, people = about.names(session, records)
    return [
        shapes_people.occasion(
            record, accounts, people, _next_on(session, record), _lead_days(session, record), session.locked
        )
        for record in records
    ]


def edit(session: Session, number: int, changes: Changes) -> Shape:
    """Change an occasion."""
    values = _values(session, changes)
    with session.change("occasion edit") as transaction:
        record = transaction.update(transaction.get(Occasion, number), **values)
        transaction.summary = about.summary(session, "edited", record)
    return get(session, number)


def rm(session: Session, number: int) -> str:
    """Remove an occasion; says what was done."""
    record = session.reader.get(Occasion, number, classes=())
    return edits.rm(session, record, about.whom_of(session, record), cascade=False)


def _values(session: Session, changes: Changes) -> dict[str, Any]:
    """The values asked for; the date in a stored form, or as `fri` and `in 3 weeks` for one that is kept soon."""
    day = changes.get("date")
    return edits.values(session, Occasion, {**changes, "date": _date(session, day) if day else day})


def _date(session: Session, text: str) -> str:
    try:
        return dates.partial(session, text)
    except NotADate as unread:
        try:
            return dates.day(session, text).isoformat()
        except UnknownWords:
            # That message would quote the text, and an occasion's date is a secret.
            raise unread from None


def _next_on(session: Session, record: Occasion) -> date | None:
    if record.date is None:
        return None
    return PartialDate.parse(record.date).next_on(session.today, session.config["leap_day"])


def _lead_days(session: Session, record: Occasion) -> int | None:
    if AGENDA in record.locked:
        return None
    default: int = session.config["occasion_days"]
    return default if record.lead_days is None else record.lead_days
