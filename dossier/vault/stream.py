"""STREAM: a file of any length encrypted in chunks, of which none can be changed, moved, left out or cut off.

The construction of Hoang, Reyhanitabar, Rogaway and Vizár, "Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance" (CRYPTO 2015, section 7), with AES-256-GCM, under a random key for each file::

    plaintext        content | zeros up to `padded_size` of its length, cut into chunks of 64 KiB, the last one shorter
    nonce            prefix 7 bytes, random for each file | number of the chunk from 0, 4 bytes | 1 for the last, else 0
    associated data  `dossier/1/stream` | vault id 16 bytes | key id 2 bytes | uid of the attachment 16 bytes
    chunk            AES-256-GCM ciphertext and tag; the nonce is not stored

Numbers are big-endian. The file's key, the prefix and its length are kept in the attachment's own envelope. No nonce
comes twice under a key: numbers differ, and a key encrypts one file once.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Self

from dossier.errors import Damaged
from dossier.vault.aead import TAG_BYTES
from dossier.vault.envelope import padded_size
from dossier.vault.keys import KEY_BYTES, Keys

CHUNK_BYTES = 64 * 1024
"""Plaintext in each chunk but the last."""

LARGEST_CHUNK = CHUNK_BYTES + TAG_BYTES
"""Bytes of the largest chunk as it is stored."""

_PREFIX_BYTES = 7
_LABEL = b"dossier/1/stream"
_KEY_ID = struct.Struct(">H")
_PLACE_IN_STREAM = struct.Struct(">IB")
_MOST_CHUNKS = 1 << 32


class StreamKey(NamedTuple):
    """What opens one file: its AES-256 key, and what its nonces begin with."""

    key: bytes
    prefix: bytes

    @classmethod
    def new(cls) -> Self:
        """A random one; for one file, to be encrypted once."""
        return cls(os.urandom(KEY_BYTES), os.urandom(_PREFIX_BYTES))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key that `hex` wrote; Damaged if it wrote no such thing."""
        try:
            found = bytes.fromhex(text)
        except (ValueError, TypeError):
            found = b""  # the error holds the text, and must not be the context of ours
        if len(found) != KEY_BYTES + _PREFIX_BYTES:
            raise Damaged("the key of an attachment is not one that dossier wrote")
        return cls(found[:KEY_BYTES], found[KEY_BYTES:])

    def hex(self) -> str:
        """Both as text, for the attachment's envelope."""
        return (self.key + self.prefix).hex()

    def __repr__(self) -> str:
        return "StreamKey(…)"


def place(keys: Keys, uid: bytes) -> bytes:
    """What binds a file's chunks to the attachment that they belong to: its vault, the vault's root, its uid."""
    return _LABEL + keys.vault_id + _KEY_ID.pack(keys.key_id) + uid


def chunks_of(size: int) -> int:
    """How many chunks a file of `size` bytes makes."""
    return -(-padded_size(size) // CHUNK_BYTES)


def encrypt(key: StreamKey, where: bytes, content: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks of a file, given in pieces of any length; `where` is its `place`. At most two chunks are held."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    aead = AESGCM(key.key)
    number, ahead = 0, None
    for chunk in _in_chunks(_padded(content)):
        if ahead is not None:
            yield aead.encrypt(_nonce(key, number, last=False), ahead, where)
            number += 1
        ahead = chunk
    assert ahead is not None, "padding makes at least one chunk"
    yield aead.encrypt(_nonce(key, number, last=True), ahead, where)


def decrypt(key: StreamKey, where: bytes, size: int, chunks: Iterable[object]) -> Iterator[bytes]:
    """The content that `encrypt` was given, `size` bytes in all, a piece for each chunk.

    Every piece is authentic; whether it was all is known when the iterator ends. Raises Damaged for a chunk that was
    changed, belongs elsewhere or is of a type that dossier never writes, and for one too many or too few.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    aead = AESGCM(key.key)
    last, left = chunks_of(size) - 1, size
    number = -1
    for number, chunk in enumerate(chunks):
        if number > last:
            raise Damaged("it has more chunks than it was stored with")
        if not isinstance(chunk, bytes) or not TAG_BYTES <= len(chunk) <= LARGEST_CHUNK:
            raise Damaged(f"its chunk {number} is missing or not one that dossier wrote")
        try:
            piece = aead.decrypt(_nonce(key, number, last=number == last), chunk, where)
        except InvalidTag:
            piece = None
        if piece is None:
            raise Damaged(f"its chunk {number} is damaged or not in its place")
        yield piece[:left]
        left -= min(left, len(piece))
    if number < last or left:
        raise Damaged("it has fewer chunks than it was stored with")


def decrypt_chunk(key: StreamKey, where: bytes, number: int, chunk: bytes, *, last: bool) -> bytes | None:
    """One chunk by itself, padding included, to rescue what is left of a file; None if it is not authentic."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key.key).decrypt(_nonce(key, number, last=last), chunk, where)
    except InvalidTag:
        return None


def _nonce(key: StreamKey, number: int, *, last: bool) -> bytes:
    assert number < _MOST_CHUNKS, "a counter never runs over: no file is that long"
    return key.prefix + _PLACE_IN_STREAM.pack(number, last)


def _padded(content: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for piece in content:
        size += len(piece)
        yield piece
    left = padded_size(size) - size
    while left:
        zeros = bytes(min(left, CHUNK_BYTES))
        left -= len(zeros)
        yield zeros


def _in_chunks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of `CHUNK_BYTES`, the last one shorter; none is empty."""
    gathered = bytearray()
    for piece in pieces:
        if not gathered and len(piece) == CHUNK_BYTES:
            yield piece
            continue
        gathered += piece
        while len(gathered) >= CHUNK_BYTES:
            yield bytes(gathered[:CHUNK_BYTES])
            del gathered[:CHUNK_BYTES]
    if gathered:
        yield bytes(gathered)
