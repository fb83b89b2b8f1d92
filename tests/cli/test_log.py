"""`dossier log`: what happened, in one line, in seconds (B1)."""

from __future__ import annotations

import json
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
        ("account", "add", "Hanoi Optics", "--tier", "key"),
        ("person", "add", "Trần Thị Lan", "--account", "hanoi"),
    ):
        assert dossier(*line).code == 0


def as_json(dossier: Run, *arguments: str, stdin: str = "") -> Any:
    result = dossier(*arguments, "--format", "json", stdin=stdin)
    assert (result.code, result.err) == (0, "")
    return json.loads(result.out)


def test_the_shape_of_a_log(dossier: Run) -> None:
    shape = as_json(
        dossier,
        "log",
        "hanoi",
        "spring order",
        "--promise",
        "quote",
        "--due",
        "fri",
        "--next",
        "call",
        "--next-on",
        "fri",
    )
    assert list(shape) == [*INTERACTION, "promises", "next", "closed_steps"]
    assert shape["promises"] == as_json(dossier, "promise", "list")
    assert [shape["next"]] == as_json(dossier, "step", "list")
    assert (shape["closed_steps"], shape["attachments"]) == ([], [])


def test_plain_and_csv_are_the_row_of_the_list(dossier: Run) -> None:
    row = dossier("log", "lan", "spring order").out
    assert row == "1\t2027-03-10\tHanoi Optics\tcall\tout\tTrần Thị Lan\tspring order\n"
    assert dossier("interaction", "list").out == row
    assert dossier("log", "hanoi", "x", "--format", "csv").out == (
        "id,on,account,channel,direction,with,subject\n2,2027-03-10,Hanoi Optics,call,out,,x\n"
    )


def test_what_a_person_reads(dossier: Run) -> None:
    dossier("step", "add", "hanoi", "ask Lan", "--on", "today")
    result = dossier(
        "log", "lan", "x", "--channel", "visit", "--on", "yesterday",
        "--promise", "quote", "--due", "fri", "--next", "call again", "--next-on", "in 2 weeks", terminal=True,
    )  # fmt: skip
    assert result.out.splitlines() == [
        "Logged visit 1 with Trần Thị Lan of Hanoi Optics on 2027-03-09.",
        "Promise 1 is due on 2027-03-12: quote",
        "Next step 2 on 2027-03-24: call again",
    ]
    result = dossier("log", "hanoi", "x", terminal=True)
    assert result.out.splitlines() == [
        "Logged call 2 with Hanoi Optics on 2027-03-10.",
        "Step 1 is done with this: ask Lan",
    ]


def test_every_field_arrives(dossier: Run) -> None:
    shape = as_json(
        dossier, "log", "hanoi", "price", "--with", "lan", "--channel", "mail", "--direction", "in",
        "--initiative", "them", "--outcome", "agreed", "--note", "long", "--on", "1.3.",
    )  # fmt: skip
    assert {key: shape[key] for key in INTERACTION[3:-1]} == {
        "at": "2027-03-01",
        "channel": "mail",
        "direction": "in",
        "initiative": "them",
        "subject": "price",
        "outcome": "agreed",
        "note": "long",
        "with": ["Trần Thị Lan"],
    }


def test_a_longer_text_from_stdin_is_the_note(dossier: Run) -> None:
    shape = as_json(dossier, "log", "hanoi", "-", stdin="Minutes\nfirst\nsecond\n")
    assert (shape["subject"], shape["note"]) == ("Minutes", "Minutes\nfirst\nsecond")
    shape = as_json(dossier, "log", "hanoi", "price", "--note", "-", stdin="in any script: 上海\n")
    assert (shape["subject"], shape["note"]) == ("price", "in any script: 上海")


def test_asked_for_at_the_terminal_and_not_without_one(dossier: Run) -> None:
    result = dossier("log", "hanoi", terminal=True, stdin="spring order\n")
    assert (result.code, result.err) == (0, "What happened: ")
    assert as_json(dossier, "interaction", "show", "1")["subject"] == "spring order"
    for arguments, terminal in ((("--no-input",), True), ((), False)):
        assert dossier("log", "hanoi", *arguments, terminal=terminal, stdin="never read\n").code == 0
    assert {one["subject"] for one in as_json(dossier, "interaction", "list")} == {"spring order", None}


def test_several_promises_each_with_its_date(dossier: Run) -> None:
    shape = as_json(
        dossier, "log", "hanoi", "x", "--promise", "a", "--due", "fri", "--promise", "b", "--due", "eom"
    )
    assert [(one["title"], one["due_on"]) for one in shape["promises"]] == [
        ("a", "2027-03-12"),
        ("b", "2027-03-31"),
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--promise", "a"), "1 --promise and 0 --due were given"),
        (("--due", "fri"), "0 --promise and 1 --due were given"),
        (("--promise", "a", "--due", "fri", "--due", "eom"), "1 --promise and 2 --due were given"),
        (("--next", "a"), "a next step needs both its text and its date"),
        (("--next-on", "fri"), "a next step needs both its text and its date"),
    ],
)
def test_what_goes_together(dossier: Run, arguments: tuple[str, ...], message: str) -> None:
    result = dossier("log", "hanoi", "x", *arguments)
    assert (result.code, result.out, result.err.splitlines()[0]) == (2, "", f"dossier: {message}")
    assert as_json(dossier, "interaction", "list") == []


def test_one_undo_takes_all_of_it_back(dossier: Run) -> None:
    dossier("step", "add", "hanoi", "ask", "--on", "today")
    dossier("log", "lan", "x", "--promise", "a", "--due", "fri", "--next", "b", "--next-on", "fri")
    assert dossier("undo").code == 0
    assert as_json(dossier, "interaction", "list") == as_json(dossier, "promise", "list") == []
    assert [(one["title"], one["state"]) for one in as_json(dossier, "step", "list")] == [("ask", "open")]


def test_an_empty_answer_logs_nothing(dossier: Run) -> None:
    for arguments, terminal in (((), True), (("",), False)):
        result = dossier("log", "hanoi", *arguments, terminal=terminal, stdin="\n")
        assert result.code == 2
        assert "nothing was logged" in result.err
    assert as_json(dossier, "interaction", "list") == []
    assert dossier("log", "hanoi", "", "--note", "long talk").code == 0
