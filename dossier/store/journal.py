"""The journal read backwards: taking a change back, and finding the changes that touch a record (C2).

Each change says of every row what it was before and after, so taking it back is writing the rows as they
were, the last one first. It goes through the gate and into the journal like any other change, which is why it
can be taken back itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from dossier.domain.text import count_of
from dossier.errors import NotFound, Refused
from dossier.store.catalog import RECORDS, Change
from dossier.store.database import Database
from dossier.store.gate import KINDS, Transaction
from dossier.store.reader import Reader
from dossier.store.record import Field, Record
from dossier.store.where import EVERY, at_least, below, number_list

REMOVED, RESTORED, CHANGED = "removed", "restored", "changed"

_NAMED = 6
"""How many changes in the way a refusal names, the newest ones: they have to be taken back first."""

ACCEPTED = "accepted"
"""The action of a line by which a person took a record as it stood: `version`, or null for one that is not there."""

PERSON_FORGET, FORGET_HISTORY = FORGETTING = ("person forget", "vault forget-history")
"""The commands that forget, by their names in the journal."""

Key = tuple[str, int]
"""A record: its table and id."""

Line = dict[str, Any]
"""What an entry says of one record: `table`, `id`, `uid`, `action`, and `before` and `after` or `forgotten`."""


class Reverted(NamedTuple):
    """A record as an undo left it: removed, restored or changed; `fields` hold (from, to) of a change."""

    action: str
    record: Record
    fields: dict[str, tuple[Any, Any]]


def accepted_line(noun: str, number: int, uid: str, version: int | None) -> Line:
    """A line by which a record is taken as it stands, or as one that is lost; it cannot be taken back."""
    return {"table": noun, "id": number, "uid": uid, "action": ACCEPTED, "version": version}


def stub(line: Line) -> Line:
    """A line that says which record it is about and what was done to it, and nothing else (`store/forget.py`)."""
    kept = ("table", "id", "uid", "action", "version")  # the version of a record that was accepted
    return {name: line[name] for name in kept if name in line} | {"forgotten": True}


def is_forgotten_line(line: Line) -> bool:
    """Whether a line has no values any more."""
    return bool(line.get("forgotten"))


def is_forgotten(change: Change) -> bool:
    """Whether the history of a change was forgotten, in part at least; so is that of forgetting itself, from the first.

    That may have no lines at all, like a salvage or an acceptance that had nothing to say of any record.
    """
    return change.command in FORGETTING or any(map(is_forgotten_line, change.rows))


def refuse_lasting(change: Change) -> None:
    """Raise Refused for a change that lasts whatever comes: nobody knows any more what was before it.

    That is one whose history was forgotten, and one by which a person took the vault as it stood.
    """
    forgotten = is_forgotten(change)
    if any(line["action"] == ACCEPTED for line in change.rows) or not (change.rows or forgotten):
        raise Refused(
            f"change {change.id} cannot be taken back: it says how the vault stood when it was accepted",
            "a copy from before is put back by: dossier vault restore FILE",
        )
    if forgotten:
        raise Refused(
            f"change {change.id} cannot be taken back: its history was forgotten",
            "what was forgotten on purpose stays so; other changes are listed by: dossier history",
        )


def changes(reader: Reader, before: int | None = None) -> Iterator[Change]:
    """Every change, the newest first; those before a number if one is given."""
    return reader.each(Change, EVERY if before is None else below("id", before), order="id DESC")


def numbers(database: Database) -> list[int]:
    """The numbers of all changes, the newest first; they stand in clear."""
    return [number for (number,) in database.rows("SELECT id FROM change ORDER BY id DESC")]


def newest_number(database: Database) -> int:
    """The number of the newest change, whatever became of it; 0 where nothing was changed yet."""
    (number,) = database.row("SELECT coalesce(max(id), 0) FROM change") or (0,)
    return int(number)


def since(reader: Reader, number: int) -> list[Change]:
    """The changes after this one that still hold, the oldest first."""
    return [change for change in reader.each(Change, at_least("id", number + 1)) if change.undone_by is None]


def newest_that_holds(reader: Reader) -> Change | None:
    """The newest change that is no undo itself and was not taken back."""
    return next((one for one in changes(reader) if one.undoes is None and one.undone_by is None), None)


def newest_taking_back(reader: Reader) -> Change | None:
    """The newest undo in force that took something back; one that brought something back does not count."""
    return next(
        (
            one
            for one in changes(reader)
            if one.undoes is not None and one.undone_by is None and not goes_back_to(reader, one)[1]
        ),
        None,
    )


def goes_back_to(reader: Reader, change: Change) -> tuple[Change, bool]:
    """The change that an undo is about in the end, and whether it brings that one back, as an undo of an undo does."""
    brings_back = True
    while change.undoes is not None:
        change, brings_back = reader.get(Change, change.undoes), not brings_back
    return change, brings_back


def take_back(transaction: Transaction, change: Change) -> list[Reverted]:
    """Write every row of a change as it was before, the last one first; what became of each record.

    Refused (naming the changes in the way) when a record was changed since, when a later record refers to one
    that would go, and when one that would come back refers to a record that is gone; also when the change's history
    was forgotten.
    """
    refuse_lasting(change)
    reverted: dict[Key, Reverted] = {}
    in_the_way: set[Key] = set()
    for line in reversed(change.rows):
        key = line["table"], line["id"]
        found = None if key in in_the_way else _revert(transaction, line)
        if found is None:
            in_the_way.add(key)
        else:
            _merge(reverted, key, found)
    if in_the_way:
        raise _refusal(transaction, change, in_the_way, "has changed since", "have changed since")
    gone = {key for key, one in reverted.items() if one.action == REMOVED}
    if referring := _referring_to(transaction.database, gone):
        raise _refusal(transaction, change, referring, "refers to what it added", "refer to what it added")
    if missing := _missing(
        transaction.database, [one.record for one in reverted.values() if one.action != REMOVED]
    ):
        raise _refusal(transaction, change, missing, "is no longer there", "are no longer there")
    transaction.undoes = change.id
    return list(reverted.values())


def _revert(transaction: Transaction, line: dict[str, Any]) -> Reverted | None:
    """Take back one row; None if it is not as the change left it."""
    kind = KINDS[line["table"]]
    before, after = line.get("before", {}), line.get("after", {})
    if line["action"] == "delete":
        if transaction.exists(kind, line["id"]):
            return None
        record = transaction.insert(kind(**before), as_id=line["id"], uid=bytes.fromhex(line["uid"]))
        return Reverted(RESTORED, record, {})
    try:
        current = transaction.get(kind, line["id"])
    except NotFound:
        return None
    if line["action"] == "insert":
        if list(current.values()) != list(kind(**after).values()):
            return None
        transaction.delete(current)
        return Reverted(REMOVED, current, {})
    if any(getattr(current, name) != value for name, value in after.items()):
        return None
    fields = {name: (after[name], value) for name, value in before.items()}
    return Reverted(CHANGED, transaction.update(current, **before), fields)


def _merge(reverted: dict[Key, Reverted], key: Key, found: Reverted) -> None:
    """Add what became of a record to what became of it before: a change may touch it several times."""
    earlier = reverted.pop(key, None)
    if earlier is not None and found.action == CHANGED:
        found = Reverted(earlier.action, found.record, earlier.fields | found.fields)
    if not (earlier is not None and earlier.action == RESTORED and found.action == REMOVED):
        reverted[key] = found


def _references() -> Iterator[tuple[str, Field]]:
    """Every reference of the catalogue: the table that has it, and the field."""
    for kind in RECORDS:
        for field in kind.table.plain:
            if field.references is not None:
                yield kind.table.name, field


def _referring_to(database: Database, gone: Collection[Key]) -> set[Key]:
    """The records that still refer to one of those that would be gone."""
    found: set[Key] = set()
    for table, field in _references():
        ids = [number for name, number in gone if name == field.references]
        if ids:
            sql = f"SELECT id FROM {table} WHERE {field.name} IN (SELECT value FROM json_each(?))"
            found |= {(table, number) for (number,) in database.rows(sql, (number_list(ids),))}
    return found


def _missing(database: Database, records: Collection[Record]) -> set[Key]:
    """The records to which these refer and which are not there."""
    wanted: dict[str, set[int]] = {}
    for record in records:
        for field in record.table.plain:
            if field.references is not None and (number := getattr(record, field.name)) is not None:
                wanted.setdefault(field.references, set()).add(number)
    found: set[Key] = set()
    for table, ids in wanted.items():
        sql = f"SELECT value FROM json_each(?) WHERE value NOT IN (SELECT id FROM {table})"
        found |= {(table, number) for (number,) in database.rows(sql, (number_list(ids),))}
    return found


def _refusal(transaction: Transaction, change: Change, keys: set[Key], one: str, many: str) -> Refused:
    """The refusal that names the records in the way and the later changes that put them there."""
    reader = Reader(transaction.database, transaction.rows)
    later = [
        made
        for made in since(reader, change.id)
        if any((line["table"], line["id"]) in keys for line in made.rows)
    ]
    # Where an undo brought a change back, that change is the one to name.
    numbers = [made.id for made in later if made.undoes is None] or [made.id for made in later]
    (table, number), *others = sorted(keys)
    records = f"{table.replace('_', ' ')} {number}"
    records += f" and {count_of(len(others), 'more record')} {many}" if others else f" {one}"
    more = "… " if len(numbers) > _NAMED else ""
    by = f" (change {more}{', '.join(map(str, numbers[-_NAMED:]))})" if numbers else ""
    hint = f"take that back first: dossier undo --id {numbers[-1]}" if numbers else None
    return Refused(f"change {change.id} cannot be taken back: {records}{by}", hint)


class Touching:
    """Tells whether a change touches a record or what belongs to it. Show it changes newest first.

    What belongs now is read from the vault; what belonged and was removed shows in the journal itself, as a
    removed row carries the references that it had.
    """

    def __init__(self, database: Database, record: Record) -> None:
        self._known: set[Key] = {(record.table.name, record.id)}
        for table, field in self._rules(record.table.name):
            ids = [number for name, number in self._known if name == field.references]
            sql = f"SELECT id FROM {table} WHERE {field.name} IN (SELECT value FROM json_each(?))"
            self._known |= {(table, number) for (number,) in database.rows(sql, (number_list(ids),))}
        if record.table.name == "person":
            met = database.rows("SELECT interaction_id FROM participant WHERE person_id = ?", (record.id,))
            self._known |= {("interaction", number) for (number,) in met}
        self._references = {
            table: [f for t, f in self._rules(record.table.name) if t == table] for table in KINDS
        }

    def __call__(self, change: Change) -> bool:
        """Whether any row of the change is known to belong, or says so itself."""
        touched = False
        for line in reversed(change.rows):
            key = line["table"], line["id"]
            if key not in self._known and self._belongs(line):
                self._known.add(key)
            touched = touched or key in self._known
        return touched

    def _belongs(self, line: dict[str, Any]) -> bool:
        states = (line.get("before", {}), line.get("after", {}))
        return any(
            (field.references, state.get(field.name)) in self._known
            for field in self._references[line["table"]]
            for state in states
        )

    @staticmethod
    def _rules(noun: str) -> list[tuple[str, Field]]:
        """The references that make something belong, parents before children.

        Of an account that is what would go with it; of a person also what merely names them, as a promise.
        """
        return [
            (table, field)
            for table, field in _references()
            if field.on_delete == "cascade" or field.references == noun
        ]
