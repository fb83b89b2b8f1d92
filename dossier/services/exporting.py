"""Taking everything out: one JSON document of all records, complete under its name or not there at all (C3)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, TextIO

from dossier.exchange.json_out import SECTIONS, write_export
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.store.catalog import RECORDS, Attachment
from dossier.store.create import cannot_write, sync_folder, taken
from dossier.store.new_file import appearing
from dossier.store.record import PLAIN, Record
from dossier.store.rows import ALL_CLASSES
from dossier.store.snapshot import snapshot


def to_stream(session: Session, stream: TextIO, *, include_sensitive: bool) -> dict[str, int]:
    """Write every record to `stream`, as of one moment; how many there were of each section.

    The records of a noun come by id, with their fields in the model's order. Without `include_sensitive` only what
    stands in clear is written, which a locked vault can give; with it, Locked is raised unless all keys are at hand.
    The journal stays behind: it belongs to this vault alone. So do the files attached, and the keys to their bytes.
    """
    if include_sensitive:
        session.need_keys()
    counts = dict.fromkeys(SECTIONS.values(), 0)
    with snapshot(session.database):
        write_export(
            _records(session, include_sensitive, counts),
            stream,
            exported_on=session.today,
            includes_sensitive=include_sensitive,
        )
    return counts


def to_file(session: Session, path: str, *, include_sensitive: bool) -> Shape:
    """Write every record to a new file (0600): `{file, includes_sensitive, counts: {accounts, people, …}}`.

    Raises Refused if something is there already, Unavailable if the disk or permissions say no; and see `to_stream`.
    """
    try:
        if os.path.lexists(path):
            raise FileExistsError
        with appearing(path) as descriptor:
            with open(descriptor, "w", encoding="utf-8", newline="\n", closefd=False) as stream:
                counts = to_stream(session, stream, include_sensitive=include_sensitive)
            os.fsync(descriptor)
        sync_folder(path)
    except FileExistsError:
        raise taken(path) from None
    except OSError as error:
        raise cannot_write(path, error) from None
    return {"file": path, "includes_sensitive": include_sensitive, "counts": counts}


_BEHIND = {(Attachment.table.name, "key")}
"""Fields, by noun, that stay in the vault: what opens an attachment's bytes opens nothing else."""


def _records(
    session: Session, include_sensitive: bool, counts: dict[str, int]
) -> Iterator[tuple[str, dict[str, Any]]]:
    kinds: dict[str, type[Record]] = {kind.table.name: kind for kind in RECORDS}
    for noun, section in SECTIONS.items():
        for record in session.reader.each(kinds[noun], classes=ALL_CLASSES if include_sensitive else ()):
            counts[section] += 1
            fields = (
                (field.name, value)
                for field, value in record.values()
                if (include_sensitive or field.key_class == PLAIN) and (noun, field.name) not in _BEHIND
            )
            yield noun, {"id": record.id, **dict(fields)}
