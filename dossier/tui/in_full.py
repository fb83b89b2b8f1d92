"""A record in full, as the lines of a sheet: what a row of a table has no room for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from dossier.domain.completeness import age_words, is_stale
from dossier.domain.text import due_words, joined
from dossier.services import attachments, facts, interactions, occasions, promises, relatives, steps
from dossier.services.session import Session
from dossier.services.shapes import Shape, day
from dossier.services.shapes_work import owes_notice
from dossier.tui.screens.today import LOCKED
from dossier.tui.widgets.sheet import Entry, Section

FETCH: dict[str, Callable[[Session, int], Shape]] = {
    "interaction": interactions.get,
    "promise": promises.get,
    "step": steps.get,
    "fact": facts.get,
    "relative": relatives.get,
    "occasion": occasions.get,
    "attachment": attachments.get,
}
"""How the record of a noun is fetched by its number."""


def sections(noun: str, shape: Shape, today: date) -> list[Section]:
    """Everything about a record of one of the nouns in `FETCH`, under a heading that says which one it is."""
    return [section for section in _SECTIONS[noun](shape, today) if section.entries]


def secret(label: str, text: str | None, shape: Shape, look: str = "") -> list[Entry]:
    """A line for a secret text, one that says `locked` while it is hidden, none where there is nothing."""
    if shape.get("locked"):
        return [Entry(label, LOCKED, look="soft")]
    return [Entry(label, text, secret=True, look=look)] if text else []


def _interaction(shape: Shape, _: date) -> list[Section]:
    title = joined(f"Interaction {shape['id']}", shape["at"], ", ".join(shape["with"]))
    initiative = {"us": "we began", "them": "they began"}.get(shape["initiative"] or "")
    if shape.get("locked"):
        return [Section(title, secret("What", None, shape))]
    return [
        Section(
            title,
            [
                *secret("How", joined(shape["channel"], initiative, by=", "), shape),
                *secret("Subject", shape["subject"], shape),
                *secret("Outcome", shape["outcome"], shape),
                *secret("Note", shape["note"], shape),
                *(line for one in shape["attachments"] for line in secret("File", one["name"], one)),
            ],
        )
    ]


def _attachment(shape: Shape, _: date) -> list[Section]:
    return [
        Section(
            joined(f"Attachment {shape['id']}", shape["added_on"], shape["person"]),
            [
                *secret("File", shape["name"], shape),
                *secret("Size", shape["size"] and f"{shape['size']:,} bytes", shape),
                Entry("To see it", f"dossier attachment open {shape['id']}"),
            ],
        )
    ]


def look_of(promise: Shape) -> str:
    """How much an open promise wants to be seen: most where they were not told that it is late or moved (B2)."""
    return "bad" if owes_notice(promise) else "warn" if promise["days_late"] > 0 else ""


def _promise(shape: Shape, _: date) -> list[Section]:
    whose = "Ours" if shape["by"] == "us" else "Theirs"
    look = look_of(shape)
    moved = [
        entry
        for move in reversed(shape["moves"])
        for entry in (
            Entry(
                f"Moved {move['on']}",
                joined(
                    f"from {move['from']} to {move['to']}", move["told"] and f"told {move['told']}", by=", "
                ),
            ),
            *secret("because", joined(move["because"], move["apology"], move["channel"]), shape),
        )
    ]
    return [
        Section(
            joined(f"Promise {shape['id']}", whose, shape["person"]),
            [
                *secret("What", shape["title"], shape),
                Entry("Stands", standing(shape), look=look),
                Entry("Due", shape["due_on"]),
                *secret("Detail", shape["detail"], shape),
                *moved,
                Entry("Made", shape["made_on"]),
            ],
        )
    ]


def standing(promise: Shape) -> str:
    """How a promise stands: `6 days late, they were not told`, `due in 3 days`, `kept 2027-03-01, 2 days late`."""
    late = promise["days_late"]
    if promise["state"] == "open":
        told = "they were not told" if owes_notice(promise) else "they know" if promise["notified"] else None
        return joined(due_words(late), told, by=", ")
    after = due_words(late) if promise["state"] == "kept" and late > 0 else None
    return joined(f"{promise['state']} {promise['settled_on'] or ''}".strip(), after, by=", ")


def _step(shape: Shape, _: date) -> list[Section]:
    done = f"{shape['state']} {shape['done_on']}" if shape["done_on"] else due_words(shape["days_late"])
    return [
        Section(
            joined(f"Step {shape['id']}", shape["due_on"], shape["person"]),
            [*secret("What", shape["title"], shape), Entry("Stands", done)],
        )
    ]


def _fact(shape: Shape, today: date) -> list[Section]:
    confirmed = day(shape["confirmed_on"])
    age = joined(shape["confirmed_on"], age_words(confirmed, today), by=", ")
    look = "warn" if is_stale(confirmed, today) else ""
    title = joined(f"Fact {shape['id']}", shape["person"])
    if shape.get("locked"):
        return [Section(title, secret("What", None, shape))]
    return [
        Section(
            title,
            [
                *secret(str(shape["kind"]).capitalize(), shape["text"], shape),
                *secret("From", shape["source"], shape),
                *secret("Learned", shape["learned_on"], shape),
                *secret("Confirmed", age, shape, look),
            ],
        )
    ]


def _relative(shape: Shape, _: date) -> list[Section]:
    title = joined(f"Relative {shape['id']}", shape["person"])
    if shape.get("locked"):
        return [Section(title, secret("What", None, shape))]
    return [
        Section(
            title,
            [
                *secret("Who", joined(shape["name"], shape["relation"], by=", "), shape),
                *secret("Born", shape["birthday"], shape),
                *secret("Note", shape["note"], shape),
            ],
        )
    ]


def _occasion(shape: Shape, _: date) -> list[Section]:
    title = joined(f"Occasion {shape['id']}", shape["person"])
    if shape.get("locked"):
        return [Section(title, secret("What", None, shape))]
    return [
        Section(
            title,
            [
                *secret(
                    str(shape["kind"]).capitalize(), joined(shape["title"], shape["date"], by=", "), shape
                ),
                *secret("Next", shape["next_on"], shape),
                *secret("Note", shape["note"], shape),
            ],
        )
    ]


_SECTIONS: dict[str, Callable[[Shape, date], list[Section]]] = {
    "interaction": _interaction,
    "promise": _promise,
    "step": _step,
    "fact": _fact,
    "relative": _relative,
    "occasion": _occasion,
    "attachment": _attachment,
}
