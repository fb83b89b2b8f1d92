"""The brief in words: what each of its sections says, for whoever prints or shows it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from dossier.domain.completeness import age_words
from dossier.domain.text import count_of, due_words, in_days, joined, one_line
from dossier.domain.vocabulary import By
from dossier.services.brief import ASK_AGAIN, CONSIDER, TALK
from dossier.services.shapes import Shape, day
from dossier.services.shapes_work import owes_notice


class Look(StrEnum):
    """How much an entry wants to be seen."""

    PLAIN = "plain"
    LATE = "late"
    CARE = "care"


class Entry(NamedTuple):
    """What an entry says, the main part first; `tail` stays whole where there is no room for all of `main`."""

    main: str
    tail: str = ""
    look: Look = Look.PLAIN


class Section(NamedTuple):
    """A part of the page: `most` of its entries show on a screen, each on as many `lines` as there is room for."""

    label: str
    entries: list[Entry]
    most: int
    lines: int = 1


def heading(shape: Shape) -> str:
    """Whom the brief is about, and the day: `Lan Nguyễn · Hanoi Optics · p12 · 10 March 2027`."""
    account = shape["account"]
    whom = [person["name"] for person in shape["people"] if person["id"] == shape["met"]]
    today = date.fromisoformat(shape["today"])
    what = [f"p{shape['met']}"] if whom else [f"{account['tier']} account", f"a{account['id']}"]
    return one_line(joined(*whom, account["name"], *what, f"{today.day} {today:%B %Y}"))


def sections(shape: Shape) -> tuple[Section, ...]:
    """The parts of a brief (`services.brief`) in the order in which they are read; some may have no entries."""
    called = {person["id"]: person["address_as"] or person["name"] for person in shape["people"]}
    account = shape["account"]
    business = joined(account["industry"], account["country"])
    ours, theirs = (shape["promises"][by] for by in (By.US, By.THEM))
    return (
        Section("Business", [Entry(business)] if business else [], 1),
        Section("Contact", _contact(shape), 2),
        Section("Address", [_person(person) for person in shape["people"]], 4),
        Section("Last talks", [_talk(talk) for talk in shape["talks"]], 4),
        Section("We owe", [_promise(one) for one in ours], 4, lines=2),
        Section("They owe", [_promise(one) for one in theirs], 2, lines=2),
        Section("Next steps", [_step(step) for step in shape["steps"]], 2),
        Section("Talk about", _facts(shape, TALK, called), 6, lines=2),
        Section("Ask again", _facts(shape, ASK_AGAIN, called), 2, lines=2),
        Section("Consider", _facts(shape, CONSIDER, called), 1, lines=2),
        Section("Dates", [_date(one, called) for one in shape["dates"]], 3),
        Section("Find out", [Entry(one["question"]) for one in shape["missing"]], 3),
    )


def _contact(shape: Shape) -> list[Entry]:
    account, over = shape["account"], shape["days_over"]
    days = account["days_since_contact"]
    last = "none yet" if days is None else f"last {in_days(-days)}"
    wanted = f"every {count_of(account['cadence_days'], 'day')}"
    if over > 0:
        first = Entry(f"{last}; {wanted}: {count_of(over, 'day')} too long", look=Look.LATE)
    else:
        first = Entry(f"{last}; {wanted}")
    if shape["kept_rate"] is None:
        return [first]
    return [first, Entry(f"we kept {shape['kept_rate']:.0%} of our promises on time")]


def _person(person: Shape) -> Entry:
    name = person["name"] if person["address_as"] != person["name"] else None
    last = person["last_talk_on"]
    who = joined(name, person["position"], person["role"], by=", ")
    return Entry(
        joined(person["address_as"], who, by=" — "), f"talked {last}" if last else "not talked to yet"
    )


def _talk(talk: Shape) -> Entry:
    note = (talk["note"] or "").strip()
    said = talk["subject"] or note.partition("\n")[0] or talk["outcome"]
    way = f"{talk['channel']} from them" if talk["direction"] == "in" else talk["channel"]
    return Entry(joined(f"{talk['at']} {way}", said, by=": "), ", ".join(talk["with"]))


def _promise(promise: Shape) -> Entry:
    late, untold = promise["days_late"] > 0, owes_notice(promise)
    when = due_words(promise["days_late"])
    if untold:
        when += ", not told"
    elif late and promise["notified"]:
        when += ", told"
    look = Look.LATE if late and untold else Look.CARE if late or untold else Look.PLAIN
    return Entry(promise["title"], joined(when, promise["person"]), look)


def _step(step: Shape) -> Entry:
    late = step["days_late"]
    return Entry(
        step["title"], joined(due_words(late), step["person"]), Look.CARE if late > 0 else Look.PLAIN
    )


def _facts(shape: Shape, use: str, called: dict[int, str]) -> list[Entry]:
    """Of the account and its people; where one person is met, of them and the account alone."""
    today, met = date.fromisoformat(shape["today"]), shape["met"]
    return [
        Entry(
            joined(called.get(fact["person_id"]), fact["text"], by=": "),
            joined(fact["kind"], age_words(day(fact["confirmed_on"]), today), fact["source"]),
        )
        for fact in shape["facts"]
        if fact["use"] == use and (met is None or fact["person_id"] in (met, None))
    ]


def _date(one: Shape, called: dict[int, str]) -> Entry:
    whose = called.get(one["person_id"])
    look = Look.CARE if one["days"] <= 0 else Look.PLAIN
    what = "" if one["what"] == "birthday" else one["what"]
    return Entry(joined(whose, joined(what, one["why"], by=", "), by=": "), one["on"], look)
