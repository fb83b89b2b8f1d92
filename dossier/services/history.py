"""Every change that was made, the newest first (C2)."""

from __future__ import annotations

from datetime import datetime
from itertools import islice

from dossier.services import refs
from dossier.services.session import Session
from dossier.services.shapes import Shape, with_lock
from dossier.store import journal
from dossier.store.catalog import Change


def history(session: Session, ref: str | None = None, limit: int | None = None) -> list[Shape]:
    """The newest changes: all, or those that touch an account or person and what belongs to it.

    Choosing by account or person needs the keys; the rest works locked, without the summaries.
    """
    changes = journal.changes(session.reader)
    if ref is not None:
        touches = journal.Touching(session.database, refs.account_or_person(session, ref))
        changes = (change for change in changes if touches(change))
    return [_shape(change, session.locked) for change in islice(changes, limit)]


def local_time(at: str) -> str:
    """The journal's moment in the time of this place, to the second, with its offset."""
    return datetime.fromisoformat(at).astimezone().isoformat(timespec="seconds")


def _shape(change: Change, locked: bool) -> Shape:
    """`{id, at, command, summary, records, undoes, undone_by}`; locked, all but three are null."""
    return with_lock(
        {
            "id": change.id,
            "at": local_time(change.at),
            "command": change.command,
            "summary": change.summary,
            "records": None if locked else len({(line["table"], line["id"]) for line in change.rows}),
            "undoes": change.undoes,
            "undone_by": change.undone_by,
        },
        locked,
    )
