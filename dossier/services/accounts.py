"""Accounts: adding, listing, editing, removing client companies (A1)."""

from __future__ import annotations

from dossier.domain.text import fold, one_line
from dossier.errors import Refused
from dossier.services import edits, refs, shapes
from dossier.services.edits import Changes
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.store import views
from dossier.store.catalog import Account
from dossier.store.record import AGENDA
from dossier.store.where import equal, named, other_than, tagged


def add(session: Session, name: str, changes: Changes) -> Shape:
    """Add an account; Refused if there is one of the same name."""
    new = Account(name=name, created_on=session.today.isoformat())
    new = new.replace(**edits.values(session, Account, changes)).checked()
    with session.change("account add") as transaction:
        _refuse_namesake(session, name)
        record = transaction.insert(new)
        transaction.summary = f"added account {record.id} {record.name}"
    return in_full(session, record)


def listed(
    session: Session, *, tier: str | None = None, status: str | None = None, tag: str | None = None
) -> list[Shape]:
    """The accounts, by name; all of them or those of a tier, status or tag."""
    where = equal(tier=tier, status=status) & tagged(tag)
    records = session.reader.find(Account, where, order="folded, id", classes=(AGENDA,))
    figures = views.figures(session.database, session.today.isoformat())
    return [shapes.account(record, figures[record.id], session.today, session.locked) for record in records]


def edit(session: Session, ref: str, changes: Changes) -> Shape:
    """Change fields of the account that `ref` means; Refused if another has its new name."""
    record = refs.account(session, ref)
    if changes.get("name"):
        _refuse_namesake(session, changes["name"], but=record.id)
    return in_full(session, edits.edit(session, record, changes, record.name))


def rm(session: Session, ref: str, *, cascade: bool) -> str:
    """Remove the account that `ref` means; says what was done."""
    record = refs.account(session, ref)
    return edits.rm(session, record, record.name, cascade=cascade)


def in_full(session: Session, record: Account) -> Shape:
    """The account's whole shape."""
    figures = views.figures(session.database, session.today.isoformat(), record.id)[record.id]
    return shapes.account_in_full(record, figures, session.today, session.locked)


def _refuse_namesake(session: Session, name: str, but: int = 0) -> None:
    """Raise Refused if an account other than `but` has this name: neither could be meant by it any more."""
    for same in session.reader.find(Account, named(fold(name)) & other_than(but), classes=()):
        raise Refused(
            f"there is an account {one_line(same.name)} already (a{same.id})",
            "edit that one, or name this one apart",
        )
