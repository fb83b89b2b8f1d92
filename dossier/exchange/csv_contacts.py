"""Reads lists of contacts in CSV: plain ones, Google's (old and new), Outlook's, a spreadsheet's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from dossier.domain.faults import BadValue
from dossier.domain.text import one_line
from dossier.exchange.birthday import is_day_first, read_birthday
from dossier.exchange.contact import (
    ENCODINGS,
    Contact,
    Rejected,
    RowRefused,
    compose_name,
    distinct,
    is_private,
    no_such_encoding,
    squeeze,
    tidy_note,
)
from dossier.exchange.csv_headers import Columns

UNDERSTOOD = "name (or first name, last name), company, title, department, email, phone, birthday, note"
"""The headings of a plain list, as the reader of a message should see them."""

_DELIMITERS = ",;\t"
_LONGEST_FIELD = 2**31 - 1
"""In place of the 128 KiB of the `csv` module: how long a note may be is not for a reader to say."""

_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f]")
_SEVERAL = re.compile(r"[;\n]|:::")
_ADDRESS = re.compile(r"[^\s,<>@]+@[^\s,<>@]+")
_FAX = re.compile(r"fax|pager", re.IGNORECASE)


def read_csv(
    source: bytes | BinaryIO, *, encoding: str | None = None, day_first: bool | None = None
) -> Iterator[Contact | Rejected]:
    """Every record of a CSV file as a contact or a rejection, in the file's order.

    `row` is the number of the line on which the record begins; blank lines are no records. The text is UTF-16
    or UTF-8 with a byte order mark, or UTF-8, or else `encoding`. `day_first` settles birthdays such as
    03/04/1980; without it they are month/day in files of Google and Outlook, unless another birthday of the
    file has its day first, and are refused elsewhere. Columns that are not understood are passed over, and so
    are faxes and addresses at work.

    Raises BadValue for a file that is no text, cannot be decoded, or has no heading for a name.
    """
    import csv

    lines = _lines(_decoded(source if isinstance(source, bytes) else source.read(), encoding))
    usual_limit = csv.field_size_limit(_LONGEST_FIELD)
    try:
        start, delimiter = _delimiter(lines)
        head, *records = _records(lines, start, delimiter)
    finally:
        csv.field_size_limit(usual_limit)
    return _read(records, Columns(head.cells), day_first)


def _read(records: list[_Record], columns: Columns, day_first: bool | None) -> Iterator[Contact | Rejected]:
    if day_first is None and columns.month_first and not _some_day_first(records, columns):
        day_first = False
    for record in records:
        try:
            yield _contact(record, columns, day_first)
        except RowRefused as refusal:
            yield Rejected(record.line, refusal.reason)


# --- From bytes to records ----------------------------------------------------------------------------------


def _decoded(data: bytes, encoding: str | None) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _as(data, "utf-16")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        if encoding is None:
            if b"\0" in data:
                raise _not_text() from None
            raise BadValue("the text is not in UTF-8", f"say what it is in: {ENCODINGS}") from None
        return _as(data, encoding)
    return _as(data, encoding) if encoding is not None and "\0" in text else text


def _as(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
        text.encode()  # some encodings can spell half a character, which UTF-8 cannot
    except UnicodeError:
        raise BadValue(
            f"the text is not in {one_line(encoding)}", f"say what it is in: {ENCODINGS}"
        ) from None
    except (LookupError, ValueError):
        raise no_such_encoding(encoding) from None
    return text


def _not_text() -> BadValue:
    return BadValue("the file is not a text file: it holds binary data", "save the list as CSV (UTF-8) first")


class _Record(NamedTuple):
    """The cells of a record and the line it begins on; no cells where its quotation marks do not add up."""

    line: int
    cells: list[str]


def _lines(text: str) -> list[str]:
    """The physical lines with their ends: CR LF, LF or CR, not whatever else Unicode calls a line's end."""
    from io import StringIO

    return list(StringIO(text, newline=""))


def _records(lines: list[str], start: int, delimiter: str) -> Iterator[_Record]:
    """The records from line index `start` on, without blank ones.

    A quotation mark that is never closed would make one record of the rest of the file, so a record that
    cannot be read is given up for its first line only and the reading goes on with the next. `patience` keeps
    a file made of such lines from being read over and over.
    """
    import csv

    patience = 20 * len(lines)
    while start < len(lines):
        first = start
        reader = csv.reader(
            map(lines.__getitem__, range(first, len(lines))), delimiter=delimiter, strict=True
        )
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield _Record(start + 1, cells)
                start = first + reader.line_num
        except csv.Error:
            yield _Record(start + 1, [])
            read_to = first + reader.line_num
            patience -= read_to - start
            start = start + 1 if patience > 0 else read_to


def _delimiter(lines: list[str]) -> tuple[int, str]:
    """Where the headings begin and what stands between them: the delimiter that makes the most sense of them.

    A first line such as `sep=;`, which Excel writes and reads, settles it.
    """
    if lines and (said := re.fullmatch(r"sep=([,;\t|])\s*", lines[0], re.IGNORECASE)):
        signs, start = said[1], 1
    else:
        signs, start = _DELIMITERS, 0
    headings = {sign: record.cells for sign in signs if (record := next(_records(lines, start, sign), None))}
    if not headings:
        raise BadValue("the file is empty", f"its first line should name the columns: {UNDERSTOOD}")
    known = {sign: Columns(cells) for sign, cells in headings.items()}
    best = max(known, key=lambda sign: (known[sign].known, len(headings[sign])))
    if any(_CONTROLS.search(cell) for cell in headings[best]):
        raise _not_text()
    if not known[best].name_a_person:
        raise BadValue(
            f"no column has a heading for the name: the first line says {_shown(headings[best])}",
            f"understood are {UNDERSTOOD}, also in Vietnamese, Bulgarian and Chinese, and the files of "
            "Google Contacts and Outlook",
        )
    return start, best


def _shown(headings: list[str]) -> str:
    """The headings for a message, without what may be data: a file without headings begins with a person."""
    harmless = [one_line(cell.strip()) for cell in headings if cell.strip() and not re.search(r"[\d@]", cell)]
    shown = [heading if len(heading) <= 30 else heading[:29] + "…" for heading in harmless[:8]]
    if len(shown) < len(headings):
        shown.append(f"… ({len(headings)} columns)" if len(headings) > 1 else "…")
    return ", ".join(shown) or "nothing"


# --- From a record to a contact -----------------------------------------------------------------------------


def _some_day_first(records: list[_Record], columns: Columns) -> bool:
    places = columns.places.get("birthday", [])
    whole = (record.cells for record in records if len(record.cells) >= columns.width)
    return any(is_day_first(cells[place]) for cells in whole for place in places)


def _contact(record: _Record, columns: Columns, day_first: bool | None) -> Contact:
    cells = _checked(record.cells, columns.width)

    def all_of(meaning: str) -> list[str]:
        return [cells[place] for place in columns.places.get(meaning, ())]

    def first_of(meaning: str) -> str:
        return next(filter(None, map(squeeze, all_of(meaning))), "")

    name, family, given = _names(*map(first_of, ("name", "family_name", "given_name", "middle_name")))
    mails, phones, private_mails, private_phones, addresses = _reachable(cells, columns)
    parts = ", ".join(distinct(all_of("private_address_part")))
    return Contact(
        row=record.line,
        name=name,
        family_name=family,
        given_name=given,
        organisation=first_of("organisation"),
        position=first_of("position"),
        department=first_of("department"),
        mails=_mails(all_of("mail") + mails),
        phones=_several(all_of("phone") + phones),
        private_mails=_mails(all_of("private_mail") + private_mails),
        private_phones=_several(all_of("private_phone") + private_phones),
        private_address=first_of("private_address") or parts or next(iter(distinct(addresses)), ""),
        birthday=read_birthday(first_of("birthday"), day_first=day_first),
        note="\n\n".join(filter(None, map(tidy_note, all_of("note")))),
        language=first_of("language"),
        aliases=tuple(alias for alias in _several(all_of("alias")) if alias != name),
        uid=first_of("uid"),
    )


def _checked(cells: list[str], width: int) -> list[str]:
    if not cells:
        raise RowRefused("a quotation mark is out of place or never closed")
    if any("\0" in cell for cell in cells):
        raise RowRefused("holds a NUL character")
    if len(cells) < width or any(cell.strip() for cell in cells[width:]):
        columns = "column" if len(cells) == 1 else "columns"
        raise RowRefused(f"has {len(cells)} {columns} where the first line has {width}")
    return cells


def _names(name: str, family: str, given: str, middle: str) -> tuple[str, str, str]:
    """Name, family name and given names of a row.

    Beside a family name alone, `Name` may be the whole or the rest of it: Име, Фамилия; Họ, Tên.
    """
    if family and name and not given and family not in name.split() and not name.startswith(family):
        given, name = name, ""
    composed, given_names = compose_name(family, given, middle)
    if not (name or composed):
        raise RowRefused("no name")
    return name or composed, family, given_names


def _reachable(
    cells: list[str], columns: Columns
) -> tuple[list[str], list[str], list[str], list[str], list[str]]:
    """Mails, phones, private mails, private phones and private addresses of Google's numbered columns."""
    found: dict[tuple[str, bool], list[str]] = {}
    for kind, label_place, place in columns.labelled:
        label = "" if label_place is None else cells[label_place]
        if not (kind == "phone" and _FAX.search(label)):
            found.setdefault((kind, is_private(label)), []).append(cells[place])
    order = (("mail", False), ("phone", False), ("mail", True), ("phone", True), ("address", True))
    mails, phones, private_mails, private_phones, addresses = (found.get(key, []) for key in order)
    return mails, phones, private_mails, private_phones, [", ".join(each.splitlines()) for each in addresses]


def _several(cells: list[str]) -> tuple[str, ...]:
    """The values of cells that may hold several, with ; or a line break or Google's ::: between them."""
    return distinct(value for cell in cells for value in _SEVERAL.split(cell))


def _mails(cells: list[str]) -> tuple[str, ...]:
    """Mail addresses, also out of `Anna <anna@weber.example>`; an Exchange server's inner names are none."""
    values = [value for value in _several(cells) if not value.lower().startswith("/o=")]
    return distinct(mail for value in values for mail in _ADDRESS.findall(value) or [value])
