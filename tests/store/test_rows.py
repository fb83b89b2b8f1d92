"""Between a record and its row: what stands in clear, what is sealed in, and that any other row is refused."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest

from dossier.errors import Damaged
from dossier.services.session import Session
from dossier.store.catalog import RECORDS, Account, Interaction, Person, Promise
from dossier.store.record import AGENDA, DOSSIER, Record
from dossier.store.rows import Rows, layout_of, search_key
from dossier.vault.keys import Keys

SAMPLES: dict[str, Any] = {
    "line": "Đặng · 上海 · [/b]",
    "hex": "c0ffee00",
    "text": "first\nsecond\t\x1b[31m",
    "day": "2027-03-10",
    "partial": "--02-29",
    "int": 1,
    "bool": True,
    "lines": ["a", "b,c", '"d"'],
    "json": [{"a": [1, None, "x"]}],
}


def full(kind: type[Record]) -> Record:
    """A record with a value in every field."""
    values = {
        field.name: field.choices[-1] if field.choices else SAMPLES[field.kind] for field in kind.table.fields
    }
    record = kind(**values)
    record.id, record.uid, record.version = 7, bytes(range(16)), 3
    return record


def values(record: Record) -> dict[str, Any]:
    return {field.name: value for field, value in record.values()}


@pytest.mark.parametrize("kind", RECORDS)
def test_every_field_comes_back_as_it_was(session: Session, kind: type[Record]) -> None:
    record = full(kind)
    row = session.rows.close(record)
    session.rows.verify(kind, row)
    again = session.rows.open(kind, row)
    assert values(again) == values(record)
    assert (again.id, again.uid, again.version, again.locked) == (7, record.uid, 3, frozenset())


@pytest.mark.parametrize("kind", RECORDS)
def test_a_row_fits_its_table(session: Session, kind: type[Record]) -> None:
    layout = layout_of(kind)
    assert (
        layout.columns.count(",") == len(session.rows.close(full(kind))) - 1 == layout.insert.count("?") - 1
    )
    columns = [name for (_, name, *_) in session.database.rows(f"PRAGMA table_info({kind.table.name})")]
    assert layout.columns == ", ".join(f"{kind.table.name}.{name}" for name in columns)


@pytest.mark.parametrize("kind", RECORDS)
def test_nothing_secret_stands_in_its_columns(session: Session, kind: type[Record]) -> None:
    record = full(kind)
    secrets = [
        field for field in kind.table.fields if field.key_class != "plain" and field.kind in ("line", "text")
    ]
    for number, field in enumerate(secrets):
        setattr(record, field.name, f"s3cr3t-{number}")
    clear = b"".join(
        part if isinstance(part, bytes) else str(part).encode() for part in session.rows.close(record)
    )
    assert b"s3cr3t" not in clear
    assert b"s3cr3t" not in repr(record).encode()


@pytest.mark.parametrize("kind", RECORDS)
def test_any_changed_part_of_a_row_is_refused(session: Session, kind: type[Record]) -> None:
    row = list(session.rows.close(full(kind)))
    for place, value in enumerate(row):
        other = (
            value + b"x" if isinstance(value, bytes) else value + 1 if isinstance(value, int) else f"{value} "
        )
        with pytest.raises(Damaged):
            session.rows.verify(kind, [*row[:place], other, *row[place + 1 :]])


def test_an_envelope_of_another_row_is_refused(session: Session) -> None:
    one, other = full(Account), full(Account)
    other.uid = b"x" * 16
    row, foreign = list(session.rows.close(one)), session.rows.close(other)
    row[-2] = foreign[-2]
    with pytest.raises(Damaged):
        session.rows.open(Account, row)


def test_without_keys_secrets_are_none_and_the_record_says_which(session: Session) -> None:
    row = session.rows.close(full(Person))
    keys = session.keys
    closed: Any = Rows(Keys(keys.vault_id, keys.key_id)).open(Person, row)
    assert (closed.name, closed.mails, closed.birthday, closed.note, closed.private_mails) == (
        SAMPLES["line"],
        SAMPLES["lines"],
        None,
        None,
        None,
    )
    assert closed.locked == frozenset((AGENDA, DOSSIER))
    scoped = Rows(Keys(keys.vault_id, keys.key_id, agenda=keys.agenda)).open(Person, row)
    assert (scoped.birthday, scoped.note, scoped.locked) == ("--02-29", None, frozenset((DOSSIER,)))


def test_only_the_classes_asked_for_are_opened(session: Session) -> None:
    row = list(session.rows.close(full(Promise)))
    row[-2] = b"not an envelope"  # the dossier class: never looked at
    record = session.rows.open(Promise, row, (AGENDA,))
    assert (record.title, record.detail, record.locked) == (SAMPLES["line"], None, frozenset((DOSSIER,)))


def test_empty_and_full_envelopes_of_short_texts_are_of_one_size(session: Session) -> None:
    empty = Interaction(account_id=1, at="2027-03-10")
    some = Interaction(account_id=1, at="2027-03-10", subject="price")
    empty.uid = some.uid = bytes(16)
    assert len(session.rows.close(empty)[-2]) == len(session.rows.close(some)[-2])


def test_a_field_that_came_later_reads_as_its_default(session: Session) -> None:
    """New secret fields need no migration: what an old envelope does not hold is the default."""
    record = full(Interaction)
    row = list(session.rows.close(record))
    row[-2] = session.rows.cipher.encrypt(Interaction.table.id, DOSSIER, record.uid, {})
    again = session.rows.open(Interaction, row)
    assert (again.channel, again.direction, again.note) == ("call", "out", None)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Nguyễn  Đặng", "nguyen dang"),
        ("Lan@Example.COM", "lan@example.com"),
        ("+84 (0)24 3825 1234", "+84 (0)24 3825 1234\n842438251234"),
        ("12 34", "12 34"),
        ("Route 66 12345", "route 66 12345"),
        ("上海", "上海"),
    ],
)
def test_how_names_mails_and_phones_are_compared(text: str, key: str) -> None:
    assert search_key(text) == key


def test_the_search_column_holds_plain_fields_only(session: Session) -> None:
    with session.change("test") as transaction:
        transaction.insert(
            Account(name="Đặng", created_on="2027-01-01", aliases=["DS"], phones=["0912 345"], note="s3cr3t")
        )
    ((folded,),) = session.database.rows("SELECT folded FROM account")
    assert folded == "\ndang\nds\n0912 345\n0912345\n"


@pytest.mark.parametrize("kind", RECORDS)
def test_the_tables_refuse_what_the_catalogue_refuses(session: Session, kind: type[Record]) -> None:
    """Behind the gate's checks stand those of SQLite: words of a list, lines that are not empty."""
    session.database.execute("PRAGMA foreign_keys = OFF")
    layout, row = layout_of(kind), list(session.rows.close(full(kind)))
    for place, field in enumerate(layout.plain, 3):
        wrong: list[Any] = [None] if field.required else []
        wrong += ["no such word"] if field.choices else []
        wrong += [""] if field.kind == "line" else []
        for value in wrong:
            with pytest.raises(sqlite3.IntegrityError):
                session.database.connection.execute(layout.insert, [*row[:place], value, *row[place + 1 :]])
    session.database.connection.execute(layout.insert, row)


def test_lists_are_stored_as_compact_json(session: Session) -> None:
    record = full(Account)
    row = session.rows.close(record)
    assert row[4] == '["a","b,c","\\"d\\""]'
    assert json.loads(row[4]) == record.aliases  # type: ignore[attr-defined]
