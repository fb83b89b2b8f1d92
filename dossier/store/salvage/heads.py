"""The head of a damaged vault: its header, which opens it, found by its magic wherever it stands, and the manifest."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from dossier.errors import Damaged
from dossier.store.pages import Image, Journal
from dossier.store.rows import Rows
from dossier.vault import header
from dossier.vault.seals import Manifest

_MOST = 1000
"""Headers that are noted of a file, which may be full of them."""

_MANIFEST = 1024
"""Bytes after a header in which a manifest has room."""


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
    """Every whole header in a file, in the order of their places, with each different thing that follows it there.

    Any of them may be somebody else's: whoever can write the file can put one there.
    """
    found: dict[Head, None] = {}
    for offset, block in image.blocks():
        start = block.find(header.MAGIC)
        while start >= 0 and len(found) < _MOST:
            data = image.read(offset + start, 2 * image.page)
            blob = header.found_at(data, 0)
            if blob is not None:
                found[Head(blob, data[len(blob) : len(blob) + _MANIFEST])] = None
            start = block.find(header.MAGIC, start + 1)
    return list(found)


def newest_manifest(heads: Iterable[Head], rows: Rows) -> Manifest | None:
    """Of the manifests that follow headers in a file, and that these keys prove, the newest one."""
    size = len(Manifest(rows.cipher.keys).to_blob(rows.cipher))
    proven = []
    for head in heads:
        with suppress(Damaged):
            proven.append(Manifest.from_blob(rows.cipher, head.after[:size]))
    return max(proven, key=lambda manifest: manifest.generation, default=None)
