from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from dossier.errors import Refused, Unavailable
from dossier.services.session import Session
from dossier.store.create import create_vault, unfinished
from dossier.store.database import Database
from dossier.store.head import read_header
from dossier.vault import header
from dossier.vault.header import NewVault
from tests.conftest import PASSPHRASE, TODAY
from tests.store.behind import problems


@pytest.fixture
def made() -> NewVault:
    return header.create(PASSPHRASE, TODAY)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_vault_and_its_folders_are_its_owners_alone(tmp_path: Path, made: NewVault) -> None:
    before = os.umask(0)
    try:
        create_vault(str(tmp_path / "a" / "b" / "v.dossier"), made.header, made.keys)
    finally:
        os.umask(before)
    assert [mode(tmp_path / part) for part in ("a", "a/b", "a/b/v.dossier")] == [0o700, 0o700, 0o600]
    assert os.listdir(tmp_path / "a" / "b") == ["v.dossier"]


def test_a_new_vault_is_sound(session: Session) -> None:
    assert problems(session) == []


@pytest.mark.parametrize("kind", ["file", "folder", "dangling link"])
def test_nothing_is_ever_replaced(tmp_path: Path, made: NewVault, kind: str) -> None:
    path = tmp_path / "v.dossier"
    if kind == "file":
        path.write_text("precious")
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(Refused, match="already"):
        create_vault(str(path), made.header, made.keys)
    assert sorted(os.listdir(tmp_path)) == ["run", "v.dossier"]


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path, made: NewVault) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot make the folder"):
        create_vault(str(tmp_path / "file" / "v.dossier"), made.header, made.keys)


def test_a_name_that_is_too_long_is_unavailable(tmp_path: Path, made: NewVault) -> None:
    with pytest.raises(Unavailable, match="File name too long"):
        create_vault(str(tmp_path / ("v" * 250)), made.header, made.keys)


def test_what_killed_runs_left_is_removed_and_what_running_ones_write_stays(tmp_path: Path) -> None:
    finished = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    left = tmp_path / f"v.dossier.{int(finished.stdout)}.new"
    running, foreign = tmp_path / f"v.dossier.{os.getppid()}.new", tmp_path / "v.dossier.mine.new"
    for path in (left, Path(f"{left}-journal"), running, foreign):
        path.write_text("")
    with unfinished(str(tmp_path / "v.dossier")) as file:
        assert mode(Path(file)) == 0o600
        assert not left.exists()
        assert not Path(f"{left}-journal").exists()
    assert not Path(file).exists()
    assert running.exists()
    assert foreign.exists()


def test_odd_names_are_only_names(tmp_path: Path, made: NewVault) -> None:
    path = str(tmp_path / "my vault?mode=ro#50%41 ü.dossier")
    create_vault(path, made.header, made.keys)
    with Database(path) as database:
        assert read_header(database) == made.header
    assert sorted(os.listdir(tmp_path)) == [os.path.basename(path), "run"]


def test_what_is_no_file_of_ours_is_left_where_it_is(tmp_path: Path, made: NewVault) -> None:
    folder = tmp_path / "vaults"
    (folder / "v.dossier.999999.new").mkdir(parents=True)
    os.mkfifo(folder / "v.dossier.999998.new")
    (folder / "v.dossier.999997.new").write_bytes(b"left by a run that was killed")
    create_vault(str(folder / "v.dossier"), made.header, made.keys)
    assert sorted(os.listdir(folder)) == ["v.dossier", "v.dossier.999998.new", "v.dossier.999999.new"]


def test_a_folder_in_the_very_place_is_named(tmp_path: Path, made: NewVault) -> None:
    there = tmp_path / "vaults" / f"v.dossier.{os.getpid()}.new"
    there.mkdir(parents=True)
    with pytest.raises(Refused, match=there.name):
        create_vault(str(tmp_path / "vaults" / "v.dossier"), made.header, made.keys)
    assert os.listdir(tmp_path / "vaults") == [there.name]
