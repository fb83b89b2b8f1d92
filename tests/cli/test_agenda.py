"""`dossier agenda`: worst first, for a person, a script, a status bar."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from dossier.domain.vocabulary import ItemKind
from tests.conftest import Run

ITEM = [
    "kind", "id", "account", "account_id", "person", "person_id", "title", "due", "days_late", "why", "urgency",
    "action", "by", "notified",
]  # fmt: skip


@pytest.fixture
def book(dossier: Run) -> Run:
    """A late promise, one ahead, one of theirs, a step and a birthday of today."""
    for line in (
        ("account", "add", "Hanoi Optics", "--tier", "key"),
        ("person", "add", "Trần Thị Lan", "--account", "hanoi", "--birthday", "--03-10"),
        ("promise", "add", "lan", "send the quote", "--due", "2027-03-08", "--made", "2027-03-01"),
        ("promise", "add", "hanoi", "samples", "--due", "fri"),
        ("promise", "add", "hanoi", "sign", "--due", "2027-03-08", "--made", "2027-03-01", "--by", "them"),
        ("step", "add", "hanoi", "call back", "--on", "today"),
    ):
        assert dossier(*line).code == 0
    return dossier


def as_json(dossier: Run, *arguments: str) -> Any:
    result = dossier("agenda", *arguments, "--format", "json")
    assert (result.code, result.err) == (0, "")
    return json.loads(result.out)


def test_its_shape(book: Run) -> None:
    shape = as_json(book)
    assert list(shape) == ["today", "locked", "counts", "items"]
    assert list(shape["counts"]) == [
        "promise_overdue", "promise_due", "case_due", "proposal_step", "proposal_expiring", "tender_milestone",
        "occasion", "cadence", "next_step", "trip", "stale",
    ]  # fmt: skip
    assert [list(item) for item in shape["items"]] == [ITEM] * 5
    assert (shape["today"], shape["locked"]) == ("2027-03-10", False)
    assert [(item["kind"], item["notified"]) for item in shape["items"]] == [
        ("promise_overdue", False),
        ("promise_overdue", None),
        ("next_step", None),
        ("occasion", None),
        ("promise_due", False),
    ]


def test_plain_columns_are_only_ever_appended_to(book: Run) -> None:
    assert book("agenda").out == (
        "promise_overdue\t1\t2027-03-08\t2\tHanoi Optics\tTrần Thị Lan\tsend the quote\t"
        "2 days late, and Trần Thị Lan has not been told\n"
        "promise_overdue\t3\t2027-03-08\t2\tHanoi Optics\t\tsign\tHanoi Optics is 2 days late with it\n"
        "next_step\t1\t2027-03-10\t0\tHanoi Optics\t\tcall back\tdue today\n"
        "occasion\t1\t2027-03-10\t0\tHanoi Optics\tTrần Thị Lan\tbirthday\tbirthday today\n"
        "promise_due\t2\t2027-03-12\t-2\tHanoi Optics\t\tsamples\tdue in 2 days\n"
    )


def test_csv(book: Run) -> None:
    lines = book("agenda", "--format", "csv", "--limit", "1").out.splitlines()
    assert lines[0] == "kind,id,due,late,account,person,title,why"
    assert lines[1].endswith('send the quote,"2 days late, and Trần Thị Lan has not been told"')


def test_alone_it_is_the_same(book: Run) -> None:
    assert book() == book("agenda")
    assert book("--format", "json").out == book("agenda", "--format", "json").out


def test_only_limit_and_days(book: Run) -> None:
    def kinds(*arguments: str) -> list[str]:
        return [item["kind"] for item in as_json(book, *arguments)["items"]]

    assert kinds("--only", "occasion") == ["occasion"]
    assert kinds("--only", "next_step", "--only", "promise_due") == ["next_step", "promise_due"]
    assert kinds("--limit", "2") == ["promise_overdue", "promise_overdue"]
    assert as_json(book, "--limit", "2")["counts"]["next_step"] == 1
    assert kinds("--days", "1") == ["promise_overdue", "promise_overdue", "next_step", "occasion"]
    assert kinds("--days", "0", "--only", "promise_due") == []
    assert kinds("--days", "30", "--only", "occasion", "--today", "2027-02-20") == ["occasion"]
    assert kinds("--only", "occasion", "--today", "2027-02-20") == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("--days", "-1"),
        ("--days", "367"),
        ("--limit", "0"),
        ("--only", "nothing"),
        ("--fail-on", "anything"),
        ("extra",),
    ],
)
def test_what_it_does_not_take(book: Run, arguments: tuple[str, ...]) -> None:
    result = book("agenda", *arguments)
    assert (result.code, result.out) == (2, "")
    assert len(result.err.splitlines()) == 2


def test_fail_on_overdue_is_about_our_promises_and_prints_all_the_same(book: Run) -> None:
    result = book("agenda", "--fail-on", "overdue", "--limit", "1")
    assert (result.code, result.out.count("\n"), result.err) == (10, 1, "")
    assert book("agenda", "--fail-on", "overdue", "--format", "json").code == 10
    assert book("agenda", "--fail-on", "overdue", terminal=True).code == 10
    book("promise", "told", "1")
    assert book("agenda", "--fail-on", "overdue").code == 10
    book("promise", "keep", "1")
    assert book("agenda", "--fail-on", "overdue").code == 0  # theirs is late still


def test_fail_on_works_locked(book: Run, lock: Callable[[], None]) -> None:
    lock()
    assert book("agenda", "--fail-on", "overdue").code == 10


def test_locked_it_prints_at_once_without_titles_and_occasions(book: Run, lock: Callable[[], None]) -> None:
    lock()
    result = book("agenda", "--format", "json")
    assert (result.code, result.err) == (0, "")
    shape = json.loads(result.out)
    assert (shape["locked"], shape["counts"]["occasion"], shape["counts"]["next_step"]) == (True, None, 1)
    assert {item["title"] for item in shape["items"]} == {None}
    assert book("agenda").out.splitlines()[0].split("\t")[6] == ""
    page = book("agenda", terminal=True, stdin="never asked\n")
    assert page.code == 0
    assert "locked" in page.out
    assert (
        page.err == "The vault is locked: titles and other secrets are hidden. To see them: dossier unlock\n"
    )


def test_the_page_of_a_person(book: Run) -> None:
    page = " ".join(book("agenda", terminal=True, variables={"TERM": "dumb"}).out.split())
    for words in (
        "Wednesday 10 March 2027 · 5 items",
        "send the quote",
        "2 days late, and Trần Thị Lan has not been told",
        "dossier promise told 1",
        "They owe us",
        "birthday today",
        "Coming up",
    ):
        assert words in page
    assert page.index("send the quote") < page.index("sign") < page.index("call back") < page.index("samples")


def test_the_page_says_what_a_limit_left_out(book: Run) -> None:
    assert "and 4 more" in book("agenda", "--limit", "1", terminal=True).out


def test_nothing_due(dossier: Run) -> None:
    assert dossier("agenda") == (0, "", "")
    assert "Nothing is due" in dossier("agenda", terminal=True).out
    assert set(as_json(dossier)["counts"].values()) == {0}


def test_without_a_vault_alone_it_says_how_to_begin_and_agenda_fails(dossier: Run, tmp_path: Any) -> None:
    nowhere = {"DOSSIER_VAULT": str(tmp_path / "none")}
    result = dossier(variables=nowhere)
    assert (result.code, result.err) == (0, "")
    assert "dossier init" in result.out
    result = dossier("agenda", variables=nowhere)
    assert (result.code, result.out) == (8, "")
    assert "dossier init" in result.err


def test_every_kind_may_be_asked_for(book: Run) -> None:
    for kind in ItemKind:
        assert book("agenda", "--only", kind).code == 0
