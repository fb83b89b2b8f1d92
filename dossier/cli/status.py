"""`dossier status`: where the vault is, whether it is locked, what stands in clear."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from dossier.cli.fields import examples
from dossier.cli.invocation import Invocation, invocation
from dossier.cli.output import Column, Shape
from dossier.cli.wrapping import wrapped
from dossier.domain.text import count_of
from dossier.errors import Damaged
from dossier.services import vaults
from dossier.store.backups import way_back

app = typer.Typer(add_completion=False, rich_markup_mode=None)

COLUMNS = (
    Column("path", "path"),
    Column("exists", "exists"),
    Column("locked", "locked"),
    Column("idle seconds left", "idle_seconds_left"),
    Column("seconds left", "seconds_left"),
    Column("schema", "schema"),
    Column("mode", "mode"),
    Column("private", "private"),
    Column("slots", lambda shape: [slot["type"] for slot in shape["slots"] or ()]),
    Column(
        "opens without passphrase",
        lambda shape: [way["file"] or way["how"] for way in shape["opens_without_passphrase"] or ()],
    ),
    Column("damaged", "damaged"),
    Column("unfinished rotation", "unfinished_rotation"),
    Column("backups", lambda shape: (shape["backups"] or {}).get("count")),
    Column("newest backup", lambda shape: (shape["backups"] or {}).get("newest")),
    Column("doubt", lambda shape: (shape["doubt"] or {}).get("what")),
)

_TYPES = {
    "passphrase": "passphrase",
    "recovery": "recovery code",
    "key_file": "key file",
    "other": "something this version does not know",
}
_WAYS = {
    "key_file": "by the key file {file}, which is set",
    "passphrase_command": "by the passphrase command, which is set",
    "key_file_made_here": "by the key file {file}, which was made here, for whoever names it",
}
_PLURALS = {"promise_move": "moves of promises", "participant": "participants of interactions"}

_LABELS = len("without passphrase") + 2
"""Cells before what the page says."""

CLEAR_TOO = "and how many there are of each, which belong together, and roughly how large each is"


def span_in_words(seconds: int) -> str:
    """A time left as people say it: `45 s`, `14 min`, `7 h 59 min`, `2 d 3 h`."""
    minutes, hours = seconds // 60, seconds // 3600
    if not minutes:
        return f"{seconds} s"
    if not hours:
        return f"{minutes} min"
    if hours < 48:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{hours // 24} d {hours % 24} h" if hours % 24 else f"{hours // 24} d"


@app.command(epilog=examples("status", "status --format json"))
def status(context: typer.Context) -> None:
    """Show where the vault is, whether it is locked, what it holds, and what in it is encrypted."""
    run = invocation(context)
    shape = vaults.status(run.vault_path, run.config)
    if run.out.format != "table":
        run.out.items([shape], COLUMNS, empty="", whole=shape)
        _end(shape)
        return
    run.out.record(_page(run, shape))
    if not shape["exists"]:
        hint = way_back(shape["path"]) or "make a vault: dossier init"
        run.tell(hint[:1].upper() + hint[1:])
    _end(shape)


def _end(shape: Shape) -> None:
    """Everything that could be said was; a damaged vault still ends with its own exit code."""
    if shape["damaged"]:
        raise Damaged(shape["damaged"], shape["how"])


def advise_of_rotation(run: Invocation) -> None:
    """Tell a person of a rotation that was begun and lies there unfinished."""
    from dossier.services.rotating import unfinished

    run.advise(unfinished(run.vault_path))


def _warnings(run: Invocation, shape: Shape) -> Iterator[str]:
    """What needs somebody to do something; it stands on top, for below the long lists nobody would see it."""
    from dossier.services.rotating import unfinished

    if doubt := shape["doubt"]:
        yield run.for_this_vault(f"{doubt['what']}; {doubt['how']}")
    if rotation := unfinished(shape["path"]):
        yield run.for_this_vault(rotation[:1].lower() + rotation[1:])
    if shape["key_file_problem"]:
        yield f"the key file that is set opens nothing: {shape['key_file_problem']}"
    if shape["private"] is False:
        yield f"others on this machine can read the vault's file; better: chmod 600 {shape['path']}"


def _backups(found: Shape | None) -> str:
    if found is None:
        return "their folder cannot be read"
    if not found["count"]:
        return "none that dossier made"
    at = str(found["newest"])[:16].replace("T", " ")
    return f"{found['count']}, the newest of {at}" if found["count"] > 1 else f"1, of {at}"


def _page(run: Invocation, shape: Shape) -> dict[str, Any]:
    page: dict[str, Any] = {
        "vault": shape["path"],
        "state": _state(shape),
        "careful": [wrapped(line, run.out.width - _LABELS) for line in _warnings(run, shape)],
    }
    known = shape["exists"] and not shape["damaged"]
    if known:
        page["without passphrase"] = [_way_in_words(way) for way in shape["opens_without_passphrase"]] or "no"
    page["backups"] = _backups(shape["backups"])
    if shape["damaged"]:
        page["file mode"] = shape["mode"]
    elif known:
        page["opens by"] = [f"{slot_in_words(slot)}, since {slot['created_on']}" for slot in shape["slots"]]
        page["holds"] = ", ".join(counted(shape["counts"])) or "nothing yet"
        page["format"] = f"schema {shape['schema']}, file mode {shape['mode']}"
    page["in clear"] = [*lines_in_clear(shape["plain"]), CLEAR_TOO]
    page["encrypted"] = [
        _fields(noun, [field for fields in classes.values() for field in fields])
        for noun, classes in shape["secret"].items()
        if classes
    ]
    return page


def lines_in_clear(plain: dict[str, list[str]]) -> list[str]:
    """What stands in clear, a line per noun; ids of other records are left to `CLEAR_TOO`."""
    shown = {noun: [field for field in fields if not field.endswith("_id")] for noun, fields in plain.items()}
    return [_fields(noun, fields) for noun, fields in shown.items() if fields]


def slot_in_words(slot: Shape) -> str:
    """What opens a slot, and what that opens if it is not everything: `key file for the agenda alone`."""
    return _TYPES[slot["type"]] + (" for the agenda alone" if slot["scope"] == "agenda" else "")


def _way_in_words(way: Shape) -> str:
    alone = ": the agenda alone" if way["scope"] == "agenda" else ""
    return f"this machine opens it{alone}, {_WAYS[way['how']].format(file=way['file'])}"


def _state(shape: Shape) -> str:
    if not shape["exists"]:
        return "there is no vault here"
    if shape["damaged"]:
        return "damaged; it cannot be opened"
    if not shape["locked"]:
        idle, most = span_in_words(shape["idle_seconds_left"]), span_in_words(shape["seconds_left"])
        return f"unlocked; locks after {idle} without use, in {most} at the latest"
    set_ways = [way for way in shape["opens_without_passphrase"] if way["how"] != "key_file_made_here"]
    if any(way["scope"] == "full" for way in set_ways):
        return f"locked; commands open it through the {set_ways[0]['how'].replace('_', ' ')}"
    return "locked; to open it: dossier unlock"


def counted(counts: dict[str, int]) -> list[str]:
    """What a vault holds, in words: `25 accounts`, `120 people`."""
    return [_counted(noun, number) for noun, number in counts.items() if number]


def _counted(noun: str, number: int) -> str:
    if number != 1 and noun in _PLURALS:
        return f"{number} {_PLURALS[noun]}"
    return count_of(number, noun.replace("_", " "))


def _fields(noun: str, fields: list[str]) -> str:
    return f"{noun}: {', '.join(fields)}".replace("_", " ")
