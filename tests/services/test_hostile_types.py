"""Anything in any column of any table: whoever has the keys is told what is wrong, and no command falls over it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import pytest

from dossier.config import Config
from dossier.domain.faults import Fault
from dossier.domain.text import one_line
from dossier.services import accepting, attachments, compacting, forgetting, safekeeping, salvaging, vaults
from dossier.services.passphrases import Unlocking
from dossier.services.salvaging import Watching
from dossier.services.session import Session
from dossier.store import backups, oddities
from dossier.store.catalog import PromiseMove, Relative, Step
from dossier.store.check import Problem
from dossier.store.rotation import is_unfinished
from dossier.store.schema import TABLES
from tests.conftest import PASSPHRASE, TODAY, FakeAgent
from tests.services.rotations import Run as Rotation
from tests.store.behind import fill

VALUES = (
    "NULL",
    "'zz'",
    "'1,2'",
    "x'ff00fe'",
    "CAST(x'ff5b5d' AS TEXT)",
    "1.5",
    "9e999",
    "0",
    "-1",
    "9223372036854775807",
    "'[[1, null, {\"a\": 2}]]'",
)
"""What a column may hold, whatever its type is said to be, in SQL."""

SHORT = ("'1,2'", "x'ff00fe'", "NULL", "9e999")


class Column(NamedTuple):
    table: str
    name: str

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


def _columns() -> Iterator[Column]:
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in TABLES:
            connection.execute(statement)
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        for table in tables:
            for _, name, *_ in connection.execute(f"PRAGMA table_info({table})"):
                yield Column(table, name)


COLUMNS = tuple(_columns())

TABLE_NAMES = tuple(dict.fromkeys(column.table for column in COLUMNS))


def put(path: str, column: Column, value: str, *, everywhere: bool) -> bool:
    """Write a value into one row or all, past everything that SQLite watches over. Whether it stands there."""
    rows = "" if everywhere else f"WHERE rowid = (SELECT max(rowid) FROM {column.table})"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("PRAGMA writable_schema = ON")
        was = connection.execute(
            "SELECT rowid, sql FROM sqlite_master WHERE name = ?", (column.table,)
        ).fetchone()
        _set_schema(connection, was[0], was[1].replace(" NOT NULL", ""))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.text_factory = bytes
        changed = 0
        try:
            changed = connection.execute(
                f'UPDATE "{column.table}" SET "{column.name}" = {value} {rows}'
            ).rowcount
            assert changed, f"there is no {column.table} to change"
        except sqlite3.Error:  # an id that is no number, or given twice
            pass
        connection.execute("PRAGMA writable_schema = ON")
        _set_schema(connection, *was)
    return changed > 0


def _set_schema(connection: sqlite3.Connection, rowid: int, sql: str) -> None:
    connection.execute("UPDATE sqlite_master SET sql = ? WHERE rowid = ?", (sql, rowid))
    ((version,),) = connection.execute("PRAGMA schema_version")
    connection.execute(f"PRAGMA schema_version = {version + 1}")


class World:
    """A vault with one of everything, put back before every command."""

    def __init__(self, session: Session, folder: Path) -> None:
        fill(session)
        day = "2027-01-04"
        with session.change("fill") as transaction:
            transaction.insert(Relative(person_id=2, name="Bình", relation="son", birthday="--03-12"))
            transaction.insert(
                PromiseMove(promise_id=2, from_on=day, to_on="2027-03-01", moved_on=day, because="late")
            )
            transaction.insert(Step(account_id=2, created_on=day, due_on=day, title="call"))
        for number in (1, 2):
            file = folder / f"{number}.bin"
            file.write_bytes(os.urandom(100))
            attachments.add(session, "1", [str(file)])
        attachments.rm(session, 2)
        backups.keep_before(session.database, "import", 5)
        session.close()
        self.path = session.path
        self.folder = folder
        self.sound = Path(self.path).read_bytes()

    def spoil(self, column: Column, value: str, *, everywhere: bool) -> bool:
        Path(self.path).write_bytes(self.sound)
        done = put(self.path, column, value, everywhere=everywhere)
        self.spoiled = Path(self.path).read_bytes()
        return done

    def again(self) -> None:
        """The spoiled vault as it was, on a machine that knows nothing of it."""
        Path(self.path).write_bytes(self.spoiled)
        FakeAgent("").lock()
        shutil.rmtree(os.environ["XDG_STATE_HOME"], ignore_errors=True)
        for name in ("copy", "out", "code"):
            with suppress(FileNotFoundError):
                os.unlink(self.folder / name)

    @contextmanager
    def opened(self) -> Iterator[Session]:
        with Session(self.path, TODAY, Config({}, {}, ""), typing()) as session:
            session.unlock("Passphrase: ")
            yield session


def typing() -> Unlocking:
    return Unlocking(prompt=lambda question: PASSPHRASE)


def _silent(done: int, total: int) -> None:
    pass


def _check(world: World) -> None:
    with world.opened() as session:
        shape = safekeeping.check(session, _silent)
    json.dumps(shape, allow_nan=False)
    for problem in (Problem(*list(one.values())[:4]) for one in shape["problems"]):
        assert problem.id is None or type(problem.id) is int
        assert one_line(str(problem)) == str(problem)
        assert "b'" not in str(problem)


def _accept(world: World) -> None:
    with world.opened() as session:
        done = accepting.accept(session, _silent, lambda problems: None)
    json.dumps(done, allow_nan=False)
    with world.opened() as session:
        assert safekeeping.check(session, _silent)["problems"] == []


def _rotate(world: World) -> None:
    try:
        Rotation(code_file=str(world.folder / "code"))(world.path)
    except Fault:
        assert not is_unfinished(world.path)
        assert not (world.folder / "code").exists()
        raise


def _salvage(world: World) -> None:
    source = safekeeping.Restoring(world.path, TODAY, Config({}, {}, ""), typing())
    json.dumps(
        salvaging.salvage(str(world.folder / "out"), source, None, Watching(_silent, _silent, _silent)),
        allow_nan=False,
    )


def _forget(world: World) -> None:
    with world.opened() as session:
        forgetting.finish(session)
        json.dumps(forgetting.person(session, "2"), allow_nan=False)


def _forget_history(world: World) -> None:
    with world.opened() as session:
        json.dumps(forgetting.history(session, "today"), allow_nan=False)


def _compact(world: World) -> None:
    with world.opened() as session:
        compacting.compact(session, _silent)


def _backup(world: World) -> None:
    with world.opened() as session:
        safekeeping.backup(session, str(world.folder / "copy"), _silent)


def _status(world: World) -> None:
    json.dumps(vaults.status(world.path, Config({}, {}, "")), allow_nan=False)
    safekeeping.backups(world.path)


def _oddity(world: World) -> None:
    with world.opened() as session:
        oddities.first_oddity(session.database)


Command = Callable[[World], None]

COMMANDS: tuple[Command, ...] = (
    _check,
    _accept,
    _rotate,
    _salvage,
    _forget,
    _forget_history,
    _compact,
    _backup,
    _status,
    _oddity,
)


@pytest.fixture
def world(session: Session, tmp_path: Path) -> World:
    return World(session, tmp_path)


def _try_all(
    world: World,
    column: Column,
    value: str,
    commands: Sequence[Command] = COMMANDS,
    *,
    everywhere: bool = False,
) -> None:
    if not world.spoil(column, value, everywhere=everywhere):
        return
    for command in commands:
        world.again()
        try:
            command(world)
        except Fault as fault:
            said = fault.message
            assert one_line(said) == said
        except BaseException as error:
            error.add_note(f"{command.__name__} with {column} = {value}")
            raise


@pytest.mark.parametrize("table", TABLE_NAMES)
def test_a_value_of_another_type_makes_no_command_fall_over(world: World, table: str) -> None:
    """In short: one value for each column, and the commands that go through everything."""
    columns = [column for column in COLUMNS if column.table == table]
    for column, value in zip(columns, cycle(SHORT)):
        _try_all(world, column, value, (_check, _rotate, _forget))


@pytest.mark.torture
@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_no_value_in_any_column_makes_a_command_fall_over(world: World, column: Column) -> None:
    for value in VALUES:
        for everywhere in (False, True):
            _try_all(world, column, value, everywhere=everywhere)
