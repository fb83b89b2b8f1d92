"""Writes the plain-Python catalogue from the nouns: `python -m dossier.model.generate > dossier/store/catalog.py`.

The catalogue exists because SQLModel costs 35 to 50 times an empty Python to import, and a shell prompt cannot wait for
that. A test regenerates it and compares, so that it never drifts from the nouns.
"""

from __future__ import annotations

import sys

from sqlalchemy import MetaData

from dossier.model import NOUNS
from dossier.model.fields import Noun
from dossier.model.schema import FieldSpec, build_table, field_specs, statements, table_name

_HEAD = '''"""Records, fields, limits and SQL of every table. Generated from `dossier.model` by `python -m dossier.model.generate`."""

from __future__ import annotations

from typing import Any

from dossier.store.record import Field, Record, Table
'''

_TYPES = {
    "line": "str",
    "text": "str",
    "day": "str",
    "partial": "str",
    "choice": "str",
    "int": "int",
    "bool": "bool",
    "lines": "list[str]",
    "json": "list[dict[str, Any]]",
}


def _annotation(spec: FieldSpec) -> str:
    # Secrets are None while locked, whatever the model demands of them.
    hidden = spec.optional or (spec.key_class != "plain" and spec.default is None)
    return _TYPES[spec.kind] + (" | None" if hidden else "")


def _default(spec: FieldSpec) -> str | None:
    if spec.kind in ("lines", "json"):
        return "()"
    if spec.required and spec.default is None:
        return None
    return repr(str(spec.default)) if spec.choices and spec.default else repr(spec.default)


def _field_line(spec: FieldSpec) -> str:
    default = "None" if spec.kind in ("lines", "json") else _default(spec)
    parts = [repr(spec.name), repr(spec.kind), repr(spec.key_class), repr(spec.required), str(default)]
    if spec.choices:
        parts.append(f"choices={tuple(str(word) for word in spec.choices)!r}")
    for name in ("low", "high", "references", "on_delete"):
        if (value := getattr(spec, name)) is not None:
            parts.append(f"{name}={value!r}")
    return f"            Field({', '.join(parts)}),"


def record_class(noun: type[Noun], metadata: MetaData) -> str:
    """The source of one record class."""
    specs = field_specs(noun)
    lines = [
        "",
        "",
        f"class {noun.__name__}(Record):",
        f'    """{(noun.__doc__ or "").splitlines()[0]}"""',
        "",
    ]
    lines += [
        "    __slots__ = (",
        *(f"        {spec.name!r}," for spec in sorted(specs, key=lambda s: s.name)),
        "    )",
    ]
    lines += [
        "    table = Table(",
        f"        {noun.table_id},",
        f"        {table_name(noun)!r},",
        "        (",
    ]
    lines += [_field_line(spec) for spec in specs]
    lines += ["        ),", f"        {noun.search_fields!r},", "        ("]
    lines += [f"            {statement!r}," for statement in statements(build_table(noun, metadata))]
    lines += ["        ),", "    )", "", "    def __init__(", "        self,", "        *,"]
    ordered = sorted(specs, key=lambda spec: _default(spec) is not None)
    for spec in ordered:
        default = _default(spec)
        kind = _annotation(spec)
        if spec.kind in ("lines", "json"):
            kind, default = kind + " | None", "None"
        lines.append(f"        {spec.name}: {kind}" + (f" = {default}," if default is not None else ","))
    lines += ["    ) -> None:", "        self.id = 0", '        self.uid = b""', "        self.version = 0"]
    lines += ["        self.locked = frozenset()"]
    for spec in specs:
        value = f"{spec.name} or []" if spec.kind in ("lines", "json") else spec.name
        lines.append(f"        self.{spec.name}: {_annotation(spec)} = {value}")
    return "\n".join(lines)


def catalogue() -> str:
    """The whole source of `dossier/store/catalog.py`."""
    metadata = MetaData()
    classes = "".join(record_class(noun, metadata) for noun in NOUNS)
    names = ", ".join(noun.__name__ for noun in NOUNS)
    tail = f'\n\n\nRECORDS: tuple[type[Record], ...] = ({names})\n"""Every record class, parents before children."""\n'
    return _HEAD + classes + tail


if __name__ == "__main__":
    sys.stdout.write(catalogue())
