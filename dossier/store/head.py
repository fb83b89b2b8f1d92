"""The head of a vault: its header, counted by the manifest like a record, so that an older one put back shows."""

from __future__ import annotations

from hashlib import sha256

from dossier.errors import RESTORE, Damaged, Failed
from dossier.store.database import Database
from dossier.vault.envelope import Cipher
from dossier.vault.seals import Manifest

HEADER_TABLE = 0xFF03
"""The header's place among the manifest's elements; 0xFF01 and 0xFF02 are the calendar and the manifest."""

HEADER_UID = b"header"


def read_header(database: Database) -> bytes:
    """The header as it stands in the file; Damaged if there is none."""
    found = database.row("SELECT header FROM vault")
    if found is None or not isinstance(found[0], bytes):
        raise Damaged(f"the header of {database.path} is missing", RESTORE)
    return found[0]


def read_manifest(database: Database, cipher: Cipher) -> Manifest:
    """What the vault says must be in it; Damaged if it is missing or not authentic, Locked without the seal key."""
    found = database.row("SELECT manifest FROM vault")
    return Manifest.from_blob(cipher, found[0] if found else None)


def count_header(manifest: Manifest, header: bytes) -> None:
    """Count a header in: it must be the one that stands in the file."""
    manifest.add(HEADER_TABLE, HEADER_UID, sha256(header).digest())


def replace_header(database: Database, cipher: Cipher, old: bytes, new: bytes) -> None:
    """Put `new` in place of `old`, which it was made from, in one transaction.

    Raises Failed when another program has changed the header since, Damaged when the manifest is not authentic. A
    header that was put there behind our back is not made good by this: the manifest still misses the true one.
    """
    with database.transaction():
        if read_header(database) != old:
            raise Failed("another program changed the vault's passphrase or code just now", "run it again")
        manifest = read_manifest(database, cipher)
        manifest.remove(HEADER_TABLE, HEADER_UID, sha256(old).digest())
        count_header(manifest, new)
        manifest.bump()
        database.execute("UPDATE vault SET header = ?, manifest = ?", (new, manifest.to_blob(cipher)))
