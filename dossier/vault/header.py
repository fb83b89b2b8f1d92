"""The vault's header: who may open it. Create, open, change what opens it.

Format, big-endian::

    magic 8 bytes | format version 2 bytes = 1 | vault id 16 bytes | key id 2 bytes
    | number of slots 1 byte | slots
    | HMAC-SHA256 of all before it, under a key from the root | SHA-256 of all before it

Three rings of defence. The unkeyed SHA-256 finds every accident first, so that damage is never mistaken for
a wrong passphrase and costs no KDF run; it ends the header in every format version, even ones to come. Each
slot's AEAD binds that slot. The HMAC, checked as soon as the root is known, finds slots added, removed or
swapped; a key file for the agenda alone never knows the root, and trusts its own slot. What none of them finds is
a whole older header of the same root put back: a passphrase replaced since would open the vault again. Only a new
root ends what an old header opens.
"""

from __future__ import annotations

import hmac
import os
import struct
from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING

from dossier.errors import RESTORE, UPDATE, Damaged, Locked, NotFound, Refused, TooNew
from dossier.vault import recovery, slots
from dossier.vault.keys import KEY_BYTES, VAULT_ID_BYTES, Keys, Root, derive, header_key, wipe
from dossier.vault.slots import Place, Slot, SlotType

if TYPE_CHECKING:
    from types import TracebackType

MAGIC = b"\x89dossier"
FORMAT_VERSION = 1
MAX_SLOTS = 16
MAX_HEADER = 64 * 1024
SEE_SLOTS = "see them all: dossier vault slots list"

_WORDS: dict[int, str] = {
    SlotType.PASSPHRASE: "passphrase",
    SlotType.RECOVERY: "recovery code",
    SlotType.KEY_FILE: "key file",
    SlotType.AGENDA_KEY_FILE: "key file for the agenda alone",
}

_HASH_BYTES = 32
_HEAD = struct.Struct(f">8sH{VAULT_ID_BYTES}sHB")
_SHORTEST = _HEAD.size + 2 * _HASH_BYTES


class NewVault:
    """A vault just made: its header, its keys, and the recovery code to show once. Its repr shows nothing."""

    __slots__ = ("header", "keys", "recovery_code")

    def __init__(self, header: bytes, keys: Keys, recovery_code: str) -> None:
        self.header = header
        self.keys = keys
        self.recovery_code = recovery_code

    def __repr__(self) -> str:
        return "NewVault(…)"


class Opened:
    """An opened header: the root, for changing slots, and the class keys.

    As a context manager it wipes the root at the end. Its repr shows nothing.
    """

    __slots__ = ("keys", "root")

    def __init__(self, root: bytearray, keys: Keys) -> None:
        self.root = root
        self.keys = keys

    def __enter__(self) -> Opened:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        wipe(self.root)

    def __repr__(self) -> str:
        return "Opened(…)"


class Header:
    """A parsed header. What it says is proven only by `verify`."""

    __slots__ = ("_mac", "_signed", "key_id", "slots", "vault_id")

    def __init__(
        self, vault_id: bytes, key_id: int, slots: Sequence[Slot], mac: bytes = b"", signed: bytes = b""
    ) -> None:
        self.vault_id = vault_id
        self.key_id = key_id
        self.slots = tuple(slots)
        self._mac = mac
        self._signed = signed

    @property
    def place(self) -> Place:
        """What every slot of this header is bound to."""
        return Place(self.vault_id, self.key_id)

    @classmethod
    def parse(cls, blob: object) -> Header:
        """Read a header strictly; quick whatever the bytes are, and no KDF runs.

        Raises Damaged for anything this program would not have written, TooNew for a later format.
        """
        if not isinstance(blob, bytes) or not blob.startswith(MAGIC):
            raise Damaged("this is not a dossier vault", "check the path given by --vault or DOSSIER_VAULT")
        if not _SHORTEST <= len(blob) <= MAX_HEADER:
            raise Damaged("the vault's header is damaged", RESTORE)
        if sha256(blob[:-_HASH_BYTES]).digest() != blob[-_HASH_BYTES:]:
            raise Damaged("the vault's header is damaged", RESTORE)
        _, version, vault_id, key_id, count = _HEAD.unpack_from(blob)
        if version > FORMAT_VERSION:
            raise TooNew("the vault was written by a newer dossier", UPDATE)
        if version < 1 or count > MAX_SLOTS:
            raise Damaged("the vault's header is damaged", RESTORE)
        end = len(blob) - 2 * _HASH_BYTES
        position = _HEAD.size
        found = []
        for _ in range(count):
            slot, position = slots.read_slot(blob, position, end)
            found.append(slot)
        # One passphrase and one code: a second one would cost another KDF run, or open the vault unnoticed.
        single = [slot.type for slot in found if slot.type in slots.SINGLE]
        if position != end or len({slot.id for slot in found}) != count or len(set(single)) != len(single):
            raise Damaged("the vault's header is damaged", RESTORE)
        return cls(vault_id, key_id, found, blob[end : end + _HASH_BYTES], blob[:end])

    def verify(self, root: Root) -> None:
        """Raise Damaged unless this header was written by somebody who had the root."""
        expected = hmac.digest(header_key(root, self.vault_id), self._signed, "sha256")
        if not hmac.compare_digest(expected, self._mac):
            raise Damaged("the vault's header is not authentic", RESTORE)

    def pack(self, root: Root) -> bytes:
        """The header as it stands in the file, authenticated under the root."""
        signed = _HEAD.pack(MAGIC, FORMAT_VERSION, self.vault_id, self.key_id, len(self.slots))
        signed += b"".join(slot.pack() for slot in self.slots)
        signed += hmac.digest(header_key(root, self.vault_id), signed, "sha256")
        return signed + sha256(signed).digest()

    def next_slot_id(self) -> int:
        """An id above all that are in use."""
        return max((slot.id for slot in self.slots), default=0) + 1

    def replacing(self, new: Slot) -> Header:
        """A header with `new` in place of every slot of its type; the other slots stay."""
        return self._of([*(slot for slot in self.slots if slot.type != new.type), new])

    def adding(self, new: Slot) -> Header:
        """A header with `new` after all others. Raises Refused if there is no room for it."""
        return self._of([*self.slots, new])

    def removing(self, slot_id: int) -> Header:
        """A header without a slot. Raises NotFound if there is none, Refused if nothing would open all of the vault."""
        kept = [slot for slot in self.slots if slot.id != slot_id]
        if len(kept) == len(self.slots):
            raise NotFound(f"the vault has no slot {slot_id}", SEE_SLOTS)
        if not any(slot.type in slots.FULL for slot in kept):
            raise Refused(
                f"slot {slot_id} is the last one that opens all of the vault",
                "add another first: dossier vault slots add, or dossier vault passphrase --new-code",
            )
        return self._of(kept)

    def _of(self, kept: Sequence[Slot]) -> Header:
        if len(kept) > MAX_SLOTS:
            raise Refused(
                f"the vault has {MAX_SLOTS} slots, and no room for another",
                "remove one that nobody uses: dossier vault slots list",
            )
        return Header(self.vault_id, self.key_id, kept)


def found_at(data: bytes, start: int) -> bytes | None:
    """The header that begins there, for whoever looks for one in a damaged file; None if none is whole there."""
    position = start + _HEAD.size
    try:
        if len(data) < position or data[position - 1] > MAX_SLOTS:
            return None
        for _ in range(data[position - 1]):
            _, position = slots.read_slot(data, position, len(data))
        blob = data[start : position + 2 * _HASH_BYTES]
        Header.parse(blob)
    except (Damaged, TooNew):
        return None
    return blob


def ways_in(blob: object) -> str:
    """What opens a header, and since when: `passphrase since 2027-03-10, recovery code since 2027-03-10`."""
    return ", ".join(
        f"{_WORDS.get(slot.type, 'something unknown')} since {slot.created.isoformat()}"
        for slot in Header.parse(blob).slots
    )


def create(passphrase: str, today: date) -> NewVault:
    """A new vault's header and keys, opened by the passphrase or by the recovery code returned."""
    root = bytearray(os.urandom(KEY_BYTES))
    try:
        place = Place(os.urandom(VAULT_ID_BYTES), 1)
        by_passphrase = slots.passphrase_slot(place, 1, today, root, passphrase)
        by_code, code = slots.recovery_slot(place, 2, today, root)
        blob = Header(*place, [by_passphrase, by_code]).pack(root)
        return NewVault(blob, derive(root, *place), code)
    finally:
        wipe(root)


def open_with_passphrase(blob: object, passphrase: str) -> Opened:
    """Open a header by passphrase.

    Raises Damaged and TooNew as `Header.parse`, before the KDF runs; Locked for a wrong passphrase; Damaged
    when the passphrase is right but the header is not authentic.
    """
    header = Header.parse(blob)
    opened = _open(header, SlotType.PASSPHRASE, slots.passphrase_bytes(passphrase))
    if opened is None:
        _need_slot(header, SlotType.PASSPHRASE, "the vault has no passphrase")
        raise Locked("wrong passphrase", "try again, or use the recovery code: dossier vault recover")
    return opened


def open_with_recovery(blob: object, code: str) -> Opened:
    """Open a header by recovery code, however it was typed.

    Raises Usage for a typo, Locked for an outdated or another vault's code, else as `open_with_passphrase`.
    """
    header = Header.parse(blob)
    opened = _open(header, SlotType.RECOVERY, recovery.secret_of(code))
    if opened is None:
        _need_slot(header, SlotType.RECOVERY, "the vault has no recovery code")
        raise Locked("the recovery code is not this vault's", "a newer code may have replaced it")
    return opened


def find_key_file(blob: object, secret: bytes, agenda_only: bool | None = None) -> Slot | None:
    """The slot that a key file opens, by its 32 bytes, of the scope that the file says if that counts; None if none.

    Nothing is opened and nothing is proven. Raises Damaged and TooNew as `Header.parse`.
    """
    header = Header.parse(blob)
    for slot_type in (SlotType.KEY_FILE, SlotType.AGENDA_KEY_FILE):
        if agenda_only in (None, slot_type == SlotType.AGENDA_KEY_FILE):
            for slot in header.slots:
                if slot.type == slot_type and slots.fits(slot, secret):
                    return slot
    return None


def open_with_key_file(blob: object, secret: bytes) -> Opened:
    """Open a header by the 32 bytes of a key file.

    Raises Locked for a file that is not this vault's or that opens the agenda alone, else as `open_with_passphrase`.
    """
    header = Header.parse(blob)
    opened = _open(header, SlotType.KEY_FILE, secret)
    if opened is None:
        raise Locked("the key file does not open this vault", "see what does: dossier status")
    return opened


def agenda_with_key_file(blob: object, secret: bytes) -> Keys:
    """The agenda's key, and no other, by the 32 bytes of a key file that was added for it.

    The header's HMAC is under the root, which this file never gives: that other slots are as they were cannot be seen.
    This slot proves itself, for it is bound to its type, vault and key id; and an envelope opens only under the key
    that closed it. Raises Locked for a file that is not this vault's, Damaged and TooNew as `open_with_passphrase`.
    """
    header = Header.parse(blob)
    for slot in header.slots:
        key = slots.unwrap(header.place, slot, secret) if slot.type == SlotType.AGENDA_KEY_FILE else None
        if key is not None:
            try:
                return Keys(*header.place, agenda=bytes(key))
            finally:
                wipe(key)
    raise Locked("the key file does not open this vault", "see what does: dossier status")


def change_passphrase(blob: object, root: Root, passphrase: str, today: date) -> bytes:
    """The header with a new passphrase in place of the old; the root stays. Raises Damaged, TooNew, Usage."""
    header = Header.parse(blob)
    header.verify(root)
    new = slots.passphrase_slot(header.place, header.next_slot_id(), today, root, passphrase)
    return header.replacing(new).pack(root)


def new_recovery(blob: object, root: Root, today: date) -> tuple[bytes, str]:
    """The header with a new recovery code in place of the old, and that code. Raises Damaged, TooNew."""
    header = Header.parse(blob)
    header.verify(root)
    new, code = slots.recovery_slot(header.place, header.next_slot_id(), today, root)
    return header.replacing(new).pack(root), code


def add_key_file(
    blob: object, root: Root, secret: bytes, today: date, *, agenda_only: bool = False
) -> tuple[bytes, Slot]:
    """The header with a slot for a key file's 32 bytes, and that slot.

    Raises Refused if the file opens the vault already or there is no room, Damaged and TooNew as `Header.parse`.
    """
    header = Header.parse(blob)
    header.verify(root)
    if there := find_key_file(blob, secret):
        raise Refused(
            f"the key file opens slot {there.id} already",
            f"remove that first: dossier vault slots remove {there.id}",
        )
    place, slot_id = header.place, header.next_slot_id()
    if agenda_only:
        agenda = derive(root, *place).agenda
        assert agenda is not None, "derived with all others"
        new = slots.agenda_slot(place, slot_id, today, agenda, secret)
    else:
        new = slots.key_file_slot(place, slot_id, today, root, secret)
    return header.adding(new).pack(root), new


def remove_slot(blob: object, root: Root, slot_id: int) -> bytes:
    """The header without a slot. Raises NotFound and Refused as `Header.removing`, Damaged and TooNew."""
    header = Header.parse(blob)
    header.verify(root)
    return header.removing(slot_id).pack(root)


def _need_slot(header: Header, slot_type: SlotType, missing: str) -> None:
    if not any(slot.type == slot_type for slot in header.slots):
        raise Locked(missing, "see what opens it: dossier status")


def _open(header: Header, slot_type: SlotType, secret: bytes) -> Opened | None:
    for slot in header.slots:
        root = slots.unwrap(header.place, slot, secret) if slot.type == slot_type else None
        if root is not None:
            header.verify(root)
            return Opened(root, derive(root, *header.place))
    return None
