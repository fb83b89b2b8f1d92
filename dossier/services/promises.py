"""Promises: made, kept, renegotiated with a reason and a notice, withdrawn; nothing overwritten (B2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dossier.domain import promises as rules
from dossier.domain.limits import LINE_LIMIT
from dossier.domain.text import one_line
from dossier.domain.vocabulary import By, Channel, PromiseState
from dossier.errors import Refused, Usage
from dossier.services import about, dates, edits, interactions, refs, shapes_work, steps
from dossier.services.edits import Changes
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.store import views
from dossier.store.catalog import Interaction, Person, Promise, PromiseMove, Step
from dossier.store.gate import Transaction
from dossier.store.where import among, below, equal


def add(
    session: Session,
    ref: str,
    title: str,
    *,
    due: str,
    by: By = By.US,
    person: str | None = None,
    made: str | None = None,
    changes: Changes | None = None,
) -> Shape:
    """Record a promise to an account, or to one of its people; RuleBroken if it is due before it was made."""
    whom = refs.account_or_person(session, ref)
    links = about.links(refs.person(session, person, about.account_of(session, whom)) if person else whom)
    made_on, due_on = dates.past_day(session, made), dates.day(session, due)
    rules.check_due(date.fromisoformat(made_on), due_on)
    new = Promise(
        **links,
        by=by,
        made_on=made_on,
        due_on=due_on.isoformat(),
        title=title,
    ).replace(**edits.values(session, Promise, changes or {}))
    with session.change("promise add") as transaction:
        record = transaction.insert(new)
        transaction.summary = _summary(f"promise {record.id} by {due_on}:", record)
    return get(session, record.id)


def get(session: Session, number: int) -> Shape:
    """One promise with its moves."""
    return with_names(session, [session.reader.get(Promise, number)])[0]


def listed(
    session: Session,
    *,
    ref: str | None = None,
    state: str | None = PromiseState.OPEN,
    by: str | None = None,
    late: bool = False,
) -> list[Shape]:
    """Promises by due date: the open ones unless another state, or None for all, is asked for."""
    whom = refs.account_or_person(session, ref) if ref is not None else None
    where = about.condition(whom) & equal(state=state, by=by)
    if late:
        where &= equal(state=PromiseState.OPEN) & below("due_on", session.today.isoformat())
    return with_names(session, session.reader.find(Promise, where, order="due_on, id"))


def page(session: Session, ids: Sequence[int]) -> list[Shape]:
    """The promises with these ids in this order, as `listed` gives them; those that are gone are left out."""
    found = session.reader.of_ids(Promise, ids)
    return with_names(session, [found[number] for number in ids if number in found])


def with_names(session: Session, records: Sequence[Promise]) -> list[Shape]:
    """The shapes of some promises, with names and moves."""
    moves = _moves(session, [record.id for record in records])
    told = {move.told_person_id for listed in moves.values() for move in listed}
    accounts = views.names(session.database, "account", {record.account_id for record in records})
    people = views.names(
        session.database, "person", {number for number in {*told, *(r.person_id for r in records)} if number}
    )
    return [
        shapes_work.promise(record, accounts, people, moves.get(record.id, []), session.today, session.locked)
        for record in records
    ]


def keep(session: Session, number: int, *, on: str | None = None) -> Shape:
    """Mark a promise as kept, today or on the day given; RuleBroken if it is settled already."""
    return _settle(session, number, PromiseState.KEPT, on)


def withdraw(session: Session, number: int) -> Shape:
    """Mark a promise as no longer owed; RuleBroken if it is settled already."""
    return _settle(session, number, PromiseState.WITHDRAWN, None)


def renegotiate(
    session: Session,
    number: int,
    *,
    to: str,
    because: str,
    apology: str | None = None,
    told: str | None = None,
    channel: Channel | None = None,
    interaction: int | None = None,
) -> Shape:
    """Move an open promise to a new date for a reason, every earlier date kept; `told` names whom we told of it.

    RuleBroken where `domain.promises.check_renegotiate` says so, Refused to tell them of a promise of theirs. The
    notice is logged as an interaction, unless it is the one named, which is logged already.
    """
    to_on, today = dates.day(session, to), session.today.isoformat()
    with session.change("promise renegotiate") as transaction:
        record = transaction.get(Promise, number)
        made_on, due_on = date.fromisoformat(record.made_on), date.fromisoformat(record.due_on)
        rules.check_renegotiate(PromiseState(record.state), made_on, due_on, to_on, because, session.today)
        tells = told is not None or interaction is not None
        if tells:
            _refuse_theirs(record)
        elif channel is not None:
            raise Usage("--channel says how they were told, but not whom", "add --told PERSON")
        person = about.person(session, record, told)
        move = transaction.insert(
            PromiseMove(
                promise_id=number,
                from_on=record.due_on,
                to_on=to_on.isoformat(),
                moved_on=today,
                because=because,
                apology=apology,
                channel=channel,
            )
        )
        transaction.update(record, due_on=to_on.isoformat(), told_for=None)
        notice: Interaction | None = None
        closed: list[Step] = []
        if tells:
            notice, closed = _notice(session, transaction, record, person, channel, today, interaction)
            transaction.update(move, **_told_values(notice, person, channel))
        transaction.summary = _summary(f"moved promise {number} from {due_on} to {to_on}:", record)
    return _with_notice(session, number, notice, closed)


def told(
    session: Session,
    number: int,
    *,
    person: str | None = None,
    channel: Channel | None = None,
    on: str | None = None,
    interaction: int | None = None,
) -> Shape:
    """Record that the client was told that a promise of ours is late, will be late, or was moved.

    That is logged as an interaction, unless it is the one named, which is logged already. Refused for a promise of
    theirs, RuleBroken for one that is settled.
    """
    at = dates.past_day(session, on)
    with session.change("promise told") as transaction:
        record = transaction.get(Promise, number)
        _refuse_theirs(record)
        rules.check_not_before_made(date.fromisoformat(record.made_on), date.fromisoformat(at))
        rules.check_open(PromiseState(record.state))
        whom = about.person(session, record, person)
        moves = _moves(session, [number]).get(number, [])
        untold_move = moves[-1] if moves and moves[-1].told_on is None else None
        notice, closed = _notice(session, transaction, record, whom, channel, at, interaction)
        if untold_move is not None:
            transaction.update(untold_move, **_told_values(notice, whom, channel))
        # A move that nobody knew of is told by this; what is past due, or will be, is a matter of the date itself.
        if untold_move is None or date.fromisoformat(record.due_on) < session.today:
            transaction.update(record, told_for=record.due_on)
        transaction.summary = _summary(f"told the client about promise {number}:", record)
    return _with_notice(session, number, notice, closed)


def edit(session: Session, number: int, changes: Changes, *, person: str | None = None) -> Shape:
    """Change wording, side or person of a promise; its date changes by `renegotiate` alone."""
    record = session.reader.get(Promise, number)
    values = edits.values(session, Promise, changes)
    if person is not None:
        to = about.person(session, record, person)
        values["person_id"] = to.id if to else None
    with session.change("promise edit") as transaction:
        changed = transaction.update(record, **values)
        transaction.summary = _summary(f"edited promise {number}:", changed)
    return get(session, number)


def rm(session: Session, number: int, *, cascade: bool) -> str:
    """Remove a promise; Refused while it has moves, unless `cascade`."""
    record = session.reader.get(Promise, number)
    return edits.rm(session, record, record.title or "", cascade=cascade)


def _moves(session: Session, numbers: Sequence[int]) -> dict[int, list[PromiseMove]]:
    found: dict[int, list[PromiseMove]] = {}
    for move in session.reader.find(PromiseMove, among("promise_id", numbers), order="promise_id, id"):
        found.setdefault(move.promise_id, []).append(move)
    return found


def _settle(session: Session, number: int, state: PromiseState, on: str | None) -> Shape:
    settled_on = dates.past_day(session, on)
    with session.change("promise keep" if state == PromiseState.KEPT else "promise withdraw") as transaction:
        record = transaction.get(Promise, number)
        rules.check_open(PromiseState(record.state))
        rules.check_not_before_made(date.fromisoformat(record.made_on), date.fromisoformat(settled_on))
        changed = transaction.update(record, state=state, settled_on=settled_on)
        transaction.summary = _summary(f"{state} promise {number}:", changed)
    return get(session, number)


def _refuse_theirs(record: Promise) -> None:
    if record.by == By.THEM:
        raise Refused(
            f"promise {record.id} is theirs: they tell us",
            f"remind them: dossier log a{record.account_id} TEXT",
        )


def _with_notice(session: Session, number: int, notice: Interaction | None, closed: list[Step]) -> Shape:
    """The promise, with the interaction in which they were told of it and the steps that were done with that."""
    return {
        **get(session, number),
        "notice": interactions.with_names(session, [notice])[0] if notice else None,
        "closed_steps": steps.with_names(session, closed),
    }


def _notice(
    session: Session,
    transaction: Transaction,
    record: Promise,
    person: Person | None,
    channel: Channel | None,
    at: str,
    logged: int | None,
) -> tuple[Interaction, list[Step]]:
    """The interaction in which the client was told, logged already or new, and the steps that are done with it."""
    if logged is not None:
        known = transaction.get(Interaction, logged)
        if known.account_id != record.account_id:
            raise Refused(
                f"interaction {logged} was not with the client of promise {record.id}",
                f"look with: dossier interaction list a{record.account_id}",
            )
        return known, []
    notice = Interaction(
        account_id=record.account_id,
        at=at,
        channel=channel or Channel.CALL,
        initiative=By.US,
        subject=one_line(f"about our promise: {record.title}")[:LINE_LIMIT],
    )
    return interactions.record(session, transaction, notice, [person] if person else [])


def _told_values(
    notice: Interaction, person: Person | None, channel: Channel | None
) -> dict[str, str | int | None]:
    return {
        "told_on": notice.at,
        "told_person_id": person.id if person else None,
        "interaction_id": notice.id,
        "channel": channel or notice.channel,
    }


def _summary(beginning: str, record: Promise) -> str:
    return f"{beginning} {record.title}"
