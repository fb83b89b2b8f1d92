"""Where things lie, as the platforms have it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from dossier import paths

VARIABLES = ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/kim")
    monkeypatch.setattr(sys, "platform", "linux")
    return monkeypatch


def test_linux_without_variables(home: pytest.MonkeyPatch) -> None:
    assert paths.data_dir() == "/home/kim/.local/share/dossier"
    assert paths.default_vault() == "/home/kim/.local/share/dossier/vault.dossier"
    assert paths.config_file() == "/home/kim/.config/dossier/config.toml"
    assert paths.state_dir() == "/home/kim/.local/state/dossier"


def test_linux_follows_xdg(home: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        home.setenv(name, f"/x/{name}")
    assert paths.data_dir() == "/x/XDG_DATA_HOME/dossier"
    assert paths.config_file() == "/x/XDG_CONFIG_HOME/dossier/config.toml"
    assert paths.state_dir() == "/x/XDG_STATE_HOME/dossier"
    assert paths.runtime_dir() == "/x/XDG_RUNTIME_DIR/dossier"


@pytest.mark.parametrize("value", ["", "relative/folder", "."])
def test_linux_ignores_what_xdg_says_to_ignore(home: pytest.MonkeyPatch, value: str) -> None:
    for name in VARIABLES:
        home.setenv(name, value)
    assert paths.data_dir() == "/home/kim/.local/share/dossier"
    assert os.path.isabs(paths.runtime_dir())


def test_cron_finds_the_agent_of_the_login_session(home: pytest.MonkeyPatch) -> None:
    home.setattr(os, "getuid", lambda: 1234)
    home.setattr(os.path, "isdir", lambda path: path == "/run/user/1234")
    assert paths.runtime_dir() == "/run/user/1234/dossier"
    home.setattr(os.path, "isdir", lambda path: False)
    assert paths.runtime_dir() == "/tmp/dossier-1234"


def test_macos(home: pytest.MonkeyPatch) -> None:
    home.setattr(sys, "platform", "darwin")
    home.setenv("XDG_DATA_HOME", "/x")
    assert paths.data_dir() == "/home/kim/Library/Application Support/dossier"
    assert paths.config_file() == "/home/kim/Library/Application Support/dossier/config.toml"
    assert paths.state_dir() == "/home/kim/Library/Application Support/dossier"
    assert paths.runtime_dir() == "/home/kim/Library/Caches/TemporaryItems/dossier"


@pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="the platforms that paths.py knows")
def test_platformdirs_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    import platformdirs

    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert paths.data_dir() == platformdirs.user_data_dir("dossier", appauthor=False)
    assert paths.state_dir() == platformdirs.user_state_dir("dossier", appauthor=False)
    assert os.path.dirname(paths.config_file()) == platformdirs.user_config_dir("dossier", appauthor=False)


def test_nothing_is_made() -> None:
    program = (
        "import os, sys\n"
        "os.makedirs = os.mkdir = lambda *a, **k: sys.exit('made a folder')\n"
        "from dossier import paths\n"
        "paths.data_dir(), paths.config_file(), paths.state_dir(), paths.runtime_dir(), paths.default_vault()\n"
        "assert 'platformdirs' not in sys.modules\n"
        "assert 'pathlib' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-S", "-c", program], check=True)
