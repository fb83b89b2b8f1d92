"""What opens a vault: its slots; key files are added and removed. The journal knows nothing of it, nor does undo."""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import StrEnum

from dossier.errors import Failed, Locked, Refused
from dossier.services import memory
from dossier.services.reheading import accounted_for, write_private
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.vault import header, key_file
from dossier.vault.header import SEE_SLOTS, Header
from dossier.vault.slots import FULL, Slot, SlotType

ROOT_QUESTION = "Passphrase, to change what opens the vault: "


class Scope(StrEnum):
    """What a key file opens."""

    FULL = "full"
    AGENDA = "agenda"


_TYPES: dict[int, str] = {
    SlotType.PASSPHRASE: "passphrase",
    SlotType.RECOVERY: "recovery",
    SlotType.KEY_FILE: "key_file",
    SlotType.AGENDA_KEY_FILE: "key_file",
}


def shape(slot: Slot) -> Shape:
    """`{id, type, scope, created_on}`.

    `type` is `passphrase`, `recovery`, `key_file` or `other`, `scope` `full`, `agenda` or null.
    """
    return {
        "id": slot.id,
        "type": _TYPES.get(slot.type, "other"),
        "scope": scope_of(slot),
        "created_on": slot.created.isoformat(),
    }


def scope_of(slot: Slot) -> str | None:
    """What a slot opens; None for a type that this program does not know."""
    if slot.type == SlotType.AGENDA_KEY_FILE:
        return str(Scope.AGENDA)
    return str(Scope.FULL) if slot.type in FULL else None


def listed(session: Session) -> list[Shape]:
    """The slots as they stand in the vault now, each a `shape`; works locked."""
    return [shape(slot) for slot in Header.parse(session.header_now()).slots]


def add(session: Session, path: str, scope: Scope = Scope.FULL) -> Shape:
    """Let the key file at `path` open the vault, or its agenda alone; the file is made unless it is there.

    The shape: that of the slot, with `file`, and `made`: whether the file is a new one. Needs the root: a full key file
    or the passphrase, whatever the agent holds. Raises Refused if what is at `path` is no private key file of ours or
    opens the vault already, Unavailable if none can be made there, Locked.
    """
    agenda_only = scope is Scope.AGENDA
    there = _read_to_add(path, agenda_only) if os.path.lexists(path) else None
    opened, _ = session.root(ROOT_QUESTION)
    with opened:
        old, text = session.header, "" if there else key_file.new_text(session.today, agenda_only=agenda_only)
        secret = there or key_file.parse(text.encode(), path).secret
        new, slot = header.add_key_file(old, opened.root, secret, session.today, agenda_only=agenda_only)
        if not there:
            write_private(path, text, "key file")
        opens = "the agenda" if agenda_only else "the vault"
        with accounted_for(
            session.path, old, new, f"the key file opens {opens}", None if there else path, "key file"
        ):
            session.use(opened.keys)
            session.replace_header(old, new)
    memory.note_key_file(session.vault_id, path)
    return {**shape(slot), "file": os.path.abspath(path), "made": not there}


def remove(session: Session, slot_id: int, confirm: Callable[[Shape, list[Shape]], None]) -> Shape:
    """Let a slot open the vault no more; the shape of the slot.

    `confirm` is told that and what is left, and raises if it was not meant. Needs the root, as `add`. Raises NotFound
    if there is no such slot, Refused if it is the last that opens all of the vault, Locked.
    """
    found = Header.parse(session.header_now())
    left = found.removing(slot_id).slots
    (slot,) = set(found.slots) - set(left)
    removed = shape(slot)
    confirm(removed, [shape(other) for other in left])
    opened, _ = session.root(ROOT_QUESTION)
    with opened:
        old = session.header
        if slot not in Header.parse(old).slots:
            raise Failed(f"another program changed slot {slot_id} just now", SEE_SLOTS)
        new = header.remove_slot(old, opened.root, slot_id)
        with accounted_for(session.path, old, new, f"slot {slot_id} opens the vault no more"):
            session.use(opened.keys)
            session.replace_header(old, new)
    return removed


def _read_to_add(path: str, agenda_only: bool) -> bytes:
    try:
        found = key_file.read(path)
    except Locked:
        found = None
    if found is None:
        raise Refused(f"there is something at {path} already, and it is no key file", "name another file")
    if found.agenda_only and not agenda_only:
        raise Refused(
            f"{path} is a key file for the agenda alone", "add it with --scope agenda, or name another file"
        )
    if agenda_only and not found.agenda_only:
        raise Refused(
            f"{path} is a key file that opens all of a vault", "name a new file for the agenda alone"
        )
    return found.secret
