"""Rows straight from the bytes of a damaged file, where SQLite itself would refuse: found by what they look like.

SQLite keeps a row as a cell: the size of its payload, its id, and the payload, all within a leaf page but for what is
too long, which goes on in a chain of overflow pages (https://www.sqlite.org/fileformat2.html, 1.6 and 2.1). A payload
begins with a header: its own size, then a number for the type and size of each value. Every table of records has the
same first three columns, so the header of each of their rows begins alike, and that is looked for all over the file:
neither the tree above a page nor the page's own list of cells need be there. Whether a row is what it looks like, and
of which table, its seal tells (`store/salvage/`).

Nothing here trusts the file. Sizes are compared with what there is before anything is read, chains are followed for as
many pages as their row needs and no more. What the rows that begin on a page may be followed for is bounded for each
page, and beyond that for all of them together: so whoever fills some pages with the beginnings of rows that lead on and
on takes nothing away from the rows of the others.
"""

from __future__ import annotations

import os
import re
import stat
import struct
from collections.abc import Iterator
from typing import NamedTuple

from dossier.errors import Unavailable

PAGE = 4096
"""Bytes of a page, unless the file says otherwise: dossier leaves them as SQLite has them."""

RECORD = re.compile(rb"[\x06-\x7f](?=\x00\x2c[\x01-\x06\x08\x09])", re.DOTALL)
"""The beginning of a record's header: its size; no value where the id is; 16 bytes of uid; a number, the version."""

CHUNK = re.compile(rb"[\x05-\x06](?=[\x01-\x06\x08\x09]{2}[\x80-\xff])", re.DOTALL)
"""The beginning of a chunk's header: its size, two numbers, and more bytes than 57 of data."""

Value = int | float | str | bytes | None

_BLOCK = 256
"""Pages that are looked through at once."""

_OWN = 1 << 20
"""Bytes of overflow pages that may be read for the rows that begin on one page: twice what chunks on it can have."""

_EFFORT = 8
"""How many times the file's own number of overflow pages may be read beyond that, for all longer rows together."""

_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
_JOURNAL_HEAD = struct.Struct(">8sIIIII")
"""Magic, number of records, nonce, pages of the file before, size of a sector and of a page."""

_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_LONGEST_VARINT = 9


class Cell(NamedTuple):
    """A row as far as its own page tells: its id, the size of its payload, and where in the file that begins."""

    rowid: int
    size: int
    offset: int


class Image:
    """The bytes of a file that is only read, page by page; what the disk does not give back counts as zeros."""

    def __init__(self, path: str, page: int = PAGE) -> None:
        """Open a file; Unavailable if it cannot be read or is no file."""
        self.page = page
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            raise Unavailable(f"there is no file {path}", "check its name and folder") from None
        except OSError as error:
            raise Unavailable(f"cannot read {path}: {error.strerror}", "check its permissions") from None
        found = os.fstat(self._file)
        if not stat.S_ISREG(found.st_mode):
            self.close()
            raise Unavailable(f"{path} is not a file", "name the vault file itself")
        self.size = found.st_size
        self._left = _EFFORT * (self.size // page + 1)
        self._own: dict[int, int] = {}
        """How many overflow pages may still be read for the rows of a page, by its place; where there were any."""
        self._trusted: set[int] = set()

    def __enter__(self) -> Image:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def said_page(self) -> int:
        """The size of a page that the file's own first page gives, if there can be such pages; else the usual one."""
        said = int.from_bytes(self.read(16, 2)) or PAGE
        size = 65536 if said == 1 else said
        return size if 512 <= size <= 65536 and not size & (size - 1) else PAGE

    def read(self, offset: int, size: int) -> bytes:
        """Some bytes of the file; fewer at its end, zeros for what the disk cannot read."""
        try:
            return os.pread(self._file, size, offset)
        except OSError:
            if size <= self.page:
                return bytes(max(0, min(size, self.size - offset)))
            step = self.page
            return b"".join(
                self.read(at, min(step, offset + size - at)) for at in range(offset, offset + size, step)
            )

    def numbered(self, number: int) -> bytes:
        """The page with this number; the first is 1."""
        return self.read((number - 1) * self.page, self.page)

    def blocks(self) -> Iterator[tuple[int, bytes]]:
        """The whole file in whole pages: where each block begins, and its bytes."""
        for offset in range(0, self.size, _BLOCK * self.page):
            yield offset, self.read(offset, _BLOCK * self.page)

    def cells_in(self, offset: int, block: bytes, looks: re.Pattern[bytes]) -> Iterator[Cell]:
        """Every cell in a block whose payload begins with what `looks` describes."""
        for found in looks.finditer(block):
            page_start = found.start() - found.start() % self.page
            page_end = min(page_start + self.page, len(block))
            header = block[found.start() : min(found.start() + block[found.start()], page_end)]
            size = _size_of(header)
            if size is None or size > self.size:
                continue
            stored = min(size, self._local(size))
            if found.start() + stored + (4 if stored < size else 0) > page_end:
                continue
            for rowid in _rowids_before(block[page_start : found.start()], size):
                yield Cell(rowid, size, offset + found.start())

    def values(self, cell: Cell) -> list[Value] | None:
        """The values of a row, read from all its pages; None if it does not hold together."""
        payload = self._payload(cell)
        return None if payload is None else _decoded(payload)

    def trust(self, cell: Cell) -> None:
        """Let a row that was proven be read again as often as anybody likes."""
        self._trusted.add(cell.offset)

    def numbers(self, cell: Cell, count: int) -> list[int] | None:
        """The first values of a row, if all of them are whole numbers; its page alone is read."""
        local = self.read(cell.offset, self._local(cell.size))
        types = _types_of(local[: local[0]]) if local else None
        if (
            types is None
            or len(types) < count
            or any(number in (0, 7) or number > 9 for number in types[:count])
        ):
            return None
        found, place = [], local[0]
        for number in types[:count]:
            found.append(_whole(number, local[place : place + _length(number)]))
            place += _length(number)
        return found

    def _payload(self, cell: Cell) -> bytes | None:
        stored = min(cell.size, self._local(cell.size))
        if stored == cell.size:
            return self.read(cell.offset, stored)
        local = self.read(cell.offset, stored + 4)
        parts, left = [local[:stored]], cell.size - stored
        following = int.from_bytes(local[stored:])
        while left > 0:
            if not 1 < following <= self.size // self.page + 1 or not self._may_follow(cell):
                return None
            data = self.numbered(following)
            following = int.from_bytes(data[:4])
            parts.append(data[4 : 4 + left])
            left -= self.page - 4
        return b"".join(parts)

    def _may_follow(self, cell: Cell) -> bool:
        """Whether one more overflow page of a row may be read, which counts."""
        if cell.offset in self._trusted:
            return True
        place = cell.offset // self.page
        left = self._own.get(place, _OWN // self.page)
        if left > 0:
            self._own[place] = left - 1
            return True
        self._left -= 1
        return self._left >= 0

    def _local(self, size: int) -> int:
        """How many bytes of a payload are kept in the leaf page itself (file format, 1.6: X, M and K)."""
        most = self.page - 35
        if size <= most:
            return size
        least = (self.page - 12) * 32 // 255 - 23
        fitting = least + (size - least) % (self.page - 4)
        return fitting if fitting <= most else least


class Journal(Image):
    """The pages that a rollback journal keeps (file format, 3): those of a commit cut short, as they were before.

    They are looked through like the file itself, and nothing is put back. What a row goes on in is another page of the
    journal, or else of the file.
    """

    def __init__(self, path: str, main: Image) -> None:
        """Open the journal of a file; Unavailable as `Image`."""
        super().__init__(path, main.page)
        self._main = main
        self._places = dict(self._records())
        self.size += main.size

    def numbered(self, number: int) -> bytes:
        """The page with this number as it was before the commit."""
        place = self._places.get(number)
        return self._main.numbered(number) if place is None else self.read(place, self.page)

    def blocks(self) -> Iterator[tuple[int, bytes]]:
        """Each page of the journal, and where it stands there."""
        for place in self._places.values():
            yield place, self.read(place, self.page)

    def _records(self) -> Iterator[tuple[int, int]]:
        """Number and place of each page: after each head come so many records of number, page and checksum."""
        start = 0
        while (head := self.read(start, _JOURNAL_HEAD.size)).startswith(_JOURNAL_MAGIC):
            if len(head) < _JOURNAL_HEAD.size:
                return
            _, count, _, _, sector, page = _JOURNAL_HEAD.unpack(head)
            if page != self.page or not 512 <= sector <= 65536:
                return
            start += sector
            record = 4 + page + 4
            fitting = (self.size - start) // record
            for _ in range(min(count, fitting) or fitting):  # 0, where it was not written on the disk yet
                yield int.from_bytes(self.read(start, 4)), start + 4
                start += record
            start += -start % sector


def _varint(data: bytes, start: int) -> tuple[int, int]:
    """A number of 1 to 9 bytes, big-endian, 7 bits in each but the ninth; and where it ends. Raises IndexError."""
    value = 0
    for place in range(_LONGEST_VARINT - 1):
        byte = data[start + place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, start + place + 1
    return value << 8 | data[start + _LONGEST_VARINT - 1], start + _LONGEST_VARINT


def _as_varint(value: int) -> bytes:
    """A number below 2^56 as SQLite writes it."""
    parts = [value & 0x7F]
    while value := value >> 7:
        parts.append(value & 0x7F | 0x80)
    return bytes(reversed(parts))


def _rowids_before(data: bytes, size: int) -> Iterator[int]:
    """The ids that may be meant by what stands before a payload of this size: its size, then the id."""
    written = _as_varint(size)
    for length in range(1, min(_LONGEST_VARINT, len(data)) + 1):
        number = data[-length:]
        if number[-1] >= 0x80 or any(byte < 0x80 for byte in number[:-1]):
            break
        if data.endswith(written + number):
            yield _varint(number + bytes(_LONGEST_VARINT), 0)[0]


def _types_of(header: bytes) -> list[int] | None:
    """The types of the values that a header announces; None if it is none."""
    types = []
    try:
        size, place = _varint(header, 0)
        while place < size:
            number, place = _varint(header, place)
            types.append(number)
    except IndexError:
        return None
    return types if place == size else None


def _length(number: int) -> int:
    """The bytes of a value of this type."""
    return (number - 12) // 2 if number >= 12 else 8 if number == 7 else _INTEGERS.get(number, 0)


def _whole(number: int, data: bytes) -> int:
    """The whole number of this type."""
    return number - 8 if number >= 8 else int.from_bytes(data, signed=True)


def _size_of(header: bytes) -> int | None:
    """The size of the payload that begins with this header."""
    types = _types_of(header)
    return None if types is None else len(header) + sum(map(_length, types))


def _decoded(payload: bytes) -> list[Value] | None:
    """The values of a payload (file format, 2.1)."""
    types = _types_of(payload[: payload[0]]) if payload else None
    if types is None:
        return None
    values: list[Value] = []
    place = payload[0]
    for number in types:
        data = payload[place : place + _length(number)]
        if len(data) < _length(number) or number in (7, 10, 11):  # a float or what SQLite keeps for itself
            return None
        place += len(data)
        if number == 0:
            values.append(None)
        elif number < 12:
            values.append(_whole(number, data))
        elif number % 2:
            try:
                values.append(data.decode())
            except UnicodeDecodeError:
                return None
        else:
            values.append(data)
    return values
