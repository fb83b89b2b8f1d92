"""Everything known about an account or a person, on one page: what `show` prints (A1 to A3, B1, B2)."""

from __future__ import annotations

from dossier.services import accounts, attachments, facts, interactions, occasions, people, promises, steps
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.store.catalog import Account, Person

LAST_INTERACTIONS = 10


def account(session: Session, record: Account) -> Shape:
    """The account in full (`accounts.in_full`), then what is known about it and its people, each a list of shapes.

    `people`, `facts`, `occasions`, open `promises` and `steps` by date, the last `interactions`, the newest first, and
    `attachments`.
    """
    return {
        **accounts.in_full(session, record),
        "people": people.of(session, record),
        "facts": facts.of(session, record),
        "occasions": occasions.of(session, record),
        **_work(session, f"a{record.id}"),
    }


def person(session: Session, record: Person) -> Shape:
    """The person in full (`people.in_full`: with what is known), then `promises` and what follows it there."""
    return {**people.in_full(session, record), **_work(session, f"p{record.id}")}


def _work(session: Session, ref: str) -> Shape:
    """What is open between us, and what happened last."""
    return {
        "promises": promises.listed(session, ref=ref),
        "steps": steps.listed(session, ref=ref),
        "interactions": interactions.listed(session, ref=ref, limit=LAST_INTERACTIONS),
        "attachments": attachments.listed(session, ref=ref),
    }
