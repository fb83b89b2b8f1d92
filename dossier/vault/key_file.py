"""Key files: 32 random bytes in a file that its owner alone can read.

A key file is text; what counts is its first line, whatever follows::

    dossier-key-1-<64 hex digits: the random bytes><8 hex digits: the first 4 bytes of their SHA-256>
    dossier-agenda-key-1-<the same, of a key file for the agenda alone>

The checksum tells a damaged file from another vault's. Whoever has read the file can open what it was added to, so one
that others can read, or that is somebody else's, is never used.

The file says itself whether it is for the agenda alone, for a header could not be believed in that: whoever got hold of
such a file (on the machine of a cron job) and can write to the vault could make a full slot for it, with a root and a
vault of their own. The owner's next note would go there, without a passphrase being asked for.
"""

from __future__ import annotations

import os
import re
import stat
from datetime import date
from hashlib import sha256
from typing import NamedTuple

from dossier.errors import Locked, Refused, Unavailable

SECRET_BYTES = 32

_CHECK_BYTES = 4
_LINE = re.compile(rf"dossier-(agenda-)?key-1-([0-9a-f]{{{2 * (SECRET_BYTES + _CHECK_BYTES)}}})\r?", re.ASCII)
_LONGEST = 4096


class KeyFile(NamedTuple):
    """What a key file says: its 32 random bytes, and whether they are for the agenda alone. Its repr shows nothing."""

    secret: bytes
    agenda_only: bool

    def __repr__(self) -> str:
        return "KeyFile(…)"


def new_text(today: date, *, agenda_only: bool = False) -> str:
    """The text of a fresh key file."""
    secret = os.urandom(SECRET_BYTES)
    kind, opens = ("agenda-key", "the agenda of ") if agenda_only else ("key", "")
    return (
        f"dossier-{kind}-1-{(secret + _check(secret)).hex()}\n"
        f"# A key file of dossier, made on {today.isoformat()}. "
        f"Whoever has it opens {opens}what it was added to, without a passphrase.\n"
    )


def parse(text: bytes, path: str) -> KeyFile:
    """What the text of a key file says; Locked if it is none, or damaged."""
    found = _LINE.fullmatch(text.split(b"\n", 1)[0].decode("latin-1"))
    data = bytes.fromhex(found[2]) if found else b""
    if not found or data[SECRET_BYTES:] != _check(data[:SECRET_BYTES]):
        raise Locked(
            f"{path} is no key file of dossier, or a damaged one", "make one: dossier vault slots add"
        )
    return KeyFile(data[:SECRET_BYTES], found[1] is not None)


def read(path: str) -> KeyFile:
    """What the key file at `path` says.

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
    return parse(text, path)


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
