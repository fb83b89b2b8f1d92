"""`dossier promise …`: the words, the columns and the JSON that people and scripts rely on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Run

PROMISE = [
    "id", "account", "account_id", "person", "person_id", "by", "title", "made_on", "due_on", "state", "settled_on",
    "days_late", "notified", "detail", "moves",
]  # fmt: skip
MOVE = ["from", "to", "because", "apology", "told", "channel", "on"]


@pytest.fixture(autouse=True)
def _client(dossier: Run) -> None:
    for line in (
        ("account", "add", "Hanoi Optics", "--tier", "key"),
        ("person", "add", "Trần Thị Lan", "--account", "hanoi"),
        ("promise", "add", "hanoi", "send the quote", "--due", "fri", "--person", "lan"),
    ):
        assert dossier(*line).code == 0


def as_json(dossier: Run, *arguments: str) -> Any:
    result = dossier(*arguments, "--format", "json")
    assert (result.code, result.err) == (0, "")
    return json.loads(result.out)


def test_the_shape_of_a_promise(dossier: Run) -> None:
    for shape in (
        as_json(dossier, "promise", "list")[0],
        as_json(dossier, "promise", "show", "1"),
        as_json(dossier, "promise", "edit", "1", "--detail", "in three copies"),
        as_json(dossier, "promise", "add", "hanoi", "x", "--due", "fri"),
        as_json(dossier, "promise", "withdraw", "2"),
        as_json(dossier, "promise", "keep", "1"),
    ):
        assert list(shape) == PROMISE


@pytest.mark.parametrize(
    "arguments",
    [
        ("renegotiate", "1", "--to", "2027-03-19", "--because", "lab", "--told", "lan", "--channel", "mail"),
        ("told", "1", "--told", "lan"),
    ],
)
def test_the_shape_of_a_notice(dossier: Run, arguments: tuple[str, ...]) -> None:
    shape = as_json(dossier, "promise", *arguments)
    assert list(shape) == [*PROMISE, "notice", "closed_steps"]
    assert all(list(move) == MOVE for move in shape["moves"])
    assert shape["notice"]["with"] == ["Trần Thị Lan"]


def test_while_locked_the_shape_is_the_same_and_says_so(dossier: Run, lock: Callable[[], None]) -> None:
    assert dossier("promise", "renegotiate", "1", "--to", "2027-03-19", "--because", "lab").code == 0
    lock()
    (shape,) = as_json(dossier, "promise", "list")
    assert list(shape) == [*PROMISE, "locked"]
    assert (shape["locked"], shape["title"], shape["detail"]) == (True, None, None)
    assert shape["due_on"] == "2027-03-19"
    assert (shape["moves"][0]["because"], shape["moves"][0]["from"]) == (None, "2027-03-12")


def test_plain_columns_are_only_ever_appended_to(dossier: Run) -> None:
    dossier("promise", "renegotiate", "1", "--to", "2027-03-19", "--because", "lab")
    assert dossier("promise", "list").out == (
        "1\t2027-03-19\t-9\tus\tHanoi Optics\tTrần Thị Lan\tsend the quote\topen\tno\t2027-03-10\t1\n"
    )


def test_csv_has_a_heading(dossier: Run) -> None:
    assert dossier("promise", "list", "--format", "csv").out == (
        "id,due,late,by,account,person,title,state,told,made,moves\n"
        "1,2027-03-12,-2,us,Hanoi Optics,Trần Thị Lan,send the quote,open,no,2027-03-10,0\n"
    )


def test_no_promises_are_no_lines_an_empty_array_a_heading_or_a_sentence(dossier: Run) -> None:
    dossier("promise", "keep", "1")
    assert dossier("promise", "list") == (0, "", "")
    assert as_json(dossier, "promise", "list") == []
    assert dossier("promise", "list", "--format", "csv").out.count("\n") == 1
    assert dossier("promise", "list", terminal=True).out == (
        "No such promises. Make one: dossier promise add REF TITLE --due DATE\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "hanoi", "Send ABC", "--due", "eom"), "Promise 2 is due on 2027-03-31."),
        (("keep", "1"), "Promise 1 is kept, in time: send the quote"),
        (("withdraw", "1"), "Promise 1 is withdrawn: send the quote"),
        (
            ("renegotiate", "1", "--to", "next fri", "--because", "the lab", "--told", "lan"),
            "Promise 1 is now due on 2027-03-12. Trần Thị Lan knows.",
        ),
        (
            ("renegotiate", "1", "--to", "next mon", "--because", "the lab"),
            "Promise 1 is now due on 2027-03-15. Nobody there knows yet: dossier promise told 1",
        ),
        (("told", "1"), "Noted: Hanoi Optics was told about promise 1."),
        (("told", "1", "--told", "lan"), "Noted: Trần Thị Lan was told about promise 1."),
        (("edit", "1", "--title", "send two quotes"), "Changed promise 1: send two quotes"),
        (("rm", "1"), "Removed promise 1 send the quote."),
    ],
)
def test_what_a_person_reads(dossier: Run, arguments: tuple[str, ...], said: str) -> None:
    if said.startswith("Promise 1 is now due on 2027-03-12"):
        assert dossier("promise", "renegotiate", "1", "--to", "2027-03-30", "--because", "x").code == 0
    result = dossier("promise", *arguments, terminal=True)
    assert (result.code, result.out, result.err) == (0, said + "\n", "")


def test_how_many_days_are_left_is_for_programs(dossier: Run) -> None:
    dossier("promise", "add", "hanoi", "send the drawings", "--due", "2027-03-13")
    assert "\t-3\t" in dossier("promise", "list").out
    assert "-3 " not in dossier("promise", "list", "--format", "table").out


def test_kept_late_says_by_how_much(dossier: Run) -> None:
    result = dossier("promise", "keep", "1", "--today", "2027-03-13", terminal=True)
    assert result.out == "Promise 1 is kept, 1 day late: send the quote\n"


def test_moving_theirs_asks_nobody_to_tell_anybody(dossier: Run) -> None:
    dossier("promise", "add", "hanoi", "sign", "--due", "fri", "--by", "them")
    result = dossier("promise", "renegotiate", "2", "--to", "eom", "--because", "x", terminal=True)
    assert result.out == "Promise 2 is now due on 2027-03-31.\n"


def test_a_notice_that_closes_a_step_says_so(dossier: Run) -> None:
    dossier("step", "add", "hanoi", "explain", "--on", "today")
    result = dossier("promise", "told", "1", terminal=True)
    assert result.out.splitlines()[1:] == ["Step 1 is done with this: explain"]


def test_the_list_narrows(dossier: Run) -> None:
    dossier("promise", "add", "hanoi", "sign", "--due", "2027-04-30", "--by", "them")

    def numbers(*arguments: str, day: str = "2027-03-13") -> list[int]:
        return [one["id"] for one in as_json(dossier, "promise", "list", *arguments, "--today", day)]

    assert numbers() == [1, 2]
    assert numbers("--late") == [1]
    assert numbers("--late", day="2027-03-12") == []
    assert numbers("--by", "them") == [2]
    assert numbers("lan") == [1]
    dossier("promise", "keep", "1")
    assert numbers() == [2]
    assert numbers("--state", "kept") == [1]
    assert numbers("--state", "all") == [1, 2]


def test_a_promise_in_full_shows_every_date_it_had(dossier: Run) -> None:
    dossier("promise", "renegotiate", "1", "--to", "2027-03-19", "--because", "the [/b] lab", "--told", "lan")
    shown = dossier("promise", "show", "1", terminal=True).out
    for word in ("2027-03-12", "2027-03-19", "the [/b] lab", "Trần Thị Lan"):
        assert word in shown
    plain = dossier("promise", "show", "1").out.splitlines()
    assert [line.split("\t")[0] for line in plain] == PROMISE


def test_asked_for_at_the_terminal(dossier: Run) -> None:
    result = dossier("promise", "add", "hanoi", "--due", "fri", terminal=True, stdin="send samples\n")
    assert (result.code, result.err) == (0, "The promise: ")
    assert as_json(dossier, "promise", "show", "2")["title"] == "send samples"
    result = dossier("promise", "renegotiate", "1", "--to", "eom", terminal=True, stdin="the lab\n")
    assert (result.code, result.err) == (0, "The reason: ")
    assert as_json(dossier, "promise", "show", "1")["moves"][0]["because"] == "the lab"


def test_an_empty_answer_is_none(dossier: Run) -> None:
    result = dossier("promise", "add", "hanoi", "--due", "fri", terminal=True, stdin="\n")
    assert (result.code, result.err.splitlines()[0]) == (2, "The promise: dossier: the promise is missing")


def test_from_stdin(dossier: Run) -> None:
    dossier("promise", "add", "hanoi", "-", "--due", "fri", stdin="send samples\n")
    dossier("promise", "renegotiate", "1", "--to", "eom", "--because", "-", stdin="the lab\nburnt down\n")
    assert as_json(dossier, "promise", "show", "2")["title"] == "send samples"
    assert as_json(dossier, "promise", "show", "1")["moves"][0]["because"] == "the lab\nburnt down"


def test_undo_brings_back_the_date_and_the_silence(dossier: Run) -> None:
    before = as_json(dossier, "promise", "show", "1")
    dossier("promise", "renegotiate", "1", "--to", "eom", "--because", "x", "--told", "lan")
    assert dossier("undo").code == 0
    assert as_json(dossier, "promise", "show", "1") == before
    assert as_json(dossier, "interaction", "list") == []
