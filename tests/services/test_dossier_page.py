from __future__ import annotations

from collections.abc import Callable

from dossier.config import Config
from dossier.services import (
    accounts,
    dossier_page,
    facts,
    interactions,
    occasions,
    people,
    promises,
    relatives,
    steps,
)
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.store.catalog import Account, Person
from tests.conftest import TODAY


def fill(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {"tier": "key", "industry": "optics"})
    people.add(session, "Trần Thị Lan", "1", {"gender": "f"})
    people.add(session, "Đặng Bình", "1", {})
    facts.add(session, "a1", "went public", {})
    facts.add(session, "lan", "tennis", {"kind": "interest"})
    facts.add(session, "bình", "golf", {})
    relatives.add(session, "lan", "Mai", "daughter", {})
    occasions.add(session, "lan", "nameday", "24.6.", {})
    promises.add(session, "lan", "the quote", due="fri")
    promises.add(session, "bình", "done already", due="fri")
    promises.keep(session, 2)
    steps.add(session, "lan", "call her", on="fri")
    for day in range(1, 13):
        interactions.log(session, "lan", f"talk {day}", {}, on=f"2027-02-{day:02}")
    accounts.add(session, "Elsewhere", {})
    facts.add(session, "elsewhere", "not to be seen", {})


def test_an_account_comes_with_all_that_is_known_of_it_and_its_people(session: Session) -> None:
    fill(session)
    shape = dossier_page.account(session, session.reader.get(Account, 1))
    assert (shape["name"], shape["industry"], shape["open_promises"]) == ("Hanoi Optics", "optics", 1)
    assert [one["name"] for one in shape["people"]] == ["Đặng Bình", "Trần Thị Lan"]
    assert [one["text"] for one in shape["facts"]] == ["went public", "tennis", "golf"]
    assert [one["person"] for one in shape["occasions"]] == ["Trần Thị Lan"]
    assert [one["title"] for one in shape["promises"]] == ["the quote"]
    assert [one["title"] for one in shape["steps"]] == ["call her"]
    assert [one["subject"] for one in shape["interactions"]] == [f"talk {day}" for day in range(12, 2, -1)]


def test_a_person_comes_with_family_and_what_is_open(session: Session) -> None:
    fill(session)
    shape = dossier_page.person(session, session.reader.get(Person, 1))
    assert (shape["address_as"], shape["account"]) == ("chị Lan", "Hanoi Optics")
    assert [one["text"] for one in shape["facts"]] == ["tennis"]
    assert [one["name"] for one in shape["relatives"]] == ["Mai"]
    assert [one["kind"] for one in shape["occasions"]] == ["nameday"]
    assert [one["title"] for one in shape["promises"]] == ["the quote"]
    assert len(shape["interactions"]) == dossier_page.LAST_INTERACTIONS
    other = dossier_page.person(session, session.reader.get(Person, 2))
    assert other["promises"] == other["steps"] == other["interactions"] == []


def test_locked_nothing_secret_is_on_the_page(
    session: Session, vault_path: str, lock: Callable[[], None]
) -> None:
    fill(session)
    lock()
    with Session(vault_path, TODAY, Config({}, {}, ""), Unlocking()) as locked:
        page = dossier_page.account(locked, locked.reader.get(Account, 1))
        text = str(page) + str(dossier_page.person(locked, locked.reader.get(Person, 1)))
        assert page["locked"] is True
        assert "Trần Thị Lan" in text
        for secret in (
            "optics",
            "public",
            "tennis",
            "golf",
            "Mai",
            "nameday",
            "06-24",
            "quote",
            "call her",
            "talk",
            "chị",
        ):
            assert secret not in text
