"""A reader of vaults that knows nothing but docs/vault-format.md.

It verifies all that the page tells, in the order of its section 13, and gives the records as dicts. It shares no code
with dossier: where the two differ, the page or one of them is wrong.
"""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
import struct
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.reader import journal, page
from tests.reader.keys import (
    FLOOR,
    Cost,
    Header,
    Keys,
    NoVault,
    OlderCopy,
    Refused,
    Secret,
    TooNew,
    json_object,
    number,
    open_envelope,
    open_slot,
    padded,
    read_header,
    unboxed,
)
from tests.reader.page import Noun, Record

PIECE = 65_536
CALENDAR, MANIFEST = b"\xff\x01", b"\xff\x02"
CLASS = {"agenda": 1, "dossier": 2, "seal": 3}
NO_DAYS = 0xFFFF


@dataclass
class Vault:
    """What was read, all of it verified unless `scope` is agenda."""

    schema: int
    header: Header
    scope: str  # full or agenda
    nouns: list[Noun]
    records: dict[str, list[Record]] = field(default_factory=dict)
    calendar: list[tuple[int, int, int, int]] = field(default_factory=list)  # month and day, days, kind, id
    generation: int = 0
    files: dict[int, bytes] = field(default_factory=dict)  # by the id of the attachment
    said: list[str] = field(default_factory=list)  # what could not be verified


def open_vault(path: Path, secret: Secret, floor: Cost = FLOOR) -> Vault:
    """Open and verify a vault. `floor` is for the frozen vaults of the tests; no user may reach it."""
    version = check_file(path)
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
            connection.isolation_level = None
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("BEGIN")
            return _Reading(connection, version).read(secret, floor)
    except sqlite3.Error as error:
        raise Refused(f"SQLite cannot read it: {error}") from None


def check_file(path: Path) -> int:
    """Step 1: what lies beside the file, and its SQLite header; gives the schema."""
    if Path(f"{path}-wal").is_symlink() or Path(f"{path}-wal").exists():
        raise Refused("a write-ahead log lies beside it")
    if Path(f"{path}-journal").is_symlink() or Path(f"{path}-journal").exists():
        raise Refused("a write was cut off or is going on")  # this reader never writes
    with path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100 or head[:16] != b"SQLite format 3\0" or head[68:72] != b"Dos1":
        raise NoVault("that is no vault")
    schema = int.from_bytes(head[60:64], "big", signed=True)
    if schema < 1:
        raise Refused("the vault has no schema")
    if schema > page.NEWEST:
        raise TooNew(f"the vault has schema {schema}")
    if head[18:20] != b"\x01\x01" or head[56:60] != b"\0\0\0\x01":
        raise Refused("the database has a write-ahead log or another text encoding")
    return schema


@dataclass(frozen=True)
class Sealed:
    """What a seal covers."""

    what: str
    table: bytes
    uid: bytes
    version: Any
    plain: tuple[Any, ...]
    envelopes: tuple[Any, ...]

    def encoding(self) -> bytes:
        """The bytes of section 8."""
        if type(self.version) is not int:
            raise Refused(f"{self.what} has no version")
        counts = struct.pack(">qHHI", self.version, len(self.plain), len(self.envelopes), len(self.uid))
        parts = [self.table, counts, self.uid, *(_encoded(value, self.what) for value in self.plain)]
        for envelope in self.envelopes:
            if not isinstance(envelope, bytes):
                raise Refused(f"{self.what} has an envelope that is no blob")
            parts += [b"e", struct.pack(">I", len(envelope)), envelope]
        return b"".join(parts)


class _Reading:
    """One reading of a vault, step by step."""

    def __init__(self, connection: sqlite3.Connection, schema: int) -> None:
        self.connection = connection
        self.schema = schema
        self.nouns = page.nouns(schema)
        self.keys = Keys(b"")
        self.elements: list[bytes] = []

    def read(self, secret: Secret, floor: Cost) -> Vault:
        """Steps 2 to 6."""
        rows = self.connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
        if len(rows) != len({row[3] for row in rows}) or {row[3] for row in rows} != page.schema(self.schema):
            raise Refused("the database has something foreign in it, or lacks something")
        vault = self._one_row("SELECT id, header, manifest FROM vault")
        if not isinstance(vault[1], bytes):
            raise Refused("the header is no blob")
        self.header = read_header(vault[1], floor)
        self.keys = open_slot(self.header, secret)
        self.full = bool(self.keys.seal)
        self.vault = Vault(self.schema, self.header, "full" if self.full else "agenda", self.nouns)
        manifest = self._manifest(vault[2]) if self.full else None
        for noun in self.nouns:
            self.vault.records[noun.name] = [self._record(noun, row) for row in self._rows(noun)]
        longest = self._calendar()
        played = self._whole(*manifest) if manifest is not None else None
        self._check_calendar(longest)
        self._check_last_contact()
        self._check_references()
        if played is None:
            self.vault.said.append("an agenda key verifies no seal, no manifest, no journal and no file")
        else:
            self._check_sequence(played.highest)
            self._check_streams(played)
        return self.vault

    # --- The manifest, step 4 ---

    def _manifest(self, envelope: object) -> tuple[int, int, int]:
        payload = self._open("seal", MANIFEST, 1, b"", envelope, "the manifest")
        if len(payload) != 121 or payload[0] != 1:
            raise Refused("the manifest is none of version 1")
        if payload[89:] != self.header.digest():
            raise OlderCopy("the header or the manifest is an older copy")
        self.vault.generation = number(payload[73:81])
        return number(payload[1:65]), number(payload[65:73]), number(payload[81:89])

    def _whole(self, total: int, count: int, newest: int) -> journal.Played:
        """Step 6: the manifest's count and sum, then the journal."""
        if count != len(self.elements) or total != sum(map(number, self.elements)) % 2**512:
            raise Refused("rows are missing, added or older than the manifest says")
        played = journal.play(self.vault.records["change"], {noun.name for noun in self.nouns})
        journal.compare(played, self.vault.records, newest)
        return played

    # --- Rows, step 5 ---

    def _rows(self, noun: Noun) -> list[tuple[Any, ...]]:
        columns = ["id", "uid", "version", *noun.columns(), *(["folded"] if noun.folded else [])]
        columns += [*noun.classes(), "seal"]
        names = ", ".join(f'"{name}"' for name in columns)
        return self.connection.execute(f"SELECT {names} FROM {noun.name} ORDER BY id").fetchall()

    def _record(self, noun: Noun, row: tuple[Any, ...]) -> Record:
        what = f"{noun.name} {row[0]}"
        table, classes = noun.table.to_bytes(2, "big"), noun.classes()
        uid, version, seal = row[1], row[2], row[-1]
        envelopes = row[len(row) - 1 - len(classes) : -1]
        plain = (row[0], *row[3 : len(row) - 1 - len(classes)])
        if not isinstance(uid, bytes) or len(uid) != 16 or not 1 <= row[0] <= page.LAST_ID:
            raise Refused(f"{what} has no proper id")
        if self.full:
            self._check_seal(Sealed(what, table, uid, version, plain, envelopes), seal)
        values: Record = dict(zip(noun.columns(), plain[1:], strict=False))
        for name, envelope in zip(classes, envelopes, strict=True):
            if name == "agenda" or self.full:
                payload = self._open(name, table, 0, uid, envelope, f"{what}, {name}")
                inside = json_object(payload, f"{what}, {name}")
                values |= {each.name: inside.get(each.name) for each in noun.fields if each.place == name}
        record: Record = {"id": row[0], "uid": uid.hex(), "version": version}
        for each in noun.fields:
            if each.name in values:
                try:
                    record[each.name] = each.check(values[each.name])
                except page.WrongValue as wrong:
                    raise Refused(f"{what}: {wrong}") from None
        return record

    def _check_seal(self, row: Sealed, seal: object) -> None:
        """Section 8, and the row's element of the manifest."""
        made = hashlib.blake2b(
            row.encoding(), key=self.keys.seal, person=b"dossier/1/row\0\0\0", digest_size=32
        )
        if not isinstance(seal, bytes) or not hmac.compare_digest(made.digest(), seal):
            raise Refused(f"{row.what} was changed: its seal differs")
        element = row.table + struct.pack(">I", len(row.uid)) + row.uid + seal
        self.elements.append(hashlib.blake2b(element, key=self.keys.rowset, digest_size=64).digest())

    def _open(self, name: str, table: bytes, kind: int, uid: bytes, envelope: object, what: str) -> bytes:
        key = {"agenda": self.keys.agenda, "dossier": self.keys.dossier, "seal": self.keys.sealed}[name]
        place = table + bytes([CLASS[name], kind]) + uid
        return open_envelope(self.header, key, envelope, place, what)

    def _one_row(self, query: str) -> tuple[Any, ...]:
        rows: list[tuple[Any, ...]] = self.connection.execute(query).fetchall()
        if len(rows) != 1 or rows[0][0] != 1:
            raise Refused("a table of one row has another number of them")
        return rows[0]

    # --- The calendar, section 10 ---

    def _calendar(self) -> int:
        """The entries as they stand; gives the longest lead."""
        _, version, envelope, seal = self._one_row("SELECT id, version, agenda, seal FROM calendar")
        if self.full:
            sealed = Sealed("the calendar", CALENDAR, b"calendar", version, (1,), (envelope,))
            self._check_seal(sealed, seal)
        payload = self._open("agenda", CALENDAR, 1, b"calendar", envelope, "the calendar")
        if not payload:
            return 0
        entries = [payload[at : at + 10] for at in range(2, len(payload), 10)]
        if len(payload) % 10 != 2 or sorted(set(entries)) != entries:
            raise Refused("the calendar is no list of entries in order")
        for entry in entries:
            when, days, kind, zero, row = struct.unpack(">HHBBI", entry)
            if zero:
                raise Refused("the calendar has an entry of another kind")
            self.vault.calendar.append((when, days, kind, row))
        return number(payload[:2])

    def _check_calendar(self, longest: int) -> None:
        """The calendar made anew; all of it stands in agenda envelopes."""
        records, made = self.vault.records, set()
        for kind, noun, name in (
            (1, "person", "birthday"),
            (2, "relative", "birthday"),
            (3, "occasion", "date"),
        ):
            for record in records[noun]:
                month, day = page.month_day(record[name] or "") or (0, 0)
                if month and day:
                    lead = record["lead_days"] if kind == 3 else None
                    made.add((month * 100 + day, NO_DAYS if lead is None else lead, kind, record["id"]))
        for record in records["account"]:
            if record["cadence_days"] is not None:
                made.add((0, record["cadence_days"], 4, record["id"]))
        made |= {(0, NO_DAYS, 5, record["id"]) for record in records["person"] if record["marked"]}
        if set(self.vault.calendar) != made:
            raise Refused("the calendar is not that of the records")
        leads = (days for _, days, kind, _ in made if kind == 3 and days != NO_DAYS)
        if longest != max(leads, default=0):
            raise Refused("the calendar's longest lead is not that of the records")

    # --- The rest of the whole, step 6 ---

    def _check_references(self) -> None:
        ids = {noun: {record["id"] for record in rows} for noun, rows in self.vault.records.items()}
        for noun in self.nouns:
            for each in noun.fields:
                if each.refers_to is not None:
                    leads = {record[each.name] for record in self.vault.records[noun.name]} - {None}
                    if lost := leads - ids[each.refers_to]:
                        raise Refused(f"{noun.name} has {each.name} that lead nowhere: {sorted(lost)}")

    def _check_last_contact(self) -> None:
        latest: dict[int, str] = {}
        for record in self.vault.records["interaction"]:
            account, at = record["account_id"], record["at"]
            latest[account] = max(latest.get(account, at), at)
        if dict(self.connection.execute("SELECT account_id, at FROM last_contact")) != latest:
            raise Refused("last_contact is not that of the interactions")

    def _check_sequence(self, highest: dict[str, int]) -> None:
        rows = self.connection.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
        for noun, records in self.vault.records.items():
            for record in records:
                highest[noun] = max(highest.get(noun, 0), record["id"])
        if len(rows) != len(dict(rows)) or dict(rows) != highest:
            raise Refused("sqlite_sequence is not that of the records and the journal")

    # --- Attachments, section 12 ---

    def _check_streams(self, played: journal.Played) -> None:
        """Every file, removed ones too that the journal could bring back, and no chunk besides."""
        if self.schema < page.SINCE["chunk"]:
            return
        here = {record["id"]: record for record in self.vault.records["attachment"]}
        known = {**played.files, **here}
        rows = self.connection.execute("SELECT DISTINCT attachment_id FROM chunk").fetchall()
        if lost := {row[0] for row in rows} - known.keys():
            raise Refused(f"chunks belong to no attachment: {lost}")
        for row, record in known.items():
            content = self._file(record)
            if row in here:
                self.vault.files[row] = content

    def _file(self, record: Record) -> bytes:
        what = f"attachment {record['id']}"
        secret = bytes.fromhex(record["key"])
        length = padded(record["size"])
        chunks = -(-length // PIECE)
        if len(secret) != 39 or record["chunks"] != chunks:
            raise Refused(f"{what} has another key or number of chunks than it can have")
        query = "SELECT number, data FROM chunk WHERE attachment_id = ? ORDER BY number"
        bound = b"dossier/1/stream" + self.header.vault_id + self.header.key_id + bytes.fromhex(record["uid"])
        pieces = []
        for expected, (at, data) in enumerate(self.connection.execute(query, (record["id"],)).fetchall()):
            if at != expected or not isinstance(data, bytes):
                raise Refused(f"{what}: chunk {at} where {expected} belongs")
            nonce = secret[32:] + struct.pack(">IB", at, at == chunks - 1)
            pieces.append(unboxed(secret[:32], nonce, data, bound, f"{what}, chunk {at}"))
        if [len(piece) for piece in pieces] != [min(PIECE, length - at) for at in range(0, length, PIECE)]:
            raise Refused(f"{what} has too many or too few chunks")
        content = b"".join(pieces)[: record["size"]]
        if hashlib.sha256(content).hexdigest() != record["digest"]:
            raise Refused(f"{what} has another digest")
        return content


def _encoded(value: Any, what: str) -> bytes:
    """A plain value, as a seal takes it."""
    match value:
        case None:
            return b"0"
        case int():
            return b"i" + struct.pack(">q", value)
        case float():
            return b"f" + struct.pack(">d", value)
        case str():
            data = value.encode()
            return b"s" + struct.pack(">I", len(data)) + data
    raise Refused(f"{what} has a plain value that no seal covers")
