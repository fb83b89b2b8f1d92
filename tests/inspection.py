"""Looking into a vault from a test, past the services."""

from __future__ import annotations

from typing import Any

from dossier.services.session import Session
from dossier.store.catalog import RECORDS, Change
from dossier.store.gate import CALENDAR_UID
from dossier.store.head import read_manifest
from dossier.store.rows import layout_of
from dossier.vault.envelope import CALENDAR_TABLE
from dossier.vault.seals import Manifest


def manifest_agrees(session: Session) -> bool:
    """Whether the manifest is the sum of the rows that are there, each with a seal that fits, and knows the header."""
    counted = Manifest(session.keys)
    for kind in RECORDS:
        for row in session.database.rows(f"SELECT {layout_of(kind).columns} FROM {kind.table.name}"):
            session.rows.verify(kind, row)
            counted.add(kind.table.id, row[1], row[-1])
    for version, envelope, seal in session.database.rows("SELECT version, agenda, seal FROM calendar"):
        session.rows.verify_parts(CALENDAR_TABLE, (1, CALENDAR_UID, version), [envelope], seal)
        counted.add(CALENDAR_TABLE, CALENDAR_UID, seal)
    manifest = read_manifest(session.database, session.rows.cipher)
    return counted.same_rows(manifest) and manifest.knows_header(session.header)


def calendar_days(session: Session) -> dict[int, list[tuple[int, int]]]:
    """The calendar: kind and id of each entry by month and day (`412`; 0 for what has none)."""
    calendar = session.reader.calendar()
    assert calendar is not None
    days = {calendar[place] for place in range(len(calendar))}
    return {day: [(entry.kind, entry.record_id) for entry in calendar.on(day)] for day in days}


def everything(session: Session) -> dict[tuple[str, int], tuple[bytes, list[Any]]]:
    """All records but the journal's: uid and values by table and id."""
    return {
        (kind.table.name, record.id): (record.uid, [value for _, value in record.values()])
        for kind in RECORDS
        if kind is not Change
        for record in session.reader.each(kind)
    }
