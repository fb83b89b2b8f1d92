"""The files in a damaged vault: chunks that decrypt in their place come over, and holes are told of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import NamedTuple

from dossier.domain.limits import LINE_LIMIT
from dossier.store import chunks
from dossier.store.catalog import Attachment, Change
from dossier.store.database import Database
from dossier.store.journal import stub
from dossier.store.pages import CHUNK, Cell, Image
from dossier.store.salvage.found import Found
from dossier.vault import stream
from dossier.vault.keys import Keys
from dossier.vault.stream import StreamKey

_ATTACHMENT = Attachment.table.name

_Places = dict[int, list[tuple[Image, Cell]]]
"""Where each chunk of a file may be, by its number."""


class Incomplete(NamedTuple):
    """A file of which some chunks are lost."""

    id: int
    name: str
    chunks: int
    missing: int


def rescue_files(database: Database, found: Found) -> list[Incomplete]:
    """Bring the chunks of every file over, of those too that `undo` could bring back; the files with holes."""
    files: dict[int, Attachment] = {}
    removals: dict[int, list[int]] = {}
    for change in found.changes():
        for removed in chunks.removed_in(change):
            files[removed.id] = removed
            removals.setdefault(removed.id, []).append(change.id)
    for key in found.everything():
        if key[0] == _ATTACHMENT:
            record = found.record(key)
            assert isinstance(record, Attachment)
            files[record.id] = record
            removals.pop(record.id, None)
    incomplete = []
    places = _find_chunks(found, {number: record.chunks or 0 for number, record in files.items()})
    for number, record in files.items():
        there = _Chunks(record, found.rows.cipher.keys, places.get(number, {}))
        missing = there.missing()
        if not missing:
            chunks.write(database, number, there.stored())
        elif number in removals:
            for change_id in removals[number]:
                _forget_removed(found, change_id, number)
        else:
            incomplete.append(Incomplete(number, str(record.name), there.count, missing))
            if missing < there.count:
                found.made[_ATTACHMENT, number] = there.patched(database)
            else:
                found.lose((_ATTACHMENT, number), record.uid.hex())
    return incomplete


def _find_chunks(found: Found, wanted: Mapping[int, int]) -> dict[int, _Places]:
    """Where the chunks of these files may be; of each file as many as it has."""
    places: dict[int, _Places] = {}
    for image in found.images if wanted else ():
        for offset, block in image.blocks():
            for cell in image.cells_in(offset, block, CHUNK):
                match image.numbers(cell, 2):
                    case [file, number] if 0 <= number < wanted.get(file, 0):
                        places.setdefault(file, {}).setdefault(number, []).append((image, cell))
    return places


def _forget_removed(found: Found, number: int, attachment_id: int) -> None:
    """Let the journal no longer offer to bring back a file whose chunks are lost."""
    key = Change.table.name, number
    change = found.record(key)
    assert isinstance(change, Change)
    bared = change.replace(
        rows=[
            stub(line) if (line["table"], line["id"]) == (_ATTACHMENT, attachment_id) else line
            for line in change.rows
        ]
    )
    bared.version += 1
    found.made[key] = bared


class _Chunks:
    """The chunks of one file, as far as they are there."""

    def __init__(self, record: Attachment, keys: Keys, places: _Places) -> None:
        self._record = record
        self._places = places
        self._key = StreamKey.parse(str(record.key))
        self._where = stream.place(keys, record.uid)
        self.count = record.chunks or 0

    def missing(self) -> int:
        """How many are not there or not authentic."""
        return sum(self._open(number)[1] is None for number in range(self.count))

    def stored(self) -> Iterator[bytes]:
        """All of them as they are stored."""
        for number in range(self.count):
            yield self._open(number)[0]

    def patched(self, database: Database) -> Attachment:
        """Write the file anew under a key of its own, with zeros in its holes; its record."""
        key, digest = StreamKey.new(), sha256()

        def pieces() -> Iterator[bytes]:
            left = self._record.size or 0
            for number in range(self.count):
                piece = (self._open(number)[1] or bytes(stream.CHUNK_BYTES))[:left]
                left -= len(piece)
                digest.update(piece)
                yield piece

        chunks.write(database, self._record.id, stream.encrypt(key, self._where, pieces()))
        name = f"(incomplete) {self._record.name}"[:LINE_LIMIT].strip()
        record = self._record.replace(name=name, key=key.hex(), digest=digest.hexdigest())
        record.version += 1
        return record

    def _open(self, number: int) -> tuple[bytes, bytes | None]:
        """A chunk as it is stored, and what it holds; None if there is none that is authentic.

        Of all the places where it may be, only the one that was proven is looked at a second time.
        """
        for image, cell in self._places.pop(number, ()):
            values = image.values(cell)
            data = values[2] if values is not None and len(values) == 3 else None
            if isinstance(data, bytes) and len(data) <= stream.LARGEST_CHUNK:
                last = number == self.count - 1
                piece = stream.decrypt_chunk(self._key, self._where, number, data, last=last)
                if piece is not None:
                    image.trust(cell)
                    self._places[number] = [(image, cell)]
                    return data, piece
        return b"", None
