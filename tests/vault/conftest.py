"""What the vault's tests share: a KDF that costs nothing, fresh keys for each test, a vault made once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date

import pytest

from dossier.vault import header, kdf
from dossier.vault.envelope import Cipher
from dossier.vault.header import NewVault
from dossier.vault.kdf import KdfParams
from dossier.vault.keys import Keys, derive

TINY = KdfParams(memory=128, passes=1, lanes=1)
PASSPHRASE = "con đường dài hơn trời"
TODAY = date(2026, 3, 2)


@pytest.fixture(scope="session", autouse=True)
def _home() -> Iterator[None]:
    """In place of the home that other tests get: these touch no home, only a KDF at a cost for tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kdf, "DEFAULT", TINY)
        patch.setattr(kdf, "FLOOR", TINY)
        yield


@pytest.fixture(scope="session")
def vault(_home: None) -> NewVault:
    return header.create(PASSPHRASE, TODAY)


@pytest.fixture
def keys() -> Keys:
    return derive(os.urandom(32), os.urandom(16), 1)


@pytest.fixture
def cipher(keys: Keys) -> Cipher:
    return Cipher(keys)
