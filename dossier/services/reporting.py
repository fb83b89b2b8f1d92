"""Who reports to whom: setting the lines of an account's people, letting them go, reading them (A4)."""

from __future__ import annotations

from collections.abc import Collection

from dossier.domain import reporting as rules
from dossier.services import refs
from dossier.services.session import Session
from dossier.store.catalog import Account, Person
from dossier.store.gate import Transaction
from dossier.store.record import DOSSIER
from dossier.store.where import equal


def superior(session: Session, account: Account, ref: str, person_id: int | None = None) -> int | None:
    """The id of whom a person is to report to; None for a `ref` of "", which is nobody.

    `person_id` is None for somebody who is only being added. NotFound or Ambiguous unless `ref` means exactly one
    person of this account, RuleBroken where `domain.reporting.check` says so.
    """
    if not ref:
        return None
    found = refs.person(session, ref, at=account).id
    if person_id is not None:
        rules.check(person_id, found, {one.id: one.reports_to for one in _people_at(session, account.id)})
    return found


def release(session: Session, transaction: Transaction, left: Person) -> None:
    """Let those who report to somebody report to nobody: that person leaves the account."""
    for one in _people_at(session, left.account_id):
        if one.reports_to == left.id:
            transaction.update(one, reports_to=None)


def superiors(session: Session, people: Collection[Person]) -> dict[int, Person]:
    """Whom each of some people reports to, by the id of the person below; only sound lines within an account."""
    known = {one.id: one for one in people}
    unread = {one.reports_to for one in people if one.reports_to} - known.keys()
    while unread:
        found = session.reader.of_ids(Person, unread, classes=(DOSSIER,))
        known |= found
        unread = {one.reports_to for one in found.values() if one.reports_to} - known.keys()
    lines = rules.sound({one.id: _above(one, known) for one in known.values()})
    return {one.id: known[lines[one.id]] for one in people if one.id in lines}


def _above(person: Person, known: dict[int, Person]) -> int | None:
    above = known.get(person.reports_to or 0)
    return above.id if above and above.account_id == person.account_id else None


def _people_at(session: Session, account_id: int) -> list[Person]:
    return session.reader.find(Person, equal(account_id=account_id), classes=(DOSSIER,))
