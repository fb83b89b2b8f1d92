from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dossier.config import Config
from dossier.errors import Ambiguous, NotFound, Usage
from dossier.services import accounts, people
from dossier.services.passphrases import Unlocking
from dossier.services.search import named as whom
from dossier.services.search import names, search
from dossier.services.session import Session
from dossier.store.catalog import (
    Account,
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
from dossier.store.heap import TEXTS
from tests.conftest import TODAY

DAY = TODAY.isoformat()


@pytest.fixture
def book(session: Session) -> Session:
    """Two accounts with a bit of everything, in four scripts."""
    with session.change("add") as transaction:
        for record in (
            Account(
                name="Quang học Hà Nội",
                created_on="2026-01-05",
                aliases=["Hanoi Optics"],
                market="nhà máy mới ở Huế",
            ),
            Account(name="Оптика Варна", created_on="2026-02-05", note="трудно плащат"),
            Person(
                account_id=1,
                name="Nguyễn Thị Lan",
                created_on="2026-01-06",
                phones=["+84 24 3825 0000"],
                note="uống trà",
            ),
            Person(account_id=2, name="Lan Petrova", created_on="2026-02-06", private_address="ул. Шипка 4"),
            Fact(
                account_id=1,
                person_id=1,
                text="collects old lenses",
                learned_on="2026-03-01",
                confirmed_on="2026-11-01",
            ),
            Relative(person_id=1, name="王小明", relation="nephew", note="studies optics"),
            Occasion(account_id=2, kind="founding", date="--06-01", title="founding of the Varna works"),
            Interaction(
                account_id=1, at="2027-03-01", subject="coating", note="Chị ấy hỏi về BẢO HÀNH\nvà giá"
            ),
            Interaction(account_id=1, at="2027-02-01", subject="bảo hành lens"),
            Interaction(account_id=2, at="2027-03-05", note="校准 after the move"),
            Participant(interaction_id=1, person_id=1),
            Promise(
                account_id=1,
                person_id=1,
                made_on="2027-01-10",
                due_on="2027-04-01",
                title="gửi báo giá",
                detail="with lens list",
            ),
            PromiseMove(
                promise_id=1,
                from_on=DAY,
                to_on="2027-04-01",
                moved_on=DAY,
                because="the lab is closed",
                apology="сър, извинете",
            ),
            Step(account_id=2, created_on="2027-03-05", due_on=DAY, title="call about the lens"),
        ):
            transaction.insert(record)
    return session


def found(session: Session, text: str, **more: Any) -> list[tuple[Any, ...]]:
    return [(hit["noun"], hit["id"], hit["field"]) for hit in search(session, text, **more)]


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("hue", ("account", 1, "market")),
        ("HANOI", ("account", 1, "aliases")),
        ("трудно", ("account", 2, "note")),
        ("tra uong", ("person", 1, "note")),
        ("шипка", ("person", 2, "private_address")),
        ("collects", ("fact", 1, "text")),
        ("小明", ("relative", 1, "name")),
        ("studies", ("relative", 1, "note")),
        ("varna works", ("occasion", 1, "title")),
        ("校准", ("interaction", 3, "note")),
        ("bao gia", ("promise", 1, "title")),
        ("lab", ("promise", 1, "because")),
        ("ИЗВИНЕТЕ", ("promise", 1, "apology")),
        ("call", ("step", 1, "title")),
    ],
)
def test_every_kind_of_text_is_searched_in_any_script(book: Session, text: str, hit: tuple[Any, ...]) -> None:
    assert hit in found(book, text)


def test_names_come_first_then_the_newest(book: Session) -> None:
    assert found(book, "lan") == [("person", 2, "name"), ("person", 1, "name")]
    assert found(book, "lens") == [
        ("step", 1, "title"),
        ("interaction", 2, "subject"),
        ("promise", 1, "detail"),
        ("fact", 1, "text"),
    ]
    assert found(book, "optics") == [("account", 1, "aliases"), ("relative", 1, "note")]


def test_whole_names_come_before_parts_of_names_and_those_before_mail(session: Session) -> None:
    with session.change("add") as transaction:
        transaction.insert(Account(name="Lanark Mills", created_on=DAY))
        for name, mail in (
            ("Anna Pike", "anna@lan.example"),
            ("Đỗ Lan", "x@y.example"),
            ("Milan Roth", "m@y.example"),
        ):
            transaction.insert(Person(account_id=1, name=name, created_on=DAY, mails=[mail]))
    assert found(session, "lan") == [
        ("person", 2, "name"),
        ("account", 1, "name"),
        ("person", 3, "name"),
        ("person", 1, "mails"),
    ]


def test_all_words_must_occur(book: Session) -> None:
    assert found(book, "bao hanh gia") == [("interaction", 1, "note")]
    assert found(book, "bao zebra") == []


def test_a_word_may_be_the_account_or_a_person_concerned_but_not_all_of_them(book: Session) -> None:
    assert found(book, "hanoi bao hanh") == [("interaction", 1, "note"), ("interaction", 2, "subject")]
    assert found(book, "coating lan") == [("interaction", 1, "subject")]
    assert found(book, "nguyen lens") == [("promise", 1, "detail"), ("fact", 1, "text")]
    assert found(book, "hanoi lan") == [("person", 1, "name")]
    assert found(book, "hanoi optics") == [("account", 1, "aliases"), ("relative", 1, "note")]


def test_a_phone_number_is_found_without_its_spaces(book: Session) -> None:
    assert found(book, "842438250000") == [("person", 1, "phones")]


@pytest.mark.parametrize(
    "word", ["note", "channel", "outcome", "subject", "because", "founding_", "marked", "interest"]
)
def test_names_of_fields_and_choices_are_nobodys_words(book: Session, word: str) -> None:
    assert found(book, word) == []


def test_a_field_s_name_is_found_where_somebody_wrote_it(book: Session) -> None:
    assert found(book, "founding") == [("occasion", 1, "title")]


def test_a_hit_has_what_scripts_need(book: Session) -> None:
    (hit,) = search(book, "hỏi về")
    assert hit == {
        "noun": "interaction",
        "id": 1,
        "account": "Quang học Hà Nội",
        "account_id": 1,
        "person": "Nguyễn Thị Lan",
        "person_id": 1,
        "field": "note",
        "date": "2027-03-01",
        "excerpt": "Chị ấy hỏi về BẢO HÀNH và giá",
        "by": None,
        "state": None,
    }
    assert search(book, "collects")[0]["date"] == "2026-11-01"


def test_of_work_a_hit_says_how_it_stands(book: Session) -> None:
    hits = {hit["noun"]: (hit["by"], hit["state"]) for hit in search(book, "lens")}
    assert hits["promise"] == ("us", "open")
    assert hits["step"] == (None, "open")
    assert hits["fact"] == (None, None)


def test_a_limit_takes_the_first(book: Session) -> None:
    assert found(book, "lens", limit=2) == found(book, "lens")[:2]


def test_nothing_to_look_for_is_refused(session: Session) -> None:
    for text in ("", "  ", "\u00ad"):
        with pytest.raises(Usage):
            search(session, text)


def test_locked_it_looks_at_what_is_plain(book: Session, lock: Callable[[], None]) -> None:
    lock()
    with Session(book.path, TODAY, Config({}, {}, ""), Unlocking()) as locked:
        assert found(locked, "lan") == [("person", 2, "name"), ("person", 1, "name")]
        assert [hit["locked"] for hit in search(locked, "lan")] == [True, True]
        for secret in ("trà", "bảo", "collects", "founding", "校准"):
            assert found(locked, secret) == []


def test_no_text_field_is_forgotten(session: Session) -> None:
    """A word in any text of any noun is found there."""
    words: dict[str, list[tuple[str, str]]] = {}

    def filled(record: Any) -> Any:
        changes = {}
        for field in record.table.fields:
            if field.kind in TEXTS:
                word = f"w{len(words)}x"
                words[word] = [(record.table.name.replace("_move", ""), field.name)]
                changes[field.name] = [word] if field.kind == "lines" else word
        return record.replace(**changes)

    records = (
        Account(name="a", created_on=DAY),
        Person(account_id=1, name="p", created_on=DAY),
        Fact(account_id=1, text="f", learned_on=DAY, confirmed_on=DAY),
        Relative(person_id=1, name="r", relation="son"),
        Occasion(account_id=1, date="--06-01"),
        Interaction(account_id=1, at=DAY),
        Promise(account_id=1, made_on=DAY, due_on=DAY, title="t"),
        PromiseMove(promise_id=1, from_on=DAY, to_on=DAY, moved_on=DAY, because="b"),
        Step(account_id=1, created_on=DAY, due_on=DAY, title="s"),
    )
    with session.change("add") as transaction:
        for record in records:
            transaction.insert(filled(record))
    assert len(words) > 45
    for word, hits in words.items():
        assert [(hit["noun"], hit["field"]) for hit in search(session, word)] == hits


# --- Names as one types ----------------------------------------------------------------------------------------------


@pytest.fixture
def known(session: Session) -> Session:
    """Two accounts and their people, who go by much the same."""
    with session.change("add") as transaction:
        for record in (
            Account(name="Lanark Mills", created_on=DAY, phones=["+84 24 3825 1234"]),
            Account(name="Nhà máy Lan Đào", created_on=DAY, aliases=["Orchid Works"]),
            Person(account_id=1, name="Anna Pike", created_on=DAY, mails=["anna@lanark.example"]),
            Person(account_id=1, name="Trần Thị Lan", created_on=DAY, position="CTO"),
            Person(account_id=2, name="Milan Roth", created_on=DAY),
            Person(account_id=2, name="Lan [/b] 王", created_on=DAY, phones=["12 34"]),
        ):
            transaction.insert(record)
    return session


def named(session: Session, text: str, **more: Any) -> list[tuple[str, int]]:
    return [(one["noun"], one["id"]) for one in names(session, text, **more)]


def test_whoever_is_meant_first_comes_first(known: Session) -> None:
    assert named(known, "lan") == [
        ("account", 1),
        ("person", 4),
        ("account", 2),
        ("person", 2),
        ("person", 3),
        ("person", 1),
    ]
    assert named(known, "lan", limit=2) == [("account", 1), ("person", 4)]
    assert named(known, "lan", limit=1, nouns=("person",)) == [("person", 4)]
    assert named(known, "lan", limit=3, nouns=("person",)) == [("person", 4), ("person", 2), ("person", 3)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ĐÀO lan", [("account", 2)]),
        ("lan tran", [("person", 2)]),
        ("orchid", [("account", 2)]),
        ("ANNA@", [("person", 1)]),
        ("024 3825", [("account", 1)]),
        ("+84 24 38", [("account", 1)]),
        ("12 34", [("account", 1), ("person", 4)]),
        ("王", [("person", 4)]),
        ("[/b]", [("person", 4)]),
        ("%", []),
        ("lan zebra", []),
    ],
)
def test_every_word_is_part_of_what_they_go_by(
    known: Session, text: str, expected: list[tuple[str, int]]
) -> None:
    assert named(known, text) == expected


def test_no_word_is_everybody_by_name(known: Session) -> None:
    assert named(known, " ", limit=3) == [("account", 1), ("account", 2), ("person", 1)]
    assert named(known, "", nouns=("person",), account_id=2) == [("person", 4), ("person", 3)]


def test_names_of_one_account_are_itself_and_its_people(known: Session) -> None:
    assert named(known, "lan", account_id=2) == [("person", 4), ("account", 2), ("person", 3)]
    assert named(known, "024 3825", account_id=2) == []


def test_names_say_where_and_what_they_are_also_locked(
    known: Session, vault_path: str, lock: Callable[[], None]
) -> None:
    lock()
    with Session(vault_path, TODAY, Config({}, {}, ""), Unlocking()) as locked:
        for session in (known, locked):
            assert names(session, "tran") == [
                {
                    "noun": "person",
                    "id": 2,
                    "name": "Trần Thị Lan",
                    "account": "Lanark Mills",
                    "account_id": 1,
                    "position": "CTO",
                }
            ]
            assert names(session, "nha may") == [
                {
                    "noun": "account",
                    "id": 2,
                    "name": "Nhà máy Lan Đào",
                    "account": "Nhà máy Lan Đào",
                    "account_id": 2,
                    "position": None,
                }
            ]


@given(text=st.text(max_size=12))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_may_be_typed(known: Session, text: str) -> None:
    assert len(names(known, text)) <= 6


def test_whom_a_text_means_is_given_as_completion_gives_it(session: Session) -> None:
    accounts.add(session, "Đặng Gia", {})
    accounts.add(session, "Zlatna Niva", {})
    people.add(session, "Lan Anh", "a1", {"position": "CTO"})
    people.add(session, "Lan Chi", "a2", {})
    assert names(session, "lan anh") == [whom(session, "p1")] == [whom(session, "lan anh")]
    assert whom(session, "dang")["noun"] == "account"
    assert whom(session, "1", nouns=("person",))["name"] == "Lan Anh"
    assert whom(session, "lan", nouns=("person",), account_id=2)["id"] == 2
    with pytest.raises(Ambiguous):
        whom(session, "lan")
    with pytest.raises(NotFound):
        whom(session, "lan", nouns=("account",))
