"""The brief as lines: what a section says, cut so that the page fits a screen, and how it stands on a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from dossier.cli.cells import age, joined, owes_notice
from dossier.cli.invocation import Invocation
from dossier.cli.output import Shape
from dossier.domain.text import count_of, due_words, in_days, one_line
from dossier.domain.vocabulary import By
from dossier.services.brief import ASK_AGAIN, CONSIDER, TALK

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions
    from rich.text import Text

_LABEL_WIDTH = 11
_SHORTEST = 16
_SCREEN = 45
_LATE, _CARE = "bold red", "yellow"


class Entry(NamedTuple):
    """What an entry says, the main part first; `tail` stays whole where there is no room for all of `main`."""

    main: str
    tail: str = ""
    style: str = ""


class Section(NamedTuple):
    """A part of the page: `most` of its entries show on a screen, each on as many `lines` as there is room for."""

    label: str
    entries: list[Entry]
    most: int
    lines: int = 1


def print_plain(run: Invocation, shape: Shape) -> None:
    """Print a brief for programs: every entry of every section."""
    run.out.line(f"brief\t{_heading(shape)}")
    for section in _sections(shape):
        for entry in section.entries:
            run.out.line(f"{section.label.lower()}\t{joined(one_line(entry.main), one_line(entry.tail))}")


def print_page(run: Invocation, shape: Shape) -> None:
    """Print a brief for a person: one screen, and what there is no room for is counted."""
    run.out.rich(_Page(_heading(shape), [section for section in _sections(shape) if section.entries]))


class _Page:
    """Draws the sections as wide as the terminal is, each label at the left, and never higher than a screen."""

    def __init__(self, heading: str, sections: list[Section]) -> None:
        self._heading = heading
        self._sections = sections

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterable[Text]:
        from rich.text import Text

        width = options.max_width
        drawn = [_drawn(section, section.lines, width) for section in self._sections]
        if 1 + sum(map(len, drawn)) > _SCREEN:
            drawn = [_drawn(section, 1, width) for section in self._sections]
        airy = 1 + sum(map(len, drawn)) + len(drawn) <= _SCREEN
        yield _cut(Text(self._heading, style="bold"), width)
        for lines in drawn:
            if airy:
                yield Text()
            yield from lines


def _drawn(section: Section, most_lines: int, width: int) -> list[Text]:
    """The lines of a section."""
    from rich.text import Text

    shown = section.entries if len(section.entries) <= section.most + 1 else section.entries[: section.most]
    lines: list[Text] = []
    for entry in shown:
        lines += _lines(entry, most_lines, width - _LABEL_WIDTH)
    if more := len(section.entries) - len(shown):
        lines.append(Text(f"… and {more} more", style="dim"))
    labels = [section.label, *[""] * (len(lines) - 1)]
    return [
        _cut(Text().append(label.ljust(_LABEL_WIDTH), style="bold cyan").append_text(line), width)
        for label, line in zip(labels, lines, strict=True)
    ]


def _lines(entry: Entry, most: int, room: int) -> list[Text]:
    """An entry on one line, or with its tail on a second; where there is but one, the main part gives way."""
    from rich.text import Text

    main, tail = Text(one_line(entry.main), style=entry.style), Text(one_line(entry.tail), style="dim")
    if not (main and tail):
        return [Text().append_text(main).append_text(tail)]
    if most > 1 and main.cell_len + 2 + tail.cell_len > room:
        return [main, tail]
    main.truncate(max(room - tail.cell_len - 2, _SHORTEST), overflow="ellipsis")
    return [Text().append_text(main).append("  ").append_text(tail)]


def _cut(text: Text, width: int) -> Text:
    text.truncate(width, overflow="ellipsis")
    text.no_wrap = True
    return text


def _heading(shape: Shape) -> str:
    account = shape["account"]
    whom = [person["name"] for person in shape["people"] if person["id"] == shape["met"]]
    today = date.fromisoformat(shape["today"])
    what = [f"p{shape['met']}"] if whom else [f"{account['tier']} account", f"a{account['id']}"]
    return one_line(joined(*whom, account["name"], *what, f"{today.day} {today:%B %Y}"))


def _sections(shape: Shape) -> tuple[Section, ...]:
    called = {person["id"]: person["address_as"] or person["name"] for person in shape["people"]}
    account = shape["account"]
    business = joined(account["industry"], account["country"])
    ours, theirs = (shape["promises"][by] for by in (By.US, By.THEM))
    return (
        Section("Business", [Entry(business)] if business else [], 1),
        Section("Contact", _contact(shape), 2),
        Section("Address", [_person(person) for person in shape["people"]], 4),
        Section("Last talks", [_talk(talk) for talk in shape["talks"]], 4),
        Section("We owe", [_promise(one) for one in ours], 4, lines=2),
        Section("They owe", [_promise(one) for one in theirs], 2, lines=2),
        Section("Next steps", [_step(step) for step in shape["steps"]], 2),
        Section("Talk about", _facts(shape, TALK, called), 6, lines=2),
        Section("Ask again", _facts(shape, ASK_AGAIN, called), 2, lines=2),
        Section("Consider", _facts(shape, CONSIDER, called), 1, lines=2),
        Section("Dates", [_date(one, called) for one in shape["dates"]], 3),
        Section("Find out", [Entry(one["question"]) for one in shape["missing"]], 3),
    )


def _contact(shape: Shape) -> list[Entry]:
    account, over = shape["account"], shape["days_over"]
    days = account["days_since_contact"]
    last = "none yet" if days is None else f"last {in_days(-days)}"
    wanted = f"every {count_of(account['cadence_days'], 'day')}"
    if over > 0:
        first = Entry(f"{last}; {wanted}: {count_of(over, 'day')} too long", style=_LATE)
    else:
        first = Entry(f"{last}; {wanted}")
    if shape["kept_rate"] is None:
        return [first]
    return [first, Entry(f"we kept {shape['kept_rate']:.0%} of our promises on time")]


def _person(person: Shape) -> Entry:
    name = person["name"] if person["address_as"] != person["name"] else None
    last = person["last_talk_on"]
    who = joined(name, person["position"], person["role"], by=", ")
    return Entry(
        joined(person["address_as"], who, by=" — "), f"talked {last}" if last else "not talked to yet"
    )


def _talk(talk: Shape) -> Entry:
    note = (talk["note"] or "").strip()
    said = talk["subject"] or note.partition("\n")[0] or talk["outcome"]
    way = f"{talk['channel']} from them" if talk["direction"] == "in" else talk["channel"]
    return Entry(joined(f"{talk['at']} {way}", said, by=": "), ", ".join(talk["with"]))


def _promise(promise: Shape) -> Entry:
    late, untold = promise["days_late"] > 0, owes_notice(promise)
    when = due_words(promise["days_late"])
    if untold:
        when += ", not told"
    elif late and promise["notified"]:
        when += ", told"
    style = _LATE if late and untold else _CARE if late or untold else ""
    return Entry(promise["title"], joined(when, promise["person"]), style)


def _step(step: Shape) -> Entry:
    late = step["days_late"]
    return Entry(step["title"], joined(due_words(late), step["person"]), _CARE if late > 0 else "")


def _facts(shape: Shape, use: str, called: dict[int, str]) -> list[Entry]:
    """Of the account and its people; where one person is met, of them and the account alone."""
    today, met = date.fromisoformat(shape["today"]), shape["met"]
    return [
        Entry(
            joined(called.get(fact["person_id"]), fact["text"], by=": "),
            joined(fact["kind"], age(fact, today), fact["source"]),
        )
        for fact in shape["facts"]
        if fact["use"] == use and (met is None or fact["person_id"] in (met, None))
    ]


def _date(one: Shape, called: dict[int, str]) -> Entry:
    whose = called.get(one["person_id"])
    style = _CARE if one["days"] <= 0 else ""
    what = "" if one["what"] == "birthday" else one["what"]
    return Entry(joined(whose, joined(what, one["why"], by=", "), by=": "), one["on"], style)
