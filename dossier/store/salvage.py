"""Everything that can still be read of a damaged vault, in a new one: nothing comes back that is not proven.

The damaged file is only read, by `store/pages.py`, which needs neither SQLite nor a whole tree. A row counts if the
seal of one of the tables fits it, so nothing that somebody else wrote comes along, and if its envelopes open. Of
several copies the journal says which one was the last, else it is the one written most often; what the journal says was
removed stays so. Rows are taken as they are, with their ids, uids and seals. Besides:

- A record whose row is hurt is made anew where the journal still says what it held: what it was when it was added, and
  each change since.
- What others refer to and nothing tells of is made anew under its id, by a name that says so: `(lost account 12)`.
- A file of which some chunks are hurt keeps the others, with zeros for what is missing, and a name that says so.
- Calendar, last contacts, counters and manifest are made from what is there.

An entry `vault salvage` ends the journal. It says of every record that is not as the entries before it tell, and of
every entry that is lost, that it was taken as it stands now, so that `vault check` goes on from there.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from dossier.domain.faults import BadValue
from dossier.domain.limits import LINE_LIMIT
from dossier.domain.text import count_of
from dossier.errors import Damaged
from dossier.store import calendar, chunks, last_contact
from dossier.store.catalog import RECORDS, Account, Attachment, Change, Interaction, Person, Promise
from dossier.store.check import Progress
from dossier.store.check.testimony import Testimony
from dossier.store.database import SPILL, Database
from dossier.store.gate import CALENDAR_UID, KINDS, calendar_row
from dossier.store.journal import ACCEPTED, Key, is_forgotten_line, stub
from dossier.store.pages import CHUNK, RECORD, Cell, Image, Value
from dossier.store.record import Record
from dossier.store.rows import HOSTILE, Rows, layout_of
from dossier.vault import header, stream
from dossier.vault.envelope import CALENDAR_TABLE
from dossier.vault.keys import Keys
from dossier.vault.seals import Manifest
from dossier.vault.stream import StreamKey

COMMAND = "vault salvage"

_MOST_HURT = 10_000
"""How many rows that nothing proves are noted: a hostile file may be full of them."""

_ACCOUNT = Account.table.name
_CHANGE = Change.table.name
_ATTACHMENT = Attachment.table.name


class Head(NamedTuple):
    """A header found in a file, and what follows it there: the manifest, if nothing was hurt."""

    header: bytes
    after: bytes


class Finding(NamedTuple):
    """A record of which something is to be told; `noun` or `id` is None where nothing says it."""

    noun: str | None
    id: int | None
    uid: str | None


class Incomplete(NamedTuple):
    """A file of which some chunks are lost."""

    id: int
    name: str
    chunks: int
    missing: int


class Rescued(NamedTuple):
    """What became of everything: how many rows came over, and which records were made anew, stand in, or are lost."""

    counts: dict[str, int]
    rebuilt: list[Finding]
    placeholders: list[Finding]
    lost: list[Finding]
    incomplete: list[Incomplete]


class _Copy(NamedTuple):
    """Where a proven row is."""

    uid: bytes
    version: int
    image: Image
    cell: Cell


def images_of(path: str) -> list[Image]:
    """The file, in pages as dossier makes them, and as its own first page says if that is something else."""
    usual = Image(path)
    said = usual.said_page()
    return [usual] if said == usual.page else [usual, Image(path, said)]


def heads_in(image: Image) -> list[Head]:
    """Every whole header in a file, the newest first: that of the newest root, then that with the newest slot."""
    found: dict[bytes, Head] = {}
    for offset, block in image.blocks():
        start = block.find(header.MAGIC)
        while start >= 0:
            data = image.read(offset + start, 2 * image.page)
            blob = header.found_at(data, 0)
            if blob is not None:
                found.setdefault(blob, Head(blob, data[len(blob) :]))
            start = block.find(header.MAGIC, start + 1)
    return sorted(found.values(), key=_newness, reverse=True)


def _newness(head: Head) -> tuple[int, int]:
    parsed = header.Header.parse(head.header)
    return parsed.key_id, parsed.next_slot_id()


class Salvage:
    """One salvage: look into the damaged file, then fill an empty vault with what it holds."""

    def __init__(self, images: Sequence[Image], rows: Rows) -> None:
        """`rows` has all keys of the vault."""
        self._images = images
        self._rows = rows
        self._kept: dict[Key, _Copy] = {}
        self._made: dict[Key, Record] = {}
        """Records that are made anew: from the journal, in place of what is lost, files with holes, bared entries."""
        self._hurt: dict[bytes, Finding] = {}
        self._testimony = Testimony()
        self._rebuilt: list[Finding] = []
        self._placeholders: list[Finding] = []
        self._lost: list[Finding] = []
        self._incomplete: list[Incomplete] = []

    @property
    def found(self) -> int:
        """How many records were found and proven."""
        return len(self._kept)

    def look(self, progress: Progress) -> None:
        """Find every row and decide which ones count."""
        copies: dict[Key, list[_Copy]] = {}
        total, done = sum(image.size for image in self._images), 0
        for image in self._images:
            for offset, block in image.blocks():
                for cell in image.cells_in(offset, block, RECORD):
                    self._note(image, cell, copies)
                done += len(block)
                progress(done, total)
        for key, found in copies.items():
            if key[0] == _CHANGE:
                self._kept[key] = max(found, key=lambda copy: copy.version)
        gone = self._read_journal()
        for key, found in copies.items():
            if key[0] != _CHANGE and key not in gone:
                told = self._testimony.written.get(key)
                self._kept[key] = max(
                    found, key=lambda copy: (told == (copy.uid.hex(), copy.version), copy.version)
                )
        self._rebuild(gone)

    def fill(
        self, database: Database, head: Head, today: str, generation: int, progress: Progress
    ) -> Rescued:
        """Write all of it into a vault that is laid out and empty, in the transaction that is open."""
        self._rescue_files(database)
        database.execute(SPILL)  # nobody reads here yet, and what is unfinished is thrown away
        self._stand_in(today)
        self._tell_of_hurt()
        manifest, old = Manifest(self._rows.cipher.keys), _manifest_after(head, self._rows)
        entries: list[bytes] = []
        everything = sorted(self._kept.keys() | self._made.keys(), key=lambda key: (_PLACES[key[0]], key[1]))
        states: dict[Key, tuple[str, int]] = {}
        for number, key in enumerate(everything, 1):
            record, row = self._final(key)
            database.execute(layout_of(type(record)).insert, row)
            manifest.add(record.table.id, record.uid, row[-1])
            entries += calendar.entries_of(record)
            states[key] = record.uid.hex(), record.version
            if number % 500 == 0:
                progress(number, len(everything))
        progress(1, 1)
        last = max([number for noun, number in states if noun == _CHANGE] + [old.journal if old else 0])
        entry = self._entry(states, last)
        row = self._rows.close(entry)
        database.execute(layout_of(Change).insert, row)
        manifest.add(entry.table.id, entry.uid, row[-1])
        values = calendar_row(self._rows, 1, calendar.changed(b"", (), entries) if entries else b"")
        database.execute("INSERT INTO calendar VALUES (1, ?, ?, ?)", values)
        manifest.add(CALENDAR_TABLE, CALENDAR_UID, values[-1])
        last_contact.renew(database, [number for noun, number in states if noun == _ACCOUNT])
        self._set_counters(database, states, entry)
        manifest.know_header(head.header)
        manifest.journal = entry.id
        manifest.generation = max(old.generation if old else 0, generation, entry.id) + 1
        database.execute("UPDATE vault SET manifest = ?", (manifest.to_blob(self._rows.cipher),))
        counts = {kind.table.name: 0 for kind in RECORDS}
        for noun, _ in self._kept:
            counts[noun] += 1
        return Rescued(counts, self._rebuilt, self._placeholders, self._lost, self._incomplete)

    # --- Looking ------------------------------------------------------------------------------------------------------

    def _note(self, image: Image, cell: Cell, copies: dict[Key, list[_Copy]]) -> None:
        values = image.values(cell)
        if values is None or len(values) not in _KINDS:
            return
        uid, version = values[1], values[2]
        if not isinstance(uid, bytes) or not isinstance(version, int):
            return
        for kind in _KINDS[len(values)]:
            row = (cell.rowid, *values[1:])
            if self._proven(kind, row):
                found = copies.setdefault((kind.table.name, cell.rowid), [])
                if all((uid, version) != (copy.uid, copy.version) for copy in found):
                    found.append(_Copy(uid, version, image, cell))
                return
        if len(self._hurt) < _MOST_HURT and uid not in self._hurt:
            self._hurt[uid] = Finding(self._noun_of(uid, values), cell.rowid, uid.hex())

    def _noun_of(self, uid: bytes, values: Sequence[Value]) -> str | None:
        """Of which table a row is that nothing proves: an envelope that opens in its place tells."""
        kinds = _KINDS[len(values)]
        for kind in kinds:
            layout = layout_of(kind)
            for place, (key_class, _) in enumerate(layout.secrets, layout.width):
                try:
                    self._rows.cipher.decrypt(kind.table.id, key_class, uid, values[place])
                except (Damaged, *HOSTILE):
                    continue
                return kind.table.name
        return kinds[0].table.name if len(kinds) == 1 else None

    def _proven(self, kind: type[Record], row: tuple[Value, ...]) -> bool:
        try:
            self._rows.verify(kind, row)
            self._rows.open(kind, row)
        except Damaged:
            return False
        return True

    def _record(self, key: Key) -> tuple[Record, tuple[Value, ...]]:
        """A kept record and its row, read again: all of them would not fit into memory."""
        copy = self._kept[key]
        values = copy.image.values(copy.cell)
        if values is None:
            raise Damaged("the damaged file cannot be read any more", "copy it to another disk first")
        row = (copy.cell.rowid, *values[1:])
        return self._rows.open(KINDS[key[0]], row), row

    def _changes(self) -> Iterator[Change]:
        for number in sorted(number for noun, number in self._kept if noun == _CHANGE):
            change, _ = self._record((_CHANGE, number))
            assert isinstance(change, Change)
            yield change

    def _read_journal(self) -> set[Key]:
        """Follow the journal; the records that it says were removed."""
        gone: set[Key] = set()
        for change in self._changes():
            self._testimony.read(change)
            for line in change.rows:
                removes = "insert" if self._was_undone(change) else "delete"
                if line["action"] == removes or (line["action"] == ACCEPTED and line["version"] is None):
                    gone.add((line["table"], line["id"]))
                else:
                    gone.discard((line["table"], line["id"]))
        return gone

    def _was_undone(self, change: Change) -> bool:
        """Whether a change was taken back by one that is lost, so that nothing else says what became of its records."""
        return change.undone_by is not None and (_CHANGE, change.undone_by) not in self._kept

    def _rebuild(self, gone: Collection[Key]) -> None:
        """Make records anew whose rows are hurt, from what the journal says that they held."""
        there = self._kept.keys() | gone
        missing = {key: uid for key, (uid, _) in self._testimony.written.items() if key not in there}
        values: dict[Key, dict[str, Any]] = {}
        for change in self._changes() if missing else ():
            state = "before" if self._was_undone(change) else "after"
            for line in change.rows:
                key = line["table"], line["id"]
                if missing.get(key) != line["uid"]:
                    continue
                if is_forgotten_line(line) or line["action"] == "delete":
                    values.pop(key, None)
                elif line["action"] == "insert":
                    values[key] = dict(line["after"])
                elif key in values:
                    values[key] |= line[state]
        for key, uid in missing.items():
            record = _record_of(KINDS[key[0]], values[key]) if key in values else None
            if record is None:
                self._lost.append(Finding(*key, uid))
            else:
                record.id, record.uid, record.version = (
                    key[1],
                    bytes.fromhex(uid),
                    self._testimony.written[key][1],
                )
                self._made[key] = record
                self._rebuilt.append(Finding(*key, uid))

    # --- Files --------------------------------------------------------------------------------------------------------

    def _rescue_files(self, database: Database) -> None:
        """Bring the chunks of every file over, of those too that `undo` could bring back."""
        files: dict[int, Attachment] = {}
        removals: dict[int, list[int]] = {}
        for change in self._changes():
            for removed in chunks.removed_in(change):
                files[removed.id] = removed
                removals.setdefault(removed.id, []).append(change.id)
        for key in list(self._kept.keys() | self._made.keys()):
            if key[0] == _ATTACHMENT:
                record = self._made.get(key) or self._record(key)[0]
                assert isinstance(record, Attachment)
                files[record.id] = record
                removals.pop(record.id, None)
        if not files:
            return
        found = self._find_chunks({number: record.chunks or 0 for number, record in files.items()})
        for number, record in files.items():
            there = _Chunks(record, self._rows.cipher.keys, found.get(number, {}))
            missing = there.missing()
            if not missing:
                chunks.write(database, number, there.stored())
            elif number in removals:
                for change_id in removals[number]:
                    self._forget_removed(change_id, number)
            elif missing == record.chunks:
                self._lose((_ATTACHMENT, number), record.uid.hex())
                self._incomplete.append(Incomplete(number, str(record.name), missing, missing))
            else:
                self._incomplete.append(Incomplete(number, str(record.name), record.chunks or 0, missing))
                self._made[_ATTACHMENT, number] = there.patched(database)

    def _find_chunks(self, wanted: Mapping[int, int]) -> dict[int, dict[int, list[tuple[Image, Cell]]]]:
        """Where the chunks of these files may be: by file and number, as many of each as the file has."""
        found: dict[int, dict[int, list[tuple[Image, Cell]]]] = {}
        for image in self._images:
            for offset, block in image.blocks():
                for cell in image.cells_in(offset, block, CHUNK):
                    match image.numbers(cell, 2):
                        case [file, number] if 0 <= number < wanted.get(file, 0):
                            found.setdefault(file, {}).setdefault(number, []).append((image, cell))
        return found

    def _forget_removed(self, number: int, attachment_id: int) -> None:
        """Let the journal no longer offer to bring back a file whose chunks are lost."""
        key = _CHANGE, number
        change = self._made.get(key) or self._record(key)[0]
        assert isinstance(change, Change)
        lines = [
            stub(line) if (line["table"], line["id"]) == (_ATTACHMENT, attachment_id) else line
            for line in change.rows
        ]
        self._made[key] = _written_again(change, rows=lines)

    def _lose(self, key: Key, uid: str) -> None:
        self._kept.pop(key, None)
        if self._made.pop(key, None) is not None:
            self._rebuilt = [one for one in self._rebuilt if (one.noun, one.id) != key]
        self._lost.append(Finding(*key, uid))

    # --- What is missing ----------------------------------------------------------------------------------------------

    def _stand_in(self, today: str) -> None:
        """Make what records refer to and what is not there, under a name that says so; children before parents."""
        links: dict[Key, dict[str, int]] = {}
        wanted: dict[Key, Key] = {}
        there = self._kept.keys() | self._made.keys()
        for key in there:
            record = self._made.get(key) or self._record(key)[0]
            links[key] = {
                field.name: number
                for field in record.table.plain
                if field.references and (number := getattr(record, field.name)) is not None
            }
            for field in record.table.plain:
                parent = field.references, links[key].get(field.name)
                if parent[0] and parent[1] is not None and parent not in there:
                    wanted.setdefault((parent[0], parent[1]), key)
        of_accounts = [number for noun, number in (*there, *wanted) if noun == _ACCOUNT]
        for key, referrer in wanted.items():
            account = key[1] if key[0] == _ACCOUNT else _account_of(referrer, links)
            if account is None:
                account = max(of_accounts, default=0) + 1
            if (_ACCOUNT, account) not in there:
                self._place((_ACCOUNT, account), account, today)
            if key[0] != _ACCOUNT:
                self._place(key, account, today)

    def _place(self, key: Key, account: int, today: str) -> None:
        if key in self._made:
            return
        record = _stand_in_for(key, account, today)
        uid, version = self._testimony.written.get(key, ("", 1))
        record.id, record.uid, record.version = key[1], bytes.fromhex(uid) or os.urandom(16), version
        self._made[key] = record
        self._placeholders.append(Finding(*key, record.uid.hex()))

    def _tell_of_hurt(self) -> None:
        """Count as lost what was found and is not proven, unless it came over by another copy or is told of already."""
        known = {copy.uid for copy in self._kept.values()} | {record.uid for record in self._made.values()}
        known |= {bytes.fromhex(one.uid) for one in self._lost if one.uid}
        self._lost += [finding for uid, finding in self._hurt.items() if uid not in known]

    # --- Writing ------------------------------------------------------------------------------------------------------

    def _final(self, key: Key) -> tuple[Record, Sequence[Any]]:
        made = self._made.get(key)
        if made is None:
            return self._record(key)
        return made, self._rows.close(made)

    def _entry(self, states: Mapping[Key, tuple[str, int]], last: int) -> Change:
        """The entry that ends the journal: what is not as it says is taken as it is."""
        lines = [_accepted(_CHANGE, number, "", None) for number in self._testimony.missing(last)]
        self._lost += [Finding(_CHANGE, line["id"], None) for line in lines]
        for problem in self._testimony.against(states):
            assert problem.id is not None
            uid, version = states.get((problem.noun, problem.id), (problem.uid or "", None))
            lines.append(_accepted(problem.noun, problem.id, uid, version))
        said = f"took {count_of(len(self._kept), 'record')} out of a damaged vault"
        if self._lost:
            said += f"; {count_of(len(self._lost), 'record')} lost"
        entry = Change(
            at=datetime.now(UTC).isoformat(timespec="seconds"), command=COMMAND, summary=said, rows=lines
        )
        entry.id, entry.uid, entry.version = last + 1, os.urandom(16), 1
        return entry

    def _set_counters(self, database: Database, states: Collection[Key], entry: Change) -> None:
        """Let every counter of ids stand at the highest that was ever given, so that none is given twice."""
        self._testimony.read(entry)
        highest = dict(self._testimony.highest) | {_CHANGE: entry.id}
        for noun, number in states:
            highest[noun] = max(number, highest.get(noun, 0))
        database.execute("DELETE FROM sqlite_sequence")
        for noun, number in highest.items():
            database.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", (noun, number))


class _Chunks:
    """The chunks of one file, as far as they are there."""

    def __init__(self, record: Attachment, keys: Keys, found: Mapping[int, list[tuple[Image, Cell]]]) -> None:
        self._record = record
        self._found = found
        self._key = StreamKey.parse(str(record.key))
        self._where = stream.place(keys, record.uid)
        self._count = record.chunks or 0

    def missing(self) -> int:
        """How many are not there or not authentic."""
        return sum(self._open(number)[1] is None for number in range(self._count))

    def stored(self) -> Iterator[bytes]:
        """All of them as they are stored."""
        for number in range(self._count):
            yield self._open(number)[0]

    def patched(self, database: Database) -> Attachment:
        """Write the file anew under a key of its own, with zeros in its holes; its record."""
        key, digest = StreamKey.new(), sha256()

        def pieces() -> Iterator[bytes]:
            left = self._record.size or 0
            for number in range(self._count):
                piece = (self._open(number)[1] or bytes(stream.CHUNK_BYTES))[:left]
                left -= len(piece)
                digest.update(piece)
                yield piece

        chunks.write(database, self._record.id, stream.encrypt(key, self._where, pieces()))
        name = f"(incomplete) {self._record.name}"[:LINE_LIMIT].strip()
        return _written_again(self._record, name=name, key=key.hex(), digest=digest.hexdigest())

    def _open(self, number: int) -> tuple[bytes, bytes | None]:
        """A chunk as it is stored, and what it holds; None if there is none that is authentic."""
        for image, cell in self._found.get(number, ()):
            values = image.values(cell)
            data = values[2] if values is not None and len(values) == 3 else None
            if isinstance(data, bytes) and len(data) <= stream.LARGEST_CHUNK:
                last = number == self._count - 1
                piece = stream.decrypt_chunk(self._key, self._where, number, data, last=last)
                if piece is not None:
                    return data, piece
        return b"", None


def _kinds_by_width() -> dict[int, list[type[Record]]]:
    """The tables by their number of columns: all that a row without its table tells."""
    found: dict[int, list[type[Record]]] = {}
    for kind in RECORDS:
        layout = layout_of(kind)
        found.setdefault(layout.width + len(layout.secrets) + 1, []).append(kind)
    return found


_KINDS = _kinds_by_width()

_PLACES = {kind.table.name: place for place, kind in enumerate(RECORDS)}


def _manifest_after(head: Head, rows: Rows) -> Manifest | None:
    """The manifest that follows a header in the file, if it is whole."""
    size = len(Manifest(rows.cipher.keys).to_blob(rows.cipher))
    try:
        return Manifest.from_blob(rows.cipher, head.after[:size])
    except Damaged:
        return None


def _record_of(kind: type[Record], values: dict[str, Any]) -> Record | None:
    """A record of the journal's values, None if an older program wrote what this one would not."""
    try:
        return kind(**values).checked()
    except (BadValue, *HOSTILE):
        return None


def _written_again(record: Any, **changes: Any) -> Any:
    changed = record.replace(**changes)
    changed.version += 1
    return changed


def _account_of(key: Key, links: Mapping[Key, Mapping[str, int]]) -> int | None:
    """The account of whatever refers to something, by what it refers to itself."""
    for name, number in links.get(key, {}).items():
        if name == "account_id":
            return number
    for name, noun in (("promise_id", "promise"), ("person_id", "person"), ("interaction_id", "interaction")):
        number = links.get(key, {}).get(name)
        if number is not None and (found := links.get((noun, number), {}).get("account_id")) is not None:
            return found
    return None


def _stand_in_for(key: Key, account_id: int, today: str) -> Record:
    """What stands for a lost record, so that what refers to it can stay."""
    noun, number = key
    name = f"(lost {noun} {number})"
    if noun == _ACCOUNT:
        return Account(name=name, created_on=today)
    if noun == Person.table.name:
        return Person(account_id=account_id, name=name, created_on=today)
    if noun == Interaction.table.name:
        return Interaction(account_id=account_id, at=today, subject=name)
    assert noun == Promise.table.name, "nothing else is referred to"
    return Promise(
        account_id=account_id, made_on=today, due_on=today, state="withdrawn", settled_on=today, title=name
    )


def _accepted(noun: str, number: int, uid: str, version: int | None) -> dict[str, Any]:
    """A line by which a record is taken as it is, or as lost; it cannot be taken back."""
    line = {"table": noun, "id": number, "uid": uid, "action": ACCEPTED, "version": version}
    return line | {"forgotten": True}
