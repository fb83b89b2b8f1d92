"""Search as one types: names at once, then every text, which holds nothing up and is masked until revealed."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dossier.domain.vocabulary import By
from dossier.services import accounts, facts, interactions, occasions, people, promises, relatives, search
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.tui.screens.record import RecordInFull
from dossier.tui.screens.search import COLUMNS, NAMES, Found, Query, Search
from dossier.tui.widgets.paged_table import PagedTable
from tests.conftest import PASSPHRASE
from tests.tui.conftest import Person, View


@pytest.fixture(autouse=True)
def _book(session: Session) -> None:
    accounts.add(session, "Công ty Đặng Gia", {})
    accounts.add(session, "北京光学", {})
    people.add(session, "Trần Thị Lan", "a1", {"position": "buyer"})
    facts.add(session, "p1", "collects old cameras [/b]", {})
    interactions.log(session, "a2", "They asked about the Warranty", {}, on="2027-03-01")
    promises.add(session, "a2", "extend the warranty", due="2027-04-01", by=By.THEM)
    promises.renegotiate(session, 1, to="2027-05-01", because="the warranty office moved")
    relatives.add(session, "p1", "Minh the sailor", "son", {})
    occasions.add(session, "p1", "other", "--05-01", {"title": "regatta"})


def flowing(person: Person) -> str:
    """What the screen shows, wherever its lines break."""
    return " ".join(person.screen().split())


def test_names_are_found_as_one_types_whatever_their_accents(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("4")
        await person.type("dang gi")
        assert "1 name · nothing in the texts" in flowing(person)
        assert "Names account Công ty Đặng Gia" in flowing(person)

    view(story)


def test_a_note_is_found_masked_and_shown_when_revealed_from_the_field(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("4")
        await person.type("cameras")
        assert "no names · 1 in the texts" in flowing(person)
        assert "In the texts fact Công ty Đặng Gia Trần Thị Lan" in flowing(person)
        assert "collects" not in person.screen()
        assert "2027-03-10" not in person.screen()  # when it was confirmed
        await person.press("ctrl+r")
        assert "collects old cameras [/b]" in flowing(person)
        assert isinstance(person.app.focused, Query)
        await person.press("down", "v")
        assert "collects" not in person.screen()
        await person.press("v", "1", "4")
        assert "collects" not in person.screen()
        assert person.app.screen.query_one(Query).value == "cameras"

    view(story)


def test_a_promise_and_why_it_was_moved_are_found_each(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("4")
        await person.type("WARRANTY")
        assert "no names · 3 in the texts" in flowing(person)
        await person.press("ctrl+r")
        for text in ("extend the warranty", "the warranty office moved", "They asked about the Warranty"):
            assert text in flowing(person)

    view(story, size=(140, 30))


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ("dang", ("account", 1)),
        ("lan", ("person", 1)),
    ],
)
def test_enter_opens_whom_one_found(
    view: View, monkeypatch: pytest.MonkeyPatch, words: str, where: tuple[object, ...]
) -> None:
    opened: list[tuple[object, ...]] = []

    async def story(person: Person) -> None:
        monkeypatch.setattr(person.app, "open_account", lambda *asked: opened.append(("account", *asked)))
        monkeypatch.setattr(person.app, "open_person", lambda *asked: opened.append(("person", *asked)))
        await person.press("4")
        await person.type(words)
        await person.press("enter")
        assert isinstance(person.app.focused, PagedTable)
        await person.press("enter")

    view(story)
    assert opened == [where]


@pytest.mark.parametrize(
    ("words", "title", "text"),
    [
        ("cameras", "Fact 1", "collects old cameras [/b]"),
        ("asked", "Interaction 1", "They asked about the Warranty"),
        ("office", "Promise 1", "the warranty office moved"),
        ("sailor", "Relative 1", "Minh the sailor, son"),
        ("regatta", "Occasion 1", "regatta"),
    ],
)
def test_enter_on_a_text_opens_the_record_that_holds_it_and_esc_comes_back(
    view: View, words: str, title: str, text: str
) -> None:
    async def story(person: Person) -> None:
        await person.press("4")
        await person.type(words)
        await person.press("enter", "v", "enter")
        assert isinstance(person.app.screen, RecordInFull)
        assert title in flowing(person)
        assert text in flowing(person)
        await person.press("escape")
        assert isinstance(person.app.screen, Search)
        assert isinstance(person.app.focused, PagedTable)
        assert person.app.screen.query_one(Query).value == words

    view(story)


def test_only_what_fits_what_was_found_is_offered(view: View, session: Session) -> None:
    promises.add(session, "a2", "glass of ours", due="2027-04-01")
    promises.add(session, "a2", "glass kept", due="2027-04-01", made="2027-02-01")
    promises.keep(session, 3)

    def fits(page: Search) -> tuple[object, ...]:
        return tuple(page.check_action(action, ()) for action in ("done", "told", "edit"))

    async def story(person: Person) -> None:
        await person.press("4")
        await person.type("extend")
        page = person.app.screen
        assert isinstance(page, Search)
        assert fits(page) == (True, False, True)  # theirs
        await person.press("escape", "escape")
        await person.press("4")
        await person.type("glass of")
        assert fits(page) == (True, True, True)
        await person.type("x")
        await person.press("escape")
        await person.type("glass kept")
        assert fits(page) == (False, False, True)

    view(story)


def test_no_text_stays_in_the_table_when_the_vault_is_locked(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("4")
        await person.type("warranty")
        await person.press("enter", "j", "j", "v")
        page = person.app.screen
        await person.press("ctrl+l")
        table = page.query_one(PagedTable)
        held = repr([vars(table), vars(page)]).lower()
        assert "extend the" not in held
        assert "office moved" not in held
        assert "they asked" not in held

    view(story)


def test_where_the_vault_changes_all_the_time_a_search_is_shown_all_the_same(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    doors = [threading.Event(), threading.Event()]
    real = search.search

    def slow(session: Session, text: str, limit: int | None = None) -> list[Shape]:
        found = real(session, text, limit)
        asked.append(text)
        assert doors[len(asked) - 1].wait(5)
        return found

    monkeypatch.setattr(search, "search", slow)

    async def story(person: Person) -> None:
        await person.press("4")
        for sign in "cameras":
            await person.pilot.press(sign)
        while not asked:
            await person.pilot.pause(0.01)
        for _ in range(5):
            person.app.reload()
            await person.pilot.pause(0.05)
        doors[0].set()
        while len(asked) < 2:
            await person.pilot.pause(0.01)
        assert "1 in the texts" in person.screen()  # although the next search is under way
        doors[1].set()
        await person.rest()
        assert asked == ["cameras", "cameras"]  # once more for all that changed meanwhile

    view(story)


def test_escape_leads_from_what_was_found_to_the_words_then_clears_them_then_to_the_agenda(
    view: View,
) -> None:
    async def story(person: Person) -> None:
        await person.press("4")
        await person.type("lan")
        await person.press("down", "escape")
        query = person.app.screen.query_one(Query)
        assert person.app.focused is query
        await person.press("escape")
        assert query.value == ""
        assert "Lan" not in person.screen()
        await person.press("escape")
        assert person.app.current_mode == "today"

    view(story)


def test_locked_only_names_are_searched_and_it_says_how_to_unlock(
    view: View, lock: Callable[[], None]
) -> None:
    lock()

    async def story(person: Person) -> None:
        person.app.ask_to_unlock = lambda: None  # type: ignore[method-assign]
        await person.press("escape", "4")
        assert "the vault is locked: only names are searched; Ctrl+R unlocks it" in person.screen()
        await person.type("lan")
        assert "1 name · the vault is locked" in person.screen()
        assert "buyer" in person.screen()
        await person.type(" cameras")
        assert "no names" in person.screen()
        await person.app.desk.ask(Session.unlock_with, PASSPHRASE)
        await person.app.unlocked()
        await person.rest()
        assert "1 in the texts" in person.screen()

    view(story)


def test_what_is_found_after_locking_is_dropped(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    reached, door = threading.Event(), threading.Event()
    real = search.search

    def slow(session: Session, text: str, limit: int | None = None) -> list[Shape]:
        found = real(session, text, limit)
        reached.set()
        assert door.wait(5)
        return found

    monkeypatch.setattr(search, "search", slow)

    async def story(person: Person) -> None:
        await person.press("4")
        for sign in "cameras":
            await person.pilot.press(sign)
        while not reached.is_set():
            await person.pilot.pause(0.01)
        assert "searching the texts" in person.screen()
        page = person.app.screen
        assert isinstance(page, Search)
        await person.pilot.press("ctrl+l")
        await person.pilot.pause()
        door.set()
        await person.rest()
        assert page.query_one(PagedTable).line_count == 0

    view(story)


def test_while_texts_are_searched_keys_and_pages_go_on_and_only_the_newest_words_are_looked_for(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    reached, door = threading.Event(), threading.Event()
    real = search.search

    def slow(session: Session, text: str, limit: int | None = None) -> list[Shape]:
        asked.append(text)
        reached.set()
        assert door.wait(5)
        return real(session, text, limit)

    monkeypatch.setattr(search, "search", slow)

    async def story(person: Person) -> None:
        await person.press("4")
        for sign in "cam":
            await person.pilot.press(sign)
        while not reached.is_set():
            await person.pilot.pause(0.01)
        for sign in "eras":
            await person.pilot.press(sign)
            await person.pilot.pause(0.2)  # longer than the pause: each asks, and waits for its turn
        assert person.app.screen.query_one(Query).value == "cameras"
        door.set()
        await person.rest()
        assert asked == ["cam", "cameras"]
        assert "1 in the texts" in person.screen()

    view(story)


def test_at_most_so_many_names_show_and_one_letter_is_too_little_for_the_texts(
    view: View, session: Session
) -> None:
    for number in range(NAMES + 5):
        accounts.add(session, f"X{number}", {})

    async def story(person: Person) -> None:
        await person.press("4")
        await person.type("x")
        assert f"the first {NAMES} names · one more letter to search the texts" in person.screen()

    view(story)


def test_at_80_columns_the_text_has_room_and_the_footer_says_how_to_reveal(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("4")
        await person.type("cameras")
        assert "^r Reveal" in person.screen()
        await person.press("ctrl+r")
        assert "collects old cameras" in person.screen()
        assert all(len(line) <= 80 for line in person.screen().splitlines())

    view(story, size=(80, 24))


TEXT = st.text(max_size=30) | st.sampled_from(["[/b]", "\x1b[31mred", "\u202ertl", "x" * 10_000])


@settings(max_examples=25, deadline=None)
@given(text=TEXT, noun=st.sampled_from(["fact", "promise", "interaction", "relative", "person"]))
def test_of_what_stands_in_a_text_only_who_and_when_is_shown_unmasked(text: str, noun: str) -> None:
    row = Found(noun, 1, "Đặng Gia", 1, "Lan", 2, "2027-03-10", text)
    shown = {cell.text for cell in (column.cell(row) for column in COLUMNS) if not cell.secret}
    assert shown - {"2027-03-10"} == {noun, "Đặng Gia", "Lan"}
    assert ("2027-03-10" in shown) == (noun != "fact")
