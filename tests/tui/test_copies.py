"""A copy of the vault that is not the newest one seen here is told of, and nothing is written into it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dossier.errors import Damaged
from dossier.services import accounts
from dossier.services.session import Session
from tests.tui.conftest import Person, View


@pytest.fixture
def older(session: Session, tmp_path: Path) -> Session:
    """The vault as it was before the last change that this machine saw."""
    accounts.add(session, "Hanoi Optics", {})
    copy = str(tmp_path / "copy")
    shutil.copy(session.path, copy)
    accounts.add(session, "Saigon Steel", {})
    session.close()
    shutil.copy(copy, session.path)
    return session


def test_an_older_copy_is_told_of_once_and_takes_no_writes(older: Session, view: View) -> None:
    async def story(person: Person) -> None:
        shown = [notification.message for notification in person.app._notifications]
        assert len(shown) == 1
        assert "is an older copy: its last change is 1, and change 2 was seen here on" in shown[0]
        assert "dossier vault accept" in shown[0]
        await person.app._watch.look_at_copy()
        assert len(list(person.app._notifications)) == 1
        with pytest.raises(Damaged, match="older copy"):
            await person.app.desk.ask(accounts.add, "Later", {})

    view(story, notifications=True)
