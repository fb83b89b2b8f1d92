"""What docs/vault-format.md says of tables and fields: the page is read at run time, so that it must say it all."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import category

PAGE = Path(__file__).parents[2] / "docs" / "vault-format.md"
NEWEST = 2
SINCE = {"attachment": 2, "chunk": 2}  # section 14; whatever is not named is there from the first schema
LAST_ID = 2**32 - 1

Record = dict[str, Any]


class WrongValue(Exception):
    """A value is not of its field's kind."""


@dataclass(frozen=True)
class Field:
    """A line of a table of section 7."""

    name: str
    place: str  # column, agenda or dossier
    kind: str
    missing: Any
    words: tuple[str, ...]
    low: int
    high: int
    refers_to: str | None
    optional: bool

    def check(self, value: Any) -> Any:
        """The value as it counts for a reader; WrongValue if it is not of the field's kind."""
        if value is None:
            if self.place == "column" and not self.optional:
                raise WrongValue(f"{self.name} is null")
            return self.missing
        if self.place == "column" and self.kind == "lines":
            value = _parsed(self.name, value)
        if not self._fits(value):
            raise WrongValue(f"{self.name} is no {self.kind} that is allowed")
        return value

    def _fits(self, value: Any) -> bool:
        match self.kind:
            case "line":
                return _is_line(value)
            case "text":
                return _is_text(value, 100_000)
            case "lines":
                return isinstance(value, list) and all(map(_is_line, value))
            case "hex":
                return isinstance(value, str) and re.fullmatch("([0-9a-f]{2})*", value) is not None
            case "day":
                return isinstance(value, str) and _is_day(value)
            case "partial":
                return isinstance(value, str) and month_day(value) is not None
            case "choice":
                return value in self.words
            case "int":
                return type(value) is int and self.low <= value <= self.high
            case "bool":
                return isinstance(value, bool)
            case "json":
                return isinstance(value, list) and all(isinstance(item, dict) for item in value)
        return False


@dataclass(frozen=True)
class Noun:
    """A noun of section 7."""

    name: str
    table: int
    folded: bool
    fields: tuple[Field, ...]

    def classes(self) -> list[str]:
        """The envelopes of a row, in the order of the columns."""
        return [
            place for place in ("agenda", "dossier") if any(field.place == place for field in self.fields)
        ]

    def columns(self) -> list[str]:
        """The plain fields, in the order of the columns."""
        return [field.name for field in self.fields if field.place == "column"]


def month_day(partial: str) -> tuple[int, int] | None:
    """Month and day of a partial date, 0 for one that it does not have; None if it is no partial date."""
    found = re.fullmatch(r"(?:(\d{4})|-)(?:-(\d\d)(?:-(\d\d))?)?", partial, re.ASCII)
    if found is None or partial == "-":
        return None
    year, month, day = (int(part) if part else 0 for part in found.groups())
    try:
        date(year if found[1] else 2000, month if found[2] else 1, day if found[3] else 1)
    except ValueError:
        return None
    return month, day


def schema(version: int) -> set[str]:
    """The SQL that `sqlite_master` lists in a vault of that schema."""
    block = _text().split("<!-- schema:")[1].split("```sql\n")[1].split("```")[0]
    statements = {line.removesuffix(";") for line in block.splitlines()}
    here = {each for each in statements if SINCE.get(_table_of(each), 1) <= version}
    return here | {"CREATE TABLE sqlite_sequence(name,seq)"}


def nouns(version: int) -> list[Noun]:
    """The nouns of a schema, as the tables of section 7 list them."""
    block = _text().split("<!-- fields:")[1].split("<!-- end of fields -->")[0]
    return [noun for noun in map(_noun, block.split("\n### ")[1:]) if SINCE.get(noun.name, 1) <= version]


@cache
def _text() -> str:
    return PAGE.read_text(encoding="utf-8")


def _table_of(statement: str) -> str:
    found = re.match(r"CREATE (?:TABLE|INDEX \w+ ON) (\w+)", statement)
    assert found is not None
    return found[1]


def _noun(section: str) -> Noun:
    number, name = section.splitlines()[0].split()
    name = name.strip("`")
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    optional = {
        found[1]
        for statement in schema(NEWEST)
        if statement.startswith(f"CREATE TABLE {name} ")
        for found in re.finditer(r'[(,] "?(\w+)"? (?:TEXT|INTEGER)(?! NOT NULL)', statement)
    }
    fields = tuple(_field([cell.strip() for cell in line.split("|")[1:-1]], optional) for line in lines)
    return Noun(name, int(number), "`folded` is made of" in section, fields)


def _field(cells: list[str], optional: set[str]) -> Field:
    name, place, kind, missing, allowed = cells
    name, place, missing = name.strip("`"), place.strip("`"), missing.strip("`")
    default: Any = missing
    if missing in ("never", "null", "false", "[]"):
        default = {"never": None, "null": None, "false": False, "[]": []}[missing]
    low, high, refers_to = 0, LAST_ID, None
    words: tuple[str, ...] = ()
    if found := re.fullmatch(r"(\d+) to (\d+)", allowed):
        low, high = int(found[1]), int(found[2])
    elif found := re.fullmatch(r"an id of `(\w+)`", allowed):
        low, refers_to = 1, found[1]
    elif allowed == "1 or more":
        low = 1
    else:
        words = tuple(re.findall("`([^`]+)`", allowed))
    return Field(name, place, kind, default, words, low, high, refers_to, name in optional)


def _is_text(value: Any, longest: int) -> bool:
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        return False
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def _is_line(value: Any) -> bool:
    return _is_text(value, 200) and not any(category(letter) in ("Cc", "Zl", "Zp") for letter in value)


def _is_day(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _parsed(name: str, text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        raise WrongValue(f"{name} is no JSON") from None
