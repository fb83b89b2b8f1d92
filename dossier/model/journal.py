"""The vault's own memory of what was done to it."""

from __future__ import annotations

from typing import Any, ClassVar

from dossier.model.fields import Line, Noun, plain, secret


class Change(Noun):
    """One transaction: what a command did, row by row, with the values before and after (C2).

    Only its number, time and command name are in clear.
    """

    table_id: ClassVar[int] = 11

    at: Line = plain()
    command: Line = plain()

    undoes: int | None = secret(ge=1)
    undone_by: int | None = secret(ge=1)
    summary: Line | None = secret()
    rows: list[dict[str, Any]] = secret([])
