"""Relatives: the family of a person, with birthdays of their own (A3)."""

from __future__ import annotations

from collections.abc import Sequence

from dossier.domain.occasions import check_birthday
from dossier.domain.text import one_line
from dossier.services import edits, refs, shapes_people
from dossier.services.about import Whom
from dossier.services.edits import Changes
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.store import views
from dossier.store.catalog import Account, Person, Relative
from dossier.store.where import at_account, equal


def add(session: Session, ref: str, name: str, relation: str, changes: Changes) -> Shape:
    """Note a relative of a person. BadValue for a birthday still to come."""
    values = edits.values(session, Relative, changes)
    check_birthday(values.get("birthday"), session.today)
    with session.change("relative add") as transaction:
        person = refs.person(session, ref)
        new = Relative(person_id=person.id, name=name, relation=relation)
        record = transaction.insert(new.replace(**values))
        transaction.summary = f"added relative {record.id} {_of_whom(person)}"
    return get(session, record.id)


def get(session: Session, number: int) -> Shape:
    """One relative; NotFound if there is none of that number."""
    return with_names(session, [session.reader.get(Relative, number)])[0]


def listed(session: Session, *, ref: str | None = None) -> list[Shape]:
    """Relatives by person; of one person, or of the people of one account, if named."""
    return of(session, refs.account_or_person(session, ref) if ref is not None else None)


def of(session: Session, whom: Whom | None) -> list[Shape]:
    """The relatives of a person, of the people of an account, or all of them."""
    where = at_account(whom.id) if isinstance(whom, Account) else equal(person_id=whom.id if whom else None)
    return with_names(session, session.reader.find(Relative, where, order="person_id, id"))


def with_names(session: Session, records: Sequence[Relative]) -> list[Shape]:
    """The shapes of some relatives, with the names of whose they are."""
    people = session.reader.of_ids(Person, {record.person_id for record in records}, classes=())
    accounts = views.names(session.database, "account", {person.account_id for person in people.values()})
    return [
        shapes_people.relative(record, people[record.person_id], accounts, session.locked)
        for record in records
    ]


def edit(session: Session, number: int, changes: Changes) -> Shape:
    """Change a relative; BadValue for a birthday still to come."""
    values = edits.values(session, Relative, changes)
    check_birthday(values.get("birthday"), session.today)
    with session.change("relative edit") as transaction:
        record = transaction.update(transaction.get(Relative, number), **values)
        transaction.summary = f"edited relative {number} {_of_whom(_person(session, record))}"
    return get(session, number)


def rm(session: Session, number: int) -> str:
    """Remove a relative; says what was done."""
    record = session.reader.get(Relative, number, classes=())
    return edits.rm(session, record, _of_whom(_person(session, record)), cascade=False)


def _person(session: Session, record: Relative) -> Person:
    return session.reader.get(Person, record.person_id, classes=())


def _of_whom(person: Person) -> str:
    return f"of {one_line(person.name)}"
