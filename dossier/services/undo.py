"""Taking changes back, any of them and also an undo, as long as nothing since depends on them (C2)."""

from __future__ import annotations

from dossier.errors import NotFound, Refused
from dossier.services.history import LABELS, label, local_time, touched
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.store import journal
from dossier.store.catalog import Change
from dossier.store.journal import Reverted
from dossier.store.record import Record


def undo(session: Session, number: int | None = None, *, dry_run: bool = False) -> Shape:
    """Take back the newest change that holds and is no undo itself, or the one with this number.

    The shape is `{id, undoes, command, at, summary, dry_run, records: [{action, noun, id, label, fields}]}`.
    `id` is the number under which the undo can itself be taken back (null on a dry run), `at` when the change
    was made, `action` removed, restored or changed, `fields` of a changed record `{field: {from, to}}`.

    Raises NotFound when there is no such change, Refused when it was taken back already, when later changes stand in
    the way, or when its history was forgotten.
    """
    with session.change("undo", dry_run=dry_run) as transaction:
        change = _wanted(session, number)
        reverted = journal.take_back(transaction, change)
        transaction.summary = _summary(session, change, dry_run)
    return {
        "id": transaction.number,
        "undoes": change.id,
        "command": change.command,
        "at": local_time(change.at),
        "summary": transaction.summary,
        "dry_run": dry_run,
        "records": [_record_shape(one) for one in reverted],
    }


def outlook(session: Session, number: int | None = None) -> Shape:
    """What taking back a change would mean, the newest that holds if none is named; nothing of it is secret.

    The shape is `{id, at, change, command, brings_back, records}`: `change` and `command` are those of the change that
    an undo goes back to in the end, `brings_back` whether that one would hold again, `records` how many it touches.
    Raises what `undo` raises, but does not look for what stands in the way.
    """
    session.need_keys()
    return _outlook(session, _wanted(session, number))


def back_or_forth(session: Session, after: int, *, forth: bool = False) -> Shape:
    """Take back the newest change that holds, or bring back what was taken back last, if done after change `after`.

    The shape is that of `outlook` with `done`: what is older is left as it is, for somebody to be asked first. Raises
    NotFound when there is nothing to take or bring back, and what `undo` raises.
    """
    session.need_keys()
    change = journal.newest_taking_back(session.reader) if forth else _wanted(session, None)
    if change is None:
        raise NotFound("there is nothing to bring back")
    found = _outlook(session, change)
    if change.id > after:
        undo(session, change.id)
    return {**found, "done": change.id > after}


def _outlook(session: Session, change: Change) -> Shape:
    base, holds = journal.goes_back_to(session.reader, change)
    return {
        "id": change.id,
        "at": local_time(change.at),
        "change": base.id,
        "command": base.command,
        "brings_back": not holds,
        "records": touched(change),
    }


def _wanted(session: Session, number: int | None) -> Change:
    if number is None:
        newest = journal.newest_that_holds(session.reader)
        if newest is None:
            raise NotFound("there is nothing to take back", "every change is listed by: dossier history")
        journal.refuse_lasting(newest)
        return newest
    try:
        change = session.reader.get(Change, number)
    except NotFound:
        raise NotFound(f"there is no change {number}", "look with: dossier history") from None
    journal.refuse_lasting(change)
    if change.undone_by is not None:
        raise Refused(
            f"change {number} was already taken back by change {change.undone_by}",
            f"to bring it back: dossier undo --id {change.undone_by}",
        )
    return change


def _summary(session: Session, change: Change, dry_run: bool) -> str:
    """What the undo does, told of the change it goes back to: an undo of an undo brings that one back."""
    change, holds = journal.goes_back_to(session.reader, change)
    take, bring = ("would take", "would bring") if dry_run else ("took", "brought")
    did = take if holds else bring
    return f"{did} back change {change.id}: {change.summary or change.command}"


def _record_shape(one: Reverted) -> Shape:
    return {
        "action": one.action,
        "noun": one.record.table.name,
        "id": one.record.id,
        "label": _label(one.record),
        "fields": {name: {"from": old, "to": new} for name, (old, new) in one.fields.items()},
    }


def _label(record: Record) -> str | None:
    return label({name: getattr(record, name, None) for name in LABELS})
