"""The last contact of an account follows its interactions, whatever is done to them."""

from __future__ import annotations

from dossier.services import accounts, interactions
from dossier.services.session import Session
from dossier.services.undo import undo
from dossier.store.check import check_vault


def last_contact(session: Session) -> str | None:
    assert check_vault(session.database, session.rows).problems == []
    (account,) = accounts.listed(session)
    found: str | None = account["last_contact_on"]
    return found


def test_it_follows_what_is_logged_edited_removed_and_undone(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {})
    assert last_contact(session) is None
    interactions.log(session, "hanoi", "first", {}, on="2027-03-01")
    assert last_contact(session) == "2027-03-01"
    later = interactions.log(session, "hanoi", "second", {}, on="2027-03-08")
    assert last_contact(session) == "2027-03-08"
    interactions.log(session, "hanoi", "an older one, noted late", {}, on="2027-02-01")
    assert last_contact(session) == "2027-03-08"
    interactions.edit(session, later["id"], {}, on="2027-03-05")
    assert last_contact(session) == "2027-03-05"
    interactions.rm(session, later["id"], cascade=False)
    assert last_contact(session) == "2027-03-01"
    undo(session)
    assert last_contact(session) == "2027-03-05"
    accounts.rm(session, "hanoi", cascade=True)
    assert check_vault(session.database, session.rows).problems == []
    assert session.database.rows("SELECT * FROM last_contact") == []
    undo(session)
    assert last_contact(session) == "2027-03-05"


def test_one_changed_behind_our_back_is_reported(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {})
    interactions.log(session, "hanoi", "first", {})
    session.database.execute("UPDATE last_contact SET at = '2020-01-01'")
    (problem,) = check_vault(session.database, session.rows).problems
    assert str(problem) == "account 1 has another last contact than its interactions say"
