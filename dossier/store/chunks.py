"""The encrypted bytes of attachments: rows of `chunk`, written, read and swept a few at a time.

A chunk is bound to its attachment by its own encryption (`vault/stream.py`), and how many there must be stands in the
attachment's sealed record, so chunks have no seals and are no part of the manifest. They outlive a removed attachment,
because `undo` may bring it back: what neither a record nor the history can bring back is swept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from dossier.domain.text import count_of
from dossier.errors import Damaged, DossierError
from dossier.store.catalog import Attachment, Change
from dossier.store.database import SPILL, Database
from dossier.store.reader import Reader
from dossier.store.where import number_list
from dossier.vault import stream
from dossier.vault.keys import Keys
from dossier.vault.seals import CHECK
from dossier.vault.stream import LARGEST_CHUNK, StreamKey

CHUNK = "chunk"
"""What a flaw calls bytes that belong to no attachment."""

_OURS = (
    "typeof(attachment_id) = 'integer' AND attachment_id > 0 AND typeof(number) = 'integer' AND number >= 0"
)
"""Rows with numbers that dossier gives; the columns of a hostile file hold what they like."""

_READ = f"""
    SELECT CASE WHEN typeof(data) = 'blob' AND length(data) <= {LARGEST_CHUNK} THEN data END FROM chunk
    WHERE attachment_id = ? AND number = ? LIMIT 2
"""


class Flaw(NamedTuple):
    """One thing that is wrong with an attachment's bytes; the fields are those of a problem of the check."""

    noun: str
    id: int | None
    uid: str | None
    problem: str


def write(database: Database, attachment_id: int, chunks: Iterable[bytes]) -> int:
    """Store the chunks of a new attachment inside the transaction of its record; how many there were.

    Raises Damaged if some stand there already: ids are never given twice.
    """
    if database.row("SELECT 1 FROM chunk WHERE attachment_id = ?", (attachment_id,)) is not None:
        raise Damaged(
            f"there are chunks already of attachment {attachment_id}, which is not stored yet", CHECK
        )
    count = 0
    with _spilling(database):
        for count, data in enumerate(chunks, 1):
            database.execute("INSERT INTO chunk VALUES (?, ?, ?)", (attachment_id, count - 1, data))
    return count


def read(database: Database, attachment_id: int) -> Iterator[object]:
    """The chunks of an attachment by their numbers, as far as they go; None for one that dossier cannot have written.

    Each is read on its own, so that nobody who writes waits for whoever reads slowly.
    """
    number = 0
    while found := database.rows(_READ, (attachment_id, number)):
        yield found[0][0] if len(found) == 1 else None
        number += 1


def content(database: Database, keys: Keys, record: Attachment) -> Iterator[bytes]:
    """The file that an attachment is, in pieces; Damaged, in the end at the latest, if it is not the one stored."""
    assert record.key is not None
    assert record.size is not None
    digest = hashlib.sha256()
    try:
        where = stream.place(keys, record.uid)
        for piece in stream.decrypt(
            StreamKey.parse(record.key), where, record.size, read(database, record.id)
        ):
            digest.update(piece)
            yield piece
        if digest.hexdigest() != record.digest:
            raise Damaged("it is not the file whose digest was stored with it")
    except Damaged as fault:
        raise Damaged(f"attachment {record.id} is damaged: {fault.message}", fault.hint or CHECK) from None


def ids(database: Database) -> list[int]:
    """The ids under which chunks are stored, as far as they can be ids."""
    found = database.rows(f"SELECT DISTINCT attachment_id FROM chunk WHERE {_OURS} ORDER BY 1")
    return [number for (number,) in found]


def removed_in(change: Change) -> Iterator[Attachment]:
    """The attachments that taking a change back would bring back."""
    for line in change.rows:
        if line["table"] == Attachment.table.name and line["action"] == "delete" and line.get("before"):
            record = Attachment(**line["before"])
            record.id, record.uid = line["id"], bytes.fromhex(line["uid"])
            yield record


def restorable(reader: Reader) -> dict[int, Attachment]:
    """Every attachment that is stored or that `undo` could bring back, by id: those whose chunks have to stay.

    Needs the keys: what was removed is known to the history alone, which is encrypted.
    """
    removed = {record.id: record for change in reader.each(Change) for record in removed_in(change)}
    return removed | {record.id: record for record in reader.each(Attachment)}


def sweep(database: Database, keep_ids: Collection[int]) -> int:
    """Remove the chunks of all attachments but these, inside a transaction; how many encrypted bytes that were.

    What has no number that dossier gives goes as well. Their pages are overwritten with zeros and free; the file gets
    smaller by `vault compact`.
    """
    gone = f"NOT ({_OURS}) OR attachment_id NOT IN (SELECT value FROM json_each(?))"
    kept = (number_list(keep_ids),)
    (size,) = database.row(f"SELECT coalesce(sum(length(data)), 0) FROM chunk WHERE {gone}", kept) or (0,)
    with _spilling(database):
        database.execute(f"DELETE FROM chunk WHERE {gone}", kept)
    return int(size)


def problems(
    database: Database, keys: Keys, known: Mapping[int, Attachment], unread: Collection[int] = ()
) -> Iterator[Flaw]:
    """What is wrong with the bytes of all attachments; every chunk is opened, so it needs all keys.

    `known` are those that there are or that `undo` could bring back (`restorable`), `unread` the ids of records that
    cannot be read: their chunks are not told of, for what they belong to is.
    """
    for record in known.values():
        try:
            for _ in content(database, keys, record):
                pass
            counted = _counted(database, f"attachment_id = ? AND {_OURS}", record.id)
            if counted != record.chunks:
                raise Damaged(f"it has {counted} chunks instead of {record.chunks}")
        except DossierError as fault:
            said = fault.message.removeprefix(f"attachment {record.id} ")
            yield Flaw(Attachment.table.name, record.id, record.uid.hex(), said)
    for number in ids(database):
        if number not in known and number not in unread:
            yield Flaw(CHUNK, number, None, "belongs to no attachment, neither now nor in the history")
    if foreign := _counted(database, f"NOT ({_OURS})"):
        yield Flaw(CHUNK, None, None, f"numbers that dossier never gives stand in {count_of(foreign, 'row')}")


def _counted(database: Database, where: str, *values: int) -> int:
    found = database.row(f"SELECT count(*) FROM chunk WHERE {where}", values)
    return int(found[0]) if found else 0


@contextmanager
def _spilling(database: Database) -> Iterator[None]:
    """Let SQLite write pages into the file before the commit, so that it need not hold the whole of a large change.

    `database.connect` forbids that for two reasons, neither of which counts here. What spilled lies in the file even
    after a rollback, in pages that are free again: all that a page ever holds are envelopes, chunks and plain columns,
    and a chunk was encrypted under a key that then was never stored. And whoever reads waits until the commit instead
    of for the commit alone: seconds, for a file of hundreds of megabytes. Killed in the middle, the journal, which is
    on the disk before the first page spills, makes all of it undone.
    """
    ((usual,),) = database.rows("PRAGMA cache_spill")
    database.execute(SPILL)
    try:
        yield
    finally:
        database.execute(f"PRAGMA cache_spill = {usual}")
