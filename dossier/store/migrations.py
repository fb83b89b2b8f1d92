"""Bringing an older vault up to this program's schema: named steps in order, a backup first, one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from dossier.errors import RESTORE, Damaged
from dossier.store.database import SCHEMA_VERSION, Database


class Migration(NamedTuple):
    """One step from the schema before `to` to it."""

    to: int
    name: str
    apply: Callable[[Database], None]
    makes: tuple[str, ...] = ()
    """The tables that it makes: what has one of them already is no vault of the schema that it says it is."""


# The SQL as it was when the step was released, not as the catalogue says today: later steps start from it.
_ATTACHMENTS = (
    (
        "CREATE TABLE attachment ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, uid BLOB NOT NULL, "
        "version INTEGER NOT NULL, account_id INTEGER NOT NULL, person_id INTEGER, interaction_id INTEGER, "
        "added_on TEXT NOT NULL, dossier BLOB NOT NULL, seal BLOB NOT NULL, "
        "FOREIGN KEY(account_id) REFERENCES account (id) DEFERRABLE INITIALLY DEFERRED, "
        "FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED, "
        "FOREIGN KEY(interaction_id) REFERENCES interaction (id) DEFERRABLE INITIALLY DEFERRED )"
    ),
    "CREATE INDEX attachment_account_id ON attachment (account_id)",
    "CREATE INDEX attachment_interaction_id ON attachment (interaction_id)",
    "CREATE INDEX attachment_person_id ON attachment (person_id)",
    "CREATE TABLE chunk (attachment_id INTEGER NOT NULL, number INTEGER NOT NULL, data BLOB NOT NULL)",
    "CREATE INDEX chunk_attachment_id_number ON chunk (attachment_id, number)",
)


def _make_attachments(database: Database) -> None:
    for statement in _ATTACHMENTS:
        database.execute(statement)


MIGRATIONS: tuple[Migration, ...] = (
    Migration(2, "attachments", _make_attachments, makes=("attachment", "chunk")),
)
"""Every step ever released, oldest first; schema 1 is the first."""


def migrate_if_older(
    database: Database,
    migrations: tuple[Migration, ...] = MIGRATIONS,
    newest: int = SCHEMA_VERSION,
    *,
    kept: int = 5,
) -> str | None:
    """Apply what is missing; return the path of the backup made before, or None when nothing was to do.

    Killed in the middle, the vault is as before: the steps and the new version number are one transaction. Of two
    programs that start at once, one migrates and the other finds it done. `kept` is that of `keep_before`: with 0, no
    backup is made.
    """
    if database.version >= newest:
        return None
    from dossier.store.backups import keep_before  # everyday commands find nothing to migrate

    backup = None
    with database.transaction():
        found = database.schema()
        if found < newest:
            missing = [migration for migration in migrations if found < migration.to <= newest]
            _refuse_what_is_to_come(database, missing)  # before the backup: of what is hostile none is wanted
            backup = keep_before(database, "migration", kept)
            for migration in missing:
                migration.apply(database)
            database.execute(f"PRAGMA user_version = {newest}")
    database.version = max(found, newest)
    return backup


def _refuse_what_is_to_come(database: Database, missing: Sequence[Migration]) -> None:
    """Raise Damaged for a vault that has what later schemas alone have."""
    there = {name for (name,) in database.rows("SELECT name FROM sqlite_master")}
    if any(there.intersection(migration.makes) for migration in missing):
        raise Damaged(f"{database.path} holds what no dossier of its schema ever made", RESTORE)
