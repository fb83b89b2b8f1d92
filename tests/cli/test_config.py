from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dossier import paths
from dossier.config import SETTINGS, Config
from dossier.domain.faults import BadValue
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


def test_the_keys_set_are_listed_too(dossier: Run) -> None:
    write(
        'theme = "light"\nmask = "dossier"\nscreen_lock_minutes = 30\n[keys]\nkeep = "k"\nlog = "l,ctrl+l"\n'
    )
    done = dossier("config", "--format", "json")
    found = {setting["name"]: setting for setting in json.loads(done.out)["settings"]}
    assert [found[name]["value"] for name in ("theme", "mask", "screen_lock_minutes")] == [
        "light",
        "dossier",
        30,
    ]
    assert [(name, found[name]["value"], found[name]["origin"]) for name in ("keys.keep", "keys.log")] == [
        ("keys.keep", "k", "file"),
        ("keys.log", "l,ctrl+l", "file"),
    ]
    assert dossier("config").out.splitlines()[-1].split("\t")[:3] == ["keys.log", "l,ctrl+l", "file"]


def test_keys_are_a_table_of_strings() -> None:
    assert Config({}, {}, os.devnull).keys == {}
    assert Config({}, {}, str(write('[keys]\nkeep = "k"\n'))).keys == {"keep": "k"}
    for text, named in (
        ('keys = "k"', "keys in"),
        ("[keys]\nkeep = 3", "keys.keep"),
        ("[[keys]]", "keys in"),
    ):
        with pytest.raises(BadValue) as caught:
            Config({}, {}, str(write(text)))
        assert named in caught.value.message
        assert "config.toml" in caught.value.message


@pytest.mark.parametrize(
    ("line", "takes"),
    [
        ('theme = "pink"', "dark, light, terminal"),
        ('mask = "some"', "all, dossier, none"),
        ("screen_lock_minutes = 0", "from 1 to 1440"),
        ("screen_lock_minutes = 1441", "from 1 to 1440"),
    ],
)
def test_settings_of_the_full_screen_view_that_are_not_understood(line: str, takes: str) -> None:
    with pytest.raises(BadValue) as caught:
        Config({}, {}, str(write(line)))
    assert line.split()[0] in caught.value.message
    assert takes in str(caught.value.hint)


def test_for_a_person(dossier: Run) -> None:
    out = dossier("config", "--format", "table").out
    assert "agenda_days" in out
    assert f"The config file is {paths.config_file()} (not there; make it to change a setting)" in out


def test_plain(dossier: Run) -> None:
    lines = dossier("config").out.splitlines()
    assert len(lines) == len(SETTINGS)
    assert lines[1].split("\t")[:3] == ["format", "auto", "default"]


@pytest.mark.parametrize(
    "text", ["agenda_days = many", "no_such = 1", "= =", "agenda_days = -1", "[keys]\nkeep = 3"]
)
def test_a_broken_config_file_is_named_and_the_settings_still_listed(dossier: Run, text: str) -> None:
    file = write(text)
    done = dossier("config")
    assert done.code == 2
    assert str(file) in done.err
    assert len(done.out.splitlines()) == len(SETTINGS)


def test_it_needs_no_vault(dossier: Run, tmp_path: Path) -> None:
    assert dossier("config", variables={"DOSSIER_VAULT": str(tmp_path / "none")}).code == 0
