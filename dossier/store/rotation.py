"""Encrypting a whole vault anew under another root: into a file beside it, which goes on where a killed run stopped.

The file `<vault>.rotating` is a vault in the making. Until all is done and checked its header has one slot, for the
secret that opened the vault: whoever copies it gets no way to the new root that the finished vault does not have. Where
a vault has its manifest, it holds under its own seal key how far it is: which state of the old vault it copies, and the
sums over the rows that were copied, as they were sealed there and as they are sealed here. Rows come in the order of
their ids and in batches, each committed with those sums, so a later run goes on after what is there; should somebody
have meddled with it, the check of the whole finds that.

Every row is verified and opened on its way, ids, uids and versions stay, and in the end the old vault's manifest must
account for all that was read: what was taken away, added or put back there behind our back does not get a new seal.
"""

from __future__ import annotations

import json
import os
import stat
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b, sha256
from typing import Any

from dossier.errors import Damaged, DossierError, Failed
from dossier.store import chunks
from dossier.store.catalog import RECORDS, Attachment, Change
from dossier.store.create import cannot_write, lay_out, sync_folder, taken
from dossier.store.database import SCHEMA_VERSION, SQLITE_ERRORS, Database, connect, fault_of
from dossier.store.gate import CALENDAR_UID, KINDS, calendar_row
from dossier.store.head import read_manifest
from dossier.store.reader import Reader
from dossier.store.record import AGENDA, Record
from dossier.store.rows import HOSTILE, NEVER_WRITTEN, Rows, layout_of
from dossier.vault import stream
from dossier.vault.envelope import CALENDAR_TABLE, ROTATION_TABLE
from dossier.vault.keys import KeyClass, Keys, subkey
from dossier.vault.seals import CHECK, SUM_BYTES, Manifest
from dossier.vault.stream import StreamKey

Progress = Callable[[int, int], None]

ANEW = "nothing was changed; run it again: it begins anew"

_BATCH_ROWS = 2000
_BATCH_BYTES = 4 << 20
"""What is committed at a time: whichever is reached first."""

_STATE = struct.Struct(f">B32s{SUM_BYTES}sQ{SUM_BYTES}sQ")
_STATE_VERSION = 1
_REKEY = b"dossier/1/rekey"
_WHOLE = "SELECT count(*) FROM chunk WHERE attachment_id < (SELECT max(attachment_id) FROM chunk)"
"""Chunks in an unfinished file; the attachment that was copied last may have come half-way, and is begun again."""

_ATTACHMENT = Attachment.table.name
_BESIDE = "-journal"


def place_of(vault: str) -> str:
    """Where an unfinished rotation of the vault at a path lies, if there is one: beside the real file."""
    return f"{os.path.realpath(vault)}.rotating"


def is_unfinished(vault: str) -> bool:
    """Whether a rotation of the vault at a path was begun and not finished."""
    return os.path.lexists(place_of(vault))


def discard(vault: str) -> None:
    """Remove an unfinished rotation, if there is one. Raises Refused for what is no file, Unavailable."""
    path = place_of(vault)
    try:
        for name in (path, path + _BESIDE):
            with suppress(FileNotFoundError):
                if not stat.S_ISREG(os.lstat(name).st_mode):
                    raise taken(name, "move it away; dossier needs that name")
                os.unlink(name)
    except OSError as error:
        raise cannot_write(path, error) from None


def begin(source: Database, old: Rows, header: bytes, keys: Keys) -> Database:
    """Make the file for a rotation of an open vault, empty, under a new header and its keys; what lay there goes.

    Nobody may write to the vault from now on until the rotation is done. Raises Refused, Unavailable.
    """
    discard(source.path)
    path, rows = place_of(source.path), Rows(keys)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
        connection = connect(path)
        try:
            connection.execute("BEGIN")
            lay_out(connection)
            state = _state(_origin(source), Manifest(old.cipher.keys), Manifest(keys))
            connection.execute("INSERT INTO vault VALUES (1, ?, ?)", (header, _sealed(rows, state)))
            connection.execute("COMMIT")
        finally:
            connection.close()
        sync_folder(path)
    except SQLITE_ERRORS as error:
        raise fault_of(error, path) from None
    except OSError as error:
        raise cannot_write(path, error) from None
    return Database(path)


def reopen(vault: str) -> Database:
    """The file of a rotation that was begun. Raises Damaged for what cannot be one, and the faults of `Database`."""
    path = place_of(vault)
    try:
        found = os.lstat(path)
    except OSError as error:
        raise cannot_write(path, error) from None
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise Damaged(f"{path} is not a file of yours alone")
    database = Database(path)
    if database.version != SCHEMA_VERSION:
        database.close()
        raise Damaged(f"{path} was begun by another version of dossier")
    return database


class Rotation:
    """What an unfinished file holds, and how it is filled. Nobody may write to the `source` meanwhile."""

    def __init__(self, source: Database, old: Rows, target: Database, new: Rows) -> None:
        """Raises Failed if the vault is not as it was when the file was begun, Damaged if these are not its keys."""
        self._source = source
        self._old = old
        self._target = target
        self._new = new
        self._before = read_manifest(source, old.cipher)
        self._read = Manifest(old.cipher.keys)
        """The sums over what was copied, as it is sealed in the source."""
        self._written = Manifest(new.cipher.keys)
        self._is_whole = False
        """Whether everything was copied, and the file has a manifest."""
        self._learn()
        self._goes_on = self._written.count > 0

    @property
    def copied(self) -> int:
        """How many parts are in the file already: records, the calendar, and chunks of whole attachments."""
        (chunks_there,) = self._target.row(_WHOLE) or (0,)
        return self._written.count + int(chunks_there)

    def fill(self, header: bytes, progress: Progress) -> None:
        """Copy what is missing and seal the whole with `header`, which is the file's; then it is a vault.

        Raises Damaged for what is not as dossier wrote it, and if the old manifest does not account for all of it.
        """
        if self._is_whole:
            return
        self._target.execute(
            "PRAGMA foreign_keys = OFF"
        )  # held in the source; the check of the whole looks again
        total = sum(self._source.count(name) for name in ("calendar", "chunk", *KINDS))
        progress(self.copied, total)
        for kind in RECORDS:
            self._copy(kind, lambda: progress(self.copied, total))
        self._copy_chunks(lambda done: progress(self._written.count + done, total))
        with self._target.transaction():
            self._copy_calendar()
            for table in ("last_contact", "sqlite_sequence"):
                self._copy_plain(table)
            if not self._read.same_rows(self._before):
                raise self._unaccounted()
            self._write_manifest(header)
        self._is_whole = True
        progress(total, total)

    def _unaccounted(self) -> Damaged:
        if self._goes_on:
            return Damaged("what a run before this one had copied was changed by somebody else", ANEW)
        return Damaged("the vault's manifest does not account for its records", CHECK)

    # --- How far it is

    def _learn(self) -> None:
        sealed = self._target.row("SELECT manifest FROM vault")
        blob = sealed[0] if sealed else None
        cipher = self._new.cipher
        try:
            state = cipher.decrypt_bytes(ROTATION_TABLE, KeyClass.SEAL, b"", blob)
        except DossierError:
            self._take_for_whole(Manifest.from_blob(cipher, blob))
            return
        if len(state) != _STATE.size or state[0] != _STATE_VERSION:
            raise Damaged("how far it is cannot be read")
        _, origin, read, read_count, written, written_count = _STATE.unpack(state)
        if origin != _origin(self._source):
            raise Failed("the vault was changed since it was begun", "run it again")
        self._read.total, self._read.count = int.from_bytes(read), read_count
        self._written.total, self._written.count = int.from_bytes(written), written_count

    def _take_for_whole(self, written: Manifest) -> None:
        """A run was killed between its last row and the end: generation and newest change say of which state it is."""
        before = self._before
        same = (written.generation, written.journal, written.count) == (
            before.generation + 1,
            before.journal,
            before.count,
        )
        newest = "SELECT uid FROM change WHERE id = ?"
        uids = [database.row(newest, (before.journal,)) for database in (self._source, self._target)]
        if not same or uids[0] != uids[1]:
            raise Failed("the vault was changed since it was begun", "run it again")
        self._written, self._is_whole = written, True

    def _note(self) -> None:
        """Note how far it is, in the transaction that is open."""
        state = _state(_origin(self._source), self._read, self._written)
        self._target.execute("UPDATE vault SET manifest = ?", (_sealed(self._new, state),))

    def _write_manifest(self, header: bytes) -> None:
        manifest = self._written
        manifest.generation, manifest.journal = self._before.generation + 1, self._before.journal
        manifest.know_header(header)
        self._target.execute("UPDATE vault SET manifest = ?", (manifest.to_blob(self._new.cipher),))

    # --- Records

    def _copy(self, kind: type[Record], told: Callable[[], None]) -> None:
        layout, name = layout_of(kind), kind.table.name
        (last,) = self._target.row(f"SELECT coalesce(max(id), 0) FROM {name}") or (0,)
        sql = f"SELECT {layout.columns} FROM {name} WHERE id > ? ORDER BY id"
        renew = self._renewer(kind)
        for batch in _batches(self._stream(sql, (last,))):
            with self._target.transaction():
                for row in batch:
                    renewed = renew(row)
                    self._target.execute(layout.insert, renewed)
                    self._read.add(kind.table.id, row[1], row[-1])
                    self._written.add(kind.table.id, row[1], renewed[-1])
                self._note()
            told()

    def _renewer(self, kind: type[Record]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
        """What makes of a row in the old vault, once it was verified, the same row under the new keys."""
        layout, table = layout_of(kind), kind.table
        steps = [
            (self._old.cipher.opener(table.id, key_class), self._new.cipher.sealer(table.id, key_class))
            for key_class, _ in layout.secrets
        ]
        width = layout.width

        def renew(row: Sequence[Any]) -> tuple[Any, ...]:
            try:
                self._old.verify_parts(table.id, row[:width], row[width:-1], row[-1])
                uid, envelopes = row[1], []
                for (opened, closed), envelope in zip(steps, row[width:-1], strict=True):
                    envelopes.append(closed(uid, self._rekeyed(kind, opened(uid, envelope))))
                return (*row[:width], *envelopes, self._new.seal(table.id, row[:width], envelopes))
            except Damaged as fault:
                raise _hurt(table.name, row[0], fault.message) from None
            except HOSTILE:
                pass  # its words may hold values, perhaps secret ones: it must not be the context of ours
            raise _hurt(table.name, row[0], NEVER_WRITTEN)

        return renew

    # --- Attachments: their streams' keys stand in the records and in the journal, and are others under each root

    def _rekeyed(self, kind: type[Record], payload: bytes) -> bytes:
        """The secrets of a record with the keys of streams that belong to the new root."""
        if kind is Attachment:
            return _dumped(self._with_new_key(json.loads(payload)))
        if kind is Change and f'"{_ATTACHMENT}"'.encode() in payload:
            fields = json.loads(payload)
            for line in fields.get("rows", ()):
                if line["table"] == _ATTACHMENT:
                    for when in ("before", "after"):
                        if when in line:
                            line[when] = self._with_new_key(line[when])
            return _dumped(fields)
        return payload

    def _with_new_key(self, fields: dict[str, Any]) -> dict[str, Any]:
        key = fields.get("key")
        return fields if key is None else fields | {"key": self._new_key(StreamKey.parse(key)).hex()}

    def _new_key(self, key: StreamKey) -> StreamKey:
        """The stream's key under the new root.

        It follows from the old one and the root: so records, the journal and a run that goes on agree on it.
        """
        dossier = self._new.cipher.keys.dossier
        assert dossier is not None, "a rotation has all keys"
        size = len(key.key) + len(key.prefix)
        made = blake2b(key.key + key.prefix, key=subkey(dossier, _REKEY), digest_size=size).digest()
        return StreamKey(made[: len(key.key)], made[len(key.key) :])

    def _copy_chunks(self, told: Callable[[int], None]) -> None:
        """Encrypt the attachments' bytes anew; those that neither a record nor the journal can open are left out.

        `told` is told how many chunks are done.
        """
        stored = chunks.ids(self._source)
        if not stored:
            return
        begun = max(chunks.ids(self._target), default=0)
        with self._target.transaction():  # that one may have come half-way
            self._target.execute("DELETE FROM chunk WHERE attachment_id = ?", (begun,))
        done = self._target.count("chunk")
        known = chunks.restorable(Reader(self._source, self._old))
        for number in stored:
            if number >= begun and number in known:
                for batch in _batches(self._chunks(known[number])):
                    with self._target.transaction():
                        for row in batch:
                            self._target.execute("INSERT INTO chunk VALUES (?, ?, ?)", row)
                    done += len(batch)
                    told(done)

    def _chunks(self, record: Attachment) -> Iterator[tuple[int, int, bytes]]:
        assert record.key is not None, "opened with all keys"
        key = self._new_key(StreamKey.parse(record.key))
        where = stream.place(self._new.cipher.keys, record.uid)
        content = chunks.content(self._source, self._old.cipher.keys, record)
        for number, data in enumerate(stream.encrypt(key, where, content)):
            yield record.id, number, data

    # --- The rest

    def _copy_calendar(self) -> None:
        found = self._source.row("SELECT version, agenda, seal FROM calendar")
        if found is None:
            raise Damaged("the vault's calendar is missing", CHECK)
        version, envelope, seal = found
        try:
            self._old.verify_parts(CALENDAR_TABLE, (1, CALENDAR_UID, version), [envelope], seal)
            packed = self._old.cipher.decrypt_bytes(CALENDAR_TABLE, AGENDA, CALENDAR_UID, envelope)
        except Damaged as fault:
            raise Damaged(f"the vault's calendar is hurt: {fault.message}", CHECK) from None
        values = calendar_row(self._new, version, packed)
        self._target.execute("INSERT INTO calendar VALUES (1, ?, ?, ?)", values)
        self._read.add(CALENDAR_TABLE, CALENDAR_UID, seal)
        self._written.add(CALENDAR_TABLE, CALENDAR_UID, values[-1])

    def _copy_plain(self, table: str) -> None:
        """Copy what repeats or counts what the records say; the check of the whole compares it with them."""
        self._target.execute(f"DELETE FROM {table}")
        for row in self._stream(f"SELECT * FROM {table}"):
            self._target.execute(f"INSERT INTO {table} VALUES (?, ?)", row)

    def _stream(self, sql: str, parameters: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        with self._source.guarded():
            yield from self._source.connection.execute(sql, parameters)


def give_header(target: Database, rows: Rows, header: bytes) -> None:
    """Put a header in place of the one that a filled and checked file was begun with; nothing else opens it before."""
    with target.transaction():
        manifest = read_manifest(target, rows.cipher)
        manifest.know_header(header)
        target.execute("UPDATE vault SET header = ?, manifest = ?", (header, manifest.to_blob(rows.cipher)))


def _batches(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    batch: list[tuple[Any, ...]] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(len(value) for value in row if isinstance(value, (bytes, str)))
        if len(batch) == _BATCH_ROWS or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _origin(source: Database) -> bytes:
    """What no other state of a vault has: each write makes its manifest anew, under a random nonce."""
    found = source.row("SELECT manifest FROM vault")
    return sha256(found[0] if found else b"").digest()


def _state(origin: bytes, read: Manifest, written: Manifest) -> bytes:
    sums = (part for one in (read, written) for part in (one.total.to_bytes(SUM_BYTES), one.count))
    return _STATE.pack(_STATE_VERSION, origin, *sums)


def _sealed(rows: Rows, state: bytes) -> bytes:
    return rows.cipher.encrypt_bytes(ROTATION_TABLE, KeyClass.SEAL, b"", state)


def _dumped(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _hurt(noun: str, number: object, why: str) -> Damaged:
    return Damaged(f"{noun.replace('_', ' ')} {number} is hurt: {why}; nothing was changed", CHECK)
