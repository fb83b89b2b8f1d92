from __future__ import annotations

import json
import os
import stat
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from dossier.config import Config
from dossier.domain.agenda import Item
from dossier.domain.vocabulary import By, ItemKind, StepState
from dossier.errors import Failed, Refused, Unavailable
from dossier.services import agenda, book, demo, importing, people
from dossier.services.session import Session
from dossier.store.catalog import (
    Account,
    Change,
    Fact,
    Interaction,
    Occasion,
    Participant,
    Person,
    Promise,
    PromiseMove,
    Relative,
    Step,
)
from dossier.store.check import check_vault
from dossier.vault.header import open_with_passphrase
from tests.conftest import TODAY, FakeAgent

Page = dict[str, Any]

BOOK: list[Page] = [
    json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(Path(book.folder(), "book").glob("*.json"))
]
TALKS = [talk for page in BOOK for talk in page["interactions"]]
PROMISES = [
    promise for page in (*BOOK, *TALKS) for promise in page.get("promises", ())
]  # those made in passing, and those made in a talk
PEOPLE = [person for page in BOOK for person in page["people"]]
AWKWARD_DAYS = (
    TODAY,
    date(2028, 2, 29),
    date(2028, 2, 26),  # three days later it is 29 February
    date(2027, 3, 1),
    date(2027, 1, 1),
    date(2026, 12, 31),
)


@pytest.fixture
def filled(session: Session) -> Session:
    demo.fill(session)
    return session


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def count(session: Session, kind: type) -> int:
    return len(session.reader.find(kind, classes=()))


def of_kind(items: list[Item], kind: ItemKind) -> list[Item]:
    return [item for item in items if item.kind == kind]


def iso(day: int | None) -> str | None:
    """The ISO day so many days from `TODAY`."""
    return None if day is None else (TODAY + timedelta(days=day)).isoformat()


def make(keep: str | None = None, tell: Callable[[str], None] = lambda line: None) -> demo.Demo:
    return demo.make(TODAY, Config({}, {}, ""), keep, tell)


# --- What stands in the vault ---


def test_everything_in_the_book_is_there_and_nothing_twice(filled: Session) -> None:
    assert count(filled, Account) == 25
    assert count(filled, Person) == 118
    assert count(filled, Interaction) == len(TALKS)
    assert count(filled, Participant) == sum(len(talk["with"]) for talk in TALKS)
    assert count(filled, Promise) == len(PROMISES)
    assert count(filled, PromiseMove) == sum(len(promise.get("moves", ())) for promise in PROMISES)
    assert count(filled, Fact) == sum(len(page.get("facts", ())) for page in (*BOOK, *PEOPLE))
    assert count(filled, Occasion) == sum(len(page.get("occasions", ())) for page in (*BOOK, *PEOPLE))
    assert count(filled, Relative) == sum(len(person.get("relatives", ())) for person in PEOPLE)


def test_the_lines_at_the_key_accounts_are_drawn(filled: Session) -> None:
    drawn = {one["name"]: one["reports_to"] for one in people.listed(filled) if one["reports_to"]}
    assert drawn == {one["name"]: one["reports_to"] for one in PEOPLE if "reports_to" in one}
    assert len(drawn) == 20


def test_the_vault_is_sound(filled: Session) -> None:
    assert check_vault(filled.database, filled.rows).problems == []


def test_promises_became_what_the_book_says(filled: Session) -> None:
    stored = {
        (one.title, one.made_on): (one.due_on, one.state, one.settled_on, one.by)
        for one in filled.reader.find(Promise)
    }
    expected = {}
    for page in PROMISES:
        due = page["moves"][-1]["to"] if page.get("moves") else page["due"]
        settled = iso(page["settled"]) if "settled" in page else None
        expected[page["title"], iso(page["made"])] = (iso(due), page["state"], settled, page["by"])
    assert stored == expected


def test_steps_became_what_the_book_says(filled: Session) -> None:
    agreed = [{"created": talk["day"], **talk["next"]} for talk in TALKS if "next" in talk]
    pages = agreed + [step for page in BOOK for step in page.get("steps", ())]
    expected = {
        (page["title"], iso(page["created"]), iso(page["due"]), page["state"], iso(page.get("done")))
        for page in pages
    }
    stored = {
        (one.title, one.created_on, one.due_on, one.state, one.done_on) for one in filled.reader.find(Step)
    }
    assert stored == expected
    assert {step[3] for step in stored} == {StepState.DONE, StepState.OPEN}


def test_whoever_was_told_of_a_move_was_told_in_the_talk_of_that_day(filled: Session) -> None:
    moves = filled.reader.find(PromiseMove)
    talks = filled.reader.of_ids(Interaction, {one.interaction_id for one in moves if one.interaction_id})
    told = [one for one in moves if one.told_on]
    assert len(told) == sum("told" in move for page in PROMISES for move in page.get("moves", ()))
    for one in told:
        assert one.interaction_id is not None
        assert one.told_on == one.moved_on == talks[one.interaction_id].at
        assert one.told_person_id


def test_facts_keep_the_days_on_which_they_were_learned_and_confirmed(filled: Session) -> None:
    stored = Counter((one.text, one.learned_on, one.confirmed_on) for one in filled.reader.find(Fact))
    pages = [fact for page in (*BOOK, *PEOPLE) for fact in page.get("facts", ())]
    assert stored == Counter((page["text"], iso(page["learned"]), iso(page["confirmed"])) for page in pages)


def test_accounts_and_people_are_as_old_as_the_book_says(filled: Session) -> None:
    stored = {one.name: one for one in filled.reader.find(Account)}
    for page in BOOK:
        assert stored[page["name"]].created_on == iso(page["created"])
        assert stored[page["name"]].willingness == page.get("willingness")
    new = [one for name, one in stored.items() if name not in {page["name"] for page in BOOK}]
    assert [one.created_on for one in new] == [TODAY.isoformat()] * 3


def test_all_four_scripts_are_there(filled: Session) -> None:
    names = "".join(person.name for person in filled.reader.find(Person, classes=()))
    words = {unicodedata.name(letter).split()[0] for letter in names if letter.isalpha()}
    assert {"LATIN", "CYRILLIC", "CJK"} <= words
    assert any("WITH CIRCUMFLEX AND ACUTE" in unicodedata.name(letter) for letter in names)  # Vietnamese


def test_the_journal_has_an_entry_for_the_book_and_one_for_each_file(filled: Session) -> None:
    changes = filled.reader.find(Change)
    assert [change.command for change in changes] == ["demo", "import vcard", "import csv"]
    assert changes[0].summary == f"wrote a book of business with {len(BOOK)} accounts"


def test_the_session_is_back_at_today(filled: Session) -> None:
    assert filled.today == TODAY


def test_a_deed_that_is_refused_leaves_the_vault_empty(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise Failed("no")

    monkeypatch.setattr("dossier.services.promises.keep", refuse)
    with pytest.raises(Failed):
        demo.fill(session)
    assert session.today == TODAY
    assert count(session, Account) == count(session, Change) == 0
    with session.change("test") as transaction:  # the next change is one of its own again
        transaction.insert(Account(name="Hanoi Optics", created_on=TODAY.isoformat()))
    assert [change.command for change in session.reader.find(Change)] == ["test"]


# --- The story of day 0 ---


@pytest.mark.parametrize("today", AWKWARD_DAYS, ids=str)
def test_the_agenda_tells_the_story_on_any_day(session: Session, today: date) -> None:
    session.today = today
    demo.fill(session)
    items = agenda.items(session)
    late = of_kind(items, ItemKind.PROMISE_OVERDUE)
    ours = [item for item in late if item.by == By.US]
    due = [item for item in of_kind(items, ItemKind.PROMISE_DUE) if item.by == By.US]

    assert [item.notified for item in items[:2]] == [False, False]
    assert Counter(item.notified for item in ours) == {False: 2, True: 2}
    assert len(late) - len(ours) == 3
    moved_in_silence = [item for item in due if item.notified is False and "moved from" in item.why]
    assert len(moved_in_silence) == 1
    assert sorted(-item.days_late for item in due if item not in moved_in_silence) == [0, 1, 3, 6]
    assert len(of_kind(items, ItemKind.CADENCE)) == 4
    assert len(of_kind(items, ItemKind.NEXT_STEP)) == 3
    whys = {item.person or item.title: item.why for item in of_kind(items, ItemKind.OCCASION)}
    assert whys["Anna Pike"].startswith("turns 50 ")
    assert whys["Весела Кирова"].startswith("turns 18 ")
    assert "Nguyễn Thị Mỹ Hạnh" in whys
    assert "Nguyễn Văn Sáu" in whys  # marked, at an account whose occasions do not show
    assert whys["建院六十周年"].endswith("the 60th")


@pytest.mark.parametrize(
    ("value", "today", "expected"),
    [
        ("--04-12", TODAY, "--04-12"),
        ({"in_days": 2}, TODAY, "--03-12"),
        ({"born": "1981", "in_days": 0}, TODAY, "1981-03-10"),
        ({"turns": 50, "in_days": 3}, TODAY, "1977-03-13"),
        ({"turns": 50, "in_days": 1}, date(2026, 12, 31), "1977-01-01"),
        ({"turns": 60, "in_days": 0}, date(2028, 2, 29), "1968-02-29"),
        ({"turns": 50, "in_days": 0}, date(2028, 2, 29), "1978-03-01"),
        ({"in_days": 0}, date(2028, 2, 29), "--02-29"),
    ],
)
def test_days_near_today(value: str | Page, today: date, expected: str) -> None:
    assert book.recurring(value, today) == expected


# --- The vault itself ---


def test_two_demos_are_two_vaults(temporary: Path) -> None:
    first, second = make(), make()
    with first.session, second.session:
        assert first.folder != second.folder
        assert first.session.vault_id != second.session.vault_id
        assert {str(path) for path in temporary.iterdir()} == {first.folder, second.folder}
        assert count(second.session, Person) == 118


def test_only_its_owner_can_read_it_and_the_passphrase_opens_it(temporary: Path) -> None:
    made = make()
    with made.session as session:
        modes = {path: stat.S_IMODE(os.stat(path).st_mode) for path in (made.folder, session.path)}
        assert modes == {made.folder: 0o700, session.path: 0o600}
        assert stat.S_IMODE(os.stat(made.passphrase_file).st_mode) == 0o600
        passphrase = Path(made.passphrase_file).read_text().strip()
        with open_with_passphrase(session.header, passphrase) as opened:
            assert opened.keys.agenda == session.keys.agenda
        assert sorted(os.listdir(made.folder)) == ["passphrase", "vault.dossier"]
        assert FakeAgent.held.keys() == {session.vault_id}
        assert made.warning is None


def test_where_the_agent_cannot_start_the_demo_stands_and_says_so(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise Unavailable("the agent cannot be started")

    monkeypatch.setattr(FakeAgent, "put", fail)
    made = make()
    with made.session:
        assert made.warning == "the agent cannot be started"
        assert count(made.session, Account) == 25


@pytest.mark.parametrize("moment", ["Making", "Writing", "importing"])
@pytest.mark.parametrize("keep", [None, "new", "there"])
def test_an_interrupted_demo_leaves_nothing_behind(
    temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, keep: str | None
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    def tell(line: str) -> None:
        if line.startswith(moment):
            raise KeyboardInterrupt

    if moment == "importing":
        monkeypatch.setattr(importing, "csv", interrupt)
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine.txt").write_text("mine")
    with pytest.raises(KeyboardInterrupt):
        make(str(tmp_path / keep) if keep else None, tell)
    assert list(temporary.iterdir()) == []
    assert not (tmp_path / "new").exists()
    assert os.listdir(tmp_path / "there") == ["mine.txt"]
    assert FakeAgent.held == {}


def test_keep_makes_it_in_a_folder_of_ones_own(temporary: Path, tmp_path: Path) -> None:
    with make(str(tmp_path / "kept")).session as session:
        assert session.path == str(tmp_path / "kept" / "vault.dossier")
        assert stat.S_IMODE(os.stat(tmp_path / "kept").st_mode) == 0o700
    assert list(temporary.iterdir()) == []
    before = Path(session.path).read_bytes()
    with pytest.raises(Refused, match=r"vault\.dossier already"):
        make(str(tmp_path / "kept"))
    assert Path(session.path).read_bytes() == before


def test_examples_are_looked_for_in_the_package_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "dossier"
    monkeypatch.setattr(book, "__file__", str(package / "services" / "book.py"))
    with pytest.raises(Unavailable, match="not installed"):
        book.folder()
    (tmp_path / "site" / "examples" / "book").mkdir(parents=True)
    assert book.folder() == str(tmp_path / "site" / "examples")
    (package / "examples" / "book").mkdir(parents=True)
    assert book.folder() == str(package / "examples")
