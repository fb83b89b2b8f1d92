"""Accounts: adding, listing, editing, removing client companies (A1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dossier.domain import cadence
from dossier.domain.cadence import Clock
from dossier.domain.text import fold, one_line
from dossier.domain.vocabulary import AccountStatus, Tier
from dossier.errors import Refused
from dossier.services import edits, refs, shapes
from dossier.services.edits import Changes
from dossier.services.session import Session
from dossier.services.shapes import Shape, day
from dossier.store import accounts_view, names_view, views
from dossier.store.catalog import Account
from dossier.store.record import AGENDA
from dossier.store.where import Where, equal, named, other_than, tagged

DAYS_OVER = "days_over"
SORTS = (*accounts_view.KEYS, DAYS_OVER)
"""What `ordered` can order accounts by."""


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


def ordered(session: Session, *, text: str = "", sort: str = "name", descending: bool = False) -> list[int]:
    """The ids of all accounts that go by every word of `text`, by one of `SORTS` (KeyError for another), then by name.

    A word may stand in the name, an alias, a mail or a phone, or be the tier or the status: `key`, `dormant`. Case,
    accents and the stroke of đ make no difference.
    Tiers and states come in the order of the vocabulary, an account never met before all days of contact. Days over
    the cadence are those of `page`; who is not active comes after all who are, for nobody waits for them.
    """
    where = names_view.asked(text).where_account
    if sort == DAYS_OVER:
        return _by_days_over(session, where, descending)
    today = session.today.isoformat()
    return accounts_view.ordered(session.database, sort, descending=descending, where=where, today=today)


def page(session: Session, ids: Sequence[int]) -> list[Shape]:
    """The accounts with these ids in this order, as `listed` gives them, with `days_over` and `late`.

    `days_over`: days beyond the cadence, negative while there is time. `late`: whether the agenda would say so, which
    is of active accounts alone. Where the account's own cadence is hidden, its tier's counts. Who is gone is left out.
    """
    records = session.reader.of_ids(Account, ids, classes=(AGENDA,))
    figures = views.figures(session.database, session.today.isoformat(), records.keys())
    found = []
    for record in (records[number] for number in ids if number in records):
        waited = clock(session, record, figures[record.id].last_contact_on)
        found.append(
            {
                **shapes.account(record, figures[record.id], session.today, session.locked),
                "days_over": waited.days_over,
                "late": waited.overdue and record.status == AccountStatus.ACTIVE,
            }
        )
    return found


def clock(session: Session, record: Account, last_contact_on: str | None) -> Clock:
    """How long an account has waited, against its own cadence; against its tier's where its own is hidden (B4)."""
    longest = cadence.cadence_of(Tier(record.tier), record.cadence_days)
    return cadence.clock(longest, day(last_contact_on), date.fromisoformat(record.created_on), session.today)


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
    figures = views.figures(session.database, session.today.isoformat(), [record.id])[record.id]
    return shapes.account_in_full(record, figures, session.today, session.locked)


def _by_days_over(session: Session, where: Where, descending: bool) -> list[int]:
    calendar = session.reader.calendar()
    own = calendar.cadences() if calendar else {}
    days_over, inactive = {}, set()
    for account in accounts_view.waiting(session.database, where):
        if account.status != AccountStatus.ACTIVE:
            inactive.add(account.id)
        longest = cadence.cadence_of(Tier(account.tier), own.get(account.id))
        last, created = day(account.last_contact_on), date.fromisoformat(account.created_on)
        days_over[account.id] = cadence.clock(longest, last, created, session.today).days_over
    # Sorting leaves equals as they come, which is by name, also when it is told to reverse.
    found = sorted(days_over, key=days_over.__getitem__, reverse=descending)
    return sorted(found, key=inactive.__contains__)


def _refuse_namesake(session: Session, name: str, but: int = 0) -> None:
    """Raise Refused if an account other than `but` has this name: neither could be meant by it any more."""
    for same in session.reader.find(Account, named(fold(name)) & other_than(but), classes=()):
        raise Refused(
            f"there is an account {one_line(same.name)} already (a{same.id})",
            "edit that one, or name this one apart",
        )
