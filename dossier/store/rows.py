"""Between a record in memory and its row: columns in clear, one envelope per key class, a seal over both."""

from __future__ import annotations

import json
import struct
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple, TypeVar

from dossier.domain.text import fold, phone_digits
from dossier.errors import Damaged
from dossier.store.record import AGENDA, DOSSIER, Field, Record
from dossier.vault.envelope import Cipher
from dossier.vault.keys import Keys
from dossier.vault.seals import CHECK, check_row_seal, row_seal

NEVER_WRITTEN = "it holds a value that dossier never writes"

R = TypeVar("R", bound=Record)

ALL_CLASSES = (AGENDA, DOSSIER)

HOSTILE = (
    TypeError,
    ValueError,
    AttributeError,
    KeyError,
    struct.error,
    OverflowError,
    RecursionError,
)
"""What a value of a type or shape that dossier never writes may raise, wherever it is used."""


class Layout(NamedTuple):
    """Where the values of one table stand in its rows."""

    plain: tuple[Field, ...]
    secrets: tuple[tuple[str, tuple[Field, ...]], ...]
    columns: str
    insert: str
    update: str
    folded: bool

    @property
    def width(self) -> int:
        """Values before the envelopes: id, uid, version, the plain fields and `folded`."""
        return 3 + len(self.plain) + self.folded


_layouts: dict[type[Record], Layout] = {}


def layout_of(kind: type[Record]) -> Layout:
    """The layout of a record class, worked out once."""
    if kind not in _layouts:
        table = kind.table
        secrets = tuple(
            (key_class, fields) for key_class in ALL_CLASSES if (fields := table.secrets(key_class))
        )
        names = ["id", "uid", "version", *(field.name for field in table.plain)]
        names += ["folded"] if table.search_fields else []
        names += [key_class for key_class, _ in secrets] + ["seal"]
        _layouts[kind] = Layout(
            table.plain,
            secrets,
            ", ".join(f"{table.name}.{name}" for name in names),
            f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
            f"UPDATE {table.name} SET {', '.join(f'{name} = ?' for name in names[2:])} WHERE id = ?",
            bool(table.search_fields),
        )
    return _layouts[kind]


def search_key(text: str) -> str:
    """How a name, mail or phone stands in a `folded` column; a phone number also as its digits alone."""
    digits = phone_digits(text)
    return f"{fold(text)}\n{digits}" if digits else fold(text)


def _folded(record: Record) -> str:
    """Everything the record goes by, a line each; newlines at both ends tell a whole name from a part."""
    words: list[str] = []
    for name in record.table.search_fields:
        value = getattr(record, name)
        words += [value] if isinstance(value, str) else value
    return "\n" + "".join(search_key(word) + "\n" for word in words)


def _stored(field: Field, value: Any) -> Any:
    if field.kind == "lines":
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return int(value) if field.kind == "bool" else value


def _loaded(field: Field, value: Any) -> Any:
    if field.kind == "lines":
        return _lines(value) if value != "[]" else []
    return bool(value) if field.kind == "bool" else value


def _lines(value: str) -> list[str]:
    found = json.loads(value)
    if not isinstance(found, list) or not all(isinstance(line, str) for line in found):
        raise ValueError
    return found


class Rows:
    """Opens rows into records and closes records into rows, with the keys at hand."""

    def __init__(self, keys: Keys) -> None:
        self.cipher = Cipher(keys)
        self._seal_key = keys.seal

    def can_open(self, key_class: str) -> bool:
        """Whether the key of `key_class` is at hand."""
        return self.cipher.can_open(key_class)

    @property
    def can_verify(self) -> bool:
        """Whether the key of the seals is at hand."""
        return self._seal_key is not None

    def open(self, kind: type[R], row: Sequence[Any], classes: Collection[str] = ALL_CLASSES) -> R:
        """The record of a row selected by its layout's columns.

        Only the envelopes in `classes` are opened; the fields of all others are None, and `locked` names their class.
        Damaged is raised for an envelope that is not authentic or stands in another row's place, and for values that
        dossier never writes.
        """
        try:
            return self._open(kind, row, classes)
        except Damaged as fault:
            raise _named(_name(kind, row), fault) from None
        except HOSTILE:
            pass  # its words may hold values, perhaps secret ones: it must not be the context of ours
        raise _named(_name(kind, row), Damaged(NEVER_WRITTEN))

    def _open(self, kind: type[R], row: Sequence[Any], classes: Collection[str]) -> R:
        layout = layout_of(kind)
        record = object.__new__(kind)
        record.id, record.uid, record.version = row[0], row[1], row[2]
        for field, value in zip(layout.plain, row[3:], strict=False):
            setattr(record, field.name, _loaded(field, value))
        hidden = []
        for place, (key_class, fields) in enumerate(layout.secrets, layout.width):
            if key_class in classes and self.can_open(key_class):
                values = self.cipher.decrypt(kind.table.id, key_class, row[1], row[place])
                for field in fields:
                    empty = [] if field.kind in ("lines", "json") else field.default
                    setattr(record, field.name, values.get(field.name, empty))
            else:
                hidden.append(key_class)
                for field in fields:
                    setattr(record, field.name, None)
        record.locked = frozenset(hidden)
        return record

    def close(self, record: Record) -> tuple[Any, ...]:
        """The whole row of a checked record, in the order of its layout's columns."""
        layout = layout_of(type(record))
        row: list[Any] = [record.id, record.uid, record.version]
        row += [_stored(field, getattr(record, field.name)) for field in layout.plain]
        if layout.folded:
            row.append(_folded(record))
        envelopes = [
            self.cipher.encrypt(
                record.table.id,
                key_class,
                record.uid,
                {
                    field.name: value
                    for field in fields
                    if (value := getattr(record, field.name)) not in (None, [])
                },
            )
            for key_class, fields in layout.secrets
        ]
        return (*row, *envelopes, self.seal(record.table.id, row, envelopes))

    def seal(self, table_id: int, row: Sequence[Any], envelopes: Sequence[bytes]) -> bytes:
        """The seal over a row's id, version, plain columns and envelopes."""
        assert self._seal_key is not None, "writing needs the full key"
        identity, uid, version, *plain = row
        return row_seal(self._seal_key, table_id, uid, version, [identity, *plain], envelopes)

    def verify(self, kind: type[Record], row: Sequence[Any]) -> None:
        """Raise Damaged unless the row's seal fits all of it."""
        layout = layout_of(kind)
        parts = row[: layout.width], row[layout.width : -1], row[-1]
        self.verify_parts(kind.table.id, *parts, what=_name(kind, row))

    def verify_parts(
        self, table_id: int, row: Sequence[Any], envelopes: Sequence[bytes], seal: bytes, *, what: str = "it"
    ) -> None:
        """Raise Damaged, which says `what` it is, unless `seal` fits the row's values and envelopes."""
        assert self._seal_key is not None, "verifying needs the full key"
        identity, uid, version, *plain = row
        try:
            check_row_seal(self._seal_key, seal, table_id, uid, version, [identity, *plain], envelopes)
        except Damaged as fault:
            raise _named(what, fault) from None
        except HOSTILE:
            pass
        else:
            return
        raise _named(what, Damaged(NEVER_WRITTEN))


def _named(what: str, fault: Damaged) -> Damaged:
    """A fault of something that it calls "it", or of a part of it, with the name of what is meant."""
    said = fault.message
    whole = f"{what} {said[3:]}" if said.startswith("it ") else f"{what}: {said}"
    return Damaged(whole, fault.hint or CHECK)


def _name(kind: type[Record], row: Sequence[Any]) -> str:
    """A record's noun and number, by which `vault check` names it too."""
    return f"{kind.table.name.replace('_', ' ')} {row[0]}"
