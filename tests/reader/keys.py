"""Header, slots, secrets, keys and envelopes: sections 2 to 5 of docs/vault-format.md."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Refused(Exception):
    """The file is damaged or not authentic: nothing more of it was read."""


class NoVault(Refused):
    """The file is no vault at all."""


class TooNew(Refused):
    """The file is of a later format than this reader's."""


class OlderCopy(Refused):
    """The header or the manifest is an older copy than the other."""


class Locked(Exception):
    """The secret opens no slot of its type."""


class NoSecret(Exception):
    """What was given is no passphrase, recovery code or key file at all; nothing was derived."""


MAGIC = bytes.fromhex("89646f7373696572")
PASSPHRASE, RECOVERY, KEY_FILE, AGENDA_KEY_FILE = 1, 2, 3, 4
KDF_OF = {PASSPHRASE: 1, RECOVERY: 2, KEY_FILE: 2, AGENDA_KEY_FILE: 2}
LAST_DAY = 3_652_059
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

Cost = tuple[int, int, int]  # KiB, passes, lanes
FLOOR: Cost = (65_536, 1, 1)
CEILING: Cost = (1_048_576, 16, 16)


@dataclass(frozen=True)
class Secret:
    """What somebody has, and the one type of slot that it may open."""

    slot_type: int
    data: bytes


@dataclass(frozen=True)
class Slot:
    """One slot of a header."""

    type: int
    id: int
    raw: bytes

    def cost(self) -> Cost:
        """Argon2id's memory, passes and lanes; zeros for a key."""
        return number(self.raw[10:14]), number(self.raw[14:18]), number(self.raw[18:22])


@dataclass(frozen=True)
class Header:
    """A header of which nothing was proved yet but its SHA-256."""

    raw: bytes
    vault_id: bytes
    key_id: bytes
    slots: tuple[Slot, ...]
    end: int  # where the slots end, E on the page

    def digest(self) -> bytes:
        """What the manifest must know of it."""
        return hashlib.sha256(self.raw).digest()


@dataclass(frozen=True)
class Keys:
    """The keys that a slot gave; only the first of them from a key file for the agenda."""

    agenda: bytes
    dossier: bytes = b""
    seal: bytes = b""
    rowset: bytes = b""
    sealed: bytes = b""


def number(data: bytes) -> int:
    """Unsigned and big-endian."""
    return int.from_bytes(data, "big")


# --- Secrets ---------------------------------------------------------------------------------------------------------


def passphrase(text: str) -> Secret:
    """The secret of a passphrase."""
    if not text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise NoSecret("that is no passphrase")
    return Secret(PASSPHRASE, unicodedata.normalize("NFC", text).encode())


def recovery_code(text: str) -> Secret:
    """The secret of a recovery code as somebody typed it."""
    letters = [
        letter
        for letter in unicodedata.normalize("NFKC", text).upper()
        if not letter.isspace() and unicodedata.category(letter) not in ("Pd", "Pc", "Cf", "Cc")
    ]
    code = "".join(letters).translate(str.maketrans("OIL", "011"))
    if len(code) != 35 or set(code) - set(ALPHABET):
        raise NoSecret("a recovery code has seven groups of five letters and digits")
    for group in range(7):
        digits = [ALPHABET.index(letter) for letter in code[group * 5 : group * 5 + 5]]
        if digits[4] != _check(digits[:4]) ^ (group + 1):
            raise NoSecret(f"group {group + 1} of the recovery code has a typo")
    return Secret(RECOVERY, code.encode())


def _check(digits: list[int]) -> int:
    """The digits as coefficients of a, a², a³, a⁴ in GF(32); by Horner's rule from the last."""
    value = 0
    for digit in reversed(digits):
        value = (value ^ digit) << 1
        if value & 32:
            value ^= 0b100101
    return value


def key_file(path: Path) -> Secret:
    """The secret of a key file; its own word says what it may open."""
    line = path.read_bytes().split(b"\n")[0].removesuffix(b"\r")
    found = re.fullmatch(rb"dossier-(agenda-)?key-1-([0-9a-f]{72})", line)
    if found is None:
        raise NoSecret("that is no key file")
    data = bytes.fromhex(found[2].decode())
    if hashlib.sha256(data[:32]).digest()[:4] != data[32:]:
        raise NoSecret("the key file was changed")
    return Secret(AGENDA_KEY_FILE if found[1] else KEY_FILE, data[:32])


# --- Header and slots ------------------------------------------------------------------------------------------------


def read_header(raw: bytes, floor: Cost = FLOOR) -> Header:
    """The header's parts, checked in the page's order, without any key."""
    if raw[:8] != MAGIC:
        raise Refused("the header does not begin as one")
    if not 93 <= len(raw) <= 65_536:
        raise Refused("the header is too short or too long")
    if hashlib.sha256(raw[:-32]).digest() != raw[-32:]:
        raise Refused("the header is damaged")
    if (version := number(raw[8:10])) > 1:
        raise TooNew(f"the header has format {version}")
    if version == 0:
        raise Refused("the header has no format")
    if raw[28] > 16:
        raise Refused("the header has too many slots")
    end = len(raw) - 64
    slots = tuple(_slot(each, floor) for each in _cut(raw[28], raw[29:end]))
    if len({slot.id for slot in slots}) != len(slots):
        raise Refused("two slots share an id")
    types = [slot.type for slot in slots]
    if types.count(PASSPHRASE) > 1 or types.count(RECOVERY) > 1:
        raise Refused("two slots are for a passphrase, or for a recovery code")
    return Header(raw, raw[10:26], raw[26:28], slots, end)


def _cut(count: int, data: bytes) -> list[bytes]:
    """The slots as they stand one after the other."""
    slots = []
    for _ in range(count):
        length = 9 + number(data[7:9])
        if len(data) < length:
            raise Refused("a slot is cut off")
        slots.append(data[:length])
        data = data[length:]
    if data:
        raise Refused("something follows the slots")
    return slots


def _slot(raw: bytes, floor: Cost) -> Slot:
    slot = Slot(raw[0], number(raw[1:3]), raw)
    if not 1 <= number(raw[3:7]) <= LAST_DAY or len(raw) > 9 + 4096:
        raise Refused("a slot's head is out of bounds")
    if slot.type not in KDF_OF:
        return slot
    if len(raw) != 130 or raw[9] != KDF_OF[slot.type]:
        raise Refused("a slot has another length or KDF than its type's")
    cost = slot.cost()
    if slot.type == PASSPHRASE:
        if not all(low <= it <= high for low, it, high in zip(floor, cost, CEILING, strict=True)):
            raise Refused("a slot's cost is out of bounds")
        if cost[0] * cost[1] > 4_194_304:
            raise Refused("a slot's cost is out of bounds")
    elif any(cost):
        raise Refused("a slot that needs no cost has one")
    return slot


def open_slot(header: Header, secret: Secret) -> Keys:
    """Try the secret on the slots of its type, and derive the keys."""
    for slot in header.slots:
        if slot.type == secret.slot_type and (opened := _opened(header, slot, secret.data)) is not None:
            if slot.type == AGENDA_KEY_FILE:
                return Keys(agenda=opened)
            return _derived(header, opened)
    raise Locked("the secret opens nothing here")


def _opened(header: Header, slot: Slot, secret: bytes) -> bytes | None:
    raw, salt = slot.raw, slot.raw[22:38]
    stretched = secret
    if raw[9] == 1:
        memory, passes, lanes = slot.cost()
        kdf = Argon2id(salt=salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory)
        stretched = kdf.derive(secret)
    if not hmac.compare_digest(_hkdf(stretched, salt, b"dossier/1/slot/commit"), raw[38:70]):
        return None
    wrapping = _hkdf(stretched, salt, b"dossier/1/slot/wrap")
    bound = b"dossier/1/slot" + header.vault_id + header.key_id + raw[:70]
    return unboxed(wrapping, raw[70:82], raw[82:], bound, f"slot {slot.id}")


def _derived(header: Header, root: bytes) -> Keys:
    names = ("header", "agenda", "dossier", "seal")
    prover, agenda, dossier, seal = (
        _hkdf(root, header.vault_id, f"dossier/1/{name}".encode()) for name in names
    )
    proof = hmac.digest(prover, header.raw[: header.end], "sha256")
    if not hmac.compare_digest(proof, header.raw[header.end : header.end + 32]):
        raise Refused("the header is not authentic")
    rowset = hashlib.blake2b(key=seal, person=b"dossier/1/rowset", digest_size=32).digest()
    sealed = hashlib.blake2b(key=seal, person=b"dossier/1/sealed", digest_size=32).digest()
    return Keys(agenda, dossier, seal, rowset, sealed)


def _hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(secret)


# --- Envelopes -------------------------------------------------------------------------------------------------------


def unboxed(key: bytes, nonce: bytes, box: bytes, bound: bytes, what: str) -> bytes:
    """Decrypt, or refuse."""
    try:
        return AESGCM(key).decrypt(nonce, box, bound)
    except (InvalidTag, ValueError):
        raise Refused(f"{what} is not authentic") from None


def padded(length: int) -> int:
    """The length of a plaintext that has `length` bytes before its zeros (Padmé, 64 at least)."""
    if length <= 64:
        return 64
    exponent = length.bit_length() - 1
    step = 1 << (exponent - exponent.bit_length())
    return -(-length // step) * step


def open_envelope(header: Header, key: bytes, envelope: object, place: bytes, what: str) -> bytes:
    """The payload; `place` is what the associated data says after the vault id: table id, class, kind, uid."""
    if not isinstance(envelope, bytes) or len(envelope) < 96:
        raise Refused(f"{what} is no envelope")
    if envelope[:4] != b"\x01\x01" + header.key_id:
        raise Refused(f"{what} has another version, suite or key id")
    bound = envelope[:4] + header.vault_id + place
    plain = unboxed(key, envelope[4:16], envelope[16:], bound, what)
    length = number(plain[:4])
    if 4 + length > len(plain):
        raise Refused(f"{what} is longer than it can be")
    return plain[4 : 4 + length]


def json_object(payload: bytes, what: str) -> dict[str, Any]:
    """The payload of kind 0."""
    try:
        value = json.loads(payload.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refused(f"{what} holds no JSON") from None
    if not isinstance(value, dict):
        raise Refused(f"{what} holds no object")
    return value


def _no_number(word: str) -> Any:
    raise ValueError(word)
