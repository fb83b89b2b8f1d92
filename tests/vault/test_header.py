"""The header: what opens a vault, what does not, and how damage is told from a wrong passphrase."""

from __future__ import annotations

import hmac
import os
import random
import runpy
from hashlib import sha256

import pytest

from dossier.errors import Damaged, DossierError, Locked, TooNew, Unavailable, Usage
from dossier.vault import header, kdf, recovery, slots
from dossier.vault.header import Header, NewVault
from dossier.vault.kdf import KdfParams
from dossier.vault.keys import header_key
from dossier.vault.slots import Slot, SlotType
from tests.vault.conftest import PASSPHRASE, TINY, TODAY


def resealed(signed: bytes, mac: bytes = bytes(32)) -> bytes:
    """A header whose checksum is right, as an attacker would mend it."""
    return signed + mac + sha256(signed + mac).digest()


HEAD, SLOT = 29, 130
"""Bytes before the slots, and of each."""


def root_of(vault: NewVault) -> bytearray:
    return header.open_with_passphrase(vault.header, PASSPHRASE).root


@pytest.fixture
def no_kdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails the test as soon as a key is derived from anything."""

    def refuse(*_: object, **__: object) -> bytes:
        pytest.fail("a key derivation ran")

    monkeypatch.setattr(kdf, "stretch", refuse)
    monkeypatch.setattr(slots, "hkdf", refuse)


# --- Opening


def test_passphrase_and_recovery_code_give_the_same_keys(vault: NewVault) -> None:
    by_passphrase = header.open_with_passphrase(vault.header, PASSPHRASE)
    by_code = header.open_with_recovery(vault.header, vault.recovery_code)
    assert by_passphrase.root == by_code.root
    for opened in (by_passphrase, by_code):
        assert opened.keys.full
        assert opened.keys.vault_id == vault.keys.vault_id
        assert opened.keys.key_id == vault.keys.key_id == 1
        assert opened.keys.agenda == vault.keys.agenda
        assert opened.keys.dossier == vault.keys.dossier
        assert opened.keys.seal == vault.keys.seal


def test_two_vaults_share_nothing() -> None:
    one, other = (header.create(PASSPHRASE, TODAY) for _ in range(2))
    assert one.keys.vault_id != other.keys.vault_id
    assert one.keys.agenda != other.keys.agenda
    with pytest.raises(Locked, match="not this vault's"):
        header.open_with_recovery(one.header, other.recovery_code)


def test_a_wrong_passphrase_is_locked(vault: NewVault) -> None:
    for wrong in (PASSPHRASE + " ", PASSPHRASE.upper(), "x"):
        with pytest.raises(Locked, match="wrong passphrase") as caught:
            header.open_with_passphrase(vault.header, wrong)
        assert wrong not in caught.value.message.split()


def test_every_normal_form_of_a_passphrase_opens() -> None:
    made = header.create("Zo\u00eb \u1ec7 \uac01", TODAY)
    assert header.open_with_passphrase(made.header, "Zoe\u0308 e\u0323\u0302 \u1100\u1161\u11a8").keys.full


@pytest.mark.parametrize("passphrase", ["", "half a \ud83d character"])
def test_a_passphrase_that_cannot_be_is_refused_without_telling_it(passphrase: str) -> None:
    with pytest.raises(Usage) as caught:
        header.create(passphrase, TODAY)
    assert caught.value.__context__ is None


def test_a_typo_in_the_code_is_no_wrong_code(vault: NewVault) -> None:
    wrong = "1" if vault.recovery_code[0] != "1" else "2"
    with pytest.raises(Usage, match="typo in group 1 "):
        header.open_with_recovery(vault.header, wrong + vault.recovery_code[1:])


def test_the_header_says_when_and_how(vault: NewVault) -> None:
    parsed = Header.parse(vault.header)
    assert [(slot.type, slot.id, slot.created) for slot in parsed.slots] == [(1, 1, TODAY), (2, 2, TODAY)]
    assert [slot.wrap().params for slot in parsed.slots] == [TINY, KdfParams(0, 0, 0)]


def test_no_secret_in_reprs_or_the_header(vault: NewVault) -> None:
    opened = header.open_with_passphrase(vault.header, PASSPHRASE)
    secret = opened.root.hex()
    shown = f"{vault!r} {opened!r} {Header.parse(vault.header)!r} {Header.parse(vault.header).slots!r}"
    for hidden in (secret, repr(bytes(opened.root))[2:-1], vault.recovery_code, PASSPHRASE):
        assert hidden not in shown
    assert bytes(opened.root) not in vault.header
    assert PASSPHRASE.encode() not in vault.header


def test_the_root_is_wiped_when_done(vault: NewVault) -> None:
    with header.open_with_passphrase(vault.header, PASSPHRASE) as opened:
        assert any(opened.root)
    assert opened.root == bytes(32)


# --- Changing what opens it


def test_a_new_passphrase_replaces_the_old(vault: NewVault) -> None:
    changed = header.change_passphrase(vault.header, root_of(vault), "a new one", TODAY)
    assert header.open_with_passphrase(changed, "a new one").keys.agenda == vault.keys.agenda
    assert header.open_with_recovery(changed, vault.recovery_code).keys.agenda == vault.keys.agenda
    with pytest.raises(Locked):
        header.open_with_passphrase(changed, PASSPHRASE)
    assert sorted(slot.id for slot in Header.parse(changed).slots) == [2, 3]


def test_a_new_recovery_code_replaces_the_old(vault: NewVault) -> None:
    changed, code = header.new_recovery(vault.header, root_of(vault), TODAY)
    assert header.open_with_recovery(changed, code).keys.agenda == vault.keys.agenda
    assert header.open_with_passphrase(changed, PASSPHRASE).keys.agenda == vault.keys.agenda
    with pytest.raises(Locked):
        header.open_with_recovery(changed, vault.recovery_code)


def test_changing_needs_this_vaults_root(vault: NewVault) -> None:
    with pytest.raises(Damaged):
        header.change_passphrase(vault.header, os.urandom(32), "a new one", TODAY)
    with pytest.raises(Damaged):
        header.new_recovery(vault.header, os.urandom(32), TODAY)


def test_unknown_slots_are_kept_and_ignored(vault: NewVault) -> None:
    root = root_of(vault)
    parsed = Header.parse(vault.header)
    later = Slot(77, 9, TODAY, os.urandom(300))
    blob = Header(*parsed.place, [later, *parsed.slots]).pack(root)
    assert header.open_with_passphrase(blob, PASSPHRASE).keys.full
    changed = header.change_passphrase(blob, root, "a new one", TODAY)
    assert later in Header.parse(changed).slots
    assert header.open_with_passphrase(changed, "a new one").keys.full


def test_a_vault_without_such_a_slot_is_locked(vault: NewVault) -> None:
    parsed = Header.parse(vault.header)
    only_code = Header(*parsed.place, parsed.slots[1:]).pack(root_of(vault))
    with pytest.raises(Locked):
        header.open_with_passphrase(only_code, PASSPHRASE)


# --- Damage by accident: always told as damage, at once


def test_every_flipped_bit_is_damage(vault: NewVault, no_kdf: None) -> None:
    for position in range(len(vault.header) * 8):
        flipped = bytearray(vault.header)
        flipped[position // 8] ^= 1 << position % 8
        with pytest.raises(Damaged):
            header.open_with_passphrase(bytes(flipped), PASSPHRASE)


def test_every_truncation_and_extension_is_damage(vault: NewVault, no_kdf: None) -> None:
    for size in range(len(vault.header)):
        with pytest.raises(Damaged):
            header.open_with_passphrase(vault.header[:size], PASSPHRASE)
    for tail in (b"\0", vault.header, bytes(100_000)):
        with pytest.raises(Damaged):
            header.open_with_passphrase(vault.header + tail, PASSPHRASE)


@pytest.mark.parametrize("stored", [None, "text", 7, b"", b"SQLite format 3\0" + bytes(100)])
def test_what_is_no_header_is_damage(stored: object, no_kdf: None) -> None:
    with pytest.raises(Damaged, match="not a dossier vault"):
        header.open_with_recovery(stored, recovery.new_code())


# --- Damage on purpose: the checksum is mended, and still nothing opens


def attack(vault: NewVault, position: int) -> None:
    """Flip one bit of the authenticated part, mend the checksum, and try the right passphrase and code."""
    signed = bytearray(vault.header[:-64])
    signed[position // 8] ^= 1 << position % 8
    blob = resealed(bytes(signed), vault.header[-64:-32])
    hurt = (position // 8 - HEAD) // SLOT
    for number, (opening, secret) in enumerate(
        ((header.open_with_passphrase, PASSPHRASE), (header.open_with_recovery, vault.recovery_code))
    ):
        with pytest.raises(DossierError) as caught:
            opening(blob, secret)
        # "Wrong passphrase" only where the bit is in this very slot: its type, salt, cost or commitment.
        assert isinstance(caught.value, Damaged | TooNew | (Locked if number == hurt else Damaged))


def test_mended_bit_flips_never_open(vault: NewVault) -> None:
    bits = (len(vault.header) - 64) * 8
    for position in random.Random(7).sample(range(bits), 250):
        attack(vault, position)


@pytest.mark.torture
def test_mended_bit_flips_never_open_in_full(vault: NewVault) -> None:
    for position in range((len(vault.header) - 64) * 8):
        attack(vault, position)


@pytest.mark.torture
def test_ten_thousand_mutations_are_damage(vault: NewVault, no_kdf: None) -> None:
    chance = random.Random(11)
    for _ in range(10_000):
        mutated = bytearray(vault.header)
        for _ in range(chance.randint(1, 6)):
            start = chance.randrange(len(mutated))
            match chance.randrange(4):
                case 0:
                    mutated[start] ^= chance.randint(1, 255)
                case 1:
                    del mutated[start : start + chance.randint(1, 20)]
                case 2:
                    mutated[start:start] = chance.randbytes(chance.randint(1, 20))
                case _:
                    mutated[start : start + 4] = chance.randbytes(4)
            if not mutated:
                break
        if bytes(mutated) != vault.header:
            with pytest.raises(Damaged):
                header.open_with_passphrase(bytes(mutated), PASSPHRASE)


def test_an_added_or_removed_slot_is_damage(vault: NewVault) -> None:
    parsed = Header.parse(vault.header)
    mac = vault.header[-64:-32]
    for changed in (parsed.slots[:1], parsed.slots[::-1], [*parsed.slots, Slot(77, 9, TODAY, b"")]):
        blob = Header(*parsed.place, changed).pack(os.urandom(32))
        with pytest.raises(Damaged, match="not authentic"):
            header.open_with_passphrase(resealed(blob[:-64], mac), PASSPHRASE)


def test_a_slot_from_another_vault_opens_nothing(vault: NewVault) -> None:
    """An attacker grafts the slot of a vault whose passphrase they know."""
    other = header.create("known to the attacker", TODAY)
    parsed = Header.parse(vault.header)
    grafted = [Header.parse(other.header).slots[0], parsed.slots[1]]
    blob = Header(*parsed.place, grafted).pack(root_of_other(other))
    with pytest.raises(Damaged):
        header.open_with_passphrase(blob, "known to the attacker")
    with pytest.raises(Damaged, match="not authentic"):
        header.open_with_recovery(blob, vault.recovery_code)


def root_of_other(vault: NewVault) -> bytearray:
    return header.open_with_passphrase(vault.header, "known to the attacker").root


# --- Strictness and bounds


@pytest.mark.parametrize(
    "params",
    [
        KdfParams(0, 0, 0),
        KdfParams(TINY.memory - 1, 1, 1),
        KdfParams(kdf.CEILING.memory + 1, 1, 1),
        KdfParams(TINY.memory, 0, 1),
        KdfParams(TINY.memory, 17, 1),
        KdfParams(TINY.memory, 1, 0),
        KdfParams(TINY.memory, 1, 17),
        KdfParams(kdf.CEILING.memory, 5, 1),
        KdfParams(kdf.CEILING.memory, kdf.CEILING.passes, kdf.CEILING.lanes),
        KdfParams(2**32 - 1, 2**32 - 1, 2**32 - 1),
    ],
)
def test_cost_is_bounded_before_the_kdf_runs(vault: NewVault, no_kdf: None, params: KdfParams) -> None:
    signed = bytearray(vault.header[:-64])
    start = HEAD + 10
    assert signed[start : start + 12] == b"".join(value.to_bytes(4) for value in TINY)
    signed[start : start + 12] = b"".join(value.to_bytes(4) for value in params)
    with pytest.raises(Damaged, match="cost"):
        header.open_with_passphrase(resealed(bytes(signed)), PASSPHRASE)


def test_the_programs_own_bounds_are_the_designs() -> None:
    shipped = runpy.run_path(kdf.__file__)
    assert tuple(shipped["DEFAULT"]) == (256 * 1024, 3, 4)
    assert shipped["FLOOR"].memory == 64 * 1024
    shipped["check"](shipped["DEFAULT"])


def test_lack_of_memory_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Starved:
        def __init__(self, **_: object) -> None:
            pass

        def derive(self, _: bytes) -> bytes:
            raise MemoryError

    monkeypatch.setattr("cryptography.hazmat.primitives.kdf.argon2.Argon2id", Starved)
    with pytest.raises(Unavailable, match="256 MiB"):
        kdf.stretch(b"secret", bytes(16), KdfParams(256 * 1024, 3, 4))


@pytest.mark.parametrize("version", [2, 65535])
def test_a_later_format_is_too_new(vault: NewVault, no_kdf: None, version: int) -> None:
    signed = vault.header[:8] + version.to_bytes(2) + vault.header[10:-64]
    with pytest.raises(TooNew):
        header.open_with_passphrase(resealed(signed), PASSPHRASE)


@pytest.mark.parametrize(
    "mangle",
    [
        pytest.param(lambda s: s[:28] + b"\x03" + s[29:], id="a-slot-that-is-not-there"),
        pytest.param(lambda s: s[:28] + b"\x01" + s[29:], id="a-slot-too-many"),
        pytest.param(lambda s: s[:28] + b"\xff" + s[29:], id="255-slots"),
        pytest.param(lambda s: s[:8] + b"\0\0" + s[10:], id="version-0"),
        pytest.param(lambda s: s + b"\0", id="trailing-byte"),
        pytest.param(lambda s: s[:-1], id="short-last-slot"),
        pytest.param(lambda s: s[:36] + b"\xff\xff" + s[38:], id="body-of-64-KiB"),
        pytest.param(lambda s: s[:32] + b"\0\0\0\0" + s[36:], id="no-date"),
        pytest.param(lambda s: s[:32] + b"\xff\xff\xff\xff" + s[36:], id="date-beyond-9999"),
        pytest.param(lambda s: s[:38] + b"\x02" + s[39:], id="passphrase-without-argon2"),
        pytest.param(lambda s: s[:28] + b"\x02" + s[29:159] + s[29:159], id="one-id-twice"),
        pytest.param(
            lambda s: s[:28] + b"\x03" + s[29:159] + s[29:31] + b"\x07" + s[32:159] + s[159:],
            id="two-passphrases",
        ),
        pytest.param(
            lambda s: s[:28] + b"\x03" + s[29:] + s[159:161] + b"\x07" + s[162:],
            id="two-recovery-codes",
        ),
    ],
)
def test_a_mended_header_that_we_never_write_is_damage(vault: NewVault, no_kdf: None, mangle: object) -> None:
    assert callable(mangle)
    with pytest.raises(Damaged):
        header.open_with_passphrase(resealed(mangle(vault.header[:-64])), PASSPHRASE)


def test_a_box_changed_by_hand_is_damage_where_the_passphrase_is_right(vault: NewVault) -> None:
    parsed = Header.parse(vault.header)
    slot = parsed.slots[0]
    hurt = slot._replace(body=slot.body[:-1] + bytes([slot.body[-1] ^ 1]))
    blob = Header(*parsed.place, [hurt, parsed.slots[1]]).pack(root_of(vault))
    with pytest.raises(Damaged, match="slot 1"):
        header.open_with_passphrase(blob, PASSPHRASE)


def test_the_mac_covers_all_that_precedes_it(vault: NewVault) -> None:
    key = header_key(root_of(vault), vault.keys.vault_id)
    assert hmac.digest(key, vault.header[:-64], "sha256") == vault.header[-64:-32]
    assert sha256(vault.header[:-32]).digest() == vault.header[-32:]


def test_slot_types_are_what_files_hold() -> None:
    assert (SlotType.PASSPHRASE, SlotType.RECOVERY, SlotType.KEY_FILE, SlotType.AGENDA_KEY_FILE) == (
        1,
        2,
        3,
        4,
    )
