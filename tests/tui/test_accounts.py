"""The page of all accounts: filter, order, cursor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from dossier.services import accounts, interactions, promises
from dossier.services.session import Session
from dossier.tui.deeds import Target
from dossier.tui.screens.accounts import Accounts
from dossier.tui.widgets.filter import Filter
from dossier.tui.widgets.paged_table import PagedTable
from tests.conftest import TODAY
from tests.tui.conftest import Person, View


def some_accounts(session: Session) -> None:
    """Đặng Gia is 5 days over its cadence, Nguyễn has a late promise, Zlatna was never met."""
    accounts.add(session, "Công ty Đặng Gia", {"tier": "key"})
    accounts.add(session, "Nguyễn & Sons 🦊", {"tier": "strategic"})
    accounts.add(session, "Златна нива [/b]", {"tier": "prospect", "status": "dormant"})
    interactions.log(session, "a1", "call", {}, on=(TODAY - timedelta(days=19)).isoformat())
    interactions.log(session, "a2", "call", {})
    promises.add(session, "a2", "the quote", due="2027-03-01", made="2027-02-01")


def names(person: Person) -> list[str]:
    """The first word of each row, from the top."""
    table = person.app.screen.query_one("#accounts", PagedTable)
    lines = person.screen().splitlines()[table.region.y + 1 : table.region.bottom]
    return [line.split()[0] for line in lines if line.strip()]


def test_the_table_says_how_each_account_stands(view: View, session: Session) -> None:
    some_accounts(session)

    async def story(person: Person) -> None:
        await person.press("2")
        screen = person.screen()
        assert "3 accounts" in screen
        late, quiet, never = (
            next(line for line in screen.splitlines() if name in line) for name in ("Đặng", "Sons", "[/b]")
        )
        assert late.endswith("5 over")
        assert "19 days ago" in late
        assert "today" in quiet
        assert quiet.split()[-4:] == ["21", "left", "1", "1"]
        assert "never" in never

    view(story, size=(80, 24))


def test_the_filter_folds_and_escape_ends_it_first(view: View, session: Session) -> None:
    some_accounts(session)

    async def story(person: Person) -> None:
        await person.press("2", "slash")
        await person.type("dang")
        assert names(person) == ["Công"]
        assert "1 of 3" in person.screen()
        await person.press("enter", "slash")
        await person.type("NGUYEN so")
        assert names(person) == ["Nguyễn"]
        await person.press("enter")
        assert isinstance(person.app.focused, PagedTable)
        await person.press("escape")
        assert len(names(person)) == 3
        page = person.app.screen
        assert isinstance(page, Accounts)
        assert not page.query_one(Filter).display
        assert page.target() == Target("account", 2, 2), "one stays on what was found"
        await person.press("escape")
        assert person.app.screen is page, "Esc never quits"

    view(story)


def test_any_column_orders_and_turns_round(view: View, session: Session) -> None:
    some_accounts(session)

    async def story(person: Person) -> None:
        await person.press("2")
        assert names(person) == ["Công", "Nguyễn", "Златна"]
        assert "Account ▲" in person.screen()
        await person.press("O")
        assert names(person) == ["Златна", "Nguyễn", "Công"]
        await person.press("o", "o", "o", "o")
        assert "Cadence ▼" in person.screen()
        assert names(person)[0] == "Công", "the longest overdue first"
        await person.press("j", "o")
        assert "Open ▼" in person.screen()
        assert names(person)[0] == "Nguyễn"
        table = person.app.screen.query_one("#accounts", PagedTable)
        assert table.key == 2, "another order begins on top"
        await person.pilot.click(table, offset=(2, 0))
        await person.rest()
        assert "Account ▲" in person.screen()
        await person.pilot.click(table, offset=(2, 0))
        await person.rest()
        assert "Account ▼" in person.screen()

    view(story)


def test_the_count_names_the_order_and_the_key_passes_over_what_is_not_shown(
    view: View, session: Session
) -> None:
    some_accounts(session)

    async def story(person: Person) -> None:
        await person.press("2")
        assert "3 accounts by name" in person.screen()
        seen = []
        for _ in range(5):
            await person.press("o")
            seen.append(person.app.screen.query_one("#accounts", PagedTable).sorted_by)
            assert "▲" in person.screen() or "▼" in person.screen(), "the column is shown"
        assert ("status", False) not in seen
        assert ("last_contact", False) not in seen
        assert seen[-1] == ("name", False)
        await person.press("o", "o")
        assert "3 accounts by days over cadence, most first" in person.screen()
        await person.press("O")
        assert "3 accounts by days over cadence, least first" in person.screen()
        await person.pilot.resize_terminal(140, 30)
        await person.press("O", "o", "o", "o", "o", "o")
        assert "by status, active first" in person.screen()

    view(story, size=(74, 24))


def test_the_filter_takes_tiers_and_states_too(view: View, session: Session) -> None:
    some_accounts(session)
    accounts.add(session, "Monkey Toys", {"tier": "standard"})

    async def story(person: Person) -> None:
        await person.press("2", "slash")
        await person.type("dormant")
        assert names(person) == ["Златна"]
        await person.press("escape", "slash")
        await person.type("KEY active")
        assert names(person) == ["Công", "Monkey"], "what goes by the word is found as before"
        assert "2 of 4 by name" in person.screen()

    view(story, size=(80, 24))


def test_it_works_locked(view: View, session: Session, lock: Callable[[], None]) -> None:
    some_accounts(session)
    lock()

    async def story(person: Person) -> None:
        await person.press("escape", "2", "o", "o", "o", "o")
        assert "locked" in person.screen()
        assert names(person)[0] == "Công"
        assert "5 over" in person.screen()

    view(story)


def test_an_empty_vault_says_so(view: View, session: Session) -> None:
    async def story(person: Person) -> None:
        await person.press("2")
        assert "No accounts yet. a adds one." in person.screen()
        page = person.app.screen
        assert isinstance(page, Accounts)
        assert page.whom() is None

    view(story)


def test_in_little_room_names_keep_theirs(view: View, session: Session) -> None:
    some_accounts(session)
    accounts.add(session, "Saltmarsh Bay Hospital", {})

    async def story(person: Person) -> None:
        await person.press("2")
        assert "Saltmarsh Bay Hospital" in person.screen()
        assert person.screen().splitlines()[0].endswith("10 Mar · open")

    view(story, size=(60, 24))
