"""Files come out with the records: whole, or with holes that say so; never a byte that is not theirs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dossier.errors import DossierError
from dossier.services import accepting, accounts, attachments, undo
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.store import chunks, journal
from dossier.store.catalog import Attachment
from tests.conftest import TODAY
from tests.store.behind import problems, raw
from tests.store.test_salvage import Try

PAGE = 4096
CHUNK = 64 * 1024
SIZES = (0, 100, CHUNK, 200_000)


@pytest.fixture
def files(tmp_path: Path) -> list[bytes]:
    contents = [os.urandom(size) for size in SIZES]
    for number, content in enumerate(contents, 1):
        (tmp_path / f"file{number}").write_bytes(content)
    return contents


@pytest.fixture
def book(session: Session, files: list[bytes], tmp_path: Path) -> Session:
    """A vault with four files, of which the third was removed."""
    accounts.add(session, "Hà Nội Optics", {})
    attachments.add(session, "a1", [str(tmp_path / f"file{number}") for number in range(1, 5)])
    with session.change("attachment rm") as transaction:
        transaction.delete(transaction.get(Attachment, 3))
    session.close()
    return session


def spoil(book: Session, attachment: int, *numbers: int) -> None:
    """Change a byte in the middle of some chunks."""
    with raw(book.path) as connection:
        for number in numbers:
            where = "WHERE attachment_id = ? AND number = ?"
            ((data,),) = connection.execute(f"SELECT data FROM chunk {where}", (attachment, number))
            middle = len(data) // 2
            data = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
            connection.execute(f"UPDATE chunk SET data = ? {where}", (data, attachment, number))


def opened(path: str, book: Session) -> Session:
    return Session(path, TODAY, book.config, Unlocking(), passing=True)


def content(session: Session, number: int) -> bytes:
    record = session.reader.get(Attachment, number)
    return b"".join(chunks.content(session.database, session.keys, record))


def varint(number: int) -> bytes:
    parts = [number & 0x7F]
    while number := number >> 7:
        parts.append(number & 0x7F | 0x80)
    return bytes(reversed(parts))


def lead_on_and_on(path: Path, pages: int) -> None:
    """Append pages full of what looks like the beginnings of rows as long as the file, which all go on in a circle."""
    before = path.stat().st_size
    circle = before // PAGE + 1
    added = bytearray(pages * PAGE)
    added[:4] = circle.to_bytes(4)
    for place in range(PAGE, len(added), 512):
        begins = b"\x00\x2c\x01" + varint(12 + 2 * (before // 2))
        header = bytes((len(begins) + 1,)) + begins
        size = len(header) + 16 + 1 + before // 2
        local = 489 + (size - 489) % (PAGE - 4)
        if local > PAGE - 35:
            local = 489
        cell = varint(size) + varint(7) + header
        there = place - place % PAGE
        start = place + len(varint(size)) + 1
        if start + local + 4 > there + PAGE:
            continue
        added[place : place + len(cell)] = cell
        added[start + local : start + local + 4] = circle.to_bytes(4)
    path.write_bytes(path.read_bytes() + added)


def stored(path: str) -> list[tuple[int, int, bytes]]:
    with raw(path) as connection:
        return connection.execute("SELECT * FROM chunk ORDER BY 1, 2").fetchall()


def test_files_come_over_as_they_are_stored(book: Session, files: list[bytes]) -> None:
    done = Try(book)
    assert stored(done.path) == stored(book.path)
    assert done.shape["attachments_incomplete"] == []
    with opened(done.path, book) as session:
        assert [content(session, number) for number in (1, 2, 4)] == [files[0], files[1], files[3]]


def test_a_removed_file_can_still_be_brought_back(book: Session, files: list[bytes]) -> None:
    with opened(book.path, book) as session:
        number = journal.newest_number(session.database)
    done = Try(book)
    with opened(done.path, book) as session:
        undo.undo(session, number)
        assert content(session, 3) == files[2]


def test_a_file_with_a_hole_keeps_the_rest_and_says_so(book: Session, files: list[bytes]) -> None:
    spoil(book, 4, 1)
    done = Try(book)
    assert done.shape["attachments_incomplete"] == [{"id": 4, "name": "file4", "chunks": 4, "missing": 1}]
    assert done.shape["lost"] == []
    with opened(done.path, book) as session:
        assert session.reader.get(Attachment, 4).name == "(incomplete) file4"
        whole = files[3]
        assert content(session, 4) == whole[:CHUNK] + bytes(CHUNK) + whole[2 * CHUNK :]


def test_a_file_of_which_nothing_is_left_is_lost(book: Session) -> None:
    spoil(book, 4, 0, 1, 2, 3)
    done = Try(book)
    assert ("attachment", 4) in done.lost()
    assert ("attachment", 4) not in done.rows
    assert {attachment for attachment, *_ in stored(done.path)} == {1, 2, 3}


def test_a_removed_file_that_is_hurt_cannot_be_brought_back_any_more(book: Session) -> None:
    spoil(book, 3, 0)
    with opened(book.path, book) as session:
        number = journal.newest_number(session.database)
    done = Try(book)
    assert {attachment for attachment, *_ in stored(done.path)} == {1, 2, 4}
    with opened(done.path, book) as session, pytest.raises(DossierError, match="forgotten"):
        undo.undo(session, number)


def test_chunks_that_belong_to_nothing_stay_behind(book: Session) -> None:
    with raw(book.path) as connection:
        connection.execute("INSERT INTO chunk VALUES (77, 0, ?)", (os.urandom(500),))
    assert {attachment for attachment, *_ in stored(Try(book).path)} == {1, 2, 3, 4}


def test_a_file_is_found_without_the_tree_and_under_false_numbers(book: Session, files: list[bytes]) -> None:
    """Copies of chunks under each other's numbers: only those that decrypt in their place count."""
    with raw(book.path) as connection:
        connection.execute(
            "INSERT INTO chunk SELECT attachment_id, 3 - number, data FROM chunk WHERE attachment_id = 4"
        )
    data = bytearray(Path(book.path).read_bytes())
    data[:4096] = bytes(4096)
    for start in range(4096, len(data), 4096):
        if data[start] in (2, 5):
            data[start : start + 4096] = bytes(4096)
    Path(book.path).write_bytes(data)
    done = Try(book)
    with opened(done.path, book) as session:
        assert content(session, 4) == files[3]


@pytest.mark.parametrize("spoiled", [lambda data: data[: len(data) // 2], lambda data: data[4096:]])
def test_a_vault_cut_anywhere_keeps_what_is_left_of_its_files(
    book: Session, spoiled: Callable[[bytes], bytes]
) -> None:
    path = Path(book.path)
    path.write_bytes(spoiled(path.read_bytes()))
    done = Try(book)
    left = len(stored(done.path))
    told = done.shape["attachments_incomplete"]
    assert left + sum(one["missing"] for one in told) > 0


def test_rows_that_lead_nowhere_take_nothing_away_from_files(book: Session) -> None:
    before = stored(book.path)
    lead_on_and_on(Path(book.path), 40)
    with opened(book.path, book) as session:
        (found,) = problems(session)
        assert (found.noun, found.acceptable) == ("file", True)
        assert str(found) == "file goes on for 163840 bytes after its last page, which dossier did not write"
    done = Try(book)
    assert done.shape["attachments_incomplete"] == []
    assert stored(done.path) == before


def test_accepting_cuts_off_what_follows_the_last_page(book: Session) -> None:
    size = os.path.getsize(book.path)
    lead_on_and_on(Path(book.path), 3)
    with opened(book.path, book) as session:
        accepting.accept(session, lambda done, total: None, lambda problems: None)
        assert problems(session) == []
    assert os.path.getsize(book.path) < size + 3 * PAGE
