"""Files beside a vault that dossier made and that hold what the vault held: what must go when a person is forgotten.

Those are the automatic backups, what runs that were killed left half-made, and the copies that earlier versions left
beside the vault. A backup that somebody made under a name of their own is not known to anyone but them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from dossier.errors import Unavailable
from dossier.store import backups
from dossier.store.backups import BESIDE
from dossier.store.create import is_plain_file, is_running
from dossier.store.histories import has_change

_BESIDE = "|".join(map(re.escape, BESIDE))
_OLD_COPY = r"rotating|before-\d+|replaced-\d{8}T\d{6}Z(?:-\d+)?"
"""A rotation that was never finished; copies from before a migration or a restore, by dossier 0.1."""


class Copy(NamedTuple):
    """A file, with whatever SQLite left beside it."""

    path: str
    made: str | None = None
    """The moment in UTC when it was made, as the journal writes moments; None where its name does not say."""

    def remove(self) -> bool:
        """Take it away, with what lies beside it. Whether it is gone."""
        return backups.remove(self.path)


def copies(vault: str, lacking: tuple[int, bytes] | None = None) -> list[Copy]:
    """The copies of the vault at a path, backups first, the newest first; in these, of unfinished ones, none under way.

    `lacking`: only those that do not have the change of this number and uid, for they were made before it, or went
    apart from the vault before it, or are too damaged to say. Raises Unavailable for a folder that cannot be read.
    """
    found = [Copy(backup.path, backup.made.isoformat(timespec="seconds")) for backup in backups.listed(vault)]
    vault = os.path.realpath(vault)
    try:
        beside = sorted(_beside(os.path.dirname(vault), re.escape(os.path.basename(vault)) + r"\."))
        if os.path.isdir(folder := backups.folder_of(vault)):
            beside += sorted(_beside(folder, r".*\."))
    except OSError as error:
        raise Unavailable(
            f"cannot read {error.filename}: {error.strerror}", "check its permissions"
        ) from None
    found += map(Copy, beside)
    return found if lacking is None else [copy for copy in found if not has_change(copy.path, *lacking)]


def _beside(folder: str, beginning: str) -> Iterator[str]:
    """The files in a folder that begin so and are old copies, or unfinished ones whose process is gone.

    What is no regular file was not made by dossier, whatever it is called: it is left alone, and never opened.
    """
    ours = re.compile(rf"({beginning}(?:{_OLD_COPY}|(\d+)\.new))(?:{_BESIDE})?", re.ASCII)
    found = {}
    for name in os.listdir(folder or "."):
        match = ours.fullmatch(name)
        if (
            match
            and not (match[2] and is_running(int(match[2])))
            and is_plain_file(os.path.join(folder, name))
        ):
            found[os.path.join(folder, match[1])] = True
    return iter(found)
