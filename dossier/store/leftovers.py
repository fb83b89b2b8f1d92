"""Files beside a vault that dossier made and that hold what the vault held: what must go when a person is forgotten.

Those are the automatic backups, what runs that were killed left half-made, and the copies that earlier versions left
beside the vault. A backup that somebody made under a name of their own is not known to anyone but them.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from dossier.errors import Unavailable
from dossier.store import backups
from dossier.store.backups import BESIDE
from dossier.store.create import is_running
from dossier.store.database import SQLITE_ERRORS

_BESIDE = "|".join(map(re.escape, BESIDE))
_OLD_COPY = r"rotating|before-\d+|replaced-\d{8}T\d{6}Z(?:-\d+)?"
"""A rotation that was never finished; copies from before a migration or a restore, by dossier 0.1."""


class Copy(NamedTuple):
    """A file, with whatever SQLite left beside it."""

    path: str

    def remove(self) -> bool:
        """Take it away. Whether it is gone."""
        for suffix in (*BESIDE, ""):
            try:
                os.unlink(self.path + suffix)
            except FileNotFoundError:
                pass
            except OSError:
                return False
        return True


def copies(vault: str, before: int | None = None) -> list[Copy]:
    """The copies of the vault at a path, backups first, the newest first; in these, of unfinished ones, none under way.

    `before`: only those that hold no change of this number, for they were made before it, or are too damaged to say.
    Raises Unavailable for a folder that cannot be read.
    """
    found = [backup.path for backup in backups.listed(vault)]
    vault = os.path.realpath(vault)
    try:
        found += sorted(_beside(os.path.dirname(vault), re.escape(os.path.basename(vault)) + r"\."))
        if os.path.isdir(folder := backups.folder_of(vault)):
            found += sorted(_beside(folder, r".*\."))
    except OSError as error:
        raise Unavailable(
            f"cannot read {error.filename}: {error.strerror}", "check its permissions"
        ) from None
    return [Copy(path) for path in found if before is None or _newest_change(path) < before]


def _beside(folder: str, beginning: str) -> Iterator[str]:
    """The files in a folder that begin so and are old copies, or unfinished ones whose process is gone."""
    ours = re.compile(rf"({beginning}(?:{_OLD_COPY}|(\d+)\.new))(?:{_BESIDE})?", re.ASCII)
    found = {}
    for name in os.listdir(folder or "."):
        match = ours.fullmatch(name)
        if match and not (match[2] and is_running(int(match[2]))):
            found[os.path.join(folder, match[1])] = True
    return iter(found)


def _newest_change(path: str) -> int:
    """The number of the newest change in a copy, read without a look at its journal; -1 where it cannot be read."""
    connection = None
    try:
        location = os.path.abspath(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        connection = sqlite3.connect(f"file://{location}?mode=ro&immutable=1", uri=True)
        ((number,),) = connection.execute("SELECT coalesce(max(id), 0) FROM change")
    except SQLITE_ERRORS:
        return -1
    finally:
        if connection is not None:
            connection.close()
    return number if isinstance(number, int) else -1
