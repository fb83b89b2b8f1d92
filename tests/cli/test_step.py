"""`dossier step …`: next steps."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Run

STEP = [
    "id",
    "account",
    "account_id",
    "person",
    "person_id",
    "title",
    "due_on",
    "days_late",
    "state",
    "done_on",
]


@pytest.fixture(autouse=True)
def _client(dossier: Run) -> None:
    for line in (
        ("account", "add", "Hanoi Optics"),
        ("person", "add", "Trần Thị Lan", "--account", "hanoi"),
        ("step", "add", "lan", "ask for the contract", "--on", "fri"),
    ):
        assert dossier(*line).code == 0


def as_json(dossier: Run, *arguments: str) -> Any:
    result = dossier(*arguments, "--format", "json")
    assert (result.code, result.err) == (0, "")
    return json.loads(result.out)


def test_the_shape_of_a_step(dossier: Run) -> None:
    for shape in (
        as_json(dossier, "step", "list")[0],
        as_json(dossier, "step", "show", "1"),
        as_json(dossier, "step", "edit", "1", "--title", "x"),
        as_json(dossier, "step", "snooze", "1"),
        as_json(dossier, "step", "add", "hanoi", "x"),
        as_json(dossier, "step", "drop", "2"),
        as_json(dossier, "step", "done", "1"),
    ):
        assert list(shape) == STEP


def test_while_locked_it_says_who_and_when(dossier: Run, lock: Callable[[], None]) -> None:
    lock()
    (shape,) = as_json(dossier, "step", "list")
    assert list(shape) == [*STEP, "locked"]
    assert (shape["locked"], shape["title"], shape["due_on"], shape["person"]) == (
        True,
        None,
        "2027-03-12",
        "Trần Thị Lan",
    )


def test_plain_columns_are_only_ever_appended_to(dossier: Run) -> None:
    row = "1\t2027-03-12\t-2\tHanoi Optics\tTrần Thị Lan\task for the contract\topen\n"
    assert dossier("step", "list").out == row
    assert dossier("step", "list", "--format", "csv").out == (
        "id,due,late,account,person,title,state\n" + row.replace("\t", ",")
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "hanoi", "x"), "Next step 2 is on 2027-03-11."),
        (("done", "1"), "Step 1 is done: ask for the contract"),
        (("drop", "1"), "Step 1 is dropped: ask for the contract"),
        (("snooze", "1"), "Step 1 is put off to 2027-03-13: ask for the contract"),
        (("snooze", "1", "--to", "next mon"), "Step 1 is put off to 2027-03-15: ask for the contract"),
        (("edit", "1", "--title", "call Lan"), "Changed step 1: call Lan"),
        (("rm", "1"), "Removed step 1 ask for the contract."),
    ],
)
def test_what_a_person_reads(dossier: Run, arguments: tuple[str, ...], said: str) -> None:
    assert dossier("step", *arguments, terminal=True) == (0, said + "\n", "")


def test_the_list_narrows(dossier: Run) -> None:
    dossier("step", "add", "hanoi", "x", "--on", "today")
    dossier("step", "done", "1")
    assert [one["id"] for one in as_json(dossier, "step", "list")] == [2]
    assert [one["id"] for one in as_json(dossier, "step", "list", "--state", "done")] == [1]
    assert [one["id"] for one in as_json(dossier, "step", "list", "hanoi", "--state", "all")] == [2, 1]
    assert [one["id"] for one in as_json(dossier, "step", "list", "lan", "--state", "all")] == [1]


def test_removing_in_json_says_what_was_done(dossier: Run) -> None:
    assert as_json(dossier, "step", "rm", "1") == {"done": "removed step 1 ask for the contract"}
