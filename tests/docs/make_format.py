"""Writes what the format page takes from the definitions and the frozen vault: `python -m tests.docs.make_format`.

`tests/docs/test_vault_format.py` holds the page to what this writes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from dossier.store.catalog import RECORDS
from dossier.store.record import PLAIN, Field
from dossier.store.schema import TABLES
from tests.docs.format_example import text_of_example

PAGE = Path(__file__).parents[2] / "docs/vault-format.md"

_PART = re.compile(
    r"(<!-- (?P<name>[a-z]+): `python -m tests\.docs\.make_format` writes it -->\n).*?(<!-- end of (?P=name) -->)",
    re.DOTALL,
)


def schema() -> str:
    """The SQL of every table and index, word for word."""
    return "\n".join(["", "```sql", *(f"{statement};" for statement in TABLES), "```", ""])


def fields() -> str:
    """The fields of every noun: where each stands, its kind, and what it may be."""
    return "\n".join(_nouns())


def _nouns() -> Iterator[str]:
    for record in RECORDS:
        table = record.table
        yield from ("", f"### {table.id} `{table.name}`", "")
        if table.search_fields:
            yield from (f"`folded` is made of {', '.join(f'`{name}`' for name in table.search_fields)}.", "")
        yield from ("| field | stands in | kind | left out means | allowed |", "|---|---|---|---|---|")
        yield from (_line(field) for field in table.fields)
    yield ""


def _line(field: Field) -> str:
    where = "column" if field.key_class == PLAIN else f"`{field.key_class}`"
    return f"| `{field.name}` | {where} | {field.kind} | {_missing(field)} | {_allowed(field)} |"


def _missing(field: Field) -> str:
    if field.key_class == PLAIN:
        return "never" if field.required else "null"
    if field.kind in ("lines", "json"):
        return "`[]`"
    if field.default is not None:
        return f"`{str(field.default).lower()}`"
    return "never" if field.required else "null"


def _allowed(field: Field) -> str:
    if field.choices:
        return " ".join(f"`{choice}`" for choice in field.choices)
    if field.references:
        return f"an id of `{field.references}`"
    if field.kind == "int":
        low = 1 if field.low is None else field.low
        return f"{low} or more" if field.high is None else f"{low} to {field.high}"
    return ""


PARTS: dict[str, Callable[[], str]] = {"schema": schema, "fields": fields, "example": text_of_example}
"""What is written between the remarks of each name."""


def with_parts(page: str) -> str:
    """The page with every part as it must be now."""
    return _PART.sub(lambda found: f"{found[1]}{PARTS[found['name']]()}{found[3]}", page)


if __name__ == "__main__":
    PAGE.write_text(with_parts(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
