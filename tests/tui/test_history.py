"""Undo, its way forward again, and the page of all changes: what is older than the view is asked about first."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dossier.services import accounts, forgetting, history, people, promises
from dossier.services.session import Session
from dossier.services.undo import undo
from dossier.tui.dialogs.take_back import TakeBack
from dossier.tui.screens.history import COLUMNS, History
from dossier.tui.screens.today import Today
from dossier.tui.widgets.paged_table import PagedTable
from dossier.tui.widgets.sheet import Sheet
from tests.tui.conftest import Person, View

SECRET = "send the sealed quote"


@pytest.fixture(autouse=True)
def _book(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {})
    promises.add(session, "a1", SECRET, due="2027-03-01", made="2027-02-01")


def flowing(person: Person) -> str:
    """What the screen shows, wherever its lines break."""
    return " ".join(person.screen().split())


def said(person: Person) -> list[str]:
    """What was said in the corner, the newest last."""
    return [one.message for one in person.app._notifications]


def test_what_was_done_here_is_taken_back_at_once_and_brought_back(view: View, session: Session) -> None:
    async def story(person: Person) -> None:
        await person.press("d", "u")
        assert promises.get(session, 1)["state"] == "open"
        assert said(person)[-1] == "Taken back: promise kept (change 3). U brings it back."
        await person.press("U")
        assert promises.get(session, 1)["state"] == "kept"
        assert said(person)[-1] == "Brought back: promise kept (change 3)."
        await person.press("u", "U")
        assert promises.get(session, 1)["state"] == "kept"
        assert not any(SECRET in one for one in said(person))

    view(story, notifications=True)


def test_it_goes_forward_as_far_as_it_went_back(view: View, session: Session) -> None:
    async def story(person: Person) -> None:
        await person.app.desk.ask(promises.told, 1)
        await person.app.desk.ask(promises.withdraw, 1)
        told = promises.get(session, 1)["notified"]
        await person.press("u", "u")
        assert promises.get(session, 1)["notified"] is False
        await person.press("U")
        assert (promises.get(session, 1)["state"], promises.get(session, 1)["notified"]) == ("open", told)
        await person.press("U")
        assert promises.get(session, 1)["state"] == "withdrawn"
        await person.press("U")
        assert "there is nothing to bring back" in [one.title for one in person.app._notifications]

    view(story, notifications=True)


def test_what_is_older_than_the_view_is_asked_about_first(view: View, session: Session) -> None:
    async def story(person: Person) -> None:
        await person.press("d", "u", "u")
        assert isinstance(person.app.screen, TakeBack)
        assert "Take back change 2?" in person.screen()
        assert "promise added · " in person.screen()
        assert "· 1 record" in person.screen()
        assert SECRET not in person.screen()
        await person.press("escape")
        assert promises.get(session, 1)["id"] == 1
        await person.press("u", "enter")
        assert promises.listed(session) == []
        assert isinstance(person.app.screen, Today)
        assert said(person)[-1] == "Taken back: promise added (change 2). U brings it back."
        await person.press("U")
        assert promises.get(session, 1)["state"] == "open"

    view(story, notifications=True)


def test_what_was_taken_back_before_the_view_was_opened_is_brought_back_after_asking(
    view: View, session: Session
) -> None:
    undo(session)

    async def story(person: Person) -> None:
        await person.press("U")
        assert "Bring back change 2?" in person.screen()
        assert "promise added · taken back by change 3" in flowing(person)
        await person.press("enter")
        assert promises.get(session, 1)["state"] == "open"

    view(story)


def test_two_keys_at_once_take_back_two_changes_and_open_one_dialog(view: View, session: Session) -> None:
    async def story(person: Person) -> None:
        await person.app.desk.ask(promises.told, 1)
        await person.app.desk.ask(promises.withdraw, 1)
        for _ in range(4):
            await person.app.run_action("undo")
        await person.rest()
        assert promises.get(session, 1)["notified"] is False
        assert [type(screen) for screen in person.app.screen_stack] == [Today, TakeBack]

    view(story)


def test_the_page_lists_all_that_was_done_with_what_it_changed(view: View, session: Session) -> None:
    promises.withdraw(session, 1)
    undo(session)

    async def story(person: Person) -> None:
        await person.press("H")
        seen = flowing(person)
        for text in ("taken back: change 3", "promise withdrawn", "by 4", "account added"):
            assert text in seen
        assert SECRET not in seen
        assert "withdrawn → open" not in seen
        await person.press("v")
        assert SECRET in flowing(person)
        assert "state: withdrawn → open" in flowing(person)
        await person.press("G")
        assert "account 1 added: Hanoi Optics" in flowing(person)
        await person.press("escape")
        assert isinstance(person.app.screen, Today)

    view(story, size=(140, 30))


def test_on_the_page_undo_takes_back_the_row_after_asking_once(view: View, session: Session) -> None:
    promises.withdraw(session, 1)
    accounts.add(session, "Saigon Glass", {})

    async def story(person: Person) -> None:
        await person.press("H", "j", "u")
        assert "Take back change 3?" in person.screen()
        await person.press("enter")
        assert promises.get(session, 1)["state"] == "open"
        page = person.app.screen
        assert isinstance(page, History)
        assert page.query_one(PagedTable).key == 3
        await person.press("u")
        assert person.app.screen is page
        assert said(person)[-1] == "Change 3 was taken back already, by change 5."
        await person.press("g", "u")
        assert "Bring back change 3?" in person.screen()
        await person.press("enter")
        assert promises.get(session, 1)["state"] == "withdrawn"

    view(story, notifications=True)


def test_what_stands_in_the_way_is_said_in_the_dialog_and_nothing_is_done(
    view: View, session: Session
) -> None:
    async def story(person: Person) -> None:
        await person.press("H", "G", "u", "enter")
        assert "change 1 cannot be taken back" in flowing(person)
        assert len(accounts.listed(session)) == 1

    view(story)


def test_locked_it_shows_what_is_plain_and_locking_leaves_nothing(
    view: View, lock: Callable[[], None]
) -> None:
    async def story(person: Person) -> None:
        await person.press("H", "v", "ctrl+l")
        page = next(page for page in person.app.pages() if isinstance(page, History))
        assert page.query_one(PagedTable).row is None
        assert page.query_one(Sheet)._sections == ()

    async def locked(person: Person) -> None:
        await person.press("escape", "H")
        assert "promise added" in person.screen()
        assert "locked" in person.screen()

    view(story)
    lock()
    view(locked)


def test_at_80_columns_number_moment_what_and_state_fit(view: View, session: Session) -> None:
    promises.withdraw(session, 1)
    undo(session)

    async def story(person: Person) -> None:
        await person.press("H")
        line = next(line for line in person.screen().splitlines() if "by 4" in line)
        assert "promise withdrawn" in line
        await person.press("ctrl+p")
        assert "History" in person.screen()

    view(story, size=(80, 24))


TEXT = st.text(max_size=30) | st.sampled_from(["[/b]", "\x1b[31mred", "\u202ertl", "x" * 10_000])


@settings(max_examples=25, deadline=None)
@given(summary=TEXT | st.none(), undoes=st.none() | st.just(3), undone_by=st.none() | st.just(9))
def test_of_a_change_only_its_summary_is_secret(
    summary: str | None, undoes: int | None, undone_by: int | None
) -> None:
    change = {
        "id": 4,
        "at": "2027-03-10T12:00:00+07:00",
        "command": "promise keep",
        "summary": summary,
        "records": 1,
        "undoes": undoes,
        "undone_by": undone_by,
        "forgotten": False,
    }
    cells = [column.cell(change) for column in COLUMNS]
    assert [cell.text for cell in cells if cell.secret] == [summary or ""]


def test_every_command_that_changes_something_has_its_words() -> None:
    assert history.in_words("promise withdraw") == "promise withdrawn"
    assert history.in_words("step snooze") == "next step put off"
    assert history.in_words("import csv") == "CSV imported"
    assert history.in_words("something new") == "something new"


def test_what_was_forgotten_is_listed_so_and_not_taken_back(view: View, session: Session) -> None:
    people.add(session, SECRET, "a1", {})
    people.edit(session, "p1", {"note": SECRET})
    forgetting.person(session, "p1")

    async def story(person: Person) -> None:
        await person.press("H", "v")
        seen = flowing(person)
        assert "person forgotten" in seen
        assert "History forgotten: it cannot be taken back" in seen
        assert "person 1 removed" in seen
        await person.press("j")
        assert "person 1 changed" in flowing(person)
        assert seen.count("forgotten") >= 3
        await person.press("u")
        assert isinstance(person.app.screen, History)
        assert "change 4 cannot be taken back: its history was forgotten" in [
            one.title or one.message for one in person.app._notifications
        ]
        await person.press("escape", "u")
        assert isinstance(person.app.screen, Today)
        assert len(history.ids(session)) == 5

    view(story, size=(140, 30), notifications=True)
