"""Rows whose values are no values of ours: of other types, without end, of other rows, tables, classes and vaults."""

from __future__ import annotations

from typing import Any

from dossier.store.rows import Rows, layout_of
from dossier.vault.envelope import Cipher
from tests.kit.making import KIND_OF, Bench, Spoil, harmless, seen_with_keys

NOT_OURS = "is not as dossier wrote it"
NOT_OPENED = "cannot be opened"


def _put(table: str, column: str, value: Any) -> Spoil:
    return lambda bench: bench.put(table, column, value)


def _sql(*statements: str) -> Spoil:
    return lambda bench: bench.run(*statements)


def _from(
    table: str, column: str, of_table: str, of_column: str, of_id: int = 1, *, other: bool = False
) -> Spoil:
    """A value that stands rightly elsewhere."""
    return lambda bench: bench.put(table, column, bench.take(of_table, of_column, of_id, other))


def _sealed(table: str, payload: bytes, column: str = "dossier", length: int | None = None) -> Spoil:
    """An envelope that holds something else, and a seal over it, by somebody with the keys."""

    def spoil(bench: Bench) -> None:
        kind, keys = KIND_OF[table], bench.sound.made.keys
        layout = layout_of(kind)
        names = [name.rpartition(".")[2] for name in layout.columns.split(", ")]
        row = [bench.take(table, name) for name in names]
        cipher = _Liar(keys, length)
        row[names.index(column)] = cipher.envelope(kind.table.id, column, row[1], payload)
        seal = Rows(keys).seal(kind.table.id, row[: layout.width], row[layout.width : -1])
        bench.put(table, column, row[names.index(column)])
        bench.put(table, "seal", seal)

    return spoil


class _Liar(Cipher):
    """Writes envelopes whose inner length is not that of what they hold."""

    def __init__(self, keys: Any, length: int | None) -> None:
        super().__init__(keys)
        self._length = length

    def envelope(self, table_id: int, key_class: str, uid: bytes, payload: bytes) -> bytes:
        """The envelope of a payload as it is."""
        if self._length is None:
            return self._seal((table_id, key_class, 0), uid, payload)
        aead, place = self._place((table_id, key_class, 0))
        return self._head + aead.seal(self._length.to_bytes(4) + payload.ljust(124, b"\0"), place + uid)


def _another_row(table: str) -> Spoil:
    """A second row that is a copy of the first."""

    def spoil(bench: Bench) -> None:
        columns = layout_of(KIND_OF[table]).columns
        rest = columns.replace(f"{table}.id, ", "")
        bench.run(
            f"INSERT INTO {table} ({columns.replace(f'{table}.', '')}) SELECT 99, {rest} FROM {table} WHERE id = 1"
        )

    return spoil


def _anothers_row(bench: Bench) -> None:
    """A row of another vault, with its seal."""
    names = [name.rpartition(".")[2] for name in layout_of(KIND_OF["fact"]).columns.split(", ")]
    for name in names[1:]:
        bench.put("fact", name, bench.take("fact", name, other=True))


DEEP = 200_000
DIGITS = 100_000

CASES = (
    # Envelopes that stand where they do not belong
    seen_with_keys(
        "envelope-of-another-row",
        "a fact with the secrets of another",
        _from("fact", "dossier", "fact", "dossier", 2),
        NOT_OPENED,
        write=0,
    ),
    seen_with_keys(
        "envelope-of-another-table",
        "a fact with the secrets of an account",
        _from("fact", "dossier", "account", "dossier"),
        NOT_OPENED,
        write=0,
    ),
    seen_with_keys(
        "envelope-of-another-class",
        "a person with the two envelopes alike",
        _from("person", "agenda", "person", "dossier"),
        NOT_OPENED,
        write=0,
    ),
    seen_with_keys(
        "envelope-of-another-vault",
        "a fact with the secrets of another vault's",
        _from("fact", "dossier", "fact", "dossier", other=True),
        NOT_OPENED,
        write=0,
    ),
    seen_with_keys(
        "seal-of-another-row",
        "a fact with the seal of another",
        _from("fact", "seal", "fact", "seal", 2),
        NOT_OURS,
        write=0,
    ),
    seen_with_keys("row-of-another-vault", "a fact of another vault", _anothers_row, NOT_OURS, write=0),
    seen_with_keys("row-copied", "a fact that is there twice", _another_row("fact"), "fact"),
    seen_with_keys(
        "calendar-of-another-vault",
        "the calendar of another vault",
        _from("calendar", "agenda", "calendar", "agenda", other=True),
        "calendar",
        write=0,
    ),
    # Envelopes that are none
    seen_with_keys("envelope-empty", "an empty envelope", _put("fact", "dossier", b""), NOT_OPENED, write=0),
    seen_with_keys(
        "envelope-text", "a text for an envelope", _put("fact", "dossier", "none"), NOT_OPENED, write=0
    ),
    seen_with_keys(
        "envelope-16-mb",
        "an envelope of 16 MB of zeros",
        _sql("UPDATE fact SET dossier = zeroblob(16000000) WHERE id = 1"),
        NOT_OPENED,
        write=0,
    ),
    seen_with_keys(
        "envelope-4-gib",
        "an envelope whose inner length is 4 GiB, by somebody with the keys",
        _sealed("fact", b'{"kind":"other"}', length=(1 << 32) - 1),
        NOT_OPENED,
        write=0,
    ),
    seen_with_keys(
        "envelope-no-json",
        "an envelope that holds no JSON, by somebody with the keys",
        _sealed("fact", b"\xff\xfe{"),
        NOT_OPENED,
        write=0,
    ),
    seen_with_keys(
        "envelope-list",
        "an envelope that holds a list, by somebody with the keys",
        _sealed("fact", b"[1,2,3]"),
        NOT_OPENED,
        write=0,
    ),
    seen_with_keys(
        "envelope-deep",
        "an envelope of brackets 200,000 deep, by somebody with the keys",
        _sealed("fact", b"[" * DEEP),
        NOT_OPENED,
        write=0,
    ),
    seen_with_keys(
        "envelope-giant-number",
        "an envelope with a number of 100,000 digits, by somebody with the keys",
        _sealed("fact", b'{"text":' + b"9" * DIGITS + b"}"),
        NOT_OPENED,
        write=0,
    ),
    # Plain columns
    seen_with_keys("name-nul", "NUL in a name", _put("account", "name", "Acc\0ount"), NOT_OURS, write=0),
    seen_with_keys(
        "name-no-text",
        "a name that is not UTF-8",
        _sql("UPDATE account SET name = CAST(x'ff5b5d' AS TEXT) WHERE id = 1"),
        "not UTF-8",
        read=7,
        write=0,
    ),
    seen_with_keys(
        "name-half-character",
        "half a character in a name",
        _sql("UPDATE account SET name = CAST(x'eda080' AS TEXT) WHERE id = 1"),
        "not UTF-8",
        read=7,
        write=0,
    ),
    seen_with_keys(
        "name-blob",
        "a name that is no text",
        _put("account", "name", b"\xff\0\xfe"),
        NOT_OURS,
        read=7,
        write=0,
    ),
    seen_with_keys(
        "name-escape",
        "escape codes in a name",
        _put("account", "name", "\x1b]0;owned\x07\x1b[31mred\u202e"),
        NOT_OURS,
        write=0,
    ),
    seen_with_keys(
        "name-long",
        "a name of 10 MB",
        _sql("UPDATE account SET name = printf('%.10000000c', 'x') WHERE id = 1"),
        NOT_OURS,
        write=0,
    ),
    seen_with_keys("tags-deep", "tags 200,000 deep", _put("account", "tags", "[" * DEEP), NOT_OURS, write=0),
    seen_with_keys(
        "tags-giant-number",
        "a tag that is a number of 100,000 digits",
        _put("account", "tags", f"[{'9' * DIGITS}]"),
        NOT_OURS,
        write=0,
    ),
    seen_with_keys(
        "tags-half-character",
        "a tag that is half a character",
        _put("account", "tags", '["\\ud800"]'),
        NOT_OURS,
        write=0,
    ),
    seen_with_keys(
        "id-largest",
        "the largest id there can be",
        _sql("UPDATE fact SET id = 9223372036854775807 WHERE id = 1"),
        "fact",
        write=0,
    ),
    seen_with_keys(
        "id-negative", "a negative id", _sql("UPDATE fact SET id = -1 WHERE id = 1"), "fact", write=0
    ),
    seen_with_keys(
        "version-no-number", "a version that is no number", _put("fact", "version", "two"), NOT_OURS, write=0
    ),
    seen_with_keys("uid-long", "a uid of 64 KiB", _put("fact", "uid", bytes(1 << 16)), "fact", write=0),
    seen_with_keys(
        "day-9999", "a day that is none", _put("promise", "due_on", "9999-99-99"), NOT_OURS, write=0
    ),
    seen_with_keys(
        "day-no-text",
        "a day that is a number without end",
        _put("promise", "due_on", float("inf")),
        NOT_OURS,
        write=0,
    ),
    seen_with_keys(
        "day-own",
        "a promise that was put off behind our back",
        _put("promise", "due_on", "2027-09-09"),
        NOT_OURS,
        write=0,
    ),
    seen_with_keys(
        "account-not-there",
        "a person of an account that is not there",
        _put("person", "account_id", 4242),
        "refers to an account that is not there",
        write=0,
    ),
    seen_with_keys(
        "account-no-number",
        "a person of an account that is no number",
        _put("person", "account_id", "x"),
        "person",
        write=0,
    ),
    # What is missing, and what counts
    seen_with_keys(
        "row-deleted",
        "a fact that was deleted behind our back",
        _sql("DELETE FROM fact WHERE id = 1"),
        "is missing",
    ),
    seen_with_keys(
        "table-emptied", "all facts deleted behind our back", _sql("DELETE FROM fact"), "is missing"
    ),
    seen_with_keys(
        "journal-emptied",
        "no journal",
        _sql("DELETE FROM change", "DELETE FROM sqlite_sequence WHERE name = 'change'"),
        "missing from the journal",
    ),
    seen_with_keys(
        "journal-cut-short",
        "a journal without its last entry",
        _sql("DELETE FROM change WHERE id = (SELECT max(id) FROM change)"),
        "missing from the journal",
    ),
    seen_with_keys(
        "counter-back",
        "a counter of ids that was set back",
        _sql("UPDATE sqlite_sequence SET seq = 1 WHERE name = 'account'"),
        "counter of ids",
    ),
    seen_with_keys(
        "counter-forward",
        "a counter of ids that was set far ahead",
        _sql("UPDATE sqlite_sequence SET seq = 1 << 62 WHERE name = 'account'"),
        "counter of ids",
    ),
    seen_with_keys(
        "counter-no-number",
        "a counter of ids that is no number",
        _sql("UPDATE sqlite_sequence SET seq = 'many' WHERE name = 'account'"),
        "counter of ids",
    ),
    seen_with_keys(
        "counter-twice",
        "two counters of ids",
        _sql("INSERT INTO sqlite_sequence VALUES ('account', 1)"),
        "counter of ids",
    ),
    seen_with_keys("calendar-gone", "no calendar", _sql("DELETE FROM calendar"), "is missing"),
    seen_with_keys(
        "calendar-zeros",
        "zeros for a calendar",
        _sql("UPDATE calendar SET agenda = zeroblob(500)"),
        "calendar",
        write=0,
    ),
    seen_with_keys(
        "last-contact-no-text",
        "a last contact that is no day",
        _sql("UPDATE last_contact SET at = x'ff'"),
        "last contact",
        write=0,
    ),
    harmless(
        "free-pages",
        "a file that was once larger",
        _sql("CREATE TABLE grown (x)", "INSERT INTO grown VALUES (zeroblob(500000))", "DROP TABLE grown"),
    ),
)
