"""Finding words anywhere in the vault: in names and in all secret text, in memory alone (C1, C3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from dossier.domain.needle import Needle, excerpt, needles
from dossier.domain.text import fold
from dossier.errors import Usage
from dossier.services import about, refs
from dossier.services.session import Session
from dossier.services.shapes import Shape, with_lock
from dossier.store import heap, names_view, views
from dossier.store.catalog import Account, Interaction, Person, Promise, Step
from dossier.store.heap import Batch, Place
from dossier.store.rows import search_key


def search(session: Session, text: str, limit: int | None = None) -> list[Shape]:
    """What holds all the words: accounts and people by name first, then the newest; Usage without any word.

    A word may stand in the record itself or in the name of its account or people, but one at least is its own.
    While the vault is locked only what is plain is looked at. Each hit is
    `{noun, id, account, account_id, person, person_id, field, date, excerpt, by, state}`: `noun` and `id` say what to
    show, `field` has the excerpt, `date` is the day of the interaction, or when the record was made or confirmed, `by`
    whose promise it is and `state` that of a promise or step, null for others. The person of an interaction is the
    first who took part.
    """
    wanted = needles(text)
    if not wanted:
        raise Usage("there is nothing to look for", "give a word: dossier search warranty")
    hits = list(islice(_Search(session, wanted).hits(), limit))
    database = session.database
    talks = heap.first_participants(database, {hit.place.id for hit in hits if hit.place.kind is Interaction})
    whom = [hit.place.person_id or talks.get(hit.place.id) for hit in hits]
    accounts = views.names(database, "account", {hit.place.account_id for hit in hits})
    people = views.names(database, "person", {person_id for person_id in whom if person_id})
    return [
        with_lock(
            {
                "noun": hit.place.noun,
                "id": hit.place.shown_id,
                "account": accounts[hit.place.account_id],
                "account_id": hit.place.account_id,
                "person": people.get(person_id or 0),
                "person_id": person_id,
                "field": hit.field,
                "date": hit.place.on,
                "excerpt": hit.excerpt,
                "by": by,
                "state": state,
            },
            session.locked,
        )
        for hit, person_id, (by, state) in zip(hits, whom, _standing(session, hits), strict=True)
    ]


def names(
    session: Session,
    text: str,
    *,
    limit: int = 20,
    nouns: Sequence[str] = ("account", "person"),
    account_id: int | None = None,
) -> list[Shape]:
    """Accounts and people as somebody types: `{noun, id, name, account, account_id, position}`, the best first.

    Each word of the text is part of a name, alias, mail or phone; without any word, everybody by name. `account_id`
    keeps to one account and its people. An account's `account` is itself, its `position` null. Only what is plain is
    looked at, so it works locked.
    """
    found = names_view.best(session.database, nouns, text, limit, account_id)
    ids = {noun: [one.id for one in found if one.noun == noun] for noun in ("account", "person")}
    people = session.reader.of_ids(Person, ids["person"], classes=())
    at = {one.account_id for one in people.values()}
    accounts = session.reader.of_ids(Account, {*ids["account"], *at}, classes=())
    return [
        _named(one.noun, accounts[one.id], None)
        if one.noun == "account"
        else _named(one.noun, accounts[people[one.id].account_id], people[one.id])
        for one in found
    ]


def named(
    session: Session,
    ref: str,
    *,
    nouns: Sequence[str] = ("account", "person"),
    account_id: int | None = None,
) -> Shape:
    """Whom `ref` means, as `names` gives them; NotFound or Ambiguous if not exactly one of these nouns.

    `account_id` keeps a person to one account.
    """
    if list(nouns) == ["person"]:
        at = None if account_id is None else session.reader.get(Account, account_id)
        whom: Account | Person = refs.person(session, ref, at)
    elif list(nouns) == ["account"]:
        whom = refs.account(session, ref)
    else:
        whom = refs.account_or_person(session, ref)
    account = about.account_of(session, whom)
    return _named("account", whom, None) if isinstance(whom, Account) else _named("person", account, whom)


def _named(noun: str, account: Account, person: Person | None) -> Shape:
    return {
        "noun": noun,
        "id": (person or account).id,
        "name": (person or account).name,
        "account": account.name,
        "account_id": account.id,
        "position": person and person.position,
    }


class _Hit(NamedTuple):
    """A record that holds the words: where it is, and the text that shows it."""

    place: Place
    field: str
    excerpt: str


class _Names(NamedTuple):
    """Who goes by a word: ids of accounts and people, and of the interactions with these people."""

    accounts: set[int]
    people: set[int]
    talks: set[int]


def _standing(session: Session, hits: Sequence[_Hit]) -> Iterator[tuple[str | None, str | None]]:
    """Of each hit whose promise it is and the state of a promise or step, which stand in clear."""
    ids = {
        noun: {hit.place.shown_id for hit in hits if hit.place.noun == noun} for noun in ("promise", "step")
    }
    promises = session.reader.of_ids(Promise, ids["promise"], classes=())
    steps = session.reader.of_ids(Step, ids["step"], classes=())
    for hit in hits:
        if hit.place.noun == "promise":
            promise = promises.get(hit.place.shown_id)
            yield (promise.by, promise.state) if promise else (None, None)
        else:
            step = steps.get(hit.place.shown_id) if hit.place.noun == "step" else None
            yield None, step.state if step else None


class _Search:
    """One search: walks everything once for what may hold the words, then reads in order until enough was found."""

    def __init__(self, session: Session, wanted: list[Needle]) -> None:
        self._session = session
        self._wanted = wanted
        self._names = {
            needle.word: self._who_goes_by(needle.word, alone=len(wanted) == 1) for needle in wanted
        }
        self._everywhere = {needle.word for needle in wanted if heap.is_everywhere(needle.word)}

    def hits(self) -> Iterator[_Hit]:
        """The records that hold the words, in order, read one by one."""
        places = [place for batch in heap.batches(self._session.reader) for place in self._candidates(batch)]
        for place in self._in_order(places):
            if hit := self._hit(place):
                yield hit

    def _candidates(self, batch: Batch) -> Iterator[Place]:
        """The rows that may hold all the words, at least one of their own."""
        own = []
        for needle in self._wanted:
            own.append(self._among(batch, needle))
            if not (own[-1] or any(self._names[needle.word])):
                return
        for number in set().union(*own):
            place = batch.place(number)
            # A word alone is the record's own, as was just seen; common words make this loop the costliest part.
            if len(own) == 1 or all(
                number in has or self._is_named(place, needle)
                for has, needle in zip(own, self._wanted, strict=True)
            ):
                yield place

    def _among(self, batch: Batch, needle: Needle) -> set[int]:
        """The rows that may hold one word themselves."""
        found = set(needle.among(batch.texts))
        if found and needle.word in self._everywhere:
            found = set(needle.among([heap.own_words(text) for text in batch.texts]))
        if batch.kind in (Account, Person):
            names = self._names[needle.word]
            ids = names.accounts if batch.kind is Account else names.people
            found |= {number for number, row in enumerate(batch.rows) if row[0] in ids}
        return found

    def _who_goes_by(self, word: str, *, alone: bool) -> _Names:
        database = self._session.database
        accounts, people = (set(views.ids_by_name(database, noun, word)) for noun in ("account", "person"))
        # A word alone must be the interaction's own.
        talks = set() if alone else heap.talks_with(database, people)
        return _Names(accounts, people, talks)

    def _is_named(self, place: Place, needle: Needle) -> bool:
        """Whether the account or somebody concerned goes by the word."""
        names = self._names[needle.word]
        return (
            place.account_id in names.accounts
            or place.person_id in names.people
            or (place.kind is Interaction and place.id in names.talks)
        )

    def _in_order(self, places: list[Place]) -> list[Place]:
        """Accounts and people who go by all the words, the best first; then everything else, the newest first."""
        by_name: list[Place] = []
        rest: list[Place] = []
        for place in places:
            named = place.kind in (Account, Person) and all(
                self._is_named(place, word) for word in self._wanted
            )
            (by_name if named else rest).append(place)
        names = {
            noun: views.names(
                self._session.database, noun, {place.id for place in by_name if place.noun == noun}
            )
            for noun in ("account", "person")
        }
        by_name.sort(key=lambda place: self._rank(place, fold(names[place.noun][place.id])))
        rest.sort(key=lambda place: (place.on or "", place.id), reverse=True)
        return by_name + rest

    def _rank(self, place: Place, name: str) -> tuple[int, str, str, int]:
        """Whose (folded) name has the words as whole words, then whose name has them, then by alias, mail or phone."""
        words = [needle.word for needle in self._wanted]
        rank = 0 if set(words) <= set(name.split()) else 1 if all(word in name for word in words) else 2
        return rank, place.noun, name, place.id

    def _hit(self, place: Place) -> _Hit | None:
        """The record read and compared letter by letter; None if it only seemed to hold the words."""
        texts = list(heap.texts(self._session.reader.get(place.kind, place.id)))
        shown: tuple[str, str] | None = None
        for needle in self._wanted:
            found = next(((field, text) for field, text in texts if _holds(text, needle)), None)
            if found is not None:
                shown = shown or (found[0], excerpt(found[1], needle))
            elif not self._is_named(place, needle):
                return None
        return _Hit(place, *shown) if shown else None


def _holds(text: str, needle: Needle) -> bool:
    """Whether a text holds the word; a phone number also without its spaces."""
    return needle.is_in(text) or (needle.word.isdigit() and needle.word in search_key(text))
