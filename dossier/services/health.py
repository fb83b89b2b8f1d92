"""An account's health at a glance: contact, promises kept, and how much of what is known still holds (B2, B4, A10)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dossier.domain import completeness
from dossier.domain.promises import Move, Outcome, kept_rate, needs_notice
from dossier.domain.vocabulary import By, PromiseState
from dossier.services import accounts
from dossier.services.session import Session
from dossier.services.shapes import Shape, day, with_lock
from dossier.store import agenda_view, brief_view, views
from dossier.store.brief_view import OurPromise
from dossier.store.catalog import Account, Fact
from dossier.store.record import DOSSIER, Record
from dossier.store.where import equal


def health(session: Session, account_id: int) -> Shape:
    """How an account stands; NotFound if there is none of that id.

    `{cadence_days, last_contact_on, days_over, open_promises, late_promises, untold, kept_rate, complete, people,
    stale_facts, next_on, next_of}`:

    - `cadence_days` is the one in force, null while locked; `days_over`: days beyond it, negative while there is time
      (beyond the tier's, while the account's own is hidden)
    - `open_promises`, `late_promises`: both sides'
    - `untold`: how many of ours are late or were moved without a notice
    - `kept_rate`: the share of ours kept on time, 0 to 1; null without any
    - `complete`: percent of the account's profile that is known; null while locked
    - `people`: how many are known; `stale_facts`: how many facts about the account and its people were not confirmed
      for a year, null while locked
    - `next_on`: the earliest day of an open promise or next step, past if that is late; `next_of` says of which:
      `us` or `them`, whose promise it is, or `step`; both null where nothing is open
    """
    record = session.reader.get(Account, account_id)
    figures = views.figures(session.database, session.today.isoformat(), [account_id])[account_id]
    clock = accounts.clock(session, record, figures.last_contact_on)
    ours = brief_view.our_promises(session.database, account_id)
    next_on, next_of = brief_view.next_up(session.database, account_id)
    return with_lock(
        {
            "cadence_days": None if session.locked else clock.cadence_days,
            "last_contact_on": figures.last_contact_on,
            "days_over": clock.days_over,
            "open_promises": figures.open_promises,
            "late_promises": figures.overdue_promises,
            "untold": _untold(session, ours),
            "kept_rate": rate_of(ours, session.today),
            "complete": None if session.locked else completeness.share(*wanted(record)),
            "people": brief_view.people_count(session.database, account_id),
            "stale_facts": None if session.locked else _stale_facts(session, account_id),
            "next_on": next_on,
            "next_of": next_of,
        },
        session.locked,
    )


def rate_of(ours: Sequence[OurPromise], today: date) -> float | None:
    """The share of these promises kept on time, 0 to 1; None without any that count (B2)."""
    return kept_rate(map(_outcome, ours), today)


def wanted(record: Account) -> tuple[tuple[completeness.Want, ...], dict[str, object]]:
    """What one wants to know of an account, and what is known (A1, A10)."""
    return completeness.ACCOUNT_WANTS, values_of(record)


def values_of(record: Record) -> dict[str, object]:
    """The values of a record by the name of their field."""
    return {field.name: value for field, value in record.values()}


def _outcome(promise: OurPromise) -> Outcome:
    return Outcome(date.fromisoformat(promise.due_on), day(promise.settled_on), PromiseState(promise.state))


def _untold(session: Session, ours: Sequence[OurPromise]) -> int:
    """How many of these promises the client must be told about (B2)."""
    open_ones = [one for one in ours if one.state == PromiseState.OPEN]
    moves = agenda_view.moves(session.database, [one.id for one in open_ones])
    return sum(
        needs_notice(
            By.US,
            PromiseState.OPEN,
            date.fromisoformat(one.due_on),
            day(one.told_for),
            [
                Move(date.fromisoformat(from_on), date.fromisoformat(to_on), day(told_on))
                for from_on, to_on, told_on in moves.get(one.id, ())
            ],
            session.today,
        )
        for one in open_ones
    )


def _stale_facts(session: Session, account_id: int) -> int:
    found = session.reader.each(Fact, equal(account_id=account_id), classes=(DOSSIER,))
    return sum(completeness.is_stale(day(fact.confirmed_on), session.today) for fact in found)
