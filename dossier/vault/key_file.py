"""Key files: 32 random bytes in a file that its owner alone can read.

A key file is text; what counts is its first line, whatever follows::

    dossier-key-1-<64 hex digits: the random bytes><8 hex digits: the first 4 bytes of their SHA-256>

The checksum tells a damaged file from another vault's. Whoever has read the file can open what it was added to, so one
that others can read, or that is somebody else's, is never used.
"""

from __future__ import annotations

import os
import re
import stat
from datetime import date
from hashlib import sha256

from dossier.errors import Locked, Refused, Unavailable

SECRET_BYTES = 32

_PREFIX = "dossier-key-1-"
_CHECK_BYTES = 4
_LINE = re.compile(rf"{_PREFIX}([0-9a-f]{{{2 * (SECRET_BYTES + _CHECK_BYTES)}}})\r?", re.ASCII)
_LONGEST = 4096


def new_text(today: date) -> str:
    """The text of a fresh key file."""
    secret = os.urandom(SECRET_BYTES)
    return (
        f"{_PREFIX}{(secret + _check(secret)).hex()}\n"
        f"# A key file of dossier, made on {today.isoformat()}. Whoever has it opens what it was added to, without a "
        "passphrase.\n"
    )


def secret_in(text: bytes, path: str) -> bytes:
    """The 32 bytes in the text of a key file; Locked if it is none, or damaged."""
    found = _LINE.fullmatch(text.split(b"\n", 1)[0].decode("latin-1"))
    data = bytes.fromhex(found[1]) if found else b""
    if not data or data[SECRET_BYTES:] != _check(data[:SECRET_BYTES]):
        raise Locked(
            f"{path} is no key file of dossier, or a damaged one", "make one: dossier vault slots add"
        )
    return data[:SECRET_BYTES]


def read(path: str) -> bytes:
    """The 32 bytes of the key file at `path`.

    Raises Unavailable if it cannot be read, Refused if others can read or change it or it is somebody else's, Locked if
    it is no key file. What is asked of the file is asked of the very one that is read, and nothing waits: a pipe or a
    device is refused.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            _refuse_unless_private(os.fstat(descriptor), path)
            text = os.read(descriptor, _LONGEST)
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL
        reason = getattr(error, "strerror", None) or "that is no name of a file"
        raise Unavailable(
            f"cannot read the key file {path}: {reason}",
            "check --key-file, DOSSIER_KEY_FILE and dossier config",
        ) from None
    return secret_in(text, path)


def _refuse_unless_private(found: os.stat_result, path: str) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise Refused(
            f"the key file {path} is no regular file", "name a file that dossier vault slots add made"
        )
    if found.st_uid != os.geteuid():
        raise Refused(f"the key file {path} belongs to another user", "use one of your own")
    if found.st_mode & 0o077:
        raise Refused(
            f"others on this machine can get at the key file {path}", f"run: chmod 600 {_quoted(path)}"
        )


def _quoted(path: str) -> str:
    """`path` as a shell takes it; `shlex` is too dear to import for a refusal."""
    return path if re.fullmatch(r"[\w./@%+=:,-]+", path) else "'" + path.replace("'", "'\"'\"'") + "'"


def _check(secret: bytes) -> bytes:
    return sha256(secret).digest()[:_CHECK_BYTES]
