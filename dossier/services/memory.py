"""What this machine remembers of each vault it saw: the newest change, what a check found, key files made here.

A vault proves that it is whole, but not that it is the newest: a sound older copy of the whole file looks valid.
Whoever saw the newer one can tell (`dossier.services.newest`). The memory holds no secret and nothing about people;
whoever can change it can make dossier forget or mistrust a vault, and no more.

One small JSON file per vault, `<state>/seen/<vault id in hex>`, 0600::

    {format, number, uid, generation, key_id, header, at, path, unsound: {path: {at, problems, acceptable}},
     key_files: [path]}

A file that is not exactly this was never written. A machine that cannot remember, because its home is read-only or its
disk full, is as one that never saw the vault: the vault must open there all the same, so no failure to write a memory
is told. Nothing waits for the disk either: a memory that a power cut takes is an older one, or none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from dossier import paths
from dossier.store.create import unfinished

_FORMAT = 1
_LARGEST = 1 << 16
"""Bytes of a memory at most; what is longer is none."""

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


class Memory(NamedTuple):
    """All that is remembered of one vault; empty for one that was never seen."""

    seen: Seen | None = None
    unsound: Mapping[str, Unsound] = MappingProxyType({})
    """By the file's path: a damaged copy that somebody looked into says nothing about the vault itself."""
    key_files: tuple[str, ...] = ()


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
    known = recall(vault_id)
    if known.seen is None or _place(known.seen) < _place(seen):
        _write(vault_id, known._replace(seen=seen))


def accept(vault_id: bytes, seen: Seen) -> None:
    """Take this for the newest from now on, whatever was seen before: the person has decided so."""
    _write(vault_id, recall(vault_id)._replace(seen=seen, unsound={}))


def note_check(vault_id: bytes, path: str, problems: int, *, acceptable: bool = True) -> None:
    """Remember that a check of the vault file at `path` found so many problems; none clears what was found before."""
    known, path = recall(vault_id), os.path.realpath(path)
    unsound = {other: found for other, found in known.unsound.items() if other != path}
    if problems:
        unsound[path] = Unsound(now(), problems, acceptable)
    if unsound != known.unsound:
        _write(vault_id, known._replace(unsound=unsound))


def unsound(known: Memory, path: str) -> Unsound | None:
    """What a check of the vault file at `path` found, if it was not sound."""
    return known.unsound.get(os.path.realpath(path)) if known.unsound else None


def key_files(vault_id: bytes) -> tuple[str, ...]:
    """The key files of a vault that were made on this machine, as far as it remembers; they may be gone."""
    return recall(vault_id).key_files


def note_key_file(vault_id: bytes, path: str) -> None:
    """Remember that a key file of a vault was made here."""
    known, path = recall(vault_id), os.path.realpath(path)
    if path not in known.key_files:
        _write(vault_id, known._replace(key_files=(*known.key_files, path)))


def _place(seen: Seen) -> tuple[int, int, int]:
    """What grows from one sight of a vault to the next."""
    return seen.key_id, seen.number, seen.generation


def _path(vault_id: bytes) -> str:
    return os.path.join(paths.state_dir(), "seen", vault_id.hex())


def _write(vault_id: bytes, memory: Memory) -> None:
    """Replace a memory, all of it or nothing."""
    values: dict[str, Any] = {"format": _FORMAT}
    if memory.seen is not None:
        values |= memory.seen._asdict()
    values["unsound"] = {path: found._asdict() for path, found in memory.unsound.items()}
    values["key_files"] = memory.key_files
    path = _path(vault_id)
    with suppress(OSError):  # as one that never saw it: see above
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with unfinished(path) as file:  # which also removes what a killed run left
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
        return Memory(_seen(values) if values else None, unsound, key_files)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Memory()


def _seen(values: dict[str, Any]) -> Seen:
    seen = Seen(**values)
    for value, kind in zip(seen, (int, str, int, int, str, str, str), strict=True):
        _of(kind, value)
    if not all(0 <= number < _NUMBERS_END for number in (seen.number, seen.generation, seen.key_id)):
        raise ValueError
    return seen


def _of(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError
    return value
