"""Where things lie on this machine. Pure functions: nothing is made here, on import or later.

The rules are platformdirs' own for Linux (XDG) and macOS, said in a few lines: importing that package costs
more than starting Python itself (it brings pathlib, tempfile and shutil), and every command would pay.
"""

from __future__ import annotations

import os
import sys

APP = "dossier"
VAULT_NAME = "vault.dossier"


def data_dir() -> str:
    """The folder of the vault unless another is named."""
    return _folder("XDG_DATA_HOME", "~/.local/share", "~/Library/Application Support")


def config_file() -> str:
    """The settings file, which need not exist."""
    return os.path.join(
        _folder("XDG_CONFIG_HOME", "~/.config", "~/Library/Application Support"), "config.toml"
    )


def state_dir() -> str:
    """The folder of what this machine remembers of vaults; losing it harms nothing."""
    return _folder("XDG_STATE_HOME", "~/.local/state", "~/Library/Application Support")


def runtime_dir() -> str:
    """The folder of the agent's socket; whoever uses it makes it 0700 and refuses anybody else's.

    Cron and SSH often run without XDG_RUNTIME_DIR; they must still find the agent that a login session
    started, so the place that systemd gives comes next, then one by user id, the same for every session.
    """
    if sys.platform == "darwin":
        return _folder("", "", "~/Library/Caches/TemporaryItems")
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(given):
        return os.path.join(given, APP)
    systemd = f"/run/user/{os.getuid()}"
    if os.path.isdir(systemd):
        return os.path.join(systemd, APP)
    return f"/tmp/{APP}-{os.getuid()}"  # noqa: S108 - refused by its users unless it is a 0700 folder of ours


def default_vault() -> str:
    """The vault that is meant when neither --vault nor DOSSIER_VAULT names one."""
    return os.path.join(data_dir(), VAULT_NAME)


def _folder(variable: str, linux: str, macos: str) -> str:
    """Ours within the platform's; XDG says that a relative path in its variables is to be ignored."""
    if sys.platform == "darwin":
        return os.path.join(os.path.expanduser(macos), APP)
    given = os.environ.get(variable, "")
    return os.path.join(given if os.path.isabs(given) else os.path.expanduser(linux), APP)
