"""Rows found in the bytes of an SQLite file are those that SQLite gives, whatever the size of pages and rows."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from dossier.errors import Unavailable
from dossier.store.pages import CHUNK, PAGE, RECORD, Image

Row = tuple[Any, ...]

NUMBERS = (0, 1, 2, -1, 127, 128, -32_768, 8_388_607, 2**31 - 1, -(2**47), 2**63 - 1, -(2**63))


def rows(count: int, longest: int, seed: int = 1) -> list[Row]:
    dice = random.Random(seed)
    ids = sorted(
        {*dice.sample(range(1, 300), count // 2), *dice.sample(range(300, 2**32), count - count // 2)}
    )
    return [
        (
            number,
            dice.randbytes(16),
            dice.choice((1, 2, 0, 300)),
            dice.choice((None, dice.choice(NUMBERS))),
            dice.choice((None, "", "Đặng & Sons " * dice.randint(0, longest // 12))),
            dice.randbytes(dice.randint(0, longest)),
        )
        for number in ids
    ]


def write(path: Path, page: int, found: Sequence[Row]) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA page_size = {page}")
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, uid BLOB, version, number, text, data)")
    connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)", found)
    connection.commit()
    connection.close()


def read(image: Image) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for offset, block in image.blocks():
        for cell in image.cells_in(offset, block, RECORD):
            values = image.values(cell)
            if values is not None:
                found.setdefault(cell.rowid, []).append((cell.rowid, *values[1:]))
    return found


@pytest.mark.parametrize("longest", [40, 3000, 60_000])
@pytest.mark.parametrize("page", [512, 1024, 4096, 65536])
def test_every_row_is_found(tmp_path: Path, page: int, longest: int) -> None:
    written = rows(60, longest)
    write(tmp_path / "file", page, written)
    with Image(str(tmp_path / "file")) as usual:
        said = usual.said_page()
    assert said == page
    with Image(str(tmp_path / "file"), said) as image:
        found = read(image)
    for row in written:
        assert row in found[row[0]], row[:3]


def test_a_page_that_the_disk_does_not_give_back_counts_as_zeros(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = rows(200, 300)
    write(tmp_path / "file", PAGE, written)
    whole = os.pread

    def bad(file: int, size: int, offset: int) -> bytes:
        if offset <= 5 * PAGE < offset + size:
            raise OSError(5, "Input/output error")
        return whole(file, size, offset)

    with Image(str(tmp_path / "file")) as image:
        everything = read(image)
        monkeypatch.setattr(os, "pread", bad)
        left = read(image)
    assert 0 < len(everything) - len(left) < 60
    assert all(everything[number] == found for number, found in left.items())


def test_a_chunk_is_told_by_its_first_numbers(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "file")
    connection.execute("CREATE TABLE chunk (attachment_id INTEGER, number INTEGER, data BLOB)")
    written = [
        (file, number, os.urandom(size))
        for file in (1, 70_000)
        for number, size in enumerate((65_552, 80, 600))
    ]
    connection.executemany("INSERT INTO chunk VALUES (?, ?, ?)", written)
    connection.commit()
    connection.close()
    with Image(str(tmp_path / "file")) as image:
        cells = [cell for offset, block in image.blocks() for cell in image.cells_in(offset, block, CHUNK)]
        found = [(image.numbers(cell, 2), image.values(cell)) for cell in cells]
    for file, number, data in written:
        assert ([file, number], [file, number, data]) in found


@pytest.mark.parametrize("size", [0, 1, 15, 17, 100, PAGE - 1, PAGE + 1])
def test_files_of_any_length_are_read_to_their_end(tmp_path: Path, size: int) -> None:
    (tmp_path / "file").write_bytes(bytes([255]) * size)
    with Image(str(tmp_path / "file")) as image:
        assert read(image) == {}
        assert image.said_page() == PAGE
        assert b"".join(block for _, block in image.blocks()) == bytes([255]) * size


def test_random_bytes_hold_no_row_and_are_quickly_through(tmp_path: Path) -> None:
    data = bytearray(random.Random(1).randbytes(2_000_000))
    for start in range(0, len(data) - 100, 97):  # what looks like the beginning of one
        data[start : start + 4] = b"\x07\x00\x2c\x01"
    (tmp_path / "file").write_bytes(data)
    with Image(str(tmp_path / "file")) as image:
        assert sum(map(len, read(image).values())) < 100


def test_a_chain_in_a_circle_ends(tmp_path: Path) -> None:
    written = rows(3, 60_000)
    write(tmp_path / "file", PAGE, written)
    data = bytearray((tmp_path / "file").read_bytes())
    for start in range(PAGE, len(data), PAGE):
        if data[start] == 0:  # an overflow page: the number of the next one
            data[start : start + 4] = (3).to_bytes(4)
    (tmp_path / "file").write_bytes(data)
    with Image(str(tmp_path / "file")) as image:
        read(image)
        for _ in range(1000):  # the same again costs nothing any more
            read(image)


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for place in ("nothing", "fifo", "."):
        with pytest.raises(Unavailable):
            Image(str(tmp_path / place))
