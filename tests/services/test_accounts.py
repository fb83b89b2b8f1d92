"""Accounts: added under one name each, listed with their figures, edited, removed with what belongs to them (A1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dossier.config import Config
from dossier.domain.faults import BadValue
from dossier.domain.vocabulary import ItemKind
from dossier.errors import Locked, NotFound, Refused
from dossier.services import accounts, agenda, interactions, promises
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.services.shapes import PROFILE
from dossier.store.catalog import Account, Interaction, Promise


def test_a_new_account_is_active_and_standard(session: Session) -> None:
    shape = accounts.add(session, "Hanoi Optics", {})
    assert shape == {
        "id": 1,
        "name": "Hanoi Optics",
        "tier": "standard",
        "status": "active",
        "cadence_days": 60,
        "last_contact_on": None,
        "days_since_contact": None,
        "open_promises": 0,
        "overdue_promises": 0,
        "aliases": [],
        "tags": [],
        "mails": [],
        "phones": [],
        "created_on": "2027-03-10",
        **dict.fromkeys(PROFILE),
    }


@pytest.mark.parametrize(
    ("tier", "days"), [("key", 14), ("strategic", 21), ("prospect", 30), ("standard", 60)]
)
def test_the_tier_sets_the_cadence_unless_it_has_its_own(session: Session, tier: str, days: int) -> None:
    assert accounts.add(session, "A", {"tier": tier})["cadence_days"] == days
    assert accounts.edit(session, "A", {"cadence_days": 5})["cadence_days"] == 5
    assert accounts.edit(session, "A", {"cadence_days": ""})["cadence_days"] == days


@pytest.mark.parametrize("name", ["Hanoi Optics", "hanoi  optics", "HÀNỘI optics"])
def test_two_accounts_of_one_name_could_not_be_told_apart(session: Session, name: str) -> None:
    accounts.add(session, "Hanoi Optics", {})
    accounts.add(session, "Varna Steel", {"aliases": ["Saigon"]})
    with pytest.raises(Refused, match=r"Hanoi Optics already \(a1\)"):
        accounts.add(session, name, {})
    with pytest.raises(Refused, match=r"Hanoi Optics already \(a1\)"):
        accounts.edit(session, "varna", {"name": name})
    assert [one["name"] for one in accounts.listed(session)] == ["Hanoi Optics", "Varna Steel"]


def test_it_may_be_spelled_anew_and_share_an_alias(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {"aliases": ["HO"]})
    assert accounts.edit(session, "1", {"name": "HANOI Optics"})["name"] == "HANOI Optics"
    assert accounts.add(session, "HO", {})["id"] == 2


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("", {}),
        ("   ", {}),
        ("x" * 201, {}),
        ("a\nb", {}),
        ("\x1b[31mred", {}),
        ("\ud800", {}),
        ("nul\x00", {}),
        ("A", {"tier": "golden"}),
        ("A", {"status": "asleep"}),
        ("A", {"cadence_days": 0}),
        ("A", {"cadence_days": 3651}),
        ("A", {"aliases": ["fine", " "]}),
        ("A", {"mails": ["a\nb"]}),
        ("A", {"note": "x" * 100_001}),
    ],
)
def test_what_is_no_account(session: Session, name: str, changes: dict[str, Any]) -> None:
    with pytest.raises(BadValue) as caught:
        accounts.add(session, name, changes)
    assert caught.value.hint
    assert accounts.listed(session) == []


def test_the_list_is_by_name_in_any_script_and_counts(session: Session) -> None:
    for name in ("Đông Á", "café Zürich", "東京光学", "Bệnh viện", "Болкан Метал"):
        accounts.add(session, name, {})
    interactions.log(session, "zurich", "x", {}, on="yesterday")
    promises.add(session, "zurich", "late", due="2027-03-01", made="2027-02-01")
    promises.add(session, "zurich", "ahead", due="fri")
    promises.keep(session, promises.add(session, "zurich", "kept", due="fri")["id"])
    found = accounts.listed(session)
    assert [one["name"] for one in found] == [
        "Bệnh viện",
        "café Zürich",
        "Đông Á",
        "Болкан Метал",
        "東京光学",
    ]
    assert {key: found[1][key] for key in list(found[1])[5:]} == {
        "last_contact_on": "2027-03-09",
        "days_since_contact": 1,
        "open_promises": 2,
        "overdue_promises": 1,
    }


def test_the_list_of_a_tier_a_status_a_tag(session: Session) -> None:
    accounts.add(session, "A", {"tier": "key", "tags": ["rail", "north"]})
    accounts.add(session, "B", {"tier": "key", "status": "dormant", "tags": ["railway"]})

    def names(**more: Any) -> list[str]:
        return [one["name"] for one in accounts.listed(session, **more)]

    assert names(tier="key") == ["A", "B"]
    assert names(tier="key", status="active") == ["A"]
    assert names(tag="rail") == ["A"]
    assert names(tag="x' OR 1 --") == []


# --- The list in any order, and a page of it --------------------------------------------------------------------------


@pytest.fixture
def book(session: Session) -> Session:
    """Five accounts, each first by one figure or another; a2 and a5 go by the same name but for their aliases."""
    with session.change("add") as transaction:
        for record in (
            Account(name="Đông Á", created_on="2027-01-01", tier="standard"),
            Account(
                name="Café", aliases=["Zürich"], created_on="2027-02-01", tier="prospect", status="former"
            ),
            Account(name="Аква", mails=["Info@Akva.example"], created_on="2027-03-01", tier="key"),
            Account(name="Bệnh viện", phones=["+84 24 3825 1234"], created_on="2027-03-05", tier="strategic"),
            Account(name="cafe", created_on="2027-03-10", tier="prospect", cadence_days=90, status="dormant"),
            Interaction(account_id=1, at="2027-03-09"),
            Interaction(account_id=2, at="2027-02-02"),
            Interaction(account_id=2, at="2027-02-01"),
            promise(1, "2027-03-10"),
            promise(1, "2027-03-11"),
            promise(1, "2027-01-11", state="kept", settled_on="2027-01-11"),
            promise(4, "2027-03-09", by="them"),
            promise(5, "2027-03-09"),
            promise(5, "2027-03-01"),
            promise(5, "2027-03-11"),
        ):
            transaction.insert(record)
    return session


def promise(account_id: int, due_on: str, **more: Any) -> Promise:
    return Promise(account_id=account_id, made_on="2027-01-01", due_on=due_on, title="x", **more)


BY_NAME = [4, 5, 2, 1, 3]


@pytest.mark.parametrize(
    ("sort", "ids", "backwards"),
    [
        ("name", BY_NAME, BY_NAME[::-1]),
        ("tier", [3, 4, 1, 5, 2], [5, 2, 1, 4, 3]),
        ("status", [4, 1, 3, 5, 2], [2, 5, 4, 1, 3]),
        ("last_contact", [4, 5, 3, 2, 1], [1, 2, 4, 5, 3]),
        ("open_promises", [2, 3, 4, 1, 5], [5, 1, 4, 2, 3]),
        ("late_promises", [2, 1, 3, 4, 5], [5, 4, 2, 1, 3]),
        ("days_over", [1, 4, 3, 5, 2], [3, 4, 1, 2, 5]),  # the last two are not active
    ],
)
def test_accounts_in_any_order_and_where_they_are_equal_by_name(
    book: Session, sort: str, ids: list[int], backwards: list[int]
) -> None:
    assert accounts.ordered(book, sort=sort) == ids
    assert accounts.ordered(book, sort=sort, descending=True) == backwards


@pytest.mark.parametrize("sort", accounts.SORTS)
@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", BY_NAME),
        ("  ", BY_NAME),
        ("CAFÉ", [5, 2]),
        ("cafe zur", [2]),
        ("zur cafe", [2]),
        ("dong a", [1]),
        ("benh vien", [4]),
        ("АКВА", [3]),
        ("akva.EXAMPLE", [3]),
        ("024 3825", [4]),
        ("+84 (0)24 3825 1234", [4]),
        ("cafe nowhere", []),
        ("%", []),
        ("' OR 1 --", []),
    ],
)
def test_only_those_that_go_by_every_word(book: Session, sort: str, text: str, ids: list[int]) -> None:
    assert sorted(accounts.ordered(book, text=text, sort=sort)) == sorted(ids)


def test_there_is_no_such_order(book: Session) -> None:
    with pytest.raises(KeyError):
        accounts.ordered(book, sort="name; DROP TABLE account")


def test_a_page_is_what_was_asked_for_in_that_order(book: Session) -> None:
    listed = {one["id"]: one for one in accounts.listed(book)}
    assert accounts.page(book, [5, 3, 99, 2]) == [
        {**listed[5], "days_over": -90, "late": False},
        {**listed[3], "days_over": 9 - 14, "late": False},
        {**listed[2], "days_over": 36 - 30, "late": False},
    ]
    assert accounts.page(book, []) == []


def test_late_is_whom_the_agenda_calls_so(book: Session) -> None:
    accounts.edit(book, "a1", {"cadence_days": 1})
    accounts.edit(book, "a3", {"cadence_days": 8})
    late = {one["id"] for one in accounts.page(book, BY_NAME) if one["late"]}
    assert late == {one.account_id for one in agenda.items(book, kinds=[ItemKind.CADENCE])} == {3}


@pytest.mark.parametrize("own", [True, False])
def test_the_page_says_what_the_order_goes_by(
    book: Session, vault_path: str, lock: Callable[[], None], own: bool
) -> None:
    """Also while locked, when every account is held to its tier's cadence."""
    if not own:
        lock()
    with Session(vault_path, book.today, Config({}, {}, ""), Unlocking()) as session:
        ids = accounts.ordered(session, sort="days_over")
        days = [one["days_over"] for one in accounts.page(session, ids)]
        assert days == sorted(days[:3]) + sorted(days[3:])  # the active ones, then the others
        assert days[ids.index(5)] == (-90 if own else -30)
        assert accounts.page(session, [5])[0]["cadence_days"] == (90 if own else None)


def test_an_empty_text_clears_and_nothing_given_leaves(session: Session) -> None:
    accounts.add(session, "A", {"note": "n", "aliases": ["x"], "industry": "optics", "tier": "key"})
    shape = accounts.edit(session, "A", {"note": "", "aliases": [""], "industry": None, "tier": ""})
    assert (shape["note"], shape["aliases"], shape["industry"], shape["tier"]) == (
        None,
        [],
        "optics",
        "standard",
    )


def test_removing_is_refused_while_something_refers_to_it(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {})
    interactions.log(session, "hanoi", "x", {})
    promises.add(session, "hanoi", "x", due="fri")
    with pytest.raises(Refused, match="account 1 is still referred to by 1 interaction, 1 promise") as caught:
        accounts.rm(session, "hanoi", cascade=False)
    assert caught.value.hint is not None
    assert "--cascade" in caught.value.hint
    assert accounts.rm(session, "hanoi", cascade=True) == (
        "removed account 1 Hanoi Optics and 2 records that belonged to it"
    )
    assert (accounts.listed(session), promises.listed(session)) == ([], [])
    with pytest.raises(NotFound):
        accounts.rm(session, "hanoi", cascade=True)


def test_locked_it_shows_what_is_plain_and_says_so(
    session: Session, vault_path: str, lock: Callable[[], None]
) -> None:
    accounts.add(session, "Hanoi Optics", {"tier": "key", "cadence_days": 5, "note": "secret"})
    lock()
    with Session(vault_path, session.today, Config({}, {}, ""), Unlocking()) as locked:
        (shape,) = accounts.listed(locked)
        assert (shape["name"], shape["tier"], shape["cadence_days"], shape["locked"]) == (
            "Hanoi Optics",
            "key",
            None,
            True,
        )
        for change in (
            lambda: accounts.add(locked, "B", {}),
            lambda: accounts.edit(locked, "1", {"tier": "prospect"}),
            lambda: accounts.rm(locked, "1", cascade=True),
        ):
            with pytest.raises(Locked):
                change()
