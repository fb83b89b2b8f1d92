"""Accounts: added under one name each, listed with their figures, edited, removed with what belongs to them (A1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dossier.config import Config
from dossier.domain.faults import BadValue
from dossier.errors import Locked, NotFound, Refused
from dossier.services import accounts, interactions, promises
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.services.shapes import PROFILE


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
