from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from rich.cells import cell_len

from dossier.domain.text import safe_text
from tests.conftest import Run

SECRETS = (
    "optics maker",
    "1975",
    "tennis",
    "Mai",
    "06-24",
    "quote",
    "call her",
    "calibration",
    "chị",
    "assistant",
)


Page = Callable[..., str]


@pytest.fixture
def page(dossier: Run) -> Page:
    """A command's page on a terminal so many columns wide, without its styles."""

    def shown(*arguments: str, width: int = 100, today: str = "2027-03-10") -> str:
        variables = {"COLUMNS": str(width), "DOSSIER_TODAY": today}
        result = dossier(*arguments, terminal=True, variables=variables)
        assert result.code == 0
        text = safe_text(result.out)
        assert all(cell_len(line.rstrip()) <= width for line in text.splitlines())
        return text

    return shown


def words_of(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(autouse=True)
def _filled(dossier: Run) -> None:
    for line in (
        (
            "account",
            "add",
            "Hanoi Optics",
            "--tier",
            "key",
            "--industry",
            "optics maker",
            "--note",
            "one\ntwo [/b]",
        ),
        ("person", "add", "Trần Thị Lan", "--account", "1", "--gender", "f", "--birthday", "12 Apr 1975"),
        ("person", "add", "王小明", "--account", "1", "--title", "医生", "--position", "主任"),
        (
            "fact",
            "add",
            "lan",
            "plays [/b] tennis",
            "--kind",
            "interest",
            "--source",
            "assistant",
            "--on",
            "1 jan 2026",
        ),
        ("relative", "add", "lan", "Mai 🎻", "--relation", "daughter", "--birthday", "29 Feb 2016"),
        ("occasion", "add", "lan", "nameday", "24.6."),
        ("promise", "add", "lan", "send the quote", "--due", "fri"),
        ("step", "add", "lan", "call her", "--on", "fri"),
        ("log", "lan", "calibration plan"),
    ):
        assert dossier(*line).code == 0


def test_an_account_on_a_terminal(page: Page) -> None:
    for width in (100, 60):
        words = words_of(page("show", "hanoi", width=width))
        assert words.startswith(
            "Hanoi Optics a1 · key · active last contact 2027-03-10, today cadence every 14 days"
        )
        assert "p2 王小明 · 主任 王医生" in words
        assert "p1 Trần Thị Lan chị Lan · born 1975-04-12, turns 52 in 33 days" in words
        assert (
            "plays [/b] tennis Trần Thị Lan · interest · assistant · confirmed 1 year ago, ask again" in words
        )
        assert "nameday Trần Thị Lan · --06-24, name day in 106 days" in words
        assert "send the quote ours · Trần Thị Lan · due 2027-03-12, in 2 days" in words
        assert "calibration plan 2027-03-10 · call · Trần Thị Lan" in words


def test_a_person_on_a_terminal(page: Page) -> None:
    out = page("show", "lan")
    words = words_of(out)
    assert "p1 · Hanoi Optics (a1)" in words
    assert "Mai 🎻, daughter born 2016-02-29, turns 12 in 356 days" in words
    assert out.count("Trần Thị Lan") == 1  # the heading; a page need not say its own name again
    assert page("person", "show", "lan") == out


def test_a_late_promise_of_which_they_do_not_know_says_so(page: Page) -> None:
    words = words_of(page("show", "lan", today="2027-03-15"))
    assert "ours · due 2027-03-12, 3 days late · they have not been told" in words


def test_so_does_one_that_was_moved_without_telling(dossier: Run, page: Page) -> None:
    dossier("promise", "renegotiate", "1", "--to", "eom", "--because", "the lab is closed")
    words = words_of(page("show", "hanoi"))
    assert "due 2027-03-31, in 21 days · they have not been told" in words


def test_plain_is_a_line_per_field_then_a_line_per_record(dossier: Run) -> None:
    lines = [line.split("\t") for line in dossier("show", "hanoi").out.splitlines()]
    assert ["account", "name", "Hanoi Optics"] in lines
    assert ["account", "note", "one two [/b]"] in lines
    sections = [line[0] for line in lines if line[0] != "account"]
    assert sections == ["people", "people", "facts", "occasions", "promises", "steps", "interactions"]
    listed = dossier("fact", "list", "lan").out
    assert f"facts\t{listed}" in dossier("show", "lan").out
    assert dossier("show", "lan").out.startswith("person\tid\t1\nperson\tname\tTrần Thị Lan\n")


def test_json_is_the_documented_object(dossier: Run) -> None:
    account = json.loads(dossier("show", "hanoi", "--format", "json").out)
    assert account == json.loads(dossier("account", "show", "1", "--format", "json").out)
    assert [one["name"] for one in account["people"]] == ["Trần Thị Lan", "王小明"]
    person = json.loads(dossier("show", "p1", "--format", "json").out)
    assert (person["address_as"], person["birthday"]) == ("chị Lan", "1975-04-12")
    assert {"id", "kind", "text", "source", "confirmed_on"} <= set(person["facts"][0])
    assert [
        len(person[key]) for key in ("facts", "relatives", "occasions", "promises", "steps", "interactions")
    ] == [1] * 6
    assert "locked" not in person


def test_csv_is_one_row_under_its_headings(dossier: Run) -> None:
    heading = dossier("show", "lan", "--format", "csv").out.splitlines()[0]
    assert heading.startswith("id,name,account,")


def test_locked_it_shows_who_and_masks_the_rest(dossier: Run, page: Page, lock: Callable[[], None]) -> None:
    lock()
    for ref in ("hanoi", "lan"):
        for arguments in ((), ("--format", "json"), ("--format", "csv")):
            result = dossier("show", ref, *arguments)
            assert result.code == 0
            assert not [secret for secret in SECRETS if secret in result.out]
        text = page("show", ref, "--no-input")
        assert not [secret for secret in SECRETS if secret in text]
        assert "Trần Thị Lan" in text
        assert "locked" in text
    words = words_of(page("show", "lan", "--no-input"))
    assert "locked birthday, marked, address as, title, gender, language, private mails" in words
    assert json.loads(dossier("show", "lan", "--format", "json").out)["locked"] is True


def test_a_ref_that_fits_nothing_or_too_much(dossier: Run) -> None:
    assert dossier("show", "nobody").code == 3
    assert dossier("show", "p99").code == 3
    assert dossier("account", "show", "lan").code == 3
    dossier("person", "add", "Lan Anh", "--account", "1")
    ambiguous = dossier("show", "lan")
    assert ambiguous.code == 4
    assert "p1 Trần Thị Lan" in ambiguous.err


def test_people_stand_below_whom_they_report_to(dossier: Run, page: Page) -> None:
    plain = dossier("show", "hanoi").out
    dossier("person", "add", "Ann [/b] Lee", "--account", "1", "--reports-to", "p2")
    dossier("person", "edit", "p2", "--reports-to", "lan")
    out = page("show", "hanoi")
    names = ("Trần Thị Lan", "王小明", "Ann [/b] Lee")
    lines = [next(line for line in out.splitlines() if line.lstrip().startswith(f"p{n}")) for n in (1, 2, 3)]
    places = [cell_len(line[: line.index(name)]) for line, name in zip(lines, names, strict=True)]
    assert out.index(lines[0]) < out.index(lines[1]) < out.index(lines[2])
    assert [place - places[0] for place in places] == [0, 2, 4]
    assert f"{'':{places[1]}}王医生" in out
    # What programs read stays a list by name, with whom each reports to in the last column.
    people = [line.split("\t") for line in dossier("show", "hanoi").out.splitlines() if line[:6] == "people"]
    assert [(line[2], line[-1]) for line in people] == [
        ("Ann [/b] Lee", "王小明"),
        ("Trần Thị Lan", ""),
        ("王小明", "Trần Thị Lan"),
    ]
    assert len(plain.splitlines()) + 1 == len(dossier("show", "hanoi").out.splitlines())


def test_a_long_line_of_command_stays_readable(dossier: Run, page: Page) -> None:
    for number in range(3, 33):
        dossier("person", "add", f"Chief {number}", "--account", "1", "--reports-to", f"p{number - 1}")
    assert "Chief 32" in page("show", "hanoi", width=40)


def test_a_person_says_whom_they_report_to(dossier: Run, page: Page) -> None:
    dossier("person", "edit", "p2", "--reports-to", "lan")
    assert "reports to Trần Thị Lan (p1)" in words_of(page("show", "p2"))
    assert "reports to" not in page("show", "p1")
    assert "person\treports_to\tTrần Thị Lan\n" in dossier("show", "p2").out
