"""What SQLite says of a damaged file, in words for people: its own name things that only its authors know."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dossier.domain.text import one_line

_KNOWN = {
    "database disk image is malformed": "a part of it is not as it was written",
    "file is not a database": "its beginning is not as it was written",
}
_HEADING = re.compile(r"\*\*\* in database \w+ \*\*\*")
_PAGE = re.compile(r"\bpage (\d+)", re.IGNORECASE)


def in_words(said: str) -> str:
    """What an error of SQLite's means; its own words where there are no better ones."""
    return _KNOWN.get(said, said)


def of_pages(lines: Iterable[str]) -> Iterator[str]:
    """What `PRAGMA integrity_check` found, as problems of the file: each damaged page once, by its number."""
    told = set()
    for line in lines:
        for part in _HEADING.sub("", line).strip().splitlines():
            page = _PAGE.search(part)
            problem = f"is damaged at its page {page[1]}" if page else f"is damaged: {one_line(part)}"
            if problem not in told:
                told.add(problem)
                yield problem
