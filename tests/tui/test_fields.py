"""The fields of dialogs: a line, a note, a date in words, a name with completion."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual import events
from textual.app import App, ComposeResult

from dossier.domain.text import safe_text
from dossier.services import accounts, people
from dossier.services.session import Session
from dossier.tui.dialog import Dialog
from dossier.tui.inert import harmless
from dossier.tui.widgets.day import Day
from dossier.tui.widgets.line import Line
from dossier.tui.widgets.note import Note
from dossier.tui.widgets.who import Chosen, Who
from tests.tui.conftest import Person, View

NASTY = "a[/b]\x1b[31mred\x1b[0m \u202eleft\u202c \u200bשלום 👩\u200d💻 \x9b2J"


class Fields(Dialog):
    """Every kind of field."""

    title_text = "Fields"

    def __init__(self, account_id: int | None = None) -> None:
        super().__init__()
        self.account_id = account_id

    def fields(self) -> ComposeResult:
        yield Who(id="whom")
        yield Who(id="with", several=True, nouns=("person",), account_id=self.account_id)
        yield Day("to come", id="day")
        yield Line(id="line")
        yield Note(id="note")

    async def save(self) -> str:
        return "Saved."


@pytest.fixture
def book(session: Session) -> Session:
    accounts.add(session, "Đặng Gia", {})
    accounts.add(session, "Zlatna Niva", {})
    people.add(session, "Nguyễn Văn Minh", "a1", {"position": "CTO"})
    people.add(session, "Nguyễn Thị Lan", "a1", {})
    people.add(session, "Минка Илиева", "a2", {})
    return session


async def opened(person: Person, account_id: int | None = None) -> Fields:
    dialog = Fields(account_id)
    await person.app.push_screen(dialog)
    await person.rest()
    return dialog


async def paste(person: Person, name: str, text: str) -> None:
    person.app.screen.query_one(f"#{name}").focus()
    await person.rest()
    person.app.post_message(events.Paste(text))
    await person.rest()


# --- Names --------------------------------------------------------------------------------------------------------


def test_a_part_of_a_name_without_its_accents_finds_whom_enter_takes(view: View, book: Session) -> None:
    async def story(person: Person) -> None:
        whom = (await opened(person)).query_one("#whom", Who)
        await paste(person, "whom", "nguyen")
        assert "Nguyễn Thị Lan  Đặng Gia" in person.screen()
        assert "Nguyễn Văn Minh  CTO · Đặng Gia" in person.screen()
        await person.press("down", "enter")
        assert whom.refs == ["p1"]
        assert whom.line.value == "Nguyễn Văn Minh"
        assert not whom.is_open
        assert whom.line.has_focus
        assert "at Đặng Gia" in person.screen()
        await person.press("backspace")  # another name than the one that was chosen
        assert whom.refs == ["Nguyễn Văn Min"]

    view(story)


def test_esc_closes_the_names_first_and_what_is_typed_counts_as_it_is(view: View, book: Session) -> None:
    async def story(person: Person) -> None:
        dialog = await opened(person)
        whom = dialog.query_one("#whom", Who)
        await paste(person, "whom", "lan")
        await person.press("escape")
        assert not whom.is_open
        assert person.app.screen is dialog
        assert whom.refs == ["lan"]
        await person.press("down")  # asks for them again
        assert whom.is_open
        await person.press("escape", "escape")
        assert person.app.screen is not dialog

    view(story)


def test_who_is_nobody_is_told_and_does_no_harm(view: View, book: Session) -> None:
    async def story(person: Person) -> None:
        whom = (await opened(person)).query_one("#whom", Who)
        await paste(person, "whom", "[/b] 100%_\x1b[31m")
        assert "nobody goes by that name" in person.screen()
        assert not whom.is_open
        await person.press("enter")
        assert person.app.focused is person.app.screen.query_one("#with", Who).line

    view(story)


def test_several_people_of_one_account_are_chosen_and_let_go(view: View, book: Session) -> None:
    async def story(person: Person) -> None:
        among = (await opened(person, account_id=1)).query_one("#with", Who)
        among.focus()
        await person.press("down")  # everybody of the account
        assert "Минка" not in person.screen()
        assert "Đặng Gia" not in person.screen()
        await person.press("tab", "m", "tab")
        assert among.refs == ["p2", "p1"]
        assert "Nguyễn Thị Lan, Nguyễn Văn Minh" in person.screen()
        await person.press("x", "backspace", "backspace")
        assert among.refs == ["p2"]

    view(story)


def test_a_click_chooses(view: View, book: Session) -> None:
    async def story(person: Person) -> None:
        whom = (await opened(person)).query_one("#whom", Who)
        await paste(person, "whom", "dang")
        await person.pilot.click("#whom Names", offset=(2, 0))
        await person.rest()
        assert whom.refs == ["a1"]

    view(story)


def test_names_are_completed_while_the_vault_is_locked(view: View, book: Session) -> None:
    async def story(person: Person) -> None:
        dialog = await opened(person)
        await person.app.desk.ask(Session.lock)
        await paste(person, "whom", "minh")
        await person.press("enter")
        assert dialog.query_one("#whom", Who).refs == ["p1"]

    view(story)


# --- Dates --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "echo"),
    [
        ("fri", "Fri 12 March 2027, in 2 days"),
        ("утре", "Thu 11 March 2027, tomorrow"),
        ("yesterday", "2027-03-09 is in the past"),
        ("[/b]", '"[/b]" is no date'),
        ("  ", ""),
    ],
)
def test_a_date_says_what_is_understood(view: View, session: Session, words: str, echo: str) -> None:
    async def story(person: Person) -> None:
        dialog = await opened(person)
        await paste(person, "day", words)
        assert str(dialog.query_one(".day--echo").render()) == echo

    view(story)


# --- Text ---------------------------------------------------------------------------------------------------------


def test_what_steers_a_terminal_is_kept_exactly_and_shown_harmless(view: View, session: Session) -> None:
    async def story(person: Person) -> None:
        dialog = await opened(person)
        await paste(person, "line", NASTY)
        await paste(person, "note", f"{NASTY}\n{NASTY}")
        assert dialog.query_one("#line", Line).value == NASTY
        assert dialog.query_one("#note", Note).text == f"{NASTY}\n{NASTY}"
        shown = person.screen()
        assert shown.count("a[/b]") == 3
        assert safe_text(shown) == shown

    view(story)


def test_lines_pasted_into_one_line_are_joined_and_none_is_dropped(view: View, session: Session) -> None:
    async def story(person: Person) -> None:
        dialog = await opened(person)
        await paste(person, "line", "first\r\nsecond\nthird\n")
        assert dialog.query_one("#line", Line).value == "first second third"

    view(story)


def test_a_note_gives_tab_away_and_takes_typing_back_by_a_key_of_its_own(
    view: View, session: Session
) -> None:
    async def story(person: Person) -> None:
        dialog = await opened(person)
        note = dialog.query_one("#note", Note)
        await paste(person, "note", "typed")
        await person.press("alt+z")
        assert note.text == ""
        await person.press("alt+y", "tab")
        assert note.text == "typed"
        assert not note.has_focus

    view(story)


def test_ten_thousand_characters_on_one_line_do_not_slow_a_note_down(view: View, session: Session) -> None:
    text = "chữ 漢字 " * 1250

    async def story(person: Person) -> None:
        dialog = await opened(person)
        await paste(person, "note", text)
        assert dialog.query_one("#note", Note).text == text

    view(story)


ANY_TEXT = st.text(max_size=200) | st.sampled_from([NASTY, "[/b]", "[bold", "\ud800", "\x1b]0;x\x07"])


@given(ANY_TEXT)
@settings(max_examples=50)
def test_harmless_text_has_as_many_characters_and_steers_nothing(text: str) -> None:
    shown = harmless(text)
    assert len(shown) == len(text)
    assert safe_text(shown) == shown


class Showing(App[None]):
    """All fields, without a vault."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def compose(self) -> ComposeResult:
        yield Line(self.text)
        yield Note(self.text)
        yield Who(several=True)

    def on_mount(self) -> None:
        self.query_one(Who).choose(Chosen("p1", self.text, self.text, 1))


@given(ANY_TEXT)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_text_is_shown_inert(text: str) -> None:
    async def show() -> None:
        app = Showing(text)
        async with app.run_test(size=(60, 12)) as pilot:
            await pilot.pause()
            strips = app.screen._compositor.render_strips()
            shown = "\n".join("".join(segment.text for segment in strip) for strip in strips)
            assert safe_text(shown) == shown
            assert app.query_one(Line).value == text

    asyncio.run(show())
