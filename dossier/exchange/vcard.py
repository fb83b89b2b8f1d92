"""Reads vCard files of versions 2.1, 3.0 and 4.0, card by card, so that a bad card costs that card only.

The grammar of a property is `vobject`'s. It is not asked to read whole files, for it gives up at the first
bad line, decodes quoted-printable only when spelled in capitals, drops a note's text after a bare comma, and
takes exponential time over some malformed parameters. So the file is cut into cards and properties here, only
the properties that a contact takes are looked at, and only a well-formed head reaches `vobject`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, NamedTuple

from dossier.domain.faults import BadValue
from dossier.exchange.birthday import read_birthday
from dossier.exchange.contact import (
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

UNFINISHED = "truncated: END:VCARD is missing"
"""Why a card without its end is rejected; of the last card it says that the file breaks off."""

_BEGIN = b"BEGIN:VCARD"
_END = b"END:VCARD"
_UTF8_MARK = b"\xef\xbb\xbf"
_WANTED = frozenset(
    b"ADR BDAY EMAIL FN KIND LANG N NICKNAME NOTE ORG ROLE TEL TITLE UID X-ABLABEL X-ABSHOWAS"
    b" X-ADDRESSBOOKSERVER-KIND".split()
)
_NAME = re.compile(rb"(?:[\w-]+\.)?([\w-]+)(?=[;:])")
_HEAD_AND_VALUE = re.compile(
    rb'((?:[\w-]+\.)?[\w-]+(?:;[\w-]+(?:=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)?)*);?:(.*)',
    re.DOTALL,
)
_CHARSET = re.compile(rb';CHARSET="?([^";:,]+)', re.IGNORECASE)
_QUOTED_PRINTABLE = re.compile(rb"^[^:]*;(?:ENCODING=)?QUOTED-PRINTABLE[;:]", re.IGNORECASE)
_BASE64 = re.compile(rb"^[^:]*;(?:ENCODING=)?(?:BASE64|B)[;:]", re.IGNORECASE)


def read_vcards(source: bytes | BinaryIO, *, encoding: str | None = None) -> Iterator[Contact | Rejected]:
    """Every card of a vCard file as a contact or a rejection, in the file's order; `row` counts the cards.

    `source` is the file's bytes or a binary stream, which is read as the iteration goes on. Text is UTF-16
    with its byte order mark, or what a property's CHARSET says, or `encoding` if given, or else UTF-8. Mails,
    phones and addresses marked as home are private, all others work; faxes, pagers and addresses at work are
    passed over. Raises BadValue at once for an unknown encoding, and at the end of a file without any card.
    """
    if encoding is not None:
        _check_encoding(encoding)
    return _read(source, encoding or "utf-8")


def _read(source: bytes | BinaryIO, encoding: str) -> Iterator[Contact | Rejected]:
    found = False
    for row, (properties, fault) in enumerate(_cards(_logical_lines(_physical_lines(source))), start=1):
        found = True
        if fault:
            yield Rejected(row, fault)
            continue
        try:
            yield _contact(row, [_property(line, encoding) for line in properties])
        except RowRefused as refusal:
            yield Rejected(row, refusal.reason)
    if not found:
        raise BadValue(
            "there is no vCard in the file: no line says BEGIN:VCARD", "export the contacts as vCard (.vcf)"
        )


def _check_encoding(encoding: str) -> None:
    try:
        "".encode(encoding)
    except (LookupError, ValueError):
        raise no_such_encoding(encoding) from None


# --- From bytes to cards ------------------------------------------------------------------------------------


def _physical_lines(source: bytes | BinaryIO) -> Iterator[bytes]:
    """The lines without their ends, which may be CR LF, LF, CR or the CR CR LF of a twice converted file."""
    from io import BytesIO

    stream = BytesIO(source) if isinstance(source, bytes) else source
    for number, chunk in enumerate(stream):
        if number == 0 and chunk.startswith((b"\xff\xfe", b"\xfe\xff")):
            try:
                text = (chunk + stream.read()).decode("utf-16")
            except UnicodeDecodeError:
                raise BadValue(
                    "the file begins as UTF-16 text but does not go on so", "export it again"
                ) from None
            yield from _physical_lines(text.encode())
            return
        # The mark also stands inside a file that was put together from several.
        yield from chunk.removeprefix(_UTF8_MARK).rstrip(b"\r\n").splitlines() or [b""]


def _logical_lines(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines as they were before folding (which may cut a character in two) and quoted-printable breaks."""
    parts: list[bytes] = []
    quoted = soft_break = False
    for line in lines:
        if soft_break and not _is_edge(line):
            parts.append(line)
        elif parts and line[:1] in (b" ", b"\t"):
            parts.append(line[1:])
        else:
            if parts:
                yield b"".join(parts)
            parts = [line]
            quoted = _QUOTED_PRINTABLE.match(line) is not None
        soft_break = quoted and line.rstrip().endswith(b"=")
        if soft_break:
            parts[-1] = parts[-1].rstrip()[:-1]
    if parts:
        yield b"".join(parts)


def _is_edge(line: bytes) -> bool:
    return line.strip().upper() in (_BEGIN, _END)


def _cards(lines: Iterable[bytes]) -> Iterator[tuple[list[bytes], str]]:
    """Each card's wanted properties, undecoded, with why it is no whole card ("" if it is one)."""
    card: list[bytes] | None = None
    for line in lines:
        mark = line.strip().upper()
        if mark == _BEGIN:
            if card is not None:
                yield [], UNFINISHED
            card = []
        elif mark == _END:
            yield ([], "truncated: BEGIN:VCARD is missing") if card is None else (card, "")
            card = None
        elif card is not None and (name := _NAME.match(line)) and name[1].upper() in _WANTED:
            card.append(line)
    if card is not None:
        yield [], UNFINISHED


# --- From a line to a property ------------------------------------------------------------------------------


class _Property(NamedTuple):
    """One line of a card; its `types` are in lower case."""

    name: str
    group: str
    types: frozenset[str]
    omitted_year: str
    value: str


def _property(line: bytes, encoding: str) -> _Property:
    from vobject.base import parseLine

    match = _HEAD_AND_VALUE.fullmatch(line)
    if match is None:
        name = _NAME.match(line)
        raise RowRefused(f"the line {name[1].decode().upper() if name else ''} cannot be read")
    head, raw = match.groups()
    name, params, _, group = parseLine(head.decode("utf-8", "replace") + ":")
    types: set[str] = set()
    omitted_year = ""
    for key, *values in params:
        if not values:
            types.add(key.lower())  # 2.1 writes HOME for TYPE=HOME
        elif key.upper() == "TYPE":
            types.update(",".join(values).lower().split(","))
        elif key.upper() == "X-APPLE-OMIT-YEAR":
            omitted_year = values[0]
    value = _value(head + b":", raw, encoding, name.upper())
    return _Property(name.upper(), (group or "").lower(), frozenset(types), omitted_year, value)


def _value(head: bytes, raw: bytes, encoding: str, name: str) -> str:
    import binascii

    if _QUOTED_PRINTABLE.match(head):
        raw = binascii.a2b_qp(raw)
    elif _BASE64.match(head):
        try:
            raw = binascii.a2b_base64(raw)
        except binascii.Error:
            raise RowRefused(f"the line {name} is not valid base64") from None
    charset = _CHARSET.search(head)
    return _text(raw, charset[1].decode("ascii", "replace") if charset else encoding, name)


def _text(raw: bytes, encoding: str, name: str) -> str:
    try:
        text = raw.decode(encoding)
        text.encode()  # some encodings can spell half a character, which UTF-8 cannot
    except (LookupError, ValueError):
        raise RowRefused(f"the line {name} cannot be decoded: say --encoding") from None
    if "\0" in text:
        raise RowRefused(f"the line {name} holds a NUL character")
    return text


# --- From properties to a contact ---------------------------------------------------------------------------


def _plain(value: str) -> str:
    """A text value without its escapes; `vobject` would put `eof` behind a lone backslash at the end."""
    from vobject.icalendar import stringToTextValues

    if "\\" not in value:
        return value
    lone = (len(value) - len(value.rstrip("\\"))) % 2
    text: str = stringToTextValues(value[: len(value) - lone], listSeparator=None)[0]
    return text + "\\" * lone


def _fields(value: str, separator: str) -> list[str]:
    """The fields of a structured value, without their escapes."""
    from vobject.icalendar import stringToTextValues

    if "\\" not in value:
        return value.split(separator)
    return [_plain(field) for field in stringToTextValues(value, listSeparator=separator, charList=separator)]


def _contact(row: int, properties: list[_Property]) -> Contact:
    labels = {each.group: each.value for each in properties if each.name == "X-ABLABEL"}

    def private(each: _Property) -> bool:
        return is_private(labels.get(each.group, "")) or ("home" in each.types and "work" not in each.types)

    def texts(*names: str) -> list[str]:
        found = (squeeze(_plain(each.value)) for name in names for each in properties if each.name == name)
        return [text for text in found if text]

    def first(*names: str) -> str:
        return next(iter(texts(*names)), "")

    def reachable(name: str, read: Callable[[str], str], at_home: bool) -> tuple[str, ...]:
        return distinct(
            read(each.value)
            for each in properties
            if each.name == name and private(each) is at_home and not each.types & {"fax", "pager"}
        )

    _refuse_what_is_no_person(texts("KIND", "X-ADDRESSBOOKSERVER-KIND", "X-ABSHOWAS"))
    family, given, middle = _name_parts(properties)
    composed, given_names = compose_name(family, given, middle)
    full_names = texts("FN") or [composed]
    if not full_names[0]:
        raise RowRefused("no name")
    organisation, department = _organisation(properties)
    notes = (tidy_note(_plain(each.value)) for each in properties if each.name == "NOTE")
    return Contact(
        row=row,
        name=full_names[0],
        family_name=family,
        given_name=given_names,
        organisation=organisation,
        position=first("TITLE", "ROLE"),
        department=department,
        mails=reachable("EMAIL", _mail, at_home=False),
        phones=reachable("TEL", _phone, at_home=False),
        private_mails=reachable("EMAIL", _mail, at_home=True),
        private_phones=reachable("TEL", _phone, at_home=True),
        private_address="".join(reachable("ADR", _address, at_home=True)[:1]),
        birthday=_birthday(properties),
        note="\n\n".join(filter(None, notes)),
        language=first("LANG"),
        aliases=_aliases(properties, full_names),
        uid=first("UID"),
    )


def _refuse_what_is_no_person(kinds: list[str]) -> None:
    for kind in map(str.lower, kinds):
        if kind == "group":
            raise RowRefused("a group of contacts, not a person")
        if kind in ("org", "company"):
            raise RowRefused("a company, not a person: add it with dossier account add")


def _name_parts(properties: list[_Property]) -> tuple[str, str, str]:
    value = next((each.value for each in properties if each.name == "N"), "")
    parts = [squeeze(part.replace(",", " ")) for part in _fields(value, ";")]
    family, given, middle = (*parts, "", "", "")[:3]
    return family, given, middle


def _organisation(properties: list[_Property]) -> tuple[str, str]:
    value = next((each.value for each in properties if each.name == "ORG"), "")
    organisation, *units = map(squeeze, _fields(value, ";"))
    return organisation, ", ".join(filter(None, units))


def _address(value: str) -> str:
    return ", ".join(filter(None, (squeeze(part) for part in _fields(value, ";"))))


def _mail(value: str) -> str:
    mail = _plain(value).strip()
    return mail[len("mailto:") :] if mail.lower().startswith("mailto:") else mail


def _phone(value: str) -> str:
    phone = _plain(value).strip()
    return phone[len("tel:") :].replace(";ext=", " ext. ") if phone.lower().startswith("tel:") else phone


def _birthday(properties: list[_Property]) -> str | None:
    for each in properties:
        if each.name == "BDAY" and (text := _plain(each.value).strip()):
            return read_birthday(text, omitted_year=each.omitted_year)
    return None


def _aliases(properties: list[_Property], full_names: list[str]) -> tuple[str, ...]:
    """Nicknames, and the names that a 4.0 card gives beside the first, often in another script."""
    nicknames = [name for each in properties if each.name == "NICKNAME" for name in _fields(each.value, ",")]
    return tuple(alias for alias in distinct([*full_names[1:], *nicknames]) if alias != full_names[0])
