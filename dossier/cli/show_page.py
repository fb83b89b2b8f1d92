"""The dossier of an account or a person as people read it on a terminal: what it is, then a list per section.

Each entry of a section is a line and, dimmed below it, what one may want to know of it; so it reads well at any width.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from dossier.cli.cells import age, attached, kept, size_words
from dossier.cli.invocation import Invocation
from dossier.cli.output import LOCKED, Shape
from dossier.domain.occasions import BIRTHDAY
from dossier.domain.reporting import tree
from dossier.domain.text import count_of, in_days, joined, one_line
from dossier.domain.vocabulary import By
from dossier.services.shapes_work import owes_notice
from dossier.store.catalog import Account, Person
from dossier.store.record import PLAIN, Record

_INDENT, _DEEPEST = 2, 8
"""Columns per level of the tree of people, and the level below which it goes no further in: lines stay readable."""


class Section(NamedTuple):
    """A list on the page: its key in the shape, and what to write of each of its shapes."""

    key: str
    line: Callable[[Shape], str | None]
    """What an entry is; None or empty where the vault hides it."""
    below: Callable[[Shape], Sequence[str | None]]
    """What one may want to know about it; what is None or empty is left out."""


def print_account(run: Invocation, shape: Shape) -> None:
    """Print an account's dossier, a shape of `dossier_page.account`."""
    days, cadence = shape["days_since_contact"], shape["cadence_days"]
    fields = {
        "last contact": "none yet" if days is None else f"{shape['last_contact_on']}, {in_days(-days)}",
        "cadence": cadence and f"every {count_of(cadence, 'day')}",
        "promises": f"{shape['open_promises']} open, {shape['overdue_promises']} late",
    }
    _print(run, Account, shape, joined(f"a{shape['id']}", shape["tier"], shape["status"]), fields)


def print_person(run: Invocation, shape: Shape) -> None:
    """Print a person's dossier, a shape of `dossier_page.person`."""
    fields = {
        "address as": shape["address_as"],
        "birthday": shape["birthday"] and kept(run, BIRTHDAY, shape["birthday"]),
        "reports to": shape["reports_to"] and f"{shape['reports_to']} (p{shape['reports_to_id']})",
    }
    place = f"{shape['account']} (a{shape['account_id']})"
    heading = joined(f"p{shape['id']}", shape["position"], shape["role"], place)
    _print(run, Person, shape, heading, fields)


_ABOVE = {
    Account: {
        "id", "name", "tier", "status", "cadence_days", "last_contact_on", "days_since_contact", "open_promises",
        "overdue_promises",
    },
    Person: {
        "id", "name", "account", "account_id", "position", "role", "address_as", "birthday", "given_name", "reports_to",
        "reports_to_id",
    },
}  # fmt: skip
"""What the heading and the first fields say."""


def _print(run: Invocation, kind: type[Record], shape: Shape, heading: str, fields: dict[str, Any]) -> None:
    from rich.text import Text

    sections = _sections(run)
    left_out = {*_ABOVE[kind], *(section.key for section in sections), "locked"}
    for key, value in shape.items():
        if key not in left_out and value is not False:
            fields[key.replace("_", " ")] = value
    if shape.get("locked"):
        secrets = [field.name for field in kind.table.fields if field.key_class != PLAIN]
        hidden = [name.replace("_", " ") for name in secrets if shape[name] is None]
        fields["locked"] = ", ".join(hidden)
    run.out.rich(Text(one_line(shape["name"]), style="bold"), Text(one_line(heading)), "")
    run.out.record(fields)
    whose = shape["name"] if kind is Person else None
    for section in sections:
        if shape.get(section.key):
            run.out.rich(
                Text(f"\n{section.key.capitalize()}", style="bold"),
                _listed(section, shape[section.key], whose),
            )


def _listed(section: Section, shapes: Sequence[Shape], whose: str | None) -> Any:
    """The entries of a section; on the page of a person, `whose` name need not be said again.

    People stand below whom they report to, and further in.
    """
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(justify="right", style="dim")
    table.add_column(overflow="fold")
    levels = tree(shapes) if section.key == "people" else [(0, shape) for shape in shapes]
    for depth, shape in levels:
        line = section.line(shape)
        text = Text(one_line(line)) if line else Text(LOCKED, style="dim")
        below = joined(*(part for part in section.below(shape) if part != whose))
        if below:
            text.append(f"\n{one_line(below)}", style="dim")
        number = f"p{shape['id']}" if section.key == "people" else str(shape["id"])
        table.add_row(number, Padding(text, (0, 0, 0, _INDENT * min(depth, _DEEPEST))))
    return table


def _sections(run: Invocation) -> tuple[Section, ...]:
    return (
        Section(
            "people",
            lambda one: joined(one["name"], one["position"], one["role"]),
            lambda one: [
                one["address_as"] if one["address_as"] != one["name"] else None,
                one["birthday"] and f"born {kept(run, BIRTHDAY, one['birthday'])}",
            ],
        ),
        Section(
            "facts",
            lambda one: one["text"],
            lambda one: [
                one["person"],
                one["kind"],
                one["source"],
                one["text"] and f"confirmed {age(one, run.today)}",
            ],
        ),
        Section(
            "relatives",
            lambda one: one["name"] and f"{one['name']}, {one['relation']}",
            lambda one: [one["birthday"] and f"born {kept(run, BIRTHDAY, one['birthday'])}", one["note"]],
        ),
        Section(
            "occasions",
            lambda one: one["title"] or one["kind"],
            lambda one: [one["person"], one["date"] and kept(run, one["kind"], one["date"]), one["note"]],
        ),
        Section(
            "promises",
            lambda one: one["title"],
            lambda one: [
                "ours" if one["by"] == By.US else "theirs",
                one["person"],
                _due(one),
                "they have not been told" if owes_notice(one) else None,
            ],
        ),
        Section("steps", lambda one: one["title"], lambda one: [one["person"], _due(one)]),
        Section(
            "interactions",
            lambda one: one["subject"] or one["channel"],
            lambda one: [
                one["at"],
                one["subject"] and one["channel"],
                ", ".join(one["with"]),
                one["outcome"],
                ", ".join(f"attachment {attached(file)}" for file in one["attachments"]),
            ],
        ),
        Section(
            "attachments",
            lambda one: one["name"],
            lambda one: [
                one["person"],
                one["added_on"],
                one["interaction_id"] and f"interaction {one['interaction_id']}",
                one["name"] and size_words(one["size"]),
            ],
        ),
    )


def _due(shape: Shape) -> str:
    late = shape["days_late"]
    return (
        f"due {shape['due_on']}, {count_of(late, 'day')} late"
        if late > 0
        else f"due {shape['due_on']}, {in_days(-late)}"
    )
