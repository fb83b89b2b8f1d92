"""Whether a vault file is the newest that this machine saw: a copy that goes back in time, or forks, proves sound.

A synced folder may bring an older file back, two machines may change one vault at once, and whoever has the file may
put yesterday's in its place. Such a copy is read with a warning; a write into it is refused, for it would set the two
apart for good, until the person decides: for another file by `vault restore`, for this one by `vault accept`.

The journal numbers every change and gives it a random uid. So the change that was seen as the newest must be there
still, under its uid; the manifest's generation, which a passphrase moves on as well, must not have gone back. What the
journal says in clear is compared at every opening, also locked. What is remembered is proven with the keys first.
"""

from __future__ import annotations

import os

from dossier.domain.text import count_of
from dossier.errors import ACCEPT, SALVAGE, Damaged, DossierError
from dossier.services import memory
from dossier.services.memory import Seen
from dossier.store.database import Database
from dossier.store.gate import Transaction
from dossier.store.head import last_change, proven_end
from dossier.store.rows import Rows
from dossier.vault.header import Header
from dossier.vault.seals import CHECK, Manifest


def look(database: Database, rows: Rows) -> Seen:
    """How far a vault is, proven with its keys; raises as `proven_end`."""
    manifest, uid = proven_end(database, rows)
    return _seen(manifest, uid, rows, database)


def heed(database: Database, rows: Rows, header: bytes) -> Damaged | None:
    """Compare an opened vault with what this machine remembers; what stands against relying on it.

    With all keys at hand a vault that has moved on is remembered. Nothing is raised: a head that is not authentic is
    said like all else, and what cannot be read at all is told by whoever needs it.
    """
    known, behind = memory.recall(rows.cipher.keys.vault_id), None
    try:
        behind = _against(database, rows, header, known.seen)
    except Damaged as fault:  # of the manifest or the header: said now, for nothing that is read shows it
        return Damaged(f"{database.path} cannot be relied on: {fault.message}", CHECK)
    except DossierError:
        pass  # what a check found is known all the same
    return _fault(database, behind, known)


def against(database: Database, rows: Rows, header: bytes) -> str | None:
    """What stands against an opened vault being the newest that this machine saw, without its name; as `heed`."""
    try:
        return _against(database, rows, header, memory.recall(rows.cipher.keys.vault_id).seen)
    except DossierError:
        return None


def is_seen(seen: Seen | None, header: bytes) -> bool:
    """Whether a header is the very one that this machine saw last, proven then."""
    return seen is not None and Manifest.digest(header).hex() == seen.header


def refuse_unless_newest(database: Database, rows: Rows, manifest: Manifest) -> None:
    """Raise Damaged at the beginning of a write into a copy that this machine knows to be older, another, or unsound.

    Inside the write's transaction: nobody else can move the vault on between what is remembered and what is there.
    """
    known = memory.recall(rows.cipher.keys.vault_id)
    found = None
    if known.seen is not None:
        now = _seen(manifest, b"", rows, database)
        found = _behind(database, known.seen) or _older_head(now, known.seen, database)
    if fault := _fault(database, found, known):
        raise fault


def note_change(rows: Rows, transaction: Transaction) -> None:
    """Remember a change that was committed."""
    if transaction.number is not None:
        memory.note(
            rows.cipher.keys.vault_id,
            _seen(transaction.manifest, transaction.uid, rows, transaction.database),
        )


def note_head(database: Database, rows: Rows) -> None:
    """Remember a header that was replaced."""
    memory.note(rows.cipher.keys.vault_id, look(database, rows))


def accept(database: Database, rows: Rows) -> None:
    """Take this copy for the newest from now on, and for sound: it was checked and restored, or the person decided so.

    Raises what `look` raises.
    """
    memory.accept(rows.cipher.keys.vault_id, look(database, rows))


def _seen(manifest: Manifest, uid: bytes, rows: Rows, database: Database) -> Seen:
    return Seen(
        manifest.journal,
        uid.hex(),
        manifest.generation,
        rows.cipher.keys.key_id,
        manifest.header.hex(),
        memory.now(),
        os.path.realpath(database.path),
    )


def _against(database: Database, rows: Rows, header: bytes, seen: Seen | None) -> str | None:
    found = None
    if seen is not None:
        found = _behind(database, seen) or _older_keys(header, seen, database)
    if found is None and rows.can_verify and not _same(database, header, seen):
        now = look(database, rows)
        found = _older_head(now, seen, database) if seen else None
        if found is None:
            memory.note(rows.cipher.keys.vault_id, now)
    return found


def _behind(database: Database, seen: Seen) -> str | None:
    """What stands against a journal, by what it says in clear."""
    if not seen.number:
        return None
    newest, uid = last_change(database, seen.number)
    if newest < seen.number:
        what = f"is an older copy: its last change is {newest}, and change {seen.number} was seen here"
    elif uid is None:
        what = f"has lost change {seen.number}, which was seen here"
    elif not isinstance(uid, bytes) or uid.hex() != seen.uid:
        what = f"was changed in two places: its change {seen.number} is not the one seen here"
    else:
        return None
    return _on(what, seen, database)


def _same(database: Database, header: bytes, seen: Seen | None) -> bool:
    """Whether a vault that is not behind is where it was seen."""
    if seen is None or Manifest.digest(header).hex() != seen.header:
        return False
    return last_change(database, seen.number)[0] == seen.number


def _older_keys(header: bytes, seen: Seen, database: Database) -> str | None:
    if Manifest.digest(header).hex() == seen.header or Header.parse(header).key_id >= seen.key_id:
        return None
    return _before_rotation(seen, database)


def _before_rotation(seen: Seen, database: Database) -> str:
    return _on("is an older copy: from before its keys were changed, as was seen here", seen, database)


def _older_head(now: Seen, seen: Seen, database: Database) -> str | None:
    if now.key_id < seen.key_id:
        return _before_rotation(seen, database)
    if now.key_id > seen.key_id or now.generation >= seen.generation:
        return None
    return _on("has an older header: from before what opens it was changed, as was seen here", seen, database)


def _on(what: str, seen: Seen, database: Database) -> str:
    """What stands against a copy, with when it was seen otherwise, and where if that was another file."""
    elsewhere = seen.path and seen.path != os.path.realpath(database.path)
    return f"{what} on {seen.at[:10]}" + (f", in {seen.path}" if elsewhere else "")


def _fault(database: Database, behind: str | None, known: memory.Memory) -> Damaged | None:
    """What stands against a vault: that it is `behind` what was seen, else what a check said of it.

    Accepting it is only said to be a way on unless a check found what `vault accept` would refuse.
    """
    what, how = behind, ACCEPT
    if found := memory.unsound(known, database.path):
        checked = (
            f"was not sound when it was checked on {found.at[:10]}: {count_of(found.problems, 'problem')}"
        )
        what, how = behind or checked, ACCEPT if found.acceptable else SALVAGE
    return Damaged(f"{database.path} {what}", how) if what else None
