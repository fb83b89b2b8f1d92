"""Interactions: logging what happened in seconds, with the promises and the next step that came of it (B1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple

from dossier.domain import promises as rules
from dossier.domain.limits import LINE_LIMIT
from dossier.domain.text import one_line
from dossier.domain.vocabulary import StepState
from dossier.services import about, attachments, dates, edits, refs, shapes_work
from dossier.services.about import Links
from dossier.services.edits import Changes
from dossier.services.files import Progress, no_progress
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.store import views
from dossier.store.catalog import Account, Interaction, Participant, Person, Promise, Step
from dossier.store.gate import Transaction
from dossier.store.where import EVERY, at_least, at_most, equal, met

_SUBJECT_OF_A_LONG_TEXT = 80


class Made(NamedTuple):
    """A promise of ours made in an interaction: what, and by when in people's words."""

    title: str
    due: str


class Next(NamedTuple):
    """The next step that was agreed: what, and when in people's words."""

    title: str
    on: str


def log(
    session: Session,
    ref: str,
    text: str | None,
    changes: Changes,
    *,
    on: str | None = None,
    participants: Sequence[str] = (),
    made: Sequence[Made] = (),
    following: Next | None = None,
    attach: Sequence[str] = (),
    progress: Callable[[], Progress] = lambda: no_progress,
) -> Shape:
    """Record an interaction with an account or one of its people; its shape with `promises`, `next` and `closed_steps`.

    Open next steps of the account whose date has come by then are done with it. `attach` are the paths of files to be
    kept with it, in the same change; `progress` makes what is told of each.
    """
    attachments.check(session, attach)
    account, people = _whom(session, ref, participants)
    at = dates.past_day(session, on)
    due = [(promise.title, _due(session, promise.due, at)) for promise in made]
    step: Step | None = None
    if following is not None:
        due_on = dates.day_to_come(session, following.on)
        step = Step(account_id=account.id, created_on=at, due_on=due_on, title=following.title)
    new = Interaction(account_id=account.id, at=at).replace(
        **_subject_and_note(text, edits.values(session, Interaction, changes))
    )
    with session.change("log") as transaction:
        logged, closed = record(session, transaction, new, people)
        first = people[0].id if people else None
        promises = [
            transaction.insert(
                Promise(
                    account_id=account.id,
                    person_id=first,
                    interaction_id=logged.id,
                    made_on=at,
                    due_on=due_on,
                    title=title,
                )
            )
            for title, due_on in due
        ]
        if step is not None:
            step = transaction.insert(step.replace(interaction_id=logged.id, person_id=first))
        links = Links(account_id=account.id, person_id=first)
        kept = [
            attachments.store(session, transaction, path, links, logged.id, progress=progress())
            for path in attach
        ]
        transaction.summary = f"logged {logged.channel} with {account.name}"
    accounts, names = {account.id: account.name}, {person.id: person.name for person in people}
    return {
        **shapes_work.interaction(
            logged, accounts, list(names.values()), attachments.with_names(session, kept), session.locked
        ),
        "promises": [
            shapes_work.promise(one, accounts, names, (), session.today, session.locked) for one in promises
        ],
        "next": shapes_work.step(step, accounts, names, session.today, session.locked) if step else None,
        "closed_steps": [
            shapes_work.step(one, accounts, names, session.today, session.locked) for one in closed
        ],
    }


def record(
    session: Session, transaction: Transaction, new: Interaction, people: Sequence[Person]
) -> tuple[Interaction, list[Step]]:
    """Store an interaction with who took part, inside a larger change; with it, the steps that are done by it.

    Those are the account's open next steps whose date has come on the day of the interaction (B1).
    """
    stored = transaction.insert(new)
    for person in people:
        transaction.insert(Participant(interaction_id=stored.id, person_id=person.id))
    due = equal(account_id=new.account_id, state=StepState.OPEN) & at_most("due_on", new.at)
    steps = session.reader.find(Step, due, order="due_on, id")
    return stored, [transaction.update(step, state=StepState.DONE, done_on=new.at) for step in steps]


def listed(
    session: Session, *, ref: str | None = None, since: str | None = None, limit: int | None = None
) -> list[Shape]:
    """Interactions, newest first; of an account or a person if one is named."""
    where = EVERY
    if ref is not None:
        whom = refs.account_or_person(session, ref)
        where &= equal(account_id=whom.id) if isinstance(whom, Account) else met(whom.id)
    if since is not None:
        where &= at_least("at", dates.past_day(session, since))
    records = session.reader.find(
        Interaction, where, order="at DESC, id DESC", limit=-1 if limit is None else limit
    )
    return with_names(session, records)


def with_names(session: Session, records: Sequence[Interaction]) -> list[Shape]:
    """The shapes of some interactions, with the names of who took part and what is attached."""
    accounts = views.names(session.database, "account", {record.account_id for record in records})
    met = views.participants(session.database, {record.id for record in records})
    attached = attachments.of_interactions(session, [record.id for record in records])
    return [
        shapes_work.interaction(one, accounts, met.get(one.id, []), attached.get(one.id, []), session.locked)
        for one in records
    ]


def get(session: Session, number: int) -> Shape:
    """One interaction."""
    return with_names(session, [session.reader.get(Interaction, number)])[0]


def edit(
    session: Session,
    number: int,
    changes: Changes,
    *,
    on: str | None = None,
    participants: Sequence[str] | None = None,
) -> Shape:
    """Change an interaction; `participants`, if given, replace those it has."""
    record = session.reader.get(Interaction, number)
    account = session.reader.get(Account, record.account_id)
    values = edits.values(session, Interaction, changes)
    if on is not None:
        values["at"] = dates.past_day(session, on)
    people = None if participants is None else _people(session, account, [], participants)
    with session.change("interaction edit") as transaction:
        transaction.update(record, **values)
        if people is not None:
            for old in session.reader.find(Participant, equal(interaction_id=number)):
                transaction.delete(old)
            for person in people:
                transaction.insert(Participant(interaction_id=number, person_id=person.id))
        transaction.summary = f"edited interaction {number} with {account.name}"
    return get(session, number)


def rm(session: Session, number: int, *, cascade: bool) -> str:
    """Remove an interaction; who took part goes with it, promises and steps that came of it stay."""
    record = session.reader.get(Interaction, number)
    return edits.rm(session, record, f"of {record.at}", cascade=cascade, own=(Participant,))


def _whom(session: Session, ref: str, participants: Sequence[str]) -> tuple[Account, list[Person]]:
    whom = refs.account_or_person(session, ref)
    account = about.account_of(session, whom)
    return account, _people(session, account, [whom] if isinstance(whom, Person) else [], participants)


def _people(
    session: Session, account: Account, known: Sequence[Person], participants: Sequence[str]
) -> list[Person]:
    """The people of the account who took part, each once, however often they are named."""
    people = {person.id: person for person in known}
    for name in filter(None, participants):
        person = refs.person(session, name, account)
        people.setdefault(person.id, person)
    return list(people.values())


def _due(session: Session, text: str, made_on: str) -> str:
    due_on = dates.day(session, text)
    rules.check_due(date.fromisoformat(made_on), due_on)
    return due_on.isoformat()


def _subject_and_note(text: str | None, values: dict[str, Any]) -> dict[str, Any]:
    """A text of one line is the subject; of a longer one the beginning is, and all of it becomes the note."""
    if text is None or not text.strip():
        return values
    text = text.strip()
    first, _, rest = text.partition("\n")
    if not rest and len(first) <= LINE_LIMIT:
        return {"subject": first, **values}
    first = one_line(first).strip()
    subject = (
        first if len(first) <= _SUBJECT_OF_A_LONG_TEXT else first[:_SUBJECT_OF_A_LONG_TEXT].rstrip() + "…"
    )
    note = f"{text}\n\n{values['note']}" if values.get("note") else text
    return {"subject": subject or None, **values, "note": note}
