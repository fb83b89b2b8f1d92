"""Moving a promise, telling of it, putting off a step."""

from __future__ import annotations

from datetime import date

import pytest
from textual import events
from textual.widgets import Select, Static

from dossier.services import accounts, interactions, people, promises, steps
from dossier.services.session import Session
from dossier.tui.dialog import Dialog
from dossier.tui.dialogs.promise import DoneOn, Told
from tests.tui.conftest import Person, View

SECRET = "send [/b] the quote"


@pytest.fixture
def late(session: Session) -> Session:
    """A vault with a promise of ours that is late."""
    accounts.add(session, "Đặng Gia", {})
    people.add(session, "Nguyễn Thị Lan", "a1", {})
    promises.add(session, "a1", SECRET, due="2027-03-01", made="2027-02-01")
    return session


async def fill(person: Person, name: str, text: str) -> None:
    person.app.screen.query_one(f"#{name}").focus()
    await person.rest()
    person.app.post_message(events.Paste(text))
    await person.rest()


def said(person: Person) -> str:
    return [note.message for note in person.app._notifications][-1]


def fault(person: Person) -> str:
    return str(person.app.screen.query_one(".dialog--fault", Static).render())


def test_a_promise_is_moved_for_a_reason_and_stays_on_the_agenda_until_they_know(
    view: View, late: Session
) -> None:
    async def story(person: Person) -> None:
        await person.press("m")
        assert "it stays on the agenda" in person.screen()
        await fill(person, "to", "in 2 weeks")
        assert "Wed 24 March 2027" in person.screen()
        await fill(person, "because", "the plant [/b] flooded")
        await person.press("ctrl+s")
        assert said(person).startswith("Promise 1 is due on 2027-03-24 now. Nobody there knows yet.")

    view(story, size=(80, 24))
    promise = promises.get(late, 1)
    assert (promise["due_on"], promise["notified"]) == ("2027-03-24", False)
    assert promise["moves"][0]["because"] == "the plant [/b] flooded"
    assert interactions.listed(late) == []


@pytest.mark.parametrize(
    ("who", "told", "knows"), [("lan", "Nguyễn Thị Lan", "Nguyễn Thị Lan"), ("", "Đặng Gia", "Đặng Gia")]
)
def test_a_move_that_they_were_told_of_is_logged(
    view: View, late: Session, who: str, told: str, knows: str
) -> None:
    async def story(person: Person) -> None:
        await person.press("m")
        await fill(person, "to", "fri")
        await fill(person, "because", "flood")
        await fill(person, "apology", "we are sorry")
        person.app.screen.query_one("#channel", Select).value = "mail"
        if who:
            await fill(person, "told", who)
        await person.press("ctrl+s")
        assert said(person).startswith(f"Promise 1 is due on 2027-03-12 now. {knows} knows.")

    view(story)
    (move,) = promises.get(late, 1)["moves"]
    assert (move["told"], move["channel"], move["apology"]) == (told, "mail", "we are sorry")
    assert promises.get(late, 1)["notified"] is True
    assert [one["channel"] for one in interactions.listed(late)] == ["mail"]


def test_without_date_or_reason_or_with_a_day_that_is_past_it_does_not_move(
    view: View, late: Session
) -> None:
    async def story(person: Person) -> None:
        await person.press("m", "ctrl+s")
        assert fault(person) == "Say the new date."
        await fill(person, "to", "yesterday")
        await person.press("ctrl+s")
        assert "in the past" in fault(person)
        person.app.screen.query_one("#to Line").value = ""  # type: ignore[attr-defined]
        await fill(person, "to", "fri")
        await person.press("ctrl+s")
        assert fault(person) == "Say why: a promise is moved for a reason."
        assert person.app.focused is person.app.screen.query_one("#because")

    view(story)
    assert promises.get(late, 1)["moves"] == []


def test_of_a_promise_of_theirs_there_is_nobody_to_tell(view: View, session: Session) -> None:
    accounts.add(session, "Đặng Gia", {})
    promises.add(session, "a1", "the contract", due="2027-03-01", made="2027-02-01", by="them")  # type: ignore[arg-type]

    async def story(person: Person) -> None:
        await person.press("m")
        assert not person.app.screen.query("#told, #channel, #apology")
        await fill(person, "to", "fri")
        await fill(person, "because", "their boss is away")
        await person.press("ctrl+s")

    view(story)
    assert promises.get(session, 1)["due_on"] == "2027-03-12"


def test_they_were_told(view: View, late: Session) -> None:
    async def story(person: Person) -> None:
        await person.press("t")
        await fill(person, "told", "lan")
        await person.press("enter")
        await fill(person, "on", "yesterday")
        await person.press("ctrl+s")
        assert said(person).startswith("Promise 1: Nguyễn Thị Lan knows.")

    view(story, size=(80, 24))
    assert promises.get(late, 1)["notified"] is True
    (notice,) = interactions.listed(late)
    assert (notice["at"], notice["channel"], notice["with"]) == ("2027-03-09", "call", ["Nguyễn Thị Lan"])


def test_the_title_is_masked_as_it_is_on_the_page_below(view: View, late: Session) -> None:
    async def story(person: Person) -> None:
        await person.press("m")
        assert SECRET not in person.screen()
        await person.press("ctrl+r")
        assert SECRET in person.screen()
        await person.press("escape", "v", "m")
        assert SECRET in person.screen()

    view(story)


@pytest.mark.parametrize(
    ("due", "words", "then"),
    [("2027-03-08", "", "2027-03-11"), ("2027-03-14", "", "2027-03-15"), ("2027-03-10", "mon", "2027-03-15")],
)
def test_a_step_is_put_off_by_enter(view: View, session: Session, due: str, words: str, then: str) -> None:
    accounts.add(session, "Đặng Gia", {})
    session.today = min(session.today, date.fromisoformat(due))
    steps.add(session, "a1", "ring", on=due)
    session.today = date(2027, 3, 10)

    async def story(person: Person) -> None:
        await person.press("m")
        if words:
            await fill(person, "to", words)
        await person.press("enter")
        assert not isinstance(person.app.screen, Dialog)
        assert said(person).startswith(f"Step 1 is put off to {then}.")

    view(story)
    assert steps.get(session, 1)["due_on"] == then


@pytest.mark.parametrize("yes", ["enter", "w"])
def test_a_promise_is_withdrawn_after_asking(view: View, late: Session, yes: str) -> None:
    async def story(person: Person) -> None:
        await person.press("w")
        assert "Withdraw a promise?" in person.screen()
        assert "Nobody is told by this" in str(person.app.screen.query_one(".means", Static).render())
        await person.press("escape")
        assert promises.get(late, 1)["state"] == "open"
        await person.press("w", yes)
        assert said(person).startswith("Promise 1 is withdrawn.")
        assert promises.get(late, 1)["state"] == "withdrawn"
        await person.press("u")

    view(story, size=(80, 24))
    assert promises.get(late, 1)["state"] == "open"


def test_a_step_is_dropped_after_asking(view: View, session: Session) -> None:
    accounts.add(session, "Đặng Gia", {})
    steps.add(session, "a1", "ring", on="2027-03-10")

    async def story(person: Person) -> None:
        await person.press("w")
        assert "Drop a next step?" in person.screen()
        await person.press("enter")
        assert said(person).startswith("Step 1 is dropped.")

    view(story)
    assert steps.get(session, 1)["state"] == "dropped"


def test_what_was_done_earlier_is_settled_as_of_that_day(view: View, late: Session) -> None:
    steps.add(late, "a1", "ring", on="2027-03-10")

    async def story(person: Person) -> None:
        await person.app.push_screen(DoneOn("step", 1))
        await person.type("mon")
        await person.press("enter")
        assert said(person).startswith("Step 1 is done.")
        await person.press("D")
        assert "When was the promise kept?" in person.screen()
        await person.type("tomorrow")
        await person.press("enter")
        assert "has not come yet" in fault(person)
        await person.press("ctrl+u")
        assert fault(person) == ""
        await person.type("2027-03-02")
        await person.press("enter")
        assert said(person).startswith("Promise 1 is kept.")

    view(story, size=(80, 24))
    assert (promises.get(late, 1)["state"], promises.get(late, 1)["settled_on"]) == ("kept", "2027-03-02")
    assert (steps.get(late, 1)["state"], steps.get(late, 1)["done_on"]) == ("done", "2027-03-08")


def test_whom_a_promise_was_made_to_stands_there_as_told(view: View, late: Session) -> None:
    promises.add(late, "p1", "call back", due="2027-03-01", made="2027-02-01")

    async def story(person: Person) -> None:
        await person.app.push_screen(Told(2))
        await person.rest()
        await person.press("ctrl+s")
        assert said(person).startswith("Promise 2: Nguyễn Thị Lan knows.")

    view(story)
    assert interactions.listed(late)[0]["with"] == ["Nguyễn Thị Lan"]
