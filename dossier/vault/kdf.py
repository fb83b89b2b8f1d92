"""Argon2id: what a guess at a passphrase costs, and the bounds that a vault file may not leave."""

from __future__ import annotations

from typing import NamedTuple

from dossier.errors import RESTORE, Damaged, Unavailable

STRETCHED_BYTES = 32


class KdfParams(NamedTuple):
    """The cost of one Argon2id run: memory in KiB, passes over it, parallel lanes."""

    memory: int
    passes: int
    lanes: int


DEFAULT = KdfParams(memory=256 * 1024, passes=3, lanes=4)
"""What new slots get: more memory than RFC 9106's second recommendation (64 MiB, 3 passes, 4 lanes)."""

FLOOR = KdfParams(memory=64 * 1024, passes=1, lanes=1)
"""Nothing cheaper is opened, so that nobody can weaken a file and wait for the passphrase to be typed."""

CEILING = KdfParams(memory=1024 * 1024, passes=16, lanes=16)
"""Nothing dearer is opened, so that a hostile file cannot exhaust the machine."""

MOST_WORK = 4 * 1024 * 1024
"""Memory times passes of the dearest run, in KiB: five times ours, so that one wrong guess ends within seconds."""


def check(params: KdfParams) -> None:
    """Raise Damaged for parameters outside the bounds. Every file's are checked before the KDF runs."""
    bounded = all(low <= value <= high for low, value, high in zip(FLOOR, params, CEILING, strict=True))
    if not bounded or params.memory * params.passes > MOST_WORK:
        raise Damaged("the vault asks for an Argon2id cost that dossier never writes", RESTORE)


def stretch(
    secret: bytes,
    salt: bytes,
    params: KdfParams,
    *,
    associated: bytes | None = None,
    key: bytes | None = None,
    length: int = STRETCHED_BYTES,
) -> bytes:
    """Argon2id v1.3 (RFC 9106) of a secret; `associated` and `key` are its inputs X and K.

    The caller has checked `params`. Raises Unavailable when the memory is not to be had.
    """
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    derivation = Argon2id(
        salt=salt,
        length=length,
        iterations=params.passes,
        lanes=params.lanes,
        memory_cost=params.memory,
        ad=associated,
        secret=key,
    )
    try:
        return derivation.derive(secret)
    except MemoryError:
        raise Unavailable(
            f"unlocking needs {params.memory // 1024} MiB of memory", "close other programs and try again"
        ) from None
