"""The book of business in `examples/`: consistent, as large as it says, and with a story to tell on day 0."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from dossier.domain.cadence import cadence_of
from dossier.domain.limits import LINE_LIMIT
from dossier.domain.vocabulary import (
    AccountStatus,
    By,
    Channel,
    Direction,
    FactKind,
    Gender,
    OccasionKind,
    PromiseState,
    Role,
    StepState,
    Tier,
)

Record = dict[str, Any]

EXAMPLES = Path(__file__).parent.parent / "examples"
BOOK: dict[str, Record] = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(EXAMPLES.glob("book/*.json"))
}

WEEK = 7
LANGUAGES = ("en", "vi", "bg", "zh")

RESERVED_MAIL = re.compile(r"[\w.-]+@([\w-]+\.)*(example\.(com|org|net)|[\w-]+\.(example|test))")
FICTIONAL_PHONE = re.compile(
    r"\+44 20 7946 0\d{3}|\+44 7700 900\d{3}|\+1 \d{3} 555 01\d\d"  # set aside for fiction
    r"|\+84 (28 0000|90 000) \d{4}|\+359 (2|88) 000 \d{4}|\+86 (571|190) 0000 \d{4}"  # never given out
)
PARTIAL_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?|--\d\d(-\d\d)?")

# What a record may hold, as examples/README.md says; a misspelt key would silently be lost.
KEYS: dict[str, set[str]] = {
    kind: set(words.split())
    for kind, words in {
        "account": "name aliases tier status cadence_days created tags mails phones industry country language"
        " website address industry_position influence business_model financial_strength credit willingness"
        " demand strengths weak_points growth_areas market note"
        " facts occasions people interactions promises steps",
        "person": "name family_name given_name address_as title gender position department role reports_to marked tags"
        " language birthday mails phones private_mails private_phones note facts relatives occasions",
        "fact": "kind text source learned confirmed",
        "relative": "name relation birthday note",
        "occasion": "kind title date lead_days note",
        "interaction": "day with channel direction initiative subject note outcome promises next",
        "promise": "title by made due person detail state settled told told_to told_channel moves",
        "move": "on to because apology told channel",
        "step": "title created due state done",
    }.items()
}

WORDS: dict[tuple[str, str], type[StrEnum]] = {
    ("account", "tier"): Tier,
    ("account", "status"): AccountStatus,
    ("person", "gender"): Gender,
    ("person", "role"): Role,
    ("fact", "kind"): FactKind,
    ("occasion", "kind"): OccasionKind,
    ("interaction", "channel"): Channel,
    ("interaction", "direction"): Direction,
    ("interaction", "initiative"): By,
    ("promise", "by"): By,
    ("promise", "state"): PromiseState,
    ("promise", "told_channel"): Channel,
    ("move", "channel"): Channel,
    ("step", "state"): StepState,
}

DAYS = {"created", "learned", "confirmed", "day", "made", "due", "settled", "on", "to", "done", "in_days"}
LINES = {"name", "title", "subject", "source", "position", "department", "relation", "address_as", "industry"}


def facts(account: Record) -> list[Record]:
    return [*account.get("facts", []), *(fact for p in account["people"] for fact in p.get("facts", []))]


def occasions(account: Record) -> list[Record]:
    return [*account.get("occasions", []), *(o for p in account["people"] for o in p.get("occasions", []))]


def relatives(account: Record) -> list[Record]:
    return [relative for person in account["people"] for relative in person.get("relatives", [])]


def promises(account: Record) -> list[Record]:
    made_in_talks = [p for talk in account["interactions"] for p in talk.get("promises", [])]
    return [*account.get("promises", []), *made_in_talks]


def steps(account: Record) -> list[Record]:
    """All steps, those of interactions with `created` filled in."""
    agreed = [{"created": talk["day"], **talk["next"]} for talk in account["interactions"] if "next" in talk]
    return [*account.get("steps", []), *agreed]


def records() -> Iterator[tuple[str, Record]]:
    """Every record of the book with its kind."""
    for account in BOOK.values():
        yield "account", account
        for kind, found in (
            ("person", account["people"]),
            ("fact", facts(account)),
            ("relative", relatives(account)),
            ("occasion", occasions(account)),
            ("interaction", account["interactions"]),
            ("promise", promises(account)),
            ("move", [move for p in promises(account) for move in p.get("moves", [])]),
            ("step", steps(account)),
        ):
            for record in found:
                yield kind, record


def due_now(promise: Record) -> int:
    """The date that counts today: the last move's, else the first one given."""
    moves: list[Record] = promise.get("moves", [])
    day: int = moves[-1]["to"] if moves else promise["due"]
    return day


def recurring_dates(account: Record) -> Iterator[tuple[str, Any]]:
    """Every birthday and occasion as it is written, with the kind of record that it belongs to."""
    for person in account["people"]:
        yield "person", person.get("birthday")
    yield from (("relative", relative.get("birthday")) for relative in relatives(account))
    yield from (("occasion", occasion["date"]) for occasion in occasions(account))


def contact_cards() -> list[Record]:
    text = (EXAMPLES / "contacts.vcf").read_bytes().decode().replace("\r\n ", "")
    cards = []
    for card in text.split("BEGIN:VCARD\r\n")[1:]:
        lines = [line.partition(":") for line in card.split("\r\n") if line]
        cards.append({name.partition(";")[0]: value for name, _, value in lines})
    return cards


def leads() -> list[dict[str, str]]:
    with (EXAMPLES / "leads.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def script_of(text: str) -> str:
    """The language that the letters of a text speak for."""
    if re.search("[\u4e00-\u9fff]", text):
        return "zh"
    if re.search("[\u0400-\u04ff]", text):
        return "bg"
    return "vi" if re.search("[ăâđêôơưĂÂĐÊÔƠƯ\u1ea0-\u1ef9]", text) else "en"


# --- As large as it says ---


def test_size() -> None:
    new_accounts = {lead["Organization Name"] for lead in leads()} - {a["name"] for a in BOOK.values()}
    assert len(new_accounts) == 3
    assert len(BOOK) + len(new_accounts) == 25
    assert (
        sum(len(account["people"]) for account in BOOK.values()) + len(contact_cards()) + len(leads()) == 118
    )
    assert 580 <= sum(len(account["interactions"]) for account in BOOK.values()) <= 620
    assert 85 <= sum(len(promises(account)) for account in BOOK.values()) <= 100


def test_every_tier_and_status_occurs() -> None:
    assert {account["tier"] for account in BOOK.values()} == set(Tier)
    assert {account["status"] for account in BOOK.values()} == set(AccountStatus)


def test_key_accounts_have_a_year_and_a_half_of_history_in_the_rhythm_of_their_tier() -> None:
    for slug, account in BOOK.items():
        if account["tier"] == Tier.KEY:
            days = [talk["day"] for talk in account["interactions"]]
            assert days[0] < -540, slug
            gaps = [later - earlier for earlier, later in pairwise(days)]
            assert 11 <= sum(gaps) / len(gaps) <= 16, slug
            assert max(gaps) <= 28, slug


def test_promises_have_every_kind_of_life() -> None:
    everything = [promise for account in BOOK.values() for promise in promises(account)]
    ours = [promise for promise in everything if promise["by"] == By.US]
    kept = [promise for promise in ours if promise["state"] == PromiseState.KEPT]
    late = [promise for promise in kept if promise["settled"] > due_now(promise)]
    assert len(kept) - len(late) >= 35
    assert sum("told" in promise for promise in late) >= 5
    assert sum("told" not in promise for promise in late) >= 4
    assert Counter(len(promise.get("moves", [])) for promise in ours)[2] >= 2
    assert Counter(len(promise.get("moves", [])) for promise in ours)[1] >= 6
    assert len(everything) - len(ours) >= 15
    assert any(promise["state"] == PromiseState.WITHDRAWN for promise in everything)


# --- Well-formed ---


def test_keys_are_known() -> None:
    for kind, record in records():
        assert set(record) <= KEYS[kind], record


def test_words_come_from_the_vocabulary() -> None:
    for kind, record in records():
        for key, value in record.items():
            if (kind, key) in WORDS:
                assert value in set(WORDS[kind, key]), record


def test_days_are_whole_numbers() -> None:
    for kind, record in records():
        for key in DAYS & set(record):
            assert type(record[key]) is int, record
        if kind == "promise" and "told" in record:
            assert type(record["told"]) is int, record


def test_lines_fit() -> None:
    for _, record in records():
        for key in LINES & set(record):
            assert 0 < len(record[key]) <= LINE_LIMIT, record
            assert record[key] == record[key].strip(), record


def test_partial_dates() -> None:
    for account in BOOK.values():
        for _, value in recurring_dates(account):
            if isinstance(value, dict):
                assert set(value) <= {"born", "turns", "in_days"}, value
                assert not {"born", "turns"} <= set(value), value
                assert type(value["in_days"]) is int, value
            elif value is not None:
                assert PARTIAL_DATE.fullmatch(value), value


def test_birthdays_with_every_part_unknown_and_one_leap_day() -> None:
    given = [p["birthday"] for account in BOOK.values() for p in account["people"] if "birthday" in p]
    shapes = Counter(re.sub(r"\d", "0", birthday) for birthday in given if isinstance(birthday, str))
    assert set(shapes) == {"0000-00-00", "--00-00", "0000-00", "--00", "0000"}
    assert sum(str(birthday).endswith("-02-29") for birthday in given) == 1


def test_facts_are_confirmed_after_they_were_learned() -> None:
    for account in BOOK.values():
        for fact in facts(account):
            assert account["created"] <= fact["learned"] <= fact["confirmed"] <= 0, fact
            assert fact["source"], fact


# --- Invented ---


def test_mails_and_phones_reach_nobody() -> None:
    mails = [
        mail for _, record in records() for key in ("mails", "private_mails") for mail in record.get(key, [])
    ]
    phones = [
        phone
        for _, record in records()
        for key in ("phones", "private_phones")
        for phone in record.get(key, [])
    ]
    assert mails
    assert phones
    for card in contact_cards():
        mails += [value for name, value in card.items() if name.endswith("EMAIL")]
        phones.append(card["TEL"])
    for lead in leads():
        mails += [lead[f"E-mail {n} - Value"] for n in (1, 2) if lead[f"E-mail {n} - Value"]]
        phones += [lead[f"Phone {n} - Value"] for n in (1, 2) if lead[f"Phone {n} - Value"]]
    for mail in mails:
        assert RESERVED_MAIL.fullmatch(mail), mail
    for phone in phones:
        # A vCard 4.0 may give a number as a URI, with hyphens for spaces.
        assert FICTIONAL_PHONE.fullmatch(phone.removeprefix("tel:").replace("-", " ")), phone


def test_websites_are_reserved_names() -> None:
    for account in BOOK.values():
        assert re.fullmatch(r"https://[\w-]+\.example", account["website"])


# --- Consistent ---


def test_nobody_is_in_two_places() -> None:
    book = [person["name"] for account in BOOK.values() for person in account["people"]]
    cards = [card["FN"] for card in contact_cards()]
    joined = {lead["First Name"] + lead["Last Name"] for lead in leads()}
    assert len(set(book + cards)) == len(book) + len(cards)
    assert len(joined) == len(leads())
    everyone = {name.replace(" ", "") for name in book + cards}
    swapped = {lead["Last Name"] + lead["First Name"] for lead in leads()}
    assert not {name.replace(" ", "") for name in joined | swapped} & everyone


def test_contact_cards_name_accounts_of_the_book() -> None:
    assert {card["ORG"].split(";")[0] for card in contact_cards()} <= {a["name"] for a in BOOK.values()}


def test_contact_cards_are_folded_as_phones_do() -> None:
    text = (EXAMPLES / "contacts.vcf").read_bytes()
    assert text.count(b"\n") == text.count(b"\r\n")
    assert max(len(line) for line in text.split(b"\r\n")) <= 75


@pytest.mark.parametrize("slug", BOOK)
def test_names_in_the_work_are_people_of_the_account(slug: str) -> None:
    account = BOOK[slug]
    names = {person["name"] for person in account["people"]}
    for talk in account["interactions"]:
        assert talk["with"], talk
        assert set(talk["with"]) <= names, talk
    for promise in promises(account):
        assert promise["person"] in names, promise
        assert promise.get("told_to", promise["person"]) in names, promise
        for move in promise.get("moves", []):
            assert move.get("told", promise["person"]) in names, move


@pytest.mark.parametrize("slug", BOOK)
def test_interactions_run_from_old_to_new(slug: str) -> None:
    days = [talk["day"] for talk in BOOK[slug]["interactions"]]
    assert days == sorted(set(days))
    assert BOOK[slug]["created"] <= days[0]
    assert days[-1] <= 0


@pytest.mark.parametrize("slug", BOOK)
def test_promises_keep_their_order(slug: str) -> None:
    for talk in BOOK[slug]["interactions"]:
        assert all(promise["made"] == talk["day"] for promise in talk.get("promises", []))
    for promise in promises(BOOK[slug]):
        assert promise["made"] <= 0, promise
        assert promise["made"] <= promise["due"], promise
        last_on, last_to = promise["made"], promise["due"]
        for move in promise.get("moves", []):
            assert last_on <= move["on"] <= 0, promise
            assert last_to != move["to"] >= move["on"], promise
            assert move["because"], promise
            assert ("told" in move) == ("channel" in move), promise
            last_on, last_to = move["on"], move["to"]
        settled = promise["state"] in {PromiseState.KEPT, PromiseState.WITHDRAWN}
        assert settled == ("settled" in promise), promise
        assert last_on <= promise.get("settled", 0) <= 0, promise


@pytest.mark.parametrize("slug", BOOK)
def test_whoever_was_told_was_talked_to_that_day(slug: str) -> None:
    talks = {(talk["day"], name) for talk in BOOK[slug]["interactions"] for name in talk["with"]}
    for promise in promises(BOOK[slug]):
        assert ("told" in promise) == ("told_to" in promise) == ("told_channel" in promise), promise
        if "told" in promise:
            assert promise["made"] <= promise["told"] <= promise.get("settled", 0), promise
            assert (promise["told"], promise["told_to"]) in talks, promise
        for move in promise.get("moves", []):
            assert "told" not in move or (move["on"], move["told"]) in talks, promise


@pytest.mark.parametrize("slug", BOOK)
def test_steps_are_closed_by_the_next_interaction(slug: str) -> None:
    days = [talk["day"] for talk in BOOK[slug]["interactions"]]
    for step in steps(BOOK[slug]):
        assert step["created"] <= step["due"], step
        closing = [day for day in days if day > step["created"] and day >= step["due"]]
        assert step["state"] == (StepState.DONE if closing else StepState.OPEN), step
        assert step.get("done") == (closing[0] if closing else None), step


# --- Readable ---


def test_no_text_occurs_twice() -> None:
    talks = [talk for account in BOOK.values() for talk in account["interactions"]]
    for key in ("subject", "note"):
        assert [text for text, times in Counter(talk[key] for talk in talks).items() if times > 1] == []


def test_notes_are_in_the_language_of_the_account() -> None:
    for slug, account in BOOK.items():
        for talk in account["interactions"]:
            assert script_of(talk["subject"] + talk["note"]) == account["language"], (slug, talk["day"])


def test_each_language_has_its_quarter() -> None:
    talks = Counter(a["language"] for a in BOOK.values() for _ in a["interactions"])
    assert set(talks) == set(LANGUAGES)
    for language in LANGUAGES:
        assert 0.2 <= talks[language] / talks.total() <= 0.3, language


# --- The story of day 0 ---


def open_promises(by: By) -> list[Record]:
    return [
        promise
        for account in BOOK.values()
        for promise in promises(account)
        if promise["by"] == by and promise["state"] == PromiseState.OPEN
    ]


def waiting_ratios() -> list[float]:
    """Of each active account: days since the last interaction by its cadence."""
    return [
        -account["interactions"][-1]["day"] / cadence_of(Tier(account["tier"]), account.get("cadence_days"))
        for account in BOOK.values()
        if account["status"] == AccountStatus.ACTIVE
    ]


def occasions_this_week() -> list[tuple[str, Any]]:
    """Those given as days near today, where occasions show: they come on whatever day one looks."""
    return [
        (kind, value)
        for account in BOOK.values()
        if account["tier"] in {Tier.KEY, Tier.STRATEGIC} or any(p.get("marked") for p in account["people"])
        for kind, value in recurring_dates(account)
        if isinstance(value, dict) and 0 <= value["in_days"] <= WEEK
    ]


def steps_this_week() -> list[Record]:
    return [s for a in BOOK.values() for s in steps(a) if s["state"] == StepState.OPEN and s["due"] <= WEEK]


def test_our_late_promises() -> None:
    late = [promise for promise in open_promises(By.US) if due_now(promise) < 0]
    assert sum("told" not in promise for promise in late) == 2
    assert sum("told" in promise for promise in late) == 2


def test_one_promise_was_moved_in_silence() -> None:
    silent = [p for p in open_promises(By.US) if "moves" in p and "told" not in p["moves"][-1]]
    assert [due_now(promise) > WEEK for promise in silent] == [True]


def test_our_promises_of_the_week() -> None:
    assert sorted(due_now(p) for p in open_promises(By.US) if 0 <= due_now(p) <= WEEK) == [0, 1, 3, 6]


def test_their_late_promises() -> None:
    assert sum(due_now(promise) < 0 for promise in open_promises(By.THEM)) == 3


def test_accounts_beyond_their_cadence() -> None:
    beyond = sorted(round(ratio, 1) for ratio in waiting_ratios() if ratio > 1)
    assert beyond == [1.1, 1.5, 2.1, 3.0]


def test_occasions_of_the_week() -> None:
    found = occasions_this_week()
    assert Counter(kind for kind, _ in found) == {"person": 3, "relative": 1, "occasion": 1}
    assert any(kind == "person" and value.get("turns") == 50 for kind, value in found)


def test_the_agenda_fits_a_screen() -> None:
    pressing = [p for p in open_promises(By.US) if due_now(p) <= WEEK or "moves" in p]
    theirs = [p for p in open_promises(By.THEM) if due_now(p) <= WEEK]
    overdue = [ratio for ratio in waiting_ratios() if ratio > 1]
    items = len(pressing) + len(theirs) + len(overdue) + len(occasions_this_week()) + len(steps_this_week())
    assert 3 <= len(steps_this_week()) <= 5
    assert 15 <= items <= 25
