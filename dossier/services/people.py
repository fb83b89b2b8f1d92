"""People at an account: adding, listing, editing, moving and removing them (A2, A3)."""

from __future__ import annotations

from typing import Any

from dossier.domain.faults import BadValue
from dossier.domain.limits import check_line
from dossier.domain.names import is_language_code, sort_key, split_name
from dossier.domain.occasions import check_birthday
from dossier.domain.text import one_line
from dossier.errors import Refused
from dossier.services import edits, facts, occasions, refs, relatives, reporting, shapes_people
from dossier.services.edits import Changes
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.store import views
from dossier.store.catalog import Account, Fact, Occasion, Person
from dossier.store.gate import Transaction
from dossier.store.rows import search_key
from dossier.store.where import equal, tagged

_UNKNOWN_PARTS: dict[str, str | None] = {"family_name": None, "given_name": None}


def add(
    session: Session,
    name: str,
    account_ref: str,
    changes: Changes,
    *,
    namesake: bool = False,
    reports_to: str | None = None,
) -> Shape:
    """Add a person to an account; Refused if someone of that name is there, unless it is a `namesake`.

    The family's part of the name is worked out unless given; `reports_to` means somebody of the same account.
    BadValue for a birthday still to come.
    """
    values = _values(session, {**changes, "name": name})
    with session.change("person add") as transaction:
        account = refs.account(session, account_ref)
        if not namesake:
            _refuse_namesake(session, values["name"], account)
        if reports_to is not None:
            values["reports_to"] = reporting.superior(session, account, reports_to)
        new = Person(account_id=account.id, created_on=session.today.isoformat(), **values)
        record = transaction.insert(new.replace(**_name_parts(new)))
        summary = f"added person {record.id} {one_line(record.name)} at {one_line(account.name)}"
        transaction.summary = summary
    return in_full(session, record)


def listed(
    session: Session, *, account: str | None = None, role: str | None = None, tag: str | None = None
) -> list[Shape]:
    """People by family name, then given name; all of them or those of an account, role or tag."""
    at = refs.account(session, account).id if account is not None else None
    return with_names(session, session.reader.find(Person, equal(account_id=at, role=role) & tagged(tag)))


def of(session: Session, account: Account) -> list[Shape]:
    """The people of an account, sorted as people are."""
    return with_names(session, session.reader.find(Person, equal(account_id=account.id)))


def with_names(session: Session, records: list[Person]) -> list[Shape]:
    """The shapes of some people with the names of their accounts and of whom they report to, by family name."""
    accounts = views.names(session.database, "account", {record.account_id for record in records})
    records = sorted(records, key=lambda record: (sort_key(shapes_people.parts_of(record)), record.id))
    superiors = reporting.superiors(session, records)
    return [
        {
            **shapes_people.person(record, accounts, session.locked),
            **shapes_people.line_above(superiors.get(record.id)),
        }
        for record in records
    ]


def in_full(session: Session, record: Person) -> Shape:
    """The person's whole shape, with `facts`, `relatives` and `occasions`."""
    accounts = views.names(session.database, "account", {record.account_id})
    return {
        **shapes_people.person_in_full(record, accounts, session.locked),
        **shapes_people.line_above(reporting.superiors(session, [record]).get(record.id)),
        "facts": facts.of(session, record),
        "relatives": relatives.of(session, record),
        "occasions": occasions.of(session, record),
    }


def edit(
    session: Session,
    ref: str,
    changes: Changes,
    *,
    account: str | None = None,
    reports_to: str | None = None,
) -> Shape:
    """Change fields of the person that `ref` means, or move them to another account with what is known about them.

    Interactions and promises stay with the account where they happened, and so do the lines up and down. `reports_to`
    means somebody of the account, "" nobody; RuleBroken if that is themselves or would go round in a circle.
    """
    values = _values(session, changes)
    with session.change("person edit") as transaction:
        current = refs.person(session, ref)
        place = refs.account(session, f"a{current.account_id}" if account is None else account)
        if place.id != current.account_id:
            values |= {"account_id": place.id, "reports_to": None}
            reporting.release(session, transaction, current)
        if reports_to is not None:
            values["reports_to"] = reporting.superior(session, place, reports_to, current.id)
        record = transaction.update(current, **_with_name_parts(current, values))
        if record.account_id != current.account_id:
            _take_along(session, transaction, record)
        transaction.summary = f"edited person {record.id} {record.name}"
    return in_full(session, record)


def rm(session: Session, ref: str, *, cascade: bool) -> str:
    """Remove the person that `ref` means; says what was done. Whoever reported to them reports to nobody then."""
    record = refs.person(session, ref)
    with session.together("person rm") as transaction:
        reporting.release(session, transaction, record)
        return edits.rm(session, record, record.name, cascade=cascade)


def _values(session: Session, changes: Changes) -> dict[str, Any]:
    values = edits.values(session, Person, changes)
    if "name" in values:
        values["name"] = check_line(changes["name"], "person name")
    check_birthday(values.get("birthday"), session.today)
    if values.get("language") and not is_language_code(values["language"]):
        raise BadValue("a person's language is given by its code", "for example vi, bg, zh-TW, en")
    return values


def _take_along(session: Session, transaction: Transaction, moved: Person) -> None:
    """Let what is known about a person follow them to their new account."""
    for kind in (Fact, Occasion):
        for known in session.reader.find(kind, equal(person_id=moved.id)):
            transaction.update(known, account_id=moved.account_id)


def _with_name_parts(current: Person, values: dict[str, Any]) -> dict[str, Any]:
    """The values with the parts of the name that follow from them.

    A new name is taken apart anew; with a new language that happens only where nobody set the parts by hand.
    """
    if not {"name", "language", "family_name", "given_name"}.intersection(values):
        return values
    changed = current.replace(**values)
    guessed = _name_parts(current.replace(**_UNKNOWN_PARTS)) == {
        part: getattr(current, part) for part in _UNKNOWN_PARTS
    }
    if "name" in values or guessed:
        changed = changed.replace(
            **(_UNKNOWN_PARTS | {part: values[part] for part in _UNKNOWN_PARTS if part in values})
        )
    return values | _name_parts(changed)


def _name_parts(record: Person) -> dict[str, str | None]:
    """Both parts of the name: a missing one is worked out from the other, or from the name, script and language."""
    family, given = record.family_name, record.given_name
    if not family and not given:
        guess = split_name(record.name, record.language)
        family, given = guess.family, guess.given
    elif family and not given:
        given = _without(family, record.name)
    elif given and not family:
        family = _without(given, record.name)
    return {"family_name": family or None, "given_name": given or None}


def _without(part: str, name: str) -> str:
    """What a name says beside one of its parts; empty if that part neither begins nor ends it."""
    if name.startswith(part):
        return name.removeprefix(part).strip(" ,")
    return name.removesuffix(part).strip(" ,") if name.endswith(part) else ""


def _refuse_namesake(session: Session, name: str, account: Account) -> None:
    wanted = search_key(name)
    same = views.ids_by_name(session.database, "person", f"\n{wanted}\n", account.id) if wanted else []
    if same:
        known = session.reader.get(Person, same[0], classes=())
        raise Refused(
            f"there is {one_line(known.name)} at {one_line(account.name)} already (p{known.id})",
            f"change that one: dossier person edit p{known.id}; if this is somebody else, add --namesake",
        )
