"""Hints that name a command name it as it must be typed for the vault of the run."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from dossier.cli.hints import VAULT_COMMANDS, for_vault
from dossier.cli.main import COMMANDS
from tests.conftest import Run

OF_NO_VAULT = {"lock", "config", "demo"}
"""Commands that do the same whatever vault is named."""


def test_every_command_is_known() -> None:
    assert set(VAULT_COMMANDS) | OF_NO_VAULT == set(COMMANDS)


@pytest.mark.parametrize(
    "name", ["work.dossier", "my work.dossier", "it's.dossier", "/a b/$c.dossier", "công.dossier"]
)
def test_a_vault_that_was_named_stands_in_the_command(name: str) -> None:
    said = for_vault(name, "restore a backup: dossier vault restore FILE; or run dossier undo")
    first, second = said.split("; or run ")
    assert shlex.split(first.split(": ")[1]) == ["dossier", "--vault", name, "vault", "restore", "FILE"]
    assert shlex.split(second) == ["dossier", "--vault", name, "undo"]


@pytest.mark.parametrize(
    "text",
    [
        "open it anew: run dossier again",
        "choose another place: dossier --vault FILE init",
        "update: pipx upgrade client-dossier",
        "to forget the keys: dossier lock",
        "others: dossier demo",
        "move /home/dossier vault.dossier away",
        "take it from '/x/my dossier vault.dossier'",
        "cannot read /x/the dossier status: no such file",
        "see: dossier --help",
    ],
)
def test_what_is_no_command_on_the_vault_stays(text: str) -> None:
    assert for_vault("work.dossier", text) == text


def test_a_vault_that_was_not_named_on_the_command_line_is_not_repeated(
    dossier: Run, vault_path: str
) -> None:
    os.unlink(vault_path)
    assert "  make one: dossier init\n" in dossier("account", "list").err
    assert for_vault(None, "see: dossier vault check") == "see: dossier vault check"


def test_hints_notes_and_warnings_name_it(
    dossier: Run, vault_path: str, tmp_path: Path, lock: Callable[[], None]
) -> None:
    missing = dossier("account", "list", "--vault", "my clients.dossier")
    assert missing.err.endswith("  make one: dossier --vault 'my clients.dossier' init\n")
    older = tmp_path / "an older one.dossier"
    older.write_bytes(Path(vault_path).read_bytes())
    dossier("account", "add", "Hanoi Optics")
    seen = dossier("account", "list", "--vault", str(older))
    assert f"dossier --vault '{older}' vault accept" in seen.err
    assert f"dossier --vault '{older}' vault restore FILE" in seen.err
    refused = dossier("account", "add", "There", "--vault", str(older))
    assert (refused.code, f"dossier --vault '{older}' vault accept" in refused.err) == (7, True)
    lock()
    locked = dossier("account", "list", "--vault", str(older), "--format", "table")
    assert f"To see them: dossier --vault '{older}' unlock" in locked.err


def test_what_follows_a_result_names_it(dossier: Run, vault_path: str) -> None:
    assert dossier("account", "add", "Hanoi Optics").code == 0
    undone = dossier("undo", "--vault", vault_path, "--format", "table")
    assert f"To bring it back: dossier --vault {vault_path} undo --id 2\n" in undone.out
    assert "  dossier --vault new.dossier account add" in dossier("--vault", "new.dossier").out


def test_a_config_that_cannot_be_read_is_reported_all_the_same(dossier: Run, vault_path: str) -> None:
    config = Path(vault_path).parent / "home" / "dossier" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("nonsense = 1\n")
    done = dossier("account", "list", "--vault", "x.dossier")
    assert (done.code, "nonsense" in done.err) == (2, True)
