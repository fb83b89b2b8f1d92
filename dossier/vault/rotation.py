"""A new root for a vault that stands: the header that replaces the old one, and what has to be given for it.

The new root has the next key id, to which all its slots and envelopes are bound: no slot and no header of an older root
opens anything written under it. A slot wraps the root under a secret, so the secrets have to be there: the passphrase's
slot and those of the key files given are made anew, the recovery code is a new one, and every other slot ends.
"""

from __future__ import annotations

import os
from datetime import date
from typing import NamedTuple

from dossier.errors import Failed, Locked
from dossier.vault import slots
from dossier.vault.header import (
    Header,
    NewVault,
    Opened,
    find_key_file,
    open_with_key_file,
    open_with_passphrase,
)
from dossier.vault.key_file import KeyFile
from dossier.vault.keys import KEY_BYTES, Root, derive, wipe
from dossier.vault.slots import Place, Slot, SlotType

LAST_KEY_ID = (1 << 16) - 1


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
    raise Locked("the vault has no passphrase", "give a key file that opens all of it: --keep-key-file FILE")


def next_root(old: object, secrets: Secrets, today: date) -> NewVault:
    """The header of the root that comes after that of the header `old`, its keys, and the recovery code to show once.

    Raises Failed when there were as many roots as can be counted.
    """
    place = Header.parse(old).place
    if place.key_id == LAST_KEY_ID:
        raise Failed("the vault's keys were changed as often as can be counted", "make a new vault")
    place = Place(place.vault_id, place.key_id + 1)
    root = bytearray(os.urandom(KEY_BYTES))
    try:
        header, code = _header(old, place, root, secrets, today, None)
        assert code is not None, "made with the header"
        return NewVault(header, derive(root, *place), code)
    finally:
        wipe(root)


def same_root(
    old: object, begun: object, root: Root, secrets: Secrets, today: date, *, keep_code: bool
) -> tuple[bytes, str | None]:
    """A header in place of `begun`, which `next_root` made from `old`: its root, these secrets, another recovery code.

    Also that code; None where the one of `begun` is to be kept.
    """
    header = Header.parse(begun)
    header.verify(root)
    recovery = next((slot for slot in header.slots if slot.type == SlotType.RECOVERY), None)
    return _header(old, header.place, root, secrets, today, recovery if keep_code else None)


def left_behind(old: object, secrets: Secrets) -> list[Slot]:
    """The slots of a header that a new root leaves without a successor: those of key files that were not given."""
    kept = [found.id for file in secrets.key_files if (found := find_key_file(old, *file)) is not None]
    return [slot for slot in Header.parse(old).slots if slot.type not in slots.SINGLE and slot.id not in kept]


def _header(
    old: object, place: Place, root: Root, secrets: Secrets, today: date, recovery: Slot | None
) -> tuple[bytes, str | None]:
    before = Header.parse(old)
    after = Header(*place, ())
    next_id = before.next_slot_id()  # an id never means two things to somebody who wrote one down
    code = None
    if secrets.passphrase is not None:
        after = after.adding(slots.passphrase_slot(place, next_id, today, root, secrets.passphrase))
    if recovery is None:
        recovery, code = slots.recovery_slot(place, next_id + 1, today, root)
    after = after.adding(recovery)
    for slot_id, file in enumerate(secrets.key_files, next_id + 2):
        if find_key_file(old, *file) is None:
            raise Locked("the key file does not open this vault", "see what does: dossier status")
        if file.agenda_only:
            agenda = derive(root, *place).agenda
            assert agenda is not None, "derived with all others"
            after = after.adding(slots.agenda_slot(place, slot_id, today, agenda, file.secret))
        else:
            after = after.adding(slots.key_file_slot(place, slot_id, today, root, file.secret))
    return after.pack(root), code
