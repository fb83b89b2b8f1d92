"""Conditions on the plain columns of a table: how services say which records they mean, without writing SQL.

Values are always bound, never part of the text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from dossier.errors import Damaged
from dossier.vault.seals import CHECK


class Where(NamedTuple):
    """An SQL condition and the values bound in it."""

    sql: str
    values: tuple[Any, ...] = ()

    def __and__(self, other: Where) -> Where:
        return Where(f"({self.sql}) AND ({other.sql})", self.values + other.values)


EVERY = Where("1")
"""No condition at all."""


def equal(**columns: Any) -> Where:
    """Every column has its value; a value of None asks for nothing, as an option that was not given."""
    asked = {name: value for name, value in columns.items() if value is not None}
    return Where(" AND ".join(f"{name} = ?" for name in asked) or "1", tuple(asked.values()))


def among(column: str, values: Iterable[int]) -> Where:
    """The column has one of these numbers; any number of them, in one bound value."""
    return Where(f"{column} IN (SELECT value FROM json_each(?))", (number_list(values),))


def number_list(values: Iterable[int]) -> str:
    """Whole numbers as the JSON array that SQLite's `json_each` takes.

    Raises Damaged for anything else: a column of a hostile file holds what it likes, and a text may be several numbers.
    """
    try:
        return "[" + ",".join(map(int.__repr__, values)) + "]"
    except TypeError:
        raise Damaged("the vault has something else where the number of a record belongs", CHECK) from None


def at_least(column: str, value: Any) -> Where:
    """The column is `value` or more."""
    return Where(f"{column} >= ?", (value,))


def at_most(column: str, value: Any) -> Where:
    """The column is `value` or less."""
    return Where(f"{column} <= ?", (value,))


def below(column: str, value: Any) -> Where:
    """The column is less than `value`."""
    return Where(f"{column} < ?", (value,))


def other_than(record_id: int) -> Where:
    """Not this record."""
    return Where("id <> ?", (record_id,))


def tagged(tag: str | None) -> Where:
    """The record has this tag; None asks for nothing."""
    return EVERY if tag is None else Where("EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?)", (tag,))


def named(folded: str) -> Where:
    """The record's own name is this, folded."""
    return Where("instr(folded, ?) = 1", (f"\n{folded}\n",))


def met(person_id: int) -> Where:
    """An interaction in which this person took part."""
    return Where("id IN (SELECT interaction_id FROM participant WHERE person_id = ?)", (person_id,))


def at_account(account_id: int) -> Where:
    """A record of a person of this account."""
    return Where("person_id IN (SELECT id FROM person WHERE account_id = ?)", (account_id,))
