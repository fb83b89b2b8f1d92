"""Adding and editing records of every noun through their form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.widgets import Select, Static, Switch, TextArea

from dossier.services import (
    accounts,
    facts,
    interactions,
    occasions,
    people,
    promises,
    relatives,
    steps,
)
from dossier.services.session import Session
from dossier.services.stored import stored
from dossier.tui.dialogs.record import RecordForm, add, edit
from dossier.tui.dialogs.record_fields import FORMS
from dossier.tui.dialogs.unlock import Unlock
from dossier.tui.widgets.day import Day
from dossier.tui.widgets.line import Line
from dossier.tui.widgets.who import Who
from tests.conftest import PASSPHRASE
from tests.tui.conftest import Person, View

HOSTILE = "[/b] [red]x[/] \x1b[31m 株式会社 👩‍👩‍👧 \u202eabc \u200d\n\n  second line\t." + "ế" * 500


@pytest.fixture
def known(session: Session) -> Session:
    """A vault with an account and two of its people."""
    accounts.add(session, "Công ty Đặng Gia", {})
    people.add(session, "Nguyễn Văn Minh", "a1", {})
    people.add(session, "Trần Thị Lan", "a1", {})
    return session


def form_of(person: Person) -> RecordForm:
    assert isinstance(person.app.screen, RecordForm), person.app.screen
    return person.app.screen


async def fill(person: Person, **fields: Any) -> None:
    """Fill fields of the form that is open, as if typed."""
    for name, value in fields.items():
        widget = form_of(person).query_one(f"#{name}")
        if isinstance(widget, TextArea):
            widget.text = value
        elif isinstance(widget, Who):
            widget.line.value = value
        else:
            assert isinstance(widget, Day | Line | Select | Switch)
            widget.value = value
    await person.rest()


def told(person: Person) -> str:
    """What the form says is wrong."""
    return str(form_of(person).query_one(".dialog--fault", Static).render())


async def open_form(person: Person, noun: str, whom: str | None = None, **begins: str) -> None:
    await person.app.push_screen(add(noun, whom, **begins))
    await person.rest()


async def open_edit(person: Person, noun: str, number: int) -> None:
    await edit(person.app, noun, number)
    await person.rest()


# --- Every noun -------------------------------------------------------------------------------------------------------

ADDED: dict[str, tuple[str | None, dict[str, Any], dict[str, Any]]] = {
    "account": (
        None,
        {"name": "Hanoi Optics", "tier": "key", "cadence_days": "10", "tags": "a\nb, c\n", "market": HOSTILE},
        {"name": "Hanoi Optics", "tier": "key", "cadence_days": 10, "tags": ["a", "b, c"], "market": HOSTILE},
    ),
    "person": (
        "p1",
        {"name": "王小明", "role": "champion", "birthday": "12 Apr", "marked": True, "reports_to": "lan"},
        {"name": "王小明", "role": "champion", "birthday": "--04-12", "marked": True, "account_id": 1, "reports_to": 2},
    ),
    "fact": (
        "p2",
        {"text": HOSTILE, "kind": "interest", "source": "her assistant", "learned_on": "yesterday"},
        {"person_id": 2, "text": HOSTILE, "kind": "interest", "learned_on": "2027-03-09"},
    ),
    "relative": (
        "p1",
        {"name": "Mai", "relation": "daughter", "birthday": "2015"},
        {"person_id": 1, "name": "Mai", "relation": "daughter", "birthday": "2015", "note": None},
    ),
    "occasion": (
        "a1",
        {"kind": "founding", "date": "3 May 1998", "lead_days": "0", "title": "[/b]"},
        {"kind": "founding", "date": "1998-05-03", "lead_days": 0, "title": "[/b]", "person_id": None},
    ),
    "promise": (
        "a1",
        {"title": "the [quote]", "due_on": "fri", "made_on": "yesterday", "by": "them", "detail": HOSTILE},
        {"title": "the [quote]", "due_on": "2027-03-12", "made_on": "2027-03-09", "by": "them", "detail": HOSTILE},
    ),
    "step": (
        "p1",
        {"title": "call back", "due_on": "in 3 days"},
        {"title": "call back", "due_on": "2027-03-13", "person_id": 1},
    ),
}  # fmt: skip


@pytest.mark.parametrize("noun", ADDED)
def test_a_new_one_is_stored_as_it_was_typed(view: View, known: Session, noun: str) -> None:
    whom, typed, expected = ADDED[noun]
    number = {"account": 2, "person": 3}.get(noun, 1)

    async def story(person: Person) -> None:
        await open_form(person, noun, whom)
        await fill(person, **typed)
        await person.press("ctrl+s")
        assert not isinstance(person.app.screen, RecordForm), told(person)

    view(story)
    record = stored(known, noun, number)
    assert {name: record[name] for name in expected} == expected


def a_record(session: Session, noun: str) -> int:
    """A record of this noun, with all that its form has filled in; its number."""
    made: dict[str, Callable[[], dict[str, Any]]] = {
        "account": lambda: accounts.edit(
            session, "a1", {"tags": ["vip"], "note": HOSTILE, "cadence_days": 9, "demand": "steel"}
        ),
        "person": lambda: people.edit(
            session, "p1", {"mails": ["m@x.example"], "gender": "m", "birthday": "1975"}, reports_to="p2"
        ),
        "fact": lambda: facts.add(session, "p1", HOSTILE, {"kind": "value", "source": "Lan"}),
        "relative": lambda: relatives.add(session, "p1", "Mai", "wife", {"birthday": "--02-29"}),
        "occasion": lambda: occasions.add(session, "a1", "founding", "1998-05", {"lead_days": 3}),
        "interaction": lambda: interactions.log(
            session,
            "a1",
            "a talk",
            {"channel": "visit", "note": HOSTILE},
            on="mon",
            participants=["p1", "p2"],
        ),
        "promise": lambda: promises.add(session, "p1", "the quote", due="fri", changes={"detail": HOSTILE}),
        "step": lambda: steps.add(session, "p2", "call", on="fri"),
    }
    return int(made[noun]()["id"])


EDITED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "account": (
        {"cadence_days": "", "tags": "", "status": "dormant"},
        {"cadence_days": None, "tags": [], "status": "dormant", "demand": "steel", "note": HOSTILE},
    ),
    "person": (
        {"reports_to": "", "gender": Select.NULL, "position": "CTO"},
        {"reports_to": None, "gender": None, "position": "CTO", "mails": ["m@x.example"], "birthday": "1975"},
    ),
    "fact": (
        {"kind": "career", "learned_on": "2027-01-02"},
        {"kind": "career", "learned_on": "2027-01-02", "text": HOSTILE, "source": "Lan"},
    ),
    "relative": ({"birthday": ""}, {"birthday": None, "name": "Mai"}),
    "occasion": ({"date": "3 May", "lead_days": ""}, {"date": "--05-03", "lead_days": None}),
    "interaction": (
        {"at": "yesterday", "direction": "in", "outcome": "they agree"},
        {
            "at": "2027-03-09", "direction": "in", "outcome": "they agree", "channel": "visit", "note": HOSTILE,
            "participants": [1, 2], "subject": "a talk",
        },
    ),
    "promise": (
        {"person_id": "lan", "by": "them"},
        {"person_id": 2, "by": "them", "due_on": "2027-03-12", "detail": HOSTILE},
    ),
    "step": (
        {"person_id": "", "due_on": "in 2 weeks"},
        {"person_id": None, "due_on": "2027-03-24", "title": "call"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("noun", EDITED)
def test_what_is_changed_is_stored_and_all_else_stays(view: View, known: Session, noun: str) -> None:
    changed, expected = EDITED[noun]
    number = a_record(known, noun)

    async def story(person: Person) -> None:
        await open_edit(person, noun, number)
        assert not form_of(person).is_dirty
        await fill(person, **changed)
        await person.press("ctrl+s")
        assert not isinstance(person.app.screen, RecordForm), told(person)

    view(story)
    record = stored(known, noun, number)
    assert {name: record[name] for name in expected} == expected


@pytest.mark.parametrize("noun", FORMS)
def test_where_nothing_was_changed_nothing_is_written(view: View, known: Session, noun: str) -> None:
    number = a_record(known, noun)
    before = known.database.data_version()

    async def story(person: Person) -> None:
        await open_edit(person, noun, number)
        await person.press("ctrl+s")
        assert not isinstance(person.app.screen, RecordForm)

    view(story)
    assert known.database.data_version() == before


# --- Names ------------------------------------------------------------------------------------------------------------


def test_who_took_part_is_changed_by_name(view: View, known: Session) -> None:
    number = a_record(known, "interaction")

    async def story(person: Person) -> None:
        await open_edit(person, "interaction", number)
        form_of(person).query_one("#participants", Who).focus()
        await person.press("backspace")
        await person.press("ctrl+s")

    view(story)
    assert stored(known, "interaction", number)["participants"] == [1]


def test_a_person_moves_to_another_account(view: View, known: Session) -> None:
    accounts.add(known, "Beta", {})

    async def story(person: Person) -> None:
        await open_edit(person, "person", 1)
        await fill(person, account_id="beta")
        await person.press("ctrl+s")

    view(story)
    assert stored(known, "person", 1)["account_id"] == 2


def test_a_namesake_is_added_once_one_says_so(view: View, known: Session) -> None:
    async def story(person: Person) -> None:
        await open_form(person, "person", "a1")
        await fill(person, name="nguyen van minh")
        await person.press("ctrl+s")
        assert "already" in told(person)
        assert "somebody else" in told(person)
        assert isinstance(person.app.focused, Switch)
        assert "no · of the same name" in person.screen()
        await person.press("space")
        assert "yes · of the same name" in person.screen()
        await person.press("ctrl+s")

    view(story)
    assert len(people.listed(known)) == 3


# --- What is refused, and drafts --------------------------------------------------------------------------------------

REFUSED: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("account", {"name": "cong ty dang gia"}, "there is an account"),
    ("account", {"name": ""}, "Name"),
    ("account", {"name": "B", "cadence_days": "often"}, "no whole number"),
    ("account", {"name": "B", "cadence_days": "0"}, "out of bounds"),
    ("person", {"name": "B", "language": "Vietnamese"}, "code"),
    ("person", {"name": "B", "birthday": "2030-01-01"}, "birth"),
    ("person", {"name": "B", "birthday": "never"}, "date"),
    ("fact", {"text": "x", "learned_on": "tomorrow"}, "has not come yet"),
    ("fact", {"text": ""}, "What is known"),
    ("promise", {"title": "x", "due_on": "1 Mar 2027"}, "2027-03-01"),
    ("promise", {"title": "x"}, "Due"),
    ("step", {"title": "x", "due_on": "whenever"}, "whenever"),
)


@pytest.mark.parametrize(("noun", "typed", "message"), REFUSED)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    view: View, known: Session, noun: str, typed: dict[str, Any], message: str
) -> None:
    async def story(person: Person) -> None:
        await open_form(person, noun, "a1")
        await fill(person, **typed)
        before = form_of(person).draft()
        await person.press("ctrl+s")
        assert message in told(person)
        assert form_of(person).draft() == before

    view(story)


def test_a_draft_holds_only_what_was_changed(view: View, known: Session) -> None:
    number = a_record(known, "fact")

    async def story(person: Person) -> None:
        await open_edit(person, "fact", number)
        await fill(person, text="he sails")
        await person.press("escape")
        facts.edit(known, number, {"source": "his wife", "kind": "interest"})
        await open_edit(person, "fact", number)
        assert form_of(person).query_one("#text", TextArea).text == "he sails"
        assert form_of(person).query_one("#source", Line).value == "his wife"
        await person.press("ctrl+s")

    view(story)
    record = stored(known, "fact", number)
    assert (record["text"], record["source"], record["kind"]) == ("he sails", "his wife", "interest")


def test_what_another_changes_meanwhile_is_not_overwritten(view: View, known: Session) -> None:
    async def story(person: Person) -> None:
        await open_edit(person, "account", 1)
        await fill(person, industry="optics")
        accounts.edit(known, "a1", {"tier": "key", "note": "from elsewhere"})
        await person.press("ctrl+s")

    view(story)
    record = stored(known, "account", 1)
    assert (record["tier"], record["note"], record["industry"]) == ("key", "from elsewhere", "optics")


def test_what_is_said_afterwards_names_no_secret(
    view: View, known: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("dossier.tui.app.DossierApp.changed", lambda _, text: said.append(text))

    async def story(person: Person) -> None:
        await open_form(person, "relative", "p1")
        await fill(person, name="Mai", relation="wife")
        await person.press("ctrl+s")
        await open_form(person, "promise", "a1", by="them")
        assert form_of(person).query_one("#by", Select).value == "them"
        await fill(person, title="the quote", due_on="fri")
        await person.press("ctrl+s")
        await open_form(person, "account")
        await fill(person, name="Beta")
        await person.press("ctrl+s")

    view(story)
    assert said == ["Added relative 1.", "Added promise 1.", "Added account 2, Beta."]


def test_it_fits_a_small_terminal(view: View, known: Session) -> None:
    async def story(person: Person) -> None:
        await open_edit(person, "person", 1)
        assert "Save" in person.screen()
        assert "Nguyễn Văn Minh" in person.screen()
        await person.press(*["shift+tab"] * 4)
        assert "Private address" in person.screen()

    view(story, size=(80, 24))


def test_text_that_no_field_would_take_stays_exactly_unless_it_is_touched(view: View, known: Session) -> None:
    strange = "a\u2028b\x0bc\x0cd\r\ne\x85f \x1b]0;title\x07 [/b] \u202ertl \ufeff" + "x" * 10_000
    facts.add(known, "p1", strange, {"source": "Lan"})

    async def story(person: Person) -> None:
        await open_edit(person, "fact", 1)
        assert "\x1b" not in person.screen()
        assert "\u202e" not in person.screen()
        assert "[/b]" in person.screen() or "xxx" in person.screen()
        await fill(person, source="his wife")
        await person.press("ctrl+s")

    view(story, size=(80, 24))
    assert stored(known, "fact", 1)["text"] == strange
    assert stored(known, "fact", 1)["source"] == "his wife"


def test_a_locked_vault_is_opened_first_and_the_form_fills_then(
    view: View, known: Session, lock: Callable[[], None]
) -> None:
    number = a_record(known, "fact")
    lock()

    async def story(person: Person) -> None:
        await person.press("escape")  # not at the start, but for the form
        await open_edit(person, "fact", number)
        assert isinstance(person.app.screen, Unlock)
        await person.type(PASSPHRASE)
        await person.press("enter")
        assert form_of(person).query_one("#source", Line).value == "Lan"
        assert not form_of(person).is_dirty

    view(story)


def test_a_lock_while_typing_loses_nothing(view: View, known: Session) -> None:
    async def story(person: Person) -> None:
        await open_form(person, "fact", "p1")
        await fill(person, text="he sails")
        await person.press("ctrl+l")
        assert "he sails" not in person.screen()
        await person.type(PASSPHRASE)
        await person.press("enter")
        assert form_of(person).query_one("#text", TextArea).text == "he sails"
        await person.press("ctrl+s")

    view(story)
    assert stored(known, "fact", 1)["text"] == "he sails"


def test_one_goes_on_at_the_end_of_what_stands_there(view: View, known: Session) -> None:
    accounts.edit(known, "a1", {"note": "pays late", "industry": "optics"})

    async def story(person: Person) -> None:
        await edit(person.app, "account", 1)
        await person.rest()
        for name in ("industry", "note"):
            form_of(person).query_one(f"#{name}").focus()
            await person.rest()
            await person.type("!")
        await person.press("ctrl+s")

    view(story)
    changed = stored(known, "account", 1)
    assert (changed["industry"], changed["note"]) == ("optics!", "pays late!")


def test_what_is_needed_has_a_mark_and_what_is_put_right_is_wrong_no_more(view: View, known: Session) -> None:
    async def story(person: Person) -> None:
        await open_form(person, "person", None)
        assert "* is needed" in person.screen()
        assert "Name *" in person.screen()
        assert "Position *" not in person.screen()
        await person.press("ctrl+s")
        assert "Name" in told(person)
        await person.type("Mai")
        assert told(person) == ""

    view(story)


def test_a_mail_without_an_at_sign_is_pointed_out_and_taken(view: View, known: Session) -> None:
    async def story(person: Person) -> None:
        await open_form(person, "account", None)
        await fill(person, name="Zlatna Niva")
        form_of(person).query_one("#mails").focus()
        await person.rest()
        await person.type("office")
        await person.press("tab")
        assert "without @" in told(person)
        assert "office" not in told(person)
        await person.press("ctrl+s")

    view(story)
    assert stored(known, "account", 2)["mails"] == ["office"]
