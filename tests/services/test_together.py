from __future__ import annotations

import pytest

from dossier.errors import NotFound
from dossier.services import accounts, steps
from dossier.services.session import Session
from dossier.services.undo import undo
from dossier.store.catalog import Account, Change, Step
from dossier.store.check import check_vault


def test_what_is_done_together_is_one_change_and_one_undo(session: Session) -> None:
    with session.together("move in") as transaction:
        account = accounts.add(session, "Hanoi Optics", {"tier": "key"})
        steps.add(session, f"a{account['id']}", "call them", on="tomorrow")
        transaction.summary = "moved in"
    (change,) = session.reader.find(Change)
    assert (change.command, change.summary, len(change.rows)) == ("move in", "moved in", 2)
    assert check_vault(session.database, session.rows).problems == []
    undo(session)
    assert not session.reader.find(Account)
    assert not session.reader.find(Step)


def test_what_fails_takes_everything_back(session: Session) -> None:
    def move_in() -> None:
        with session.together("move in"):
            accounts.add(session, "Hanoi Optics", {})
            steps.add(session, "a7", "call them", on="tomorrow")

    with pytest.raises(NotFound):
        move_in()
    assert not session.reader.find(Account)
    assert not session.reader.find(Change)


def test_after_it_each_change_is_its_own_again(session: Session) -> None:
    with session.together("move in"):
        accounts.add(session, "Hanoi Optics", {})
    accounts.add(session, "Sofia Optics", {})
    assert [change.command for change in session.reader.find(Change)] == ["move in", "account add"]
