from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from dossier.exchange.json_out import SECTIONS
from tests.conftest import Run


@pytest.fixture(autouse=True)
def _filled(dossier: Run) -> None:
    dossier("account", "add", "Viện Phú Sơn", "--note", "quiet [/b] 茶")
    dossier("promise", "add", "1", "send the quote", "--due", "fri")


def test_everything_into_a_file_that_only_its_owner_can_read(dossier: Run, tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    result = dossier("export", "json", str(file), "--include-sensitive", terminal=True)
    assert result == (
        0,
        f"Exported 1 account, 0 people and 1 other record to {file}.\n",
        "Careful: what was exported is not encrypted, private notes included. Delete it when it has served.\n",
    )
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document["accounts"][0]["note"] == "quiet [/b] 茶"
    assert document["promises"][0]["title"] == "send the quote"


def test_a_locked_vault_gives_what_stands_in_clear(
    dossier: Run, tmp_path: Path, lock: Callable[[], None]
) -> None:
    lock()
    file = tmp_path / "out.json"
    assert dossier("export", "json", str(file)).code == 0
    text = file.read_text(encoding="utf-8")
    assert "Viện Phú Sơn" in text
    assert "quote" not in text
    assert "茶" not in text
    result = dossier("export", "json", str(tmp_path / "more.json"), "--include-sensitive")
    assert result.code == 5
    assert not (tmp_path / "more.json").exists()


def test_programs_read_what_was_exported(dossier: Run, tmp_path: Path) -> None:
    file = str(tmp_path / "out.json")
    shape = json.loads(dossier("export", "json", file, "--format", "json").out)
    counts = dict.fromkeys(SECTIONS.values(), 0) | {"accounts": 1, "promises": 1}
    assert shape == {"file": file, "includes_sensitive": False, "counts": counts}
    file = str(tmp_path / "again.json")
    assert dossier("export", "json", file).out == f"{file}\tno\t1\t0\t0\t0\t0\t0\t0\t1\t0\t0\t0\n"


@pytest.mark.parametrize("option", [(), ("--include-sensitive",)])
def test_to_stdout_goes_the_document_alone(dossier: Run, option: tuple[str, ...]) -> None:
    result = dossier("export", "json", "-", *option)
    document = json.loads(result.out)
    assert ("note" in document["accounts"][0]) is bool(option)
    assert result.err.splitlines()[0] == "Exported 1 account, 0 people and 1 other record."
    assert ("not encrypted" in result.err) is bool(option)


def test_nothing_is_overwritten(dossier: Run, tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    file.write_text("precious")
    result = dossier("export", "json", str(file))
    assert (result.code, result.err.splitlines()[0]) == (6, f"dossier: there is something at {file} already")
    assert file.read_text() == "precious"


def test_a_folder_that_is_not_there(dossier: Run, tmp_path: Path) -> None:
    assert dossier("export", "json", str(tmp_path / "none" / "out.json")).code == 8


def test_what_could_steer_the_terminal_is_escaped_and_nothing_is_lost(dossier: Run) -> None:
    note = "red \x9b31m title \x9d0;owned\x9c \u202etxt\u2066 end"
    assert dossier("account", "add", "Hanoi Optics", "--note", "-", stdin=note).code == 0
    told = dossier("export", "json", "-", "--include-sensitive", terminal=True)
    assert not set(told.out) & set("\x9b\x9d\x9c\u202e\u2066")
    assert json.loads(told.out)["accounts"][1]["note"] == note
