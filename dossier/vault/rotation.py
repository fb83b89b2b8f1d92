"""A new root for a vault that stands: the header that replaces the old one, and what has to be given for it.

The new root has the next key id, to which all its slots and envelopes are bound: no slot and no header of an older root
opens anything written under it. A slot wraps the root under a secret, so the secrets have to be there: the passphrase's
slot and those of the key files given are made anew, the recovery code is a new one, and every other slot ends.
"""

from __future__ import annotations

import hmac
import os
from datetime import date
from typing import NamedTuple

from dossier.errors import Failed, Locked
from dossier.vault import slots
from dossier.vault.header import (
    Header,
    Opened,
    find_key_file,
    open_with_key_file,
    open_with_passphrase,
)
from dossier.vault.key_file import KeyFile
from dossier.vault.keys import KEY_BYTES, Keys, Root, derive, subkey, wipe
from dossier.vault.recovery import secret_of
from dossier.vault.slots import Place, Slot, SlotType

LAST_KEY_ID = (1 << 16) - 1

_BEGUN = b"dossier/1/begun"


class Secrets(NamedTuple):
    """What opens the vault and goes on opening it: its passphrase, None if it has none, and key files."""

    passphrase: str | None
    key_files: tuple[KeyFile, ...] = ()

    def __repr__(self) -> str:
        return "Secrets(…)"


def needs_passphrase(blob: object) -> bool:
    """Whether the header has a slot for a passphrase, which only the passphrase can make anew."""
    return any(slot.type == SlotType.PASSPHRASE for slot in Header.parse(blob).slots)


def open_root(blob: object, secrets: Secrets) -> Opened:
    """Open a header by the passphrase; where there is none, by the first key file that opens all of the vault.

    Raises Locked if nothing does, else as `open_with_passphrase`.
    """
    if secrets.passphrase is not None:
        return open_with_passphrase(blob, secrets.passphrase)
    for file in secrets.key_files:
        if not file.agenda_only and find_key_file(blob, *file) is not None:
            return open_with_key_file(blob, file.secret)
    raise _nothing_opens()


def next_root(old: object, secrets: Secrets, today: date) -> tuple[bytes, Opened]:
    """The root that comes after that of the header `old`, opened, and a header that one secret alone opens.

    It is for a file in the making: whoever copies that before it is done gets no more ways to the root than those that
    `whole_header` leaves, whatever becomes of the run. Raises Failed when there were as many roots as can be counted.
    """
    before = Header.parse(old)
    if before.key_id == LAST_KEY_ID:
        raise Failed("the vault's keys were changed as often as can be counted", "make a new vault")
    place = Place(before.vault_id, before.key_id + 1)
    root = bytearray(os.urandom(KEY_BYTES))
    try:
        slot = _openers_slot(old, place, root, secrets, today)
        return Header(*place, [slot]).pack(root), Opened(root, derive(root, *place))
    except BaseException:
        wipe(root)
        raise


def is_begun(blob: object) -> bool:
    """Whether a header is as `next_root` makes it: with one slot, so that nothing else ever opened its root."""
    return len(Header.parse(blob).slots) == 1


def fingerprint(keys: Keys, code: str | None = None) -> str:
    """Of keys, or of a recovery code that was made for them, in hex: only whoever has the keys can compare.

    Raises Usage for what is no code.
    """
    assert keys.seal is not None, "a rotation has all keys"
    said = b"" if code is None else secret_of(code)
    return hmac.digest(subkey(keys.seal, _BEGUN), said, "sha256").hex()


def whole_header(
    old: object, begun: object, root: Root, secrets: Secrets, today: date, code: str | None = None
) -> tuple[bytes, str]:
    """The header to put in place of `begun`, which `next_root` made from `old`, when all is done; its recovery code.

    The passphrase, all key files of the secrets, and the recovery code open it: `code`, or a new one.
    """
    header, before = Header.parse(begun), Header.parse(old)
    header.verify(root)
    after, next_id = Header(*header.place, ()), before.next_slot_id()
    for slot in header.slots:
        if slot.type == SlotType.PASSPHRASE:
            after = after.adding(slot)
    recovery, code = slots.recovery_slot(header.place, next_id + 1, today, root, code)
    after = after.adding(recovery)
    for slot_id, file in enumerate(secrets.key_files, next_id + 2):
        after = after.adding(_key_files_slot(old, header.place, slot_id, root, file, today))
    return after.pack(root), code


def left_behind(old: object, secrets: Secrets) -> list[Slot]:
    """The slots of a header that a new root leaves without a successor: those of key files that were not given."""
    kept = [found.id for file in secrets.key_files if (found := find_key_file(old, *file)) is not None]
    return [slot for slot in Header.parse(old).slots if slot.type not in slots.SINGLE and slot.id not in kept]


def _openers_slot(old: object, place: Place, root: Root, secrets: Secrets, today: date) -> Slot:
    """What `open_root` opens, with an id above all of the old header: an id never means two things to anybody."""
    next_id = Header.parse(old).next_slot_id()
    if secrets.passphrase is not None:
        return slots.passphrase_slot(place, next_id, today, root, secrets.passphrase)
    for file in secrets.key_files:
        if not file.agenda_only:
            return _key_files_slot(old, place, next_id, root, file, today)
    raise _nothing_opens()


def _key_files_slot(old: object, place: Place, slot_id: int, root: Root, file: KeyFile, today: date) -> Slot:
    if find_key_file(old, *file) is None:
        raise Locked("the key file does not open this vault", "see what does: dossier status")
    if not file.agenda_only:
        return slots.key_file_slot(place, slot_id, today, root, file.secret)
    agenda = derive(root, *place).agenda
    assert agenda is not None, "derived with all others"
    return slots.agenda_slot(place, slot_id, today, agenda, file.secret)


def _nothing_opens() -> Locked:
    return Locked("the vault has no passphrase", "give a key file that opens all of it: --keep-key-file FILE")
