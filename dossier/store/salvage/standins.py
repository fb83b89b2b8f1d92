"""What stands for records that are lost and that others refer to, under names that say so."""

from __future__ import annotations

import os

from dossier.store.catalog import Account, Interaction, Person, Promise
from dossier.store.gate import KINDS
from dossier.store.journal import Key
from dossier.store.record import Record
from dossier.store.salvage.found import Finding, Found

_ACCOUNT = Account.table.name


def stand_in(found: Found, today: str) -> list[Finding]:
    """Make what records refer to and what is not there; which ones."""
    there = found.everything()
    wanted: dict[Key, Key] = {}
    for key in there:
        links = found.links(key)
        for field in KINDS[key[0]].table.plain:
            if (
                field.references
                and field.name in links
                and (field.references, links[field.name]) not in there
            ):
                wanted[field.references, links[field.name]] = key
    placeholders: list[Finding] = []
    homeless = 1 + max((number for noun, number in (*there, *wanted) if noun == _ACCOUNT), default=0)
    for key, referrer in wanted.items():
        account = key[1] if key[0] == _ACCOUNT else _account_of(found, referrer) or homeless
        for needed in dict.fromkeys(((_ACCOUNT, account), key)):
            if needed not in found:
                found.made[needed] = _stand_in_for(found, needed, account, today)
                placeholders.append(Finding(*needed, found.made[needed].uid.hex()))
    return placeholders


def _account_of(found: Found, key: Key) -> int | None:
    """The account of whatever refers to something: its own, or that of what else it refers to."""
    links = found.links(key)
    for field in KINDS[key[0]].table.plain:
        if field.references == _ACCOUNT:
            return links.get(field.name)
    for field in KINDS[key[0]].table.plain:
        if field.references and field.name in links:
            parent = field.references, links[field.name]
            if parent in found and (account := found.links(parent).get("account_id")):
                return account
    return None


def _stand_in_for(found: Found, key: Key, account_id: int, today: str) -> Record:
    record = _named(key, account_id, today)
    uid, version = found.testimony.written.get(key, ("", 1))
    record.id, record.uid, record.version = key[1], bytes.fromhex(uid) or os.urandom(16), version
    return record


def _named(key: Key, account_id: int, today: str) -> Record:
    """What stands for a lost record, so that what refers to it can stay."""
    noun, number = key
    name = f"(lost {noun} {number})"
    if noun == _ACCOUNT:
        return Account(name=name, created_on=today)
    if noun == Person.table.name:
        return Person(account_id=account_id, name=name, created_on=today)
    if noun == Interaction.table.name:
        return Interaction(account_id=account_id, at=today, subject=name)
    assert noun == Promise.table.name, "nothing else is referred to"
    return Promise(
        account_id=account_id, made_on=today, due_on=today, state="withdrawn", settled_on=today, title=name
    )
