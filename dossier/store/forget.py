"""Forgetting: what a record left in the vault and in its history goes, and nothing can bring it back (C1, C2).

The journal is what keeps the past, so it is what has to forget. An entry keeps its number, uid, moment and command, and
each of its lines says which record it was about and what was done to it: with that, `vault check` proves as before that
nothing is missing. What a line that must be forgotten said beyond this is gone, and so are the words of the entry::

    {"table": "fact", "id": 7, "uid": "…", "action": "update", "forgotten": true}

Every entry is rewritten by the gate, sealed and counted like any other write, and the pages of the file keep nothing of
what stood there (`store/wiping.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from dossier.domain.mentions import Mentions
from dossier.store import chunks
from dossier.store.catalog import RECORDS, Account, Attachment, Change, Person
from dossier.store.check import Progress
from dossier.store.database import Database
from dossier.store.gate import KINDS, Transaction
from dossier.store.heap import TEXTS, batches, texts
from dossier.store.journal import Key, Line, stub
from dossier.store.reader import Reader
from dossier.store.record import Field
from dossier.store.removal import referrers, remove
from dossier.store.where import equal

_STEP = 100
"""Journal entries between two calls of `Progress`."""

_OWN = {("attachment", "person_id")}
"""Links that `rm` only clears, but whose records belong to whom they name: a forgotten person's files go too."""

_SECRET_LINKS = {("person", "reports_to"): "person"}
"""References within envelopes: the catalogue does not call them links, for those stand in clear."""

_NAMES = frozenset(
    (
        *("name", "aliases", "family_name", "given_name", "address_as"),
        *("mails", "phones", "private_mails", "private_phones", "website"),
    )
)
"""Fields of accounts, people and relatives that name somebody else; they mention only whom they name for certain."""


class Traces:
    """What a person or an account left: the records that are theirs, now or once, and what names them in others."""

    def __init__(self, database: Database, record: Person | Account) -> None:
        self.past: list[dict[str, Any]] = []
        """What the history says that the record was: some of its fields at a time, by name."""
        self._self: Key = (record.table.name, record.id)
        self._own: set[Key] = {self._self}
        self._accounts: dict[Key, int] = {}
        """The account that each record belongs to, or belonged to last."""
        self._mentions = Mentions(())
        self._home: set[int] = set()
        """The accounts of whoever is forgotten."""
        self._look_at_present(database)

    def learn(self, change: Change) -> None:
        """Take note of what an entry of the journal says about who belonged to whom; they come in their order."""
        for line in change.rows:
            key: Key = line["table"], line["id"]
            for state in _states(line):
                if key == self._self:
                    self.past.append(state)
                for link in _links(line["table"]):
                    if not (number := state.get(link.field)):
                        continue
                    parent: Key = link.noun, number
                    if (account := self._account(parent)) is not None:
                        self._accounts[key] = account
                    if link.owned and parent in self._own:
                        self._own.add(key)

    def look_for(self, mentions: Mentions, accounts: Iterable[int]) -> None:
        """Also find texts with these names; those that others bear only in texts about these accounts."""
        self._mentions = mentions
        self._home = set(accounts)

    def bare(self, change: Change) -> list[Line] | None:
        """The lines of an entry without what it says about whoever is forgotten; None if it says nothing."""
        suspects = self._mentions.may_be_among([_raw(line) for line in change.rows])
        lines = [
            stub(line) if self._carries(line, place in suspects) else line
            for place, line in enumerate(change.rows)
        ]
        told = change.summary is not None and self._mentions.are_in(change.summary)
        return lines if told or lines != change.rows else None

    def named_in(self, reader: Reader) -> Iterator[tuple[str, int, int]]:
        """Noun, id and account of each record with a text that names whoever is forgotten; each once."""
        found: dict[tuple[str, int, int], None] = {}
        for batch in batches(reader):
            places = {
                batch.rows[number][0]: batch.place(number)
                for number in sorted(self._mentions.may_be_among(batch.texts))
            }
            for number, record in reader.of_ids(batch.kind, places).items():
                place = places[number]
                near = place.account_id in self._home
                if any(self._named(batch.noun, *text, near) for text in texts(record)):
                    found[place.noun, place.shown_id, place.account_id] = None
        yield from found

    def _carries(self, line: Line, suspect: bool) -> bool:
        table, key = line["table"], (line["table"], line["id"])
        states = _states(line)
        if states and key in self._own:
            return True
        for state in states:
            if any((link.noun, state.get(link.field)) == self._self for link in _links(table)):
                return True
            near = self._account(key) in self._home
            if suspect and any(self._named(table, *text, near) for text in _texts_of(table, state)):
                return True
        return False

    def _named(self, noun: str, field: str, text: str, near: bool) -> bool:
        free = field not in _NAMES or noun == Attachment.table.name
        return self._mentions.are_in(text, near=near and free)

    def _account(self, key: Key) -> int | None:
        return key[1] if key[0] == Account.table.name else self._accounts.get(key)

    def _look_at_present(self, database: Database) -> None:
        for kind in RECORDS:  # parents before children
            table = kind.table.name
            links = [link for link in _links(table) if not link.secret]
            if not links:
                continue
            fields = ", ".join(link.field for link in links)
            for number, *parents in database.rows(f"SELECT id, {fields} FROM {table}"):
                pairs = [(link, (link.noun, parent)) for link, parent in zip(links, parents, strict=True)]
                if (account := self._account(pairs[0][1])) is not None:
                    self._accounts[table, number] = account
                if any(link.owned and parent in self._own for link, parent in pairs):
                    self._own.add((table, number))


def forget_record(
    transaction: Transaction, record: Person | Account
) -> tuple[dict[str, int], dict[str, int]]:
    """Take a record out with all that is theirs, and their name out of what only refers to them.

    How many of each noun were removed, and how many were cleared of it.
    """
    before = _counts(transaction.database)
    cleared: dict[str, int] = {}
    reader = Reader(transaction.database, transaction.rows)
    if isinstance(record, Person):
        for other in reader.each(Person):
            if other.reports_to == record.id:
                transaction.update(other, reports_to=None)
                cleared["person"] = cleared.get("person", 0) + 1
        for attachment in reader.find(Attachment, equal(person_id=record.id)):
            remove(transaction, attachment)
    for kind, _, field in referrers(transaction, record):
        if field.on_delete == "clear":
            cleared[kind.table.name] = cleared.get(kind.table.name, 0) + 1
    remove(transaction, record)
    after = _counts(transaction.database)
    return {noun: before[noun] - left for noun, left in after.items() if left < before[noun]}, cleared


def learn_from_history(transaction: Transaction, traces: Traces, progress: Progress) -> None:
    """Let `traces` see the whole journal."""
    for change in _entries(transaction, _numbers(transaction.database), progress):
        traces.learn(change)


def forget_in_history(transaction: Transaction, traces: Traces, progress: Progress) -> int:
    """Let the journal forget what `traces` say; how many entries that touches."""
    touched = 0
    for change in _entries(transaction, _numbers(transaction.database), progress):
        if (lines := traces.bare(change)) is not None:
            transaction.redact(change.id, lines)
            touched += 1
    return touched


def forget_history_before(transaction: Transaction, moment: str, progress: Progress) -> tuple[int, int]:
    """Let all entries of the journal before a moment (in UTC, as the journal writes it) forget what they say.

    How many entries had something to say, and of how many records in all.
    """
    found = transaction.database.rows("SELECT id FROM change WHERE at < ? ORDER BY id", (moment,))
    entries = lines = 0
    for change in _entries(transaction, [number for (number,) in found], progress):
        telling = sum(bool(_states(line)) for line in change.rows)
        if telling:  # else it was forgotten before, or its words are counts, as those of forgetting itself
            transaction.redact(change.id, [stub(line) if _states(line) else line for line in change.rows])
            entries, lines = entries + 1, lines + telling
    return entries, lines


def sweep(transaction: Transaction) -> int:
    """Remove the bytes of attached files that nothing can bring back any more; how many that were."""
    if not transaction.database.count("chunk"):
        return 0
    keep = chunks.restorable(Reader(transaction.database, transaction.rows))
    return chunks.sweep(transaction.database, keep)


def last_forgetting(reader: Reader, command: str) -> Change | None:
    """The newest change made by this command, its seal verified; None if there is none."""
    return next(reader.each(Change, equal(command=command), order="id DESC", limit=1), None)


class _Link(NamedTuple):
    """A field that refers to a record of a noun; `owned` if what has it belongs to that record."""

    field: str
    noun: str
    owned: bool
    secret: bool


@cache
def _links(table: str) -> tuple[_Link, ...]:
    """The references of a table, the one that leads to its account first."""
    found = [
        _Link(field.name, field.references, _is_owned(table, field), False)
        for field in KINDS[table].table.plain
        if field.references is not None
    ]
    secret = [_Link(field, noun, False, True) for (of, field), noun in _SECRET_LINKS.items() if of == table]
    return (*found, *secret)


def _is_owned(table: str, field: Field) -> bool:
    return field.on_delete == "cascade" or (table, field.name) in _OWN


def _states(line: Line) -> list[dict[str, Any]]:
    """What a line says that its record was, before and after."""
    return [state for name in ("before", "after") if (state := line.get(name))]


def _texts_of(table: str, state: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Field and text of each text in a state."""
    fields = KINDS[table].table
    for name, value in state.items():
        if value and fields.field(name).kind in TEXTS:
            for text in value if isinstance(value, list) else (value,):
                yield name, text


def _raw(line: Line) -> bytes:
    """All texts of a line, to look through many at once."""
    found = [text for state in _states(line) for _, text in _texts_of(line["table"], state)]
    return "\n".join(found).replace("\0", " ").encode()


def _numbers(database: Database) -> list[int]:
    return [number for (number,) in database.rows("SELECT id FROM change ORDER BY id")]


def _entries(transaction: Transaction, numbers: Sequence[int], progress: Progress) -> Iterator[Change]:
    """Entries of the journal, each read before the next one so that it may be rewritten, and counted."""
    for done, number in enumerate(numbers):
        if done % _STEP == 0:
            progress(done, len(numbers))
        yield transaction.get(Change, number)
    progress(len(numbers), len(numbers))


def _counts(database: Database) -> dict[str, int]:
    return {kind.table.name: database.count(kind.table.name) for kind in RECORDS if kind is not Change}
