"""Next steps: what was agreed or is intended with an account, and when (B1)."""

from __future__ import annotations

from datetime import date, timedelta

from dossier.domain.faults import RuleBroken
from dossier.domain.vocabulary import StepState
from dossier.services import about, dates, edits, refs, shapes_work
from dossier.services.edits import Changes
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.store.catalog import Step
from dossier.store.where import equal


def add(session: Session, ref: str, title: str, *, on: str) -> Shape:
    """Note a next step with an account or one of its people."""
    links = about.links(refs.account_or_person(session, ref))
    due_on = dates.day_to_come(session, on)
    new = Step(**links, created_on=session.today.isoformat(), due_on=due_on, title=title)
    with session.change("step add") as transaction:
        record = transaction.insert(new)
        transaction.summary = _summary(f"next step {record.id} on {due_on}:", record)
    return get(session, record.id)


def get(session: Session, number: int) -> Shape:
    """One step."""
    return with_names(session, [session.reader.get(Step, number)])[0]


def listed(session: Session, *, ref: str | None = None, state: str | None = StepState.OPEN) -> list[Shape]:
    """Next steps by date: the open ones unless another state, or None for all, is asked for."""
    whom = refs.account_or_person(session, ref) if ref is not None else None
    where = about.condition(whom) & equal(state=state)
    return with_names(session, session.reader.find(Step, where, order="due_on, id"))


def with_names(session: Session, records: list[Step]) -> list[Shape]:
    """The shapes of some steps, with names."""
    accounts, people = about.names(session, records)
    return [shapes_work.step(one, accounts, people, session.today, session.locked) for one in records]


def done(session: Session, number: int, *, on: str | None = None) -> Shape:
    """Mark a step as done."""
    return _close(session, number, StepState.DONE, dates.past_day(session, on))


def drop(session: Session, number: int) -> Shape:
    """Mark a step as no longer wanted."""
    return _close(session, number, StepState.DROPPED, session.today.isoformat())


def snooze(session: Session, number: int, *, to: str | None = None) -> Shape:
    """Put an open step off: to the day given, else to the day after today or after its own, if that is later.

    RuleBroken for a day that would bring it forward.
    """
    asked = dates.day_to_come(session, to) if to else None
    with session.change("step snooze") as transaction:
        record = transaction.get(Step, number)
        _check_open(record)
        later = max(session.today, date.fromisoformat(record.due_on)) + timedelta(days=1)
        day = asked or later.isoformat()
        if day < record.due_on:
            raise RuleBroken(
                f"{day} is before step {number} is due, {record.due_on}",
                f"to bring it forward: dossier step edit {number} --on {day}",
            )
        changed = transaction.update(record, due_on=day)
        transaction.summary = _summary(f"put step {number} off to {day}:", changed)
    return get(session, number)


def edit(
    session: Session, number: int, changes: Changes, *, on: str | None = None, person: str | None = None
) -> Shape:
    """Change the wording, the date or the person of a step."""
    record = session.reader.get(Step, number)
    values = edits.values(session, Step, changes)
    if on is not None:
        values["due_on"] = dates.day(session, on).isoformat()
    if person is not None:
        whom = about.person(session, record, person)
        values["person_id"] = whom.id if whom else None
    with session.change("step edit") as transaction:
        changed = transaction.update(record, **values)
        transaction.summary = _summary(f"edited step {number}:", changed)
    return get(session, number)


def rm(session: Session, number: int, *, cascade: bool) -> str:
    """Remove a step; says what was done."""
    record = session.reader.get(Step, number)
    return edits.rm(session, record, record.title or "", cascade=cascade)


def _close(session: Session, number: int, state: StepState, on: str) -> Shape:
    with session.change("step done" if state == StepState.DONE else "step drop") as transaction:
        record = transaction.get(Step, number)
        _check_open(record)
        changed = transaction.update(record, state=state, done_on=on)
        transaction.summary = _summary(f"{state} step {number}:", changed)
    return get(session, number)


def _check_open(record: Step) -> None:
    if record.state != StepState.OPEN:
        raise RuleBroken(
            f"step {record.id} is already {record.state}", "dossier undo takes that back, if it was a mistake"
        )


def _summary(beginning: str, record: Step) -> str:
    return f"{beginning} {record.title}"
