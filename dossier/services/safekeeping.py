"""Keeping a vault sound and a copy of it at hand: check, backup, restore."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from dossier.config import Config
from dossier.domain.text import count_of
from dossier.errors import Damaged, Refused
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.store.backup import copy_vault
from dossier.store.check import Progress, Report, check_vault
from dossier.store.create import taken
from dossier.store.database import Database
from dossier.store.migrations import migrate_if_older
from dossier.store.place import restore_vault
from dossier.store.rows import Rows

RESTORE_QUESTION = "Passphrase of the backup: "


class Checked(NamedTuple):
    """A backup that was found sound and is about to be put in place."""

    counts: dict[str, int]
    replaces: bool
    """Whether something stands at the vault's place."""


def check(session: Session, progress: Progress) -> Shape:
    """Walk the whole vault; Locked without all keys.

    The shape: `{path, sound, counts: {noun: n}, problems: [{noun, id, uid, problem}]}`. `noun` is that of a record, or
    `file`, `schema`, `header`, `manifest`, `calendar`, whose `id` and `uid` are null; `uid` is in hex, and null where
    it cannot be read.
    """
    session.need_keys()
    found = check_vault(session.database, session.rows, progress)
    return _shape(session.path, found)


def backup(session: Session, target: str, progress: Progress) -> Shape:
    """Copy the vault to a new file, also while others write to it; the copy is opened and checked before it appears.

    The shape: `{path, vault, bytes, counts: {noun: n}}`. Raises Refused if `target` exists, Damaged if the copy does
    not check clean, Locked without all keys.
    """
    session.need_keys()
    if os.path.lexists(target):
        raise taken(target)
    reports: list[Report] = []

    def verify(copy: str) -> None:
        with Database(copy) as database:
            reports.append(check_vault(database, Rows(session.keys), progress))
        refuse_unsound(reports[-1], "the vault", "nothing was written; see: dossier vault check")

    copy_vault(session.database, target, verify=verify)
    size = os.stat(target).st_size
    return {"path": target, "vault": session.path, "bytes": size, "counts": reports[-1].counts}


class Restoring(NamedTuple):
    """What a restore works with: the vault's place, the day, the settings, and where a passphrase may come from."""

    path: str
    today: date
    config: Config
    unlocking: Unlocking


def restore(source: str, into: Restoring, confirm: Callable[[Checked], None], progress: Progress) -> Shape:
    """Put a backup in the vault's place, once it was wholly checked and `confirm` did not raise.

    What stood there is kept beside it. It may be missing or damaged; the backup is opened by its own passphrase, or by
    the agent's keys if it is the same vault's. The backup itself is only read. The shape:
    `{path, backup, replaced, counts: {noun: n}}`; `replaced` is where the old vault is kept, or null. Raises the
    faults of `Database` for what is no vault, Damaged if it does not check clean, Locked, Refused, Unavailable.
    """
    if os.path.exists(into.path) and os.path.exists(source) and os.path.samefile(source, into.path):
        raise Refused(f"{source} is the vault itself", "name a backup of it")
    reports: list[Report] = []

    def verify(copy: str) -> None:
        with Database(copy) as database:
            migrate_if_older(database, kept=0)  # the backup itself is the copy from before
        with Session(copy, into.today, into.config, into.unlocking) as session:
            session.unlock(RESTORE_QUESTION)
            reports.append(check_vault(session.database, session.rows, progress))
            refuse_unsound(reports[-1], source, "nothing was restored; try an older backup")
            confirm(Checked(reports[-1].counts, os.path.lexists(into.path)))

    with Database(source) as database:
        replaced = restore_vault(database, into.path, verify, into.config["backups_kept"])
    return {"path": into.path, "backup": source, "replaced": replaced, "counts": reports[-1].counts}


def refuse_unsound(report: Report, what: str, hint: str) -> None:
    """Raise Damaged, with the first thing that is wrong, unless the report is clean."""
    if report.problems:
        more = len(report.problems) - 1
        rest = f", and {count_of(more, 'other problem')}" if more else ""
        raise Damaged(f"{what} does not check clean: {report.problems[0]}{rest}", hint)


def _shape(path: str, report: Report) -> Shape:
    problems = [problem._asdict() for problem in report.problems]
    return {"path": path, "sound": not problems, "counts": report.counts, "problems": problems}
