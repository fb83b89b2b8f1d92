"""Taking changes back, any of them and also an undo, as long as nothing since depends on them (C2)."""

from __future__ import annotations

from dossier.domain.text import one_line
from dossier.errors import NotFound, Refused
from dossier.services.history import local_time
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.store import journal
from dossier.store.catalog import Change
from dossier.store.journal import Reverted
from dossier.store.record import Record

_LABELS = ("name", "title", "subject", "text", "because")
_LABEL_LENGTH = 60


def undo(session: Session, number: int | None = None, *, dry_run: bool = False) -> Shape:
    """Take back the newest change that holds and is no undo itself, or the one with this number.

    The shape is `{id, undoes, command, at, summary, dry_run, records: [{action, noun, id, label, fields}]}`.
    `id` is the number under which the undo can itself be taken back (null on a dry run), `at` when the change
    was made, `action` removed, restored or changed, `fields` of a changed record `{field: {from, to}}`.

    Raises NotFound when there is no such change, Refused when it was taken back already or when later changes
    stand in the way.
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


def _wanted(session: Session, number: int | None) -> Change:
    if number is None:
        newest = journal.newest_that_holds(session.reader)
        if newest is None:
            raise NotFound("there is nothing to take back", "every change is listed by: dossier history")
        return newest
    try:
        change = session.reader.get(Change, number)
    except NotFound:
        raise NotFound(f"there is no change {number}", "look with: dossier history") from None
    if change.undone_by is not None:
        raise Refused(
            f"change {number} was already taken back by change {change.undone_by}",
            f"to bring it back: dossier undo --id {change.undone_by}",
        )
    return change


def _summary(session: Session, change: Change, dry_run: bool) -> str:
    """What the undo does, told of the change it goes back to: an undo of an undo brings that one back."""
    brings_back = False
    while change.undoes is not None:
        change, brings_back = session.reader.get(Change, change.undoes), not brings_back
    take, bring = ("would take", "would bring") if dry_run else ("took", "brought")
    did = bring if brings_back else take
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
    """What a person knows the record by; null for what has no words of its own."""
    for name in _LABELS:
        if text := getattr(record, name, None):
            line = one_line(text)
            return line if len(line) <= _LABEL_LENGTH else line[: _LABEL_LENGTH - 1] + "…"
    return None
