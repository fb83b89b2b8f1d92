"""The brief on a page of its own: masked, revealed, and locked."""

from __future__ import annotations

from collections.abc import Callable

from dossier.services import accounts, facts, people
from dossier.services.session import Session
from tests.tui.conftest import Person, View


def a_client(session: Session) -> None:
    accounts.add(session, "鹿岭光学", {})
    people.add(session, "王小明", "a1", {})
    facts.add(session, "p1", "collects [/b] tea pots", {"kind": "interest"})


def test_the_brief_opens_from_the_agenda_and_hides_what_is_known(view: View, session: Session) -> None:
    a_client(session)

    async def story(person: Person) -> None:
        from dossier.tui.screens.brief import Brief

        person.app.push_screen(Brief("p1"))
        await person.rest()
        assert "王小明" in person.screen()
        assert "tea pots" not in person.screen()
        await person.press("v")
        assert "collects [/b] tea pots" in person.screen()
        await person.press("escape")
        assert "tea pots" not in person.screen()

    view(story)


def test_a_locked_vault_asks_for_the_passphrase(
    view: View, session: Session, lock: Callable[[], None]
) -> None:
    a_client(session)
    lock()

    async def story(person: Person) -> None:
        from dossier.tui.screens.brief import Brief

        await person.press("escape")  # looks around without secrets
        person.app.push_screen(Brief("p1"))
        await person.rest()
        assert "The vault is locked" in person.screen()

    view(story)
