"""Input that no person means to give, to every option and argument there is: exit 2 and one clear line, no accident."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dossier.cli.main import COMMANDS, build
from dossier.cli.options import HELP
from tests.conftest import Result, Run

HALF_A_CHARACTER = "\udce1"
"""What Python makes of a byte that is not UTF-8 on the command line."""

NUMBERS = ("-1", "0", "2147483648", "99999999999", "99999999999999999999", "9" * 5000)


TRIED_WITH_COMMON_OPTIONS = (
    "agenda",
    "log",
    "search",
    "history",
    "status",
    "undo",
    "init",
    "demo",
    "promise",
)

LIMIT_SAID = "invalid value for '--limit': 99999999999999999999 is not in the range 1<=x<=1000000"

DAYS = ("0001-01-01", "1899-12-31", "2201-01-01", "9999-12-28", "9999-12-31")


def _commands() -> Iterator[tuple[list[str], Any]]:
    def walk(words: list[str], command: Any) -> Iterator[tuple[list[str], Any]]:
        below = getattr(command, "commands", None)
        if not below:
            yield words, command
        for name, one in (below or {}).items():
            yield from walk([*words, name], one)

    root = build()
    for name in COMMANDS:
        yield from walk([name], root.get_command(None, name))


def _given(command: Any) -> list[str]:
    """Its required arguments and options, filled with something."""
    words: list[str] = []
    for parameter in command.params:
        if parameter.required:
            words += [*parameter.opts[:1], "1"] if parameter.param_type_name == "option" else ["1"]
    return words


def _lines() -> Iterator[list[str]]:
    for words, command in _commands():
        needed = _given(command)
        for parameter in command.params:
            common = parameter.name in HELP and words[0] not in TRIED_WITH_COMMON_OPTIONS
            if parameter.param_type_name == "option" and not parameter.is_flag and not common:
                values = NUMBERS if parameter.type.name.startswith("int") else ()
                days = DAYS if parameter.name == "today" else ()
                for value in (*values, *days, HALF_A_CHARACTER):
                    yield [*words, *needed, f"{parameter.opts[0]}={value}"]
        arguments = [one for one in command.params if one.param_type_name == "argument"]
        for place in range(len(arguments)):
            for value in (HALF_A_CHARACTER, f"a{HALF_A_CHARACTER}b", *NUMBERS[2:]):
                given = ["1"] * len(arguments)
                given[place] = value
                yield [*words, *given]


LINES: dict[str, list[list[str]]] = {}
for line in _lines():
    LINES.setdefault(line[0], []).append(line)


def _ended_well(told: Result) -> bool:
    return told.code == 0 or (told.code not in (1, 130) and len(told.err.splitlines()) <= 3)


@pytest.mark.parametrize("locked", [False, True], ids=["open", "locked"])
@pytest.mark.parametrize("command", LINES)
def test_no_number_day_or_half_character_is_an_accident(
    dossier: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lock: Callable[[], None],
    command: str,
    locked: bool,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dossier("account", "add", "Hanoi Optics")
    dossier("person", "add", "Lan", "--account", "1")
    dossier("promise", "add", "1", "send the quote", "--due", "fri")
    accidents = {}
    for line in LINES[command]:
        if locked:
            lock()
        told = dossier(*line)
        if not _ended_well(told):
            accidents[ascii(line)[:200]] = told
    assert accidents == {}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("agenda --passphrase-fd=-1", "there is no file descriptor -1"),
        ("agenda --passphrase-fd 99999999999", "there is no file descriptor 99999999999"),
        ("vault recover --code-fd -5 --recovery-file code.txt", "there is no file descriptor -5"),
        ("agenda --today 9999-12-28", "--today takes a day from 1900 to 2200"),
        ("account list --today 0001-01-01", "--today takes a day from 1900 to 2200"),
        ("history --limit 99999999999999999999", LIMIT_SAID),
        ("search x --limit 99999999999999999999", LIMIT_SAID),
        ("interaction list --limit 99999999999999999999", LIMIT_SAID),
        ("agenda --limit 99999999999999999999", LIMIT_SAID),
        ("promise show x", "invalid value for 'ID': 'x' is not a whole number"),
        (f"search {HALF_A_CHARACTER}", "the words to look for holds bytes that are no text"),
        (f"log 1 {HALF_A_CHARACTER}", "what happened holds bytes that are no text"),
        (f"show {HALF_A_CHARACTER}", "what was typed holds bytes that are no text"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    dossier: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lock: Callable[[], None],
    line: str,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    if "-fd" in line:
        lock()
    told = dossier(*line.split(" "))
    assert (told.code, told.out, told.err.split("\n")[0]) == (2, "", f"dossier: {message}")


@pytest.mark.parametrize("command", ["  ", "\t"])
def test_a_blank_passphrase_command(dossier: Run, lock: Callable[[], None], command: str) -> None:
    lock()
    told = dossier("agenda", variables={"DOSSIER_PASSPHRASE_COMMAND": command})
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("dossier: the passphrase command is blank\n")
