"""The journal as a page shows it: numbers first, then some changes, then one of them in full (C2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dossier.config import Config
from dossier.errors import Locked, NotFound
from dossier.services import accounts, history, promises
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.services.undo import back_or_forth, outlook, undo
from dossier.store.catalog import Account
from tests.conftest import TODAY


@pytest.fixture(autouse=True)
def _book(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {})
    promises.add(session, "a1", "the quote", due="2027-04-01")
    promises.keep(session, 1)


def test_numbers_then_a_page_are_what_the_list_gives(session: Session) -> None:
    assert history.ids(session) == [3, 2, 1]
    assert history.newest(session) == 3
    assert history.page(session, [3, 99, 1]) == [history.history(session)[0], history.history(session)[2]]


def test_in_full_a_change_says_what_became_of_each_record(session: Session) -> None:
    assert history.in_full(session, 2)["lines"] == [
        {"action": "added", "noun": "promise", "id": 1, "label": "the quote", "fields": {}}
    ]
    (line,) = history.in_full(session, 3)["lines"]
    assert line["action"] == "changed"
    assert line["fields"]["state"] == {"from": "open", "to": "kept"}
    promises.rm(session, 1, cascade=True)
    assert history.in_full(session, 4)["lines"][0]["action"] == "removed"
    assert history.in_full(session, 4)["lines"][0]["label"] == "the quote"
    with pytest.raises(NotFound):
        history.in_full(session, 99)


def test_of_many_records_the_first_are_told_and_how_many_more(session: Session) -> None:
    with session.change("import csv") as transaction:
        for number in range(130):
            transaction.insert(Account(name=f"X{number}", created_on="2027-03-10"))
    shape = history.in_full(session, 4)
    assert (len(shape["lines"]), shape["more"], shape["records"]) == (100, 30, 130)


def test_locked_it_tells_what_is_plain_and_takes_nothing_back(
    session: Session, vault_path: str, lock: Callable[[], None]
) -> None:
    lock()
    with Session(vault_path, TODAY, Config({}, {}, ""), Unlocking()) as locked:
        assert (history.ids(locked), history.newest(locked)) == ([3, 2, 1], 3)
        shape = history.in_full(locked, 3)
        assert (shape["command"], shape["summary"], shape["lines"], shape["locked"]) == (
            "promise keep",
            None,
            [],
            True,
        )
        with pytest.raises(Locked):
            outlook(locked)
        with pytest.raises(Locked):
            back_or_forth(locked, 0)


def test_an_outlook_names_the_change_that_it_goes_back_to(session: Session) -> None:
    told = {key: outlook(session)[key] for key in ("id", "change", "command", "brings_back", "records")}
    assert told == {"id": 3, "change": 3, "command": "promise keep", "brings_back": False, "records": 1}
    undo(session)
    assert outlook(session)["change"] == 2
    forth = outlook(session, 4)
    assert (forth["change"], forth["command"], forth["brings_back"]) == (3, "promise keep", True)
    undo(session, 4)
    again = outlook(session, 5)
    assert (again["change"], again["brings_back"]) == (3, False)


def test_back_and_forth_only_what_is_newer_than_a_change_is_done(session: Session) -> None:
    assert back_or_forth(session, 3)["done"] is False
    assert promises.get(session, 1)["state"] == "kept"
    assert back_or_forth(session, 2)["done"] is True
    assert promises.get(session, 1)["state"] == "open"
    assert back_or_forth(session, 4, forth=True)["done"] is False
    assert back_or_forth(session, 3, forth=True) == {
        **outlook(session, 5),
        "at": history.page(session, [4])[0]["at"],
        "id": 4,
        "brings_back": True,
        "done": True,
    }
    with pytest.raises(NotFound, match="nothing to bring back"):
        back_or_forth(session, 0, forth=True)
