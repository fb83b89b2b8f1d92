"""Every command that the pages show runs, and what README's tour prints is what it says.

`python -m tests.docs.test_pages` writes the outputs anew.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.shell import ROOT, Block, Shell, as_shown, blocks, commands, spans

README = ROOT / "README.md"
PAGES = (
    README,
    *(ROOT / f"docs/{name}.md" for name in ("scripting", "full-screen", "safety", "threat-model")),
)

# Commands that install or test the whole program: CI runs them by other ways.
_NOT_HERE = ("make ", "pipx ")
# The pages speak of exit codes; these commands show one other than 0.
_FAILING = {"dossier agenda --fail-on overdue": 10}
# Somebody is asked before these; the pages show them as one types them.
_ASKING = ("dossier vault ", "dossier person forget ")


def tour(page: Path) -> Block:
    """The one console block of a page."""
    (found,) = [block for block in blocks(page.read_text()) if block.kind == "console"]
    return found


def show(shell: Shell, page: Path) -> str:
    """The console block of a page as it runs now."""
    return as_shown([shell.run(command) for command in commands(tour(page))])


@pytest.fixture(scope="module")
def toured() -> Iterator[tuple[Shell, str]]:
    """A shell in which the README's tour was made, and what that printed."""
    with tempfile.TemporaryDirectory() as folder:
        shell = Shell(Path(folder))
        yield shell, show(shell, README)
        shell.close()


def test_the_tour_prints_what_the_readme_says(toured: tuple[Shell, str]) -> None:
    _, printed = toured
    assert printed == tour(README).text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_other_command_runs(toured: tuple[Shell, str], page: Path) -> None:
    shell, _ = toured
    text = page.read_text()
    lines = [line for block in blocks(text) if block.kind == "sh" for line in commands(block)]
    for command in [*spans(text), *lines]:
        if command == "dossier tui":
            assert shell.run_until(command, "Today", "ctrl+q") == 0
        elif not command.startswith(_NOT_HERE):
            ran = shell.run(command, agreeing=command.startswith(_ASKING))
            assert ran.code == _FAILING.get(command, 0), ran
        if command == "dossier lock":
            shell.run("dossier unlock")  # else each command after it would derive the key anew


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda page: page.name
)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        fresh = Shell(Path(home))
        README.write_text(README.read_text().replace(tour(README).text, show(fresh, README)))
        fresh.close()
