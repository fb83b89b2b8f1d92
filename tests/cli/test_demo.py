from __future__ import annotations

import json
import shlex
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest

from dossier.errors import Unavailable
from dossier.services import importing
from tests.conftest import TODAY, FakeAgent, Result, Run


class Advice(NamedTuple):
    """What the demo says about how to go on: the variables to set, three commands, and how to remove it."""

    variables: dict[str, str]
    commands: list[list[str]]
    removal: list[str]


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def advice_of(result: Result) -> Advice:
    """The advice, split into words as a shell would."""
    text = result.err.replace("\\\n", " ")
    lines = [shlex.split(line, comments=True) for line in text.splitlines() if line.startswith("  ")]
    (export,) = [words[1:] for words in lines if words[0] == "export"]
    (removal,) = [words for words in lines if words[0] == "rm"]
    commands = [words[1:] for words in lines if words[0] == "dossier"]
    return Advice(dict(word.split("=", 1) for word in export), commands, removal)


def test_the_agenda_goes_to_stdout_and_the_advice_to_stderr(dossier: Run) -> None:
    result = dossier("demo")
    assert result.code == 0
    kinds = {line.split("\t")[0] for line in result.out.splitlines()}
    assert kinds == {"promise_overdue", "promise_due", "cadence", "next_step", "occasion"}
    assert "Making" not in result.err
    assert "every client" in result.err.lower()


def test_a_person_sees_what_goes_on_and_the_agenda_as_a_page(dossier: Run) -> None:
    result = dossier("demo", terminal=True)
    assert result.err.startswith("Making a throw-away vault …\nWriting ")
    assert "Late or moved, and nobody there was told" in result.out


def test_json_is_that_of_the_agenda(dossier: Run) -> None:
    shape = json.loads(dossier("demo", "--format", "json").out)
    assert shape["today"] == TODAY.isoformat()
    assert shape["locked"] is False
    assert shape["counts"]["promise_overdue"] == 7
    assert shape["counts"]["cadence"] == 4


def test_the_three_commands_work_and_change_the_agenda(dossier: Run) -> None:
    advice = advice_of(dossier("demo"))
    assert [words[0] for words in advice.commands] == ["brief", "log", "promise"]
    late = advice.commands[2][2]
    for words in advice.commands:
        result = dossier(*words, variables=advice.variables)
        assert (result.code, result.err) == (0, ""), words
    items = json.loads(dossier("agenda", "--format", "json", variables=advice.variables).out)["items"]
    promise = next(item for item in items if item["kind"] == "promise_due" and str(item["id"]) == late)
    assert promise["notified"] is True
    assert any(item["title"] == "the quote" for item in items)


def test_the_removal_names_the_folder(dossier: Run, temporary: Path) -> None:
    advice = advice_of(dossier("demo"))
    (folder,) = temporary.iterdir()
    assert advice.removal == ["rm", "-r", f"{folder};", "unset", "DOSSIER_VAULT"]
    assert advice.variables["DOSSIER_VAULT"] == str(folder / "vault.dossier")


def test_the_vault_in_use_is_not_touched(dossier: Run, vault_path: str) -> None:
    before = Path(vault_path).read_bytes()
    assert dossier("demo").code == 0
    assert Path(vault_path).read_bytes() == before


def test_without_an_agent_the_commands_read_the_passphrase(
    dossier: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise Unavailable("the agent cannot be started")

    monkeypatch.setattr(FakeAgent, "put", fail)
    result = dossier("demo", "--keep", str(Path(tempfile.gettempdir(), "a b")))
    assert "the agent cannot be started" in result.err
    FakeAgent.held.clear()
    advice = advice_of(result)
    assert advice.variables["DOSSIER_PASSPHRASE_COMMAND"].startswith("cat ")
    assert dossier(*advice.commands[1], variables=advice.variables).code == 0


def test_a_rehearsed_day_goes_on(dossier: Run) -> None:
    result = dossier("demo", "--today", "2028-02-29")
    assert advice_of(result).variables["DOSSIER_TODAY"] == "2028-02-29"


def test_a_program_that_is_not_on_the_path_is_put_there(
    dossier: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "venv" / "bin" / "dossier"
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(program.parent / "python"))
    assert advice_of(dossier("demo")).variables["PATH"] == f"{program.parent}:$PATH"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "dossier").symlink_to(program)
    found = dossier("demo", variables={"PATH": str(tmp_path / "bin")})
    assert "PATH" not in advice_of(found).variables


def test_keep(dossier: Run, tmp_path: Path) -> None:
    folder = str(tmp_path / "kept")
    assert dossier("demo", "--keep", folder).code == 0
    again = dossier("demo", "--keep", folder)
    assert again.code == 6
    assert "already" in again.err
    assert len(again.err.splitlines()) == 2
    (tmp_path / "file").touch()
    assert dossier("demo", "--keep", str(tmp_path / "file")).code == 8


def test_interrupted_it_says_nothing_and_leaves_nothing(
    dossier: Run, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(importing, "vcard", interrupt)
    assert dossier("demo").code == 130
    assert list(temporary.iterdir()) == []


def test_a_reader_that_is_gone_still_leaves_word_where_the_vault_is(
    dossier: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dossier.cli.demo.print_agenda", gone)
    result = dossier("demo")
    assert "DOSSIER_VAULT=" in result.err
