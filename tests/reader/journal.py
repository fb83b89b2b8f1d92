"""The journal, played from the beginning: section 11 of docs/vault-format.md."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.reader.keys import Refused
from tests.reader.page import Record

Place = tuple[str, int]  # noun and id


@dataclass
class Played:
    """What the journal says there must be."""

    records: dict[Place, tuple[str, int]] = field(default_factory=dict)  # uid and version
    highest: dict[str, int] = field(default_factory=dict)
    accepted_changes: set[int] = field(default_factory=set)
    undone_by: dict[int, int | None] = field(default_factory=dict)
    marks: dict[int, int] = field(default_factory=dict)  # how often an entry was marked so
    forgotten: set[int] = field(default_factory=set)  # changes that were made to forget
    misfits: dict[Place, str] = field(default_factory=dict)  # lines that cannot be
    files: dict[int, Record] = field(default_factory=dict)  # attachments that were removed, by id


def play(changes: list[Record], nouns: set[str]) -> Played:
    """Play all entries in the order of their ids, and refuse what does not add up."""
    played = Played()
    undoes: dict[int, int | None] = {}
    for change in changes:
        number = change["id"]
        played.highest["change"] = number
        undoes[number] = change["undoes"]
        for line in change["rows"]:
            _play_line(played, number, line, nouns)
        marked, value = change["undoes"], number
        while marked is not None:
            played.undone_by[marked] = value
            played.marks[marked] = played.marks.get(marked, 0) + 1
            marked, value = undoes.get(marked), marked if value is None else None
    return played


def compare(played: Played, records: dict[str, list[Record]], newest: int) -> None:
    """The records, and the journal's own entries, against what the journal says."""
    there = {
        (noun, record["id"]): (record["uid"], record["version"])
        for noun, rows in records.items()
        if noun != "change"
        for record in rows
    }
    for place in sorted(there.keys() | played.records.keys()):
        if place not in played.records:
            raise Refused(f"{place} is not in the journal")
        if place not in there:
            raise Refused(f"{place} is missing")
        uid, version = played.records[place]
        if there[place][1] != version or uid not in ("", there[place][0]):
            raise Refused(f"{place} is another copy than the journal says")
    if played.misfits and not played.accepted_changes:
        raise Refused(next(iter(played.misfits.values())))
    ids = {change["id"] for change in records["change"]}
    if missing := set(range(1, newest + 1)) - ids - played.accepted_changes:
        raise Refused(f"entries of the journal are missing: {sorted(missing)}")
    if beyond := {each for each in ids if each > newest}:
        raise Refused(f"the journal has entries beyond the newest: {sorted(beyond)}")
    for change in records["change"]:
        number = change["id"]
        if number in played.accepted_changes:
            continue
        if change["undone_by"] != played.undone_by.get(number):
            raise Refused(f"change {number} is undone by another than it says")
        rewritten = change["version"] - 1 - played.marks.get(number, 0)
        gaps = bool(played.accepted_changes)  # what the lost entries had marked cannot be told
        if rewritten < 0 or (rewritten > 0 and not gaps and number not in played.forgotten):
            raise Refused(f"change {number} is another copy than the journal says")


def _play_line(played: Played, number: int, line: Record, nouns: set[str]) -> None:
    noun, row, uid, action = (line.get(name) for name in ("table", "id", "uid", "action"))
    where = f"change {number}: {noun} {row}"
    if not isinstance(noun, str) or noun not in nouns or type(row) is not int or not isinstance(uid, str):
        raise Refused(f"{where} is no record")
    place = noun, row
    played.highest[noun] = max(played.highest.get(noun, 0), row)
    if line.get("forgotten") is True:
        played.forgotten.add(number)
    if noun == "change":
        if action != "accepted":
            raise Refused(f"{where} can only be accepted")
        played.accepted_changes.add(row)
        return
    known = played.records.get(place)
    if action == "insert" and known is None:
        played.records[place] = uid, 1
        played.files.pop(row, None) if noun == "attachment" else None
    elif action in ("update", "delete") and known is not None and known[0] in ("", uid):
        played.records[place] = uid, known[1] + 1
        if action == "delete":
            del played.records[place]
            if noun == "attachment" and "before" in line:
                played.files[row] = {**line["before"], "id": row, "uid": uid}
    elif action == "accepted":
        version = line.get("version")
        if version is None:
            played.records.pop(place, None)
        elif type(version) is int:
            played.records[place] = uid, version
        else:
            raise Refused(f"{where} has no version")
    else:
        played.misfits[place] = f"{where} cannot be: {action}"
