from __future__ import annotations

import json
from collections.abc import Callable

from tests.conftest import Run


def test_undo_says_what_it_took_back_and_how_to_bring_it_back(dossier: Run) -> None:
    dossier("account", "add", "Café Zürich")
    result = dossier("undo", terminal=True)
    assert result.code == 0
    assert result.out == (
        "Took back change 1: added account 1 Café Zürich.\n"
        "  removed account 1 Café Zürich\n"
        "To bring it back: dossier undo --id 2\n"
    )
    result = dossier("undo", "--id", "2", terminal=True)
    assert result.out.startswith("Brought back change 1: added account 1 Café Zürich.\n  restored account 1")


def test_a_dry_run_shows_each_field_and_changes_nothing(dossier: Run) -> None:
    dossier("account", "add", "光明医院", "--tier", "key")
    dossier(
        "account", "edit", "1", "--tier", "standard", "--note", "Đã gọi\nhôm qua", "--tag", "a", "--tag", "b"
    )
    result = dossier("undo", "--dry-run", terminal=True)
    assert result.out == (
        "Would take back change 2: edited account 1 光明医院.\n"
        "  changed account 1 光明医院: tier standard → key; tags a, b → (empty); note Đã gọi hôm qua → (empty)\n"
        "Nothing was changed. To do it: dossier undo --id 2\n"
    )
    assert json.loads(dossier("account", "show", "1", "--format", "json").out)["tier"] == "standard"


def test_undo_in_json_and_plain(dossier: Run) -> None:
    dossier("account", "add", "ЕООД Пример", "--tier", "key")
    dossier("account", "edit", "1", "--tier", "prospect")
    shape = json.loads(dossier("undo", "--format", "json").out)
    assert list(shape) == ["id", "undoes", "command", "at", "summary", "dry_run", "records"]
    assert (shape["id"], shape["undoes"], shape["command"], shape["dry_run"]) == (3, 2, "account edit", False)
    assert shape["records"] == [
        {
            "action": "changed",
            "noun": "account",
            "id": 1,
            "label": "ЕООД Пример",
            "fields": {"tier": {"from": "prospect", "to": "key"}},
        }
    ]
    fields = dossier("undo", "--id", "3").out.rstrip("\n").split("\t")
    assert fields[:3] == ["4", "3", "undo"]
    assert fields[4:] == ["brought back change 2: edited account 1 ЕООД Пример", "0", "0", "1"]


def test_a_long_list_of_records_is_cut_on_a_terminal_only(dossier: Run) -> None:
    dossier("account", "add", "Café Zürich")
    for number in range(15):
        dossier("person", "add", f"Person {number}", "--account", "1")
    dossier("account", "rm", "1", "--cascade")
    result = dossier("undo", "--dry-run", terminal=True)
    assert "  … and 4 more records\n" in result.out
    assert len(json.loads(dossier("undo", "--format", "json").out)["records"]) == 16


def test_refusals_are_one_line_with_the_way_out(dossier: Run) -> None:
    result = dossier("undo")
    assert (result.code, result.out) == (3, "")
    assert (
        result.err == "dossier: there is nothing to take back\n  every change is listed by: dossier history\n"
    )
    dossier("account", "add", "Café Zürich")
    dossier("account", "edit", "1", "--tier", "key")
    result = dossier("undo", "--id", "1")
    assert (result.code, result.out) == (6, "")
    assert result.err == (
        "dossier: change 1 cannot be taken back: account 1 has changed since (change 2)\n"
        "  take that back first: dossier undo --id 2\n"
    )
    assert dossier("undo", "--id", "77").code == 3
    assert dossier("undo", "--id", "x").code == 2


def test_undo_needs_the_keys(dossier: Run, lock: Callable[[], None]) -> None:
    dossier("account", "add", "Café Zürich")
    lock()
    result = dossier("undo")
    assert (result.code, result.out) == (5, "")


def test_words_from_data_cannot_steer_the_terminal(dossier: Run) -> None:
    dossier("account", "add", "Ends [/b] here", "--note", "one\x1b[31mred\u202e")
    dossier("account", "edit", "1", "--note", "")
    result = dossier("undo", "--dry-run", terminal=True)
    assert "account 1 Ends [/b] here: note (empty) → onered" in result.out
    assert "\x1b" not in result.out
