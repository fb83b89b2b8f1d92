"""The ways a field is declared: where its value lives (in clear or under which key class) and its limits.

A noun is a SQLModel class whose fields come from `plain`, `agenda`, `secret` or `link`. Validation, the vault's
tables and the plain-Python catalogue (`dossier.model.generate`) all follow from that one declaration.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, ConfigDict
from sqlmodel import Field, SQLModel

from dossier.domain.faults import BadValue
from dossier.domain.limits import check_hex, check_line, check_text
from dossier.domain.partial_date import PartialDate


def _line(text: str) -> str:
    try:
        return check_line(text)
    except BadValue as fault:
        raise ValueError(fault.message) from None


def _text(text: str) -> str:
    try:
        return check_text(text)
    except BadValue as fault:
        raise ValueError(fault.message) from None


def _day(text: str) -> str:
    return datetime.date.fromisoformat(text).isoformat()


def _hex(text: str) -> str:
    try:
        return check_hex(text)
    except BadValue as fault:
        raise ValueError(fault.message) from None


def _partial(text: str) -> str:
    try:
        return str(PartialDate.parse(text))
    except BadValue as fault:
        raise ValueError(fault.message) from None


Line = Annotated[str, AfterValidator(_line)]
"""One line of text that is not blank: a name, a title."""

Text = Annotated[str, AfterValidator(_text)]
"""Text of any shape that is not blank; shown through `safe_text` only."""

Day = Annotated[str, AfterValidator(_day)]
"""A full ISO date, kept as text so that it sorts and compares in SQL."""

PartialDay = Annotated[str, AfterValidator(_partial)]
"""A date of which any part may be unknown: `1975-04-12`, `--04-12`, `1975-04`, `--04`, `1975` (A3)."""


Hex = Annotated[str, AfterValidator(_hex)]
"""Bytes as lowercase hexadecimal digits: a key, a digest; no words of anybody's, so no search looks into it."""

Lines = list[Line]
"""Several lines, none of them blank: aliases, mails, phones, tags."""


class Noun(SQLModel):
    """Base of everything a dossier holds; a validated, detached copy that never touches the vault by itself."""

    model_config = ConfigDict(validate_assignment=True, extra="forbid")  # type: ignore[assignment]

    table_id: ClassVar[int]
    """Stable for ever: bound into every envelope and seal of the table."""

    indexes: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Columns to look records up by, besides the links: those have an index each without asking."""
    search_fields: ClassVar[tuple[str, ...]] = ()
    """Plain fields by which a person refers to the record; they feed its `folded` column."""


def _field(key_class: str, default: Any, more: dict[str, Any], **limits: Any) -> Any:
    return Field(default, schema_extra={"json_schema_extra": {"key_class": key_class, **more}}, **limits)


def plain(default: Any = ...) -> Any:
    """A field in clear: a column of the table, named in `dossier status` and the threat model."""
    return _field("plain", default, {})


def agenda(default: Any = None, **limits: Any) -> Any:
    """A secret that an agenda item shows, under the agenda key."""
    return _field("agenda", default, {}, **limits)


def secret(default: Any = None, **limits: Any) -> Any:
    """Any other secret, under the dossier key."""
    return _field("dossier", default, {}, **limits)


def link(noun: str, *, optional: bool = False, on_delete: str = "cascade") -> Any:
    """A reference to another record's id; `on_delete` says what `rm --cascade` does here: `cascade` or `clear`."""
    return _field("plain", None if optional else ..., {"references": noun, "on_delete": on_delete}, ge=1)
