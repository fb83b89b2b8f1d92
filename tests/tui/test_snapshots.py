"""What a few screens look like, to the cell: their text, and the look of every cell of it.

After a change that one has looked at: `RENEW=1 make test ARGS=tests/tui/test_snapshots.py`, then read the difference;
the picture in the README comes with it.
Each file holds the screen as it stands; below, for each line, how many cells in a row have which look; at the end, what
the looks are. (pytest-textual-snapshot would do this with pictures, but its last release wants a pytest before 9.)
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from string import ascii_letters

import pytest
from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip
from textual.widgets import Input, TextArea

from dossier.services import accounts
from dossier.services.demo import fill
from dossier.services.session import Session
from tests.tui.conftest import Person, Story, View

FOLDER = Path(__file__).parent / "snapshots"

README = Path(__file__).parents[2] / "README.md"

_NAMES = [*ascii_letters, *(letter * 2 for letter in ascii_letters)]
_PICTURE = re.compile(r"```text\n(.*?)```\n", re.DOTALL)

SMALL, LARGE = (80, 24), (160, 48)


@pytest.fixture(autouse=True)
def _book(session: Session) -> None:
    """The invented book of business, with names in two more scripts."""
    fill(session)
    accounts.add(session, "العيون للبصريات 👓", {"tier": "key"})
    accounts.add(session, "Viện 👩‍🔬 Quang học", {"tier": "strategic"})


@pytest.mark.parametrize(
    ("name", "size", "theme", "keys"),
    [
        ("today-dark", SMALL, "dark", []),
        ("today-revealed-light-large", LARGE, "light", ["v"]),
        ("accounts-light", SMALL, "light", ["2", "G"]),
        ("account-overview-large", LARGE, "dark", ["enter", "v"]),
        ("board-dark", SMALL, "dark", ["3"]),
        ("log-dark", SMALL, "dark", ["c"]),
        ("locked-dark", SMALL, "dark", ["v", "ctrl+l"]),
    ],
)
def test_looks_as_it_did(view: View, name: str, size: tuple[int, int], theme: str, keys: list[str]) -> None:
    seen: list[str] = []
    view(_after(keys, seen), size=size, config={"theme": theme})
    assert seen == [as_kept(FOLDER / f"{name}.txt", seen[0])]


def test_the_readme_shows_what_there_is_to_see(view: View) -> None:
    seen: list[str] = []
    view(_after(["v"], seen), size=(100, 24))
    picture = seen[0].split("\n\n")[0] + "\n"
    page = README.read_text(encoding="utf-8")
    if os.environ.get("RENEW"):
        page = _PICTURE.sub(lambda _: f"```text\n{picture}```\n", page)
        README.write_text(page, encoding="utf-8")
    assert _PICTURE.findall(page) == [picture]


def _after(keys: list[str], seen: list[str]) -> Story:
    async def story(person: Person) -> None:
        await person.press(*keys)
        for field in person.app.screen.query(Input):
            field.cursor_blink = False
        for note in person.app.screen.query(TextArea):
            note.cursor_blink = False
        await person.rest()
        seen.append(as_text(person.app.screen._compositor.render_strips()))

    return story


def as_kept(path: Path, seen: str) -> str:
    """What the file holds; with RENEW in the environment it holds from now on what is seen."""
    if os.environ.get("RENEW"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(seen, encoding="utf-8")
    return path.read_text(encoding="utf-8")


def as_text(strips: list[Strip]) -> str:
    """A screen's text, then the looks of its cells, then what looks there are."""
    names: dict[str, str] = {}
    text, looks = [], []
    for strip in strips:
        text.append(strip.text.rstrip())
        looks.append(" ".join(f"{name}{cells}" for name, cells in _runs(strip, names)))
    legend = [f"{name}  {look}" for look, name in names.items()]
    return "\n".join([*text, "", *looks, "", *legend, ""])


def _runs(strip: Strip, names: dict[str, str]) -> Iterator[tuple[str, int]]:
    """The letter of each look in a line, and how many cells have it; new looks get the next letter."""
    for look, segments in groupby(strip, key=lambda segment: _look(segment.style)):
        name = names.setdefault(look, _NAMES[len(names)])
        yield name, sum(cell_len(segment.text) for segment in segments)


def _look(style: Style | None) -> str:
    """A style without what is no look: links and Textual's own remarks."""
    return str((style or Style()).clear_meta_and_links())
