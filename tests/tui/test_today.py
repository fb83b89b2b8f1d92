"""Today: the agenda in groups, and one key that acts."""

from __future__ import annotations

import gc

from rich.segment import Segment

from dossier.services import accounts, people, promises, relatives
from dossier.services.session import Session
from dossier.tui.inert import MASK
from dossier.tui.screens.person import PersonPage
from dossier.tui.widgets.paged_table import PagedTable
from tests.conftest import PASSPHRASE
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


def test_the_day_of_an_occasion_is_as_hidden_as_what_it_is(view: View, session: Session) -> None:
    accounts.add(session, "Đặng Gia", {"tier": "key"})
    people.add(session, "Lan", "a1", {"birthday": "1975-03-12"})

    async def story(person: Person) -> None:
        row = next(line for line in person.screen().splitlines() if "Đặng Gia" in line)
        assert row.split()[0] == MASK
        assert "2d" not in person.screen()
        await person.press("v")
        assert "in 2d" in person.screen()

    view(story, config={"mask": "all"})


def test_a_lock_keeps_no_title_not_even_to_find_the_row_again(view: View, session: Session) -> None:
    accounts.add(session, "Đặng Gia", {"tier": "key"})
    people.add(session, "Lan", "a1", {"birthday": "--03-10"})
    relatives.add(session, "p1", "Bình", "son", {"birthday": "--03-10"})

    async def story(person: Person) -> None:
        table = person.app.screen.query_one(PagedTable)
        await person.press("v", "j")
        key = table.key
        assert table.row.title == "birthday of Bình (son)"
        assert "Bình" not in str(table._lines)
        await person.press("ctrl+l")
        assert not table._lines
        assert not table._rows
        assert not table._stale
        assert not [text for text in measured(person) if "Bình" in text]
        await person.type(PASSPHRASE)
        await person.press("enter")
        assert table.key == key
        assert "Bình" in table.row.title

    view(story)


def measured(person: Person) -> list[str]:
    """All that has been drawn, or measured to be, and is still held."""
    assert person.app.blank.is_on
    gc.collect()
    return [held.text for held in gc.get_objects() if isinstance(held, Segment)]


def test_an_empty_vault_says_how_to_begin(view: View, session: Session) -> None:
    async def story(person: Person) -> None:
        assert "Nothing here yet. x adds an account." in person.screen()
        accounts.add(session, "Đặng Gia", {"tier": "key"})
        person.app.reload()
        await person.rest()
        assert "Nothing is due" in person.screen()

    view(story, keys={"add": "x"})


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
