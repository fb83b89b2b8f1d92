"""What the pictures show: contacts by week, and our promises kept against late by month (B2, B4)."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from dossier.domain.promises import Outcome, kept_on_time
from dossier.domain.vocabulary import PromiseState
from dossier.services.session import Session
from dossier.services.shapes import Shape, day
from dossier.store import rhythm_view

_WEEK = timedelta(days=7)


def contacts_per_week(
    session: Session, *, account_id: int | None = None, person_id: int | None = None, weeks: int = 26
) -> list[Shape]:
    """`{week, contacts}` for each of the last weeks, the oldest first and this one last; `week` is its Monday.

    Interactions of an account, with a person, or all of them.
    """
    this_monday = _monday(session.today)
    mondays = [this_monday - _WEEK * back for back in reversed(range(weeks))]
    since, until = mondays[0].isoformat(), (this_monday + timedelta(days=6)).isoformat()
    counts: Counter[date] = Counter()
    by_day = rhythm_view.contacts_by_day(session.database, since, until, account_id, person_id)
    for at, contacts in by_day.items():
        counts[_monday(date.fromisoformat(at))] += contacts
    return [{"week": monday.isoformat(), "contacts": counts[monday]} for monday in mondays]


def promises_per_month(session: Session, *, account_id: int | None = None, months: int = 12) -> list[Shape]:
    """`{month, kept, late}` for each of the last months, the oldest first and this one last; `month` as `2027-03`.

    Promises of ours, to an account or to all, in the month of the date agreed last; kept and late are what the kept
    rate counts as kept on time and as broken.
    """
    this_month = session.today.year * 12 + session.today.month - 1
    names = [
        f"{number // 12:04}-{number % 12 + 1:02}" for number in range(this_month - months + 1, this_month + 1)
    ]
    found = {name: {True: 0, False: 0} for name in names}
    for due_on, settled_on, state in rhythm_view.our_promises(
        session.database, f"{names[0]}-01", f"{names[-1]}-31", account_id
    ):
        outcome = Outcome(date.fromisoformat(due_on), day(settled_on), PromiseState(state))
        kept = kept_on_time(outcome, session.today)
        if kept is not None:
            found[due_on[:7]][kept] += 1
    return [{"month": name, "kept": counts[True], "late": counts[False]} for name, counts in found.items()]


def _monday(on: date) -> date:
    return on - timedelta(days=on.weekday())
