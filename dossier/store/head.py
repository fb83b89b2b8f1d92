"""The head of a vault: its header, and the manifest that says what must be in the vault, the header included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dossier.errors import SALVAGE, Damaged, DossierError, Failed
from dossier.store.catalog import RECORDS, Change
from dossier.store.database import Database
from dossier.store.rows import Rows, layout_of
from dossier.vault.envelope import Cipher
from dossier.vault.header import MAX_HEADER
from dossier.vault.seals import CHECK, Manifest

_SEALED = ("calendar", *(kind.table.name for kind in RECORDS))
"""The tables whose rows the manifest counts."""

_THERE = f"""
    SELECT {" + ".join(f"(SELECT count(*) FROM {name})" for name in _SEALED)},
           (SELECT coalesce(max(id), 0) FROM {Change.table.name})
"""

_SMALL = (
    f"SELECT CASE WHEN typeof({{0}}) = 'blob' AND length({{0}}) <= {MAX_HEADER} THEN {{0}} END FROM vault"
)
"""One half of the head, or null for what is larger than either can be: SQLite tells a length without reading so far."""

_NEWEST = f"SELECT {layout_of(Change).columns} FROM {Change.table.name} ORDER BY id DESC LIMIT 1"
_LATE = _NEWEST.replace("LIMIT 1", "LIMIT 9")


def read_header(database: Database) -> bytes:
    """The header as it stands in the file; Damaged if there is none."""
    found = database.row(_SMALL.format("header"))
    if found is None or not isinstance(found[0], bytes):
        raise Damaged(f"the header of {database.path} is missing", f"{SALVAGE} --header-from BACKUP")
    return found[0]


def read_manifest(database: Database, cipher: Cipher) -> Manifest:
    """What the vault says must be in it; Damaged if it is missing or not authentic, Locked without the seal key."""
    found = database.row(_SMALL.format("manifest"))
    return Manifest.from_blob(cipher, found[0] if found else None)


def wrote(database: Database, rows: Rows) -> bool:
    """Whether the vault was written with these keys, all of them: by its manifest or, if that is hurt, a late change.

    For keys that this header did not give; it says nothing about the header. What cannot be read at all speaks against
    no keys: that is told by whoever needs it.
    """
    try:
        read_manifest(database, rows.cipher)
    except Damaged:
        try:
            late = database.rows(_LATE)
            return not late or any(_proven(rows, row) for row in late)
        except DossierError:
            return True
    return True


def _proven(rows: Rows, row: tuple[Any, ...]) -> bool:
    try:
        rows.verify(Change, row)
    except Damaged:
        return False
    return True


def last_change(database: Database, number: int) -> tuple[int, object]:
    """The journal's highest number and the uid of the change with `number`, None if there is none; both as they stand.

    Works locked, so neither is proven: a hostile file may hold anything for a uid.
    """
    found = database.row(
        "SELECT coalesce(max(id), 0), (SELECT uid FROM change WHERE id = ?) FROM change", (number,)
    )
    return (0, None) if found is None else (found[0], found[1])


def proven_end(database: Database, rows: Rows) -> tuple[Manifest, bytes]:
    """The manifest and the uid of the last change, empty where nothing was changed, with their seals verified.

    Raises Damaged if header, manifest and journal do not belong together, Locked without the seal key.
    """
    manifest = read_manifest(database, rows.cipher)
    number, uid = 0, b""
    newest = database.row(_NEWEST)
    if newest is not None:
        rows.verify(Change, newest)
        number, uid = newest[0], newest[1]
    if number != manifest.journal or not manifest.knows_header(read_header(database)):
        raise Damaged(f"the header, the manifest and the journal of {database.path} do not agree", CHECK)
    return manifest, uid


def manifest_to_change(database: Database, cipher: Cipher) -> Manifest:
    """The manifest at the beginning of a write, once it was seen that the write would go where dossier means it to.

    Raises Damaged if a trigger waits for it, or if the header is not the one that was written last: a secret may not
    be added to a vault that a replaced passphrase, or somebody else's, opens. Also if there are more or fewer records
    than the manifest counts, or the journal does not end where it says: what was deleted or added behind our back must
    stop the first write, and counting costs 7 µs per thousand records where proving costs them all.
    """
    database.refuse_foreign_parts()
    manifest = read_manifest(database, cipher)
    if not manifest.knows_header(read_header(database)):
        raise Damaged("the vault's header is not the one that dossier wrote last", CHECK)
    there, newest = database.row(_THERE) or (0, 0)
    if newest != manifest.journal:
        raise Damaged(f"change {manifest.journal} was the last one, and not {newest}", CHECK)
    if there != manifest.count:
        how = "deleted" if there < manifest.count else "added"
        raise Damaged(
            f"the vault holds {there} records and not {manifest.count}: something was {how} behind dossier's back",
            CHECK,
        )
    return manifest


def replace_header(
    database: Database,
    cipher: Cipher,
    old: bytes,
    new: bytes,
    allow: Callable[[Manifest], None] = lambda manifest: None,
) -> None:
    """Put `new` in place of `old`, which it was made from, in one transaction that `allow` may refuse.

    Raises Failed when another program has changed the header since, Damaged as `manifest_to_change`.
    """
    with database.transaction():
        if read_header(database) != old:
            raise Failed("another program changed the vault's passphrase or code just now", "run it again")
        manifest = manifest_to_change(database, cipher)
        allow(manifest)
        manifest.know_header(new)
        manifest.bump()
        database.execute("UPDATE vault SET header = ?, manifest = ?", (new, manifest.to_blob(cipher)))
