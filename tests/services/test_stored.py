"""Records as they are stored, for whoever edits them."""

from __future__ import annotations

import pytest

from dossier.errors import Locked, NotFound
from dossier.services import accounts, interactions, people
from dossier.services.session import Session
from dossier.services.stored import stored


def test_what_is_derived_elsewhere_is_null_unless_it_was_set(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {"tier": "key"})
    people.add(session, "Trần Minh", "a1", {"language": "vi", "gender": "m"})
    assert people.listed(session)[0]["address_as"] == "anh Minh"
    assert stored(session, "person", 1)["address_as"] is None
    assert stored(session, "account", 1)["cadence_days"] is None


def test_a_person_has_whom_they_report_to_and_an_interaction_who_took_part(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {})
    people.add(session, "Lan", "a1", {})
    people.add(session, "Minh", "a1", {}, reports_to="Lan")
    interactions.log(session, "a1", "a call", {}, participants=["Minh", "Lan"])
    assert stored(session, "person", 2)["reports_to"] == 1
    assert sorted(stored(session, "interaction", 1)["participants"]) == [1, 2]
    people.rm(session, "Lan", cascade=True)
    assert stored(session, "person", 2)["reports_to"] is None


def test_nothing_is_given_of_what_is_not_there_or_locked(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {})
    with pytest.raises(NotFound):
        stored(session, "account", 2)
    session.lock()
    with pytest.raises(Locked):
        stored(session, "account", 1)
