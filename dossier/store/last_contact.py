"""The day of each account's last interaction, kept so that the agenda need not seek it for ten thousand accounts.

It repeats what stands in the interactions, in clear as there; the gate renews it in the transaction that changes one,
and `vault check` compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable

from dossier.store.database import Database
from dossier.store.where import number_list

DISAGREEING = """
    SELECT account_id FROM (
      SELECT account_id, max(at) AS at FROM interaction WHERE typeof(account_id) = 'integer' GROUP BY account_id
      UNION ALL SELECT * FROM last_contact)
    GROUP BY account_id HAVING count(*) <> 2 OR min(at) <> max(at) ORDER BY account_id
"""
"""The accounts whose last contact is not what the interactions say; an interaction of what is none has no seal."""


def renew(database: Database, account_ids: Iterable[int]) -> None:
    """Take the last contact of these accounts from their interactions."""
    listed = (number_list(account_ids),)
    database.execute("DELETE FROM last_contact WHERE account_id IN (SELECT value FROM json_each(?))", listed)
    database.execute(
        """
        INSERT INTO last_contact SELECT account_id, max(at) FROM interaction
        WHERE account_id IN (SELECT value FROM json_each(?)) GROUP BY account_id
        """,
        listed,
    )
