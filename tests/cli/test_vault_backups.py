from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from dossier.services.session import Session
from dossier.store.backups import keep_before, listed
from dossier.store.catalog import Account
from dossier.store.create import create_vault
from dossier.vault import header
from tests.conftest import PASSPHRASE, TODAY, FakeAgent, Run
from tests.store.behind import fill, tamper


@pytest.fixture
def kept(session: Session) -> list[str]:
    """Two backups of a vault that went on since, the newest first."""
    fill(session)
    paths: list[str] = []
    for reason in ("import", "migration"):
        paths.insert(0, str(keep_before(session.database, reason, 5)))
        with session.change("add") as transaction:
            transaction.insert(Account(name=f"After the {reason}", created_on="2027-03-10"))
    session.close()
    return paths


def accounts(dossier: Run) -> list[str]:
    return [account["name"] for account in json.loads(dossier("account", "list", "--format", "json").out)]


# --- The list --------------------------------------------------------------------------------------------------------


def test_the_list_as_json(dossier: Run, kept: list[str]) -> None:
    found = json.loads(dossier("vault", "backups", "--format", "json").out)
    assert [list(one) for one in found] == [["at", "reason", "bytes", "path"]] * 2
    assert [(one["reason"], one["path"]) for one in found] == list(
        zip(("migration", "import"), kept, strict=True)
    )
    assert found[0]["bytes"] == os.stat(kept[0]).st_size
    assert datetime.fromisoformat(found[0]["at"]).tzinfo is not None


def test_the_list_as_lines_and_table(dossier: Run, kept: list[str]) -> None:
    lines = [line.split("\t") for line in dossier("vault", "backups").out.splitlines()]
    assert [(reason, path) for _, reason, _, path in lines] == [("migration", kept[0]), ("import", kept[1])]
    table = dossier("vault", "backups", "--format", "table").out
    assert "migration" in table
    assert dossier("vault", "backups", "--format", "csv").out.startswith("at,before,bytes,path\n")


def test_no_backups_yet(dossier: Run) -> None:
    assert dossier("vault", "backups", "--format", "json") == (0, "[]\n", "")
    assert dossier("vault", "backups") == (0, "", "")
    assert dossier("vault", "backups", terminal=True).out == "There are no backups yet.\n"


@pytest.mark.parametrize("state", ["locked", "damaged", "missing"])
def test_the_list_needs_no_vault(
    dossier: Run, kept: list[str], vault_path: str, lock: Callable[[], None], state: str
) -> None:
    lock()
    if state == "damaged":
        Path(vault_path).write_bytes(b"garbage")
    elif state == "missing":
        os.unlink(vault_path)
    assert len(dossier("vault", "backups").out.splitlines()) == 2


def test_a_folder_that_is_none_is_told(dossier: Run, vault_path: str) -> None:
    Path(f"{vault_path}.backups").write_text("in the way")
    done = dossier("vault", "backups")
    assert (done.code, done.out) == (8, "")
    assert "is not a folder of yours" in done.err


# --- Restoring one ---------------------------------------------------------------------------------------------------


def test_the_newest_is_restored(dossier: Run, kept: list[str], vault_path: str) -> None:
    done = dossier("vault", "restore", "--newest", "--yes", "--format", "json")
    assert done.code == 0
    assert json.loads(done.out)["backup"] == kept[0]
    assert "It does not have the last 1 change of the vault." in done.err
    assert accounts(dossier)[:1] == ["After the import"]
    assert [one.reason for one in listed(vault_path)] == ["restore", "migration", "import"]


def test_one_is_restored_by_its_name(dossier: Run, kept: list[str]) -> None:
    done = dossier("vault", "restore", os.path.basename(kept[1]), "--yes")
    assert done.code == 0
    assert "It does not have the last 2 changes of the vault." in done.err
    assert accounts(dossier) == ["Café Zürich", "Đặng & Sons"]


def test_restoring_back_and_forth(dossier: Run, kept: list[str]) -> None:
    before = accounts(dossier)
    assert dossier("vault", "restore", kept[1], "--yes").code == 0
    done = dossier("vault", "restore", "--newest", "--yes")
    assert (done.code, "does not have" in done.err) == (0, False)
    assert accounts(dossier) == before


def test_which_backup_has_to_be_said(dossier: Run, kept: list[str]) -> None:
    for arguments in ((), (kept[0], "--newest")):
        done = dossier("vault", "restore", *arguments, "--yes")
        assert (done.code, done.out) == (2, "")
        assert "which backup is meant?" in done.err


def test_there_is_no_newest_one(dossier: Run) -> None:
    done = dossier("vault", "restore", "--newest", "--yes")
    assert (done.code, done.out) == (3, "")


def test_a_backup_of_another_vault_says_so(dossier: Run, kept: list[str], tmp_path: Path) -> None:
    other = str(tmp_path / "other.dossier")
    made = header.create(PASSPHRASE, TODAY)
    create_vault(other, made.header, made.keys)
    FakeAgent("").put(made.keys, 900, 28_800)
    called_off = dossier("vault", "restore", other, terminal=True, stdin="n\n")
    assert called_off.code == 1
    assert "It is a backup of another vault than the one at" in called_off.err
    assert len(accounts(dossier)) == 4
    done = dossier("vault", "restore", other, "--yes")
    assert (done.code, "another vault" in done.err) == (0, True)
    assert accounts(dossier) == []


def test_a_damaged_backup_leads_to_salvage(dossier: Run, kept: list[str]) -> None:
    tamper(kept[0], "DELETE FROM fact WHERE id = 1")
    done = dossier("vault", "restore", "--newest", "--yes")
    assert (done.code, done.out) == (7, "")
    assert "dossier vault salvage" in done.err


def test_the_setting_rules_how_many_are_kept(dossier: Run, kept: list[str], vault_path: str) -> None:
    config = Path(vault_path).parent / "home" / "dossier" / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("backups_kept = 1\n")
    for _ in range(3):
        assert dossier("vault", "restore", kept[1], "--yes").code == 0
    assert [one.reason for one in listed(vault_path)] == ["restore", "migration", "import"]
    config.write_text("backups_kept = 101\n")
    assert "from 0 to 100" in dossier("vault", "backups").err
