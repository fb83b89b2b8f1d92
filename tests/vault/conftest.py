"""What the vault's tests share: keys drawn anew for each test, and ciphers over them."""

from __future__ import annotations

import os

import pytest

from dossier.vault.envelope import Cipher
from dossier.vault.keys import Keys, derive


@pytest.fixture
def keys() -> Keys:
    return derive(os.urandom(32), os.urandom(16), 1)


@pytest.fixture
def cipher(keys: Keys) -> Cipher:
    return Cipher(keys)
