"""The head of a vault: its header, and the manifest that says what must be in the vault, the header included."""

from __future__ import annotations

from dossier.errors import RESTORE, Damaged, Failed
from dossier.store.database import Database
from dossier.vault.envelope import Cipher
from dossier.vault.seals import Manifest


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


def manifest_to_change(database: Database, cipher: Cipher) -> Manifest:
    """The manifest at the beginning of a write, once it was seen that the write would go where dossier means it to.

    Raises Damaged if a trigger waits for it, or if the header is not the one that was written last: a secret may not
    be added to a vault that a replaced passphrase, or somebody else's, opens.
    """
    database.refuse_foreign_parts()
    manifest = read_manifest(database, cipher)
    if not manifest.knows_header(read_header(database)):
        raise Damaged("the vault's header is not the one that dossier wrote last", RESTORE)
    return manifest


def replace_header(database: Database, cipher: Cipher, old: bytes, new: bytes) -> None:
    """Put `new` in place of `old`, which it was made from, in one transaction.

    Raises Failed when another program has changed the header since, Damaged as `manifest_to_change`.
    """
    with database.transaction():
        if read_header(database) != old:
            raise Failed("another program changed the vault's passphrase or code just now", "run it again")
        manifest = manifest_to_change(database, cipher)
        manifest.know_header(new)
        manifest.bump()
        database.execute("UPDATE vault SET header = ?, manifest = ?", (new, manifest.to_blob(cipher)))
