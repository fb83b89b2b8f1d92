"""Attachments whose chunks are no chunks of theirs; key files, unfinished rotations, an older schema."""

from __future__ import annotations

import os
from collections.abc import Callable

from dossier.vault.header import Header
from dossier.vault.slots import Slot, key_file_slot
from tests.kit.making import CHECK, READ, TODAY, Bench, Case, Run, Spoil, harmless, refused, seen_with_keys

DAMAGED = "is damaged"
EXPORT = ("attachment", "export", "3", "-")
"""Of the one that has several chunks; the first two have one each."""

LAST = "attachment_id = 3 AND number = (SELECT max(number) FROM chunk WHERE attachment_id = 3)"


def _sql(*statements: str) -> Spoil:
    return lambda bench: bench.run(*statements)


def hurt(name: str, wrong: str, spoil: Spoil, says: str = DAMAGED) -> Case:
    """An attachment that cannot be exported, in a vault that can be read."""
    return Case(
        name, wrong, spoil, (Run(READ, False, 0, ""), Run(CHECK, True, 7, says), Run(EXPORT, True, 7, says))
    )


def _swapped(bench: Bench) -> None:
    bench.run(
        "UPDATE chunk SET attachment_id = -1 WHERE attachment_id = 3",
        "UPDATE chunk SET attachment_id = 3 WHERE attachment_id = 1",
        "UPDATE chunk SET attachment_id = 1 WHERE attachment_id = -1",
    )


def _of_another_vault(bench: Bench) -> None:
    data = bench.get("SELECT data FROM chunk WHERE attachment_id = 3 AND number = 0", other=True)
    bench.set("UPDATE chunk SET data = ? WHERE attachment_id = 3 AND number = 0", data)


def _slots(make: Callable[[Bench, int], Slot], number: int) -> Spoil:
    """So many more slots, signed by whoever has the root; the vault takes the header for its own."""

    def spoil(bench: Bench) -> None:
        found = Header.parse(bench.header).slots
        bench.sign_header([*found, *(make(bench, 10 + count) for count in range(number))])
        bench.know_header()

    return spoil


def _key_file(bench: Bench, number: int) -> Slot:
    place = Header.parse(bench.header).place
    return key_file_slot(place, number, TODAY, bench.sound.root, os.urandom(32))


def _key_file_cut_short(bench: Bench, number: int) -> Slot:
    slot = _key_file(bench, number)
    return slot._replace(body=slot.body[:-1])


def _key_file_with_argon2(bench: Bench, number: int) -> Slot:
    slot = _key_file(bench, number)
    return slot._replace(body=b"\1" + slot.body[1:])


def _key_file_that_costs(bench: Bench, number: int) -> Slot:
    """HKDF takes no parameters: these would be somebody's hope that they are used."""
    slot = _key_file(bench, number)
    return slot._replace(body=slot.body[:1] + b"\xff" * 12 + slot.body[13:])


def _says_schema_1(*statements: str) -> Spoil:
    return _sql(*statements, "PRAGMA user_version = 1")


def _rotating(content: bytes | None) -> Spoil:
    def spoil(bench: Bench) -> None:
        path = bench.folder / "vault.dossier.rotating"
        if content is None:
            path.mkdir()
        else:
            path.write_bytes(content)

    return spoil


CASES = (
    hurt(
        "chunk-deleted",
        "an attachment without its first chunk",
        _sql("DELETE FROM chunk WHERE attachment_id = 3 AND number = 0"),
    ),
    hurt(
        "chunk-last-deleted",
        "an attachment without its last chunk",
        _sql(f"DELETE FROM chunk WHERE {LAST}"),
    ),
    hurt(
        "chunks-deleted", "an attachment without any chunk", _sql("DELETE FROM chunk WHERE attachment_id = 3")
    ),
    hurt(
        "chunk-twice",
        "an attachment with a chunk that is there twice",
        _sql("INSERT INTO chunk SELECT * FROM chunk WHERE attachment_id = 3 AND number = 0"),
    ),
    hurt(
        "chunk-more",
        "an attachment with a chunk too many",
        _sql(f"INSERT INTO chunk SELECT attachment_id, number + 1, data FROM chunk WHERE {LAST}"),
    ),
    hurt("chunk-empty", "an empty chunk", _sql("UPDATE chunk SET data = x'' WHERE attachment_id = 3")),
    hurt(
        "chunk-text", "a chunk that is a text", _sql("UPDATE chunk SET data = 'none' WHERE attachment_id = 3")
    ),
    hurt(
        "chunk-infinite",
        "a chunk that is an infinite number",
        _sql("UPDATE chunk SET data = 9e999 WHERE attachment_id = 3"),
    ),
    hurt(
        "chunk-100-mb",
        "a chunk of 100 MB",
        _sql("UPDATE chunk SET data = zeroblob(100000000) WHERE attachment_id = 3 AND number = 0"),
    ),
    hurt(
        "chunk-number-text",
        "chunks whose numbers are no numbers",
        _sql("UPDATE chunk SET number = 'first' WHERE attachment_id = 3"),
    ),
    hurt(
        "chunk-number-largest",
        "a chunk with the largest number there can be",
        _sql("UPDATE chunk SET number = 9223372036854775807 WHERE attachment_id = 3 AND number = 0"),
    ),
    hurt("chunks-swapped", "the chunks of two attachments swapped", _swapped),
    hurt("chunk-of-another-vault", "a chunk of another vault", _of_another_vault),
    seen_with_keys(
        "chunks-of-nothing",
        "chunks that belong to no attachment",
        _sql("INSERT INTO chunk VALUES (4242, 0, zeroblob(100))"),
        "belongs to no attachment",
        write=0,
    ),
    *(
        seen_with_keys(
            f"chunk-id-{name}",
            f"a chunk whose attachment is {what}",
            _sql(f"INSERT INTO chunk VALUES ({value}, 0, zeroblob(100))"),
            "numbers that dossier never gives",
            write=0,
        )
        for name, what, value in (
            ("list", "a text of two ids", "'1,2'"),
            ("text", "a text", "'zz'"),
            ("blob", "a blob", "x'ff00'"),
            ("real", "a fraction", "1.5"),
            ("negative", "below zero", "-1"),
        )
    ),
    seen_with_keys(
        "bytes-appended",
        "bytes after the last page",
        lambda bench: bench.replace(bench.data + bytes(range(256)) * 160),
        "goes on for 40960 bytes after its last page",
        write=0,
    ),
    seen_with_keys(
        "attachment-deleted",
        "an attachment that was deleted behind our back",
        _sql("DELETE FROM attachment WHERE id = 1"),
        "is missing",
    ),
    harmless("key-files-14", "fourteen key files", _slots(_key_file, 14)),
    refused("key-files-15", "fifteen key files", _slots(_key_file, 15), "header"),
    refused(
        "key-file-cut-short",
        "a key file's slot without its last byte",
        _slots(_key_file_cut_short, 1),
        "slot",
    ),
    refused(
        "key-file-argon2",
        "a key file's slot that asks for Argon2id",
        _slots(_key_file_with_argon2, 1),
        "slot",
    ),
    refused("key-file-cost", "a key file's slot that names a cost", _slots(_key_file_that_costs, 1), "slot"),
    refused(
        "schema-1-said",
        "a vault that says that it is of schema 1 and has the tables of schema 2",
        _says_schema_1(),
        "no dossier of its schema",
    ),
    refused(
        "schema-1-trigger",
        "a trigger in a vault that says that it is of schema 1",
        _says_schema_1("CREATE TRIGGER spy AFTER UPDATE ON vault BEGIN DELETE FROM step; END"),
        "never makes",
    ),
    refused(
        "schema-1-table",
        "a table in a vault that says that it is of schema 1",
        _says_schema_1("CREATE TABLE spy (x)"),
        "never makes",
    ),
    refused(
        "schema-1-generated",
        "a computed column in a vault that says that it is of schema 1",
        _says_schema_1("ALTER TABLE account ADD COLUMN spy AS (printf('%.*c', 1 << 30, name))"),
        "never makes",
    ),
    harmless(
        "rotating-garbage", "garbage where an unfinished rotation would be", _rotating(b"no vault\n" * 999)
    ),
    harmless("rotating-folder", "a folder where an unfinished rotation would be", _rotating(None)),
)
