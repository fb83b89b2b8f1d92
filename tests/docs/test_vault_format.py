"""The page of the vault's format says what is so: tables and fields from the definitions, a computed example."""

from __future__ import annotations

from tests.docs.make_format import PAGE, PARTS, with_parts


def test_the_page_is_current() -> None:
    """After a change to a noun, a table or the frozen vault: python -m tests.docs.make_format."""
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_parts(page)


def test_the_page_has_every_part() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name in PARTS:
        assert page.count(f"<!-- {name}: ") == page.count(f"<!-- end of {name} -->") == 1
