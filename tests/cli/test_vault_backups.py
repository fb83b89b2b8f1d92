from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from dossier import paths
from dossier.config import Config
from dossier.services.passphrases import Unlocking
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
    assert [list(one) for one in found] == [["at", "reason", "bytes", "path", "changes"]] * 2
    assert [one["changes"] for one in found] == [2, 1]
    assert [(one["reason"], one["path"]) for one in found] == list(
        zip(("migration", "import"), kept, strict=True)
    )
    assert found[0]["bytes"] == os.stat(kept[0]).st_size
    assert datetime.fromisoformat(found[0]["at"]).tzinfo is not None


def test_the_list_as_lines_and_table(dossier: Run, kept: list[str]) -> None:
    lines = [line.split("\t") for line in dossier("vault", "backups").out.splitlines()]
    assert [(line[1], *line[3:]) for line in lines] == [("migration", kept[0], "2"), ("import", kept[1], "1")]
    table = dossier("vault", "backups", "--format", "table", variables={"COLUMNS": "300"}).out
    made = datetime.fromisoformat(lines[0][0])
    assert re.search(rf"{made:%Y-%m-%d %H:%M} +migration +[\d.]+ kB +2 +{kept[0]}", table)
    assert dossier("vault", "backups", "--format", "csv").out.startswith(
        "at,before,bytes,path,newest change\n"
    )


@pytest.mark.parametrize("state", ["empty", "garbage", "header"])
def test_a_backup_that_cannot_be_read_says_so(dossier: Run, kept: list[str], state: str) -> None:
    if state == "header":
        tamper(kept[0], "UPDATE vault SET header = zeroblob(100)")
    else:
        Path(kept[0]).write_bytes(b"" if state == "empty" else b"garbage" * 1000)
    found = json.loads(dossier("vault", "backups", "--format", "json").out)
    assert [one["changes"] for one in found] == [None, 1]
    assert dossier("vault", "backups").out.splitlines()[0].endswith(f"{kept[0]}\t")
    assert "cannot be read" in dossier("vault", "backups", "--format", "table").out


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
    assert "It does not have the last change of the vault." in done.err
    assert accounts(dossier)[:1] == ["After the import"]
    assert [one.reason for one in listed(vault_path)] == ["restore", "migration", "import"]


def test_one_is_restored_by_its_name(dossier: Run, kept: list[str]) -> None:
    done = dossier("vault", "restore", os.path.basename(kept[1]), "--yes")
    assert done.code == 0
    assert "It does not have the last 2 changes of the vault." in done.err
    assert accounts(dossier) == ["Café Zürich", "Đặng & Sons"]


def test_restoring_back_and_forth(dossier: Run, kept: list[str]) -> None:
    before = accounts(dossier)
    done = dossier("vault", "restore", kept[1], "--yes", "--format", "json")
    done = dossier("vault", "restore", json.loads(done.out)["replaced"], "--yes")
    assert (done.code, "does not have" in done.err) == (0, False)
    assert accounts(dossier) == before


def test_the_newest_is_never_what_a_restore_put_aside(dossier: Run, kept: list[str], vault_path: str) -> None:
    done = dossier("vault", "restore", "--newest", "--yes", "--format", "json")
    aside = json.loads(done.out)["replaced"]
    restored = accounts(dossier)
    again = dossier("vault", "restore", "--newest", "--yes", "--format", "json")
    assert json.loads(again.out)["backup"] == kept[0]
    assert f"Newer, but put aside by a restore: {aside}\n" in again.err
    assert f"The newest sound backup is {kept[0]}\n" in again.err
    assert accounts(dossier) == restored
    for path in kept:
        os.unlink(path)
    none = dossier("vault", "restore", "--newest", "--yes")
    assert (none.code, none.out) == (3, "")
    assert "there are no backups of this vault but what a restore replaced\n" in none.err
    assert "name one of them; they are listed by: dossier vault backups" in none.err


def test_the_newest_is_one_that_is_sound(dossier: Run, kept: list[str]) -> None:
    empty = kept[0].replace("before-migration", "before-tidying")
    Path(empty).write_bytes(b"")
    tamper(kept[0], "DELETE FROM fact WHERE id = 1")
    done = dossier("vault", "restore", "--newest", "--yes", "--format", "json")
    assert (done.code, json.loads(done.out)["backup"]) == (0, kept[1])
    passed = [line for line in done.err.splitlines() if line.startswith("Passed over, for it is not sound: ")]
    assert [line.split(": ")[1].split(" (")[0] for line in passed] == [empty, kept[0]]


def test_histories_that_went_apart_are_told(dossier: Run, kept: list[str]) -> None:
    first = dossier("vault", "restore", kept[0], "--yes", "--format", "json")  # up to change 2
    aside = json.loads(first.out)["replaced"]  # up to 3
    assert "It does not have the last change of the vault." in first.err
    for name in ("Other", "Another"):
        assert dossier("account", "add", name).code == 0
    done = dossier("vault", "restore", aside, "--yes")
    assert (
        "They went apart after change 2: the vault's changes 3 to 4 are not in it, and its own 3 comes.\n"
        in done.err
    )
    assert "does not have" not in done.err


def test_a_file_that_is_not_there(dossier: Run, kept: list[str]) -> None:
    done = dossier("vault", "restore", "nix.backup", "--yes")
    assert (done.code, done.out) == (8, "")
    assert done.err == "dossier: there is no file nix.backup\n  look with: dossier vault backups\n"


# --- Where the vault is missing --------------------------------------------------------------------------------------


def test_a_missing_vault_points_to_its_backups(dossier: Run, kept: list[str], vault_path: str) -> None:
    os.unlink(vault_path)
    way = (
        "there are backups of one that was here: dossier vault backups; "
        "put one back: dossier vault restore --newest\n"
    )
    for words in (("agenda",), ("account", "list"), ("person", "add", "Lan", "--account", "1")):
        done = dossier(*words)
        assert (done.code, done.out) == (8, "")
        assert done.err == f"dossier: there is no vault at {vault_path}\n  {way}"
    welcome = dossier()
    assert (welcome.code, welcome.err) == (0, "")
    assert welcome.out == f"There is no vault at {vault_path}, but {way}\n"
    assert way[1:] in dossier("status", "--format", "table").err
    assert dossier("vault", "restore", "--newest", "--yes").code == 0
    assert len(accounts(dossier)) == 3


def test_no_new_vault_is_made_where_one_is_missing(dossier: Run, kept: list[str], vault_path: str) -> None:
    os.unlink(vault_path)
    done = dossier("init")
    assert (done.code, done.out) == (6, "")
    assert f"there was a vault at {vault_path}, and its backups are still there\n" in done.err
    assert "put one back: dossier vault restore --newest" in done.err
    assert f"or move {vault_path}.backups away" in done.err
    os.rename(f"{vault_path}.backups", f"{vault_path}.old")
    assert dossier("init", "--no-input").code == 5  # there is no passphrase: nothing else is in the way
    assert "make one: dossier init" in dossier("agenda").err


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


def test_damaged_backups_lead_to_salvage(dossier: Run, kept: list[str]) -> None:
    for path in kept:
        tamper(path, "DELETE FROM fact WHERE id = 1")
    done = dossier("vault", "restore", "--newest", "--yes")
    assert (done.code, done.out) == (7, "")
    assert "dossier vault salvage NEW.dossier" in done.err


def test_the_setting_rules_how_many_are_kept(dossier: Run, kept: list[str], vault_path: str) -> None:
    config = Path(vault_path).parent / "home" / "dossier" / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("backups_kept = 1\n")
    for _ in range(3):
        assert dossier("vault", "restore", kept[1], "--yes").code == 0
    assert [one.reason for one in listed(vault_path)] == ["restore", "migration", "import"]
    config.write_text("backups_kept = 101\n")
    assert "from 0 to 100" in dossier("vault", "backups").err


# --- What opens it ---------------------------------------------------------------------------------------------------


def replace_passphrase(path: str) -> None:
    with Session(path, TODAY, Config({}, {}, ""), Unlocking()) as session:
        with header.open_with_passphrase(session.header, PASSPHRASE) as opened:
            changed = header.change_passphrase(session.header, opened.root, "another one entirely", TODAY)
        session.replace_header(session.header, changed)


@pytest.mark.parametrize("standing", ["there", "missing", "planted"])
def test_a_backup_from_before_the_passphrase_was_replaced_says_what_will_open_it(
    dossier: Run, kept: list[str], vault_path: str, standing: str
) -> None:
    replace_passphrase(vault_path)
    if standing == "missing":
        os.unlink(vault_path)
    elif standing == "planted":
        shutil.copy(kept[0], vault_path)
    done = dossier("vault", "restore", kept[0], "--yes")
    assert done.code == 0
    assert "from before what opens the vault was changed: what opened it then will open it again." in done.err
    assert "That is: passphrase since 2027-03-10, recovery code since 2027-03-10." in done.err


@pytest.mark.parametrize("remembered", [True, False])
def test_a_backup_that_opens_as_the_vault_does_says_nothing_of_it(
    dossier: Run, kept: list[str], vault_path: str, remembered: bool
) -> None:
    if not remembered:
        shutil.rmtree(os.path.join(paths.state_dir(), "seen"))
    done = dossier("vault", "restore", kept[0], "--yes")
    assert done.code == 0
    assert "open it again" not in done.err


def test_a_name_from_the_future_is_not_the_newest(dossier: Run, kept: list[str]) -> None:
    planted = os.path.join(os.path.dirname(kept[1]), "29990101T000000Z-before-import.dossier")
    shutil.copy(kept[1], planted)
    done = dossier("vault", "restore", "--newest", "--yes")
    assert done.code == 0
    assert f"The newest sound backup is {kept[0]}" in done.err
