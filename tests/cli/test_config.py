from __future__ import annotations

import json
from pathlib import Path

import pytest

from dossier import paths
from dossier.config import SETTINGS
from tests.conftest import Run


def write(text: str) -> Path:
    file = Path(paths.config_file())
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_every_setting_with_its_origin(dossier: Run, vault_path: str) -> None:
    file = write("agenda_days = 14\n")
    shape = json.loads(dossier("config", "--format", "json").out)
    assert (shape["file"], shape["exists"]) == (str(file), True)
    found = {setting["name"]: setting for setting in shape["settings"]}
    assert list(found) == [setting.name for setting in SETTINGS]
    assert all(setting["help"] for setting in shape["settings"])
    assert [
        (found[name]["value"], found[name]["origin"]) for name in ("agenda_days", "vault", "format", "color")
    ] == [
        (14, "file"),
        (vault_path, "environment"),
        ("json", "flag"),
        ("auto", "default"),
    ]


def test_for_a_person(dossier: Run) -> None:
    out = dossier("config", "--format", "table").out
    assert "agenda_days" in out
    assert f"The config file is {paths.config_file()} (not there; make it to change a setting)" in out


def test_plain(dossier: Run) -> None:
    lines = dossier("config").out.splitlines()
    assert len(lines) == len(SETTINGS)
    assert lines[1].split("\t")[:3] == ["format", "auto", "default"]


@pytest.mark.parametrize("text", ["agenda_days = many", "no_such = 1", "= =", "agenda_days = -1"])
def test_a_broken_config_file_is_named_and_the_settings_still_listed(dossier: Run, text: str) -> None:
    file = write(text)
    done = dossier("config")
    assert done.code == 2
    assert str(file) in done.err
    assert len(done.out.splitlines()) == len(SETTINGS)


def test_it_needs_no_vault(dossier: Run, tmp_path: Path) -> None:
    assert dossier("config", variables={"DOSSIER_VAULT": str(tmp_path / "none")}).code == 0
