"""How SQLite goes about a query: which index it takes, and what it walks through."""

from __future__ import annotations

from collections.abc import Callable

from dossier.store.database import Database


def plan_of(database: Database, query: Callable[[], object]) -> str:
    """The plan of every statement that `query` runs, a step a line."""
    seen: list[str] = []
    database.connection.set_trace_callback(seen.append)
    query()
    database.connection.set_trace_callback(None)
    return "\n".join(row[3] for sql in seen for row in database.rows(f"EXPLAIN QUERY PLAN {sql}"))
