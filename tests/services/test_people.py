from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dossier.config import Config
from dossier.domain.faults import BadValue, Fault
from dossier.errors import Locked, NotFound, Refused
from dossier.services import accounts, facts, occasions, people, promises, relatives
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.services.undo import undo
from dossier.store.catalog import Change, Fact, Occasion, Person
from tests.conftest import TODAY
from tests.inspection import calendar_days, everything, manifest_agrees


@pytest.fixture(autouse=True)
def _accounts(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {"tier": "key"})
    accounts.add(session, "София Оптика", {})


def changes(session: Session) -> list[str]:
    return [change.command for change in session.reader.find(Change)]


def test_a_person_is_added_with_what_was_said_in_one_change(session: Session) -> None:
    before = len(changes(session))
    shape = people.add(
        session,
        "  Trần Thị Lan ",
        "hanoi",
        {
            "position": "CTO",
            "role": "champion",
            "birthday": "12 Apr 1975",
            "gender": "f",
            "mails": ["lan@example.com"],
        },
    )
    assert changes(session)[before:] == ["person add"]
    assert {key: shape[key] for key in ("id", "name", "account", "account_id", "role", "birthday")} == {
        "id": 1,
        "name": "Trần Thị Lan",
        "account": "Hanoi Optics",
        "account_id": 1,
        "role": "champion",
        "birthday": "1975-04-12",
    }
    assert shape["facts"] == shape["relatives"] == shape["occasions"] == []
    assert "locked" not in shape
    assert calendar_days(session) == {412: [(1, 1)]}
    assert manifest_agrees(session)


@pytest.mark.parametrize(
    ("name", "fields", "family", "given", "address"),
    [
        ("Trần Thị Lan", {"gender": "f"}, "Trần", "Thị Lan", "chị Lan"),
        ("王小明", {"title": "医生"}, "王", "小明", "王医生"),
        ("王小明", {"position": "采购部经理"}, "王", "小明", "王经理"),
        ("田中誠", {"position": "部長"}, "田中", "誠", "田中部長"),
        ("Иван Петров", {}, "Петров", "Иван", "г-н Петров"),
        (
            "Jürgen von der Heide",
            {"title": "Dr.", "language": "de"},
            "von der Heide",
            "Jürgen",
            "Dr. von der Heide",
        ),
        ("محمد علي", {}, "علي", "محمد", "محمد علي"),
        ("🎉", {}, None, "🎉", "🎉"),
        ("Le Van Minh", {"language": "vi"}, "Le", "Van Minh", "anh/chị Minh"),
        ("Anna Maria Weber", {"family_name": "Maria Weber"}, "Maria Weber", "Anna", "Anna Maria Weber"),
        ("Anna Maria Weber", {"given_name": "Anna"}, "Maria Weber", "Anna", "Anna Maria Weber"),
        ("Bob", {"address_as": "Bobby", "title": "Dr."}, None, "Bob", "Bobby"),
    ],
)
def test_names_are_taken_apart_and_give_a_form_of_address(
    session: Session, name: str, fields: dict[str, Any], family: str | None, given: str, address: str
) -> None:
    shape = people.add(session, name, "1", fields)
    assert (shape["name"], shape["family_name"], shape["given_name"]) == (name, family, given)
    assert shape["address_as"] == address


@pytest.mark.parametrize(
    ("words", "stored"),
    [
        ("1975-04-12", "1975-04-12"),
        ("12.4.", "--04-12"),
        ("12 Apr", "--04-12"),
        ("April 1975", "1975-04"),
        ("1975", "1975"),
        ("April", "--04"),
        ("29 Feb", "--02-29"),
        ("1975年4月12日", "1975-04-12"),
        ("2027-03-10", "2027-03-10"),
        ("March 2027", "2027-03"),
    ],
)
def test_any_part_of_a_birthday_may_be_unknown(session: Session, words: str, stored: str) -> None:
    assert people.add(session, "Lan", "1", {"birthday": words})["birthday"] == stored


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("", {}),
        ("   ", {}),
        ("a\x1b[31mb", {}),
        ("a\nb", {}),
        ("x" * 201, {}),
        ("Lan", {"role": "boss"}),
        ("Lan", {"birthday": "31 Feb"}),
        ("Lan", {"birthday": "30.2.1975"}),
        ("Lan", {"birthday": "29 Feb 1975"}),
        ("Lan", {"birthday": "03/04/1975"}),
        ("Lan", {"birthday": "soon"}),
        ("Lan", {"birthday": "11 Mar 2027"}),
        ("Lan", {"birthday": "April 2027"}),
        ("Lan", {"birthday": "2072"}),
        ("Lan", {"language": "Vietnamese"}),
        ("Lan", {"mails": ["a\x1b[31mb@example.com"]}),
        ("Lan", {"position": "\x00"}),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_written(
    session: Session, name: str, fields: dict[str, Any]
) -> None:
    before = everything(session)
    with pytest.raises(BadValue) as caught:
        people.add(session, name, "1", fields)
    assert "2072" not in caught.value.message  # a birthday is a secret
    assert everything(session) == before


def test_someone_of_the_same_name_at_the_account_is_refused_unless_a_namesake(session: Session) -> None:
    people.add(session, "Trần Thị Lan", "1", {"aliases": ["Lan Trần"]})
    for again in ("Trần Thị Lan", "tran  thi LAN", "lan tran"):
        with pytest.raises(Refused, match="p1") as caught:
            people.add(session, again, "1", {})
        assert "--namesake" in str(caught.value.hint)
    assert people.add(session, "Trần Thị Lan", "2", {})["id"] == 2
    assert people.add(session, "Trần Thị Lan", "1", {}, namesake=True)["id"] == 3
    assert people.add(session, "Lan", "1", {})["id"] == 4


def test_lists_are_sorted_by_family_name_across_scripts(session: Session) -> None:
    names = [
        "王小明",
        "Zoë Ärmel",
        "Nguyễn Văn An",
        "Đặng Thu Hà",
        "Иван Петров",
        "Anna Weber",
        "Madonna",
        "Lê Bình",
    ]
    for name in names:
        people.add(session, name, "1", {})
    assert [shape["name"] for shape in people.listed(session)] == [
        "Zoë Ärmel",
        "Đặng Thu Hà",
        "Lê Bình",
        "Madonna",
        "Nguyễn Văn An",
        "Anna Weber",
        "Иван Петров",
        "王小明",
    ]


def test_lists_choose_by_account_role_and_tag(session: Session) -> None:
    people.add(session, "Lan", "1", {"role": "champion", "tags": ["golf", "🎉"]})
    people.add(session, "Минчо", "2", {"role": "champion"})
    people.add(session, "Hà", "1", {})
    assert [one["name"] for one in people.listed(session, account="hanoi")] == ["Hà", "Lan"]
    assert [one["name"] for one in people.listed(session, account="hanoi", role="champion")] == ["Lan"]
    assert [one["name"] for one in people.listed(session, tag="🎉")] == ["Lan"]
    assert people.listed(session, tag="GOLFER") == []


def test_a_new_name_or_language_takes_the_name_apart_anew(session: Session) -> None:
    people.add(session, "Le Van Minh", "1", {})
    shape = people.edit(session, "p1", {"language": "vi"})
    assert (shape["family_name"], shape["given_name"]) == ("Le", "Van Minh")
    shape = people.edit(session, "p1", {"name": "Lê Văn Bình"})
    assert (shape["family_name"], shape["given_name"]) == ("Lê", "Văn Bình")


def test_parts_of_a_name_set_by_hand_stay_until_they_are_cleared(session: Session) -> None:
    people.add(session, "Anna Maria Weber", "1", {"family_name": "Maria Weber"})
    shape = people.edit(session, "p1", {"language": "hu", "position": "CEO"})
    assert (shape["family_name"], shape["given_name"]) == ("Maria Weber", "Anna")
    shape = people.edit(session, "p1", {"family_name": "", "given_name": "", "language": "de"})
    assert (shape["family_name"], shape["given_name"]) == ("Weber", "Anna Maria")


def test_an_empty_text_clears_a_field_but_never_the_name(session: Session) -> None:
    people.add(
        session,
        "Lan",
        "1",
        {"position": "CTO", "role": "user", "birthday": "1975", "mails": ["a@example.com"]},
    )
    shape = people.edit(session, "lan", {"position": "", "role": "", "birthday": "", "mails": [""]})
    assert [shape[key] for key in ("position", "role", "birthday", "mails")] == [None, None, None, []]
    with pytest.raises(BadValue, match="name is empty"):
        people.edit(session, "lan", {"name": ""})


def test_whoever_changes_sides_takes_along_what_is_known_of_them(session: Session) -> None:
    people.add(session, "Lan", "1", {})
    facts.add(session, "lan", "plays tennis", {})
    facts.add(session, "a1", "went public", {})
    occasions.add(session, "lan", "nameday", "24.6.", {})
    relatives.add(session, "lan", "Mai", "daughter", {})
    promises.add(session, "lan", "the quote", due="fri")
    before = everything(session)
    shape = people.edit(session, "lan", {"position": "CEO"}, account="софия")
    assert (shape["account"], shape["facts"][0]["account"]) == ("София Оптика", "София Оптика")
    assert [one.account_id for one in session.reader.find(Fact)] == [2, 1]
    assert [one.account_id for one in session.reader.find(Occasion)] == [2]
    assert promises.get(session, 1)["account"] == "Hanoi Optics"
    undo(session)
    assert everything(session) == before
    assert manifest_agrees(session)


def test_rm_names_what_refers_and_cascade_takes_it_and_undo_brings_all_back(session: Session) -> None:
    people.add(session, "Trần Thị Lan", "1", {"birthday": "1 May"})
    facts.add(session, "lan", "plays tennis", {})
    relatives.add(session, "lan", "Mai", "daughter", {"birthday": "29 Feb 2016"})
    occasions.add(session, "lan", "nameday", "24.6.", {})
    with pytest.raises(Refused, match="1 fact, 1 relative, 1 occasion"):
        people.rm(session, "lan", cascade=False)
    before, days = everything(session), calendar_days(session)
    assert (
        people.rm(session, "lan", cascade=True)
        == "removed person 1 Trần Thị Lan and 3 records that belonged to it"
    )
    assert session.reader.find(Person) == []
    assert calendar_days(session) == {}
    undo(session)
    assert (everything(session), calendar_days(session)) == (before, days)


def test_every_change_is_one_journal_entry_and_can_be_undone(session: Session) -> None:
    steps: list[Callable[[], object]] = [
        lambda: people.add(session, "Lan", "1", {"birthday": "1 May"}),
        lambda: people.edit(session, "lan", {"marked": True, "note": "met at the fair"}),
        lambda: people.rm(session, "lan", cascade=False),
    ]
    for step in steps:
        before, count = everything(session), len(changes(session))
        step()
        assert len(changes(session)) == count + 1
        undo(session)
        assert everything(session) == before
        undo(session, session.reader.find(Change)[-1].id)  # and again, for the next step
    assert manifest_agrees(session)


def test_locked_lists_show_who_and_hide_the_rest(
    session: Session, vault_path: str, lock: Callable[[], None]
) -> None:
    people.add(
        session,
        "Trần Thị Lan",
        "1",
        {"birthday": "1975", "position": "CTO", "private_mails": ["x@example.com"]},
    )
    lock()
    with Session(vault_path, TODAY, Config({}, {}, ""), Unlocking()) as locked:
        (shape,) = people.listed(locked, account="hanoi")
        assert shape["locked"] is True
        assert (shape["name"], shape["position"]) == ("Trần Thị Lan", "CTO")
        assert shape["birthday"] is shape["address_as"] is None
        full = people.in_full(locked, locked.reader.get(Person, 1))
        assert full["private_mails"] is full["marked"] is full["note"] is None
        with pytest.raises(Locked):
            people.add(locked, "Hà", "1", {})


def test_an_unknown_account_or_person_is_not_found(session: Session) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: people.add(session, "Lan", "nowhere", {}),
        lambda: people.edit(session, "nobody", {}),
        lambda: people.rm(session, "p99", cascade=True),
        lambda: people.listed(session, account="a99"),
    ]
    for attempt in attempts:
        with pytest.raises(NotFound):
            attempt()


def test_markup_in_a_name_is_text_like_any_other(session: Session) -> None:
    assert people.add(session, "Anna [/b] Weber", "1", {})["name"] == "Anna [/b] Weber"


def test_no_message_quotes_a_secret(session: Session) -> None:
    for fields in ({"birthday": "zz secret"}, {"language": "zz secret"}, {"gender": "zz secret"}):
        with pytest.raises(Fault) as caught:
            people.add(session, "Lan", "1", fields)
        assert "zz secret" not in caught.value.message + (caught.value.hint or "")
