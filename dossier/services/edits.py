"""What adding, editing and removing have in common for every noun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from dossier.domain.text import count_of
from dossier.errors import Refused
from dossier.services import dates
from dossier.services.session import Session
from dossier.store.gate import Transaction
from dossier.store.record import Field, Record
from dossier.store.removal import referrers, remove

R = TypeVar("R", bound=Record)

Changes = Mapping[str, Any]
"""New values by field name, dates in people's words. None leaves a field as it is; "" or `[""]` clears it."""


def values(session: Session, kind: type[Record], changes: Changes) -> dict[str, Any]:
    """The values that were asked for, in their stored form; BadValue for a date that cannot be meant."""
    return {
        name: _value(session, kind.table.field(name), value)
        for name, value in changes.items()
        if value is not None
    }


def _value(session: Session, field: Field, value: Any) -> Any:
    if field.kind == "lines":
        return [line for line in value if line]
    if value == "":
        return field.default
    if field.kind == "partial":
        return dates.partial(session, value)
    if field.kind == "day":
        return dates.past_day(session, value)
    return value


def edit(session: Session, record: R, changes: Changes, label: str) -> R:
    """Apply the changes to a stored record in one transaction; the record as it stands then."""
    noun = record.table.name
    with session.change(f"{noun} edit") as transaction:
        transaction.summary = f"edited {noun} {record.id} {label}".strip()
        return transaction.update(record, **values(session, type(record), changes))


def rm(
    session: Session, record: Record, label: str, *, cascade: bool, own: tuple[type[Record], ...] = ()
) -> str:
    """Remove a record; refused while others refer to it, unless `cascade` takes them along. Says what was done.

    Records of the kinds in `own` are part of it and go without asking.
    """
    noun = record.table.name
    with session.change(f"{noun} rm") as transaction:
        if not cascade:
            refuse_if_referred_to(transaction, record, own)
        taken = remove(transaction, record)
        more = f" and {count_of(taken - 1, 'record')} that belonged to it" if taken > 1 else ""
        transaction.summary = f"removed {noun} {record.id} {label}".strip() + more
    return transaction.summary


def refuse_if_referred_to(
    transaction: Transaction, record: Record, own: tuple[type[Record], ...] = ()
) -> None:
    """Raise Refused, naming what refers to the record, if anything does."""
    counts: dict[str, int] = {}
    for kind, _, _ in referrers(transaction, record):
        if kind in own:
            continue
        noun = kind.table.name.replace("_", " ")
        counts[noun] = counts.get(noun, 0) + 1
    if counts:
        listed = ", ".join(count_of(number, noun) for noun, number in counts.items())
        # Named by its number: the title of a promise is a secret, and a message may end up anywhere.
        raise Refused(
            f"{record.table.name} {record.id} is still referred to by {listed}",
            "add --cascade to remove all of it; dossier undo brings it back",
        )
