"""The only writer of stdout: tables for people, plain lines, JSON and CSV for programs.

A list is a row per record with fixed columns that are only ever appended to; JSON carries the whole shape. In
plain output tabs separate the fields, and tabs and newlines inside data become spaces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from dossier.cli.environment import Environment
from dossier.domain.text import one_line, safe_text

if TYPE_CHECKING:
    from rich.console import Console

Shape = Mapping[str, Any]

LOCKED = "(locked)"
"""How a hidden value prints in a table, which nobody takes for a value; in plain and CSV it is empty, in JSON null."""

_MARGIN = 2
"""Cells before what belongs to a row that has no number."""

_GAP = 3
_NARROWEST_TEXT = 16
"""Cells between two columns of a table, and those that a text needs to be readable."""


class Column(NamedTuple):
    """A column of a list: its heading and where its value comes from (a key, or a function of the shape)."""

    heading: str
    value: str | Callable[[Shape], Any]
    kind: str = "text"
    """`text` wraps in a table, `word` (a date, a number) never does, `more` is left out of tables."""

    def of(self, shape: Shape) -> str:
        """The value as text; empty for null."""
        found = self.value(shape) if callable(self.value) else shape.get(self.value)
        return as_text(found)


def as_text(value: Any) -> str:
    """A JSON value as one line of text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(as_text(item) for item in value)
    if isinstance(value, dict):
        return " · ".join(as_text(part) for part in value.values() if part is not None)
    return one_line(str(value))


class Output:
    """Prints results in the format asked for."""

    def __init__(self, environment: Environment, format_: str, color: str) -> None:
        self._environment = environment
        self._stream = environment.stdout
        self._color = color
        self.format = format_
        if format_ == "auto":
            self.format = "table" if environment.prints_to_person else "plain"

    def line(self, text: str) -> None:
        """One line for a person to read."""
        self._stream.write(safe_text(text) + "\n")

    def done(self, what: str) -> None:
        """Something was done that leaves no record to print, `removed step 3 …`: a sentence, in JSON `{done}`."""
        if self.format == "json":
            self.json({"done": what})
        else:
            self.line(f"{what[:1].upper()}{what[1:]}.")

    def items(
        self,
        shapes: Sequence[Shape],
        columns: Sequence[Column],
        *,
        empty: str,
        shown: Sequence[Column] = (),
        whole: Any = None,
    ) -> None:
        """A list. A person sees the columns in `shown`, if they are others, and of no record what `empty` says.

        `whole` is what JSON prints if it is more than the array.
        """
        if self.format == "json":
            self.json(list(shapes) if whole is None else whole)
        elif self.format == "csv":
            self._csv(
                [column.heading for column in columns], [[c.of(shape) for c in columns] for shape in shapes]
            )
        elif self.format == "plain":
            for shape in shapes:
                self._stream.write("\t".join(column.of(shape) for column in columns) + "\n")
        elif shapes:
            columns = [column for column in shown or columns if column.kind != "more"]
            self._table(columns, [[column.of(shape) for column in columns] for shape in shapes])
        else:
            self.line(empty)

    def written(self, shape: Shape, columns: Sequence[Column], sentence: str) -> None:
        """A record that was just written: a sentence for people, the object for JSON, its row otherwise."""
        if self.format == "json":
            self.json(shape)
        elif self.format == "table":
            self.line(sentence)
        else:
            self.items([shape], columns, empty="")

    def record(self, shape: Shape) -> None:
        """One record: a line per field, lists a line per element; null fields only where a program reads."""
        if self.format == "json":
            self.json(shape)
        elif self.format == "csv":
            self._csv(list(shape), [[as_text(value) for value in shape.values()]])
        elif self.format == "plain":
            self._stream.writelines(f"{name}\t{as_text(value)}\n" for name, value in shape.items())
        else:
            self._page(shape)

    def _page(self, shape: Shape) -> None:
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
        table.add_column()
        table.add_column(overflow="fold")  # half a path or a command is of no use
        for name, value in shape.items():
            if value not in (None, [], ""):
                lines = [value] if not isinstance(value, list) else value
                text = "\n".join(
                    safe_text(line) if isinstance(line, str) else as_text(line) for line in lines
                )
                table.add_row(Text(name.replace("_", " "), style="dim"), Text(text))
        self.rich(table)

    def json(self, value: Any) -> None:
        """A JSON document."""
        from dossier.exchange.json_out import as_json

        self._stream.write(as_json(value) + "\n")

    def pieces(self, data: Iterable[bytes]) -> None:
        """Bytes as they are, whatever the format; for a result that is a file."""
        self._stream.flush()
        for piece in data:
            self._stream.buffer.write(piece)
        self._stream.buffer.flush()

    def _table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        from rich import box
        from rich.cells import cell_len
        from rich.table import Table
        from rich.text import Text

        needed = 0
        for column, *cells in zip(columns, *rows, strict=True):
            widest = max(map(cell_len, [column.heading, *cells]))
            needed += _GAP + (widest if column.kind == "word" else min(widest, _NARROWEST_TEXT))
        if needed > self.width:
            self._stacked(columns, rows)
            return
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for column in columns:
            table.add_column(column.heading, overflow="fold", no_wrap=column.kind == "word")
        for row in rows:
            table.add_row(*(Text(cell, style="dim" if cell == LOCKED else "") for cell in row))
        self.rich(table)

    def _stacked(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """The rows of a table that the terminal is too narrow for: texts first, the rest below them.

        What stands under a heading in the table has its name here; there are none of what is 0.
        """
        from rich.text import Text

        for row in rows:
            cells = [(column, cell) for column, cell in zip(columns, row, strict=True) if cell]
            number = next((f"{cell}  " for column, cell in cells if column.heading == "id"), "")
            margin = " " * (len(number) or _MARGIN)
            texts = [cell for column, cell in cells if column.kind == "text" and column.heading != "id"]
            words = [
                f"{column.heading} {cell}"
                for column, cell in cells
                if column.kind == "word" and column.heading != "id" and cell != "0"
            ]
            room = self.width - len(margin)
            lines = [Text(line, style="bold") for line in _flowed(texts, room)]
            lines += [Text(line, style="dim") for line in _flowed(words, room)]
            for place, line in enumerate(lines or [Text()]):
                line.highlight_words([LOCKED], "not bold dim")
                self.rich(Text.assemble((margin if place or not number else number, "bold"), line))

    def rich(self, *parts: Any) -> None:
        """Anything that rich can draw. Text from data must come as `rich.text.Text`, so that no markup in it counts."""
        console = self._console()
        for part in parts:
            console.print(part)

    @property
    def width(self) -> int:
        """Columns of the terminal."""
        return self._console().width

    def _console(self) -> Console:
        from rich.console import Console

        forced = {"always": True, "never": False, "auto": None}[self._color]
        no_color = forced is False or (forced is None and bool(self._environment.variables.get("NO_COLOR")))
        # Rich looks for COLUMNS and TERM in what we give it, so that tests decide the width.
        return Console(
            _environ=self._environment.variables,
            file=self._stream,
            force_terminal=forced or None,
            no_color=no_color,
            highlight=False,
            markup=False,
            emoji=False,
        )

    def _csv(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        import csv

        writer = csv.writer(self._stream, lineterminator="\n")
        writer.writerow(headings)
        writer.writerows([[_inert(cell) for cell in row] for row in rows])


def _flowed(pieces: Sequence[str], width: int) -> list[str]:
    """Pieces in lines of no more cells than `width`, which break between pieces where they can, else between words."""
    from dossier.cli.wrapping import cells, wrapped

    lines: list[str] = []
    for piece in pieces:
        if lines and cells(joined := f"{lines[-1]} · {piece}") <= width:
            lines[-1] = joined
        else:
            lines += wrapped(piece, width).split("\n")
    return lines


def _inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return "'" + cell if cell.startswith(("=", "@", "+", "-")) and not _is_number(cell) else cell


def _is_number(cell: str) -> bool:
    return bool(cell) and cell.lstrip("+-").replace(".", "", 1).replace(" ", "").isdigit()
