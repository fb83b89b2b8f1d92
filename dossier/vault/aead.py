"""AES-256-GCM with a random nonce: the one cipher of a vault, for envelopes and for wrapped roots."""

from __future__ import annotations

import os

NONCE_BYTES = 12
TAG_BYTES = 16


class Aead:
    """AES-256-GCM (NIST SP 800-38D) under one key; a box is nonce | ciphertext | tag.

    Nonces are random: section 8.3 allows 2^32 of them under one key, which at a thousand writes a day is
    eleven thousand years. `cryptography` is imported here, when a key is first put to use, so that locked
    commands never pay for it. Safe to share between threads.
    """

    __slots__ = ("_aesgcm", "_invalid")

    def __init__(self, key: bytes | bytearray) -> None:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._aesgcm = AESGCM(key)
        self._invalid = InvalidTag

    def seal(self, plain: bytes | bytearray, associated: bytes) -> bytes:
        """Encrypt `plain` and bind it to `associated`."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aesgcm.encrypt(nonce, plain, associated)

    def open(self, box: bytes, associated: bytes) -> bytes | None:
        """The plaintext of a box, or None when it is not authentic under this key and `associated`."""
        if len(box) < NONCE_BYTES + TAG_BYTES:
            return None
        try:
            return self._aesgcm.decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], associated)
        except self._invalid:
            return None
