"""The JSON of interactions, promises and next steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dossier.domain import promises
from dossier.domain.promises import Move
from dossier.domain.vocabulary import By, PromiseState
from dossier.services.shapes import Names, Shape, day, fields_of, with_lock
from dossier.store.catalog import Attachment, Interaction, Promise, PromiseMove, Step


def interaction(
    record: Interaction,
    accounts: Names,
    participants: Sequence[str],
    attachments: Sequence[Shape],
    locked: bool,
) -> Shape:
    """An interaction as every command gives it; `attachments` is a list of `attachment`.

    `{id, account, account_id, at, channel, direction, initiative, subject, outcome, note, with, attachments}`
    """
    return with_lock(
        {
            "id": record.id,
            "account": accounts[record.account_id],
            **fields_of(
                record, "account_id", "at", "channel", "direction", "initiative", "subject", "outcome", "note"
            ),
            "with": list(participants),
            "attachments": list(attachments),
        },
        locked,
    )


def attachment(record: Attachment, accounts: Names, people: Names, locked: bool) -> Shape:
    """`{id, account, account_id, person, person_id, interaction_id, added_on, name, size, sha256}`, `size` in bytes."""
    return with_lock(
        {
            "id": record.id,
            "account": accounts[record.account_id],
            "account_id": record.account_id,
            "person": people.get(record.person_id or 0),
            **fields_of(record, "person_id", "interaction_id", "added_on", "name", "size"),
            "sha256": record.digest,
        },
        locked,
    )


def moves_of(records: Sequence[PromiseMove]) -> list[Move]:
    """The moves of one promise as the domain's rules want them, oldest first."""
    return [
        Move(date.fromisoformat(move.from_on), date.fromisoformat(move.to_on), day(move.told_on))
        for move in records
    ]


def move(record: PromiseMove, people: Names, account: str) -> Shape:
    """`{from, to, because, apology, told, channel, on}`: `told` names whom (the account if nobody in particular)."""
    told = people.get(record.told_person_id or 0, account) if record.told_on else None
    return {
        "from": record.from_on,
        "to": record.to_on,
        "because": record.because,
        "apology": record.apology,
        "told": told,
        "channel": record.channel,
        "on": record.moved_on,
    }


def promise(
    record: Promise, accounts: Names, people: Names, moves: Sequence[PromiseMove], today: date, locked: bool
) -> Shape:
    """A promise as every command gives it; `moves` is a list of `move`, `days_late` is negative while ahead.

    `{id, account, account_id, person, person_id, by, title, made_on, due_on, state, settled_on, days_late, notified,
    detail, moves}`
    """
    state, due_on = PromiseState(record.state), date.fromisoformat(record.due_on)
    known = moves_of(moves)
    account = accounts[record.account_id]
    return with_lock(
        {
            "id": record.id,
            "account": account,
            "account_id": record.account_id,
            "person": people.get(record.person_id or 0),
            **fields_of(record, "person_id", "by", "title", "made_on", "due_on", "state", "settled_on"),
            "days_late": promises.days_late(state, due_on, today, day(record.settled_on)),
            "notified": promises.notified(By(record.by), state, due_on, day(record.told_for), known, today),
            "detail": record.detail,
            "moves": [move(one, people, account) for one in moves],
        },
        locked,
    )


def step(record: Step, accounts: Names, people: Names, today: date, locked: bool) -> Shape:
    """`{id, account, account_id, person, person_id, title, due_on, days_late, state, done_on}`."""
    until = day(record.done_on) or today
    return with_lock(
        {
            "id": record.id,
            "account": accounts[record.account_id],
            "account_id": record.account_id,
            "person": people.get(record.person_id or 0),
            **fields_of(record, "person_id", "title", "due_on"),
            "days_late": (until - date.fromisoformat(record.due_on)).days,
            **fields_of(record, "state", "done_on"),
        },
        locked,
    )


def owes_notice(promise: Mapping[str, Any]) -> bool:
    """Whether an open promise is late or was moved, and the client has not been told (B2)."""
    return promise["notified"] is False and (promise["days_late"] > 0 or bool(promise["moves"]))
