"""What a REF means: an id, an exact name, or any unambiguous part of a name, alias, mail or phone."""

from __future__ import annotations

from typing import Any

import pytest

from dossier.errors import Ambiguous, NotFound, Usage
from dossier.services import accounts, people, refs
from dossier.services.session import Session
from dossier.store.catalog import Account, Person
from dossier.store.record import Record

_ACCOUNTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Hanoi Optics", {"aliases": ["HO", "Quang học Hà Nội"], "mails": ["info@hanoi-optics.example"]}),
    ("Hanoi Optics Export", {}),
    ("Đặng & Sons", {"phones": ["+84 (0)24 3825 1234"]}),
    ("Болкан Метал", {}),
    ("上海精密仪器", {"aliases": ["Shanghai Precision"]}),
    ("12 Monkeys", {"phones": ["(02) 555.77.99"]}),
)
_PEOPLE: tuple[tuple[int, str, dict[str, Any]], ...] = (
    (1, "Nguyễn Thị Lan", {"mails": ["lan@hanoi-optics.example"], "phones": ["0912-345-678"]}),
    (3, "Lan Đặng", {}),
    (4, "Георги Петров", {}),
    (5, "王小明", {"aliases": ["Xiaoming Wang"]}),
    (1, "Nguyễn Văn Minh", {}),
)


@pytest.fixture(autouse=True)
def _book(session: Session) -> None:
    for name, fields in _ACCOUNTS:
        accounts.add(session, name, fields)
    with session.change("people") as transaction:
        for account_id, name, more in _PEOPLE:
            person = Person(account_id=account_id, name=name, created_on="2027-01-01")
            transaction.insert(person.replace(**more))


def short(record: Record) -> str:
    """`a1` or `p1`."""
    return f"{'a' if isinstance(record, Account) else 'p'}{record.id}"


@pytest.mark.parametrize(
    ("ref", "meant"),
    [
        ("2", "a2"),
        ("a2", "a2"),
        ("A2", "a2"),
        (" a2 ", "a2"),
        ("p2", "p2"),
        ("Hanoi Optics", "a1"),
        ("hanoi  OPTICS", "a1"),
        ("ho", "a1"),
        ("Export", "a2"),
        ("quang hoc", "a1"),
        ("info@", "a1"),
        ("dang &", "a3"),
        ("nguyen thi", "p1"),
        ("NGUYỄN VĂN", "p5"),
        ("lan dang", "p2"),
        ("lan@", "p1"),
        ("болкан", "a4"),
        ("ПЕТРОВ", "p3"),
        ("精密", "a5"),
        ("小明", "p4"),
        ("wang", "p4"),
        ("Shanghai", "a5"),
        ("12 monkeys", "a6"),
        ("monkeys", "a6"),
    ],
)
def test_one_is_meant(session: Session, ref: str, meant: str) -> None:
    assert short(refs.account_or_person(session, ref)) == meant


@pytest.mark.parametrize(
    "ref",
    [
        "+84 (0)24 3825 1234",
        "+84 24 3825 1234",
        "+842438251234",
        "0084 24 3825 1234",
        "024 3825 1234",
        "02438251234",
        "3825-1234",
        "38251234",
        "3825.1234",
    ],
)
def test_a_phone_number_in_any_spelling(session: Session, ref: str) -> None:
    assert short(refs.account_or_person(session, ref)) == "a3"


@pytest.mark.parametrize(("ref", "meant"), [("0912 345 678", "p1"), ("91234567", "p1"), ("5557799", "a6")])
def test_other_phone_numbers(session: Session, ref: str, meant: str) -> None:
    assert short(refs.account_or_person(session, ref)) == meant


@pytest.mark.parametrize(
    "ref",
    ["", "   ", "nobody", "a99", "p99", "99", "a0", "0", "99999999", "%", "_", "'", "\n", "h_noi"],
)
def test_none_is_meant(session: Session, ref: str) -> None:
    with pytest.raises(NotFound) as caught:
        refs.account_or_person(session, ref)
    assert caught.value.hint == f"look with: dossier {'person' if ref == 'p99' else 'account'} list"


def test_bytes_that_are_no_text_mean_nobody(session: Session) -> None:
    with pytest.raises(Usage, match="no text"):
        refs.account_or_person(session, "\ud800")


def test_several_are_meant_and_each_is_named_with_its_id(session: Session) -> None:
    with pytest.raises(Ambiguous) as caught:
        refs.account_or_person(session, "hanoi opt")
    assert caught.value.message == "'hanoi opt' fits a1 Hanoi Optics; a2 Hanoi Optics Export"
    with pytest.raises(Ambiguous) as caught:
        refs.account_or_person(session, "dang")
    assert caught.value.message == "'dang' fits a3 Đặng & Sons; p2 Lan Đặng of Đặng & Sons"


def test_a_name_goes_before_anybodys_mail_address(session: Session) -> None:
    accounts.add(session, "Cam Ranh Port", {})
    people.add(session, "Lê Văn Tám", "cam ranh", {"mails": ["tam@camranh-port.example", "cam@port.example"]})
    found = refs.account_or_person(session, "cam")
    assert (type(found), found.name) == (Account, "Cam Ranh Port")
    assert refs.account_or_person(session, "camranh-port").name == "Lê Văn Tám"


def test_too_many_to_name_are_counted(session: Session) -> None:
    for number in range(10):
        accounts.add(session, f"Mekong {number}", {})
    with pytest.raises(Ambiguous, match=r"a7 Mekong 0; .* and 2 more$"):
        refs.account(session, "mekong")


def test_where_only_people_fit_a_bare_number_is_a_person(session: Session) -> None:
    assert refs.person(session, "2").name == "Lan Đặng"
    assert refs.person(session, "lan d").id == 2
    with pytest.raises(NotFound, match="no person matches 'a2'"):
        refs.person(session, "a2")
    with pytest.raises(NotFound, match="no account matches 'p2'"):
        refs.account(session, "p2")


def test_at_one_account_only_its_people_are_meant(session: Session) -> None:
    hanoi = refs.account(session, "1")
    assert refs.person(session, "lan", hanoi).id == 1
    with pytest.raises(NotFound, match=r"Lan Đặng \(p2\) is not at Hanoi Optics"):
        refs.person(session, "p2", hanoi)
    with pytest.raises(NotFound, match="no person at Hanoi Optics matches 'Георги'"):
        refs.person(session, "Георги", hanoi)
    with pytest.raises(
        Ambiguous, match="p1 Nguyễn Thị Lan of Hanoi Optics; p5 Nguyễn Văn Minh of Hanoi Optics"
    ):
        refs.person(session, "nguyen", hanoi)


def test_a_whole_name_beats_parts_of_others(session: Session) -> None:
    accounts.add(session, "Hanoi", {})
    assert refs.account(session, "hanoi").id == 7


def test_two_of_the_same_whole_name_are_still_two(session: Session) -> None:
    accounts.add(session, "HO", {})
    with pytest.raises(Ambiguous, match="a1 Hanoi Optics; a7 HO"):
        refs.account(session, "ho")


def test_a_renamed_account_is_found_by_its_new_name_alone(session: Session) -> None:
    accounts.edit(session, "4", {"name": "Balkan Metal", "aliases": ["BM"]})
    assert refs.account(session, "bm").id == 4
    with pytest.raises(NotFound):
        refs.account(session, "болкан")


def test_what_was_typed_is_quoted_harmlessly(session: Session) -> None:
    with pytest.raises(NotFound) as caught:
        refs.account(session, "\x1b[31mred\x1b[0m\nx")
    assert caught.value.message == "no account matches 'red x'"
