"""Seals: proof that every row is as `dossier` wrote it, and that all of them are there.

A row's seal is a keyed BLAKE2b-256 (RFC 7693) over an encoding that no two different rows share: the number
of plain values and of envelopes first, then each with a type tag, and a length where its type leaves it open.
The manifest is the sum of all rows' elements, so that a row taken away, added, doubled or put back shows.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from hashlib import blake2b, sha256
from hmac import compare_digest
from typing import TYPE_CHECKING

from dossier.errors import RESTORE, Damaged, Locked
from dossier.vault.envelope import MANIFEST_TABLE
from dossier.vault.keys import KeyClass, Keys, subkey

if TYPE_CHECKING:
    from dossier.vault.envelope import Cipher

SEAL_BYTES = 32
SUM_BYTES = 64
HEADER_BYTES = 32
CHECK = f"see: dossier vault check; or {RESTORE}"

_ROW = b"dossier/1/row"
_MULTISET = b"dossier/1/rowset"
_START = struct.Struct(">HqHHI")
_INTEGER = struct.Struct(">cq")
_REAL = struct.Struct(">cd")
_LENGTH = struct.Struct(">cI")
_ELEMENT = struct.Struct(">HI")
_STATE = struct.Struct(f">B{SUM_BYTES}sQQQ{HEADER_BYTES}s")
_STATE_VERSION = 1
_MODULUS = 1 << (8 * SUM_BYTES)


def row_seal(
    seal_key: bytes,
    table_id: int,
    uid: bytes,
    version: int,
    plain: Sequence[int | float | str | None],
    envelopes: Sequence[bytes],
) -> bytes:
    """The 32-byte seal of a row: its place, version, plain columns in catalogue order, and envelopes.

    Values are sealed as SQLite gives them back: a bool is its integer, -0.0 is 0.0. Raises Damaged for a blob
    among the plain values: only a hostile file has one.
    """
    parts = [_START.pack(table_id, version, len(plain), len(envelopes), len(uid)), uid]
    add = parts.append
    for value in plain:
        if value is None:
            add(b"0")
        elif isinstance(value, str):
            text = value.encode()
            add(_LENGTH.pack(b"s", len(text)))
            add(text)
        elif isinstance(value, int):
            add(_INTEGER.pack(b"i", value))
        elif isinstance(value, float):
            add(_REAL.pack(b"f", value + 0.0))
        else:
            raise Damaged("it holds a value of a kind that dossier never writes", CHECK)
    for envelope in envelopes:
        add(_LENGTH.pack(b"e", len(envelope)))
        add(envelope)
    return blake2b(b"".join(parts), key=seal_key, person=_ROW, digest_size=SEAL_BYTES).digest()


def check_row_seal(
    seal_key: bytes,
    seal: object,
    table_id: int,
    uid: bytes,
    version: int,
    plain: Sequence[int | float | str | None],
    envelopes: Sequence[bytes],
) -> None:
    """Compare a stored seal with the row's, in constant time. Raises Damaged when they differ."""
    expected = row_seal(seal_key, table_id, uid, version, plain, envelopes)
    if not isinstance(seal, bytes) or not compare_digest(seal, expected):
        raise Damaged("it is not as dossier wrote it", CHECK)


class Manifest:
    """What must be in the vault: a multiset hash of all rows, their number, and two counters.

    MSet-Add-Hash (Clarke, Devadas, van Dijk, Gassend, Suh: "Incremental Multiset Hash Functions and Their
    Application to Memory Integrity Checking", ASIACRYPT 2003): each row's element is a keyed BLAKE2b-512 of
    its table, uid and seal, and elements are added modulo 2^512, so a change costs two additions whatever the
    number of rows. The construction's random mask hides the sum; ours is never seen, for the manifest is
    stored encrypted under the seal class.

    `generation` counts the vault's changes (`bump` once per transaction), `journal` is the number of the last
    journal entry; both are the gate's to set. `header` is the SHA-256 of the header that was written last, so that no
    other one is taken for it, not even an older one of the same vault.
    """

    __slots__ = ("_key", "count", "generation", "header", "journal", "total")

    def __init__(
        self,
        keys: Keys,
        total: int = 0,
        count: int = 0,
        generation: int = 0,
        journal: int = 0,
        header: bytes = bytes(HEADER_BYTES),
    ) -> None:
        """The manifest of an empty vault, or with the values given. Raises Locked without the seal key."""
        if keys.seal is None:
            raise Locked("changing or checking the vault needs all of its keys", "run: dossier unlock")
        self._key = subkey(keys.seal, _MULTISET)
        self.total = total
        self.count = count
        self.generation = generation
        self.journal = journal
        self.header = header

    def add(self, table_id: int, uid: bytes, seal: bytes) -> None:
        """Count a row in."""
        self.total = (self.total + self._element(table_id, uid, seal)) % _MODULUS
        self.count += 1

    def remove(self, table_id: int, uid: bytes, seal: bytes) -> None:
        """Count a row out, with the seal it had. Raises Damaged when there is none left to take."""
        if self.count == 0:
            raise Damaged("the vault holds a record that its manifest does not know", CHECK)
        self.total = (self.total - self._element(table_id, uid, seal)) % _MODULUS
        self.count -= 1

    def bump(self) -> None:
        """Start the next generation."""
        self.generation += 1

    def know_header(self, header: bytes) -> None:
        """Take this header for the one that was written last."""
        self.header = self.digest(header)

    def knows_header(self, header: bytes) -> bool:
        """Whether this header is the one that was written last."""
        return compare_digest(self.header, self.digest(header))

    @staticmethod
    def digest(header: bytes) -> bytes:
        """What a manifest knows a header by."""
        return sha256(header).digest()

    def same_rows(self, other: Manifest) -> bool:
        """Whether both stand for the same rows, whatever their counters."""
        return self.total == other.total and self.count == other.count

    def to_blob(self, cipher: Cipher) -> bytes:
        """The manifest encrypted and authenticated under the seal class."""
        state = _STATE.pack(
            _STATE_VERSION,
            self.total.to_bytes(SUM_BYTES),
            self.count,
            self.generation,
            self.journal,
            self.header,
        )
        return cipher.encrypt_bytes(MANIFEST_TABLE, KeyClass.SEAL, b"", state)

    @classmethod
    def from_blob(cls, cipher: Cipher, blob: object) -> Manifest:
        """What `to_blob` wrote. Raises Damaged when it is missing or forged, Locked without the key."""
        if blob is None:
            raise Damaged("the vault's manifest is missing", CHECK)
        state = cipher.decrypt_bytes(MANIFEST_TABLE, KeyClass.SEAL, b"", blob)
        if len(state) != _STATE.size or state[0] != _STATE_VERSION:
            raise Damaged("the vault's manifest cannot be read", CHECK)
        _, total, count, generation, journal, header = _STATE.unpack(state)
        return cls(cipher.keys, int.from_bytes(total), count, generation, journal, header)

    def _element(self, table_id: int, uid: bytes, seal: bytes) -> int:
        data = _ELEMENT.pack(table_id, len(uid)) + uid + seal
        return int.from_bytes(blake2b(data, key=self._key, digest_size=SUM_BYTES).digest())
