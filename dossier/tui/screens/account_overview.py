"""An account at a glance: how it stands, the rhythm of contacts, promises kept, and its profile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container, Vertical

from dossier.domain.text import count_of, due_words, in_days
from dossier.domain.vocabulary import By
from dossier.services import accounts, health, refs, rhythm
from dossier.services.session import Session
from dossier.services.shapes import PROFILE, Shape
from dossier.tui.deeds import Target
from dossier.tui.in_full import secret
from dossier.tui.screens.pane import Pane
from dossier.tui.screens.today import LOCKED
from dossier.tui.widgets.chart import Chart, Group, Series
from dossier.tui.widgets.sheet import Entry, Section, Sheet


def _account(session: Session, account_id: int) -> tuple[Shape, Shape]:
    """The account in full, and its health."""
    whole = accounts.in_full(session, refs.account(session, f"a{account_id}"))
    return whole, health.health(session, account_id)


_OF = {By.US: "Our promise", By.THEM: "Their promise", "step": "Next step", None: "Next date"}
"""What is due on the next date."""


class Overview(Pane):
    """How an account stands, in figures and pictures, above its profile; beside it on a wide screen."""

    FIRST: ClassVar[str] = "#profile"

    def compose(self) -> ComposeResult:
        """Figures, pictures, profile."""
        with Container(id="glance"):
            figures = Sheet(id="health")
            figures.can_focus = False  # all of it is seen
            yield figures
            with Vertical(id="pictures"):
                yield Chart([Series("", "bar")], id="contacts")
                yield Chart([Series("kept", "good"), Series("late", "bad", "▒")], id="kept")
        yield Sheet(id="profile")

    async def load(self) -> None:
        """Fetch all of it."""
        ask, number = self.page.dossier.desk.ask, self.account_id
        account, state = await ask(_account, number)
        weeks = await ask(rhythm.contacts_per_week, account_id=number)
        months = await ask(rhythm.promises_per_month, account_id=number)
        self.query_one("#health", Sheet).show(
            [Section("Health", list(_health(state, self.page.dossier.today())))]
        )
        self.query_one("#profile", Sheet).show(
            [Section("Profile", _profile(account)), Section("Reached by", _reach(account))]
        )
        self.query_one("#contacts", Chart).show("Contacts a week", _weeks(weeks))
        self.query_one("#kept", Chart).show(
            "Our promises a month",
            [Group(_month(one["month"]), (one["kept"], one["late"])) for one in months],
        )

    def forget(self) -> None:
        """Hold no pictures either."""
        for chart in self.query(Chart):
            chart.forget()

    def target(self) -> Target:
        """The account."""
        return Target("account", self.account_id, self.account_id)


def _health(state: Shape, today: date) -> Iterator[Entry]:
    yield Entry("Last contact", _ago(state["last_contact_on"], today))
    over = state["days_over"]
    words = (
        f"{count_of(over, 'day')} over"
        if over > 0
        else f"{count_of(-over, 'day')} left"
        if over
        else "due today"
    )
    yield Entry("Cadence", words, look="bad" if over > 0 else "warn" if over == 0 else "good")
    longest = state["cadence_days"]
    yield _hidden("At least every", longest, count_of(longest or 0, "day"))
    yield Entry(
        _OF[state["next_of"]], _next(state["next_on"], today), look="" if state["next_on"] else "soft"
    )
    late = state["late_promises"]
    yield Entry("Promises", f"{state['open_promises']} open, {late} late", look="bad" if late else "")
    untold = state["untold"]
    yield Entry(
        "Not told of", count_of(untold, "promise") if untold else "none", look="bad" if untold else ""
    )
    rate = state["kept_rate"]
    yield Entry("Kept on time", "none due yet" if rate is None else f"{rate:.0%}")
    yield Entry("People", str(state["people"]))
    complete = state["complete"]
    yield _hidden("Profile", complete, f"{complete} % known")
    stale = state["stale_facts"]
    yield _hidden("Stale facts", stale, f"{stale}, ask again" if stale else "none", "warn" if stale else "")


def _hidden(label: str, figure: int | None, words: str, look: str = "") -> Entry:
    """What is told by encrypted fields is as secret as they are."""
    return Entry(label, LOCKED, look="soft") if figure is None else Entry(label, words, True, look)


def _ago(on: str | None, today: date) -> str:
    return f"{in_days((date.fromisoformat(on) - today).days)}, {on}" if on else "never"


def _next(on: str | None, today: date) -> str:
    if on is None:
        return "none agreed"
    days = (date.fromisoformat(on) - today).days
    return f"{due_words(-days) if days < 0 else in_days(days)}, {on}"


def _profile(account: Shape) -> list[Entry]:
    if account.get("locked"):
        return secret("What is known", None, account)
    found = [
        Entry(field.replace("_", " ").capitalize(), account[field], secret=True)
        for field in PROFILE
        if account[field]
    ]
    return found or [Entry("What is known", "nothing yet", look="soft")]


def _reach(account: Shape) -> list[Entry]:
    listed = (("Mail", "mails"), ("Phone", "phones"), ("Also called", "aliases"), ("Tags", "tags"))
    found = [Entry(label, ", ".join(account[field])) for label, field in listed if account[field]]
    return [*found, Entry("On file since", account["created_on"])]


def _weeks(weeks: Sequence[Shape]) -> list[Group]:
    """The weeks, of which the first of each month is named for it."""
    found, before = [], ""
    for one in weeks:
        month = _month(one["week"])
        found.append(Group(month if month != before else "", (one["contacts"],)))
        before = month
    return found


def _month(on: str) -> str:
    return f"{date.fromisoformat(f'{on[:7]}-01'):%b}"
