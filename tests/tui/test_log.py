"""Logging an interaction: one dialog, one key, one transaction."""

from __future__ import annotations

import pytest
from textual import events
from textual.widgets import Select, Static

from dossier.services import accounts, interactions, people, promises, steps
from dossier.services.history import history
from dossier.services.session import Session
from dossier.tui.dialogs.log import Log
from dossier.tui.widgets.line import Line
from dossier.tui.widgets.who import Who
from tests.tui.conftest import Person, View


@pytest.fixture
def book(session: Session) -> Session:
    accounts.add(session, "Đặng Gia", {})
    accounts.add(session, "Zlatna Niva", {})
    people.add(session, "Nguyễn Văn Minh", "a1", {"position": "CTO"})
    people.add(session, "Nguyễn Thị Lan", "a1", {})
    people.add(session, "Минка Илиева", "a2", {})
    return session


async def opened(person: Person, ref: str | None = None) -> Log:
    dialog = Log(ref)
    await person.app.push_screen(dialog)
    await person.rest()
    return dialog


async def fill(person: Person, name: str, text: str) -> None:
    """Paste a text into a field."""
    person.app.screen.query_one(f"#{name}").focus()
    await person.rest()
    person.app.post_message(events.Paste(text))
    await person.rest()


def said(person: Person) -> str:
    """What was told in the corner last."""
    return [note.message for note in person.app._notifications][-1]


def test_everything_of_a_call_is_saved_by_one_key(view: View, book: Session) -> None:
    steps.add(book, "a1", "call about spring", on="2027-03-10")

    async def story(person: Person) -> None:
        await opened(person)
        await person.type("dang")
        await person.press("enter", "enter")
        await person.type("lan")
        await person.press("enter")
        await person.type("minh")
        await person.press("tab")
        await fill(person, "subject", "spring order")
        await fill(person, "note", "they want two")
        await fill(person, "promise-1", "send the quote")
        await fill(person, "due-1", "fri")
        await fill(person, "promise-2", "ask about [/b]")
        await fill(person, "due-2", "in 2 weeks")
        await fill(person, "next", "ring again")
        await fill(person, "next-on", "mon")
        await person.press("ctrl+s")
        assert not isinstance(person.app.screen, Log)
        assert said(person).startswith(
            "Logged interaction 1 with Nguyễn Thị Lan, Nguyễn Văn Minh. 2 promises noted. "
            "Next step 2 is for 2027-03-15. Steps done with it: 1."
        )

    view(story)
    (logged,) = interactions.listed(book)
    assert logged["with"] == ["Nguyễn Thị Lan", "Nguyễn Văn Minh"]
    assert (logged["channel"], logged["direction"], logged["at"]) == ("call", "out", "2027-03-10")
    assert (logged["subject"], logged["note"]) == ("spring order", "they want two")
    made = [(one["title"], one["due_on"], one["person"]) for one in promises.listed(book)]
    assert made == [
        ("send the quote", "2027-03-12", "Nguyễn Thị Lan"),
        ("ask about [/b]", "2027-03-24", "Nguyễn Thị Lan"),
    ]
    assert [(one["title"], one["due_on"]) for one in steps.listed(book)] == [("ring again", "2027-03-15")]
    assert history(book)[0]["command"] == "log"


def test_opened_from_a_row_it_knows_with_whom(view: View, book: Session) -> None:
    promises.add(book, "a1", "late", due="2027-03-01", made="2027-02-01")

    async def story(person: Person) -> None:
        await person.press("c")
        log = person.app.screen
        assert log.query_one("#whom", Who).refs == ["a1"]
        assert log.query_one("#subject").has_focus
        assert log.query_one("#with", Who).account_id == 1
        await fill(person, "subject", "short")
        log.query_one("#channel", Select).value = "visit"
        log.query_one("#direction", Select).value = "in"
        await fill(person, "on", "yesterday")
        await person.press("ctrl+s")
        assert said(person).startswith("Logged interaction 1 with Đặng Gia.")

    view(story, size=(80, 24))
    (logged,) = interactions.listed(book)
    assert (logged["channel"], logged["direction"], logged["at"]) == ("visit", "in", "2027-03-09")


@pytest.mark.parametrize("text", ["[/b] [red]x", "שלום עולם", "a\u200bb\u200d", "👩\u200d💻 漢字 Đặng"])
def test_a_text_is_saved_exactly_as_it_was_typed(view: View, book: Session, text: str) -> None:
    note = f"{text}\n\x1b[31m{text}\u202e " + "x" * 10_000

    async def story(person: Person) -> None:
        await opened(person, "p1")
        await fill(person, "subject", text)
        await fill(person, "note", note)
        await fill(person, "promise-1", text)
        await fill(person, "due-1", "fri")
        await person.press("ctrl+s")
        assert text not in said(person)

    view(story)
    (logged,) = interactions.listed(book)
    assert (logged["subject"], logged["note"]) == (text, note)
    assert promises.listed(book)[0]["title"] == text


@pytest.mark.parametrize(
    ("fields", "fault", "focused"),
    [
        ({}, "Say with whom it was.", "whom"),
        ({"whom": "nguyen"}, "fits p2 Nguyễn Thị Lan of Đặng Gia; p1 Nguyễn Văn Minh", "whom"),
        ({"whom": "nobody"}, "no account or person matches 'nobody'", "whom"),
        ({"whom": "a1"}, "Say what it was about.", "subject"),
        ({"whom": "a1", "with": "p3"}, "Минка Илиева (p3) is not at Đặng Gia", "with"),
        ({"whom": "a1", "subject": "x", "on": "tomorrow"}, "2027-03-11 has not come yet", "on"),
        ({"whom": "a1", "subject": "x", "on": "[/b]"}, '"[/b]" is no date', "on"),
        ({"whom": "a1", "promise-1": "x"}, "Say by when", "due-1"),
        ({"whom": "a1", "due-1": "fri"}, "Say what is promised", "promise-1"),
        ({"whom": "a1", "next": "x", "next-on": "03/04"}, "read in two ways", "next-on"),
    ],
)
def test_what_is_wrong_is_said_and_the_person_is_back_in_the_field(
    view: View, book: Session, fields: dict[str, str], fault: str, focused: str
) -> None:
    async def story(person: Person) -> None:
        log = await opened(person)
        for name, text in fields.items():
            await fill(person, name, text)
        await person.press("ctrl+s")
        assert person.app.screen is log
        assert fault in " ".join(str(log.query_one(".dialog--fault", Static).render()).split())
        assert log.focused is not None
        assert log.query_one(f"#{focused}") in log.focused.ancestors_with_self
        assert log.is_dirty == bool(fields)

    view(story)
    assert interactions.listed(book) == []


def test_a_name_that_means_one_only_need_not_be_chosen(view: View, book: Session) -> None:
    async def story(person: Person) -> None:
        await opened(person)
        await fill(person, "whom", "minh")
        await fill(person, "subject", "x")
        await person.press("ctrl+s")

    view(story)
    assert interactions.listed(book)[0]["with"] == ["Nguyễn Văn Minh"]


def test_as_many_promises_as_are_typed_show_and_one_more(view: View, book: Session) -> None:
    async def story(person: Person) -> None:
        log = await opened(person, "a1")

        def shown() -> int:
            return len([line for line in log.query(Line) if (line.id or "").startswith("promise-")])

        assert shown() == 1
        await fill(person, "promise-1", "one")
        await fill(person, "promise-2", "two")
        assert shown() == 3
        await person.press("escape", "escape")
        log = await opened(person, "a1")
        assert shown() == 3
        await person.press("ctrl+n")
        assert shown() == 1

    view(story)


def test_at_80_by_24_the_field_with_the_focus_is_seen(view: View, book: Session) -> None:
    async def story(person: Person) -> None:
        log = await opened(person, "a1")
        for number in range(1, 5):
            await fill(person, f"promise-{number}", f"promise {number}")
        await fill(person, "next-on", "mon")
        assert "Mon 15 March 2027" in person.screen()
        await fill(person, "subject", "seen")
        assert "seen" in person.screen()
        assert "Save" in person.screen()
        await person.press("ctrl+s")
        assert "Say by when that is promised." in person.screen()
        assert "Save" in person.screen()
        assert log.focused is not None
        assert log.query_one(".dialog--fields").region.contains_region(log.focused.region)

    view(story, size=(80, 24))


def test_what_is_typed_right_after_enter_is_the_next_fields(view: View, book: Session) -> None:
    async def story(person: Person) -> None:
        log = await opened(person, "a1")
        log.query_one("#promise-1").focus()
        await person.rest()
        for key in ("a", "enter", "f", "r", "i"):
            person.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await person.rest()
        assert (log.text_of("promise-1"), log.text_of("due-1")) == ("a", "fri")

    view(story)


def test_who_types_ahead_gets_from_a_promise_to_the_next_step(view: View, book: Session) -> None:
    async def burst(person: Person, *keys: str) -> None:
        for key in keys:
            person.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await person.rest()

    async def story(person: Person) -> None:
        log = await opened(person, "a1")
        log.query_one("#promise-1").focus()
        await person.rest()
        await burst(person, "q", "tab", "f", "r", "i", "tab", "r", "tab", "m", "o", "n")
        await burst(person, "tab", "o", "tab", "e", "o", "m")
        await person.press("ctrl+s")
        assert not isinstance(person.app.screen, Log)

    view(story)
    assert [(one["title"], one["due_on"]) for one in promises.listed(book)] == [
        ("q", "2027-03-12"),
        ("o", "2027-03-31"),
    ]
    assert [(one["title"], one["due_on"]) for one in steps.listed(book)] == [("r", "2027-03-15")]


def test_who_takes_part_already_is_not_offered_again(view: View, book: Session) -> None:
    async def story(person: Person) -> None:
        log = await opened(person, "a1")
        among = log.query_one("#with", Who)
        await fill(person, "with", "nguyen")
        await person.press("enter")
        first = among.chosen[0].name
        await fill(person, "with", "nguyen")
        await person.press("enter")
        assert sorted(one.name for one in among.chosen) == ["Nguyễn Thị Lan", "Nguyễn Văn Minh"]
        assert first == among.chosen[0].name

    view(story)


@pytest.mark.parametrize(("size", "widest"), [((80, 24), 80), ((200, 50), 110)])
def test_the_dialog_takes_the_room_there_is(
    view: View, book: Session, size: tuple[int, int], widest: int
) -> None:
    async def story(person: Person) -> None:
        log = await opened(person, "a1")
        assert widest - 4 <= log.query_one(".dialog").size.width + 4 <= widest
        assert log.query_one("#note").size.height == (5 if size[1] == 24 else 8)
        await fill(person, "due-1", "in 2 weeks")
        assert "Wed 24 March 2027, in 14 days" in person.screen()
        echo = log.query_one("#due-1 .day--echo").region
        await person.press("tab")
        assert log.query_one("#due-1 .day--echo").region.x == echo.x

    view(story, size=size)
