"""The JSON of people and of what is known about them. Hidden values are null, and the object carries `locked: true`."""

from __future__ import annotations

from datetime import date

from dossier.domain.address import address_form
from dossier.domain.names import NameParts, split_name
from dossier.domain.vocabulary import Gender
from dossier.services.shapes import Names, Shape, fields_of, with_lock
from dossier.store.catalog import Fact, Occasion, Person, Relative
from dossier.store.record import DOSSIER


def parts_of(record: Person) -> NameParts:
    """The person's name taken apart, as stored; guessed where neither part was stored."""
    if not record.family_name and not record.given_name:
        return split_name(record.name, record.language)
    family, given = record.family_name or "", record.given_name or ""
    return NameParts(
        family, given, "family-first" if family and record.name.startswith(family) else "given-first"
    )


def addressed_as(record: Person) -> str | None:
    """How to address the person: as was set, else as name, title, gender, language and position suggest (A2)."""
    if DOSSIER in record.locked:
        return None
    return address_form(
        record.name,
        parts_of(record),
        set_form=record.address_as,
        title=record.title,
        language=record.language,
        gender=Gender(record.gender) if record.gender else None,
        position=record.position,
    )


def person(record: Person, accounts: Names, locked: bool) -> Shape:
    """A person as `person list` gives it.

    `{id, name, account, account_id, position, department, role, address_as, birthday, mails, phones, tags}`;
    `address_as` is the form that was set, else the derived one. Locked, `address_as` and `birthday` are null.
    """
    return with_lock(
        {
            "id": record.id,
            "name": record.name,
            "account": accounts[record.account_id],
            **fields_of(record, "account_id", "position", "department", "role"),
            "address_as": addressed_as(record),
            **fields_of(record, "birthday", "mails", "phones", "tags"),
        },
        locked,
    )


def person_in_full(record: Person, accounts: Names, locked: bool) -> Shape:
    """A person as `show` and the writing commands give it, but for the lists of what is known.

    The fields of `person list`, then `{family_name, given_name, aliases, created_on, marked, title, gender, language,
    private_mails, private_phones, private_address, note}`. `marked`: their occasions show whatever the account's tier.
    """
    return {
        **person(record, accounts, locked),
        **fields_of(record, "family_name", "given_name", "aliases", "created_on", "marked"),
        **fields_of(record, "title", "gender", "language"),
        **fields_of(record, "private_mails", "private_phones", "private_address", "note"),
    }


def line_above(superior: Person | None) -> Shape:
    """`{reports_to, reports_to_id}`: the name and id of whom a person reports to, null for nobody or while locked."""
    return {"reports_to": superior and superior.name, "reports_to_id": superior and superior.id}


def fact(record: Fact, accounts: Names, people: Names, locked: bool) -> Shape:
    """`{id, account, account_id, person, person_id, kind, text, source, learned_on, confirmed_on}`.

    `person` is null for a fact about the account itself. Locked, everything from `kind` on is null.
    """
    return with_lock(
        {
            "id": record.id,
            "account": accounts[record.account_id],
            "account_id": record.account_id,
            "person": people.get(record.person_id or 0),
            **fields_of(record, "person_id", "kind", "text", "source", "learned_on", "confirmed_on"),
        },
        locked,
    )


def relative(record: Relative, whose: Person, accounts: Names, locked: bool) -> Shape:
    """`{id, account, account_id, person, person_id, name, relation, birthday, note}`.

    Locked, everything from `name` on is null.
    """
    return with_lock(
        {
            "id": record.id,
            "account": accounts[whose.account_id],
            "account_id": whose.account_id,
            "person": whose.name,
            **fields_of(record, "person_id", "name", "relation", "birthday", "note"),
        },
        locked,
    )


def occasion(
    record: Occasion,
    accounts: Names,
    people: Names,
    next_on: date | None,
    lead_days: int | None,
    locked: bool,
) -> Shape:
    """`{id, account, account_id, person, person_id, kind, date, title, next_on, lead_days, note}`.

    `date` may lack its year or day; `next_on` is the next day on which it is kept (null without month and day),
    `lead_days` the lead in force. Locked, everything from `kind` on is null.
    """
    return with_lock(
        {
            "id": record.id,
            "account": accounts[record.account_id],
            "account_id": record.account_id,
            "person": people.get(record.person_id or 0),
            **fields_of(record, "person_id", "kind", "date", "title"),
            "next_on": next_on.isoformat() if next_on else None,
            "lead_days": lead_days,
            "note": record.note,
        },
        locked,
    )
