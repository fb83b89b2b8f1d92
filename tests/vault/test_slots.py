"""Slots of key files: what each opens, that it opens nothing else, and that nobody can make more of it."""

from __future__ import annotations

import os
import random
from contextlib import suppress
from hashlib import sha256
from typing import NamedTuple

import pytest

from dossier.errors import Damaged, DossierError, Locked, NotFound, Refused
from dossier.vault import header, kdf, slots
from dossier.vault.envelope import Cipher
from dossier.vault.header import MAX_SLOTS, Header, NewVault
from dossier.vault.slots import Slot, SlotType
from tests.vault.conftest import PASSPHRASE, TODAY

HEAD, SLOT = 29, 130
"""Bytes before the slots, and of each."""


class Equipped(NamedTuple):
    """A vault with two key files: slot 3 opens all of it, slot 4 the agenda."""

    blob: bytes
    root: bytearray
    full: bytes
    scoped: bytes
    vault: NewVault


@pytest.fixture(scope="module")
def equipped(vault: NewVault) -> Equipped:
    root = header.open_with_passphrase(vault.header, PASSPHRASE).root
    full, scoped = os.urandom(32), os.urandom(32)
    blob, _ = header.add_key_file(vault.header, root, full, TODAY)
    blob, _ = header.add_key_file(blob, root, scoped, TODAY, agenda_only=True)
    return Equipped(blob, root, full, scoped, vault)


def resealed(signed: bytes, mac: bytes) -> bytes:
    """A header whose checksum is right, as an attacker would mend it."""
    return signed + mac + sha256(signed + mac).digest()


# --- What each opens


def test_a_full_key_file_opens_what_the_passphrase_opens(equipped: Equipped) -> None:
    opened = header.open_with_key_file(equipped.blob, equipped.full)
    keys = equipped.vault.keys
    assert opened.root == equipped.root
    assert (opened.keys.agenda, opened.keys.dossier, opened.keys.seal) == (
        keys.agenda,
        keys.dossier,
        keys.seal,
    )
    assert header.open_with_passphrase(equipped.blob, PASSPHRASE).root == equipped.root
    assert header.open_with_recovery(equipped.blob, equipped.vault.recovery_code).root == equipped.root


def test_a_scoped_key_file_gives_the_agendas_key_and_no_other(equipped: Equipped) -> None:
    keys = header.agenda_with_key_file(equipped.blob, equipped.scoped)
    whole = equipped.vault.keys
    assert (keys.vault_id, keys.key_id, keys.agenda) == (whole.vault_id, whole.key_id, whole.agenda)
    assert (keys.dossier, keys.seal, keys.full) == (None, None, False)
    assert Cipher(keys).can_open("agenda")
    assert not Cipher(keys).can_open("dossier")


def test_each_file_opens_by_its_own_way_alone(equipped: Equipped) -> None:
    for opening in (header.open_with_key_file, header.agenda_with_key_file):
        with pytest.raises(Locked, match="does not open this vault"):
            opening(equipped.blob, os.urandom(32))
    with pytest.raises(Locked):
        header.open_with_key_file(equipped.blob, equipped.scoped)
    with pytest.raises(Locked):
        header.agenda_with_key_file(equipped.blob, equipped.full)


def test_a_file_is_found_without_opening_anything(equipped: Equipped) -> None:
    found = [header.find_key_file(equipped.blob, secret) for secret in (equipped.full, equipped.scoped)]
    assert [slot and (slot.type, slot.id) for slot in found] == [(3, 3), (4, 4)]
    assert header.find_key_file(equipped.blob, os.urandom(32)) is None
    assert header.find_key_file(equipped.vault.header, equipped.full) is None


def test_the_same_file_opens_two_vaults(equipped: Equipped) -> None:
    other = header.create(PASSPHRASE, TODAY)
    root = header.open_with_passphrase(other.header, PASSPHRASE).root
    blob, _ = header.add_key_file(other.header, root, equipped.full, TODAY)
    assert header.open_with_key_file(blob, equipped.full).keys.agenda == other.keys.agenda


def test_no_slow_function_runs_for_a_key_file(equipped: Equipped, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kdf, "stretch", lambda *_, **__: pytest.fail("Argon2id ran"))
    assert header.open_with_key_file(equipped.blob, equipped.full).keys.full
    assert header.agenda_with_key_file(equipped.blob, equipped.scoped).agenda


def test_no_secret_stands_in_the_header(equipped: Equipped) -> None:
    keys = equipped.vault.keys
    for secret in (
        equipped.full,
        equipped.scoped,
        bytes(equipped.root),
        keys.agenda,
        keys.dossier,
        keys.seal,
    ):
        assert secret is not None
        assert secret not in equipped.blob


# --- Adding and removing


def test_several_of_each_fit(equipped: Equipped) -> None:
    blob, files = equipped.blob, []
    for number in range(MAX_SLOTS - 4):
        files.append(os.urandom(32))
        blob, slot = header.add_key_file(blob, equipped.root, files[-1], TODAY, agenda_only=bool(number % 2))
        assert slot.id == number + 5
    for number, secret in enumerate(files):
        if number % 2:
            assert header.agenda_with_key_file(blob, secret).agenda == equipped.vault.keys.agenda
        else:
            assert header.open_with_key_file(blob, secret).root == equipped.root
    with pytest.raises(Refused, match="no room"):
        header.add_key_file(blob, equipped.root, os.urandom(32), TODAY)
    changed = header.change_passphrase(blob, equipped.root, "a new one", TODAY)
    assert len(Header.parse(changed).slots) == MAX_SLOTS


@pytest.mark.parametrize("agenda_only", [True, False])
def test_a_file_that_opens_the_vault_already_is_refused(equipped: Equipped, agenda_only: bool) -> None:
    for secret, number in ((equipped.full, 3), (equipped.scoped, 4)):
        with pytest.raises(Refused, match=f"slot {number} already"):
            header.add_key_file(equipped.blob, equipped.root, secret, TODAY, agenda_only=agenda_only)


def test_adding_and_removing_need_the_root(equipped: Equipped) -> None:
    with pytest.raises(Damaged):
        header.add_key_file(equipped.blob, os.urandom(32), os.urandom(32), TODAY)
    with pytest.raises(Damaged):
        header.remove_slot(equipped.blob, os.urandom(32), 3)


def test_what_is_removed_opens_nothing(equipped: Equipped) -> None:
    without_full = header.remove_slot(equipped.blob, equipped.root, 3)
    with pytest.raises(Locked):
        header.open_with_key_file(without_full, equipped.full)
    assert header.agenda_with_key_file(without_full, equipped.scoped).agenda
    without_scoped = header.remove_slot(equipped.blob, equipped.root, 4)
    with pytest.raises(Locked):
        header.agenda_with_key_file(without_scoped, equipped.scoped)
    assert header.open_with_key_file(without_scoped, equipped.full).keys.full


def test_a_slot_that_is_not_there(equipped: Equipped) -> None:
    with pytest.raises(NotFound, match="no slot 9"):
        header.remove_slot(equipped.blob, equipped.root, 9)


@pytest.mark.parametrize("last", [1, 2, 3])
def test_the_last_slot_that_opens_everything_cannot_go(equipped: Equipped, last: int) -> None:
    blob = equipped.blob
    for other in {1, 2, 3} - {last}:
        blob = header.remove_slot(blob, equipped.root, other)
    with pytest.raises(Refused, match=f"slot {last} is the last"):
        header.remove_slot(blob, equipped.root, last)
    assert Header.parse(header.remove_slot(blob, equipped.root, 4)).slots[0].id == last


def test_a_slot_of_a_later_program_can_go_but_counts_for_nothing(equipped: Equipped) -> None:
    parsed = Header.parse(equipped.blob)
    later = Slot(77, 9, TODAY, os.urandom(300))
    blob = Header(*parsed.place, [later, parsed.slots[0]]).pack(equipped.root)
    with pytest.raises(Refused):
        header.remove_slot(blob, equipped.root, 1)
    assert [slot.id for slot in Header.parse(header.remove_slot(blob, equipped.root, 9)).slots] == [1]


def test_what_is_gone_is_said(equipped: Equipped) -> None:
    only_file = header.remove_slot(header.remove_slot(equipped.blob, equipped.root, 1), equipped.root, 2)
    with pytest.raises(Locked, match="the vault has no passphrase"):
        header.open_with_passphrase(only_file, PASSPHRASE)
    with pytest.raises(Locked, match="the vault has no recovery code"):
        header.open_with_recovery(only_file, equipped.vault.recovery_code)
    changed = header.change_passphrase(only_file, equipped.root, "a new one", TODAY)
    assert header.open_with_passphrase(changed, "a new one").keys.full


# --- Tampering


OPENINGS = {
    SlotType.KEY_FILE: header.open_with_key_file,
    SlotType.AGENDA_KEY_FILE: header.agenda_with_key_file,
}


def attack(equipped: Equipped, position: int, change: int) -> None:
    """Change one byte of the slots, mend the checksum, and try both key files."""
    signed = bytearray(equipped.blob[:-64])
    signed[position] ^= change
    blob = resealed(bytes(signed), equipped.blob[-64:-32])
    hurt = (position - HEAD) // SLOT
    within = (position - HEAD) % SLOT
    with pytest.raises(DossierError) as caught:
        header.open_with_key_file(blob, equipped.full)
    # A foreign file only where the byte is in this very slot: its type, salt or commitment; else it is damage.
    assert isinstance(caught.value, Damaged | (Locked if hurt == 2 else Damaged))
    if hurt == 3:
        with pytest.raises((Damaged, Locked)):
            header.agenda_with_key_file(blob, equipped.scoped)
    elif within >= 9:  # the body of another slot, which the HMAC covers and this file cannot verify
        with suppress(Damaged):
            assert header.agenda_with_key_file(blob, equipped.scoped).agenda == equipped.vault.keys.agenda


@pytest.mark.parametrize("slot", [2, 3], ids=["full", "scoped"])
def test_every_changed_byte_of_a_slot_is_noticed(equipped: Equipped, slot: int) -> None:
    chance = random.Random(slot)
    for position in range(HEAD + slot * SLOT, HEAD + (slot + 1) * SLOT):
        for change in (0x01, 0x80, chance.randrange(1, 256)):
            attack(equipped, position, change)


def test_a_changed_byte_anywhere_else_gives_no_other_key(equipped: Equipped) -> None:
    for position in range(HEAD, HEAD + 2 * SLOT, 3):
        attack(equipped, position, 0xFF)


@pytest.mark.parametrize(("number", "becomes"), [(3, SlotType.AGENDA_KEY_FILE), (4, SlotType.KEY_FILE)])
def test_a_slot_that_is_labelled_as_another_scope_is_damage(
    equipped: Equipped, number: int, becomes: SlotType
) -> None:
    """Whoever has the scoped file makes its slot a full one; with the vault's own root, so that only the slot tells."""
    parsed = Header.parse(equipped.blob)
    labelled = [slot._replace(type=becomes) if slot.id == number else slot for slot in parsed.slots]
    blob = Header(*parsed.place, labelled).pack(equipped.root)
    with pytest.raises(Damaged, match=f"slot {number}"):
        OPENINGS[becomes](blob, equipped.full if number == 3 else equipped.scoped)


def test_a_body_in_a_slot_of_another_scope_is_damage(equipped: Equipped) -> None:
    parsed = Header.parse(equipped.blob)
    one, two, full, scoped = parsed.slots
    swapped = [one, two, full._replace(body=scoped.body), scoped._replace(body=full.body)]
    blob = Header(*parsed.place, swapped).pack(equipped.root)
    with pytest.raises(Damaged, match="slot 3"):
        header.open_with_key_file(blob, equipped.scoped)
    with pytest.raises(Damaged, match="slot 4"):
        header.agenda_with_key_file(blob, equipped.full)


def test_a_slot_of_another_vault_or_root_is_damage(equipped: Equipped) -> None:
    """The same file opens another vault: its slot there is grafted onto this one."""
    other = header.create(PASSPHRASE, TODAY)
    root = header.open_with_passphrase(other.header, PASSPHRASE).root
    blob, grafted = header.add_key_file(other.header, root, equipped.scoped, TODAY, agenda_only=True)
    parsed = Header.parse(equipped.blob)
    for place in (parsed.place, parsed.place._replace(key_id=2)):
        with pytest.raises(Damaged):
            header.agenda_with_key_file(
                Header(*place, [*parsed.slots[:3], grafted]).pack(equipped.root), equipped.scoped
            )
    assert header.agenda_with_key_file(blob, equipped.scoped).agenda == other.keys.agenda


def test_a_key_file_that_somebody_else_added_is_not_authentic(equipped: Equipped) -> None:
    """Without the root nobody adds a file, not even for a root of their own."""
    mine = os.urandom(32)
    parsed = Header.parse(equipped.blob)
    added = slots.key_file_slot(parsed.place, 9, TODAY, os.urandom(32), mine)
    blob = resealed(
        Header(*parsed.place, [*parsed.slots, added]).pack(bytes(32))[:-64], equipped.blob[-64:-32]
    )
    with pytest.raises(Damaged, match="not authentic"):
        header.open_with_key_file(blob, mine)
    with pytest.raises(Damaged, match="not authentic"):
        header.open_with_key_file(blob, equipped.full)


@pytest.mark.parametrize("slot_type", [3, 4])
def test_a_body_that_we_never_write_is_damage(equipped: Equipped, slot_type: int) -> None:
    parsed = Header.parse(equipped.blob)
    for body in (b"", os.urandom(121), parsed.slots[0].body, parsed.slots[2].body + b"\0"):
        blob = Header(*parsed.place, [*parsed.slots, Slot(slot_type, 9, TODAY, body)]).pack(equipped.root)
        with pytest.raises(Damaged):
            Header.parse(blob)
