"""The palette: every action that works where one stands, every page, every account and person by a part of its name."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Input

from dossier.domain.text import fold
from dossier.services import search
from dossier.services.shapes import Shape
from dossier.tui.here import Possible, keys_of, possible, spelled
from dossier.tui.keys import action, bindings
from dossier.tui.modal import Modal
from dossier.tui.widgets.bar import SECTIONS
from dossier.tui.widgets.in_order import InOrder
from dossier.tui.widgets.paged_table import Cell, Column, Heading, Line, PagedTable

if TYPE_CHECKING:
    from textual.worker import WorkType

    from dossier.tui.app import DossierApp

_OF_THE_CURSOR = ("down", "up", "first", "last", "page_down", "page_up", "palette")
"""Actions that are no use from a list of their own."""

_NAMES = 30
"""Accounts and people shown at most: whoever is further down is found by another letter."""


_FIRST = ("In a dialog", "Act on the row or page", "See")
"""The groups of actions that one opens the palette for; the others follow as they come."""

_WHOM, _THEMES = "Go to an account or person", "Everywhere"


class Choice(NamedTuple):
    """A line of the palette: the heading it stands under, what it is, where that is, its keys, and what it does."""

    group: str
    text: str
    where: str
    keys: str
    act: Callable[[], Awaitable[object]]


COLUMNS = (
    Column("What", 40, lambda choice: Cell(choice.text), flex=1),
    Column("", 18, lambda choice: Cell(choice.where, "soft"), flex=1),
    Column("Key", 8, lambda choice: Cell(choice.keys, "soft"), right=True),
)


class Wanted(InOrder, Input):
    """The line that one types into."""


class Palette(Modal[Choice]):
    """A line to type into, and what fits it; Enter does what the cursor is on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("cancel"),
        Binding("down", "down", show=False),
        Binding("up", "up", show=False),
        Binding("pagedown", "page_down", show=False),
        Binding("pageup", "page_up", show=False),
    ]
    HELP: ClassVar[str] = (
        "Type a part of what you want to do, or of the name of an account or person. Up and Down choose, Enter does it."
    )

    def __init__(self, choices: list[Choice]) -> None:
        super().__init__()
        self._choices = choices
        self._shown_for: str | None = None
        """The text that what is shown fits."""

    def compose(self) -> ComposeResult:
        """The line and the list."""
        with Vertical(classes="dialog palette"):
            yield Wanted(placeholder="What to do, or whom to go to", compact=True, id="wanted")
            yield PagedTable(COLUMNS, empty="Nothing of that name.")

    async def on_mount(self) -> None:
        """Show everything; what is typed goes to the line, whatever is clicked."""
        self.query_one(PagedTable).can_focus = False
        await self._find("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what fits now."""
        # Begun by the worker: of several at once all but the last never are.
        work: WorkType[None] = partial(self._find, event.value)
        self.run_worker(work, group="find", exclusive=True)

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Do what the cursor is on; whoever types faster than names are found gets what was typed."""
        if self._shown_for != event.value:
            self.workers.cancel_group(self, "find")
            await self._find(event.value)
        self.on_paged_table_opened()

    def on_paged_table_opened(self) -> None:
        """Close, then do it."""
        choice: Choice | None = self.query_one(PagedTable).row
        if choice is not None:
            self.dismiss(choice)

    async def _find(self, text: str) -> None:
        names: list[Choice] = []
        app = cast("DossierApp", self.app)

        async def find_names() -> None:
            names.extend(
                _person_or_account(app, shape)
                for shape in await app.desk.ask(search.names, text, limit=_NAMES)
            )

        if text.strip():
            await app.guarded(find_names())
        if not self.is_there:
            return
        table, lines = self.query_one(PagedTable), list[Line]()
        rows: dict[int, Choice] = {}
        for group, found in groupby([*_fitting(self._choices, text), *names], lambda choice: choice.group):
            lines.append(Heading(group))
            for choice in found:
                lines.append(len(rows))
                rows[len(rows)] = choice
        table.show_rows(lines, rows)
        table.action_first()
        self._shown_for = text

    def action_down(self) -> None:
        """The next one."""
        self.query_one(PagedTable).action_down()

    def action_up(self) -> None:
        """The one before."""
        self.query_one(PagedTable).action_up()

    def action_page_down(self) -> None:
        """A screenful down."""
        self.query_one(PagedTable).action_page_down()

    def action_page_up(self) -> None:
        """A screenful up."""
        self.query_one(PagedTable).action_page_up()


def open_palette(app: DossierApp) -> None:
    """Open the palette over what is seen, or close it; over a blank screen there is none."""

    async def do(choice: Choice | None) -> None:
        if choice is not None:
            await choice.act()

    if isinstance(app.screen, Palette):
        app.screen.dismiss()
    elif not app.is_blank:
        app.push_screen(Palette(choices(app, app.screen)), do)


def choices(app: DossierApp, screen: Screen[Any]) -> list[Choice]:
    """Everything that can be done from a screen, names aside."""
    works = [one for one in possible(screen) if one.action.id not in _OF_THE_CURSOR]
    there = {one.action.id for one in works}
    works += [
        Possible(action(name), tuple(map(spelled, keys_of(app, action(name)))), app)
        for name in SECTIONS
        if name not in there
    ]
    groups = list(dict.fromkeys([*_FIRST, *(one.action.group for one in works)]))
    found = [*(_action(app, one) for one in works), *_themes(app)]
    return sorted(found, key=lambda choice: groups.index(choice.group))


def _fitting(choices: list[Choice], text: str) -> Iterator[Choice]:
    """Those of which every word of the text begins a word."""
    wanted = fold(text).split()
    for choice in choices:
        words = re.findall(r"\w+", fold(choice.text))
        if all(any(word.startswith(one) for word in words) for one in wanted):
            yield choice


def _action(app: DossierApp, one: Possible) -> Choice:
    async def act() -> None:
        await app.run_action(one.action.id, one.node)

    return Choice(one.action.group, one.action.full, "", " ".join(one.keys), act)


def _themes(app: DossierApp) -> Iterator[Choice]:
    from dossier.tui.themes import THEMES

    for name in THEMES:

        async def act(name: str = name) -> None:
            app.use_theme(name)

        yield Choice(_THEMES, f"Theme: {name}", "", "", act)


def _person_or_account(app: DossierApp, shape: Shape) -> Choice:
    async def go() -> None:
        (app.open_account if shape["noun"] == "account" else app.open_person)(shape["id"])

    return Choice(_WHOM, shape["name"], "account" if shape["noun"] == "account" else shape["account"], "", go)
