"""Envelopes: the secret fields of one row and key class, encrypted, authenticated, padded.

Format, big-endian::

    version 1 byte = 1 | suite 1 byte = 1 | key id 2 bytes | nonce 12 bytes | AES-256-GCM ciphertext and tag

    plaintext        length 4 bytes | payload | zeros up to `padded_size`
    associated data  version | suite | key id | vault id 16 bytes | table id 2 bytes | class 1 byte
                     | kind 1 byte | row uid

Of the associated data only the uid has no fixed length, and it stands last, so no two places share one.
`kind` keeps fields (a JSON object, 0) and raw bytes (1) apart.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping

from dossier.errors import Damaged, Locked, Usage
from dossier.vault.aead import NONCE_BYTES, TAG_BYTES, Aead
from dossier.vault.keys import CLASS_NUMBERS, KeyClass, Keys, subkey

JSON = str | int | float | bool | None | list["JSON"] | dict[str, "JSON"]

VERSION = 1
SUITE_AES_256_GCM = 1
PADDING_FLOOR = 64

CALENDAR_TABLE = 0xFF01
MANIFEST_TABLE = 0xFF02
ROTATION_TABLE = 0xFF03
"""Table ids from 0xFF00 on are no tables: they name the sealed things that a vault has one of."""

_HEADER = struct.Struct(">BBH")
_PLACE = struct.Struct(">HBB")
_LENGTH = struct.Struct(">I")
_SHORTEST = _HEADER.size + NONCE_BYTES + PADDING_FLOOR + TAG_BYTES
_FIELDS, _BYTES = 0, 1

_to_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_from_json = json.JSONDecoder().decode


def padded_size(size: int) -> int:
    """The length that `size` bytes are padded to: Padmé with a floor of 64 bytes.

    Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs",
    PETS 2019) keeps only the leading bits of a length, so an observer learns O(log log n) bits of it for an
    overhead of at most 12 %, falling with size.
    """
    if size <= PADDING_FLOOR:
        return PADDING_FLOOR
    exponent = size.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (size + mask) & ~mask


class Cipher:
    """Encrypts and decrypts the envelopes of one vault with the keys at hand.

    `cryptography` is imported when the first envelope is touched, so that a locked command never pays for it.
    Safe to share between threads.
    """

    __slots__ = ("_aeads", "_head", "_places", "keys")

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self._head = _HEADER.pack(VERSION, SUITE_AES_256_GCM, keys.key_id)
        self._aeads: dict[str, Aead] = {}
        self._places: dict[tuple[int, str, int], tuple[Aead, bytes]] = {}

    def can_open(self, key_class: str) -> bool:
        """Whether the key of this class is at hand."""
        return self.keys.of(key_class) is not None

    def encrypt(self, table_id: int, key_class: str, uid: bytes, fields: Mapping[str, JSON]) -> bytes:
        """The envelope of a row's secret fields of one class; nulls are left out, empty looks like full.

        Raises Locked without the key, Usage for text that no file can hold (lone surrogates).
        """
        text = _to_json({name: value for name, value in fields.items() if value is not None})
        payload = _encoded(text)
        if payload is None:
            raise Usage("the text holds half a character and cannot be stored", "type or paste it again")
        return self._seal((table_id, key_class, _FIELDS), uid, payload)

    def decrypt(self, table_id: int, key_class: str, uid: bytes, blob: object) -> dict[str, JSON]:
        """The fields that `encrypt` was given for this place.

        Raises Locked without the key; Damaged when the envelope was changed, cut, or belongs elsewhere.
        """
        fields: dict[str, JSON] = _from_json(self._open((table_id, key_class, _FIELDS), uid, blob).decode())
        return fields

    def opener(self, table_id: int, key_class: str) -> Callable[[bytes, object], bytes]:
        """`decrypt` for a walk over a whole table: given uid and envelope, it gives the JSON as it was stored."""
        aead, place = self._place((table_id, key_class, _FIELDS))
        head = self._head
        return lambda uid, blob: _payload(aead, head, place + uid, blob)

    def sealer(self, table_id: int, key_class: str) -> Callable[[bytes, bytes], bytes]:
        """The other way: given uid and the JSON that an `opener` gave, it gives the envelope."""
        where = table_id, key_class, _FIELDS
        return lambda uid, payload: self._seal(where, uid, payload)

    def encrypt_bytes(self, table_id: int, key_class: str, uid: bytes, payload: bytes) -> bytes:
        """The envelope of raw bytes, for what is no row: the calendar, the manifest. Raises Locked."""
        return self._seal((table_id, key_class, _BYTES), uid, payload)

    def decrypt_bytes(self, table_id: int, key_class: str, uid: bytes, blob: object) -> bytes:
        """The bytes that `encrypt_bytes` was given for this place. Raises Locked and Damaged as `decrypt`."""
        return self._open((table_id, key_class, _BYTES), uid, blob)

    def _seal(self, where: tuple[int, str, int], uid: bytes, payload: bytes) -> bytes:
        aead, place = self._place(where)
        size = _LENGTH.size + len(payload)
        plain = _LENGTH.pack(len(payload)) + payload + bytes(padded_size(size) - size)
        return self._head + aead.seal(plain, place + uid)

    def _open(self, where: tuple[int, str, int], uid: bytes, blob: object) -> bytes:
        aead, place = self._place(where)
        return _payload(aead, self._head, place + uid, blob)

    def _place(self, where: tuple[int, str, int]) -> tuple[Aead, bytes]:
        return self._places.get(where) or self._new_place(where)

    def _new_place(self, where: tuple[int, str, int]) -> tuple[Aead, bytes]:
        table_id, key_class, kind = where
        aead = self._aeads.get(key_class) or self._new_aead(key_class)
        place = self._head + self.keys.vault_id + _PLACE.pack(table_id, CLASS_NUMBERS[key_class], kind)
        self._places[where] = aead, place
        return aead, place

    def _new_aead(self, key_class: str) -> Aead:
        key = self.keys.of(key_class)
        if key is None:
            raise Locked(f"the {key_class} key is not at hand", "run: dossier unlock")
        if key_class == KeyClass.SEAL:  # the seal key itself keys BLAKE2b (see seals.py)
            key = subkey(key, b"dossier/1/sealed")
        aead = self._aeads[key_class] = Aead(key)
        return aead


def _payload(aead: Aead, head: bytes, associated: bytes, blob: object) -> bytes:
    """What an envelope holds, without its padding. Raises Damaged."""
    if not isinstance(blob, bytes) or len(blob) < _SHORTEST:  # a hostile file may hold any type anywhere
        raise Damaged("an encrypted value is missing or cut short")
    if not blob.startswith(head):
        raise Damaged("an encrypted value is damaged or was written under another key")
    plain = aead.open(blob[_HEADER.size :], associated)
    if plain is None:
        raise Damaged("an encrypted value is damaged or not in its place")
    (length,) = _LENGTH.unpack_from(plain)
    return plain[_LENGTH.size : _LENGTH.size + length]


def _encoded(text: str) -> bytes | None:
    """UTF-8, or None for lone surrogates: the codec's error holds the text and must not be a context."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return None
