"""Looking into a damaged file: every row that its seal proves, which of its copies count, and what the journal adds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from dossier.domain.faults import BadValue
from dossier.errors import Damaged
from dossier.store.catalog import RECORDS, Change
from dossier.store.check import Progress
from dossier.store.check.testimony import Testimony
from dossier.store.gate import KINDS
from dossier.store.journal import ACCEPTED, Key, is_forgotten_line
from dossier.store.pages import RECORD, Cell, Image, Value
from dossier.store.record import AGENDA, Record
from dossier.store.rows import HOSTILE, Rows, layout_of

_MOST_HURT = 10_000
"""How many rows that nothing proves are noted: a hostile file may be full of them."""

_CHANGE = Change.table.name


class Finding(NamedTuple):
    """A record of which something is to be told; `noun` or `id` is None where nothing says it."""

    noun: str | None
    id: int | None
    uid: str | None


class _Copy(NamedTuple):
    """Where a proven row is."""

    uid: bytes
    version: int
    image: Image
    cell: Cell


class Found:
    """What a damaged file holds. `kept` are rows as they are, `made` what is written in their place or anew."""

    def __init__(self, images: Sequence[Image], rows: Rows) -> None:
        """`rows` has all keys of the vault."""
        self.images = images
        self.rows = rows
        self.kept: dict[Key, _Copy] = {}
        self.made: dict[Key, Record] = {}
        self.testimony = Testimony()
        """What the entries of the journal that are left say."""
        self.rebuilt: list[Finding] = []
        self.outdated: list[Finding] = []
        """Kept, although the journal tells of a newer copy, which is not there."""
        self.lost: list[Finding] = []
        self._hurt: dict[bytes, Finding] = {}

    def look(self, progress: Progress) -> None:
        """Find every row and decide which ones count."""
        copies: dict[Key, list[_Copy]] = {}
        total, done = sum(image.size for image in self.images), 0
        for image in self.images:
            for offset, block in image.blocks():
                for cell in image.cells_in(offset, block, RECORD):
                    self._note(image, cell, copies)
                done += len(block)
                progress(done, total)
        for key, found in copies.items():
            if key[0] == _CHANGE:
                self.kept[key] = max(found, key=lambda copy: copy.version)
        gone = self._read_journal()
        progress(total, total)
        older: dict[Key, _Copy] = {}
        for key, found in copies.items():
            if key[0] != _CHANGE and key not in gone:
                told = self.testimony.written.get(key)
                best = max(found, key=lambda copy: (told == (copy.uid.hex(), copy.version), copy.version))
                behind = told is not None and told[0] == best.uid.hex() and told[1] > best.version
                (older if behind else self.kept)[key] = best
        self._rebuild(gone, older)

    def everything(self) -> set[Key]:
        """All records that there will be."""
        return self.kept.keys() | self.made.keys()

    def __contains__(self, key: Key) -> bool:
        return key in self.kept or key in self.made

    def row(self, key: Key) -> tuple[Value, ...]:
        """A kept row, read again: all of them would not fit into memory."""
        copy = self.kept[key]
        values = copy.image.values(copy.cell)
        if values is None:
            raise Damaged("the damaged file cannot be read any more", "copy it to another disk first")
        return (copy.cell.rowid, *values[1:])

    def record(self, key: Key) -> Record:
        """A record with all that is secret of it, as it will be."""
        return self.made.get(key) or self.rows.open(KINDS[key[0]], self.row(key))

    def final(self, key: Key) -> tuple[Record, Sequence[Any]]:
        """A record, of its secrets those of the agenda at least, and the row to write."""
        made = self.made.get(key)
        if made is not None:
            return made, self.rows.close(made)
        row = self.row(key)
        return self.rows.open(KINDS[key[0]], row, (AGENDA,)), row

    def links(self, key: Key) -> dict[str, int]:
        """What a record refers to, by its fields."""
        fields = KINDS[key[0]].table.plain
        made = self.made.get(key)
        values = [getattr(made, field.name) for field in fields] if made is not None else self.row(key)[3:]
        linked = zip(fields, values, strict=False)
        return {field.name: value for field, value in linked if field.references and isinstance(value, int)}

    def changes(self) -> Iterator[Change]:
        """The entries of the journal that are left, in their order."""
        for number in sorted(number for noun, number in self.kept if noun == _CHANGE):
            change = self.record((_CHANGE, number))
            assert isinstance(change, Change)
            yield change

    def lose(self, key: Key, uid: str) -> None:
        """Leave a record out after all."""
        self.kept.pop(key, None)
        if self.made.pop(key, None) is not None:
            self.rebuilt = [one for one in self.rebuilt if (one.noun, one.id) != key]
        self.lost.append(Finding(*key, uid))

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
                    image.trust(cell)
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
                    self.rows.cipher.decrypt(kind.table.id, key_class, uid, values[place])
                except (Damaged, *HOSTILE):
                    continue
                return kind.table.name
        return kinds[0].table.name if len(kinds) == 1 else None

    def _proven(self, kind: type[Record], row: tuple[Value, ...]) -> bool:
        try:
            self.rows.verify(kind, row)
            self.rows.open(kind, row)
        except Damaged:
            return False
        return True

    def _read_journal(self) -> set[Key]:
        """Follow the journal; the records that it says were removed."""
        gone: set[Key] = set()
        for change in self.changes():
            self.testimony.read(change)
            for line in change.rows:
                removes = "insert" if self._was_undone(change) else "delete"
                if line["action"] == removes or (line["action"] == ACCEPTED and line["version"] is None):
                    gone.add((line["table"], line["id"]))
                else:
                    gone.discard((line["table"], line["id"]))
        return gone

    def _was_undone(self, change: Change) -> bool:
        """Whether a change was taken back by one that is lost, so that nothing else says what became of its records."""
        return change.undone_by is not None and (_CHANGE, change.undone_by) not in self.kept

    def _rebuild(self, gone: Collection[Key], older: Mapping[Key, _Copy]) -> None:
        """Make records anew whose rows are hurt, or older than the journal tells of, from what it says they held."""
        there = self.kept.keys() | gone
        missing = {key: uid for key, (uid, _) in self.testimony.written.items() if key not in there}
        values: dict[Key, dict[str, Any]] = {}
        for change in self.changes() if missing else ():
            state = "before" if self._was_undone(change) else "after"
            for line in change.rows:
                key = line["table"], line["id"]
                if missing.get(key) != line["uid"]:
                    continue
                if is_forgotten_line(line) or line["action"] in ("delete", ACCEPTED):
                    values.pop(key, None)
                elif line["action"] == "insert":
                    values[key] = dict(line["after"])
                elif key in values:
                    values[key] |= line.get(state, {})
        for key, uid in missing.items():
            record = _record_of(KINDS[key[0]], values[key]) if key in values else None
            if record is None and key in older:
                self.kept[key] = older[key]
                self.outdated.append(Finding(*key, uid))
            elif record is None:
                self.lost.append(Finding(*key, uid))
            else:
                record.id, record.uid, record.version = (
                    key[1],
                    bytes.fromhex(uid),
                    self.testimony.written[key][1],
                )
                self.made[key] = record
                self.rebuilt.append(Finding(*key, uid))

    def tell_of_hurt(self) -> None:
        """Count as lost what was found and is not proven, unless it came over by another copy or is told of already."""
        known = {copy.uid for copy in self.kept.values()} | {record.uid for record in self.made.values()}
        known |= {bytes.fromhex(one.uid) for one in self.lost if one.uid}
        self.lost += [finding for uid, finding in self._hurt.items() if uid not in known]


def _kinds_by_width() -> dict[int, list[type[Record]]]:
    """The tables by their number of columns: all that a row without its table tells."""
    found: dict[int, list[type[Record]]] = {}
    for kind in RECORDS:
        layout = layout_of(kind)
        found.setdefault(layout.width + len(layout.secrets) + 1, []).append(kind)
    return found


_KINDS = _kinds_by_width()


def _record_of(kind: type[Record], values: dict[str, Any]) -> Record | None:
    """A record of the journal's values, None if an older program wrote what this one would not."""
    try:
        return kind(**values).checked()
    except (BadValue, *HOSTILE):
        return None
