from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from rich.cells import cell_len

from dossier.domain.text import safe_text
from tests.conftest import Run


@pytest.fixture(autouse=True)
def _accounts(dossier: Run) -> None:
    dossier("account", "add", "Hanoi Optics", "--tier", "key")
    dossier("account", "add", "София Оптика")


def test_add_echoes_what_was_understood(dossier: Run) -> None:
    result = dossier(
        "person",
        "add",
        "Trần Thị Lan",
        "--account",
        "hanoi",
        "--gender",
        "f",
        "--birthday",
        "12 Apr 1975",
        terminal=True,
    )
    assert (result.code, result.err) == (0, "")
    assert (
        result.out == "Added person 1: Trần Thị Lan at Hanoi Optics, addressed as chị Lan, born 1975-04-12.\n"
    )
    result = dossier(
        "person", "edit", "lan", "--birthday", "--04-12", "--address-as", "Ms. Lan", terminal=True
    )
    assert (
        result.out == "Changed person 1: Trần Thị Lan at Hanoi Optics, addressed as Ms. Lan, born --04-12.\n"
    )


def test_add_gives_json_with_every_field(dossier: Run) -> None:
    shape = json.loads(
        dossier(
            *("person", "add", "Анна Петрова", "--account", "2", "--position", "CFO", "--role", "financial"),
            *("--mail", "a@example.com", "--mail", "b@example.com", "--private-phone", "+359 88 123 456"),
            *(
                "--title",
                "Dr.",
                "--language",
                "bg",
                "--marked",
                "--tag",
                "🎉",
                "--alias",
                "Ани",
                "--department",
                "Finance",
            ),
            *("--note", "-", "--format", "json"),
            stdin="първи ред\nвтори [/b]\n",
        ).out
    )
    assert list(shape)[:13] == [
        *("id", "name", "account", "account_id", "position", "department", "role", "address_as", "birthday"),
        *("mails", "phones", "tags", "family_name"),
    ]
    assert shape["address_as"] == "д-р Петрова"
    assert shape["mails"] == ["a@example.com", "b@example.com"]
    assert (shape["marked"], shape["note"]) == (True, "първи ред\nвтори [/b]")


def test_plain_lines_have_fixed_columns(dossier: Run) -> None:
    dossier(
        "person",
        "add",
        "王小明",
        "--account",
        "1",
        "--title",
        "医生",
        "--birthday",
        "1975",
        "--position",
        "a\u202eb",
    )
    dossier(
        "person", "add", "Anna [/b] Weber 🎉", "--account", "2", "--role", "user", "--tag", "x", "--tag", "y"
    )
    lines = [line.split("\t") for line in dossier("person", "list").out.splitlines()]
    assert ["1", "王小明", "Hanoi Optics", "ab", "", "1975", "王医生", "", "", "", "", ""] in lines
    assert [line[1] for line in lines if line[4] == "user"] == ["Anna [/b] Weber 🎉"]
    assert {len(line) for line in lines} == {12}
    assert dossier("person", "list", "--account", "софия").out.startswith("2\t")
    assert dossier("person", "list", "--role", "champion").out == ""


def test_a_table_shows_every_script_and_keeps_markup_inert(dossier: Run) -> None:
    for name in ("王小明", "Trần Thị Lan", "Иван Петров", "محمد علي", "Anna [/b] Weber 🎉"):
        dossier("person", "add", name, "--account", "1")
    for width in ("100", "60"):
        out = safe_text(dossier("person", "list", terminal=True, variables={"COLUMNS": width}).out)
        assert all(cell_len(line) <= int(width) for line in out.splitlines())
        assert all(word in out for word in ("王小明", "Lan", "Петров", "علي", "[/b]", "🎉"))
    assert dossier("person", "list", "--tag", "none", terminal=True).out.startswith("No such people.")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("",), 2),
        (("a\x1b[31mb",), 2),
        (("Lan", "--birthday", "31 Feb"), 2),
        (("Lan", "--birthday", "2072"), 2),
        (("Lan", "--role", "boss"), 2),
        (("Lan", "--gender", "x"), 2),
        (("Lan", "--language", "Vietnamese"), 2),
        (("tran thi lan",), 6),
    ],
)
def test_bad_input_is_one_line_with_a_hint_and_changes_nothing(
    dossier: Run, arguments: tuple[str, ...], code: int
) -> None:
    dossier("person", "add", "Trần Thị Lan", "--account", "1")
    before = dossier("history").out
    result = (
        dossier("person", "add", "--account", "1", "--", *arguments[:1])
        if len(arguments) == 1
        else dossier("person", "add", *arguments, "--account", "1")
    )
    assert (result.code, result.out) == (code, "")
    problem, hint = result.err.splitlines()
    assert problem.startswith("dossier: ")
    assert hint.startswith("  ")
    assert "\x1b" not in result.err
    assert dossier("history").out == before


def test_an_account_is_needed_and_must_be_there(dossier: Run) -> None:
    assert dossier("person", "add", "Lan").code == 2
    assert dossier("person", "add", "Lan", "--account", "nowhere").code == 3


def test_a_namesake_is_added_when_that_is_meant(dossier: Run) -> None:
    dossier("person", "add", "Trần Thị Lan", "--account", "1")
    assert dossier("person", "add", "Trần Thị Lan", "--account", "1").code == 6
    assert dossier("person", "add", "Trần Thị Lan", "--account", "1", "--namesake").code == 0
    assert dossier("person", "show", "trần thị lan").code == 4


def test_list_works_locked_and_says_what_it_hides(dossier: Run, lock: Callable[[], None]) -> None:
    dossier(
        "person", "add", "Lan", "--account", "1", "--birthday", "1975", "--title", "Dr.", "--position", "CTO"
    )
    lock()
    assert dossier("person", "list").out == "1\tLan\tHanoi Optics\tCTO\t\t\t\t\t\t\t\t\n"
    (shape,) = json.loads(dossier("person", "list", "--format", "json").out)
    assert (shape["locked"], shape["birthday"], shape["address_as"]) == (True, None, None)
    table = dossier("person", "list", "--no-input", terminal=True)
    assert "locked" in table.out
    assert "1975" not in table.out
    for arguments in (("add", "Hà", "--account", "1"), ("edit", "lan", "--note", "x"), ("rm", "lan")):
        assert dossier("person", *arguments).code == 5


def test_a_person_moves_and_goes(dossier: Run) -> None:
    dossier("person", "add", "Trần Thị Lan", "--account", "1")
    dossier("fact", "add", "lan", "tennis")
    assert "at София Оптика" in dossier("person", "edit", "lan", "--account", "софия", terminal=True).out
    refused = dossier("person", "rm", "lan")
    assert refused.code == 6
    assert "1 fact" in refused.err
    result = dossier("person", "rm", "lan", "--cascade")
    assert result.out == "Removed person 1 Trần Thị Lan and 1 record that belonged to it.\n"
    assert dossier("undo").code == 0
    assert dossier("person", "show", "lan").code == 0


def test_a_person_at_the_terminal_hears_of_a_birthday_on_no_agenda(dossier: Run) -> None:
    dossier("account", "add", "Quiet Ltd")
    said = dossier("person", "add", "王芳", "--account", "quiet", "--birthday", "25.11.", terminal=True)
    assert said.err.startswith("On no agenda, as Quiet Ltd is a standard account.")
    assert dossier("person", "add", "李娜", "--account", "quiet", "--birthday", "25.11.").err == ""


def test_whom_a_person_reports_to_is_set_shown_and_cleared(dossier: Run) -> None:
    dossier("person", "add", "Trần Thị Lan", "--account", "1")
    added = dossier("person", "add", "Đỗ Minh", "--account", "1", "--reports-to", "lan", terminal=True)
    assert "reports to Trần Thị Lan" in added.out
    shape = json.loads(dossier("person", "show", "minh", "--format", "json").out)
    assert (shape["reports_to"], shape["reports_to_id"]) == ("Trần Thị Lan", 1)
    assert dossier("person", "list").out.splitlines()[0].split("\t")[-1] == "Trần Thị Lan"
    refused = dossier("person", "edit", "lan", "--reports-to", "minh")
    assert (refused.code, "circle" in refused.err) == (6, True)
    shape = json.loads(dossier("person", "edit", "minh", "--reports-to", "", "--format", "json").out)
    assert shape["reports_to"] is None
