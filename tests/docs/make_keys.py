"""Writes the table of keys into the page of the full-screen view: `python -m tests.docs.make_keys`.

`tests/docs/test_full_screen.py` holds the page to what this writes.
"""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

from dossier.tui.here import spelled
from dossier.tui.keys import ACTIONS, Action

PAGE = Path(__file__).parents[2] / "docs/full-screen.md"

_TABLE = re.compile(r"(<!-- keys: [^\n]*-->\n).*?(<!-- end of keys -->)", re.DOTALL)


def keys_table() -> str:
    """Every action under the heading of its group: keys, what it does, the name that the config takes."""
    lines = []
    for group, actions in groupby(sorted(ACTIONS, key=_group), key=lambda action: action.group):
        lines += ["", f"### {group}", "", "| key | does | name |", "|---|---|---|"]
        for action in actions:
            keys = " ".join(f"`{spelled(key.strip())}`" for key in action.keys.split(","))
            lines.append(f"| {keys} | {action.full} | `{action.id}` |")
    return "\n".join([*lines, "", ""])


def _group(action: Action) -> int:
    """Where its group comes among the groups."""
    return list(dict.fromkeys(one.group for one in ACTIONS)).index(action.group)


def with_keys(page: str) -> str:
    """The page with the table as it must be now."""
    return _TABLE.sub(lambda found: found[1] + keys_table() + found[2], page)


if __name__ == "__main__":
    PAGE.write_text(with_keys(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
