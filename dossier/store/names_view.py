"""Accounts and people by what somebody types, straight from the index on what they go by; nothing is decrypted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dossier.domain.ranking import WORST, rank
from dossier.domain.text import fold, phone_digits
from dossier.store.database import Database
from dossier.store.where import EVERY, Where

_LAST = "\U0010ffff"
"""Sorts behind every letter."""

_ACCOUNT_OF = {"account": "id", "person": "account_id"}
"""The column that says which account it is, or at which the person works."""


class Named(NamedTuple):
    """An account or a person who goes by the words; `noun` says which."""

    noun: str
    id: int


class Asked(NamedTuple):
    """What a text asks for: every word, or else the phone number that it may be."""

    words: list[str]
    """Folded."""
    number: str
    """Its digits, without zeros in front: 024 … and 0084 24 … are found where +84 24 … is stored. Empty for none."""

    @property
    def where(self) -> Where:
        """Who goes by all of the words, or else by the number; everybody where nothing is asked for."""
        if not self.words:
            return EVERY
        return self._or_number(" AND ".join("instr(folded, ?) > 0" for _ in self.words), self.words)

    @property
    def where_account(self) -> Where:
        """The same of accounts, of which a word may also be the tier or the status."""
        if not self.words:
            return EVERY
        twice = [word for word in self.words for _ in range(2)]
        return self._or_number(
            " AND ".join("(instr(folded, ?) > 0 OR ? IN (tier, status))" for _ in self.words), twice
        )

    def _or_number(self, every: str, values: Sequence[str]) -> Where:
        if not self.number:
            return Where(every, tuple(values))
        return Where(f"({every}) OR instr(folded, ?) > 0", (*values, self.number))


def asked(text: str) -> Asked:
    """What a text asks for."""
    return Asked(fold(text).split(), phone_digits(text).lstrip("0"))


def best(
    database: Database, nouns: Sequence[str], text: str, limit: int, account_id: int | None = None
) -> list[Named]:
    """The accounts and people, or those of one account, who go by what a text asks for; all of them without a word.

    Those whose names fit better come first (`domain.ranking`), of equals the nouns in their order, then by name.
    """
    wanted = asked(text)
    ranked: list[list[Named]] = [[] for _ in range(WORST + 1)]
    for noun in nouns:
        found = _by_rank(database, noun, wanted, limit, account_id)
        for fitting, numbers in zip(ranked, found, strict=True):
            fitting += [Named(noun, number) for number in numbers]
    return [named for fitting in ranked for named in fitting][:limit]


def _by_rank(
    database: Database, noun: str, wanted: Asked, limit: int, account_id: int | None
) -> list[list[int]]:
    """The ids of the first so many of each rank; only the best rank where that has enough of them."""
    of_account = EVERY if account_id is None else Where(f"{_ACCOUNT_OF[noun]} = ?", (account_id,))
    begin = f"\n{' '.join(wanted.words)}"
    where = Where("folded >= ? AND folded < ?", (begin, f"{begin}{_LAST}")) & of_account
    sql = f"SELECT id FROM {noun} WHERE {where.sql} ORDER BY folded LIMIT ?"
    found = [[number for (number,) in database.rows(sql, (*where.values, limit))]]
    found += [[] for _ in range(WORST)]
    if len(found[0]) == limit or not wanted.words:
        return found
    where = wanted.where & of_account
    sql = f"SELECT id, folded FROM {noun} WHERE {where.sql} ORDER BY folded"
    for number, folded in database.rows(sql, where.values):
        if not folded.startswith(begin):
            fitting = found[rank(folded[1 : folded.index("\n", 1)], wanted.words)]
            if len(fitting) < limit:
                fitting.append(number)
    return found
