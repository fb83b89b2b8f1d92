"""The dossier of a person: who they are and how to address them, and all that is known about them (A2, A3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.widgets import Static

from dossier.domain.completeness import age_words, is_stale
from dossier.domain.occasions import BIRTHDAY, upcoming, wording
from dossier.domain.partial_date import LeapRule, PartialDate
from dossier.domain.text import due_words, joined
from dossier.domain.vocabulary import By, FactKind
from dossier.errors import NotFound
from dossier.services import dossier_page, refs
from dossier.services.session import Session
from dossier.services.shapes import Shape, day
from dossier.tui import in_full
from dossier.tui.deeds import Target
from dossier.tui.inert import inert
from dossier.tui.keys import bindings
from dossier.tui.page import Page
from dossier.tui.screens.board import notice_cell
from dossier.tui.screens.today import LOCKED
from dossier.tui.widgets.paged_table import Cell, Column, Heading, Line, PagedTable
from dossier.tui.widgets.sheet import Entry, Section, Sheet

_A_YEAR = 366
_KINDS = [str(kind) for kind in FactKind]
_TABS = {"promise": "promises", "step": "timeline", "fact": "facts", "interaction": "timeline"}
"""Where a record stands in its account's dossier."""

NOTHING = Cell("")

_SHARE = 38
"""Percent of the height that who they are takes at least, if there is so much to say."""

_LEAST = 3
"""Lines that the table has even where nothing is known."""


class Known(NamedTuple):
    """A row: a record by noun, id and account, the cells that show it, and all of it."""

    noun: str
    id: int
    account_id: int
    kind: Cell
    what: Cell
    when: Cell
    more: Cell
    shape: Shape


COLUMNS = (
    Column("Kind", 11, lambda row: row.kind),
    Column("What", 22, lambda row: row.what, flex=4),
    Column("When", 22, lambda row: row.when),
    Column("From", 10, lambda row: row.more, flex=1, yields=1),
)


class PersonPage(Page):
    """Everything about one person."""

    AUTO_FOCUS = "PagedTable"
    BINDINGS: ClassVar[list[BindingType]] = bindings("open")
    HELP: ClassVar[str] = (
        "Everything about one person: who they are and how to address them, then what is open between you, facts with "
        "their source and age, family, occasions, and the last talks. What is done acts on the row under the cursor; "
        "Tab goes to who they are, and there, or where there is no row, it acts on the person. Enter opens the account "
        "where the row belongs."
    )

    def __init__(self, person_id: int) -> None:
        """The dossier of the person with this id."""
        super().__init__()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (36, "-high")]
        self.person_id = person_id
        self._account_id = 0

    def body(self) -> ComposeResult:
        """Whose it is; who they are; what is known."""
        yield Static(id="whose", markup=False)
        with Container(id="person"):
            yield Sheet(id="who")
            with Vertical(id="about"):
                yield PagedTable(COLUMNS, empty="Nothing is known yet.", id="known")
                yield Sheet(id="in-full")

    async def load(self) -> None:
        """Fetch the whole dossier; back to where one came from if the person was removed."""
        try:
            shape = await self.dossier.desk.ask(_in_full, self.person_id)
        except NotFound:
            if self.is_current:
                self.dossier.tell("That person is no longer there.")
                self.app.pop_screen()
            return
        self._account_id = shape["account_id"]
        reading = Reading(shape, self.dossier.today(), self.dossier.config["leap_day"])
        top = inert(shape["name"], "bold")
        top.append_text(inert(f"   {joined(shape['position'], shape['account'])}"))
        self.query_one("#whose", Static).update(top)
        self.query_one("#who", Sheet).show(reading.sections())
        lines: list[Line] = []
        rows: dict[tuple[str, int], Known] = {}
        for title, found in reading.known():
            if found:
                lines.append(Heading(title))
                lines += [(row.noun, row.id) for row in found]
                rows |= {(row.noun, row.id): row for row in found}
        self.query_one(PagedTable).show_rows(lines, rows)
        self.call_after_refresh(self._share_out)

    def on_resize(self) -> None:
        """Other lines fit now."""
        self.call_after_refresh(self._share_out)

    def watch_revealed(self) -> None:
        """What is revealed takes other lines."""
        super().watch_revealed()
        self.call_after_refresh(self._share_out)

    def _share_out(self) -> None:
        """Let who they are have the lines that the table does not need, where the one stands above the other."""
        if len(self.query("#person, #who, #known, #in-full")) < 4:
            return  # the page was left meanwhile, or does not stand yet
        who, table = self.query_one("#who", Sheet), self.query_one(PagedTable)
        if self.has_class("-wide"):
            who.styles.height = None
            return
        room = self.query_one("#person").size.height
        spare = room - self.query_one("#in-full").outer_size.height - max(table.line_count, _LEAST) - 1
        who.styles.height = max(1, min(max(spare, room * _SHARE // 100), who.virtual_size.height))

    def forget(self) -> None:
        """Hold nothing of the vault any more."""
        super().forget()
        self.query_one("#whose", Static).update("")

    def target(self) -> Target | None:
        """What the cursor is on; the person where it is on who they are, and where nothing else is known."""
        if not self._account_id:
            return None
        row: Known | None = self.query_one(PagedTable).row
        if row is None or self.focused is self.query_one("#who"):
            return Target("person", self.person_id, self._account_id, self.person_id)
        return Target(row.noun, row.id, row.account_id, self.person_id, by=row.shape.get("by"))

    def whom(self) -> str:
        """The person, whatever the cursor is on."""
        return f"p{self.person_id}"

    def on_descendant_focus(self) -> None:
        """What can be done is another thing now."""
        self.refresh_bindings()

    def on_paged_table_moved(self) -> None:
        """Tell all about the row."""
        row: Known | None = self.query_one(PagedTable).row
        sheet = self.query_one("#in-full", Sheet)
        sheet.show(in_full.sections(row.noun, row.shape, self.dossier.today()) if row else ())
        sheet.scroll_home(animate=False)
        self.refresh_bindings()

    def on_paged_table_opened(self) -> None:
        """Open the account where it belongs."""
        self.action_open()

    def action_open(self) -> None:
        """Open the account: of the person, or of the row under the cursor."""
        if target := self.target():
            self.dossier.open_account(target.account_id, _TABS.get(target.noun))


def _in_full(session: Session, person_id: int) -> Shape:
    return dossier_page.person(session, refs.person(session, f"p{person_id}"))


class Reading:
    """How the shape of a person's dossier is read out on a day."""

    def __init__(self, shape: Shape, today: date, leap_rule: LeapRule) -> None:
        self._shape = shape
        self._today = today
        self._leap_rule = leap_rule
        self._locked = bool(shape.get("locked"))

    def sections(self) -> list[Section]:
        """Who they are."""
        shape = self._shape
        birthday = shape["birthday"]
        return [
            Section(
                "Who they are",
                [
                    *self._secret("Address as", shape["address_as"], "strong"),
                    *_plain("Position", joined(shape["position"], shape["department"])),
                    *self._secret("Reports to", shape["reports_to"]),
                    *_plain("Phone", ", ".join(shape["phones"])),
                    *_plain("Mail", ", ".join(shape["mails"])),
                    *self._secret(
                        "Birthday", birthday and joined(birthday, self._next(BIRTHDAY, birthday), by=", ")
                    ),
                    *_plain("Role", shape["role"]),
                    *self._if_open("Title", shape["title"]),
                    *self._if_open("Language", shape["language"]),
                    *self._if_open("Note", shape["note"]),
                ],
            ),
            Section(
                "In private",
                [
                    *self._if_open("Mail", ", ".join(shape["private_mails"] or ())),
                    *self._if_open("Phone", ", ".join(shape["private_phones"] or ())),
                    *self._if_open("Address", shape["private_address"]),
                ],
            ),
            Section(
                "In the books",
                [
                    *_plain("Account", shape["account"]),
                    *_plain("Family name", shape["family_name"]),
                    *_plain("Given name", shape["given_name"]),
                    *_plain("Also known as", ", ".join(shape["aliases"])),
                    *_plain("Tags", ", ".join(shape["tags"])),
                    *_plain("Since", shape["created_on"]),
                ],
            ),
        ]

    def known(self) -> Iterator[tuple[str, list[Known]]]:
        """What is known, under headings: what is open first."""
        shape = self._shape
        yield "Promises", [self._promise(one) for one in shape["promises"]]
        yield "Next steps", [self._step(one) for one in shape["steps"]]
        yield "Facts", [self._fact(one) for one in sorted(shape["facts"], key=_by_kind)]
        yield "Family", [self._relative(one) for one in shape["relatives"]]
        yield "Occasions", [self._occasion(one) for one in shape["occasions"]]
        yield "Last talks", [self._talk(one) for one in shape["interactions"]]

    # --- Rows ---------------------------------------------------------------------------------------------------------

    def _promise(self, one: Shape) -> Known:
        ours = one["by"] == By.US
        return Known(
            *("promise", one["id"], one["account_id"]),
            kind=Cell("ours" if ours else "theirs", "soft"),
            what=self._cell(one["title"]),
            when=_due(one),
            more=notice_cell(one) if ours else NOTHING,
            shape=one,
        )

    def _step(self, one: Shape) -> Known:
        return Known(
            *("step", one["id"], one["account_id"]),
            kind=NOTHING,
            what=self._cell(one["title"]),
            when=_due(one),
            more=NOTHING,
            shape=one,
        )

    def _fact(self, one: Shape) -> Known:
        confirmed = day(one["confirmed_on"])
        age = "" if self._locked else age_words(confirmed, self._today)
        stale = not self._locked and is_stale(confirmed, self._today)
        return Known(
            *("fact", one["id"], one["account_id"]),
            kind=self._cell(one["kind"], "soft"),
            what=self._cell(one["text"]),
            when=Cell(age, "warn" if stale else "soft", secret=True),
            more=Cell(one["source"] or "", "soft", secret=True),
            shape=one,
        )

    def _relative(self, one: Shape) -> Known:
        coming = self._next(BIRTHDAY, one["birthday"])
        return Known(
            *("relative", one["id"], one["account_id"]),
            kind=self._cell(one["relation"], "soft"),
            what=self._cell(one["name"]),
            when=Cell(coming or one["birthday"] or "", "soft", secret=True),
            more=NOTHING,
            shape=one,
        )

    def _occasion(self, one: Shape) -> Known:
        coming = self._next(one["kind"], one["date"])
        return Known(
            *("occasion", one["id"], one["account_id"]),
            kind=self._cell(one["kind"], "soft"),
            what=self._cell(one["title"]),
            when=Cell(coming or one["date"] or "", "soft", secret=True),
            more=NOTHING,
            shape=one,
        )

    def _talk(self, one: Shape) -> Known:
        return Known(
            *("interaction", one["id"], one["account_id"]),
            kind=self._cell(one["channel"], "soft"),
            what=self._cell(one["subject"] or one["note"]),
            when=Cell(one["at"], "soft"),
            more=Cell(one["outcome"] or "", "soft", secret=True),
            shape=one,
        )

    # --- Parts --------------------------------------------------------------------------------------------------------

    def _next(self, kind: str, text: str | None) -> str | None:
        """When a birthday or other date is kept next, and how old it is then: `turns 52 in 33 days`."""
        if text is None:
            return None
        coming = upcoming(PartialDate.parse(text), self._today, _A_YEAR, self._leap_rule)
        return wording(kind, coming) if coming else None

    def _cell(self, text: str | None, look: str = "") -> Cell:
        return Cell(LOCKED, "soft") if self._locked else Cell(text or "", look, secret=True)

    def _secret(self, label: str, text: str | None, look: str = "") -> list[Entry]:
        return [Entry(label, LOCKED, look="soft")] if self._locked else self._if_open(label, text, look)

    def _if_open(self, label: str, text: str | None, look: str = "") -> list[Entry]:
        return [Entry(label, text, secret=True, look=look)] if text else []


def _plain(label: str, text: str | None) -> list[Entry]:
    return [Entry(label, text)] if text else []


def _due(one: Shape) -> Cell:
    late = one["days_late"]
    return Cell(due_words(late), "bad" if late > 0 else "strong" if late == 0 else "soft")


def _by_kind(fact: Shape) -> int:
    return _KINDS.index(fact["kind"]) if fact["kind"] else 0
