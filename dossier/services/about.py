"""Whom a fact, an occasion, a promise or a step is about: an account, or one of its people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from dossier.domain.text import one_line
from dossier.services import refs
from dossier.services.session import Session
from dossier.services.shapes import Names
from dossier.store import views
from dossier.store.catalog import Account, Attachment, Fact, Occasion, Person, Promise, Step
from dossier.store.where import Where, equal

Whom = Account | Person
Linked = Fact | Occasion | Promise | Step | Attachment


class Links(TypedDict):
    """The ids that tie a record to an account and perhaps to one of its people."""

    account_id: int
    person_id: int | None


def links(whom: Whom) -> Links:
    """The ids under which something about `whom` is stored."""
    if isinstance(whom, Account):
        return {"account_id": whom.id, "person_id": None}
    return {"account_id": whom.account_id, "person_id": whom.id}


def account_of(session: Session, whom: Whom) -> Account:
    """The account itself, or the one where the person is."""
    return session.reader.get(Account, whom.account_id) if isinstance(whom, Person) else whom


def person(session: Session, record: Linked, ref: str | None) -> Person | None:
    """The person at a record's account that `ref` means; None without one, or for an empty one."""
    return refs.person(session, ref, session.reader.get(Account, record.account_id)) if ref else None


def condition(whom: Whom | None) -> Where:
    """What is about `whom`, for an account also what is about its people; everything without one."""
    if isinstance(whom, Account):
        return equal(account_id=whom.id)
    return equal(person_id=whom.id if whom else None)


def names(session: Session, records: Iterable[Linked]) -> tuple[Names, Names]:
    """The names of the accounts and of the people that these records are about, by id."""
    accounts, people = set(), set()
    for record in records:
        accounts.add(record.account_id)
        if record.person_id is not None:
            people.add(record.person_id)
    return views.names(session.database, "account", accounts), views.names(session.database, "person", people)


def summary(session: Session, done: str, record: Fact | Occasion | Attachment) -> str:
    """What the journal says of a change to a record: `edited fact 12 about Trần Minh`."""
    return f"{done} {record.table.name} {record.id} {whom_of(session, record)}"


def whom_of(session: Session, record: Fact | Occasion | Attachment) -> str:
    """`about Trần Minh`: the person, else the account."""
    accounts, people = names(session, [record])
    return f"about {one_line(people.get(record.person_id or 0) or accounts[record.account_id])}"
