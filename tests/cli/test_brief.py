from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from dossier.services.session import Session
from dossier.store.catalog import Account, Fact, Interaction, Participant, Person, Promise, Step
from tests.conftest import Run


def page(dossier: Run, ref: str, width: int) -> list[str]:
    """The lines of a brief on a terminal of that width, without their styles."""
    result = dossier("brief", ref, terminal=True, variables={"COLUMNS": str(width)})
    assert (result.code, result.err) == (0, "")
    return [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", result.out).splitlines()]


@pytest.fixture
def book(dossier: Run) -> None:
    dossier("account", "add", "Café Zürich", "--tier", "key", "--industry", "coffee", "--country", "CH")
    dossier(
        "person", "add", "王小明", "--account", "1", "--position", "采购部经理", "--birthday", "1977-03-12"
    )
    dossier("person", "add", "Nguyễn Thị Lan", "--account", "1", "--gender", "f", "--role", "champion")
    dossier("fact", "add", "lan", "plays [/b] go\x1b[31m", "--kind", "interest", "--source", "her assistant")
    dossier("log", "lan", "цената", "--with", "lan", "--on", "2027-02-01", "--direction", "in")
    dossier("promise", "add", "lan", "send the quote", "--due", "2027-03-08", "--made", "2027-02-01")


@pytest.mark.usefixtures("book")
def test_a_page_for_people(dossier: Run) -> None:
    lines = page(dossier, "1", 80)
    assert lines[0] == "Café Zürich · key account · a1 · 10 March 2027"
    for expected in (
        "Business   coffee · CH",
        "Contact    last 37 days ago; every 14 days: 23 days too long",
        "we kept 0% of our promises on time",
        "Address    chị Lan — Nguyễn Thị Lan, champion  talked 2027-02-01",
        "王经理 — 王小明, 采购部经理  not talked to yet",
        "Last talks 2027-02-01 call from them: цената  Nguyễn Thị Lan",
        "We owe     send the quote  2 days late, not told · Nguyễn Thị Lan",
        "Talk about chị Lan: plays [/b] go  interest · today · her assistant",
        "Dates      王经理: turns 50 in 2 days  2027-03-12",
        "Find out   What does Café Zürich need, and how much of it?",
    ):
        assert expected in "\n".join(lines)


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_line_is_wider_than_the_terminal(dossier: Run, width: int) -> None:
    from rich.cells import cell_len

    assert max(map(cell_len, page(dossier, "lan", width))) <= width


def test_a_page_stays_on_a_screen_however_much_there_is(session: Session, dossier: Run) -> None:
    day, soon = "2027-03-01", "2027-03-12"
    long = "a very long text that goes on and on, well beyond what eighty columns can hold at once"
    with session.change("add") as transaction:
        transaction.insert(Account(name="Café Zürich", created_on=day, industry="coffee"))
        for number in range(1, 10):
            for record in (
                Person(account_id=1, name=f"Person {number}", created_on=day, birthday=f"--03-{10 + number}"),
                *(
                    Fact(
                        account_id=1,
                        person_id=whom,
                        text=long,
                        kind=kind,
                        learned_on=known,
                        confirmed_on=known,
                    )
                    for kind, known in (("interest", day), ("value", "2025-01-01"), ("health", day))
                    for whom in (number, 1)
                ),
                Interaction(account_id=1, at=day, subject=long),
                Participant(interaction_id=number, person_id=1),
                *(
                    Promise(account_id=1, by=by, made_on=day, due_on=soon, title=long)
                    for by in ("us", "them")
                ),
                Step(account_id=1, created_on=day, due_on=soon, title=long),
            ):
                transaction.insert(record)
    for ref in ("a1", "p1"):
        for width in (60, 80):
            lines = page(dossier, ref, width)
            assert len(lines) <= 45
            assert "           … and 5 more" in lines


@pytest.mark.usefixtures("book")
def test_plain_lines_say_the_same_in_full(dossier: Run) -> None:
    lines = dossier("brief", "lan").out.splitlines()
    assert lines[0] == "brief\tNguyễn Thị Lan · Café Zürich · p2 · 10 March 2027"
    assert "talk about\tchị Lan: plays [/b] go · interest · today · her assistant" in lines
    assert all("\t" in line for line in lines)


@pytest.mark.usefixtures("book")
def test_json_has_everything(dossier: Run) -> None:
    shape = json.loads(dossier("brief", "lan", "--format", "json").out)
    assert shape["met"] == 2
    assert shape["promises"]["us"][0]["notified"] is False
    assert shape["facts"][0]["use"] == "talk"


@pytest.mark.usefixtures("book")
def test_a_brief_needs_the_keys(dossier: Run, lock: Callable[[], None]) -> None:
    lock()
    result = dossier("brief", "lan")
    assert (result.code, result.out) == (5, "")


@pytest.mark.usefixtures("book")
def test_nobody_and_somebody_of_two(dossier: Run) -> None:
    assert dossier("brief", "nobody").code == 3
    dossier("person", "add", "Lan Petrova", "--account", "1")
    result = dossier("brief", "lan")
    assert (result.code, result.out) == (4, "")
