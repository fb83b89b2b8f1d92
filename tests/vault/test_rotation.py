"""A new root's header: who opens it, who does not any more, and that nothing of an older one fits into it."""

from __future__ import annotations

import os

import pytest

from dossier.errors import Damaged, Failed, Locked, Refused
from dossier.vault import header, rotation, slots
from dossier.vault.envelope import Cipher
from dossier.vault.header import MAX_SLOTS, Header, NewVault, Opened
from dossier.vault.key_file import KeyFile
from dossier.vault.keys import Keys
from dossier.vault.rotation import Secrets
from dossier.vault.slots import Place, SlotType
from tests.vault.conftest import PASSPHRASE, TODAY

FULL, AGENDA, OTHER = (KeyFile(os.urandom(32), agenda_only) for agenda_only in (False, True, False))


@pytest.fixture
def old(vault: NewVault) -> bytes:
    """A header with a slot of every kind."""
    blob = vault.header
    with header.open_with_passphrase(blob, PASSPHRASE) as opened:
        blob, _ = header.add_key_file(blob, opened.root, FULL.secret, TODAY)
        blob, _ = header.add_key_file(blob, opened.root, AGENDA.secret, TODAY, agenda_only=True)
    return blob


def made(old: bytes, *key_files: KeyFile, passphrase: str | None = PASSPHRASE) -> NewVault:
    secrets = Secrets(passphrase, key_files)
    begun, opened = rotation.next_root(old, secrets, TODAY)
    with opened:
        return NewVault(*_whole(old, begun, opened, secrets))


def _whole(old: bytes, begun: bytes, opened: Opened, secrets: Secrets) -> tuple[bytes, Keys, str]:
    whole, code = rotation.whole_header(old, begun, opened.root, secrets, TODAY)
    return whole, opened.keys, code


def as_one(keys: Keys) -> tuple[object, ...]:
    return keys.vault_id, keys.key_id, keys.agenda, keys.dossier, keys.seal


def test_the_new_root_has_the_next_number_in_the_same_vault(old: bytes, vault: NewVault) -> None:
    new = made(old)
    assert (new.keys.vault_id, new.keys.key_id) == (vault.keys.vault_id, 2)
    assert {new.keys.agenda, new.keys.dossier, new.keys.seal}.isdisjoint(
        {vault.keys.agenda, vault.keys.dossier, vault.keys.seal}
    )
    assert Header.parse(new.header).place == Place(vault.keys.vault_id, 2)


def test_the_passphrase_and_a_new_code_open_it_and_the_old_code_does_not(old: bytes, vault: NewVault) -> None:
    new = made(old)
    assert as_one(header.open_with_passphrase(new.header, PASSPHRASE).keys) == as_one(new.keys)
    assert as_one(header.open_with_recovery(new.header, new.recovery_code).keys) == as_one(new.keys)
    with pytest.raises(Locked):
        header.open_with_recovery(new.header, vault.recovery_code)


def test_key_files_that_are_given_open_what_they_opened_and_the_others_nothing(old: bytes) -> None:
    new = made(old, FULL, AGENDA)
    assert as_one(header.open_with_key_file(new.header, FULL.secret).keys) == as_one(new.keys)
    agenda = header.agenda_with_key_file(new.header, AGENDA.secret)
    assert (agenda.agenda, agenda.dossier, agenda.seal) == (new.keys.agenda, None, None)
    with pytest.raises(Locked):
        header.open_with_key_file(new.header, AGENDA.secret)
    without = made(old, AGENDA)
    with pytest.raises(Locked):
        header.open_with_key_file(without.header, FULL.secret)


def test_what_is_left_behind_is_named(old: bytes) -> None:
    def types(*files: KeyFile) -> list[int]:
        return [slot.type for slot in rotation.left_behind(old, Secrets(None, files))]

    assert types() == [SlotType.KEY_FILE, SlotType.AGENDA_KEY_FILE]
    assert types(FULL) == [SlotType.AGENDA_KEY_FILE]
    assert types(FULL, AGENDA) == []


def test_a_key_file_of_another_vault_is_not_taken_in(old: bytes) -> None:
    with pytest.raises(Locked, match="does not open this vault"):
        made(old, OTHER)


def test_ids_of_slots_never_come_twice(old: bytes) -> None:
    before = {slot.id for slot in Header.parse(old).slots}
    assert before.isdisjoint(slot.id for slot in Header.parse(made(old, FULL, AGENDA).header).slots)


@pytest.mark.parametrize("number", range(4))
def test_no_old_slot_opens_the_new_header(old: bytes, vault: NewVault, number: int) -> None:
    """Whoever had a root may write the checksum anew, and even its HMAC with the old root."""
    new = Header.parse(made(old).header)
    slot = Header.parse(old).slots[number]
    with header.open_with_passphrase(old, PASSPHRASE) as opened:
        forged = Header(new.vault_id, new.key_id, [slot]).pack(opened.root)
    for way in (
        lambda: header.open_with_passphrase(forged, PASSPHRASE),
        lambda: header.open_with_recovery(forged, vault.recovery_code),
        lambda: header.open_with_key_file(forged, FULL.secret),
        lambda: header.agenda_with_key_file(forged, AGENDA.secret),
    ):
        with pytest.raises((Locked, Damaged)):
            way()


def test_a_vault_without_a_passphrase_is_opened_by_its_key_file_and_gets_none(old: bytes) -> None:
    with header.open_with_passphrase(old, PASSPHRASE) as opened:
        bare = header.remove_slot(old, opened.root, 1)
    assert rotation.needs_passphrase(old)
    assert not rotation.needs_passphrase(bare)
    secrets = Secrets(None, (AGENDA, FULL))
    assert rotation.open_root(bare, secrets).keys.key_id == 1
    new = made(bare, AGENDA, FULL, passphrase=None)
    assert sorted(slot.type for slot in Header.parse(new.header).slots) == [2, 3, 4]
    with pytest.raises(Locked, match="no passphrase"):
        rotation.open_root(bare, Secrets(None, (AGENDA,)))


@pytest.mark.parametrize("passphrase", [PASSPHRASE, None])
def test_what_is_begun_opens_by_one_secret_alone(old: bytes, vault: NewVault, passphrase: str | None) -> None:
    secrets = Secrets(passphrase, (AGENDA, FULL))
    begun, opened = rotation.next_root(old, secrets, TODAY)
    assert rotation.is_begun(begun)
    assert [slot.type for slot in Header.parse(begun).slots] == [1 if passphrase else 3]
    assert as_one(rotation.open_root(begun, secrets).keys) == as_one(opened.keys)
    assert header.find_key_file(begun, *AGENDA) is None
    assert (header.find_key_file(begun, *FULL) is None) == (passphrase is not None)
    with pytest.raises(Locked):
        header.open_with_recovery(begun, vault.recovery_code)


def test_the_header_at_the_end_takes_the_secrets_of_the_end_and_a_code_that_is_given(old: bytes) -> None:
    begun, opened = rotation.next_root(old, Secrets(PASSPHRASE, (FULL,)), TODAY)
    secrets = Secrets(PASSPHRASE, (AGENDA,))
    whole, code = rotation.whole_header(old, begun, opened.root, secrets, TODAY)
    same, given = rotation.whole_header(old, begun, opened.root, secrets, TODAY, code)
    assert given == code
    assert not rotation.is_begun(whole)
    for blob in (whole, same):
        assert as_one(header.open_with_passphrase(blob, PASSPHRASE).keys) == as_one(opened.keys)
        assert as_one(header.open_with_recovery(blob, code).keys) == as_one(opened.keys)
        assert header.agenda_with_key_file(blob, AGENDA.secret).agenda == opened.keys.agenda
        assert header.find_key_file(blob, *FULL) is None
    with pytest.raises(Damaged):
        rotation.whole_header(old, begun, bytes(32), secrets, TODAY)


def test_roots_can_be_counted_no_further(old: bytes) -> None:
    root = bytes(32)
    last = Header(bytes(16), rotation.LAST_KEY_ID, Header.parse(old).slots).pack(root)
    with pytest.raises(Failed, match="as often as can be counted"):
        made(last)


def test_there_is_no_room_for_more_slots_than_a_header_has(vault: NewVault) -> None:
    files = [KeyFile(os.urandom(32), False) for _ in range(MAX_SLOTS - 1)]
    with header.open_with_passphrase(vault.header, PASSPHRASE) as opened:
        blob = header.remove_slot(vault.header, opened.root, 2)
        for file in files:
            blob, _ = header.add_key_file(blob, opened.root, file.secret, TODAY)
    with pytest.raises(Refused, match="no room"):
        made(blob, *files)


def test_a_file_for_the_agenda_gets_no_more_whatever_the_header_says(old: bytes) -> None:
    """Whoever has the file and the vault could write a full slot for it, with a root of their own."""
    root = bytes(32)
    place = Header.parse(old).place
    forged = Header(*place, [slots.key_file_slot(place, 9, TODAY, root, AGENDA.secret)]).pack(root)
    with pytest.raises(Locked):
        rotation.open_root(forged, Secrets(None, (AGENDA,)))


def test_an_envelope_is_made_of_the_json_that_an_opener_gave(cipher: Cipher) -> None:
    uid = bytes(16)
    envelope = cipher.encrypt(1, "dossier", uid, {"note": "đường", "left": None})
    payload = cipher.opener(1, "dossier")(uid, envelope)
    again = cipher.sealer(1, "dossier")(uid, payload)
    assert again != envelope
    assert len(again) == len(envelope)
    assert cipher.decrypt(1, "dossier", uid, again) == {"note": "đường"}
    with pytest.raises(Damaged):
        cipher.decrypt(2, "dossier", uid, again)


def test_secrets_are_not_in_a_repr() -> None:
    assert PASSPHRASE not in repr(Secrets(PASSPHRASE, (FULL,)))
