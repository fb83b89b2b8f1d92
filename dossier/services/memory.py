"""What this machine remembers of each vault it saw: the newest change, what a check found, what was made here.

A vault proves that it is whole, but not that it is the newest: a sound older copy of the whole file looks valid.
Whoever saw the newer one can tell (`dossier.services.newest`). The memory holds no secret and nothing about people;
whoever can change it can make dossier forget or mistrust a vault, and no more.

One small JSON file per vault, `<state>/seen/<vault id in hex>`, 0600::

    {format, number, uid, generation, key_id, header, at, path, unsound: {path: {at, problems, acceptable}},
     key_files: [path], begun: {keys, code}}

`begun` is there while a rotation of the vault's keys is not finished. Of two runs that remember something at once, one
waits for the other, with a lock on the folder; where there are no locks, one of the two may be forgotten.

A file that is not exactly this was never written. A machine that cannot remember, because its home is read-only or its
disk full, is as one that never saw the vault: the vault must open there all the same, so no failure to write a memory
is told. Nothing waits for the disk either: a memory that a power cut takes is an older one, or none.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from dossier import paths
from dossier.errors import Refused
from dossier.store.create import unfinished

_FORMAT = 1
_LARGEST = 1 << 16
"""Bytes of a memory at most; what is longer is none."""

_PATIENCE_SECONDS = 2.0
"""So long one who remembers something waits for another; a process that was stopped must not stop all others."""

_NUMBERS_END = 1 << 63
"""No vault counts so far, and SQLite cannot be asked for such a number."""


class Seen(NamedTuple):
    """How far a vault was when this machine saw it last, proven with its keys."""

    number: int
    """The newest change; 0 where there was none yet."""
    uid: str
    """That change's uid in hex, which no other change has; empty where there was none."""
    generation: int
    """The manifest's, which counts changes of the header as well."""
    key_id: int
    header: str
    """SHA-256 of the header in hex."""
    at: str
    """When that was: an ISO moment in UTC."""
    path: str = ""
    """Where that was, links followed: there may be several copies of a vault. Empty where nobody wrote it down."""


class Unsound(NamedTuple):
    """What a check of a vault file found, and when."""

    at: str
    problems: int
    acceptable: bool
    """Whether the person may decide to go on with all of it."""


class Begun(NamedTuple):
    """Which rotation of a vault's keys this machine began itself: it goes on with no other.

    A rotation is for when somebody else may have the passphrase. They could lay an unfinished one beside the vault,
    under a root of their own that this passphrase opens, and wait for it to be gone on with: whatever opens the vault
    later, they would have its root. So a rotation that goes on must be one whose keys were made here. Where nothing can
    be remembered, a killed rotation begins anew.
    """

    keys: str
    """The fingerprint of the new keys (`dossier.vault.rotation.fingerprint`)."""
    code: str
    """That of the recovery code that was made for them."""


class Memory(NamedTuple):
    """All that is remembered of one vault; empty for one that was never seen."""

    seen: Seen | None = None
    unsound: Mapping[str, Unsound] = MappingProxyType({})
    """By the file's path: a damaged copy that somebody looked into says nothing about the vault itself."""
    key_files: tuple[str, ...] = ()
    begun: Begun | None = None


def now() -> str:
    """This moment, as a memory says it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def recall(vault_id: bytes) -> Memory:
    """What this machine remembers of a vault."""
    try:
        # A memory is a plain file; whatever else stands there must not be waited for.
        descriptor = os.open(_path(vault_id), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError:
        return Memory()
    return _parsed(data) if len(data) <= _LARGEST else Memory()


def note(vault_id: bytes, seen: Seen) -> None:
    """Remember how far a vault is, unless it was seen farther on: of two who write at once, one is later to say so."""

    def noted(known: Memory) -> Memory:
        farther = known.seen is None or _place(known.seen) < _place(seen)
        return known._replace(seen=seen) if farther else known

    _change(vault_id, noted)


def accept(vault_id: bytes, seen: Seen) -> None:
    """Take this for the newest from now on, whatever was seen before: the person has decided so.

    What a check found is forgotten of the file that was `seen`; of other copies it stays.
    """
    _change(vault_id, lambda known: known._replace(seen=seen, unsound=_without(known, seen.path)))


def note_check(vault_id: bytes, path: str, problems: int, *, acceptable: bool = True) -> None:
    """Remember that a check of the vault file at `path` found so many problems; none clears what was found before."""
    path = os.path.realpath(path)
    found = {path: Unsound(now(), problems, acceptable)} if problems else {}
    _change(vault_id, lambda known: known._replace(unsound=_without(known, path) | found))


def unsound(known: Memory, path: str) -> Unsound | None:
    """What a check of the vault file at `path` found, if it was not sound."""
    return known.unsound.get(os.path.realpath(path)) if known.unsound else None


def key_files(vault_id: bytes) -> tuple[str, ...]:
    """The key files of a vault that were made on this machine, as far as it remembers; they may be gone."""
    return recall(vault_id).key_files


def note_key_file(vault_id: bytes, path: str) -> None:
    """Remember that a key file of a vault was made here."""
    path = os.path.realpath(path)
    _change(vault_id, lambda known: known._replace(key_files=tuple(dict.fromkeys((*known.key_files, path)))))


def note_begun(vault_id: bytes, begun: Begun | None) -> None:
    """Remember which rotation of a vault's keys was begun here; None when it is done."""
    _change(vault_id, lambda known: known._replace(begun=begun))


def _place(seen: Seen) -> tuple[int, int, int]:
    """What grows from one sight of a vault to the next."""
    return seen.key_id, seen.number, seen.generation


def _path(vault_id: bytes) -> str:
    return os.path.join(paths.state_dir(), "seen", vault_id.hex())


def _without(known: Memory, path: str) -> dict[str, Unsound]:
    return {other: found for other, found in known.unsound.items() if other != path}


def _change(vault_id: bytes, changed: Callable[[Memory], Memory]) -> None:
    """Replace what is remembered of a vault by what `changed` makes of it."""
    with _alone(os.path.dirname(_path(vault_id))):
        known = recall(vault_id)
        if (new := changed(known)) != known:
            _write(vault_id, new)


@contextmanager
def _alone(folder: str) -> Iterator[None]:
    """Keep others from remembering something meanwhile, as far as the folder can be made and locked."""
    descriptor = None
    with suppress(OSError):
        os.makedirs(folder, mode=0o700, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
        _lock(descriptor)
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)  # which also unlocks it


def _lock(descriptor: int) -> None:
    """Lock a folder, or go on without after a while. Raises OSError where there are no locks."""
    patience = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < patience:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            time.sleep(0.005)


def _write(vault_id: bytes, memory: Memory) -> None:
    """Replace a memory, all of it or nothing."""
    values: dict[str, Any] = {"format": _FORMAT}
    if memory.seen is not None:
        values |= memory.seen._asdict()
    values["unsound"] = {path: found._asdict() for path, found in memory.unsound.items()}
    values["key_files"] = memory.key_files
    if memory.begun is not None:
        values["begun"] = memory.begun._asdict()
    path = _path(vault_id)
    # A machine that cannot is as one that never saw it: see above. What a killed run left is removed first.
    with suppress(OSError, Refused), unfinished(path) as file:
        with open(file, "w", encoding="ascii") as stream:
            json.dump(values, stream)
        os.replace(file, path)


def _parsed(data: bytes) -> Memory:
    """The memory in these bytes; an empty one if they are anything else than what `_write` writes."""
    try:
        values = json.loads(data)
        if values.pop("format") != _FORMAT:
            return Memory()
        unsound = {
            _of(str, path): Unsound(
                _of(str, found["at"]), _of(int, found["problems"]), _of(bool, found["acceptable"])
            )
            for path, found in values.pop("unsound").items()
        }
        key_files = tuple(_of(str, path) for path in values.pop("key_files"))
        begun = _begun(values.pop("begun")) if "begun" in values else None
        return Memory(_seen(values) if values else None, unsound, key_files, begun)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Memory()


def _seen(values: dict[str, Any]) -> Seen:
    seen = Seen(**values)
    for value, kind in zip(seen, (int, str, int, int, str, str, str), strict=True):
        _of(kind, value)
    if not all(0 <= number < _NUMBERS_END for number in (seen.number, seen.generation, seen.key_id)):
        raise ValueError
    return seen


def _begun(values: dict[str, Any]) -> Begun:
    begun = Begun(**{name: _of(str, value) for name, value in values.items()})
    for fingerprint in begun:
        bytes.fromhex(fingerprint)
    return begun


def _of(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError
    return value
