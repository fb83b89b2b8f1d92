"""The head of a damaged vault: its header, which opens it, found by its magic wherever it stands, and the manifest."""

from __future__ import annotations

import os
from typing import NamedTuple

from dossier.errors import Damaged
from dossier.store.pages import Image, Journal
from dossier.store.rows import Rows
from dossier.vault import header
from dossier.vault.seals import Manifest


class Head(NamedTuple):
    """A header found in a file, and what follows it there: the manifest, if nothing was hurt."""

    header: bytes
    after: bytes


def images_of(path: str) -> list[Image]:
    """The file, in pages as dossier makes them, and as its own first page says if that is something else.

    Then its journal, if there is one: a commit that was cut short may have taken rows from one page that never came to
    stand in another.
    """
    usual = Image(path)
    said = usual.said_page()
    images = [usual] if said == usual.page else [usual, Image(path, said)]
    if os.path.isfile(f"{path}-journal"):
        images.append(Journal(f"{path}-journal", usual))
    return images


def heads_in(image: Image) -> list[Head]:
    """Every whole header in a file, the newest first: that of the newest root, then that with the newest slot."""
    found: dict[bytes, Head] = {}
    for offset, block in image.blocks():
        start = block.find(header.MAGIC)
        while start >= 0:
            data = image.read(offset + start, 2 * image.page)
            blob = header.found_at(data, 0)
            if blob is not None:
                found.setdefault(blob, Head(blob, data[len(blob) :]))
            start = block.find(header.MAGIC, start + 1)
    return sorted(found.values(), key=_newness, reverse=True)


def _newness(head: Head) -> tuple[int, int]:
    parsed = header.Header.parse(head.header)
    return parsed.key_id, parsed.next_slot_id()


def manifest_after(head: Head, rows: Rows) -> Manifest | None:
    """The manifest that follows a header in the file, if it is whole."""
    size = len(Manifest(rows.cipher.keys).to_blob(rows.cipher))
    try:
        return Manifest.from_blob(rows.cipher, head.after[:size])
    except Damaged:
        return None
