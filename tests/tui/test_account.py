"""The dossier of an account: every tab, what its cursor is on, and what stays hidden."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from textual import events
from textual.keys import key_to_character

from dossier.services import accounts, facts, interactions, occasions, people, promises, steps
from dossier.services.session import Session
from dossier.tui.deeds import Target
from dossier.tui.desk import Desk
from dossier.tui.inert import MASK
from dossier.tui.screens.account import PANES, AccountPage
from dossier.tui.screens.account_people import branches
from dossier.tui.screens.pane import Pane
from dossier.tui.widgets.paged_table import PagedTable
from dossier.tui.widgets.sheet import Sheet
from dossier.tui.widgets.tab_line import TabLine
from tests.conftest import TODAY
from tests.tui.conftest import Person, View
from tests.tui.test_snapshots import as_text

NOTE = "she [/b] asked \x1b[31mfor three dates"
SECRETS = ("asked", "the quote", "plays tennis", "pharma", "founding", "chị Lan", "works is late", "cousin")


def an_account(session: Session) -> None:
    """An account with one of everything."""
    accounts.add(
        session,
        "Công ty Đặng Gia",
        {"tier": "key", "tags": ["north"], "industry": "pharma", "mails": ["a@dg.example"]},
    )
    people.add(session, "Trần Thị Lan", "a1", {"position": "Director", "language": "vi", "gender": "f"})
    people.add(session, "Đặng Minh", "a1", {"role": "champion"}, reports_to="p1")
    interactions.log(
        session, "p2", "rang", {"channel": "call", "note": NOTE}, on=(TODAY - timedelta(days=19)).isoformat()
    )
    promises.add(session, "p1", "the quote", due="2027-02-20", made="2027-02-01")
    promises.renegotiate(session, 1, to="2027-03-20", because="because the works is late")
    promises.add(session, "a1", "an old thing", due="2027-01-10", made="2027-01-01")
    promises.keep(session, 2, on="2027-01-12")
    steps.add(session, "a1", "ring the cousin", on="2027-03-20")
    facts.add(session, "p1", "plays tennis", {"kind": "interest", "source": "her cousin"}, on="2025-12-01")
    facts.add(session, "a1", "a cousin of theirs sells to us", {"kind": "business"}, on="2027-03-01")
    occasions.add(session, "a1", "founding", "2010-04-05", {"title": "founding day"})


async def opened(person: Person, tab: str = "overview") -> AccountPage:
    """The account's page at a tab."""
    person.app.open_account(1, tab)
    await person.rest()
    page = person.app.screen
    assert isinstance(page, AccountPage)
    return page


def the_table(page: AccountPage) -> PagedTable:
    """The table of the tab that is seen."""
    assert page.pane is not None
    return page.pane.query_one(PagedTable)


def test_the_overview_tells_how_it_stands(view: View, session: Session) -> None:
    an_account(session)

    async def story(person: Person) -> None:
        page = await opened(person)
        screen = person.screen()
        for said in (
            "Công ty Đặng Gia   key, active   north",
            "19 days ago",
            "5 days over",
            "Our promise     in 10 days, 2027-03-20",
        ):
            assert said in screen
        assert "14 days" not in screen
        assert "% known" not in screen
        assert "ask again" not in screen
        assert "1 promise" in screen, "nobody told them of the new date"
        assert "█" in screen
        assert "▒" in screen
        assert "pharma" not in screen
        await person.press("v")
        for secret in ("pharma", "14 days", "% known", "1, ask again"):
            assert secret in person.screen()
        assert page.target() == Target("account", 1, 1)

    view(story, size=(80, 24))


def test_people_stand_below_whom_they_report_to_once_that_is_revealed(view: View, session: Session) -> None:
    an_account(session)
    people.add(session, "An Minh", "a1", {}, reports_to="p1")

    async def story(person: Person) -> None:
        page = await opened(person, "people")
        screen = person.screen()
        assert "By name. v shows who reports to whom." in screen
        assert not {"└", "├"} & set(screen), "who reports to whom is a secret"
        assert "chị Lan" not in screen
        table = the_table(page)
        assert table.go_to(2)
        lines = table.line_count
        await person.press("v")
        screen = person.screen()
        assert screen.index("Trần Thị Lan") < screen.index("├ Đặng Minh") < screen.index("└ An Minh")
        assert "By whom they report to" in screen
        assert table.line_count == lines
        assert "chị Lan" in screen
        assert page.target() == Target("person", 2, 1, 2), "the cursor stays on its person"
        assert page.whom() == "p2"
        assert "reports to Trần Thị Lan" in screen

    view(story)


def test_the_lines_of_a_tree_join_what_belongs_together() -> None:
    assert branches([0, 1, 2, 2, 1, 2, 0, 1, 2, 3]) == [
        "", "├ ", "│ ├ ", "│ └ ", "└ ", "  └ ", "", "└ ", "  └ ", "    └ ",
    ]  # fmt: skip
    assert branches([]) == []


@pytest.mark.parametrize("tab", PANES)
def test_other_colours_are_those_of_a_page_that_opens_in_them(view: View, session: Session, tab: str) -> None:
    an_account(session)
    looks = []

    async def changed(person: Person) -> None:
        await opened(person, tab)
        await person.press("v", "f2")
        looks.append(as_text(person.app.screen._compositor.render_strips()))

    async def afresh(person: Person) -> None:
        await opened(person, tab)
        await person.press("v")
        looks.append(as_text(person.app.screen._compositor.render_strips()))

    view(changed, config={"theme": "dark"})
    view(afresh, config={"theme": "light"})
    assert looks[0] == looks[1]


def test_the_end_of_a_row_of_the_timeline_is_whole_on_a_small_screen(view: View, session: Session) -> None:
    an_account(session)
    for number in range(30):
        steps.add(session, "a1", f"the step {number} with a title that takes its room", on="2027-03-21")

    async def story(person: Person) -> None:
        await opened(person, "timeline")
        await person.press("v")
        rows = [line for line in person.screen().splitlines() if "next step" in line]
        assert rows
        assert all("due 2027-03-21" in row for row in rows)

    view(story, size=(80, 24))


def test_the_timeline_has_everything_and_tells_each_in_full(view: View, session: Session) -> None:
    an_account(session)

    async def story(person: Person) -> None:
        page = await opened(person, "timeline")
        screen = person.screen()
        for event in ("new person", "next step", "moved", "learned", "promised", "contact", "kept"):
            assert event in screen
        await person.press("v")
        table = the_table(page)
        told = set()
        for _ in range(table.line_count):
            told.add((table.row["noun"], person.screen().splitlines()[-7].strip().split()[0]))
            await person.press("j")
        assert {("step", "Step"), ("fact", "Fact"), ("promise", "Promise"), ("person", "Đặng")} <= told
        while table.row["event"] != "contact":
            await person.press("k")
        assert "she [/b] asked for three dates" in person.screen()
        assert page.target() == Target("interaction", 1, 1, settled=True)
        while table.row["event"] != "moved":
            await person.press("k")
        assert "because the works is late" in person.screen()
        assert page.target() == Target("promise", 1, 1, 1, by="us")
        assert page.check_action("move", ()) is True

    view(story)


def test_promises_stand_open_ones_first_with_their_moves(view: View, session: Session) -> None:
    an_account(session)

    async def story(person: Person) -> None:
        page = await opened(person, "promises")
        screen = person.screen()
        assert screen.index("due in 10 days, they were not told") < screen.index(
            "kept 2027-01-12, 2 days late"
        )
        assert "from 2027-02-20 to 2027-03-20" in screen
        assert page.target() == Target("promise", 1, 1, 1, by="us")
        await person.press("v")
        assert "because the works is late" in person.screen()
        await person.press("j")
        assert page.target() == Target("promise", 2, 1, by="us", settled=True)
        assert page.check_action("done", ()) is False
        await person.press("k", "d")
        assert promises.get(session, 1)["state"] == "kept"
        assert "kept 2027-03-10" in person.screen()

    view(story)


def test_facts_tell_their_source_and_age(view: View, session: Session) -> None:
    an_account(session)

    async def story(person: Person) -> None:
        page = await opened(person, "facts")
        await person.press("v")
        screen = person.screen()
        assert "1 year ago, ask again" in screen
        assert "her cousin" in screen
        assert "on 2027-04-05" in screen
        found = set()
        for _ in range(3):
            found.add(page.target())
            await person.press("j")
        assert found == {Target("fact", 1, 1, 1), Target("fact", 2, 1), Target("occasion", 1, 1)}

    view(story)


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
def test_secrets_are_masked_on_every_tab_until_revealed_and_again_on_leaving(
    view: View, session: Session, size: tuple[int, int]
) -> None:
    an_account(session)

    async def story(person: Person) -> None:
        page = await opened(person)
        for tab in PANES:
            assert page.query_one(TabLine).current == tab
            assert not [secret for secret in SECRETS if secret in person.screen()], tab
            await person.press("v")
            assert [secret for secret in SECRETS if secret in person.screen()], tab
            await person.press("v", "right")
        await person.press("v", "2")
        assert not page.revealed

    view(story, size=size)


def test_every_tab_works_locked(view: View, session: Session, lock: Callable[[], None]) -> None:
    an_account(session)
    lock()

    async def story(person: Person) -> None:
        await person.press("escape")
        await opened(person)
        for tab in PANES:
            screen = person.screen()
            assert "Công ty Đặng Gia" in screen
            assert "locked" in "\n".join(screen.splitlines()[2:]), tab
            assert MASK not in screen, "what is told is no secret"
            assert not [secret for secret in SECRETS if secret in screen], tab
            await person.press("right")

    view(story)


def test_keys_and_the_mouse_go_from_tab_to_tab(view: View, session: Session) -> None:
    an_account(session)

    async def story(person: Person) -> None:
        page = await opened(person)
        line = page.query_one(TabLine)
        await person.press("right_square_bracket", "right")
        assert line.current == "timeline"
        assert isinstance(person.app.focused, PagedTable)
        await person.press("left", "left_square_bracket", "left_square_bracket")
        assert line.current == "facts", "round the ends"
        await person.pilot.click(line, offset=(14, 0))
        await person.rest()
        assert line.current == "people"
        await person.press("left")
        assert isinstance(person.app.focused, Sheet)

    view(story)


@pytest.mark.parametrize("slow", [0.0, 0.05])
def test_keys_that_come_before_the_page_is_there_count(
    view: View, session: Session, monkeypatch: pytest.MonkeyPatch, slow: float
) -> None:
    an_account(session)
    ask = Desk.ask

    async def ask_slowly(self: Desk, *args: Any, **kwargs: Any) -> Any:
        await asyncio.sleep(slow)
        return await ask(self, *args, **kwargs)

    def press_at_once(person: Person, *keys: str) -> None:
        for key in keys:
            event = events.Key(key, key_to_character(key))
            event.set_sender(person.app)
            person.app.post_message(event)

    async def story(person: Person) -> None:
        monkeypatch.setattr(Desk, "ask", ask_slowly)
        await person.press("2")
        press_at_once(person, "enter")
        while not isinstance(person.app.screen, AccountPage):
            await asyncio.sleep(0)
        page = person.app.screen
        assert not page.query(TabLine)
        for key in ("right_square_bracket", "right_square_bracket", "d", "y", "v", "v"):
            press_at_once(person, key)
            await asyncio.sleep(0)
        await person.rest()
        assert person.app.screen is page
        assert page.query_one(TabLine).current == "timeline"
        assert the_table(page).row is not None
        press_at_once(person, "left", "left", "left", "ctrl+l")
        await person.rest()
        assert person.app.blank.is_on

    assert view(story).failure is None


def test_a_lock_before_the_page_is_there_leaves_it_empty(view: View, session: Session) -> None:
    an_account(session)

    async def story(person: Person) -> None:
        page = AccountPage(1)
        page.forget()
        assert page.target() is None
        assert page.whom() == "a1"
        await page.action_next_tab()
        person.app.push_screen(page)
        await person.rest()
        assert page.query_one(TabLine).current == "people"
        assert isinstance(person.app.focused, PagedTable)

    view(story)


@pytest.mark.parametrize("tab", PANES)
def test_a_page_that_opens_fetches_once(
    view: View, session: Session, monkeypatch: pytest.MonkeyPatch, tab: str
) -> None:
    an_account(session)
    fetched = []
    load = PANES[tab].load

    async def counted(self: Pane) -> None:
        fetched.append(tab)
        await load(self)

    monkeypatch.setattr(PANES[tab], "load", counted)

    async def story(person: Person) -> None:
        page = await opened(person, tab)
        assert fetched == [tab]
        other = "facts" if tab != "facts" else "people"
        await page.show_tab(other)
        await person.rest()
        assert fetched == [tab]

    view(story)


def test_a_tab_shows_what_changed_meanwhile(view: View, session: Session) -> None:
    an_account(session)

    async def story(person: Person) -> None:
        await opened(person, "people")
        people.add(session, "Mai Linh", "a1", {})
        person.app.reload()
        await person.rest()
        assert "Mai Linh" in person.screen()

    view(story)


def test_an_account_that_is_removed_is_left(view: View, session: Session) -> None:
    an_account(session)

    async def story(person: Person) -> None:
        page = await opened(person, "facts")
        accounts.rm(session, "a1", cascade=True)
        person.app.reload()
        await person.rest()
        assert person.app.screen is not page
        assert "no longer there" in str([note.message for note in person.app._notifications])

    view(story)


def test_locking_leaves_nothing_behind(view: View, session: Session) -> None:
    an_account(session)

    async def story(person: Person) -> None:
        page = await opened(person, "promises")
        await person.press("v", "ctrl+l")
        assert the_table(page).row is None
        assert page.target() is None
        assert page.whom() == "a1"

    view(story)
