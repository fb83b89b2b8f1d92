"""Which rotation of a vault's keys this machine began itself: it goes on with no other.

A rotation is for when somebody else may have the passphrase. They could lay an unfinished one beside the vault, under a
root of their own that this passphrase opens, and wait for it to be gone on with: whatever opens the vault later, they
would have its root. So a rotation that goes on must be one whose keys were made here.

A small file for each vault, `<state>/rotating/<vault id in hex>`, 0600, holds fingerprints of the new keys and of the
recovery code that was made for them. Where none can be written, a killed rotation begins anew.
"""

from __future__ import annotations

import hmac
import os
from contextlib import suppress
from hmac import compare_digest

from dossier import paths
from dossier.vault.keys import Keys, subkey
from dossier.vault.recovery import secret_of

_PURPOSE = b"dossier/1/begun"
_DIGITS = 64


def note(keys: Keys, code: str) -> None:
    """Remember that a rotation to these keys was begun here, and the recovery code that is to open them."""
    path = _path(keys.vault_id)
    with suppress(OSError):
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        forget(keys.vault_id)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(_fingerprint(keys) + _fingerprint(keys, code))


def was_here(keys: Keys) -> bool:
    """Whether a rotation to these keys was begun here."""
    return compare_digest(_noted(keys.vault_id)[:_DIGITS], _fingerprint(keys).encode())


def made(keys: Keys, code: str) -> bool:
    """Whether this recovery code was made here for these keys, and for nothing else. Raises Usage for what is none."""
    return compare_digest(_noted(keys.vault_id)[_DIGITS:], _fingerprint(keys, code).encode())


def forget(vault_id: bytes) -> None:
    """Remember no rotation of this vault any more."""
    with suppress(OSError):
        os.unlink(_path(vault_id))


def _noted(vault_id: bytes) -> bytes:
    try:
        descriptor = os.open(_path(vault_id), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            return file.read(1000)
    except OSError:
        return b""


def _fingerprint(keys: Keys, code: str | None = None) -> str:
    """Of keys, or of a code that goes with them: only whoever has the keys can compare."""
    assert keys.seal is not None, "a rotation has all keys"
    said = b"" if code is None else secret_of(code)
    return hmac.digest(subkey(keys.seal, _PURPOSE), said, "sha256").hex()


def _path(vault_id: bytes) -> str:
    return os.path.join(paths.state_dir(), "rotating", vault_id.hex())
