from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.conftest import Run


@pytest.fixture(autouse=True)
def _someone(dossier: Run) -> None:
    dossier("account", "add", "Hanoi Optics")
    dossier("person", "add", "Мария Иванова", "--account", "1")


def test_add_says_when_it_will_come_up(dossier: Run) -> None:
    result = dossier("occasion", "add", "hanoi", "founding", "3 May 1998", "--lead", "1", terminal=True)
    assert result.out == (
        "Added occasion 1: founding of Hanoi Optics on 1998-05-03; next on 2027-05-03, announced 1 day ahead.\n"
    )
    result = dossier("occasion", "add", "мария", "other", "1998", "--title", "Jubiläum [/b]", terminal=True)
    assert result.out == (
        "Added occasion 2: Jubiläum [/b] of Мария Иванова on 1998; without month and day it appears on no agenda.\n"
    )


def test_list_edit_and_rm(dossier: Run) -> None:
    dossier("occasion", "add", "мария", "nameday", "24.6.", "--title", "Еньовден 🎉")
    dossier("occasion", "add", "hanoi", "founding", "fri")
    assert dossier("occasion", "list").out == (
        "2\t2027-03-12\tHanoi Optics\t\tfounding\t2027-03-12\t\t7\t\n"
        "1\t2027-06-24\tHanoi Optics\tМария Иванова\tnameday\t--06-24\tЕньовден 🎉\t7\t\n"
    )
    shape = json.loads(
        dossier("occasion", "edit", "1", "--date", "--06-25", "--lead", "0", "--format", "json").out
    )
    assert (shape["next_on"], shape["lead_days"]) == ("2027-06-25", 0)
    assert dossier("occasion", "list", "--kind", "founding").out.startswith("2\t")
    assert dossier("occasion", "rm", "1").out == "Removed occasion 1 about Мария Иванова.\n"
    dossier("undo")
    assert json.loads(dossier("occasion", "show", "1", "--format", "json").out) == shape


def test_the_date_is_asked_for_on_a_terminal_only(dossier: Run) -> None:
    assert dossier("occasion", "add", "мария", "nameday", terminal=True, stdin="24.6.\n").code == 0
    missing = dossier("occasion", "add", "мария", "nameday")
    assert missing.code == 2
    assert "date is missing" in missing.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("мария", "birthday", "1 May"), 2),
        (("мария", "nameday", "31 Feb"), 2),
        (("мария", "nameday", "zz-secret"), 2),
        (("мария", "nameday", "03/04"), 2),
        (("мария", "nameday", "1 May", "--lead", "-1"), 2),
        (("мария", "nameday", "1 May", "--lead", "x"), 2),
        (("nobody", "nameday", "1 May"), 3),
    ],
)
def test_bad_input_has_its_exit_code(dossier: Run, arguments: tuple[str, ...], code: int) -> None:
    result = dossier("occasion", "add", *arguments)
    assert (result.code, result.out) == (code, "")
    assert "zz-secret" not in result.err
    assert dossier("occasion", "list").out == ""


def test_locked_lists_hide_and_writing_is_refused(dossier: Run, lock: Callable[[], None]) -> None:
    dossier("occasion", "add", "мария", "nameday", "24.6.")
    lock()
    assert dossier("occasion", "list").out == "1\t\tHanoi Optics\tМария Иванова\t\t\t\t\t\n"
    table = dossier("occasion", "list", "--no-input", terminal=True).out
    assert "locked" in table
    assert "06-24" not in table
    assert dossier("occasion", "add", "мария", "nameday", "24.6.").code == 5
