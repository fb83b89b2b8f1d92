"""Today: the agenda in groups, and one key that acts."""

from __future__ import annotations

from dossier.services import accounts, people, promises, relatives
from dossier.services.session import Session
from dossier.tui.screens.person import PersonPage
from tests.tui.conftest import Person, View


def a_late_promise(session: Session) -> int:
    accounts.add(session, "Công ty Đặng Gia", {})
    return int(promises.add(session, "a1", "send [/b] the quote", due="2027-03-01", made="2027-02-01")["id"])


def test_a_late_promise_stands_on_top_and_its_title_is_masked_until_revealed(
    view: View, session: Session
) -> None:
    a_late_promise(session)

    async def story(person: Person) -> None:
        assert "nobody there was told" in person.screen()
        assert "Công ty Đặng Gia" in person.screen()
        assert "quote" not in person.screen()
        await person.press("v")
        assert "send [/b] the quote" in person.screen()
        await person.press("v")
        assert "quote" not in person.screen()

    view(story)


def test_one_key_keeps_a_promise(view: View, session: Session) -> None:
    number = a_late_promise(session)

    async def story(person: Person) -> None:
        await person.press("d")
        assert "Nothing is due" in person.screen()

    view(story)
    assert promises.get(session, number)["state"] == "kept"


def test_a_birthday_leads_to_the_person_also_where_ids_coincide(view: View, session: Session) -> None:
    accounts.add(session, "Đặng Gia", {"tier": "key"})
    people.add(session, "Lan", "a1", {"birthday": "--03-10"})
    relatives.add(session, "p1", "Bình", "son", {"birthday": "--03-10"})

    async def story(person: Person) -> None:
        await person.press("v")
        assert "birthday of Bình (son)" in person.screen()
        assert person.screen().count("birthday") >= 2
        await person.press("enter")
        assert isinstance(person.app.screen, PersonPage)

    view(story)
