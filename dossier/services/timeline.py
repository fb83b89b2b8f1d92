"""The whole history of an account or a person as one timeline (B1, B2): first its outline, then page by page.

The outline is cheap however long the history is: days and ids from plain columns, and the days of facts, which are
secret, only while unlocked. A page opens no more than what it shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from dossier.domain import promises as rules
from dossier.domain.text import due_words
from dossier.domain.vocabulary import By, PromiseState, StepState
from dossier.services.session import Session
from dossier.services.shapes import Shape, day, with_lock
from dossier.store import agenda_view, timeline_view, views
from dossier.store.catalog import Fact, Interaction, Person, Promise, PromiseMove, Step
from dossier.store.record import DOSSIER, Record


class Event(StrEnum):
    """What happened, in the order in which it does on one day."""

    ADDED = "added"
    CONTACT = "contact"
    LEARNED = "learned"
    MADE = "made"
    AGREED = "agreed"
    MOVED = "moved"
    TOLD = "told"
    DONE = "done"
    DROPPED = "dropped"
    KEPT = "kept"
    WITHDRAWN = "withdrawn"


_KINDS: dict[Event, type[Record]] = {
    Event.ADDED: Person,
    Event.CONTACT: Interaction,
    Event.LEARNED: Fact,
    Event.MADE: Promise,
    Event.AGREED: Step,
    Event.MOVED: PromiseMove,
    Event.TOLD: PromiseMove,
    Event.DONE: Step,
    Event.DROPPED: Step,
    Event.KEPT: Promise,
    Event.WITHDRAWN: Promise,
}
_EVENTS = tuple(Event)


class Entry(NamedTuple):
    """One event: its ISO day, what happened, and the record that says so by its table's name and its id.

    `noun` is person, interaction, fact, promise, promise_move or step.
    """

    on: str
    event: Event
    noun: str
    id: int


def entries(session: Session, *, account_id: int | None = None, person_id: int | None = None) -> list[Entry]:
    """Everything that happened with an account, or with a person, the newest first; the order is always the same.

    Facts stand on the day they were learned, and so are missing while locked. A notice stands on its own where it came
    with a move or after it; any other is the interaction in which it was given.
    """
    of = timeline_view.Of(session.database, account_id, person_id)
    days = {
        Event.ADDED: of.people(),
        Event.CONTACT: of.interactions(),
        Event.LEARNED: _learned(session, of),
        Event.MADE: of.promises("made_on"),
        Event.AGREED: of.steps("created_on"),
        Event.MOVED: of.moves("moved_on"),
        Event.TOLD: of.moves("told_on"),
        Event.DONE: of.steps("done_on", StepState.DONE),
        Event.DROPPED: of.steps("done_on", StepState.DROPPED),
        Event.KEPT: of.promises("settled_on", PromiseState.KEPT),
        Event.WITHDRAWN: of.promises("settled_on", PromiseState.WITHDRAWN),
    }
    found = [(on, place, number) for place, event in enumerate(_EVENTS) for on, number in days[event]]
    found.sort(reverse=True)
    kinds = [(event, _KINDS[event].table.name) for event in _EVENTS]
    return [Entry(on, *kinds[place], number) for on, place, number in found]


def page(session: Session, entries: Sequence[Entry]) -> list[Shape]:
    """What these entries tell, in their order; those whose record is gone are left out.

    `{on, event, noun, id, account, account_id, person, text, detail}`:

    - `noun` and `id` say what to show; of a move and of its notice that is the promise
    - `person` is whom it is about, whom we told, or all who took part
    - `text` is a subject, a title, what a fact says, or a name; null while it is locked
    - `detail` is the rest that one wants to see in a line, null for nothing: channel and outcome (else the note) of an
      interaction, for when a promise was made, how late it was settled, why it was moved, how they were told, when a
      step is due, kind and source of a fact, the position of a person
    """
    return list(_Page(session, entries).shapes(entries))


def _learned(session: Session, of: timeline_view.Of) -> timeline_view.Days:
    if not session.rows.can_open(DOSSIER):
        return []
    facts = session.reader.each(Fact, of.linked, classes=(DOSSIER,))
    return [(fact.learned_on, fact.id) for fact in facts if fact.learned_on]


class _Told(NamedTuple):
    """What an entry tells beside its day and event."""

    noun: str
    id: int
    account_id: int
    person: str | None
    text: str | None
    detail: str | None


class _Page:
    """The records of some entries, with the names that they need."""

    def __init__(self, session: Session, entries: Sequence[Entry]) -> None:
        def ids(kind: type[Record]) -> set[int]:
            return {entry.id for entry in entries if entry.noun == kind.table.name}

        self._session = session
        reader, database = session.reader, session.database
        self._moves = reader.of_ids(PromiseMove, ids(PromiseMove))
        of_moves = {move.promise_id for move in self._moves.values()}
        self._promises = reader.of_ids(Promise, ids(Promise) | of_moves)
        self._steps = reader.of_ids(Step, ids(Step))
        self._facts = reader.of_ids(Fact, ids(Fact))
        self._talks = reader.of_ids(Interaction, ids(Interaction))
        self._added = reader.of_ids(Person, ids(Person), classes=())
        self._met = views.participants(database, set(self._talks))
        self._moved = agenda_view.moves(database, list(self._promises))
        linked: list[Promise | Step | Fact] = [
            *self._promises.values(),
            *self._steps.values(),
            *self._facts.values(),
        ]
        tied: list[Promise | Step | Fact | Interaction | Person] = [
            *linked,
            *self._talks.values(),
            *self._added.values(),
        ]
        at = {record.account_id for record in tied}
        self._accounts = views.names(database, "account", at)
        told = {move.told_person_id for move in self._moves.values()}
        about = {record.person_id for record in linked}
        self._people = views.names(database, "person", {number for number in told | about if number})

    def shapes(self, entries: Sequence[Entry]) -> Iterator[Shape]:
        """The shape of each entry whose record is still there."""
        for entry in entries:
            told = self._told(entry)
            if told is not None:
                yield with_lock(
                    {
                        "on": entry.on,
                        "event": str(entry.event),
                        "noun": told.noun,
                        "id": told.id,
                        "account": self._accounts[told.account_id],
                        "account_id": told.account_id,
                        "person": told.person,
                        "text": told.text,
                        "detail": told.detail,
                    },
                    self._session.locked,
                )

    def _told(self, entry: Entry) -> _Told | None:
        """What the entry's record says; None where it is gone."""
        match entry.event:
            case Event.CONTACT:
                talk = self._talks.get(entry.id)
                return self._contact(talk) if talk else None
            case Event.LEARNED:
                fact = self._facts.get(entry.id)
                return self._about(fact, fact.text, _joined(fact.kind, fact.source)) if fact else None
            case Event.ADDED:
                person = self._added.get(entry.id)
                return _person(person) if person else None
            case Event.AGREED | Event.DONE | Event.DROPPED:
                step = self._steps.get(entry.id)
                return self._step(entry.event, step) if step else None
            case Event.MOVED | Event.TOLD:
                move = self._moves.get(entry.id)
                promise = self._promises.get(move.promise_id) if move else None
                return self._move(entry.event, move, promise) if move and promise else None
            case Event.MADE | Event.KEPT | Event.WITHDRAWN:
                promise = self._promises.get(entry.id)
                return self._promise(entry.event, promise) if promise else None

    def _contact(self, record: Interaction) -> _Told:
        words = [word for word in (record.subject, record.outcome, record.note) if word]
        text, rest = (words[0], words[1:2]) if words else (None, [])
        people = ", ".join(self._met.get(record.id, ())) or None
        detail = _joined(record.channel, *rest)
        return _Told(record.table.name, record.id, record.account_id, people, text, detail)

    def _move(self, event: Event, move: PromiseMove, promise: Promise) -> _Told:
        told = self._about(promise, promise.title, None)
        if event == Event.MOVED:
            return told._replace(detail=_joined(f"from {move.from_on} to {move.to_on}", move.because))
        whom = self._people.get(move.told_person_id or 0, told.person)
        return told._replace(person=whom, detail=move.channel)

    def _promise(self, event: Event, record: Promise) -> _Told:
        if event == Event.MADE:
            moved = self._moved.get(record.id)
            due = f"due {moved[0][0] if moved else record.due_on}"  # as it was promised, before any move
            detail = _joined("theirs" if record.by == By.THEM else None, due, record.detail)
        else:
            state, due_on = PromiseState(record.state), date.fromisoformat(record.due_on)
            late = rules.days_late(state, due_on, self._session.today, day(record.settled_on))
            detail = due_words(late) if late > 0 else None
        return self._about(record, record.title, detail)

    def _step(self, event: Event, record: Step) -> _Told:
        detail = f"due {record.due_on}" if event == Event.AGREED else None
        return self._about(record, record.title, detail)

    def _about(self, record: Promise | Step | Fact, text: str | None, detail: str | None) -> _Told:
        person = self._people.get(record.person_id or 0)
        return _Told(record.table.name, record.id, record.account_id, person, text, detail)


def _person(record: Person) -> _Told:
    return _Told(record.table.name, record.id, record.account_id, record.name, record.name, record.position)


def _joined(*words: str | None) -> str | None:
    return " · ".join(filter(None, words)) or None
