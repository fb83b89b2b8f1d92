from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.conftest import Run


@pytest.fixture(autouse=True)
def _someone(dossier: Run) -> None:
    dossier("account", "add", "Hanoi Optics")
    dossier("person", "add", "Trần Thị Lan", "--account", "1")


def test_add_list_edit_and_rm(dossier: Run) -> None:
    result = dossier(
        "relative",
        "add",
        "lan",
        "Мая 🎻",
        "--relation",
        "daughter",
        "--birthday",
        "29 Feb 2016",
        terminal=True,
    )
    assert result.out == "Added relative 1: Мая 🎻, daughter of Trần Thị Lan, born 2016-02-29.\n"
    assert (
        dossier("relative", "list", "hanoi").out
        == "1\tTrần Thị Lan\tdaughter\tМая 🎻\t2016-02-29\tHanoi Optics\t\n"
    )
    shape = json.loads(
        dossier("relative", "edit", "1", "--birthday", "", "--note", "小提琴", "--format", "json").out
    )
    assert (shape["birthday"], shape["note"]) == (None, "小提琴")
    assert dossier("relative", "rm", "1").out == "Removed relative 1 of Trần Thị Lan.\n"
    assert dossier("relative", "show", "1").code == 3
    dossier("undo")
    assert json.loads(dossier("relative", "show", "1", "--format", "json").out) == shape


def test_name_and_relation_are_asked_for_on_a_terminal_only(dossier: Run) -> None:
    dossier("relative", "add", "lan", terminal=True, stdin="Mai\ndaughter\n")
    (shape,) = json.loads(dossier("relative", "list", "--format", "json").out)
    assert (shape["name"], shape["relation"]) == ("Mai", "daughter")
    assert dossier("relative", "add", "lan", "-", "--relation", "son", stdin="Bình\n").code == 0
    for arguments in (("lan",), ("lan", "Mai")):
        missing = dossier("relative", "add", *arguments)
        assert missing.code == 2
        assert "--relation" in missing.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("lan", "", "--relation", "son"), 2),
        (("lan", "Mai", "--relation", ""), 2),
        (("lan", "Mai", "--relation", "son", "--birthday", "31 Feb"), 2),
        (("lan", "Mai", "--relation", "son", "--birthday", "2072"), 2),
        (("lan", "a\x1b[31mb", "--relation", "son"), 2),
        (("hanoi", "Mai", "--relation", "son"), 3),
    ],
)
def test_bad_input_has_its_exit_code(dossier: Run, arguments: tuple[str, ...], code: int) -> None:
    result = dossier("relative", "add", *arguments)
    assert (result.code, result.out) == (code, "")
    assert "\x1b" not in result.err
    assert dossier("relative", "list").out == ""


def test_locked_lists_hide_and_writing_is_refused(dossier: Run, lock: Callable[[], None]) -> None:
    dossier("relative", "add", "lan", "Mai", "--relation", "daughter", "--birthday", "2016")
    lock()
    assert dossier("relative", "list").out == "1\tTrần Thị Lan\t\t\t\tHanoi Optics\t\n"
    table = dossier("relative", "list", "--no-input", terminal=True).out
    assert "locked" in table
    assert "Mai" not in table
    assert dossier("relative", "add", "lan", "Bình", "--relation", "son").code == 5
