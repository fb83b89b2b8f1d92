"""What holds on every page: leaving, failing, keys in fields, sizes, colours, and nothing written to files."""

from __future__ import annotations

import pytest
from textual.widgets import Input
from textual.worker import WorkerFailed

from dossier.domain.faults import BadValue
from dossier.services import accounts, promises
from dossier.services.session import Session
from dossier.tui.app import DossierApp
from dossier.tui.dialogs.leave import Leave
from dossier.tui.inert import MASK
from dossier.tui.themes import THEMES
from tests.tui.conftest import Person, View
from tests.tui.test_watch import AddAccount, type_into_dialog

SECRET = "the price we can go down to"


@pytest.fixture(autouse=True)
def _book(session: Session) -> None:
    accounts.add(session, "Công ty 光学 👩‍👩‍👧", {})
    promises.add(session, "a1", SECRET, due="2027-03-01", made="2027-02-01")


def test_without_anything_typed_it_quits_at_once(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("escape", "escape")
        assert person.app.is_running
        await person.press("ctrl+q")
        assert person.app._exit

    view(story)


@pytest.mark.parametrize("confirming", ["enter", "ctrl+q"])
def test_with_something_typed_it_asks_first(view: View, confirming: str) -> None:
    async def story(person: Person) -> None:
        await type_into_dialog(person, "Saigon")
        await person.press("ctrl+q")
        assert isinstance(person.app.screen, Leave)
        assert "in “New client” is not saved" in person.screen()
        await person.press("escape")
        assert person.app.screen.query_one(Input).value == "Saigon"
        await person.press("ctrl+q", confirming)
        assert person.app._exit

    view(story)


def test_a_draft_counts_although_its_dialog_is_closed_and_the_view_locked(view: View) -> None:
    async def story(person: Person) -> None:
        await type_into_dialog(person, "Saigon")
        await person.press("escape", "ctrl+l", "ctrl+q")
        assert isinstance(person.app.screen, Leave)
        assert "in 1 dialog is not saved" in person.screen()
        assert "Saigon" not in person.screen()
        await person.press("escape")
        assert person.app.is_blank

    view(story)


def test_what_is_typed_in_a_dialog_is_intact_after_unlocking(view: View) -> None:
    async def story(person: Person) -> None:
        await type_into_dialog(person, "Saigon")
        await person.press("ctrl+l")
        assert "Saigon" not in person.screen()
        await person.type("correct horse battery")
        await person.press("enter")
        assert person.app.screen.query_one(Input).value == "Saigon"
        await person.type(" 1")
        assert person.app.screen.query_one(Input).value == "Saigon 1"

    view(story)


def test_a_sign_typed_into_a_field_is_never_a_command_and_the_others_work_there(view: View) -> None:
    async def story(person: Person) -> None:
        await type_into_dialog(person, "")
        signs = list("djmztwpcaeuvohlgGO1234?/")
        for sign in signs:
            await person.pilot.press({"?": "question_mark", "/": "slash"}.get(sign, sign))
        await person.rest()
        assert person.app.screen.query_one(Input).value == "".join(signs)
        theme = person.app.theme
        await person.press("f2")
        assert person.app.theme != theme
        await person.press("f1")
        assert type(person.app.screen).__name__ == "Help"
        await person.press("escape", "ctrl+l")
        assert person.app.is_blank

    view(story)


def test_a_letter_for_what_works_everywhere_is_still_typed(view: View) -> None:
    async def story(person: Person) -> None:
        await type_into_dialog(person, "QX")
        assert person.app.screen.query_one(Input).value == "QX"
        assert not person.app._exit

    view(story, keys={"quit": "Q"})


def test_other_keys_show_and_work_and_the_old_ones_do_not(view: View) -> None:
    async def story(person: Person) -> None:
        assert "R Reveal" in person.screen()
        await person.press("v")
        assert SECRET not in person.screen()
        await person.press("R")
        assert SECRET in person.screen()
        await person.press("down", "up", "f1")
        assert type(person.app.screen).__name__ == "Help"
        await person.press("escape")
        assert len(person.app.screen_stack) == 1, "Esc backs out whatever cancel's key is"

    view(story, keys={"reveal": "R", "cancel": "ctrl+e", "down": "n"})


def test_the_blank_screen_is_left_by_the_fixed_key_whatever_the_config_says(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("ctrl+l")
        assert "Ctrl+Q quits" in person.screen()
        await person.type("QX")
        assert person.app.screen.query_one(Input).value == "QX"
        await person.press("ctrl+q")
        assert person.app._exit

    view(story, keys={"quit": "Q"})


def test_what_is_said_covers_neither_rows_nor_keys_and_the_newest_goes_with_the_next_key(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dossier.tui.quiet._SEEN_AFTER", 0.0)

    async def story(person: Person) -> None:
        before = person.screen().split("\n")
        for number in range(3):
            person.app.tell(f"Promise {number} is kept.")
        await person.rest()
        lines = person.screen().split("\n")
        assert "Promise 2 is kept." in lines[0]
        assert lines[1:] == before[1:]
        await person.press("j")
        assert person.screen().split("\n")[0] == before[0]

    view(story, size=(80, 24), notifications=True)


def test_a_fault_is_said_in_the_dialog_that_is_open_and_nowhere_else(view: View) -> None:
    async def story(person: Person) -> None:
        await type_into_dialog(person, "Saigon")
        person.app.tell_fault(BadValue("that is no date", "write it so: friday"))
        await person.rest()
        assert person.screen().count("that is no date") == 1
        assert "Promises" in person.screen().split("\n")[0]
        assert len(person.app._notifications) == 0

    view(story, size=(80, 24), notifications=True)


def test_other_colours_are_named(view: View) -> None:
    async def story(person: Person) -> None:
        for name in ("light", "terminal", "dark"):
            await person.press("f2")
            assert f"Colours: {name}" in person.screen()

    view(story, notifications=True)


def test_ctrl_c_interrupts_nothing_and_says_how_to_quit(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("ctrl+c")
        assert not person.app._exit
        assert "Ctrl+Q quits" in person.screen()

    view(story, notifications=True)


def test_the_screen_is_never_written_to_a_file(view: View) -> None:
    async def story(person: Person) -> None:
        assert not await person.app.run_action("screenshot")
        bound = {binding.action for _, binding, *_ in person.app.screen.active_bindings.values()}
        assert not {name for name in bound if "screenshot" in name or "command_palette" in name}

    view(story)


def test_a_mistake_of_ours_ends_the_view_with_what_was_typed_and_without_its_report(
    view: View, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fail(_: AddAccount) -> str:
        raise ValueError(SECRET)

    monkeypatch.setattr(AddAccount, "save", fail)
    apps: list[DossierApp] = []

    async def story(person: Person) -> None:
        apps.append(person.app)
        await type_into_dialog(person, "Saigon")
        await person.pilot.press("ctrl+s")
        await person.pilot.pause(0.1)

    with pytest.raises(WorkerFailed):  # Pilot raises it, where `run` reads `failure`
        view(story)
    assert isinstance(apps[0].failure, ValueError)
    assert apps[0].unsaved.given_up == ["Saigon"]
    shown = capsys.readouterr()
    assert SECRET not in shown.out + shown.err


def test_what_was_typed_behind_the_blank_screen_is_not_shown_by_a_mistake(view: View) -> None:
    async def story(person: Person) -> None:
        await type_into_dialog(person, "Saigon")
        await person.press("ctrl+l")
        person.app.give_up()
        assert person.app.unsaved.given_up == []

    view(story)


def test_any_size_is_drawn(view: View) -> None:
    async def story(person: Person) -> None:
        for columns, lines in ((200, 50), (40, 10), (10, 3), (1, 1), (300, 80), (80, 24)):
            await person.pilot.resize_terminal(columns, lines)
            await person.press("j")
            await person.press("f1", "escape")
        assert "Công ty 光学" in person.screen()

    view(story)


@pytest.mark.parametrize("name", THEMES)
def test_every_theme_shows_what_it_shows(view: View, name: str) -> None:
    async def story(person: Person) -> None:
        assert person.app.theme == THEMES[name]
        assert MASK in person.screen()
        for _ in THEMES:
            await person.press("f2")
        assert person.app.theme == THEMES[name]

    view(story, config={"theme": name})


def test_the_key_of_a_section_leads_back_to_its_first_page(view: View, session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {})

    async def story(person: Person) -> None:
        await person.press("2", "enter")
        assert len(person.app.screen_stack) == 2
        await person.press("2")
        assert len(person.app.screen_stack) == 1
        assert person.app.current_mode == "accounts"

    view(story)
