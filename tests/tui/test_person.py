"""The dossier of a person: who they are, what is known, and what can be done about each line of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dossier.domain.vocabulary import FactKind, OccasionKind
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
from dossier.tui import in_full
from dossier.tui.dialogs.record import RecordForm
from dossier.tui.screens.person import COLUMNS, PersonPage, Reading
from dossier.tui.widgets.paged_table import PagedTable
from dossier.tui.widgets.sheet import Sheet
from tests.conftest import TODAY
from tests.tui.conftest import Person, View

SECRETS = (
    "chị Lan",
    "1975-04-12",
    "Hoàng Minh",
    "lan@home.example",
    "collects cameras",
    "her assistant",
    "hobby_is",
    "Bình",
    "regatta",
    "send [/b] the quote",
    "lunch",
    "prices",
)


@pytest.fixture(autouse=True)
def _book(session: Session) -> None:
    accounts.add(session, "Công ty Đặng Gia", {})
    people.add(session, "Hoàng Minh", "a1", {})
    changes: dict[str, Any] = {
        "position": "head of buying",
        "role": "champion",
        "address_as": "chị Lan",
        "birthday": "1975-04-12",
        "mails": ["lan@danggia.example"],
        "private_mails": ["lan@home.example"],
    }
    people.add(session, "Trần Thị Lan", "a1", changes, reports_to="p1")
    facts.add(session, "p2", "values punctuality, hobby_is rowing", {"kind": "value"})
    facts.add(
        session,
        "p2",
        "collects cameras",
        {"kind": "interest", "source": "her assistant"},
        on="2025-03-01",
    )
    relatives.add(session, "p2", "Bình", "son", {"birthday": "2015-03-20"})
    occasions.add(session, "p2", "other", "--05-01", {"title": "regatta"})
    promises.add(session, "p2", "send [/b] the quote", due="2027-03-01", made="2027-02-01")
    interactions.log(session, "p2", "talked about prices", {}, on="2027-03-01")
    steps.add(session, "p2", "lunch", on="2027-03-12")


async def opened(person: Person, number: int = 2) -> PersonPage:
    person.app.open_person(number)
    await person.rest()
    page = person.app.screen
    assert isinstance(page, PersonPage)
    return page


def flowing(person: Person) -> str:
    """What the screen shows, wherever its lines break."""
    return " ".join(person.screen().split())


def test_everything_is_there_once_revealed_and_nothing_secret_before(view: View) -> None:
    async def story(person: Person) -> None:
        await opened(person)
        for text in ("Trần Thị Lan", "head of buying", "champion", "lan@danggia.example", "9 days late"):
            assert text in flowing(person)
        for secret in SECRETS:
            assert secret not in flowing(person)
        await person.press("v")
        for text in (*SECRETS, "turns 52 in 33 days", "turns 12 in 10 days", "2 years ago, ask again"):
            assert text in flowing(person)
        await person.press("v")
        for secret in SECRETS:
            assert secret not in flowing(person)

    view(story, size=(200, 50))


def test_what_is_known_stands_under_headings_facts_by_kind(view: View) -> None:
    async def story(person: Person) -> None:
        await opened(person)
        await person.press("v")
        seen = person.screen()
        texts = [
            "\nPromises",
            "the quote",
            "Next steps",
            "lunch",
            "Facts",
            "collects",
            "punctuality",
            "\nFamily",
        ]
        places = [seen.index(text) for text in [*texts, "Bình", "Occasions", "regatta", "Last talks"]]
        assert places == sorted(places)

    view(story, size=(100, 50))


def test_it_stands_side_by_side_only_where_there_is_room(view: View) -> None:
    async def narrow(person: Person) -> None:
        page = await opened(person)
        assert page.query_one("#who", Sheet).size.width >= 78
        assert page.query_one(PagedTable).size.height >= 7

    async def wide(person: Person) -> None:
        page = await opened(person)
        assert page.query_one("#who", Sheet).region.y == page.query_one(PagedTable).region.y

    view(narrow, size=(80, 24))
    view(wide, size=(120, 30))


def test_at_80x24_how_to_address_them_and_the_first_lines_show(view: View) -> None:
    async def story(person: Person) -> None:
        await opened(person)
        await person.press("v")
        for text in ("Address as", "chị Lan", "turns 52 in 33 days", "Hoàng Minh", "send [/b] the quote"):
            assert text in flowing(person)

    view(story, size=(80, 24))


def test_at_80x24_whom_to_write_and_call_comes_first(view: View, session: Session) -> None:
    people.edit(session, "p2", {"phones": ["+84 24 3825 1234"]})

    async def story(person: Person) -> None:
        page = await opened(person)
        await person.press("v")
        top = person.screen().splitlines()[: page.query_one("#about").region.y]
        labels = [line.strip().split("  ")[0] for line in top[3:]]
        assert labels == ["Address as", "Position", "Reports to", "Phone", "Mail", "Birthday"]
        assert page.query_one(PagedTable).size.height >= 7

    view(story, size=(80, 24))


def test_where_little_is_known_who_they_are_has_the_room_and_keys_act_on_the_person(
    view: View, session: Session
) -> None:
    people.edit(
        session, "p1", {"note": "likes\nshort\nmails\nand\nno\ncalls", "title": "Dr.", "language": "vi"}
    )

    async def story(person: Person) -> None:
        page = await opened(person, 1)
        await person.press("v")
        assert "calls" in person.screen()
        assert "Nothing is known yet." in person.screen()
        target = page.target()
        assert target is not None
        assert (target.noun, target.id) == ("person", 1)
        await person.press("e")
        assert isinstance(person.app.screen, RecordForm)
        await person.press("escape")
        await person.pilot.resize_terminal(140, 30)
        await person.rest()
        assert page.query_one("#who", Sheet).region.height == page.query_one("#about").region.height

    view(story, size=(80, 24))


def test_keys_act_on_the_row_and_on_the_person_where_the_cursor_is_on_who_they_are(
    view: View, session: Session
) -> None:
    async def story(person: Person) -> None:
        page = await opened(person)
        nouns = []
        for _ in range(7):
            target = page.target()
            assert target is not None
            nouns.append((target.noun, target.id))
            await person.press("j")
        assert nouns == [
            ("promise", 1),
            ("step", 1),
            ("fact", 2),
            ("fact", 1),
            ("relative", 1),
            ("occasion", 1),
            ("interaction", 1),
        ]
        assert page.whom() == "p2"
        page.query_one("#who", Sheet).focus()
        await person.rest()
        target = page.target()
        assert target is not None
        assert (target.noun, target.ref) == ("person", "p2")
        assert not page.check_action("done", ())
        page.query_one(PagedTable).focus()
        await person.press("g", "d")
        assert "Promises Next steps" not in flowing(person)

    view(story)
    assert promises.get(session, 1)["state"] == "kept"


@pytest.mark.parametrize(
    ("keys", "where"),
    [
        ((), (1, "promises")),
        (("j",), (1, "timeline")),
        (("j", "j"), (1, "facts")),
        (("j",) * 4, (1, None)),
        (("G",), (1, "timeline")),
        (("shift+tab",), (1, None)),
    ],
)
def test_enter_opens_the_account_where_it_belongs(
    view: View, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...], where: tuple[object, ...]
) -> None:
    asked: list[tuple[object, ...]] = []

    async def story(person: Person) -> None:
        monkeypatch.setattr(person.app, "open_account", lambda *account: asked.append(account))
        await opened(person)
        await person.press(*keys, "enter")

    view(story)
    assert asked == [where]


def test_locked_it_shows_what_is_plain(view: View, lock: Callable[[], None]) -> None:
    lock()

    async def story(person: Person) -> None:
        await person.press("escape")
        await opened(person)
        for text in ("Trần Thị Lan", "head of buying", "Address as", "locked", "9 days late", "2027-03-01"):
            assert text in flowing(person)
        for secret in SECRETS:
            assert secret not in flowing(person)

    view(story, size=(120, 40))


def test_locking_leaves_nothing_of_it_behind(view: View) -> None:
    async def story(person: Person) -> None:
        page = await opened(person)
        await person.press("v", "ctrl+l")
        assert page.query_one(PagedTable).line_count == 0
        assert page.query_one("#who", Sheet)._sections == ()

    view(story)


def test_a_person_removed_meanwhile_leads_back(view: View, session: Session) -> None:
    async def story(person: Person) -> None:
        page = await opened(person, 1)
        people.rm(session, "p1", cascade=True)
        page.reload()
        await person.rest()
        assert person.app.screen is not page
        assert [said.message for said in person.app._notifications] == ["That person is no longer there."]

    view(story)


TEXT = st.text(max_size=30) | st.sampled_from(["[/b]", "\x1b[31mred", "\u202ertl", "x" * 10_000])
DAY = st.sampled_from([None, "1975-04-12", "--02-29", "1975-04", "1975", "--04"])


@settings(max_examples=30, deadline=None)
@given(
    text=TEXT,
    birthday=DAY,
    occasion=st.sampled_from([str(kind) for kind in OccasionKind]),
    fact=st.sampled_from([str(kind) for kind in FactKind]),
    confirmed=st.sampled_from([None, "2020-01-01", "2027-03-10"]),
)
def test_any_dossier_can_be_read_and_its_secrets_are_marked(
    text: str, birthday: str | None, occasion: str, fact: str, confirmed: str | None
) -> None:
    about = {"id": 1, "account_id": 1, "note": text}
    none = dict.fromkeys(("title", "language", "private_phones", "private_address", "role", "department"))
    shape = {
        **none,
        **about,
        "name": "Lan",
        "account": "Đặng Gia",
        "position": None,
        "address_as": text,
        "reports_to": text,
        "birthday": birthday,
        "family_name": None,
        "given_name": None,
        "created_on": "2027-01-01",
        "mails": [],
        "phones": [],
        "aliases": [],
        "tags": [],
        "private_mails": [text],
        "promises": [],
        "steps": [],
        "interactions": [],
        "facts": [
            {
                **about,
                "kind": fact,
                "text": text,
                "source": text,
                "learned_on": None,
                "confirmed_on": confirmed,
            }
        ],
        "relatives": [{**about, "name": text, "relation": text, "birthday": birthday}],
        "occasions": [{**about, "kind": occasion, "title": text, "date": birthday}],
    }
    reading = Reading(shape, TODAY, "feb28")
    assert all(entry.secret for entry in reading.sections()[0].entries)
    for _, rows in reading.known():
        for row in rows:
            assert all(cell.secret or not cell.text for cell in (column.cell(row) for column in COLUMNS))
            told = in_full.sections(row.noun, {**row.shape, "person": None, "next_on": None}, TODAY)
            assert all(entry.secret for section in told for entry in section.entries)
