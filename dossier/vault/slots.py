"""Slots: each wraps the vault's root, or one of its keys, under a key of its own.

A slot in the header, big-endian::

    type 1 byte | id 2 bytes | created 4 bytes (proleptic Gregorian ordinal) | body length 2 bytes | body

    types: 1 passphrase | 2 recovery code | 3 key file | 4 key file for the agenda alone

The body of all these::

    KDF 1 byte | memory KiB 4 bytes | passes 4 bytes | lanes 4 bytes | salt 16 bytes | commitment 32 bytes
    | nonce 12 bytes | what it wraps, AES-256-GCM, and tag 48 bytes

What it wraps is the root; in type 4 it is the key of the class `agenda`, from which nothing else follows.
KDF 1 is Argon2id, for what people choose. KDF 2 is none but HKDF, its parameters all 0, for the recovery
code and key files: 140 and 256 random bits are beyond any search, so a slow function would only keep out an
owner with a small machine. From the KDF's output HKDF-SHA256 (salt: the slot's) makes the wrapping key and the
commitment.
AES-GCM alone does not commit to its key (one box can open under two); the commitment does, and tells a
wrong secret from damage. Associated data: a label, vault id, key id, and all of the slot that precedes the
nonce. Types that this program does not know are kept as they are and ignored.
"""

from __future__ import annotations

import os
import struct
from datetime import date
from enum import IntEnum
from hmac import compare_digest
from typing import NamedTuple

from dossier.errors import RESTORE, Damaged, Usage
from dossier.vault import kdf, recovery
from dossier.vault.aead import NONCE_BYTES, TAG_BYTES, Aead
from dossier.vault.kdf import KdfParams
from dossier.vault.keys import KEY_BYTES, Root, hkdf

SALT_BYTES = 16
MAX_BODY = 4096

_HEAD = struct.Struct(">BHIH")
_BODY = struct.Struct(f">BIII{SALT_BYTES}s{KEY_BYTES}s{NONCE_BYTES + KEY_BYTES + TAG_BYTES}s")
_BEFORE_BOX = struct.Struct(f">BIII{SALT_BYTES}s{KEY_BYTES}s")
_LABEL = b"dossier/1/slot"
_NO_PARAMS = KdfParams(0, 0, 0)


class SlotType(IntEnum):
    """What opens a slot."""

    PASSPHRASE = 1
    RECOVERY = 2
    KEY_FILE = 3
    AGENDA_KEY_FILE = 4


FULL = frozenset({SlotType.PASSPHRASE, SlotType.RECOVERY, SlotType.KEY_FILE})
"""The types that wrap the root: whoever opens one can read and write everything."""

SINGLE = frozenset({SlotType.PASSPHRASE, SlotType.RECOVERY})
"""The types of which a vault has one slot at most."""

KNOWN = frozenset(SlotType)


class Kdf(IntEnum):
    """How a slot's secret becomes a key."""

    ARGON2ID = 1
    HKDF = 2


class Place(NamedTuple):
    """The root that a slot belongs to: every slot is bound to it."""

    vault_id: bytes
    key_id: int


class Wrap(NamedTuple):
    """The body of a slot of a known type; `box` is nonce | what it wraps | tag."""

    kdf: Kdf
    params: KdfParams
    salt: bytes
    commitment: bytes
    box: bytes


class Slot(NamedTuple):
    """One slot. `type` is a plain number, for it may be one that this program does not know."""

    type: int
    id: int
    created: date
    body: bytes

    def pack(self) -> bytes:
        """The slot as it stands in the header."""
        return _HEAD.pack(self.type, self.id, self.created.toordinal(), len(self.body)) + self.body

    def wrap(self) -> Wrap:
        """The parsed body of a known type. Raises Damaged for what this program would not have written."""
        if len(self.body) != _BODY.size:
            raise Damaged(f"slot {self.id} of the vault is damaged")
        algorithm, memory, passes, lanes, salt, commitment, box = _BODY.unpack(self.body)
        params = KdfParams(memory, passes, lanes)
        expected = Kdf.ARGON2ID if self.type == SlotType.PASSPHRASE else Kdf.HKDF
        if algorithm != expected or (expected is Kdf.HKDF and params != _NO_PARAMS):
            raise Damaged(f"slot {self.id} of the vault is damaged")
        if expected is Kdf.ARGON2ID:
            kdf.check(params)
        return Wrap(expected, params, salt, commitment, box)


def read_slot(blob: bytes, start: int, end: int) -> tuple[Slot, int]:
    """The slot at `start` and where the next one begins. Raises Damaged; nothing beyond `end` is touched."""
    if end - start < _HEAD.size:
        raise Damaged("the vault's header is cut short")
    slot_type, slot_id, ordinal, length = _HEAD.unpack_from(blob, start)
    body = start + _HEAD.size
    if length > MAX_BODY or end - body < length:
        raise Damaged(f"slot {slot_id} of the vault is damaged")
    if not 1 <= ordinal <= date.max.toordinal():
        raise Damaged(f"slot {slot_id} of the vault has no date")
    slot = Slot(slot_type, slot_id, date.fromordinal(ordinal), blob[body : body + length])
    if slot_type in KNOWN:
        slot.wrap()
    return slot, body + length


def passphrase_slot(place: Place, slot_id: int, created: date, root: Root, passphrase: str) -> Slot:
    """A slot that a passphrase opens, at today's cost. Raises Usage for an empty passphrase."""
    secret = passphrase_bytes(passphrase)
    return _new_slot(place, SlotType.PASSPHRASE, slot_id, created, root, secret, Kdf.ARGON2ID, kdf.DEFAULT)


def recovery_slot(
    place: Place, slot_id: int, created: date, root: Root, code: str | None = None
) -> tuple[Slot, str]:
    """A slot that a recovery code opens, and that code: a fresh one, unless one is given that never opened anything."""
    code = recovery.new_code() if code is None else code
    secret = recovery.secret_of(code)
    return _new_slot(place, SlotType.RECOVERY, slot_id, created, root, secret, Kdf.HKDF, _NO_PARAMS), code


def key_file_slot(place: Place, slot_id: int, created: date, root: Root, secret: bytes) -> Slot:
    """A slot that a key file opens, by its 32 random bytes."""
    return _new_slot(place, SlotType.KEY_FILE, slot_id, created, root, secret, Kdf.HKDF, _NO_PARAMS)


def agenda_slot(place: Place, slot_id: int, created: date, agenda: bytes, secret: bytes) -> Slot:
    """A slot that a key file opens, by its 32 random bytes, for the agenda's key and nothing else."""
    return _new_slot(place, SlotType.AGENDA_KEY_FILE, slot_id, created, agenda, secret, Kdf.HKDF, _NO_PARAMS)


def fits(slot: Slot, secret: bytes) -> bool:
    """Whether the secret is this slot's, by its commitment; nothing is opened, so nothing is proven."""
    wrap = slot.wrap()
    _, commitment = _keys(wrap.kdf, wrap.params, wrap.salt, secret)
    return compare_digest(commitment, wrap.commitment)


def unwrap(place: Place, slot: Slot, secret: bytes) -> bytearray | None:
    """What the slot wraps, or None when the secret is not its own. Raises Damaged when it is, but the box is not.

    Whoever alters the salt, the cost or the commitment of a slot (and mends the header's checksum) makes the
    right secret look wrong for that slot: without the root nothing can tell the two apart.
    """
    wrap = slot.wrap()
    key, commitment = _keys(wrap.kdf, wrap.params, wrap.salt, secret)
    if not compare_digest(commitment, wrap.commitment):
        return None
    before_box = slot.pack()[: _HEAD.size + _BEFORE_BOX.size]
    wrapped = Aead(key).open(wrap.box, _associated(place, before_box))
    if wrapped is None:
        raise Damaged(f"slot {slot.id} of the vault is damaged", f"try the recovery code, or {RESTORE}")
    return bytearray(wrapped)


def passphrase_bytes(passphrase: str) -> bytes:
    """A passphrase as key material: UTF-8 of its NFC form, so that every keyboard gives the same bytes.

    Raises Usage when it is empty or holds what no keyboard types (lone surrogates).
    """
    import unicodedata

    if not passphrase:
        raise Usage("the passphrase is empty", "several words that nobody would guess make a good one")
    if any(unicodedata.category(character) == "Cs" for character in passphrase):
        raise Usage("the passphrase is not valid UTF-8 text", "check how it is handed to dossier")
    return unicodedata.normalize("NFC", passphrase).encode()


def _new_slot(
    place: Place,
    slot_type: SlotType,
    slot_id: int,
    created: date,
    wrapped: Root,
    secret: bytes,
    algorithm: Kdf,
    params: KdfParams,
) -> Slot:
    salt = os.urandom(SALT_BYTES)
    key, commitment = _keys(algorithm, params, salt, secret)
    before_box = _HEAD.pack(slot_type, slot_id, created.toordinal(), _BODY.size) + _BEFORE_BOX.pack(
        algorithm, *params, salt, commitment
    )
    box = Aead(key).seal(wrapped, _associated(place, before_box))
    return Slot(slot_type, slot_id, created, before_box[_HEAD.size :] + box)


def _keys(algorithm: Kdf, params: KdfParams, salt: bytes, secret: bytes) -> tuple[bytes, bytes]:
    """The wrapping key and its commitment."""
    stretched = kdf.stretch(secret, salt, params) if algorithm is Kdf.ARGON2ID else secret
    return hkdf(stretched, salt, _LABEL + b"/wrap"), hkdf(stretched, salt, _LABEL + b"/commit")


def _associated(place: Place, before_box: bytes) -> bytes:
    return _LABEL + place.vault_id + place.key_id.to_bytes(2) + before_box
