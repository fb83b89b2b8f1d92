"""Help: the keys that work where one stands, as they are bound."""

from __future__ import annotations

from collections.abc import Callable

from dossier.services import accounts, promises
from dossier.services.session import Session
from dossier.tui.dialogs.help import Help
from dossier.tui.dialogs.unlock import Unlock
from dossier.tui.screens.today import Today
from tests.tui.conftest import Person, View


def labels(person: Person) -> dict[str, str]:
    """The lines of the help that is open: label to keys."""
    assert isinstance(person.app.screen, Help)
    return {entry.text: entry.label for section in person.app.screen._sections for entry in section.entries}


def test_it_says_what_one_does_here_and_which_keys_work(view: View, session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {})
    promises.add(session, "a1", "the quote", due="2027-03-01", made="2027-02-01")

    async def story(person: Person) -> None:
        await person.press("question_mark")
        assert "promises that are late" in person.screen()
        assert labels(person)["Done: promise kept, step done"] == "d"
        assert labels(person)["Help"] == "? F1"
        assert labels(person)["All actions"] == "Ctrl+P"
        assert "Save" not in labels(person)

    view(story, size=(80, 24))


def test_keys_that_do_not_fit_the_row_are_left_out(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("f1")
        assert "Done: promise kept, step done" not in labels(person)

    view(story)


def test_remapped_keys_show_as_they_are(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("f1")
        assert labels(person)["Reveal what is hidden, or hide it"] == "x"
        assert labels(person)["Undo the newest change"] == "X Ctrl+R"
        assert "Lock at once" in labels(person)

    view(story, keys={"reveal": "x", "undo": "X,ctrl+r"})


def test_the_key_that_opens_it_closes_it_as_esc_does(view: View) -> None:
    async def story(person: Person) -> None:
        for key in ("question_mark", "f1", "escape"):
            await person.press("question_mark")
            assert isinstance(person.app.screen, Help)
            await person.press(key)
            assert isinstance(person.app.screen, Today)

    view(story)


def test_it_scrolls_to_its_end_in_a_small_terminal(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("question_mark")
        assert "it never quits" not in person.screen()
        await person.press("G")
        assert "it never quits" in person.screen()

    view(story, size=(80, 24))


def test_in_a_field_a_question_mark_is_typed_and_f1_helps(view: View, lock: Callable[[], None]) -> None:
    lock()

    async def story(person: Person) -> None:
        assert isinstance(person.app.screen, Unlock)
        await person.press("question_mark")
        assert isinstance(person.app.screen, Unlock)
        await person.press("f1")
        assert "Type the passphrase" in person.screen()
        assert labels(person)["Help"] == "F1"
        assert labels(person)["Lock at once"] == "Ctrl+L"

    view(story)


def test_a_blank_screen_has_no_help(view: View) -> None:
    async def story(person: Person) -> None:
        await person.press("ctrl+l", "f1")
        assert isinstance(person.app.screen, Unlock)

    view(story)
