"""The agenda: what is due, why, and what to do, gathered from the vault and ordered by the domain (B2, B4, A3, B1)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta

from dossier.domain import agenda as rules
from dossier.domain import cadence, occasions
from dossier.domain.agenda import Item
from dossier.domain.partial_date import PartialDate
from dossier.domain.promises import Move
from dossier.domain.vocabulary import By, ItemKind, Tier
from dossier.services.session import Session
from dossier.services.shapes import Names, Shape, day
from dossier.store import agenda_view, views
from dossier.store.agenda_view import Contact
from dossier.store.calendar import BIRTHDAY, OCCASION, RELATIVE, Calendar
from dossier.store.catalog import Occasion, Person, Promise, Relative, Step
from dossier.store.record import AGENDA


def items(session: Session, days: int | None = None, kinds: Collection[ItemKind] = ()) -> list[Item]:
    """The agenda of today and the next `days` (the setting, unless given), worst first."""
    ahead = session.config["agenda_days"] if days is None else days
    calendar = session.reader.calendar()
    wanted = set(kinds) or set(ItemKind)
    found: list[Item] = []
    if wanted & {ItemKind.PROMISE_OVERDUE, ItemKind.PROMISE_DUE}:
        found += _promises(session, ahead)
    if ItemKind.NEXT_STEP in wanted:
        found += _steps(session, ahead)
    if ItemKind.CADENCE in wanted:
        found += _cadence(session, calendar.cadences() if calendar else {})
    if ItemKind.OCCASION in wanted and calendar:
        found += _occasions(session, calendar, days)
    return rules.worst_first(rules.select(found, kinds))


def shape(session: Session, found: list[Item], limit: int | None = None) -> Shape:
    """`{today, locked, counts, items}`; the counts are of all items, also of those beyond `limit`."""
    counts: dict[str, int | None] = dict.fromkeys(ItemKind, 0)
    for item in found:
        counts[item.kind] = (counts[item.kind] or 0) + 1
    if not session.knows_agenda:
        counts[ItemKind.OCCASION] = None
    return {
        "today": session.today.isoformat(),
        "locked": not session.knows_agenda,
        "counts": {str(kind): number for kind, number in counts.items()},
        "items": [item_shape(item) for item in found[:limit]],
    }


def item_shape(item: Item) -> Shape:
    """One item as scripts see it; `by` and `notified` are null for what is no promise."""
    return {
        "kind": str(item.kind),
        "id": item.id,
        "account": item.account,
        "account_id": item.account_id,
        "person": item.person,
        "person_id": item.person_id,
        "title": item.title,
        "due": item.due.isoformat(),
        "days_late": item.days_late,
        "why": item.why,
        "urgency": item.urgency,
        "action": item.action,
        "by": item.by and str(item.by),
        "notified": item.notified,
    }


def _promises(session: Session, ahead: int) -> Iterator[Item]:
    records = agenda_view.promises(session.reader, _until(session, ahead))
    moves = agenda_view.moves(session.database, [record.id for record in records])
    accounts, people = _names(session, records)
    for record in records:
        yield rules.promise_item(
            id=record.id,
            account=accounts[record.account_id],
            account_id=record.account_id,
            person=people.get(record.person_id or 0),
            person_id=record.person_id,
            title=record.title,
            by=By(record.by),
            due_on=date.fromisoformat(record.due_on),
            told_for=day(record.told_for),
            moves=[
                Move(date.fromisoformat(from_on), date.fromisoformat(to_on), day(told_on))
                for from_on, to_on, told_on in moves.get(record.id, ())
            ],
            today=session.today,
        )


def _steps(session: Session, ahead: int) -> Iterator[Item]:
    records = agenda_view.steps(session.reader, _until(session, ahead))
    accounts, people = _names(session, records)
    for record in records:
        yield rules.step_item(
            id=record.id,
            account=accounts[record.account_id],
            account_id=record.account_id,
            person=people.get(record.person_id or 0),
            person_id=record.person_id,
            title=record.title,
            due_on=date.fromisoformat(record.due_on),
            today=session.today,
        )


def _names(session: Session, records: Sequence[Promise | Step]) -> tuple[Names, Names]:
    # `about.names` does the same, but its module would cost every agenda an import.
    accounts = views.names(session.database, "account", {record.account_id for record in records})
    people = views.names(session.database, "person", {one.person_id for one in records if one.person_id})
    return accounts, people


def _cadence(session: Session, own: dict[int, int]) -> Iterator[Item]:
    # An account's own cadence is secret, so while locked every account is held to its tier's.
    last_days = {str(tier): _until(session, -days) for tier, days in cadence.CADENCE_DAYS.items()}
    for account in agenda_view.waiting(session.database, last_days, sorted(own)):
        longest = cadence.cadence_of(Tier(account.tier), own.get(account.id))
        last, created = day(account.last_contact_on), date.fromisoformat(account.created_on)
        clock = cadence.clock(longest, last, created, session.today)
        if clock.overdue:
            yield rules.cadence_item(
                account=account.name,
                account_id=account.id,
                clock=clock,
                last_contact_on=last,
                due_on=(last or created) + timedelta(days=longest),
            )


def _occasions(session: Session, calendar: Calendar, days: int | None) -> Iterator[Item]:
    # Asked to look so far ahead, the agenda does; otherwise an occasion shows for as long as its own lead says.
    lead: int = session.config["occasion_days"] if days is None else days
    keys = occasions.month_days(session.today, max(lead, calendar.longest_lead), session.config["leap_day"])
    ids: dict[int, set[int]] = {BIRTHDAY: set(), RELATIVE: set(), OCCASION: set()}
    for key in keys:
        for entry in calendar.on(key):
            ids[entry.kind].add(entry.record_id)
    # Whom they belong to stands in clear: only what shows is ever decrypted.
    whose = agenda_view.people_of(session.database, "relative", ids[RELATIVE])
    of_whom = agenda_view.people_of(session.database, "occasion", ids[OCCASION])
    people = {number for number in (*ids[BIRTHDAY], *whose.values(), *of_whom.values()) if number}
    tiers = [str(tier) for tier in Tier if occasions.shows_for(tier, marked=False)]
    shown = agenda_view.contacts(session.database, people, tiers, calendar.marked())

    reader = session.reader
    born = reader.of_ids(Person, ids[BIRTHDAY] & shown.keys(), classes=(AGENDA,))
    for number, person in born.items():
        yield from _birthday(session, shown[number], number, person.birthday, "birthday", lead)
    close = reader.of_ids(Relative, {number for number in whose if whose[number] in shown}, classes=(AGENDA,))
    for number, relative in close.items():
        title = f"birthday of {relative.name} ({relative.relation})"
        yield from _birthday(session, shown[relative.person_id], number, relative.birthday, title, lead)
    of_shown = {number for number, person in of_whom.items() if person is None or person in shown}
    kept = reader.of_ids(Occasion, of_shown, classes=(AGENDA,))
    yield from _kept(session, list(kept.values()), shown, lead, days or 0)


def _birthday(
    session: Session, person: Contact, number: int, birthday: str | None, title: str, lead: int
) -> Iterator[Item]:
    coming = _coming(session, birthday, lead)
    if coming is not None:
        yield rules.occasion_item(
            id=number,
            account=person.account,
            account_id=person.account_id,
            person=person.name,
            person_id=person.id,
            title=title,
            coming=coming,
            why=occasions.wording(occasions.BIRTHDAY, coming),
        )


def _kept(
    session: Session, records: list[Occasion], shown: dict[int, Contact], lead: int, least: int
) -> Iterator[Item]:
    """Occasions within their own lead, which is `least` at least, else within `lead`."""
    accounts = agenda_view.accounts(session.database, {record.account_id for record in records})
    for record in records:
        name, tier = accounts.get(record.account_id, ("", ""))
        visible = (
            record.person_id in shown if record.person_id else tier and occasions.shows_for(Tier(tier), False)
        )
        own = None if record.lead_days is None else max(record.lead_days, least)
        coming = _coming(session, record.date, lead if own is None else own)
        if visible and coming is not None:
            yield rules.occasion_item(
                id=record.id,
                account=name,
                account_id=record.account_id,
                person=shown[record.person_id].name if record.person_id else None,
                person_id=record.person_id,
                title=record.title or str(record.kind),
                coming=coming,
                why=occasions.wording(record.kind, coming),
            )


def _coming(session: Session, partial: str | None, lead: int) -> occasions.Upcoming | None:
    if partial is None:
        return None
    return occasions.upcoming(PartialDate.parse(partial), session.today, lead, session.config["leap_day"])


def _until(session: Session, days: int) -> str:
    return (session.today + timedelta(days=days)).isoformat()
