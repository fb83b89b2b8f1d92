"""Forgetting for good: a person with every trace of them, or what the history says of long ago (C1, C2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time
from typing import Any

from dossier.domain.mentions import Mentions, stands_in
from dossier.domain.text import count_of, phone_digits
from dossier.errors import Unavailable
from dossier.services import dates, newest, refs, shapes_people
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.store import forget, views
from dossier.store.catalog import Person
from dossier.store.check import Progress
from dossier.store.gate import Transaction
from dossier.store.head import manifest_to_change
from dossier.store.journal import FORGET_HISTORY, PERSON_FORGET
from dossier.store.leftovers import Copy, copies
from dossier.store.place import writers_out
from dossier.store.wiping import emptied_at_once

_NO_PROGRESS: Progress = lambda done, total: None  # noqa: E731 - a default argument


def person(session: Session, ref: str, *, dry_run: bool = False, progress: Progress = _NO_PROGRESS) -> Shape:
    """Forget the person that `ref` means, with every trace; nothing can bring them back.

    The shape: `{person, person_id, account, account_id, removed: {noun: n}, cleared: {noun: n}, history_entries,
    backups_removed: [path], still_named_in: [{noun, id, account}], forgotten}`. `removed` counts the records that go,
    `cleared` those that only referred to the person, `history_entries` the changes whose history is forgotten,
    `still_named_in` lists records whose text names them still, for somebody to edit. `forgotten` is false for a dry
    run, which does all of it and leaves nothing behind.

    It is one transaction, and the backups are removed once that is durable, every one that does not have the change
    that forgets; Unavailable if one of them cannot be: `finish` does it later. Raises the faults of `refs.person`,
    Locked without all keys.
    """
    session.need_keys()
    copies(session.path)  # what cannot be read now could not be removed afterwards
    with emptied_at_once(session.database), session.change(PERSON_FORGET, dry_run=dry_run) as transaction:
        transaction.forgets = True
        record = refs.person(session, ref)
        at = views.names(session.database, "account")
        traces = forget.Traces(session.database, record)
        forget.learn_from_history(transaction, traces, _part(progress, 0))
        homes = {record.account_id, *(state["account_id"] for state in traces.past if "account_id" in state)}
        traces.look_for(_mentions(session, record, traces.past), homes)
        removed, cleared = forget.forget_record(transaction, record)
        named = [
            {"noun": noun, "id": number, "account": at.get(account_id)}
            for noun, number, account_id in traces.named_in(session.reader)
        ]
        entries = forget.forget_in_history(transaction, traces, _part(progress, 1))
        forget.sweep(transaction)
        transaction.summary = f"forgot a person: {_counted(removed, entries)}"
    own = _entry(transaction)
    found = copies(session.path) if dry_run else _remove(session, lambda: copies(session.path, own))
    return {
        "person": record.name,
        "person_id": record.id,
        "account": at[record.account_id],
        "account_id": record.account_id,
        "removed": removed,
        "cleared": cleared,
        "history_entries": entries,
        "backups_removed": [copy.path for copy in found],
        "still_named_in": named,
        "forgotten": not dry_run,
    }


def finish(session: Session) -> list[str]:
    """Remove the backups that hold somebody who is forgotten, because the run that forgot them was killed; their paths.

    Those are all that were made before the last forgetting and do not have its change. What a restore set aside since
    is no business of that run. They may be all that is left of the vault, so nothing goes unless this copy could be
    written to. Raises Damaged as `Session.change`, Locked without all keys, Unavailable if one cannot be removed.
    """
    session.need_keys()
    if not copies(session.path):
        return []
    with writers_out(session.database):
        manifest = manifest_to_change(session.database, session.rows.cipher)
        newest.refuse_unless_newest(session.database, session.rows, manifest)
        change = forget.last_forgetting(session.reader, PERSON_FORGET)
        if change is None:
            return []
        found = copies(session.path, (change.id, change.uid))
        found = [copy for copy in found if copy.made is None or copy.made <= change.at]
        return [copy.path for copy in _removed(found)]


def history(
    session: Session, before: str, *, dry_run: bool = False, progress: Progress = _NO_PROGRESS
) -> Shape:
    """Let the history forget what it says of changes made before a day (here, by this machine's clock and zone).

    The shape: `{before, history_entries, records, attachment_bytes, backups, forgotten}`: the day, how many changes
    lose their history, of how many records it told, how many bytes of removed attachments go because nothing can bring
    them back any more, the backups that still hold all of it, and whether it was done. A dry run does all of it and
    leaves nothing behind. Where there is nothing to forget, nothing is written, and `forgotten` is false.

    Raises BadValue for a day that cannot be meant, Locked without all keys.
    """
    session.need_keys()
    day = dates.day(session, before, "back")
    moment = datetime.combine(day, time()).astimezone(UTC).isoformat(timespec="seconds")
    with emptied_at_once(session.database), session.change(FORGET_HISTORY, dry_run=dry_run) as transaction:
        transaction.forgets = True
        entries, records = forget.forget_history_before(transaction, moment, progress)
        swept = forget.sweep(transaction) if entries else 0
        transaction.summary = f"forgot the history of {count_of(entries, 'change')} before {day}"
    return {
        "before": day.isoformat(),
        "history_entries": entries,
        "records": records,
        "attachment_bytes": swept,
        "backups": [copy.path for copy in copies(session.path, _entry(transaction))],
        "forgotten": bool(entries) and not dry_run,
    }


def _entry(transaction: Transaction) -> tuple[int, bytes] | None:
    """Number and uid of what was written; None for a dry run, and where there was nothing to write."""
    return None if transaction.number is None else (transaction.number, transaction.uid)


def _remove(session: Session, find: Callable[[], list[Copy]]) -> list[Copy]:
    """Remove the copies that hold somebody who is forgotten; those that there were."""
    if not find():
        return []
    with writers_out(session.database):  # a rotation that is under way has a file that looks as if it was not
        return _removed(find())


def _removed(found: list[Copy]) -> list[Copy]:
    if left := [copy.path for copy in found if not copy.remove()]:
        more = f" and {count_of(len(left) - 1, 'other file')}" if len(left) > 1 else ""
        raise Unavailable(
            f"the person is forgotten in the vault, but {left[0]}{more} still holds them and cannot be removed",
            "remove it, or run the command again: it begins with what is left",
        )
    return found


def _counted(removed: dict[str, int], entries: int) -> str:
    nouns = [count_of(number, noun.replace("_", " ")) for noun, number in removed.items() if noun != "person"]
    return ", ".join([*nouns, f"{entries} of the history"])


def _part(progress: Progress, number: int) -> Progress:
    """The progress of one of two walks through the history."""
    return lambda done, total: progress(number * total + done, 2 * total)


def _mentions(session: Session, record: Person, past: list[dict[str, Any]]) -> Mentions:
    """What the person goes by, and went by as far as the history knows: names and parts of them, mails, phones.

    What somebody else goes by too says nothing by itself: `Lan` is hers only in what is about her company. Nor does a
    mail or phone of the company.
    """
    states = [{field.name: value for field, value in record.values()}, *past]
    people = views.all_folded(session.database, "person", but=record.id)
    everybody = people + views.all_folded(session.database, "account")
    names = dict.fromkeys(name for state in states for name in _names(state))
    mails = dict.fromkeys(_lines(states, "mails", "private_mails"))
    shared = {name for name in names if stands_in(name, people)}
    certain = [name for name in names if name not in shared]
    certain += [mail for mail in mails if not stands_in(mail, everybody)]
    form = shapes_people.addressed_as(record)
    phones = [phone for phone in _lines(states, "phones", "private_phones") if not _is_in(phone, everybody)]
    return Mentions(certain, [*shared, form] if form else shared, phones)


def _names(state: dict[str, Any]) -> list[str]:
    family, given = (state.get("family_name") or "", state.get("given_name") or "")
    found = [state.get("name"), state.get("address_as"), *state.get("aliases", ())]
    found += [family, given, *given.split()[:1], *given.split()[-1:]]
    if family and given:
        found += [f"{family} {given}", f"{given} {family}"]
    return [name for name in found if name]


def _lines(states: Iterable[dict[str, Any]], *names: str) -> list[str]:
    return [line for state in states for name in names for line in state.get(name) or ()]


def _is_in(phone: str, folded: str) -> bool:
    digits = phone_digits(phone)
    return bool(digits) and f"\n{digits}\n" in folded
