"""The keys of an open vault and how they come from its root."""

from __future__ import annotations

from enum import StrEnum

KEY_BYTES = 32
VAULT_ID_BYTES = 16

Root = bytes | bytearray
"""A vault's 256-bit root; a `bytearray` wherever we hold it ourselves, so that it can be wiped."""


class KeyClass(StrEnum):
    """Which of a vault's keys protects something; the words themselves serve as well."""

    AGENDA = "agenda"
    DOSSIER = "dossier"
    SEAL = "seal"


CLASS_NUMBERS: dict[str, int] = {KeyClass.AGENDA: 1, KeyClass.DOSSIER: 2, KeyClass.SEAL: 3}
"""The stable number of each class, as it stands in files. Never reuse one."""


class Keys:
    """The class keys at hand for one vault: all of them, or the agenda's alone (a scoped key file).

    `vault_id` is 16 bytes; `key_id` counts the roots that the vault has had; each key is 32 bytes or None.
    """

    __slots__ = ("agenda", "dossier", "key_id", "seal", "vault_id")

    def __init__(
        self,
        vault_id: bytes,
        key_id: int,
        agenda: bytes | None = None,
        dossier: bytes | None = None,
        seal: bytes | None = None,
    ) -> None:
        self.vault_id = vault_id
        self.key_id = key_id
        self.agenda = agenda
        self.dossier = dossier
        self.seal = seal

    @property
    def full(self) -> bool:
        """Whether every key is here; every write needs that."""
        return self.agenda is not None and self.dossier is not None and self.seal is not None

    def of(self, key_class: str) -> bytes | None:
        """The key of a class, or None when it is not at hand."""
        if key_class == KeyClass.AGENDA:
            return self.agenda
        return self.dossier if key_class == KeyClass.DOSSIER else self.seal

    def __repr__(self) -> str:
        return "Keys(…)"


def hkdf(root: Root, salt: bytes, info: bytes, length: int = KEY_BYTES) -> bytes:
    """HKDF-SHA256 (RFC 5869)."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(root)


def derive(root: Root, vault_id: bytes, key_id: int) -> Keys:
    """All class keys of a vault from its root."""
    agenda, dossier, seal = (hkdf(root, vault_id, b"dossier/1/" + name.encode()) for name in KeyClass)
    return Keys(vault_id, key_id, agenda, dossier, seal)


def header_key(root: Root, vault_id: bytes) -> bytes:
    """The key of the header's HMAC."""
    return hkdf(root, vault_id, b"dossier/1/header")


def subkey(key: bytes, purpose: bytes) -> bytes:
    """A key for one use of `key`, so that no two primitives ever share one.

    Keyed BLAKE2b-256 (RFC 7693) with `purpose` (16 bytes at most) as its personalisation: a PRF, and
    unlike HKDF at hand without importing anything on the path of everyday commands.
    """
    from hashlib import blake2b  # loads OpenSSL's library, which reading alone never needs

    return blake2b(key=key, person=purpose, digest_size=KEY_BYTES).digest()


def wipe(buffer: bytearray) -> None:
    """Overwrite a secret in place. Copies that libraries or the interpreter made are out of reach."""
    buffer[:] = bytes(len(buffer))
