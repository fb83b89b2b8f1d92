"""What the tests of new keys share: a rotation as it is asked for, and what a vault says and is made of."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from dossier.config import Config
from dossier.services import rotating
from dossier.services.passphrases import Unlocking
from dossier.services.rotating import Told, Wanted
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.services.vaults import CodeKeeper
from dossier.store.catalog import RECORDS, Attachment
from tests.conftest import PASSPHRASE, TODAY
from tests.store.behind import raw


class Killed(BaseException):
    """In place of kill -9, which `tests/services/test_rotating_kills.py` does: nothing of ours catches it either."""


def dies_after(count: int) -> Callable[[int, int], None]:
    """Kill the run when so many sealed parts or more were looked at."""

    def die(done: int, total: int) -> None:
        if done >= count:
            raise Killed

    return die


def opened(path: str, passphrase: str = PASSPHRASE) -> Session:
    """A session on the vault at a path, in which this passphrase is typed when it is asked for."""
    return Session(path, TODAY, Config({}, {}, ""), Unlocking(prompt=lambda question: passphrase))


class Run:
    """One `vault rotate`, with what it told; call it with the vault's path."""

    def __init__(
        self,
        *key_files: str,
        code_file: str | None = None,
        keep_old: bool = True,
        passphrase: str = PASSPHRASE,
        copying: Callable[[int, int], None] = lambda done, total: None,
        checking: Callable[[int, int], None] = lambda done, total: None,
    ) -> None:
        self.codes: list[str] = []
        self.told: list[str] = []
        self.ended: list[Shape] = []
        self.copied: list[int] = []
        self._copying = copying
        self._checking = checking
        self._passphrase = passphrase
        self._wanted = Wanted(CodeKeeper(code_file, self.codes.append), key_files, keep_old)

    def __call__(self, path: str) -> Shape:
        with opened(path, self._passphrase) as session:
            told = Told(self._confirm, self.told.append, self._count, self._checking)
            return rotating.rotate(session, self._wanted, told)

    def _confirm(self, ended: Sequence[Shape]) -> None:
        self.ended += ended

    def _count(self, done: int, total: int) -> None:
        self.copied.append(done)
        self._copying(done, total)


def says(path: str, passphrase: str = PASSPHRASE) -> list[Any]:
    """Every record of a vault with its id, uid and version, and all that the calendar and the counters say.

    The keys of attachments' streams are another matter: they are others after a rotation.
    """
    with opened(path, passphrase) as session:
        session.open_anew()
        found: list[Any] = [
            (record, record.id, record.uid, record.version, _values(record))
            for kind in RECORDS
            for record in session.reader.each(kind)
        ]
        found = [(type(record).__name__, *rest) for record, *rest in found]
        calendar = session.reader.calendar()
        assert calendar is not None
        found += [calendar.longest_lead, *(calendar[place] for place in range(len(calendar)))]
        for table in ("sqlite_sequence", "last_contact"):
            found += sorted(session.database.rows(f"SELECT * FROM {table}"))
    return found


def _values(record: Any) -> list[Any]:
    values = [(field.name, value) for field, value in record.values()]
    if isinstance(record, Attachment):
        return [(name, value) for name, value in values if name != "key"]
    return [(name, _without_keys(value)) for name, value in values]


def _without_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_keys(inner) for name, inner in value.items() if name != "key"}
    return [_without_keys(inner) for inner in value] if isinstance(value, list) else value


def secrets_of(path: str) -> set[bytes]:
    """Every envelope, seal and chunk of a vault as it stands in the file, its header and manifest included."""
    found: set[bytes] = set()
    connection = sqlite3.connect(path)
    tables = [kind.table.name for kind in RECORDS] + ["calendar", "vault", "chunk"]
    for table in tables:
        for row in connection.execute(f"SELECT * FROM {table}"):
            found |= {value for value in row if isinstance(value, bytes) and len(value) > 16}
    connection.close()
    return found


def leave_room(path: str) -> None:
    """Let a vault's file have two megabytes of pages that it does not use."""
    with raw(path) as connection:
        connection.execute("CREATE TABLE room (data BLOB)")
        connection.execute("INSERT INTO room VALUES (randomblob(2000000))")
        connection.execute("DROP TABLE room")
