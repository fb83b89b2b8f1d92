"""What stands in a vault that has one of everything and that everything opens: its keys, rows, chunks and parts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import patch

from dossier.config import Config
from dossier.services import attachments
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.store.catalog import RECORDS, Attachment
from dossier.store.create import create_vault
from dossier.store.rows import Rows, layout_of
from dossier.vault import header, kdf
from dossier.vault.header import open_with_passphrase
from tests.torture.place import PASSPHRASE, TODAY
from tests.torture.sentinels import Secrets, write

SIZES = (0, 5000, 65536, 200_000)
"""Of the attachments: none, less than a chunk, exactly one, several and a shorter one."""


def cheap_stretch(secret: bytes, salt: bytes, params: kdf.KdfParams, **_: Any) -> bytes:
    """In place of Argon2id: it takes no time at any cost that a changed slot may ask for, and depends on all of it."""
    return sha256(b"|".join((secret, salt, repr(params).encode()))).digest()


@contextmanager
def cheaply(state: Path) -> Iterator[None]:
    """With the cheap key derivation in place, and a folder for what this machine remembers."""
    around = {"XDG_STATE_HOME": str(state)}
    with patch.object(kdf, "stretch", cheap_stretch), patch.dict(os.environ, around):
        yield


class Stored:
    """A vault in a folder, and what is in it; made while the key derivation is cheap."""

    def __init__(self, folder: Path) -> None:
        made = header.create(PASSPHRASE, TODAY)
        self.keys = made.keys
        self.rows = Rows(made.keys)
        self.recovery_code = made.recovery_code
        self.key_file, self.agenda_file = os.urandom(32), os.urandom(32)
        """The bytes in two key files: one for everything, one for the agenda alone."""
        with open_with_passphrase(made.header, PASSPHRASE) as opened:
            full, _ = header.add_key_file(made.header, opened.root, self.key_file, TODAY)
            self.header, _ = header.add_key_file(full, opened.root, self.agenda_file, TODAY, agenda_only=True)
        self.path = folder / "vault.dossier"
        create_vault(str(self.path), self.header, made.keys)
        with self.session() as session:
            for number in range(2):
                write(session, Secrets(), f"Account {number}")
            for number, size in enumerate(SIZES):
                file = folder / f"file {number}"
                file.write_bytes(os.urandom(size))
                attachments.add(session, "a1", [str(file)])
            self.of_kind = {
                kind: session.database.rows(f"SELECT {layout_of(kind).columns} FROM {kind.table.name}")
                for kind in RECORDS
            }
            self.attachments = session.reader.find(Attachment)[-len(SIZES) :]
            sql = "SELECT data FROM chunk WHERE attachment_id = ? ORDER BY number"
            self.chunks = {
                one.id: [data for (data,) in session.database.rows(sql, (one.id,))]
                for one in self.attachments
            }
            (self.calendar,) = session.database.rows("SELECT version, agenda, seal FROM calendar")
            ((self.manifest,),) = session.database.rows("SELECT manifest FROM vault")

    def session(self, *, locked: bool = False) -> Session:
        """An open session on it."""
        keys = None if locked else self.keys
        return Session(str(self.path), TODAY, Config({}, {}, ""), Unlocking(), keys)
