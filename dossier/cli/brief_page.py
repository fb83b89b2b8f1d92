"""The brief on a terminal: its lines cut so that the page fits a screen, or all of them for programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dossier.cli.invocation import Invocation
from dossier.domain.text import joined, one_line
from dossier.services.brief_words import Entry, Look, Section, heading, sections
from dossier.services.shapes import Shape

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions
    from rich.text import Text

_LABEL_WIDTH = 11
_SHORTEST = 16
_SCREEN = 45
_STYLES = {Look.PLAIN: "", Look.LATE: "bold red", Look.CARE: "yellow"}


def print_plain(run: Invocation, shape: Shape) -> None:
    """Print a brief for programs: every entry of every section."""
    run.out.line(f"brief\t{heading(shape)}")
    for section in sections(shape):
        for entry in section.entries:
            run.out.line(f"{section.label.lower()}\t{joined(one_line(entry.main), one_line(entry.tail))}")


def print_page(run: Invocation, shape: Shape) -> None:
    """Print a brief for a person: one screen, and what there is no room for is counted."""
    run.out.rich(_Page(heading(shape), [section for section in sections(shape) if section.entries]))


class _Page:
    """Draws the sections as wide as the terminal is, each label at the left, and never higher than a screen."""

    def __init__(self, heading: str, sections: list[Section]) -> None:
        self._heading = heading
        self._sections = sections

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterable[Text]:
        from rich.text import Text

        width = options.max_width
        drawn = [_drawn(section, section.lines, width) for section in self._sections]
        if 1 + sum(map(len, drawn)) > _SCREEN:
            drawn = [_drawn(section, 1, width) for section in self._sections]
        airy = 1 + sum(map(len, drawn)) + len(drawn) <= _SCREEN
        yield _cut(Text(self._heading, style="bold"), width)
        for lines in drawn:
            if airy:
                yield Text()
            yield from lines


def _drawn(section: Section, most_lines: int, width: int) -> list[Text]:
    """The lines of a section."""
    from rich.text import Text

    shown = section.entries if len(section.entries) <= section.most + 1 else section.entries[: section.most]
    lines: list[Text] = []
    for entry in shown:
        lines += _lines(entry, most_lines, width - _LABEL_WIDTH)
    if more := len(section.entries) - len(shown):
        lines.append(Text(f"… and {more} more", style="dim"))
    labels = [section.label, *[""] * (len(lines) - 1)]
    return [
        _cut(Text().append(label.ljust(_LABEL_WIDTH), style="bold cyan").append_text(line), width)
        for label, line in zip(labels, lines, strict=True)
    ]


def _lines(entry: Entry, most: int, room: int) -> list[Text]:
    """An entry on one line, or with its tail on a second; where there is but one, the main part gives way."""
    from rich.text import Text

    main, tail = (
        Text(one_line(entry.main), style=_STYLES[entry.look]),
        Text(one_line(entry.tail), style="dim"),
    )
    if not (main and tail):
        return [Text().append_text(main).append_text(tail)]
    if most > 1 and main.cell_len + 2 + tail.cell_len > room:
        return [main, tail]
    main.truncate(max(room - tail.cell_len - 2, _SHORTEST), overflow="ellipsis")
    return [Text().append_text(main).append("  ").append_text(tail)]


def _cut(text: Text, width: int) -> Text:
    text.truncate(width, overflow="ellipsis")
    text.no_wrap = True
    return text
