"""Every text of the vault, row by row and as quickly as it can be opened: what a search walks through.

There is no index of secret text (C1), so a search opens every envelope; it stays fast by building no record of a row
that does not interest. What a missing key hides is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from functools import cache
from sqlite3 import Cursor
from typing import Any, NamedTuple

from dossier.errors import Damaged
from dossier.store.catalog import (
    RECORDS,
    Account,
    Attachment,
    Fact,
    Interaction,
    Occasion,
    Person,
    Promise,
    PromiseMove,
    Relative,
    Step,
)
from dossier.store.database import Database
from dossier.store.reader import Reader
from dossier.store.record import PLAIN, Field, Record
from dossier.store.rows import NEVER_WRITTEN, layout_of
from dossier.store.where import number_list
from dossier.vault.seals import CHECK

TEXTS = ("line", "text", "lines")
"""The kinds of field that hold words of people's own."""


_BATCH = 128


class Place(NamedTuple):
    """Where a text stands: its record's id, that of the `noun` to show for it, its account, person and day."""

    kind: type[Record]
    noun: str
    id: int
    shown_id: int
    account_id: int
    person_id: int | None
    on: str | None


class _Source(NamedTuple):
    """The rows of one kind: what they are shown as, and the SQL of a Place (from `shown_id` on)."""

    kind: type[Record]
    noun: str
    place: str
    tables: str


_SOURCES = (
    _Source(Account, "account", "t.id, t.id, NULL, t.created_on", "account t"),
    _Source(Person, "person", "t.id, t.account_id, t.id, t.created_on", "person t"),
    _Source(Fact, "fact", "t.id, t.account_id, t.person_id, NULL", "fact t"),
    _Source(
        Relative,
        "relative",
        "t.id, p.account_id, p.id, NULL",
        "relative t JOIN person p ON p.id = t.person_id",
    ),
    _Source(Occasion, "occasion", "t.id, t.account_id, t.person_id, NULL", "occasion t"),
    _Source(Interaction, "interaction", "t.id, t.account_id, NULL, t.at", "interaction t"),
    _Source(Promise, "promise", "t.id, t.account_id, t.person_id, t.made_on", "promise t"),
    _Source(
        PromiseMove,
        "promise",
        "p.id, p.account_id, p.person_id, t.moved_on",
        "promise_move t JOIN promise p ON p.id = t.promise_id",
    ),
    _Source(Step, "step", "t.id, t.account_id, t.person_id, t.created_on", "step t"),
    _Source(Attachment, "attachment", "t.id, t.account_id, t.person_id, t.added_on", "attachment t"),
)


class Batch(NamedTuple):
    """Some rows of one kind, and what each says, in UTF-8: what is plain as it is, what is secret as JSON."""

    kind: type[Record]
    noun: str
    rows: list[tuple[Any, ...]]
    texts: list[bytes]

    def place(self, number: int) -> Place:
        """Where one of the rows stands."""
        record_id, shown_id, account_id, person_id, on = self.rows[number][:5]
        if self.kind is Fact:
            on = json.loads(self.texts[number])["confirmed_on"]
        return Place(self.kind, self.noun, record_id, shown_id, account_id, person_id, on)


def batches(reader: Reader) -> Iterator[Batch]:
    """Every row that has a text which can be opened."""
    for source in _SOURCES:
        yield from _batches(reader, source)


def _batches(reader: Reader, source: _Source) -> Iterator[Batch]:
    table = source.kind.table
    secrets = [
        key_class for key_class, _ in layout_of(source.kind).secrets if reader.rows.can_open(key_class)
    ]
    plain = [f"t.{field.name}" for field in table.plain if field.kind in TEXTS]
    if not (secrets or plain):
        return
    words = " || char(10) || ".join(f"coalesce({name}, '')" for name in plain) or "''"
    columns = [source.place, words, "t.uid", *(f"t.{key_class}" for key_class in secrets)]
    found = reader.database.execute(f"SELECT t.id, {', '.join(columns)} FROM {source.tables}")
    openers = [reader.rows.cipher.opener(table.id, key_class) for key_class in secrets]
    while rows := _next(reader.database, found):
        texts = [row[5].encode() for row in rows] if plain else [b""] * len(rows)
        for place, unread in enumerate(openers, 7):
            texts = [
                text + _opened(unread, row, place, table.name) for text, row in zip(texts, rows, strict=True)
            ]
        yield Batch(source.kind, source.noun, rows, texts)


def _opened(unread: Callable[[bytes, object], bytes], row: tuple[Any, ...], place: int, noun: str) -> bytes:
    """An envelope's JSON; its row was not verified, so that uid and envelope may be anything."""
    try:
        return unread(row[6], row[place])
    except TypeError:
        pass  # its words may hold the value
    raise Damaged(f"{noun.replace('_', ' ')} {row[0]}: {NEVER_WRITTEN}", CHECK)


def _next(database: Database, found: Cursor) -> list[tuple[Any, ...]]:
    with database.guarded():
        return found.fetchmany(_BATCH)


def texts(record: Record) -> Iterator[tuple[str, str]]:
    """Each text of a record with its field's name, in the model's order."""
    for field, value in record.values():
        if field.kind in TEXTS and value:
            for text in value if field.kind == "lines" else (value,):
                yield field.name, text


def is_everywhere(word: str) -> bool:
    """Whether a (folded) word is in the JSON of many rows as part of a field's name or of a choice."""
    return any(word in text for name, field in _secret_fields().items() for text in (name, *field.choices))


def own_words(raw: bytes) -> bytes:
    """The JSON of a row without the names of its fields and what was chosen from a list."""
    return _skeleton().sub(b"", raw)


@cache
def _skeleton() -> re.Pattern[bytes]:
    fields = _secret_fields()
    choices = "|".join(name for name, field in fields.items() if field.choices)
    return re.compile(f'"(?:(?:{choices})":"[a-z-]*"|(?:{"|".join(fields)})":)'.encode())


def _secret_fields() -> dict[str, Field]:
    return {field.name: field for kind in RECORDS for field in kind.table.fields if field.key_class != PLAIN}


def talks_with(database: Database, people: Collection[int]) -> set[int]:
    """The ids of the interactions in which one of these people took part."""
    sql = "SELECT interaction_id FROM participant WHERE person_id IN (SELECT value FROM json_each(?))"
    return {number for (number,) in database.rows(sql, (number_list(people),))}


def first_participants(database: Database, interaction_ids: Collection[int]) -> dict[int, int]:
    """Who took part first, by interaction id."""
    sql = """
        SELECT interaction_id, person_id FROM participant
        WHERE interaction_id IN (SELECT value FROM json_each(?)) ORDER BY id DESC
    """
    return dict(database.rows(sql, (number_list(interaction_ids),)))
