"""Bringing an older vault up to this program's schema: named steps in order, a backup first, one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from dossier.store.database import SCHEMA_VERSION, Database


class Migration(NamedTuple):
    """One step from the schema before `to` to it."""

    to: int
    name: str
    apply: Callable[[Database], None]


MIGRATIONS: tuple[Migration, ...] = ()
"""Every step ever released, oldest first; schema 1 is the first."""


def migrate_if_older(
    database: Database, migrations: tuple[Migration, ...] = MIGRATIONS, newest: int = SCHEMA_VERSION
) -> str | None:
    """Apply what is missing; return the path of the backup made before, or None when nothing was to do.

    Killed in the middle, the vault is as before: the steps and the new version number are one transaction. Of two
    programs that start at once, one migrates and the other finds it done.
    """
    if database.version >= newest:
        return None
    from dossier.store.backup import copy_vault  # everyday commands find nothing to migrate

    backup = f"{database.path}.before-{newest}"
    with database.transaction():
        found = database.schema()
        if found < newest:
            with Database(
                database.path
            ) as unchanged:  # SQLite copies nothing through a connection that may write
                copy_vault(unchanged, backup, replace=True)
            for migration in migrations:
                if found < migration.to <= newest:
                    migration.apply(database)
            database.execute(f"PRAGMA user_version = {newest}")
    database.version = max(found, newest)
    return backup if found < newest else None
