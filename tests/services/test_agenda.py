"""The agenda end to end: what shows, why, in which order, and what of it while locked (B2, B4, A3, B1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from dossier.config import Config
from dossier.domain.agenda import URGENCY, Item, fails_on
from dossier.domain.vocabulary import By, ItemKind
from dossier.services import accounts, agenda, interactions, promises, steps
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.store.catalog import Occasion, Person, Relative
from dossier.store.record import Record
from dossier.vault.keys import Keys

# The session's day is Wednesday 10 March 2027.


def store(session: Session, *records: Record) -> None:
    """Put records straight into the vault, as the commands of other nouns would."""
    with session.change("test") as transaction:
        for record in records:
            transaction.insert(record)


def account(session: Session, name: str = "Hanoi Optics", tier: str = "key", **fields: Any) -> int:
    number: int = accounts.add(session, name, {"tier": tier, **fields})["id"]
    return number


def person(birthday: str | None = None, account_id: int = 1, name: str = "Lan", **fields: Any) -> Person:
    return Person(account_id=account_id, name=name, created_on="2027-01-01", birthday=birthday, **fields)


def shown(session: Session, *kinds: ItemKind, days: int | None = None) -> list[Item]:
    return agenda.items(session, days, kinds)


def occasions(session: Session, days: int | None = None) -> list[tuple[str | None, str, str]]:
    """Title, day and reason of each occasion shown."""
    found = shown(session, ItemKind.OCCASION, days=days)
    return [(item.title, item.due.isoformat(), item.why) for item in found]


@pytest.fixture
def locked(
    session: Session, vault_path: str, lock: Callable[[], None]
) -> Iterator[Callable[[Keys | None], Session]]:
    """Open the vault again without keys, or with those given."""
    opened: list[Session] = []

    def again(keys: Keys | None = None) -> Session:
        lock()
        opened.append(Session(vault_path, session.today, Config({}, {}, ""), Unlocking()))
        if keys is not None:
            opened[-1].use(keys)
        return opened[-1]

    yield again
    for one in opened:
        one.close()


# --- Order -----------------------------------------------------------------------------------------------------------


def test_what_costs_most_trust_comes_first(session: Session) -> None:
    """Every rank of urgency once, made through the services and not in order."""
    session.today = date(2027, 1, 4)
    account(session, "Forgotten")
    account(session, "Beyond")
    account(session, "Client")
    interactions.log(session, "beyond", "x", {}, on="2027-01-04")

    session.today = date(2027, 2, 20)
    interactions.log(session, "beyond", "x", {})
    for title, due in (
        ("late, untold", "2027-03-09"),
        ("very late, untold", "2027-03-01"),
        ("late, told", "2027-03-02"),
        ("moved, untold", "2027-03-03"),
        ("due today", "2027-03-10"),
        ("to come", "2027-03-12"),
    ):
        promises.add(session, "client", title, due=due)
    promises.add(session, "client", "theirs, late", due="2027-03-01", by=By.THEM)
    promises.add(session, "client", "theirs, today", due="2027-03-10", by=By.THEM)

    session.today = date(2027, 3, 2)
    interactions.log(session, "client", "x", {})
    promises.renegotiate(session, 4, to="2027-05-01", because="x")
    promises.told(session, 3)
    steps.add(session, "client", "step, late", on="2027-03-08")
    steps.add(session, "client", "step, today", on="2027-03-10")
    steps.add(session, "client", "step, to come", on="2027-03-11")

    session.today = date(2027, 3, 10)
    store(session, person("--03-10", account_id=3), person("--03-13", account_id=3, name="Minh"))
    found = shown(session)
    assert [(item.title if item.kind != ItemKind.CADENCE else item.account) for item in found] == [
        "very late, untold",
        "late, untold",
        "moved, untold",
        "late, told",
        "due today",
        "Forgotten",
        "theirs, late",
        "Beyond",
        "step, late",
        "step, today",
        "birthday",
        "theirs, today",
        "step, to come",
        "to come",
        "birthday",
    ]
    assert sorted({item.urgency for item in found}, reverse=True) == sorted(URGENCY.values(), reverse=True)


def test_each_item_says_why_and_what_to_do(session: Session) -> None:
    account(session)
    store(session, person(name="Lan"))
    promises.add(session, "lan", "send the quote", due="2027-03-08", made="2027-03-01")
    (item,) = agenda.shape(session, shown(session))["items"]
    assert item == {
        "kind": "promise_overdue",
        "id": 1,
        "account": "Hanoi Optics",
        "account_id": 1,
        "person": "Lan",
        "person_id": 1,
        "title": "send the quote",
        "due": "2027-03-08",
        "days_late": 2,
        "why": "2 days late, and Lan has not been told",
        "urgency": 100,
        "action": (
            "tell them: dossier promise told 1 · or move it: dossier promise renegotiate 1 --to DATE --because TEXT"
        ),
        "by": "us",
        "notified": False,
    }


# --- Promises --------------------------------------------------------------------------------------------------------


def test_a_promise_shows_from_the_days_ahead_on(session: Session) -> None:
    account(session)
    promises.add(session, "1", "x", due="2027-03-17")
    assert len(shown(session)) == 1
    session.today = date(2027, 3, 9)
    assert shown(session) == []
    assert len(shown(session, days=8)) == 1


def test_a_move_without_a_word_stays_on_it_however_far_away_the_new_date(session: Session) -> None:
    account(session)
    promises.add(session, "1", "x", due="fri")
    promises.renegotiate(session, 1, to="2027-12-24", because="x")
    (item,) = shown(session)
    assert (item.kind, item.urgency, item.notified, item.days_late) == ("promise_due", 90, False, -289)
    promises.told(session, 1)
    assert shown(session) == []


def test_a_move_of_theirs_does_not(session: Session) -> None:
    account(session)
    promises.add(session, "1", "x", due="fri", by=By.THEM)
    promises.renegotiate(session, 1, to="2027-12-24", because="x")
    assert shown(session) == []


def test_settled_promises_leave_it(session: Session) -> None:
    account(session)
    for number in (1, 2):
        promises.add(session, "1", "x", due="today")
        (promises.keep if number == 1 else promises.withdraw)(session, number)
    assert shown(session) == []


def test_fails_on_our_late_promises_only(session: Session) -> None:
    account(session)
    promises.add(session, "1", "theirs", due="2027-03-01", made="2027-02-01", by=By.THEM)
    promises.add(session, "1", "ahead", due="fri")
    assert not fails_on(shown(session), "overdue")
    promises.add(session, "1", "ours", due="2027-03-01", made="2027-02-01")
    assert fails_on(shown(session), "overdue")
    promises.told(session, 3)
    assert fails_on(shown(session), "overdue")


# --- Cadence ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tier", "days"), [("key", 14), ("strategic", 21), ("prospect", 30), ("standard", 60)]
)
def test_an_account_falls_due_the_day_after_its_cadence(session: Session, tier: str, days: int) -> None:
    session.today = date(2027, 1, 1)
    account(session, tier=tier)
    session.today = date.fromordinal(date(2027, 1, 1).toordinal() + days)
    assert shown(session) == []
    session.today = date.fromordinal(session.today.toordinal() + 1)
    (item,) = shown(session)
    assert (item.kind, item.days_late, item.account_id, item.id) == ("cadence", 1, 1, 1)
    assert item.why == f"on the books without any contact for {days + 1} days; at most every {days}"


@pytest.mark.parametrize("own", [5, 100])
def test_its_own_cadence_counts_in_place_of_the_tiers(session: Session, own: int) -> None:
    session.today = date(2027, 1, 1)
    account(session, cadence_days=own)
    session.today = date.fromordinal(date(2027, 1, 1).toordinal() + own)
    assert shown(session) == []
    session.today = date.fromordinal(session.today.toordinal() + 1)
    assert [item.days_late for item in shown(session)] == [1]
    accounts.edit(session, "1", {"cadence_days": ""})
    assert [item.days_late for item in shown(session)] == ([] if own == 5 else [101 - 14])


@pytest.mark.parametrize("changes", [{}, {"direction": "in"}, {"channel": "letter", "initiative": "them"}])
def test_any_interaction_sets_the_clock_back(session: Session, changes: dict[str, str]) -> None:
    session.today = date(2027, 1, 1)
    account(session)
    session.today = date(2027, 3, 10)
    assert len(shown(session)) == 1
    interactions.log(session, "1", "x", changes, on="2027-02-24")
    assert shown(session) == []
    session.today = date(2027, 3, 11)
    assert [item.why for item in shown(session)] == ["no contact for 15 days; at most every 14"]


def test_a_notice_of_a_promise_is_contact_too(session: Session) -> None:
    session.today = date(2027, 2, 1)
    account(session)
    promises.add(session, "1", "x", due="2027-04-01")
    session.today = date(2027, 3, 10)
    promises.renegotiate(session, 1, to="2027-04-02", because="x")
    assert len(shown(session, ItemKind.CADENCE)) == 1
    promises.told(session, 1)
    assert shown(session, ItemKind.CADENCE) == []


def test_an_interaction_taken_away_counts_no_more(session: Session) -> None:
    session.today = date(2027, 1, 1)
    account(session)
    session.today = date(2027, 3, 10)
    interactions.log(session, "1", "x", {})
    interactions.rm(session, 1, cascade=False)
    assert len(shown(session)) == 1


@pytest.mark.parametrize("status", ["dormant", "former"])
def test_only_active_accounts_fall_due(session: Session, status: str) -> None:
    session.today = date(2026, 1, 1)
    account(session, status=status, cadence_days=5)
    session.today = date(2027, 3, 10)
    assert shown(session) == []


def test_the_longest_beyond_its_own_interval_comes_first(session: Session) -> None:
    session.today = date(2027, 1, 1)
    account(session, "Standard", "standard")
    account(session, "Own", "standard", cadence_days=7)
    account(session, "Key", "key")
    session.today = date(2027, 3, 10)
    assert [item.account for item in shown(session)] == ["Own", "Key", "Standard"]


def test_locked_every_account_is_held_to_its_tier(
    session: Session, locked: Callable[[Keys | None], Session]
) -> None:
    session.today = date(2027, 2, 20)
    account(session, "Often", "standard", cadence_days=5)
    account(session, "Key", "key")
    session.today = date(2027, 3, 10)
    assert [item.account for item in shown(session)] == ["Often", "Key"]
    assert [item.account for item in shown(locked(None))] == ["Key"]


# --- Occasions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "rule", "due"),
    [
        ("2027-02-21", "feb28", "2027-02-28"),
        ("2027-02-28", "feb28", "2027-02-28"),
        ("2027-03-01", "feb28", None),
        ("2027-02-28", "mar1", "2027-03-01"),
        ("2027-03-01", "mar1", "2027-03-01"),
        ("2027-03-02", "mar1", None),
        ("2028-02-28", "feb28", "2028-02-29"),
        ("2028-02-29", "feb28", "2028-02-29"),
        ("2028-02-29", "mar1", "2028-02-29"),
        ("2028-03-01", "mar1", None),
    ],
)
@pytest.mark.parametrize("birthday", ["--02-29", "1976-02-29"])
def test_29_february_is_kept_on_the_right_day(
    session: Session, today: str, rule: str, due: str | None, birthday: str
) -> None:
    account(session)
    store(session, person(birthday))
    session.today = date.fromisoformat(today)
    session.config = Config({"leap_day": rule}, {}, "")
    assert [day for _, day, _ in occasions(session)] == ([due] if due else [])


def test_the_turn_of_the_year_is_no_border(session: Session) -> None:
    account(session)
    store(session, person("1980-01-02"), person("--12-31", name="Minh"))
    session.today = date(2027, 12, 28)
    assert occasions(session) == [
        ("birthday", "2027-12-31", "birthday in 3 days"),
        ("birthday", "2028-01-02", "turns 48 in 5 days"),
    ]


@pytest.mark.parametrize(
    ("birthday", "why"),
    [
        ("1975-03-10", "turns 52 today"),
        ("--03-10", "birthday today"),
        ("--03-11", "birthday tomorrow"),
        ("1975-03-17", "turns 52 in 7 days"),
        ("1975-03-18", None),
        ("1975-03-09", None),
        ("1975-03", None),
        ("1975", None),
        ("--03", None),
        (None, None),
    ],
)
def test_birthdays_show_a_week_ahead_if_their_day_is_known(
    session: Session, birthday: str | None, why: str | None
) -> None:
    account(session)
    store(session, person(birthday))
    assert [one[2] for one in occasions(session)] == ([why] if why else [])


def test_relatives_are_named_with_whose_they_are(session: Session) -> None:
    account(session)
    store(session, person(), Relative(person_id=1, name="Bình", relation="son", birthday="2017-03-12"))
    (item,) = shown(session)
    assert (item.title, item.person, item.account, item.why, item.id) == (
        "birthday of Bình (son)",
        "Lan",
        "Hanoi Optics",
        "turns 10 in 2 days",
        1,
    )


def test_occasions_of_accounts_and_of_people(session: Session) -> None:
    account(session)
    store(
        session,
        person(),
        Occasion(account_id=1, kind="founding", date="1997-03-14"),
        Occasion(account_id=1, person_id=1, kind="nameday", date="--03-12", title="St. Lan"),
    )
    found = shown(session)
    assert [(item.title, item.person, item.why, item.id) for item in found] == [
        ("St. Lan", "Lan", "name day in 2 days", 2),
        ("founding", None, "founding day in 4 days, the 30th", 1),
    ]
    assert [item.action.split(" · ")[0] for item in found] == [
        "greet them: dossier brief p1",
        "greet them: dossier brief a1",
    ]


@pytest.mark.parametrize(("lead", "ahead"), [(0, 0), (3, 3), (None, 7), (30, 30)])
def test_an_occasion_shows_from_its_own_lead_on(session: Session, lead: int | None, ahead: int) -> None:
    account(session)
    store(session, Occasion(account_id=1, kind="jubilee", date="--06-30", lead_days=lead))
    session.today = date.fromordinal(date(2027, 6, 30).toordinal() - ahead)
    assert len(occasions(session)) == 1
    session.today = date.fromordinal(session.today.toordinal() - 1)
    assert occasions(session) == []


def test_the_settings_say_how_long_ahead(session: Session) -> None:
    account(session)
    store(session, person("--03-20"))
    assert occasions(session) == []
    session.config = Config({"occasion_days": "10"}, {}, "")
    assert len(occasions(session)) == 1


def test_asked_to_look_further_it_does_and_no_own_lead_is_cut_short(session: Session) -> None:
    account(session)
    store(
        session,
        person("--04-05"),
        Occasion(account_id=1, date="--04-06", lead_days=2, title="short lead"),
        Occasion(account_id=1, date="--04-07", lead_days=60, title="long lead"),
    )
    assert [title for title, _, _ in occasions(session)] == ["long lead"]
    assert [title for title, _, _ in occasions(session, days=30)] == ["birthday", "short lead", "long lead"]
    assert [title for title, _, _ in occasions(session, days=0)] == ["long lead"]


@pytest.mark.parametrize(
    ("tier", "marked", "visible"),
    [
        ("key", False, True),
        ("strategic", False, True),
        ("standard", False, False),
        ("prospect", False, False),
        ("standard", True, True),
        ("prospect", True, True),
    ],
)
def test_of_people_at_key_and_strategic_accounts_and_of_whoever_is_marked(
    session: Session, tier: str, marked: bool, visible: bool
) -> None:
    account(session, tier=tier)
    store(
        session,
        person("--03-10", marked=marked),
        Relative(person_id=1, name="Bình", relation="son", birthday="--03-10"),
        Occasion(account_id=1, person_id=1, date="--03-10", title="of the person"),
        Occasion(account_id=1, date="--03-10", title="of the account"),
    )
    titles = {title for title, _, _ in occasions(session)}
    of_people = {"birthday", "birthday of Bình (son)", "of the person"} if visible else set()
    of_account = {"of the account"} if tier in ("key", "strategic") else set()
    assert titles == of_people | of_account


@pytest.mark.parametrize(("status", "count"), [("active", 2), ("dormant", 2), ("former", 0)])
def test_those_we_no_longer_work_with_are_not_greeted(session: Session, status: str, count: int) -> None:
    account(session, status=status)
    store(session, person("--03-10"), Occasion(account_id=1, date="--03-10"))
    assert len(occasions(session)) == count


def test_a_changed_birthday_shows_on_its_new_day_alone(session: Session) -> None:
    account(session)
    store(session, person("--03-10"))
    with session.change("test") as transaction:
        transaction.update(transaction.get(Person, 1), birthday="--03-11")
    assert [day for _, day, _ in occasions(session)] == ["2027-03-11"]
    with session.change("test") as transaction:
        transaction.update(transaction.get(Person, 1), birthday=None)
    assert occasions(session) == []


# --- Its JSON, and while locked --------------------------------------------------------------------------------------


def test_the_counts_name_every_kind_and_all_items_whatever_the_limit(session: Session) -> None:
    account(session)
    for due in ("today", "tomorrow"):
        promises.add(session, "1", "x", due=due)
    steps.add(session, "1", "x", on="today")
    shape = agenda.shape(session, shown(session), limit=1)
    assert list(shape) == ["today", "locked", "counts", "items"]
    assert shape["counts"] == {
        "promise_overdue": 0,
        "promise_due": 2,
        "case_due": 0,
        "proposal_step": 0,
        "proposal_expiring": 0,
        "tender_milestone": 0,
        "occasion": 0,
        "cadence": 0,
        "next_step": 1,
        "trip": 0,
        "stale": 0,
    }
    assert [item["kind"] for item in shape["items"]] == ["promise_due"]


def test_only_the_kinds_asked_for(session: Session) -> None:
    account(session)
    promises.add(session, "1", "x", due="today")
    promises.add(session, "1", "late", due="2027-03-01", made="2027-02-01")
    steps.add(session, "1", "x", on="today")
    store(session, person("--03-10"))
    for kind in ItemKind:
        assert {item.kind for item in shown(session, kind)} <= {kind}
    assert [item.kind for item in shown(session, ItemKind.NEXT_STEP, ItemKind.PROMISE_DUE)] == [
        "promise_due",
        "next_step",
    ]


def _a_bit_of_everything(session: Session) -> None:
    session.today = date(2027, 2, 1)
    account(session)
    session.today = date(2027, 3, 10)
    store(session, person("--03-10"))
    promises.add(session, "1", "secret title", due="today")
    steps.add(session, "1", "secret step", on="today")


def test_locked_it_tells_who_and_when_but_not_what(
    session: Session, locked: Callable[[Keys | None], Session]
) -> None:
    _a_bit_of_everything(session)
    closed = locked(None)
    shape = agenda.shape(closed, shown(closed))
    assert shape["locked"] is True
    assert shape["counts"]["occasion"] is None
    assert [(item["kind"], item["account"], item["title"]) for item in shape["items"]] == [
        ("promise_due", "Hanoi Optics", None),
        ("cadence", "Hanoi Optics", "get in touch"),
        ("next_step", "Hanoi Optics", None),
    ]
    assert "secret" not in str(shape)


def test_with_the_agenda_key_alone_it_is_whole(
    session: Session, locked: Callable[[Keys | None], Session]
) -> None:
    """A scoped key file for cron opens titles and occasions, and no note."""
    _a_bit_of_everything(session)
    whole = agenda.shape(session, shown(session))
    keys = Keys(session.keys.vault_id, session.keys.key_id, agenda=session.keys.agenda)
    scoped = locked(keys)
    assert agenda.shape(scoped, shown(scoped)) == whole
    assert promises.get(scoped, 1)["title"] == "secret title"
    assert promises.get(scoped, 1)["locked"] is True
