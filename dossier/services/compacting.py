"""Giving back the space that a vault holds and does not use: what was deleted leaves pages behind that stay free."""

from __future__ import annotations

import os

from dossier.services import newest
from dossier.services.safekeeping import refuse_unsound
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.store.check import Progress, check_vault
from dossier.store.compact import compact_into
from dossier.store.create import cannot_write, unfinished
from dossier.store.database import Database
from dossier.store.head import manifest_to_change
from dossier.store.place import take_place, writers_out
from dossier.store.rows import Rows


def compact(session: Session, progress: Progress) -> Shape:
    """Put a copy without unused pages in the vault's place, if it is smaller, once it was checked; needs all keys.

    Others may read meanwhile, but not write. The old file is not kept: the new one says the same, was proven to, and
    another copy would take the space that was to be given back. The session stays on the old file. The shape:
    `{path, before, after}`, the file's sizes in bytes. Raises Damaged if the copy does not check clean, and in an older
    copy of the vault, as every write there; Failed if another program keeps the vault busy, Unavailable if there is no
    room for the copy; then nothing was changed, unless a note on it says that it was done all the same.
    """
    session.need_keys()
    path = os.path.realpath(session.path)
    with Database(path) as held, writers_out(held):
        session.database.check_still_there("nothing was changed")  # else these keys may be another vault's
        manifest = manifest_to_change(session.database, session.rows.cipher)
        newest.refuse_unless_newest(
            session.database, session.rows, manifest
        )  # what it makes would look like the vault
        before = os.stat(path).st_size
        try:
            with unfinished(path) as file:
                compact_into(path, file)
                after = os.stat(file).st_size
                if after >= before:
                    return {"path": session.path, "before": before, "after": before}
                with Database(file) as database:
                    report = check_vault(database, Rows(session.keys), progress)
                refuse_unsound(report, "the vault", "nothing was changed; see: dossier vault check")
                take_place(file, path, None, 0, held, done="the copy without unused pages is the vault")
        except OSError as error:
            raise cannot_write(path, error) from None
    return {"path": session.path, "before": before, "after": after}
