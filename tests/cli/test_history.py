from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.conftest import Run


@pytest.fixture
def some_changes(dossier: Run) -> None:
    dossier("account", "add", "Café Zürich")
    dossier("account", "add", "光明医院")
    dossier("account", "edit", "1", "--tier", "key")
    dossier("undo")


@pytest.mark.usefixtures("some_changes")
def test_history_in_json(dossier: Run) -> None:
    shapes = json.loads(dossier("history", "--format", "json").out)
    assert [shape["id"] for shape in shapes] == [4, 3, 2, 1]
    assert list(shapes[0]) == [
        "id",
        "at",
        "command",
        "summary",
        "records",
        "undoes",
        "undone_by",
        "forgotten",
    ]
    assert (shapes[0]["undoes"], shapes[1]["undone_by"], shapes[2]["summary"]) == (
        3,
        4,
        "added account 2 光明医院",
    )


@pytest.mark.usefixtures("some_changes")
def test_history_in_plain_lines(dossier: Run) -> None:
    lines = [line.split("\t") for line in dossier("history").out.splitlines()]
    assert [(line[0], *line[2:]) for line in lines] == [
        ("4", "undo", "took back change 3: edited account 1 Café Zürich", "takes back 3"),
        ("3", "account edit", "edited account 1 Café Zürich", "taken back by 4"),
        ("2", "account add", "added account 2 光明医院", ""),
        ("1", "account add", "added account 1 Café Zürich", ""),
    ]


@pytest.mark.usefixtures("some_changes")
def test_history_of_one_account(dossier: Run) -> None:
    assert [shape["id"] for shape in json.loads(dossier("history", "cafe", "--format", "json").out)] == [
        4,
        3,
        1,
    ]
    assert dossier("history", "nobody").code == 3


@pytest.mark.usefixtures("some_changes")
def test_a_cut_list_says_so(dossier: Run) -> None:
    result = dossier("history", "--limit", "3")
    assert len(result.out.splitlines()) == 3
    assert result.err == "Only the newest 3 are shown; for more: --limit N\n"
    assert dossier("history", "--limit", "4").err == ""
    assert dossier("history", "--limit", "0").code == 2


@pytest.mark.usefixtures("some_changes")
def test_locked_history_has_numbers_times_and_commands(dossier: Run, lock: Callable[[], None]) -> None:
    lock()
    shapes = json.loads(dossier("history", "--format", "json").out)
    assert [(shape["id"], shape["command"]) for shape in shapes][:2] == [(4, "undo"), (3, "account edit")]
    assert all(shape["locked"] and shape["summary"] is None and shape["records"] is None for shape in shapes)
    assert "Zürich" not in dossier("history").out
    assert dossier("history", "cafe").code == 5


def test_an_untouched_vault_has_no_history(dossier: Run) -> None:
    assert dossier("history", terminal=True).out == "Nothing was changed yet.\n"
    assert dossier("history", "--format", "json").out == "[]\n"
