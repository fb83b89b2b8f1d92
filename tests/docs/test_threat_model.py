"""The page on threats says of each field what is so: it is in clear exactly if `dossier status` says so."""

from __future__ import annotations

import json

from tests.conftest import Run
from tests.docs.make_clear import PAGE, in_clear, with_list


def test_what_stands_in_clear_is_current() -> None:
    """After a change to a noun: python -m tests.docs.make_clear."""
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_list(page)
    assert "\n- account: name, " in page


def test_status_says_the_same(dossier: Run) -> None:
    plain = json.loads(dossier("status", "--format", "json").out)["plain"]
    listed = in_clear()
    for noun, fields in plain.items():
        for field in fields:
            assert field.endswith("_id") or f" {field.replace('_', ' ')}" in listed, f"{noun}.{field}"
    for noun in ("relative", "fact"):
        assert not any(line.startswith(f"- {noun}:") for line in listed.splitlines())
