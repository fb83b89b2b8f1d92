from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.conftest import Run


@pytest.fixture(autouse=True)
def _someone(dossier: Run) -> None:
    dossier("account", "add", "Hanoi Optics", "--tier", "key")
    dossier("person", "add", "Trần Thị Lan", "--account", "1")


def test_add_echoes_whom_and_when(dossier: Run) -> None:
    result = dossier(
        "fact", "add", "lan", "喜欢喝茶", "--kind", "preference", "--on", "last fri", terminal=True
    )
    assert result.out == "Noted fact 1 about Trần Thị Lan, learned on 2027-03-05.\n"
    shape = json.loads(dossier("fact", "show", "1", "--format", "json").out)
    assert (shape["text"], shape["kind"], shape["confirmed_on"]) == ("喜欢喝茶", "preference", "2027-03-05")


def test_the_text_comes_from_stdin_or_is_asked_for(dossier: Run) -> None:
    dossier("fact", "add", "a1", "-", "--source", "Анна", stdin="first line\nsecond [/b] 🎉\n")
    dossier("fact", "add", "lan", terminal=True, stdin="plays tennis\n")
    found = json.loads(dossier("fact", "list", "--format", "json").out)
    assert [shape["text"] for shape in found] == ["first line\nsecond [/b] 🎉", "plays tennis"]
    missing = dossier("fact", "add", "lan")
    assert missing.code == 2
    assert "the fact is missing" in missing.err


def test_plain_is_a_line_per_fact_whatever_is_in_it(dossier: Run) -> None:
    dossier("fact", "add", "lan", "-", "--kind", "interest", "--source", "Hà", stdin="a\tb\nc")
    assert (
        dossier("fact", "list").out
        == "1\tHanoi Optics\tTrần Thị Lan\tinterest\ta b c\tHà\t2027-03-10\t2027-03-10\n"
    )


def test_a_table_tells_the_age_in_words(dossier: Run) -> None:
    dossier("fact", "add", "lan", "plays [/b] tennis", "--source", "Hà", "--on", "1 jan 2025")
    dossier("fact", "add", "lan", "golf", "--on", "1 feb")
    words = " ".join(dossier("fact", "list", terminal=True).out.split())
    assert "plays [/b] tennis" in words
    assert "Hà, confirmed 2 years ago, ask again" in words
    assert "confirmed 5 weeks ago" in words
    assert dossier("fact", "list", "--kind", "health", terminal=True).out.startswith("No such facts.")


def test_confirm_and_edit(dossier: Run) -> None:
    dossier("fact", "add", "lan", "tennis", "--on", "1 jan 2025")
    result = dossier("fact", "confirm", "1", "--on", "yesterday", terminal=True)
    assert result.out == "Fact 1 about Trần Thị Lan holds as of 2027-03-09.\n"
    earlier = dossier("fact", "confirm", "1", "--on", "1 mar")
    assert earlier.code == 6
    assert "dossier fact edit 1 --confirmed-on DATE" in earlier.err
    assert dossier("fact", "confirm", "1", "--on", "1 jan 2024").code == 2
    result = dossier("fact", "edit", "1", "--confirmed-on", "1 mar", "--text", "golf", terminal=True)
    assert result.out == "Changed fact 1 about Trần Thị Lan, confirmed on 2027-03-01.\n"
    assert dossier("fact", "rm", "1").out == "Removed fact 1 about Trần Thị Lan.\n"
    assert dossier("fact", "show", "1").code == 3
    dossier("undo")
    assert json.loads(dossier("fact", "show", "1", "--format", "json").out)["text"] == "golf"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("add", "lan", ""), 2),
        (("add", "lan", "x", "--kind", "gossip"), 2),
        (("add", "lan", "x", "--on", "31 feb"), 2),
        (("add", "lan", "x", "--on", "12 mar 2027"), 2),
        (("add", "lan", "x", "--source", "a\x1b[31mb"), 2),
        (("add", "nobody", "x"), 3),
        (("list", "nobody"), 3),
        (("confirm", "x"), 2),
        (("confirm", "9"), 3),
    ],
)
def test_bad_input_has_its_exit_code_and_a_line_on_stderr(
    dossier: Run, arguments: tuple[str, ...], code: int
) -> None:
    result = dossier("fact", *arguments)
    assert (result.code, result.out) == (code, "")
    assert result.err.startswith("dossier: ")
    assert "\x1b" not in result.err


def test_locked_lists_hide_and_writing_is_refused(dossier: Run, lock: Callable[[], None]) -> None:
    dossier("fact", "add", "lan", "tennis", "--kind", "interest")
    lock()
    assert dossier("fact", "list").out == "1\tHanoi Optics\tTrần Thị Lan\t\t\t\t\t\n"
    (shape,) = json.loads(dossier("fact", "list", "--format", "json").out)
    assert (shape["locked"], shape["text"]) == (True, None)
    assert "locked" in dossier("fact", "list", "--no-input", terminal=True).out
    for arguments in (("list", "--kind", "interest"), ("add", "lan", "x"), ("confirm", "1"), ("rm", "1")):
        assert dossier("fact", *arguments).code == 5
