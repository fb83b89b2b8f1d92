"""Parts in a vault that dossier never made, which SQLite would run or believe: triggers, views, expressions."""

from __future__ import annotations

from tests.kit.making import Bench, Spoil, refused, seen_with_keys

NEVER_MADE = "holds what dossier never makes"
MARKER = "load_extension('./marker')"
"""What would be seen to run: SQLite looks for the library, and fails loudly if it is not there."""


def _sql(*statements: str) -> Spoil:
    return lambda bench: bench.run(*statements)


def _listed(kind: str, name: str, table: str, sql: str | None, root: int = 0) -> Spoil:
    return lambda bench: bench.list_in_schema(kind, name, table, sql, root)


def _altered(table: str, old: str, new: str) -> Spoil:
    """Another text for a table that dossier made."""
    return lambda bench: bench.change_schema("sql = replace(sql, ?, ?)", "name = ?", old, new, table)


def _view_for_a_table(bench: Bench) -> None:
    bench.run("ALTER TABLE account RENAME TO account_hidden")
    bench.list_in_schema("view", "account", "account", "CREATE VIEW account AS SELECT * FROM account_hidden")


def _view_without_end(bench: Bench) -> None:
    """It would count for longer than anybody lives."""
    counting = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
    bench.run(
        "DROP TABLE last_contact",
        f"CREATE VIEW last_contact (account_id, at) AS SELECT x, x FROM ({counting})",
    )


def _views_in_views(bench: Bench) -> None:
    """Each doubles the one before: opening the last would take for ever."""
    bench.run("CREATE VIEW v0 AS SELECT 1 AS x")
    for number in range(1, 30):
        bench.run(f"CREATE VIEW v{number} AS SELECT a.x FROM v{number - 1} a, v{number - 1} b")


def _stolen_page(bench: Bench) -> None:
    """Two tables on one page: whoever writes an account writes a person."""
    page = bench.get("SELECT rootpage FROM sqlite_master WHERE name = 'account'")
    bench.change_schema("rootpage = ?", "name = 'person'", page)


def _many_tables(bench: Bench) -> None:
    bench.run(*(f"CREATE TABLE t{number} (x)" for number in range(2000)))


def _trigger(name: str, when: str, action: str) -> Spoil:
    return _sql(f"CREATE TRIGGER {name} {when} BEGIN {action}; END")


CASES = (
    refused(
        "trigger-on-write",
        "a trigger that deletes on each write",
        _trigger("spy", "AFTER UPDATE ON vault", "DELETE FROM step"),
        NEVER_MADE,
    ),
    refused(
        "trigger-on-insert",
        "a trigger that loads a library",
        _trigger("spy", "BEFORE INSERT ON account", f"SELECT {MARKER}"),
        NEVER_MADE,
    ),
    refused(
        "trigger-swallows",
        "a trigger that swallows what is written",
        _trigger("spy", "BEFORE INSERT ON change", "SELECT RAISE(IGNORE)"),
        NEVER_MADE,
    ),
    refused(
        "trigger-like-sqlites",
        "a trigger under a name of SQLite's own",
        _listed(
            "trigger",
            "sqlite_spy",
            "vault",
            "CREATE TRIGGER sqlite_spy AFTER UPDATE ON vault BEGIN DELETE FROM step; END",
        ),
        "",
    ),
    refused(
        "trigger-called-a-table",
        "a trigger that is listed as a table",
        _listed(
            "table",
            "sqlite_sequence",
            "sqlite_sequence",
            "CREATE TRIGGER sqlite_spy BEFORE INSERT ON fact BEGIN SELECT RAISE(IGNORE); END",
        ),
        "",
    ),
    refused("view", "a view", _sql("CREATE VIEW spy AS SELECT * FROM fact"), NEVER_MADE),
    refused("view-for-a-table", "a view in the place of a table", _view_for_a_table, NEVER_MADE),
    refused(
        "view-without-end", "a view that never ends in the place of a table", _view_without_end, NEVER_MADE
    ),
    refused("view-of-views", "views upon views, each double the last", _views_in_views, NEVER_MADE),
    refused("table", "a table that is not dossier's", _sql("CREATE TABLE extra (x)"), NEVER_MADE),
    refused("tables", "2,000 tables that are not dossier's", _many_tables, NEVER_MADE),
    refused(
        "table-name-nul",
        "a table with NUL in its name",
        _listed("table", "ex\0tra", "ex\0tra", "CREATE TABLE extra (x)", 2),
        "",
    ),
    refused(
        "table-name-no-text",
        "a table whose name is no text",
        lambda bench: bench.change_schema("name = CAST(x'ff5b5d' AS TEXT)", "name = 'step'"),
        "",
    ),
    refused(
        "table-name-escape",
        "escape codes in the name of a table",
        _sql('CREATE TABLE "\x1b[31mred\x07" (x)'),
        NEVER_MADE,
    ),
    refused("virtual-table", "a full-text index", _sql("CREATE VIRTUAL TABLE spy USING fts5(x)"), NEVER_MADE),
    refused(
        "virtual-table-rtree",
        "a virtual table with tables of its own",
        _sql("CREATE VIRTUAL TABLE spy USING rtree(id, a, b)"),
        NEVER_MADE,
    ),
    refused(
        "virtual-table-unknown",
        "a virtual table of a module that is not there",
        _listed("table", "spy", "spy", "CREATE VIRTUAL TABLE spy USING csv(filename='/etc/passwd')"),
        "",
    ),
    refused(
        "virtual-table-for-a-table",
        "a virtual table in the place of one of ours",
        lambda bench: bench.change_schema(
            "sql = 'CREATE VIRTUAL TABLE step USING dbstat', rootpage = 0", "name = 'step'"
        ),
        "",
    ),
    refused(
        "generated-column",
        "a column that is computed",
        _sql("ALTER TABLE account ADD COLUMN spy AS (printf('%.*c', 1 << 30, name))"),
        NEVER_MADE,
    ),
    refused(
        "default-expression",
        "a column whose default loads a library",
        _altered("step", "id INTEGER", f"spy DEFAULT ({MARKER}), id INTEGER"),
        "",
    ),
    refused(
        "check-expression",
        "a table whose check loads a library",
        _altered("last_contact", "at TEXT NOT NULL", f"at TEXT NOT NULL CHECK ({MARKER})"),
        NEVER_MADE,
    ),
    refused(
        "collation-unknown",
        "a column that is ordered as nobody knows",
        _altered("last_contact", "at TEXT NOT NULL", "at TEXT NOT NULL COLLATE spy"),
        NEVER_MADE,
    ),
    refused(
        "conflict-replace",
        "a column that forgets instead of refusing",
        _altered("last_contact", "PRIMARY KEY", "PRIMARY KEY ON CONFLICT REPLACE"),
        NEVER_MADE,
    ),
    refused(
        "cascade",
        "a reference that deletes what it should protect",
        _altered("person", "REFERENCES", "REFERENCES account (id) ON DELETE CASCADE, spy REFERENCES"),
        "",
    ),
    refused(
        "index-expression",
        "an index over an expression",
        _sql("CREATE INDEX spy ON account (lower(name))"),
        NEVER_MADE,
    ),
    refused(
        "index-partial",
        "an index of some rows",
        _sql("CREATE INDEX spy ON account (name) WHERE id > 1"),
        NEVER_MADE,
    ),
    refused("index-without-sql", "an index without its SQL", _listed("index", "spy", "account", None, 2), ""),
    refused(
        "statistics",
        "statistics that mislead SQLite",
        _sql("ANALYZE", "UPDATE sqlite_stat1 SET stat = '1 999999999 x'"),
        NEVER_MADE,
    ),
    refused(
        "sql-garbage", "a table made by what is no SQL", _altered("step", "CREATE TABLE", "CREATE CHAOS"), ""
    ),
    refused(
        "sql-missing",
        "a table without its SQL",
        lambda bench: bench.change_schema("sql = NULL", "name = 'step'"),
        "",
    ),
    refused(
        "sql-blob",
        "a table whose SQL is no text",
        lambda bench: bench.change_schema("sql = x'ff00'", "name = 'step'"),
        "",
    ),
    refused(
        "sql-deep",
        "a check with parentheses a hundred thousand deep",
        _altered("step", "id INTEGER", f"spy CHECK ({'(' * 100_000}1{')' * 100_000}), id INTEGER"),
        "",
    ),
    refused(
        "sql-long",
        "a table whose SQL is 10 MB long",
        _altered("step", "CREATE TABLE step (", f"CREATE TABLE step (/*{'x' * 10_000_000}*/"),
        "",
    ),
    refused(
        "two-of-one-name",
        "two tables of one name",
        _listed("table", "step", "step", "CREATE TABLE step (x)", 2),
        "",
    ),
    refused(
        "root-page-0",
        "a table without a page",
        lambda bench: bench.change_schema("rootpage = 0", "name = 'account'"),
        "",
    ),
    refused(
        "root-page-beyond",
        "a table beyond the end of the file",
        lambda bench: bench.change_schema("rootpage = 4294967295", "name = 'account'"),
        "",
    ),
    seen_with_keys("root-page-shared", "two tables on one page", _stolen_page, "", write=0),
    refused("vault-table-gone", "no table for the header", _sql("DROP TABLE vault"), ""),
    seen_with_keys(
        "table-gone", "no table of facts", _sql("PRAGMA foreign_keys = OFF", "DROP TABLE fact"), "fact"
    ),
    seen_with_keys(
        "index-gone",
        "no index of accounts' names",
        _sql("DROP INDEX account_folded"),
        "account_folded",
        write=0,
    ),
    seen_with_keys(
        "column-renamed",
        "a column of another name",
        _sql("ALTER TABLE account RENAME COLUMN tier TO rank"),
        "",
        read=7,
    ),
)
