"""The promises board: groups, a filter by name, one key that acts, and all about the promise under the cursor."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dossier.domain.vocabulary import By
from dossier.services import accounts, people, promises
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.tui.screens import board
from dossier.tui.widgets.filter import Filter
from dossier.tui.widgets.paged_table import PagedTable
from dossier.tui.widgets.sheet import Sheet
from tests.tui.conftest import Person, View

MADE = "2027-01-01"


@pytest.fixture
def book(session: Session) -> None:
    accounts.add(session, "Công ty Đặng Gia", {})
    accounts.add(session, "北京光学", {})
    people.add(session, "Trần Thị Lan", "a1", {})
    promises.add(session, "p1", "send [/b] the quote", due="2027-03-01", made=MADE)
    promises.add(session, "a2", "visit the plant", due="2027-02-01", made=MADE)
    promises.told(session, 2, channel=None)
    promises.add(session, "a2", "price list", due="2027-03-12")
    promises.add(session, "a1", "sign", due="2027-03-20", by=By.THEM)


pytestmark = pytest.mark.usefixtures("book")


def flowing(person: Person) -> str:
    """What the screen shows, wherever its lines break."""
    return " ".join(person.screen().split())


def test_promises_stand_in_groups_the_worst_first(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("3")
        seen = flowing(person)
        places = [
            seen.index(text)
            for text in (
                "Late or moved, and nobody there was told · 1 promise",
                "2027-03-01 +9d Công ty Đặng Gia",
                "Late, and they know · 1 promise",
                "2027-02-01 +37d 北京光学",
                "This week · 1 promise",
                "2027-03-12 in 2d 北京光学",
                "Theirs · 1 promise",
                "2027-03-20 in 10d Công ty",
            )
        ]
        assert places == sorted(places)
        assert "Later" not in seen
        assert "not told" in seen
        assert "theirs" in seen

    view(story)


def test_titles_and_reasons_are_masked_until_revealed_and_again_on_leaving(
    view: View, session: Session
) -> None:
    promises.renegotiate(
        session, 1, to="2027-04-01", because="the press broke", apology="We are sorry", told="p1"
    )

    async def story(person: Person) -> None:
        await person.press("3", "G")
        await person.press("k")
        assert "Moved 2027-03-10 from 2027-03-01 to 2027-04-01, told Trần Thị Lan" in flowing(person)
        assert "told Trần Thị Lan" in flowing(person)
        for secret in ("quote", "the press broke", "We are sorry"):
            assert secret not in flowing(person)
        await person.press("v")
        for secret in ("send [/b] the quote", "the press broke · We are sorry"):
            assert secret in flowing(person)
        await person.press("1", "3")
        assert "quote" not in person.screen()

    view(story, size=(120, 30))


def test_the_filter_folds_case_and_accents_and_says_when_nobody_goes_by_it(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("3", "slash")
        await person.type("dang lan")
        assert "+9d" in person.screen()
        assert "北京光学" not in person.screen()
        await person.type("x")
        assert board.NOTHING_FOUND in person.screen()
        await person.press("escape")
        assert "北京光学" in person.screen()
        assert isinstance(person.app.focused, PagedTable)

    view(story)


def test_the_filter_takes_titles_says_how_many_and_esc_ends_it(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("3")
        assert "4 promises" in person.screen()
        await person.press("slash")
        await person.type("PRICE")
        assert "1 of 4 promises shown" in person.screen()
        assert "2027-03-12" in person.screen()
        await person.press("enter")
        assert isinstance(person.app.focused, PagedTable)
        await person.press("escape")
        field = person.app.screen.query_one(Filter)
        assert (field.value, field.display) == ("", False)
        assert "4 promises" in person.screen()
        assert person.app.screen.query_one(PagedTable).key == 3
        await person.press("escape")
        assert isinstance(person.app.screen, board.Board)

    view(story)


def test_one_key_acts_on_the_promise_under_the_cursor_and_undo_brings_it_back(
    view: View, session: Session
) -> None:
    async def story(person: Person) -> None:
        await person.press("3", "j", "d")
        assert "they know" not in person.screen()
        assert promises.get(session, 2)["state"] == "kept"
        await person.press("u")
        assert "Late, and they know" in person.screen()

    view(story)


def test_what_fits_depends_on_whose_promise_it_is(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("3")
        assert person.app.screen.check_action("told", ())
        await person.press("G")
        assert not person.app.screen.check_action("told", ())
        assert person.app.screen.check_action("done", ())

    view(story)


def test_enter_opens_the_dossier_at_its_promises(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[object, ...]] = []

    async def story(person: Person) -> None:
        monkeypatch.setattr(person.app, "open_account", lambda *where: opened.append(where))
        await person.press("3", "j", "enter")

    view(story)
    assert opened == [(2, "promises")]


def test_locked_it_shows_who_and_when(view: View, lock: Callable[[], None]) -> None:
    lock()

    async def story(person: Person) -> None:
        await person.press("escape", "3")
        seen = person.screen()
        assert "Công ty Đặng Gia" in seen
        assert "not told" in seen
        assert "locked" in seen
        assert "quote" not in seen

    view(story)


def test_locking_leaves_nothing_of_it_behind(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("3", "v", "ctrl+l")
        page = next(page for page in person.app.pages() if isinstance(page, board.Board))
        assert page.query_one(PagedTable).row is None
        assert page.query_one(Sheet)._sections == ()

    view(story)


def test_at_80_columns_title_and_notice_stay(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("3", "v")
        line = next(line for line in person.screen().splitlines() if "+9d" in line)
        assert "send [/b] the quote" in line
        assert "2027-03-01" not in line
        assert "Due 2027-03-01" in flowing(person)
        assert line.rstrip().endswith("not told")
        assert not person.app.screen.query_one(Filter).display

    view(story, size=(80, 24))


def test_an_empty_board_says_so(view: View, session: Session) -> None:
    for number in (1, 2, 3, 4):
        promises.withdraw(session, number)

    async def story(person: Person) -> None:
        await person.press("3")
        assert board.NOTHING_OPEN in person.screen()

    view(story)


TEXT = st.text(max_size=40) | st.sampled_from(["[/b]", "\x1b[31mred", "\u202ertl", "x" * 10_000])


@settings(max_examples=25, deadline=None)
@given(title=TEXT | st.none(), days=st.integers(-999, 9999), by=st.sampled_from(By), told=st.booleans())
def test_of_any_promise_only_the_title_is_secret(title: str | None, days: int, by: By, told: bool) -> None:
    shape: Shape = {
        "due_on": "2027-03-01",
        "account": "Đặng Gia",
        "person": None,
        "title": title,
        "days_late": days,
        "by": by,
        "notified": None if by == By.THEM else told,
        "moves": [],
    }
    cells = [column.cell(shape) for column in board.COLUMNS]
    assert [cell.text for cell in cells if cell.secret] == ([title] if title else [])
    assert ("not told" in [cell.text for cell in cells]) == (by == By.US and days > 0 and not told)
