"""The brief: what to know before a meeting with an account or one of its people (A2, A3, A10, B1, B2, B4).

The shape holds more than a screen: whoever prints it chooses, and says how much is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain, zip_longest

from dossier.domain import brief as rules
from dossier.domain import completeness, occasions
from dossier.domain.partial_date import PartialDate
from dossier.domain.text import fold, in_days
from dossier.domain.vocabulary import By, FactKind, Role
from dossier.services import (
    about,
    accounts,
    facts,
    health,
    interactions,
    promises,
    refs,
    shapes_people,
    steps,
)
from dossier.services.session import Session
from dossier.services.shapes import Shape, day
from dossier.store import brief_view
from dossier.store.catalog import Occasion, Person, Relative
from dossier.store.where import at_account, equal

TALKS = 5
"""How many of the last interactions are told."""

TALK, ASK_AGAIN, CONSIDER = "talk", "ask again", "consider"
"""What a fact is good for in a meeting."""

_AHEAD, _BACK = 60, 14
"""Days: how far ahead dates to congratulate on are told, and for how long a birthday can still be made up for."""

_PARTS = [str(role) for role in Role]


def brief(session: Session, ref: str) -> Shape:
    """What to know before meeting the account or person that `ref` means. Needs the keys.

    `{today, account, met, days_over, kept_rate, people, talks, promises, steps, facts, dates, missing, complete}`:

    - `account` is its full shape; `met` the id of the person that `ref` names, else null
    - `days_over`: days beyond the account's cadence; negative while there is time
    - `kept_rate`: the share of our promises kept on time, 0 to 1; null without any
    - `people`: as in `person list`, with `last_talk_on`; who is met first, then by their part in decisions
    - `talks`: the last interactions, the newest first; with whom is met, if there are any
    - `promises`: `{us, them}`, the open ones by date; `steps`: the open next steps
    - `facts`: with `age_days`, `stale`, and `use`: talk, ask again, or consider (health); by person
    - `dates`: `[{person, person_id, what, on, days, why}]`; `days` is negative for a birthday just passed
    - `missing`: `[{person, person_id, question}]`; `complete`: percent of what one could know of who is met
    """
    session.need_keys()
    return _Meeting(session, ref).shape()


class _Meeting:
    """An account and its people, with what several parts of the brief look at."""

    def __init__(self, session: Session, ref: str) -> None:
        whom = refs.account_or_person(session, ref)
        self.session = session
        self.met = whom if isinstance(whom, Person) else None
        self.account = about.account_of(session, whom)
        self.last_talks = brief_view.last_talks(session.database, self.account.id)
        self.people = sorted(session.reader.find(Person, equal(account_id=self.account.id)), key=self._place)
        self.relatives = session.reader.find(Relative, at_account(self.account.id))
        self.facts = facts.of(session, self.account)

    def shape(self) -> Shape:
        """The whole brief."""
        session, ref = self.session, f"a{self.account.id}"
        names = {self.account.id: self.account.name}
        account = accounts.in_full(session, self.account)
        return {
            "today": session.today.isoformat(),
            "account": account,
            "met": self.met.id if self.met else None,
            "days_over": accounts.clock(session, self.account, account["last_contact_on"]).days_over,
            "kept_rate": health.rate_of(
                brief_view.our_promises(session.database, self.account.id), session.today
            ),
            "people": [
                {
                    **shapes_people.person(one, names, session.locked),
                    "last_talk_on": self.last_talks.get(one.id),
                }
                for one in self.people
            ],
            "talks": self._talks(),
            "promises": {str(by): promises.listed(session, ref=ref, by=by) for by in By},
            "steps": steps.listed(session, ref=ref),
            "facts": list(self._facts()),
            "dates": sorted(self._dates(), key=lambda one: one["on"]),
            "missing": self._missing(),
            "complete": completeness.share(*self._known(self.met)),
        }

    def _place(self, person: Person) -> tuple[bool, int, int, str]:
        """The order of people: who is met, then by part in decisions, then by how lately they were talked to."""
        part = _PARTS.index(person.role) if person.role else len(_PARTS)
        last = self.last_talks.get(person.id)
        not_met = self.met is None or person.id != self.met.id
        return not_met, part, -date.fromisoformat(last).toordinal() if last else 0, fold(person.name)

    def _talks(self) -> list[Shape]:
        """With whom is met; where they never took part in anything, with anybody at the account."""
        listed, account = interactions.listed, f"a{self.account.id}"
        theirs = listed(self.session, ref=f"p{self.met.id}", limit=TALKS) if self.met else []
        return theirs or listed(self.session, ref=account, limit=TALKS)

    def _facts(self) -> Iterator[Shape]:
        """Of each person, then of the account: what to talk about, what to ask again, what to consider."""
        known = {fact["id"]: fact for fact in self.facts}
        for person_id in (*(person.id for person in self.people), None):
            theirs = [
                rules.Known(fact["id"], FactKind(fact["kind"]), day(fact["confirmed_on"]))
                for fact in self.facts
                if fact["person_id"] == person_id
            ]
            fresh, stale = rules.topics(theirs, self.session.today, most=len(theirs))
            health = [fact for fact in theirs if fact.kind == FactKind.HEALTH]
            for use, chosen in ((TALK, fresh), (ASK_AGAIN, stale), (CONSIDER, health)):
                for fact in chosen:
                    yield {**known[fact.id], **self._age(fact.confirmed_on), "use": use}

    def _age(self, confirmed_on: date | None) -> Shape:
        today = self.session.today
        return {
            "age_days": (today - confirmed_on).days if confirmed_on else None,
            "stale": completeness.is_stale(confirmed_on, today),
        }

    def _dates(self) -> Iterator[Shape]:
        """Birthdays of people and of their families, and occasions: the coming ones, and birthdays just passed."""
        names = {person.id: person.name for person in self.people}
        for person in self.people:
            yield from self._birthday(person, "birthday", person.birthday)
        for relative in self.relatives:
            whose = next(person for person in self.people if person.id == relative.person_id)
            yield from self._birthday(
                whose, f"birthday of {relative.name} ({relative.relation})", relative.birthday
            )
        for occasion in self.session.reader.find(Occasion, equal(account_id=self.account.id)):
            coming = self._kept(occasion.date, self.session.today, _AHEAD)
            if coming is not None:
                yield {
                    "person": names.get(occasion.person_id or 0),
                    "person_id": occasion.person_id,
                    "what": occasion.title or occasion.kind,
                    "on": coming.on.isoformat(),
                    "days": coming.days,
                    "why": occasions.wording(occasion.kind, coming),
                }

    def _birthday(self, whose: Person, what: str, birthday: str | None) -> Iterator[Shape]:
        today = self.session.today
        coming = self._kept(birthday, today, _AHEAD)
        passed = self._kept(birthday, today - timedelta(days=_BACK), _BACK - 1)
        for kept in (passed, coming):
            if kept is not None:
                days = (kept.on - today).days
                yield {
                    "person": whose.name,
                    "person_id": whose.id,
                    "what": what,
                    "on": kept.on.isoformat(),
                    "days": days,
                    "why": occasions.wording(occasions.BIRTHDAY, kept) if days >= 0 else _passed(kept, -days),
                }

    def _kept(self, text: str | None, since: date, days: int) -> occasions.Upcoming | None:
        if text is None:
            return None
        return occasions.upcoming(PartialDate.parse(text), since, days, self.session.config["leap_day"])

    def _missing(self) -> list[Shape]:
        """The open questions, the weightiest first: of who is met before those of the account, else in turns."""
        of_people = [self._questions(person) for person in ([self.met] if self.met else self.people)]
        of_account = self._questions(None)
        if self.met:
            return [*of_people[0], *of_account]
        in_turns = chain.from_iterable(zip_longest(of_account, *of_people))
        return [question for question in in_turns if question is not None]

    def _questions(self, person: Person | None) -> list[Shape]:
        name, person_id = (person.name, person.id) if person else (None, None)
        open_ones = completeness.missing(*self._known(person), name or self.account.name)
        return [{"person": name, "person_id": person_id, "question": question} for question in open_ones]

    def _known(self, person: Person | None) -> tuple[tuple[completeness.Want, ...], dict[str, object]]:
        """What one wants to know of a person, or of the account, and what is known."""
        if person is None:
            return health.wanted(self.account)
        values = health.values_of(person)
        values |= {fact["kind"]: True for fact in self.facts if fact["person_id"] == person.id}
        values["relatives"] = any(relative.person_id == person.id for relative in self.relatives)
        return completeness.PERSON_WANTS, values


def _passed(kept: occasions.Upcoming, days_ago: int) -> str:
    """`turned 50 3 days ago`: a birthday that can still be made up for."""
    when = in_days(-days_ago)
    return f"{occasions.BIRTHDAY} {when}" if kept.years is None else f"turned {kept.years} {when}"
