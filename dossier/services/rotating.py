"""Giving a vault a new root: everything is encrypted anew, and what opened it before opens nothing written since.

It needs what is to open the vault afterwards: the passphrase, whatever the agent holds, and the key files that are to
stay. The recovery code is a new one and is kept before the vault relies on it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hmac import compare_digest
from typing import NamedTuple

from dossier.domain.faults import Fault
from dossier.errors import Damaged, Failed, Locked, TooNew, Unavailable, Usage
from dossier.services import memory, newest, slots
from dossier.services.memory import Begun
from dossier.services.passphrases import first_line_in, with_three_tries
from dossier.services.reheading import happened
from dossier.services.safekeeping import refuse_unsound
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.services.vaults import CodeKeeper, keep_code
from dossier.store import rotation
from dossier.store.check import Progress, Report, check_vault
from dossier.store.database import Database
from dossier.store.head import manifest_to_change, read_header
from dossier.store.place import take_place, writers_out
from dossier.store.rotation import ANEW, Rotation
from dossier.store.rows import Rows
from dossier.vault import header, key_file
from dossier.vault.header import Header, Opened
from dossier.vault.key_file import KeyFile
from dossier.vault.keys import Keys
from dossier.vault.rotation import (
    Secrets,
    fingerprint,
    is_begun,
    left_behind,
    needs_passphrase,
    next_root,
    open_root,
    whole_header,
)

QUESTION = "Passphrase: "
GO_ON = "go on with it: dossier vault rotate"

_SEE = "nothing was changed; see: dossier vault check"

_OLD_CODE_HOLDS = "Until the rotation is done, the old recovery code opens the vault."


class Wanted(NamedTuple):
    """What a rotation is to keep: the new recovery code, key files by their paths, the vault as it was before."""

    keeper: CodeKeeper
    key_files: Sequence[str] = ()
    keep_old: bool = True


class Told(NamedTuple):
    """Whom a rotation tells what it does."""

    confirm: Callable[[Sequence[Shape]], None]
    """Given the slots that will open the vault no more; raises if that is not meant."""
    tell: Callable[[str], None]
    copying: Progress
    checking: Progress
    advise: Callable[[str], None] = lambda said: None
    """Tells what only a person who waits wants to hear."""


class _New(NamedTuple):
    """What the vault is encrypted under anew; `code` is None where a run before this one kept it."""

    begun: bytes
    """The header of the file while it is made: the secret that opens it now opens it, and nothing else."""
    header: bytes
    """The one that it gets when all is done, with everything that is to open the vault."""
    keys: Keys
    code: str | None
    goes_on: bool


def unfinished(path: str) -> str | None:
    """What to do about a rotation of the vault at `path` that was begun and not finished; None if there is none."""
    return (
        f"A rotation of the vault's keys was not finished; {GO_ON}" if rotation.is_unfinished(path) else None
    )


def rotate(session: Session, wanted: Wanted, told: Told) -> Shape:
    """Encrypt an open vault anew under a new root, and put the result in its place.

    Others may read meanwhile, but not write. A run that was killed is gone on with where it stopped, if it has this
    passphrase and nothing was written since. The session stays on the file as it was before. The shape:
    `{path, key_id, resumed, kept, counts: {noun: n}, ended: [slot]}`; `kept` is where the old file is, or null, `ended`
    the slots that open the vault no more, as `dossier vault slots list` gives them, without the old recovery code.

    Raises Locked for a wrong passphrase or a key file that is not this vault's, Damaged (naming the record) for what is
    not as dossier wrote it, Refused, Failed, Unavailable; then the vault is as it was before.
    """
    before = session.header_now()
    files = _key_files(before, wanted.key_files)
    ended = [slots.shape(slot) for slot in left_behind(before, Secrets(None, files))]
    secrets = _unlocked(session, files)  # first, for a wrong passphrase ends it whatever is agreed to
    told.confirm(ended)
    with writers_out(session.database):
        pass  # whoever waits for another rotation waits before a code is shown that would open nothing
    told.advise("Making the new keys …")
    new = _begun(session, secrets, wanted, told) or _first(session, secrets)
    if new.code is not None:
        made = Begun(fingerprint(new.keys), fingerprint(new.keys, new.code))
        memory.note_begun(session.vault_id, made)
        keep_code(new.code, wanted.keeper, session.path, session.today)
    with _accounted_for(session.path, before, new, wanted.keeper.file, told.tell):
        report, kept = _replaced(session, before, new, wanted, told)
    memory.note_begun(session.vault_id, None)
    _hand_over(session, new.keys, told)
    return {
        "path": session.path,
        "key_id": new.keys.key_id,
        "resumed": new.goes_on,
        "kept": kept,
        "counts": report.counts,
        "ended": ended,
    }


def _key_files(blob: bytes, paths: Sequence[str]) -> tuple[KeyFile, ...]:
    """What key files say, each once; Locked for one that does not open the vault."""
    found: dict[KeyFile, None] = {}
    for path in paths:
        file = key_file.read(path)
        if header.find_key_file(blob, *file) is None:
            raise Locked(f"the key file {path} does not open this vault", "see what does: dossier status")
        found[file] = None
    return tuple(found)


def _unlocked(session: Session, files: tuple[KeyFile, ...]) -> Secrets:
    """Unlock the session by what is to open the vault again; whoever types a passphrase has three tries."""

    def ask(question: str) -> tuple[str | None, bool]:
        return session.passphrase(question) if needs_passphrase(session.header_now()) else (None, False)

    def unlock(given: str | None) -> Secrets:
        secrets = Secrets(given, files)
        with open_root(session.header_now(), secrets) as opened:
            session.use(opened.keys)
        return secrets

    secrets, _ = with_three_tries(ask, unlock, QUESTION)
    return secrets


def _first(session: Session, secrets: Secrets) -> _New:
    begun, opened = next_root(session.header, secrets, session.today)
    with opened:
        whole, code = whole_header(session.header, begun, opened.root, secrets, session.today)
        return _New(begun, whole, opened.keys, code, goes_on=False)


def _begun(session: Session, secrets: Secrets, wanted: Wanted, told: Told) -> _New | None:
    """What a run before this one began, if it can be gone on with; whoever waits hears of it either way."""
    if not rotation.is_unfinished(session.path):
        return None
    try:
        with rotation.reopen(session.path) as target:
            begun = read_header(target)
            there = Header.parse(begun)
            if (there.vault_id, there.key_id) != (session.vault_id, session.keys.key_id + 1):
                raise Damaged("it is not of this vault's next keys")
            if not is_begun(begun):
                raise Failed("it was all but done, and more than one secret opens it")
            with open_root(begun, secrets) as opened:
                noted = memory.recall(session.vault_id).begun
                if noted is None or not compare_digest(noted.keys, fingerprint(opened.keys)):
                    raise Failed("it was not begun on this machine")
                new = _taken_up(session, begun, opened, secrets, wanted)
                copied = Rotation(session.database, session.rows, target, Rows(new.keys)).copied
    except (Damaged, Failed, Locked, TooNew) as fault:
        told.tell(
            f"The rotation that was not finished cannot be gone on with ({fault.message}); it begins anew."
        )
        return None
    told.tell(f"A rotation was not finished; it goes on after the {copied:,} parts that it came to.")
    if new.code is not None:
        told.tell(
            "The recovery code that was made for it before is void, another one takes its place. "
            f"{_OLD_CODE_HOLDS}"
        )
    return new


def _taken_up(session: Session, begun: bytes, opened: Opened, secrets: Secrets, wanted: Wanted) -> _New:
    """The root that was begun with, with the secrets of now; another recovery code, unless its file has that one."""
    kept = _kept_code(opened.keys, wanted.keeper.file)
    whole, code = whole_header(session.header, begun, opened.root, secrets, session.today, kept)
    return _New(begun, whole, opened.keys, None if kept else code, goes_on=True)


def _kept_code(keys: Keys, code_file: str | None) -> str | None:
    """The recovery code in a file, if it was made here for these keys and so never opened anything else."""
    if code_file is None or not os.path.lexists(code_file):
        return None
    try:
        code = first_line_in(code_file, "recovery code")
        noted = memory.recall(keys.vault_id).begun
        return code if noted and compare_digest(noted.code, fingerprint(keys, code)) else None
    except (Locked, Unavailable, Usage):
        return None


def _replaced(
    session: Session, before: bytes, new: _New, wanted: Wanted, told: Told
) -> tuple[Report, str | None]:
    """Fill the file beside the vault, check it, and put it in the vault's place; what the check found, what is kept."""
    path = session.path
    with writers_out(session.database):
        if read_header(session.database) != before:
            raise Failed("another program changed what opens the vault just now", "run it again")
        manifest = manifest_to_change(session.database, session.rows.cipher)
        newest.refuse_unless_newest(session.database, session.rows, manifest)
        if new.goes_on:
            _refuse_anothers(path, new.begun)
        try:
            with (
                rotation.reopen(path)
                if new.goes_on
                else rotation.begin(session.database, session.rows, new.begun, new.keys)
            ) as target:
                filling = Rotation(session.database, session.rows, target, Rows(new.keys))
                filling.fill(new.begun, told.copying)
            file = rotation.place_of(path)
            with Database(file) as database:
                report = check_vault(database, Rows(new.keys), told.checking)
                refuse_unsound(report, "what was encrypted anew", ANEW if new.goes_on else _SEE)
                rotation.give_header(database, Rows(new.keys), new.header)
                seen = newest.look(database, Rows(new.keys))
            reason = "rotation" if wanted.keep_old else None
            kept = take_place(file, path, reason, session.config["backups_kept"], session.database)
        except Fault:
            rotation.discard(path)  # nothing may be left that fills the disk; a killed run leaves what it has
            raise
    memory.note(session.vault_id, seen._replace(path=os.path.realpath(path)))
    return report, kept


def _refuse_anothers(path: str, begun: bytes) -> None:
    """Raise Failed, and leave it alone, if the unfinished file is not the one that is to be gone on with."""
    with rotation.reopen(path) as target:
        if read_header(target) != begun:
            raise Failed("another program has begun a rotation just now", "run it again")


@contextmanager
def _accounted_for(
    path: str, before: bytes, new: _New, code_file: str | None, tell: Callable[[str], None]
) -> Iterator[None]:
    """Say of what ends a rotation early what became of the vault; the file of a code that is of no use goes.

    A drive may be gone just when the new file has its place: what cannot be seen may have been done, and the file may
    hold the only recovery code.
    """
    try:
        yield
    except BaseException as error:
        say = error.add_note if isinstance(error, Fault) else tell  # Ctrl-C carries no notes to the end
        where = f" The new recovery code is in {code_file}." if code_file else ""
        done = happened(path, before, new.header)
        if done:
            say(f"It was done all the same: the vault has new keys, and the new recovery code holds.{where}")
        elif rotation.is_unfinished(path) and _has(rotation.place_of(path), new.begun):
            say(f"The vault is as it was before; what was done of the rotation is kept. To {GO_ON}.{where}")
            say(
                _OLD_CODE_HOLDS
                if code_file
                else f"{_OLD_CODE_HOLDS} Going on makes another; the one shown is void."
            )
        elif done is None:
            say(f"It may have been done: keep the new recovery code.{where}")
        elif new.code is not None and code_file is not None:
            with suppress(OSError):
                os.unlink(code_file)
        raise


def _has(path: str, expected: bytes) -> bool:
    try:
        with Database(path) as database:
            return read_header(database) == expected
    except Fault:
        return False


def _hand_over(session: Session, keys: Keys, told: Told) -> None:
    """Let the agent hold the new keys, for no longer than it would have held the old ones; if it held any."""
    left = session.agent.status(session.vault_id)
    held = session.agent.get(session.vault_id) if left else None
    if left is None or held is None or not held.full:
        return
    try:
        session.agent.put(keys, session.config["idle_minutes"] * 60, left.most)
    except Unavailable as fault:
        session.agent.lock(session.vault_id)
        told.tell(f"The vault is locked now: {fault.message}")
