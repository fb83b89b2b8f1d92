"""Keeping a vault sound and a copy of it at hand: check, backup, restore."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from dossier.config import Config
from dossier.domain.text import count_of
from dossier.errors import ACCEPT, SALVAGE, Damaged, DossierError, NotFound, Refused, Unavailable
from dossier.services import memory, newest
from dossier.services.accepting import about_the_whole
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.store.backup import copy_vault
from dossier.store.backups import listed
from dossier.store.check import Progress, Report, check_vault
from dossier.store.check.report import ACCEPT_HEADER, Problem
from dossier.store.create import taken
from dossier.store.database import Database
from dossier.store.head import read_header
from dossier.store.histories import Entry, Parting, entries, newest_in, parting
from dossier.store.migrations import migrate_if_older
from dossier.store.place import restore_vault
from dossier.store.rows import Rows
from dossier.vault.header import Header, ways_in

UNSOUND_BACKUP = (
    "nothing was restored; try an older backup: dossier vault backups; "
    "or get out what is left: dossier vault salvage NEW.dossier"
)

RESTORE_QUESTION = "Passphrase of the backup: "


class Checked(NamedTuple):
    """A backup that was found sound and is about to be put in place."""

    path: str
    counts: dict[str, int]
    replaces: bool
    """Whether something stands at the vault's place."""
    another: bool
    """Whether what stands there is another vault than the one that was backed up."""
    old_keys: bool
    """Whether it is the same vault with newer keys: what opened it then opens it again."""
    opens_again: str
    """What opens the backup, and since when, if that is from before what opens the vault was changed; else empty."""
    parting: Parting
    """Which changes of the vault there the backup does not have, and the other way round."""


class _Standing(NamedTuple):
    """What stands at the vault's place, as far as it can be read without its keys."""

    vault_id: bytes
    key_id: int
    header: bytes
    entries: frozenset[Entry]


def check(session: Session, progress: Progress) -> Shape:
    """Walk the whole vault, and compare it with what this machine saw of it; Locked without all keys.

    The shape: `{path, sound, counts: {noun: n}, problems: [{noun, id, uid, problem, how}]}`. `noun` is that of a
    record, or `vault`, `file`, `schema`, `header`, `manifest`, `calendar`, whose `id` and `uid` are null; `uid` is in
    hex, and null where it cannot be read; `how` says how to go on. This machine remembers what was found: writes into
    this file stop until it is put right or the person decides (`accepting`).
    """
    session.need_keys()
    found = check_vault(session.database, session.rows, progress)
    acceptable = all(problem.acceptable for problem in found.problems)
    memory.note_check(session.vault_id, session.path, len(found.problems), acceptable=acceptable)
    session.compare()
    return _shape(session.path, found._replace(problems=found.problems + about_the_whole(session)))


def cannot_be_opened(path: str, fault: Damaged) -> Shape:
    """What `check` says of a file that cannot even be opened: it is the one problem there is."""
    problem = Problem("file", None, None, fault.message.removeprefix(f"{path} ")).shape()
    return {
        "path": path,
        "sound": False,
        "counts": {},
        "problems": [problem | {"how": fault.hint or SALVAGE}],
    }


def way_on(problems: Sequence[Shape]) -> str:
    """How to go on from all the problems that a check gave."""
    ways = [problem["how"] for problem in problems]
    return str(next((way for way in (SALVAGE, ACCEPT_HEADER, ACCEPT) if way in ways), ways[0]))


def backups(path: str) -> list[Shape]:
    """The automatic backups of the vault at `path`, the newest first; the vault may be locked, damaged or missing.

    The shape: `{at, reason, bytes, path, changes}`; `at` is a moment in the time of this place, `reason` what it was
    made before: `import`, `migration`, `rotation`, `restore` and so on, `changes` the number of its newest change, null
    if the file cannot be read. Raises Unavailable for a folder that cannot be read.
    """
    return [
        {
            "at": found.made.astimezone().isoformat(),
            "reason": found.reason,
            "bytes": found.bytes,
            "path": found.path,
            "changes": newest_in(found.path),
        }
        for found in listed(path)
    ]


REPLACED = "restore"
"""The reason of a backup that is what a restore replaced: it was put aside on purpose, and may be damaged."""


class Backups(NamedTuple):
    """The automatic backups among which the newest sound one is looked for, by their paths, the newest first."""

    made: list[str]
    put_aside: list[str]
    """What a restore replaced, as far as it is newer than the newest of those `made`: it is left alone."""


def newest_backups(path: str) -> Backups:
    """The automatic backups of the vault at `path`; NotFound if there are none but what restores replaced."""
    found = listed(path)
    now = datetime.now(UTC)
    made = [backup for backup in found if backup.reason != REPLACED]
    made.sort(
        key=lambda backup: backup.made > now
    )  # a name is easily made: the future's is none of the newest
    put_aside = [one.path for one in found if one.reason == REPLACED and (not made or one > made[0])]
    if not made:
        what = "but what a restore replaced" if found else "that dossier made"
        hint = "name one of them; they are listed by: dossier vault backups"
        raise NotFound(
            f"there are no backups of this vault {what}", hint if found else "name a backup file of your own"
        )
    return Backups([backup.path for backup in made], put_aside)


def backup_called(name: str, path: str) -> str:
    """The file that somebody means by `name`: itself, or the automatic backup of the vault at `path` called so."""
    if not os.path.lexists(name):
        for found in listed(path):
            if os.path.basename(found.path) == name:
                return found.path
    return name


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
    faults of `Database` for what is no vault, Damaged if it does not check clean, Locked, Refused, Unavailable. What is
    raised after the backup took its place bears a note that it was done all the same.
    """
    if not os.path.lexists(source):
        raise Unavailable(f"there is no file {source}", "look with: dossier vault backups")
    if os.path.exists(into.path) and os.path.exists(source) and os.path.samefile(source, into.path):
        raise Refused(f"{source} is the vault itself", "name a backup of it")
    reports: list[Report] = []
    restored: list[tuple[bytes, memory.Seen]] = []

    def verify(copy: str) -> None:
        with Database(copy) as database:
            migrate_if_older(database, kept=0)  # the backup itself is the copy from before
        with Session(copy, into.today, into.config, into.unlocking, passing=True) as session:
            session.unlock(RESTORE_QUESTION)
            reports.append(check_vault(session.database, session.rows, progress))
            refuse_unsound(reports[-1], source, UNSOUND_BACKUP)
            confirm(_compared(source, session, reports[-1], standing, os.path.lexists(into.path)))
            seen = newest.look(session.database, session.rows)
            restored.append((session.vault_id, seen._replace(path=os.path.realpath(into.path))))

    def placed(_replaced: str | None) -> None:
        memory.accept(*restored[-1])  # the person has decided which copy is the newest from now on

    standing = _standing(into.path)
    with Database(source) as database:
        replaced = restore_vault(database, into.path, verify, into.config["backups_kept"], placed)
    return {"path": into.path, "backup": source, "replaced": replaced, "counts": reports[-1].counts}


def _standing(path: str) -> _Standing | None:
    """What stands at the vault's place; None for nothing, and for what is damaged."""
    try:
        with Database(path) as database:
            header = read_header(database)
            parsed = Header.parse(header)
            return _Standing(parsed.vault_id, parsed.key_id, header, entries(database))
    except DossierError:
        return None


def _compared(
    source: str, restored: Session, report: Report, standing: _Standing | None, replaces: bool
) -> Checked:
    """What a backup means for the vault in whose place it goes."""
    if standing is None or standing.vault_id != restored.vault_id:
        another = standing is not None
        again = _opens_again(restored, None)
        return Checked(source, report.counts, replaces, another, False, again, Parting(0, 0, 0))
    apart = parting(standing.entries, entries(restored.database))
    old_keys = restored.keys.key_id < standing.key_id
    again = _opens_again(restored, standing)
    return Checked(source, report.counts, replaces, False, old_keys, again, apart)


def _opens_again(restored: Session, standing: _Standing | None) -> str:
    """What opens a backup, if this machine saw a newer header, or another one stands there now; else nothing."""
    seen = memory.recall(restored.vault_id).seen
    if seen is not None and not (standing and standing.key_id > restored.keys.key_id):
        now = newest.look(restored.database, restored.rows)
        older = now.header != seen.header and (now.key_id, now.generation) < (seen.key_id, seen.generation)
    else:
        older = standing is not None and standing.header != restored.header
    return ways_in(restored.header) if older else ""


def restore_newest(
    into: Restoring,
    confirm: Callable[[Checked], None],
    progress: Progress,
    skipped: Callable[[str, Damaged], None],
) -> Shape:
    """Put the newest automatic backup that is sound in the vault's place, as `restore` does.

    Those that are damaged are passed over, and `skipped` is told their path and what is wrong. What a restore replaced
    is never taken, else a second one would only put back what the first one put aside. Raises NotFound where there is
    none but those, the fault of the oldest where none is sound, and what `restore` raises.
    """
    *others, oldest = newest_backups(into.path).made
    for source in others:
        try:
            return restore(source, into, confirm, progress)
        except Damaged as fault:
            skipped(source, fault)
    return restore(oldest, into, confirm, progress)


def refuse_unsound(report: Report, what: str, hint: str) -> None:
    """Raise Damaged, with the first thing that is wrong, unless the report is clean."""
    if report.problems:
        more = len(report.problems) - 1
        rest = f", and {count_of(more, 'other problem')}" if more else ""
        raise Damaged(f"{what} does not check clean: {report.problems[0]}{rest}", hint)


def _shape(path: str, report: Report) -> Shape:
    problems = [problem.shape() for problem in report.problems]
    return {"path": path, "sound": not problems, "counts": report.counts, "problems": problems}
