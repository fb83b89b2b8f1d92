"""`dossier interaction …`: what was logged."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Run

INTERACTION = [
    "id", "account", "account_id", "at", "channel", "direction", "initiative", "subject", "outcome", "note", "with",
    "attachments",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _client(dossier: Run) -> None:
    for line in (
        ("account", "add", "Hanoi Optics"),
        ("person", "add", "Trần Thị Lan", "--account", "hanoi"),
        ("log", "lan", "spring order", "--on", "1.3.", "--note", "long\ntext"),
        ("log", "hanoi", "autumn order", "--on", "5.3."),
    ):
        assert dossier(*line).code == 0


def as_json(dossier: Run, *arguments: str) -> Any:
    result = dossier(*arguments, "--format", "json")
    assert (result.code, result.err) == (0, "")
    return json.loads(result.out)


def test_the_shape_of_an_interaction(dossier: Run) -> None:
    for shape in (
        as_json(dossier, "interaction", "list")[0],
        as_json(dossier, "interaction", "show", "1"),
        as_json(dossier, "interaction", "edit", "1", "--outcome", "agreed"),
    ):
        assert list(shape) == INTERACTION


def test_while_locked_it_says_who_and_when(dossier: Run, lock: Callable[[], None]) -> None:
    lock()
    shape = as_json(dossier, "interaction", "list", "lan")[0]
    assert list(shape) == [*INTERACTION, "locked"]
    assert {key: shape[key] for key in ("at", "with", "channel", "subject", "note", "locked")} == {
        "at": "2027-03-01",
        "with": ["Trần Thị Lan"],
        "channel": None,
        "subject": None,
        "note": None,
        "locked": True,
    }


def test_plain_columns_are_only_ever_appended_to(dossier: Run) -> None:
    assert dossier("interaction", "list").out == (
        "2\t2027-03-05\tHanoi Optics\tcall\tout\t\tautumn order\n"
        "1\t2027-03-01\tHanoi Optics\tcall\tout\tTrần Thị Lan\tspring order\n"
    )


def test_the_list_narrows_and_says_when_there_is_more(dossier: Run) -> None:
    assert [one["id"] for one in as_json(dossier, "interaction", "list", "lan")] == [1]
    assert [one["id"] for one in as_json(dossier, "interaction", "list", "--since", "3.3.")] == [2]
    result = dossier("interaction", "list", "--limit", "1")
    assert (result.out.count("\n"), result.err) == (1, "Only the newest 1 are shown; for more: --limit N\n")


def test_shown_whole(dossier: Run) -> None:
    shown = dossier("interaction", "show", "1", terminal=True).out
    assert [line.split()[-1] for line in shown.splitlines()][-3:-1] == ["long", "text"]
    assert "note\tlong text\n" in dossier("interaction", "show", "1").out


def test_edited_and_cleared(dossier: Run) -> None:
    shape = as_json(
        dossier,
        "interaction",
        "edit",
        "1",
        "--note",
        "",
        "--channel",
        "visit",
        "--on",
        "yesterday",
        "--with",
        "",
    )
    assert (shape["note"], shape["channel"], shape["at"], shape["with"]) == (None, "visit", "2027-03-09", [])
    assert (
        dossier("interaction", "edit", "1", "--with", "lan", terminal=True).out == "Changed interaction 1.\n"
    )


def test_removed(dossier: Run) -> None:
    assert dossier("interaction", "rm", "2", terminal=True).out == "Removed interaction 2 of 2027-03-05.\n"
    assert dossier("interaction", "show", "2").code == 3
