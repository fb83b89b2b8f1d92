"""The vault's tables in SQLAlchemy's terms: plain fields as columns, and one envelope per key class."""

from __future__ import annotations

import enum
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from dossier.model.fields import Day, Hex, Line, Lines, Noun, PartialDay
from dossier.model.fields import Text as LongText

_KINDS = (
    (Line, "line"),
    (Hex, "hex"),
    (LongText, "text"),
    (Day, "day"),
    (PartialDay, "partial"),
    (Lines, "lines"),
)


class FieldSpec(NamedTuple):
    """What a field's declaration says, in the catalogue's terms."""

    name: str
    kind: str
    key_class: str
    optional: bool
    required: bool
    default: Any
    choices: type[enum.StrEnum] | None
    low: int | None
    high: int | None
    references: str | None
    on_delete: str | None


def _without_none(hint: Any) -> tuple[Any, bool]:
    options = get_args(hint)
    if type(None) not in options:
        return hint, False
    (only,) = (option for option in options if option is not type(None))
    return only, True


def _kind(hint: Any) -> tuple[str, type[enum.StrEnum] | None]:
    for known, kind in _KINDS:
        if hint == known:
            return kind, None
    if hint is bool:
        return "bool", None
    if hint is int:
        return "int", None
    if isinstance(hint, type) and issubclass(hint, enum.StrEnum):
        return "choice", hint
    if get_origin(hint) is list:
        return "json", None
    raise TypeError(f"the catalogue has no kind for {hint!r}")


def field_specs(noun: type[Noun]) -> list[FieldSpec]:
    """The fields of a noun in the order of their declaration."""
    hints = get_type_hints(noun, include_extras=True)
    return [_spec(name, info, hints[name]) for name, info in noun.model_fields.items()]


def _spec(name: str, info: FieldInfo, hint: Any) -> FieldSpec:
    extra = info.json_schema_extra
    assert isinstance(extra, dict), f"{name} is declared without plain, agenda, secret or link"
    bare, optional = _without_none(hint)
    kind, choices = _kind(bare)
    bounds = {type(limit).__name__: limit for limit in info.metadata}
    references, on_delete = extra.get("references"), extra.get("on_delete")
    return FieldSpec(
        name=name,
        kind=kind,
        key_class=str(extra["key_class"]),
        optional=optional,
        required=not optional,
        default=None if info.default is PydanticUndefined else info.default,
        choices=choices,
        low=getattr(bounds.get("Ge"), "ge", None),
        high=getattr(bounds.get("Le"), "le", None),
        references=str(references) if references else None,
        on_delete=str(on_delete) if on_delete else None,
    )


def table_name(noun: type[Noun]) -> str:
    """`PromiseMove` → `promise_move`."""
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in noun.__name__).lstrip(
        "_"
    )


def key_classes(noun: type[Noun]) -> list[str]:
    """The key classes that a noun's secrets use, in envelope order; a noun of plain links alone has none."""
    used = {spec.key_class for spec in field_specs(noun)}
    return [key_class for key_class in ("agenda", "dossier") if key_class in used]


def _column(spec: FieldSpec) -> Column[Any]:
    arguments: list[Any] = [Integer if spec.kind in ("int", "bool") or spec.references else Text]
    if spec.references:
        # Deferred, so that undo may bring rows back in any order; deletes go through the gate, never through SQL.
        arguments.append(ForeignKey(f"{spec.references}.id", deferrable=True, initially="DEFERRED"))
    if spec.choices:
        words = ", ".join(f"'{word}'" for word in spec.choices)
        arguments.append(CheckConstraint(f"{spec.name} IN ({words})"))
    if spec.kind == "line":
        arguments.append(CheckConstraint(f"{spec.name} <> ''"))
    return Column(spec.name, *arguments, nullable=spec.optional)


def _indexes(noun: type[Noun]) -> list[tuple[str, ...]]:
    """The columns of each index: those declared, each link that begins none of them, and `folded`."""
    first = {names[0] for names in noun.indexes}
    links = [(spec.name,) for spec in field_specs(noun) if spec.references and spec.name not in first]
    return [*noun.indexes, *links, *([("folded",)] if noun.search_fields else [])]


def build_table(noun: type[Noun], metadata: MetaData) -> Table:
    """The table of one noun; secret fields are inside its envelopes and so are no columns."""
    columns: list[Any] = [
        Column("id", Integer, primary_key=True, autoincrement=True),
        Column("uid", LargeBinary, nullable=False),
        Column("version", Integer, nullable=False),
    ]
    columns += [_column(spec) for spec in field_specs(noun) if spec.key_class == "plain"]
    if noun.search_fields:
        columns.append(Column("folded", Text, nullable=False))
    columns += [Column(key_class, LargeBinary, nullable=False) for key_class in key_classes(noun)]
    columns.append(Column("seal", LargeBinary, nullable=False))
    name = table_name(noun)
    table = Table(name, metadata, *columns, sqlite_autoincrement=True)
    for names in _indexes(noun):
        Index(f"{name}_{'_'.join(names)}", *(table.c[column] for column in names))
    return table


def statements(table: Table) -> list[str]:
    """The SQL that makes a table and its indexes."""
    dialect = sqlite.dialect()
    made = [CreateTable(table).compile(dialect=dialect)]
    made += [
        CreateIndex(index).compile(dialect=dialect)
        for index in sorted(table.indexes, key=lambda index: str(index.name))
    ]
    return [" ".join(str(statement).split()) for statement in made]
