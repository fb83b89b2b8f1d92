"""Making a vault, opening and locking it, changing what opens it, and what can be said about it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from typing import NamedTuple

from dossier.domain.faults import BadValue, Fault
from dossier.errors import Unavailable
from dossier.services.session import Session, the_agent
from dossier.services.shapes import Shape
from dossier.store.catalog import RECORDS
from dossier.store.create import ANOTHER_PLACE, create_vault, sync_folder, taken
from dossier.store.database import Database
from dossier.store.head import read_header, replace_header
from dossier.store.record import AGENDA, DOSSIER
from dossier.vault import header
from dossier.vault.header import Header, Opened
from dossier.vault.keys import Keys
from dossier.vault.slots import SlotType

SHORTEST_PASSPHRASE = 8
LONGEST_UNLOCK = timedelta(days=7)
A_NEW_FILE = "name a file that does not exist yet"


class CodeKeeper(NamedTuple):
    """Where a new recovery code goes before the vault relies on it: into a new `file`, or before a person by `show`."""

    file: str | None
    show: Callable[[str], None]


def check_new_passphrase(passphrase: str) -> str:
    """`passphrase` itself; BadValue if it is too short to withstand guessing at a stolen file."""
    if len(passphrase.strip()) < SHORTEST_PASSPHRASE:
        raise BadValue(
            f"a passphrase needs at least {SHORTEST_PASSPHRASE} characters",
            "five or more random words are easy to keep",
        )
    return passphrase


def refuse_if_taken(path: str, hint: str = ANOTHER_PLACE) -> None:
    """Raise Refused if something is at `path`: before anybody is asked for a passphrase."""
    if os.path.lexists(path):
        raise taken(path, hint)


def make(path: str, passphrase: str, today: date, keeper: CodeKeeper) -> Keys:
    """Make an empty vault; its keys.

    The recovery code is kept first, so that a run killed at any moment leaves no vault without its code. Raises
    BadValue for a short passphrase, Refused if something is at `path` or at the code's file, Unavailable if either
    cannot be written.
    """
    refuse_if_taken(path)
    made = header.create(check_new_passphrase(passphrase), today)
    _keep(made.recovery_code, keeper, path, today)
    with _accounted_for(path, None, made.header, keeper.file):
        create_vault(path, made.header, made.keys)
    return made.keys


def unlock(session: Session, span: timedelta | None = None) -> bool:
    """Let the agent hold the vault's keys; False if it did already and no `span` was asked for.

    A span needs the passphrase again, so that an unattended terminal cannot be kept open for ever. Raises BadValue
    for one beyond `LONGEST_UNLOCK`, Locked, Unavailable.
    """
    if span is not None and not timedelta(0) < span <= LONGEST_UNLOCK:
        raise BadValue(
            f"the vault stays open for {LONGEST_UNLOCK.days} days at most", "for example: --for 4h"
        )
    if span is None and not session.locked:
        return False
    session.open_by_passphrase()
    session.hand_to_agent(span)
    return True


def lock() -> bool:
    """Make the agent forget the keys of every vault. Whether it held any."""
    return the_agent().lock()


def change_passphrase(
    session: Session, current: str, choose: Callable[[], str], keeper: CodeKeeper | None = None
) -> None:
    """Put a new passphrase in place of the current one; with a `keeper`, a new recovery code in place of the old too.

    The agent holds no root, so the current passphrase is needed whatever it holds. Raises Locked if it is wrong, before
    anybody is asked to `choose` a new one; BadValue if that is too short.
    """
    with header.open_with_passphrase(session.header, current) as opened:
        _rewrap(session, opened, check_new_passphrase(choose()), keeper)


def recover(session: Session, code: str, choose: Callable[[], str], keeper: CodeKeeper) -> None:
    """Open the vault by its recovery code and replace both the passphrase and the code, which was used up by this.

    Raises Usage for a typo in the code, Locked for another vault's or a replaced one, before anybody is asked to
    `choose` a passphrase; BadValue if that is too short.
    """
    with header.open_with_recovery(session.header, code) as opened:
        _rewrap(session, opened, check_new_passphrase(choose()), keeper)


def _rewrap(session: Session, opened: Opened, new: str, keeper: CodeKeeper | None) -> None:
    session.use(opened.keys)
    old, today = session.header, session.today
    changed = header.change_passphrase(old, opened.root, new, today)
    if keeper is not None:
        changed, code = header.new_recovery(changed, opened.root, today)
        _keep(code, keeper, session.path, today)
    with _accounted_for(session.path, old, changed, keeper.file if keeper else None):
        replace_header(session.database, session.rows.cipher, old, changed)
    session.header = changed


def _keep(code: str, keeper: CodeKeeper, vault: str, today: date) -> None:
    """Keep a code before the vault relies on it."""
    if keeper.file is None:
        keeper.show(code)
    else:
        _write_code(keeper.file, code, vault, today)


@contextmanager
def _accounted_for(vault: str, old: bytes | None, new: bytes, code_file: str | None) -> Iterator[None]:
    """Put the header `new` in the place of `old` inside; what ends it early is noted with what became of the vault.

    It may end early after the change was made, by Ctrl-C or a folder that cannot be synced: the code's file goes only
    when the vault does not rely on it, for there is no other copy.
    """
    try:
        yield
    except BaseException as error:
        relies = _relies_on(vault, old, new)
        if relies:
            error.add_note("It was done all the same: the vault opens by the new passphrase.")
        if code_file is not None:
            if relies is False:
                with suppress(OSError):
                    os.unlink(code_file)
            elif relies:
                error.add_note(f"Its recovery code is in {code_file}.")
            else:
                error.add_note(f"It may have been done: keep the recovery code in {code_file}.")
        raise


def _relies_on(vault: str, old: bytes | None, new: bytes) -> bool | None:
    """Whether the vault opens by what `new` brought and `old` did not have; None if that cannot be seen."""
    before = Header.parse(old).slots if old else []
    brought = [slot for slot in Header.parse(new).slots if slot not in before]
    try:
        os.lstat(vault)
        with Database(vault) as database:
            there = Header.parse(read_header(database)).slots
    except (FileNotFoundError, NotADirectoryError):
        return None if old else False
    except (OSError, Fault):
        return None
    return any(slot in there for slot in brought)


def _write_code(path: str, code: str, vault: str, today: date) -> None:
    text = (
        f"{code}\n\nThe recovery code of the dossier vault {os.path.abspath(vault)}, made on {today.isoformat()}.\n"
        "Whoever has it can open the vault. Keep it apart from the vault: on paper, or on a drive in a drawer.\n"
        "If the passphrase is lost: dossier vault recover\n"
    )
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
                file.write(text)
                file.flush()
                os.fsync(descriptor)
            sync_folder(path)
        except OSError:
            os.unlink(path)  # half a code is none, and it would be in the way of the next try
            raise
    except FileExistsError:
        raise taken(path, A_NEW_FILE) from None
    except OSError as error:
        raise Unavailable(
            f"cannot write the recovery code to {path}: {error.strerror}", "name another file"
        ) from None


def in_clear() -> dict[str, list[str]]:
    """What a vault says without its passphrase: the plain fields of every noun."""
    return {kind.table.name: [field.name for field in kind.table.plain] for kind in RECORDS}


def secret() -> dict[str, dict[str, list[str]]]:
    """What is encrypted: the fields of every noun by key class."""
    return {
        kind.table.name: {
            key_class: [field.name for field in fields]
            for key_class in (AGENDA, DOSSIER)
            if (fields := kind.table.secrets(key_class))
        }
        for kind in RECORDS
    }


_KNOWN_OF_A_VAULT = (
    "locked", "idle_seconds_left", "seconds_left", "schema", "mode", "private", "counts", "slots",
)  # fmt: skip


def status(path: str) -> Shape:
    """What can be said about the vault at `path` without opening it; asking does not keep it unlocked for longer.

    The shape::

        {path, exists, locked, idle_seconds_left, seconds_left, schema, mode, private, counts: {noun: n},
         slots: [{id, type, created_on}], plain: {noun: [field]}, secret: {noun: {key class: [field]}}}

    `idle_seconds_left` counts to the moment when the vault locks unless something asks for its keys, `seconds_left` to
    when it locks in any case; both are null while it is locked. `mode` is the file's, in octal; `private` says that
    nobody else on this machine may read it. `type` is `passphrase`, `recovery` or `other`. Where there is no vault,
    `exists` is false and everything but `path`, `plain` and `secret` is null. Raises the faults of `Database`.
    """
    shape: Shape = {"path": path, "exists": os.path.lexists(path), **dict.fromkeys(_KNOWN_OF_A_VAULT)}
    shape |= {"plain": in_clear(), "secret": secret()}
    if not shape["exists"]:
        return shape
    with Database(path) as database:
        parsed = Header.parse(read_header(database))
        left = the_agent().status(parsed.vault_id)
        mode = os.stat(path).st_mode & 0o7777
        return shape | {
            "locked": left is None,
            "idle_seconds_left": left.idle if left else None,
            "seconds_left": left.most if left else None,
            "schema": database.version,
            "mode": f"{mode:04o}",
            "private": not mode & 0o077,
            "counts": {kind.table.name: database.count(kind.table.name) for kind in RECORDS},
            "slots": [
                {"id": slot.id, "type": _type_of(slot.type), "created_on": slot.created.isoformat()}
                for slot in parsed.slots
            ],
        }


def _type_of(number: int) -> str:
    names = {SlotType.PASSPHRASE: "passphrase", SlotType.RECOVERY: "recovery"}
    return {int(kind): name for kind, name in names.items()}.get(number, "other")
