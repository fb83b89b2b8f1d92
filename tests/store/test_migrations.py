from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from dossier.config import Config
from dossier.errors import Damaged, DossierError, Failed
from dossier.services import attachments, undo
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.store.backups import listed
from dossier.store.catalog import Account, Attachment, Fact, Person
from dossier.store.database import SCHEMA_VERSION, Database
from dossier.store.migrations import MIGRATIONS, Migration, migrate_if_older
from dossier.store.schema import LISTED, PARTS, Part
from dossier.vault.header import open_with_recovery
from tests.store.behind import fill, problems, tamper
from tests.store.fixtures import make_schema1, make_schema2

NEXT = SCHEMA_VERSION + 1


def add_table(database: Database) -> None:
    database.execute("CREATE TABLE added (x)")


def add_row(database: Database) -> None:
    database.execute("INSERT INTO added VALUES (1)")


def break_off(database: Database) -> None:
    database.execute("CREATE TABLE half (x)")
    raise Failed("half-way")


STEPS = (Migration(NEXT, "a table", add_table), Migration(NEXT + 1, "a row", add_row))


def tables(path: str) -> set[str]:
    database = Database(path)
    with database:
        return {name for (name,) in database.rows("SELECT name FROM sqlite_master")}


def test_a_current_vault_is_left_alone(session: Session) -> None:
    assert migrate_if_older(session.database) is None
    assert session.kept is None
    assert os.listdir(os.path.dirname(session.path)).count("vault.dossier") == 1


def test_the_released_steps_lead_to_this_schema_one_by_one() -> None:
    assert [step.to for step in MIGRATIONS] == list(range(2, SCHEMA_VERSION + 1))


def test_missing_steps_are_applied_in_order_after_a_backup(session: Session) -> None:
    fill(session)
    before = session.database.rows("SELECT * FROM account")
    kept = migrate_if_older(session.database, STEPS, NEXT + 1)
    assert kept is not None
    assert [backup.path for backup in listed(session.path)] == [kept]
    assert kept.endswith("-before-migration.dossier")
    assert (session.database.schema(), session.database.version) == (NEXT + 1, NEXT + 1)
    assert session.database.rows("SELECT x FROM added") == [(1,)]
    assert "added" not in tables(kept)
    with Session(kept, session.today, session.config, Unlocking()) as copy:
        assert problems(copy) == []
        assert copy.database.rows("SELECT * FROM account") == before


def test_only_the_missing_steps_run(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dossier.store.database.SCHEMA_VERSION", NEXT)
    added = Part("table", "added", "added", "CREATE TABLE added (x)")
    monkeypatch.setattr("dossier.store.database.PARTS", PARTS | {added})
    migrate_if_older(session.database, STEPS[:1], NEXT)
    migrate_if_older(session.database, STEPS, NEXT + 1)
    assert session.database.rows("SELECT x FROM added") == [(1,)]


def test_a_step_that_fails_changes_nothing(session: Session) -> None:
    with pytest.raises(Failed, match="half-way"):
        migrate_if_older(session.database, (STEPS[0], Migration(NEXT + 1, "broken", break_off)), NEXT + 1)
    assert session.database.schema() == SCHEMA_VERSION
    assert not {"added", "half"} & tables(session.path)
    assert problems(session) == []


def test_of_two_programs_one_migrates_and_the_other_finds_it_done(session: Session) -> None:
    with Database(session.path) as other:
        kept = migrate_if_older(session.database, STEPS, NEXT + 1)
        assert migrate_if_older(other, STEPS, NEXT + 1) is None
        assert other.version == NEXT + 1
    assert kept is not None
    assert "added" not in tables(kept), "the backup is from before"
    assert session.database.rows("SELECT x FROM added") == [(1,)]


_MIGRATE_AND_DIE = """
import os, signal, sys
from dossier.store.database import SCHEMA_VERSION, Database
from dossier.store.migrations import Migration, migrate_if_older

NEXT = SCHEMA_VERSION + 1

def die(database):
    database.execute("CREATE TABLE half (x)")
    database.execute("PRAGMA cache_size = 1")
    for _ in range(300):
        database.execute("INSERT INTO half VALUES (zeroblob(3000))")
    os.kill(os.getpid(), signal.SIGKILL)

migrate_if_older(Database(sys.argv[1]), (Migration(NEXT, "deadly", die),), NEXT)
"""


def test_killed_in_the_middle_the_vault_is_as_before(session: Session) -> None:
    fill(session)
    session.close()
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", _MIGRATE_AND_DIE, session.path], cwd=root, check=False)
    assert done.returncode == -signal.SIGKILL
    assert os.path.exists(f"{session.path}-journal")
    session.database = Database(session.path)
    assert session.database.schema() == SCHEMA_VERSION
    assert problems(session) == []


def test_a_newer_vault_is_refused_and_left_alone(session: Session) -> None:
    session.close()
    tamper(session.path, f"PRAGMA user_version = {NEXT}")
    before = Path(session.path).read_bytes()
    with pytest.raises(DossierError, match="newer dossier") as raised:
        Session(session.path, session.today, session.config, Unlocking())
    assert raised.value.exit_code == 9
    assert Path(session.path).read_bytes() == before


@pytest.fixture
def frozen(tmp_path: Path) -> Session:
    """A copy of the vault that stands still in the repository: what the first release wrote."""
    path = tmp_path / "frozen.dossier"
    shutil.copyfile(make_schema1.VAULT, path)
    unlocking = Unlocking(None, lambda question: make_schema1.PASSPHRASE)
    return Session(str(path), date(2027, 3, 10), Config({}, {}, ""), unlocking)


def test_a_vault_of_the_first_schema_opens_and_checks_clean(frozen: Session) -> None:
    with frozen:
        frozen.unlock()
        assert problems(frozen) == []
        assert [record.note for record in frozen.reader.find(Account)] == [
            "about Café Zürich",
            "about Đặng & Sons",
        ]
        assert frozen.reader.get(Person, 2).birthday == "1975-04-12"
        assert frozen.reader.get(Fact, 1).text == "plays chess"
        with frozen.change("edit") as transaction:
            transaction.update(frozen.reader.get(Account, 1), note="still writable")
        assert problems(frozen) == []


def test_its_recovery_code_opens_it_too(frozen: Session) -> None:
    with frozen, open_with_recovery(frozen.header, make_schema1.CODE.read_text()) as opened:
        assert opened.keys.full


def test_a_vault_of_the_first_schema_becomes_what_a_new_one_is(frozen: Session) -> None:
    with frozen:
        assert (frozen.database.schema(), frozen.kept is not None) == (SCHEMA_VERSION, True)
        assert {Part(*part) for part in frozen.database.rows(LISTED)} == PARTS
        assert frozen.database.count("attachment") == frozen.database.count("chunk") == 0


def test_an_older_vault_that_is_only_looked_at_is_left_as_it_is() -> None:
    with Database(str(make_schema1.VAULT)) as database:
        assert database.version == 1
        assert (database.count("account"), database.count("attachment")) == (2, 0)


def test_a_table_that_no_dossier_of_the_first_schema_made_is_damage(tmp_path: Path) -> None:
    path = str(tmp_path / "hostile.dossier")
    shutil.copyfile(make_schema1.VAULT, path)
    (sql,) = [part.sql for part in PARTS if part.name == "chunk"]
    tamper(path, sql)
    with pytest.raises(Damaged, match="no dossier of its schema"):
        Session(path, date(2027, 3, 10), Config({}, {}, ""), Unlocking())
    with Database(path) as database:
        assert database.version == 1


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE chunk (x)",
        "CREATE TABLE spy (x DEFAULT (load_extension('spy')))",
        "CREATE INDEX spy ON account (lower(name))",
        "ALTER TABLE account ADD COLUMN spy AS (printf('%.*c', 1 << 30, name))",
    ],
)
def test_what_no_dossier_ever_made_is_refused_before_anything_is_migrated(
    tmp_path: Path, statement: str
) -> None:
    path = tmp_path / "hostile.dossier"
    shutil.copyfile(make_schema1.VAULT, path)
    tamper(str(path), statement)
    before = path.read_bytes()
    with pytest.raises(Damaged, match="holds what dossier never makes"):
        Session(str(path), date(2027, 3, 10), Config({}, {}, ""), Unlocking())
    assert path.read_bytes() == before


def test_a_vault_of_the_second_schema_opens_with_its_attachments(tmp_path: Path) -> None:
    path = tmp_path / "frozen.dossier"
    shutil.copyfile(make_schema2.VAULT, path)
    unlocking = Unlocking(None, lambda question: make_schema1.PASSPHRASE)
    with Session(str(path), date(2027, 3, 10), Config({}, {}, ""), unlocking) as session:
        session.unlock()
        assert problems(session) == []
        assert [record.name for record in session.reader.find(Attachment)] == ["plan.bin"]
        undo.undo(session)
        for number, content in enumerate(make_schema2.FILES.values(), 1):
            assert b"".join(attachments.content(session, number)) == content
        assert problems(session) == []
        with open_with_recovery(session.header, make_schema2.CODE.read_text()) as opened:
            assert opened.keys.full
