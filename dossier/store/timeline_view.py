"""When things happened, straight from SQL over plain columns: the day and the id of every event of a kind."""

from __future__ import annotations

from dossier.store.database import Database
from dossier.store.where import Where, equal, met

Days = list[tuple[str, int]]
"""The day of each event and the id of its record, in no order."""


class Of:
    """Whose events: an account's, a person's, or a person's at an account."""

    def __init__(self, database: Database, account_id: int | None, person_id: int | None) -> None:
        self._database = database
        self.linked = equal(account_id=account_id, person_id=person_id)
        """The condition on what is tied to both."""
        self._talks = equal(account_id=account_id)
        if person_id is not None:
            self._talks &= met(person_id)
        self._people = equal(account_id=account_id, id=person_id)

    def interactions(self) -> Days:
        """Interactions by the day on which they took place."""
        return self._days("interaction", "at", self._talks)

    def people(self) -> Days:
        """People by the day on which they were added."""
        return self._days("person", "created_on", self._people)

    def promises(self, column: str, state: str | None = None) -> Days:
        """Promises by a day of theirs; those of a state if given."""
        return self._days("promise", column, self.linked & equal(state=state))

    def moves(self, column: str) -> Days:
        """Moves of promises by a day of theirs, where there is one."""
        sql = f"{column} IS NOT NULL AND promise_id IN (SELECT id FROM promise WHERE {self.linked.sql})"
        return self._days("promise_move", column, Where(sql, self.linked.values))

    def steps(self, column: str, state: str | None = None) -> Days:
        """Next steps by a day of theirs; those of a state if given."""
        return self._days("step", column, self.linked & equal(state=state))

    def _days(self, table: str, column: str, where: Where) -> Days:
        return self._database.rows(f"SELECT {column}, id FROM {table} WHERE {where.sql}", where.values)
