"""The book of business in `examples/`, written into a vault day by day as its owner would have done.

`examples/README.md` says what stands in the files. Everything goes through the services with the session set to the day
in question, so that every rule of the practice holds: what they refuse is a mistake in the book.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple

from dossier.domain.partial_date import days_in
from dossier.domain.text import count_of
from dossier.domain.vocabulary import By, Channel, PromiseState
from dossier.errors import Unavailable
from dossier.services import accounts, facts, interactions, occasions, people, promises, relatives, steps
from dossier.services.interactions import Next
from dossier.services.session import Session

Page = dict[str, Any]
"""A record of the book as its file has it."""

_NO_FIELDS = {
    "name", "created", "facts", "occasions", "people", "interactions", "promises", "steps", "relatives", "reports_to",
}  # fmt: skip
"""Keys of an account or a person that are no field of the same name."""
_TALK = ("channel", "direction", "initiative", "outcome", "note")


class Deed(NamedTuple):
    """Something to write down on a day, counted from today."""

    day: int
    write: Callable[[], object]


def folder() -> str:
    """Where the examples lie: inside the installed package, or beside it in a checkout. Unavailable if in neither."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for place in (package, os.path.dirname(package)):
        found = os.path.join(place, "examples")
        if os.path.isdir(os.path.join(found, "book")):
            return found
    raise Unavailable(
        "the examples are not installed with this program", "install it again, or run it from a checkout"
    )


def write(session: Session, pages: str) -> None:
    """Write the accounts in the folder `pages` into the vault, from the oldest day to today, in one transaction."""
    today = session.today
    books = [_AccountBook(session, page) for page in _read(pages)]
    # Sorting is stable: within a day an account's deeds keep the order in which they depend on each other.
    deeds = sorted((deed for book in books for deed in book.deeds()), key=lambda deed: deed.day)
    with session.together("demo") as transaction:
        try:
            for deed in deeds:
                session.today = today + timedelta(days=deed.day)
                deed.write()
        finally:
            session.today = today
        transaction.summary = f"wrote a book of business with {count_of(len(books), 'account')}"


def recurring(value: str | Page, today: date) -> str:
    """A birthday or occasion as a partial date; `in_days` counts from `today`.

    A 29 February in a year that has none is 1 March, so that what lies within the coming week stays there.
    """
    if not isinstance(value, dict):
        return value
    day = today + timedelta(days=value["in_days"])
    year = int(value["born"]) if "born" in value else day.year - value["turns"] if "turns" in value else None
    if year is None:
        return f"--{day:%m-%d}"
    if (day.month, day.day) == (2, 29) and days_in(year, 2) == 28:
        return f"{year}-03-01"
    return f"{year}-{day:%m-%d}"


def _read(pages: str) -> Iterator[Page]:
    for name in sorted(os.listdir(pages)):
        with open(os.path.join(pages, name), encoding="utf-8") as file:
            yield json.load(file)


class _AccountBook:
    """One account's pages on their way into the vault; it keeps the ids under which they land there."""

    def __init__(self, session: Session, page: Page) -> None:
        self.session = session
        self.page = page
        self.today = session.today
        self.ref = ""
        self.people: dict[str, str] = {}
        """The REF of each person by name."""
        self.talks: dict[int, int] = {}
        """The id of the interaction on each day."""

    def deeds(self) -> Iterator[Deed]:
        """What is to be written, of one day in the order in which it depends on each other."""
        page = self.page
        yield Deed(page["created"], self._account)
        for person in page["people"]:
            yield Deed(page["created"], partial(self._person, person))
        for person in page["people"]:
            if "reports_to" in person:  # by now whoever that is stands in the vault
                yield Deed(page["created"], partial(self._line, person))
        yield from self._facts(page.get("facts", ()), None)
        for talk in page["interactions"]:
            yield Deed(talk["day"], partial(self._interaction, talk))
        for talk in page["interactions"]:
            for promise in talk.get("promises", ()):
                yield from _Promise(self, promise, talk["day"]).deeds()
        for promise in page.get("promises", ()):
            yield from _Promise(self, promise, None).deeds()
        for step in page.get("steps", ()):
            yield Deed(step["created"], partial(self._step, step))
        yield from self._occasions(page.get("occasions", ()), None)
        for person in page["people"]:
            yield from self._known_of(person)

    def day(self, number: int) -> str:
        """The ISO day so many days from today."""
        return (self.today + timedelta(days=number)).isoformat()

    def _known_of(self, person: Page) -> Iterator[Deed]:
        name = person["name"]
        yield from self._facts(person.get("facts", ()), name)
        # The book gives these no day of their own: they are as known today.
        yield from self._occasions(person.get("occasions", ()), name)
        for relative in person.get("relatives", ()):
            yield Deed(0, partial(self._relative, relative, name))

    def _facts(self, pages: list[Page], person: str | None) -> Iterator[Deed]:
        for page in pages:
            fact = _Fact(self, page, person)
            yield Deed(page["learned"], fact.learn)
            if page["confirmed"] > page["learned"]:
                yield Deed(page["confirmed"], fact.confirm)

    def _occasions(self, pages: list[Page], person: str | None) -> Iterator[Deed]:
        for page in pages:
            yield Deed(0, partial(self._occasion, page, person))

    def of(self, person: str | None) -> str:
        """The REF of one of the people, or of the account itself."""
        return self.ref if person is None else self.people[person]

    def _account(self) -> None:
        self.ref = f"a{accounts.add(self.session, self.page['name'], _fields(self.page))['id']}"

    def _person(self, page: Page) -> None:
        changes = _fields(page) | self._birthday(page)
        self.people[page["name"]] = f"p{people.add(self.session, page['name'], self.ref, changes)['id']}"

    def _line(self, page: Page) -> None:
        people.edit(self.session, self.of(page["name"]), {}, reports_to=self.of(page["reports_to"]))

    def _relative(self, page: Page, person: str) -> None:
        changes = {"note": page.get("note")} | self._birthday(page)
        relatives.add(self.session, self.of(person), page["name"], page["relation"], changes)

    def _birthday(self, page: Page) -> Page:
        return {"birthday": recurring(page["birthday"], self.today)} if "birthday" in page else {}

    def _occasion(self, page: Page, person: str | None) -> None:
        day = recurring(page["date"], self.today)
        changes = {name: page.get(name) for name in ("title", "lead_days", "note")}
        occasions.add(self.session, self.of(person), page["kind"], day, changes)

    def _interaction(self, page: Page) -> None:
        following = Next(page["next"]["title"], self.day(page["next"]["due"])) if "next" in page else None
        logged = interactions.log(
            self.session,
            self.ref,
            page["subject"],
            {name: page.get(name) for name in _TALK},
            participants=[self.people[name] for name in page["with"]],
            following=following,
        )
        self.talks[page["day"]] = logged["id"]

    def _step(self, page: Page) -> None:
        steps.add(self.session, self.ref, page["title"], on=self.day(page["due"]))


class _Fact:
    """One fact of the book."""

    def __init__(self, book: _AccountBook, page: Page, person: str | None) -> None:
        self.book = book
        self.page = page
        self.person = person
        self.id = 0

    def learn(self) -> None:
        changes = {"kind": self.page["kind"], "source": self.page["source"]}
        self.id = facts.add(self.book.session, self.book.of(self.person), self.page["text"], changes)["id"]

    def confirm(self) -> None:
        facts.confirm(self.book.session, self.id)


class _Promise:
    """One promise of the book and what became of it; `talk` is the day of the interaction in which it was made."""

    def __init__(self, book: _AccountBook, page: Page, talk: int | None) -> None:
        self.book = book
        self.page = page
        self.talk = talk
        self.id = 0

    def deeds(self) -> Iterator[Deed]:
        page = self.page
        yield Deed(page["made"], self._make)
        if "told" in page:
            yield Deed(page["told"], self._tell)
        for move in page.get("moves", ()):
            yield Deed(move["on"], partial(self._move, move))
        if page["state"] != PromiseState.OPEN:
            yield Deed(page["settled"], self._settle)

    def _make(self) -> None:
        page, book = self.page, self.book
        made = promises.add(
            book.session,
            book.ref,
            page["title"],
            due=book.day(page["due"]),
            by=By(page["by"]),
            person=book.of(page["person"]),
            changes={
                "detail": page.get("detail"),
                "interaction_id": None if self.talk is None else book.talks[self.talk],
            },
        )
        self.id = made["id"]

    def _tell(self) -> None:
        page, book = self.page, self.book
        promises.told(
            book.session,
            self.id,
            person=book.of(page["told_to"]),
            channel=Channel(page["told_channel"]),
            interaction=book.talks[page["told"]],
        )

    def _move(self, move: Page) -> None:
        book = self.book
        told = "told" in move
        promises.renegotiate(
            book.session,
            self.id,
            to=book.day(move["to"]),
            because=move["because"],
            apology=move.get("apology"),
            told=book.of(move["told"]) if told else None,
            channel=Channel(move["channel"]) if told else None,
            interaction=book.talks[move["on"]] if told else None,
        )

    def _settle(self) -> None:
        settle = promises.keep if self.page["state"] == PromiseState.KEPT else promises.withdraw
        settle(self.book.session, self.id)


def _fields(page: Page) -> Page:
    """What a record says about itself in fields of its own name."""
    return {name: value for name, value in page.items() if name not in _NO_FIELDS}
