"""The chunks of attachments in the vault: written, read, swept, checked, and what a rollback or a kill leaves."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dossier.errors import Damaged
from dossier.services import attachments, undo
from dossier.services.session import Session
from dossier.store import chunks
from dossier.store.catalog import Account, Attachment
from dossier.store.database import Database
from dossier.store.gate import Transaction
from dossier.store.where import number_list
from dossier.vault.stream import CHUNK_BYTES, LARGEST_CHUNK, chunks_of
from tests.store.behind import chunk_bytes, problems, raw, said, tamper

LAST = "SELECT data FROM chunk WHERE attachment_id = 1 AND number = 5"
ANOTHERS = "SELECT data FROM chunk WHERE attachment_id = 2 AND number = 1"
SIZE = 5 * CHUNK_BYTES + 123


@pytest.fixture
def kept(session: Session, tmp_path: Path) -> Session:
    """Attachments 1 and 2 of account 1."""
    with session.change("fill") as transaction:
        transaction.insert(Account(name="Hanoi Optics", created_on="2027-03-10"))
    for number in (1, 2):
        path = tmp_path / f"{number}.bin"
        path.write_bytes(os.urandom(SIZE))
        attachments.add(session, "1", [str(path)])
    return session


def content(session: Session, number: int) -> bytes:
    return b"".join(attachments.content(session, number))


def test_what_was_stored_comes_back(kept: Session, tmp_path: Path) -> None:
    assert content(kept, 1) == (tmp_path / "1.bin").read_bytes()
    assert chunks.ids(kept.database) == [1, 2]
    record = kept.reader.get(Attachment, 1)
    assert (record.size, record.chunks) == (SIZE, chunks_of(SIZE))
    assert chunk_bytes(kept.path, 1) == chunk_bytes(kept.path, 2) > SIZE
    assert problems(kept) == []


def test_no_chunk_is_ever_stored_under_an_id_that_has_some(kept: Session) -> None:
    with pytest.raises(Damaged, match="chunks already"), kept.database.transaction():
        chunks.write(kept.database, 2, [b"x"])


def test_a_removed_file_keeps_its_chunks_until_they_are_swept(kept: Session, tmp_path: Path) -> None:
    attachments.rm(kept, 1)
    assert chunks.ids(kept.database) == [1, 2]
    assert problems(kept) == []
    assert set(chunks.restorable(kept.reader)) == {1, 2}
    undo.undo(kept)
    assert content(kept, 1) == (tmp_path / "1.bin").read_bytes()
    attachments.rm(kept, 1)
    with kept.database.transaction():
        assert chunks.sweep(kept.database, [2]) > SIZE
        assert chunks.sweep(kept.database, [2]) == 0
    assert chunks.ids(kept.database) == [2]
    assert content(kept, 2) == (tmp_path / "2.bin").read_bytes()
    assert "attachment 1 is damaged: it has fewer chunks than it was stored with" in said(kept), (
        "undo would bring back what is gone"
    )


def test_what_was_swept_is_overwritten(kept: Session) -> None:
    gone = [found for found in chunks.read(kept.database, 1) if isinstance(found, bytes)]
    with kept.database.transaction():
        chunks.sweep(kept.database, [2])
    kept.close()
    left = Path(kept.path).read_bytes()
    assert len(gone) == 6
    # Of a row that SQLite moved, the unused space of a page may keep the beginning: nothing without its key.
    assert not any(
        chunk[place:][:64] in left for chunk in gone for place in range(4096, len(chunk) - 64, 2048)
    )


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("DELETE FROM chunk WHERE attachment_id = 1 AND number = 2", "attachment 1 is damaged: it has fewer chunks"),
        ("DELETE FROM chunk WHERE attachment_id = 1", "attachment 1 is damaged: it has fewer chunks"),
        ("DELETE FROM chunk", "attachment 2 is damaged: it has fewer chunks"),
        ("UPDATE chunk SET number = 9 WHERE attachment_id = 1 AND number = 5", "attachment 1 is damaged: it has fewer"),
        ("UPDATE chunk SET data = zeroblob(70000) WHERE attachment_id = 1 AND number = 1", "its chunk 1 is missing"),
        ("UPDATE chunk SET data = zeroblob(999) WHERE attachment_id = 1 AND number = 1", "its chunk 1 is damaged"),
        ("UPDATE chunk SET data = 'text' WHERE attachment_id = 1 AND number = 0", "its chunk 0 is missing"),
        ("UPDATE chunk SET data = 7 WHERE attachment_id = 1 AND number = 0", "its chunk 0 is missing"),
        (f"INSERT INTO chunk VALUES (1, 6, ({LAST}))", "it has more chunks"),
        (f"INSERT INTO chunk VALUES (1, 5, ({LAST}))", "its chunk 5 is missing"),
        (f"INSERT INTO chunk VALUES (1, 99, ({LAST}))", "it has 7 chunks instead of 6"),
        (f"INSERT INTO chunk VALUES (1, -1, ({LAST}))", "chunk numbers that dossier never gives stand in 1 row"),
        (f"INSERT INTO chunk VALUES (1, 'x', ({LAST}))", "chunk numbers that dossier never gives stand in 1 row"),
        ("UPDATE chunk SET attachment_id = 3 - attachment_id", "its chunk 0 is damaged or not in its place"),
        (f"UPDATE chunk SET data = ({ANOTHERS}) WHERE attachment_id = 1 AND number = 1", "its chunk 1 is damaged"),
        ("INSERT INTO chunk VALUES (77, 0, x'00')", "chunk 77 belongs to no attachment"),
    ],
)  # fmt: skip
def test_every_change_behind_our_back_is_named_by_the_check(kept: Session, statement: str, what: str) -> None:
    tamper(kept.path, statement)
    assert what in said(kept)


def test_the_uid_of_a_hurt_file_is_named(kept: Session) -> None:
    tamper(kept.path, "DELETE FROM chunk WHERE attachment_id = 2")
    (found,) = problems(kept)
    assert (found.noun, found.id, found.uid) == ("attachment", 2, kept.reader.get(Attachment, 2).uid.hex())


def test_a_hurt_file_is_never_given_out_as_a_whole(kept: Session) -> None:
    tamper(kept.path, "DELETE FROM chunk WHERE attachment_id = 1 AND number = 5")
    with pytest.raises(Damaged, match="attachment 1 is damaged"):
        content(kept, 1)


def test_a_blob_of_gigabytes_is_not_read(kept: Session) -> None:
    with raw(kept.path) as connection:
        connection.execute(
            "UPDATE chunk SET data = zeroblob(300000000) WHERE attachment_id = 1 AND number = 0"
        )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert next(chunks.read(kept.database, 1)) is None
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000
    assert LARGEST_CHUNK < 70_000


def test_after_a_failure_in_the_middle_nothing_was_changed(kept: Session) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(200):
            yield os.urandom(CHUNK_BYTES)
        raise KeyboardInterrupt

    size = os.stat(kept.path).st_size

    def half(transaction: Transaction) -> None:
        transaction.insert(Account(name="Varna Steel", created_on="2027-03-10"))
        chunks.write(kept.database, transaction.next_id(Attachment), pieces())

    with pytest.raises(KeyboardInterrupt), kept.change("half") as transaction:
        half(transaction)
    assert (os.stat(kept.path).st_size, chunks.ids(kept.database)) == (size, [1, 2])
    assert kept.database.count("account") == 1
    assert kept.database.row("PRAGMA cache_spill") == (999_999_999,), (
        "whatever is no chunk stays in memory until it commits"
    )
    assert problems(kept) == []
    assert not os.path.exists(f"{kept.path}-journal")


_ADD_AND_DIE = """
import os, signal, sys
from dossier.store import chunks
from dossier.store.database import Database

def pieces():
    for _ in range(300):
        yield os.urandom(65552)
    os.kill(os.getpid(), signal.SIGKILL)

database = Database(sys.argv[1])
with database.transaction():
    chunks.write(database, 3, pieces())
"""


def test_killed_in_the_middle_the_next_opening_undoes_it(kept: Session) -> None:
    size = os.stat(kept.path).st_size
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", _ADD_AND_DIE, kept.path], cwd=root, check=False)
    assert os.stat(kept.path).st_size > size + 10_000_000, "pages were spilled"
    with Database(kept.path) as database:
        assert chunks.ids(database) == [1, 2]
    assert os.stat(kept.path).st_size == size
    assert problems(kept) == []


@pytest.mark.parametrize("number", ["'1,2'", "'zz'", "x'01'", "1.5", "-1"])
@pytest.mark.parametrize("column", ["attachment_id", "number"])
def test_a_number_that_dossier_never_gives_is_named_and_swept_by_itself(
    kept: Session, tmp_path: Path, column: str, number: str
) -> None:
    values = {"attachment_id": "1", "number": "-7"} | {column: number}
    tamper(kept.path, f"INSERT INTO chunk VALUES ({values['attachment_id']}, {values['number']}, x'00')")
    (found,) = problems(kept)
    assert (found.noun, found.id, found.acceptable) == ("chunk", None, True)
    assert str(found) == "chunk numbers that dossier never gives stand in 1 row"
    with kept.database.transaction():
        assert chunks.sweep(kept.database, chunks.restorable(kept.reader)) == 1
    assert problems(kept) == []
    assert [content(kept, one) for one in (1, 2)] == [
        (tmp_path / f"{one}.bin").read_bytes() for one in (1, 2)
    ]


@pytest.mark.parametrize("number", ["1,2", "7", b"1", 1.5, None])
def test_no_list_of_numbers_is_made_of_anything_else(number: Any) -> None:
    with pytest.raises(Damaged, match="the number of a record"):
        number_list([number])
    assert number_list([1, -2, 1 << 62]) == "[1,-2,4611686018427387904]"
