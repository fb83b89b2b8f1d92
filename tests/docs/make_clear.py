"""Writes what stands in clear into the threat model, as `dossier status` says it: `python -m tests.docs.make_clear`.

`tests/docs/test_threat_model.py` holds the page to what this writes.
"""

from __future__ import annotations

import re
from pathlib import Path

from dossier.cli.status import lines_in_clear
from dossier.store.catalog import RECORDS

PAGE = Path(__file__).parents[2] / "docs/threat-model.md"

_LIST = re.compile(r"(<!-- clear: [^\n]*-->\n).*?(<!-- end of clear -->)", re.DOTALL)


def in_clear() -> str:
    """A line for each noun with the fields of it that anybody can read."""
    plain = {kind.table.name: [field.name for field in kind.table.plain] for kind in RECORDS}
    return "\n".join(["", *(f"- {line}" for line in lines_in_clear(plain)), "", ""])


def with_list(page: str) -> str:
    """The page with the list as it must be now."""
    return _LIST.sub(lambda found: found[1] + in_clear() + found[2], page)


if __name__ == "__main__":
    PAGE.write_text(with_list(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
