"""Class keys come from the root and show themselves to nobody."""

from __future__ import annotations

import os

from dossier.vault.keys import CLASS_NUMBERS, KeyClass, Keys, derive, header_key, wipe


def test_every_key_differs_by_class_vault_and_root() -> None:
    root, vault_id = os.urandom(32), os.urandom(16)
    keys = derive(root, vault_id, 1)
    elsewhere = derive(root, os.urandom(16), 1)
    other_root = derive(os.urandom(32), vault_id, 1)
    drawn = {
        key for held in (keys, elsewhere, other_root) for key in (held.agenda, held.dossier, held.seal)
    } | {header_key(root, vault_id)}
    assert len(drawn) == 10
    again = derive(bytearray(root), vault_id, 1)
    assert (again.agenda, again.dossier, again.seal) == (keys.agenda, keys.dossier, keys.seal)


def test_full_means_every_class() -> None:
    keys = derive(os.urandom(32), os.urandom(16), 1)
    assert keys.full
    scoped = Keys(keys.vault_id, keys.key_id, agenda=keys.agenda)
    assert not scoped.full
    assert [scoped.of(name) is not None for name in KeyClass] == [True, False, False]


def test_class_numbers_are_what_files_hold() -> None:
    assert CLASS_NUMBERS == {"agenda": 1, "dossier": 2, "seal": 3}


def test_repr_shows_nothing(keys: Keys) -> None:
    assert repr(keys) == str(keys) == "Keys(…)"


def test_wipe_overwrites_in_place() -> None:
    root = bytearray(os.urandom(32))
    view = memoryview(root)
    wipe(root)
    assert bytes(view) == bytes(32)
