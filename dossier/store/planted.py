"""What somebody put beside a vault so that SQLite does more than finish what dossier began."""

from __future__ import annotations

import os
import stat

from dossier.errors import Damaged, Unavailable

_SUPER_JOURNAL = bytes.fromhex("d9d505f920a163d7")
"""The end of a journal that names another file ("SQLite Database File Format", 3): SQLite replays it, and then deletes
the file named. Dossier never commits to two databases at once, so no journal of its own ends like this."""

_SUPER_JOURNAL_SHORTEST = 16


def refuse_planted(path: str) -> None:
    """Raise Damaged if something beside the vault would make SQLite do more than finish what dossier began."""
    vault = os.path.realpath(path)
    if os.path.lexists(f"{vault}-wal"):
        raise _planted(path, f"{vault}-wal", "dossier never writes one")
    journal = f"{vault}-journal"
    try:
        if not stat.S_ISREG(os.lstat(journal).st_mode):
            raise _planted(path, journal, "it is not a file")
        with open(journal, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - len(_SUPER_JOURNAL)))
            if size >= _SUPER_JOURNAL_SHORTEST and file.read() == _SUPER_JOURNAL:
                raise _planted(path, journal, "it names another file for SQLite to delete")
    except FileNotFoundError:
        pass
    except OSError as error:
        raise Unavailable(f"cannot read {journal}: {error.strerror}", "check its permissions") from None


def _planted(path: str, beside: str, why: str) -> Damaged:
    return Damaged(
        f"what lies beside {path} is not dossier's: {os.path.basename(beside)}, {why}",
        f"move {beside} away, then run: dossier vault check",
    )
