"""Files kept in the vault."""

from __future__ import annotations

from typing import ClassVar

from dossier.domain.limits import ATTACHMENT_LIMIT
from dossier.model.fields import Day, Hex, Line, Noun, link, plain, secret


class Attachment(Noun):
    """A file kept in the vault, of an account, one of its people, or an interaction (B1, C1).

    Its bytes are the rows of `chunk` that have its id, encrypted under a key of its own (`vault/stream.py`).
    """

    table_id: ClassVar[int] = 12

    account_id: int = link("account")
    person_id: int | None = link("person", optional=True, on_delete="clear")
    interaction_id: int | None = link("interaction", optional=True)
    added_on: Day = plain()

    name: Line = secret(...)
    size: int = secret(..., ge=0, le=ATTACHMENT_LIMIT)
    """Bytes of the file; how much stands in the vault is padded."""
    chunks: int = secret(..., ge=1)
    """How many chunks the file was cut into."""
    key: Hex = secret(...)
    """The key and the nonces' prefix of its stream, in hex."""
    digest: Hex = secret(...)
    """SHA-256 of the file, in hex."""
