"""What the kit's vaults are made from: a sound one with one of everything, and a bench on which to spoil a copy."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from dossier.config import Config
from dossier.services import attachments
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.store.catalog import RECORDS
from dossier.store.create import create_vault
from dossier.vault import header, kdf
from dossier.vault.envelope import Cipher
from dossier.vault.header import Header, NewVault, open_with_passphrase
from dossier.vault.seals import Manifest
from tests.torture.sentinels import Secrets, write

PASSPHRASE = "grey donkeys carry salt over the pass"
TODAY = date(2027, 3, 10)
KIND_OF = {kind.table.name: kind for kind in RECORDS}

FLOOR = kdf.FLOOR
"""The program's own: tests may put a cheaper one in its place, and the kit's vaults are for the program as it is."""


class Sound:
    """A vault with nothing wrong about it: its file, what it was made of, and another one with the same contents."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "sound.dossier"
        self.other = folder / "other.dossier"
        with patch.object(kdf, "DEFAULT", FLOOR), patch.object(kdf, "FLOOR", FLOOR):
            self.made = _filled(self.path)
            self.made_other = _filled(self.other)
            with open_with_passphrase(self.made.header, PASSPHRASE) as opened:
                self.root = bytes(opened.root)


def _filled(path: Path) -> NewVault:
    made = header.create(PASSPHRASE, TODAY)
    create_vault(str(path), made.header, made.keys)
    with Session(str(path), TODAY, Config({}, {}, ""), Unlocking(), made.keys) as session:
        for number in range(2):
            write(session, Secrets(), f"Account {number}")
        file = path.with_suffix(".bin")
        file.write_bytes(os.urandom(150_000))
        attachments.add(session, "a1", [str(file)])
    return made


class Bench:
    """A copy of the sound vault in a folder of its own, and the tools to spoil it with."""

    def __init__(self, sound: Sound, folder: Path) -> None:
        folder.mkdir()
        self.sound = sound
        self.folder = folder
        self.vault = folder / "vault.dossier"
        shutil.copy(sound.path, self.vault)

    # --- Through SQLite

    def run(self, *statements: str) -> None:
        """Run statements as any program could; SQLite's own checks of values and of references are off."""
        with closing(self._connected()) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    def set(self, statement: str, *values: Any) -> None:
        """Run a statement with values."""
        with closing(self._connected()) as connection:
            connection.execute(statement, values)
            connection.commit()

    def get(self, statement: str, *values: Any, other: bool = False) -> Any:
        """The first value that a query gives, here or of the other vault."""
        path = self.sound.other if other else self.vault
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute(statement, values).fetchone()[0]

    def list_in_schema(self, kind: str, name: str, table: str, sql: str | None, root: int = 0) -> None:
        """Write a line into SQLite's own list of tables, also one that SQLite would refuse to make."""
        with closing(self._connected()) as connection:
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute(
                "INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", (kind, name, table, root, sql)
            )
            self._renew_schema(connection)

    def change_schema(self, changes: str, where: str, *values: Any) -> None:
        """Change lines of SQLite's own list."""
        with closing(self._connected()) as connection:
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute(f"UPDATE sqlite_master SET {changes} WHERE {where}", values)
            self._renew_schema(connection)

    def _renew_schema(self, connection: sqlite3.Connection) -> None:
        ((version,),) = connection.execute("PRAGMA schema_version")
        connection.execute(f"PRAGMA schema_version = {version + 1}")
        connection.commit()

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.vault)
        connection.execute("PRAGMA ignore_check_constraints = ON")
        return connection

    # --- In the file itself

    @property
    def data(self) -> bytes:
        """The whole file."""
        return self.vault.read_bytes()

    def replace(self, data: bytes) -> None:
        """Write another file in its place."""
        self.vault.write_bytes(data)

    def patch(self, offset: int, data: bytes) -> None:
        """Write over a stretch of the file."""
        with self.vault.open("r+b") as file:
            file.seek(offset)
            file.write(data)

    def root_page(self, table: str) -> int:
        """Where a table's first page begins in the file."""
        page = self.get("SELECT rootpage FROM sqlite_master WHERE name = ?", table)
        return (int(page) - 1) * self.page_size

    @property
    def page_size(self) -> int:
        """Bytes in a page."""
        return int.from_bytes(self.data[16:18])

    def lengthen(self, size: int) -> None:
        """Make the file so long, with nothing in between: it takes no room on the disk."""
        os.truncate(self.vault, size)

    # --- The vault's header

    @property
    def header(self) -> bytes:
        """As it was made."""
        return self.sound.made.header

    def put_header(self, value: Any) -> None:
        """Put something in the header's place."""
        self.set("UPDATE vault SET header = ?", value)

    def mend_header(self, signed: bytes) -> None:
        """Put a header there whose checksum is right; what proves that it is ours cannot be made without the root."""
        body = signed + self.header[-64:-32]
        self.put_header(body + sha256(body).digest())

    def sign_header(self, slots: Sequence[Any]) -> None:
        """Put a header with these slots there as whoever has the root could."""
        place = Header.parse(self.header).place
        self.put_header(Header(*place, list(slots)).pack(self.sound.root))

    def know_header(self) -> None:
        """Let the manifest take the header that is there for the one that was written last."""
        cipher = Cipher(self.sound.made.keys)
        manifest = Manifest.from_blob(cipher, self.get("SELECT manifest FROM vault"))
        manifest.know_header(self.get("SELECT header FROM vault"))
        self.set("UPDATE vault SET manifest = ?", manifest.to_blob(cipher))

    # --- Rows

    def take(self, table: str, column: str, record_id: int = 1, other: bool = False) -> Any:
        """A value as it stands in a row."""
        return self.get(f"SELECT {column} FROM {table} WHERE id = ?", record_id, other=other)

    def put(self, table: str, column: str, value: Any, record_id: int = 1) -> None:
        """Put a value into a row."""
        self.set(f"UPDATE {table} SET {column} = ? WHERE id = ?", value, record_id)


Spoil = Callable[[Bench], None]


class Run(NamedTuple):
    """A command to run on a vault: its arguments, whether it gets the passphrase, how it must end and what it says."""

    arguments: tuple[str, ...]
    unlocked: bool
    code: int
    says: str


class Case(NamedTuple):
    """A vault of the kit: its name, what is wrong with it, how it is made, and what must come of it."""

    name: str
    wrong: str
    spoil: Spoil
    runs: tuple[Run, ...]


READ = ("agenda",)
CHECK = ("vault", "check")
WRITE = ("account", "add", "Later")


def refused(name: str, wrong: str, spoil: Spoil, says: str, code: int = 7) -> Case:
    """A vault that every command turns away at once, with or without the passphrase."""
    runs = (Run(READ, False, code, says), Run(CHECK, True, code, says), Run(WRITE, True, code, says))
    return Case(name, wrong, spoil, runs)


def seen_with_keys(
    name: str, wrong: str, spoil: Spoil, says: str, *, read: int = 0, write: int = 7, unlock: int = 7
) -> Case:
    """A vault that is seen through only with its keys: what is locked reads on, the check says what is wrong.

    The codes: of reading while locked, of a write, and of the check (5 where even the right passphrase seems wrong).
    """
    runs = (
        Run(READ, False, read, ""),
        Run(CHECK, True, unlock, says),
        Run(WRITE, True, write, ""),
    )
    return Case(name, wrong, spoil, runs)


def harmless(name: str, wrong: str, spoil: Spoil) -> Case:
    """A vault that is odd and none the worse for it."""
    return Case(
        name, wrong, spoil, (Run(READ, False, 0, ""), Run(CHECK, True, 0, ""), Run(WRITE, True, 0, ""))
    )
