"""Making a vault, opening and locking it, changing what opens it, and what can be said about it."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from dossier.config import Config
from dossier.domain.faults import BadValue, Fault
from dossier.errors import SALVAGE, Damaged, Refused, Unavailable
from dossier.services import memory, newest, slots
from dossier.services.reheading import accounted_for, write_private
from dossier.services.session import Session, the_agent
from dossier.services.shapes import Shape
from dossier.store.backups import folder_of, listed, way_back
from dossier.store.catalog import RECORDS
from dossier.store.create import ANOTHER_PLACE, create_vault, taken
from dossier.store.database import Database
from dossier.store.head import read_header
from dossier.store.record import AGENDA, DOSSIER
from dossier.store.rows import Rows
from dossier.vault import header, key_file
from dossier.vault.header import Header, Opened
from dossier.vault.keys import Keys

SHORTEST_PASSPHRASE = 8
LONGEST_UNLOCK = timedelta(days=7)

_DONE = "the vault opens by the new passphrase"


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


def refuse_unless_free(path: str) -> None:
    """Raise Refused if a vault is at `path`, or was there and has backups: a new one would be taken for it."""
    refuse_if_taken(path)
    if way_back(path):
        raise Refused(
            f"there was a vault at {path}, and its backups are still there",
            "put one back: dossier vault restore --newest; for a new vault choose another place: "
            f"dossier --vault FILE init; or move {folder_of(path)} away",
        )


def make(path: str, passphrase: str, today: date, keeper: CodeKeeper) -> Keys:
    """Make an empty vault; its keys.

    The recovery code is kept first, so that a run killed at any moment leaves no vault without its code. Raises
    BadValue for a short passphrase, Refused as `refuse_unless_free` and if something is at the code's file, Unavailable
    if either cannot be written.
    """
    refuse_unless_free(path)
    made = header.create(check_new_passphrase(passphrase), today)
    keep_code(made.recovery_code, keeper, path, today)
    with accounted_for(path, None, made.header, _DONE, keeper.file, "recovery code"):
        create_vault(path, made.header, made.keys)
    return made.keys


def unlock(session: Session, span: timedelta | None = None) -> bool:
    """Let the agent hold the vault's keys; False if it did already and no `span` was asked for.

    A span needs the passphrase or a key file again, so that an unattended terminal cannot be kept open for ever. Raises
    BadValue for one beyond `LONGEST_UNLOCK`, Refused for a key file on the command line that opens the agenda alone,
    Locked, Unavailable.
    """
    if span is not None and not timedelta(0) < span <= LONGEST_UNLOCK:
        raise BadValue(
            f"the vault stays open for {LONGEST_UNLOCK.days} days at most", "for example: --for 4h"
        )
    if span is None and not session.locked:
        return False
    file = session.config["key_file"]
    if file and session.config.origins["key_file"] == "flag" and key_file.read(file).agenda_only:
        raise Refused(
            f"the key file {file} opens the agenda alone, and the agent takes all keys or none",
            "name it when the agenda is printed: dossier agenda --key-file FILE",
        )
    session.open_anew()
    session.hand_to_agent(span)
    return True


def lock() -> bool:
    """Make the agent forget the keys of every vault. Whether it held any."""
    return the_agent().lock()


def change_passphrase(
    session: Session, opened: Opened, choose: Callable[[], str], keeper: CodeKeeper | None = None
) -> None:
    """Put a new passphrase in place of the current one; with a `keeper`, a new recovery code in place of the old too.

    `opened` is the session's `root`, which is wiped here: the agent holds none, so it is asked for whatever the agent
    holds, before anybody is asked to `choose`. Raises BadValue if what they choose is too short.
    """
    with opened:
        _rewrap(session, opened, check_new_passphrase(choose()), keeper)


def recover(session: Session, code: str, choose: Callable[[], str], keeper: CodeKeeper) -> None:
    """Open the vault by its recovery code and replace both the passphrase and the code, which was used up by this.

    Raises Usage for a typo in the code, Locked for another vault's or a replaced one, before anybody is asked to
    `choose` a passphrase; BadValue if that is too short.
    """
    with header.open_with_recovery(session.header_now(), code) as opened:
        _rewrap(session, opened, check_new_passphrase(choose()), keeper)


def _rewrap(session: Session, opened: Opened, new: str, keeper: CodeKeeper | None) -> None:
    session.use(opened.keys)
    old, today = session.header, session.today
    changed = header.change_passphrase(old, opened.root, new, today)
    if keeper is not None:
        changed, code = header.new_recovery(changed, opened.root, today)
        keep_code(code, keeper, session.path, today)
    with accounted_for(session.path, old, changed, _DONE, keeper.file if keeper else None, "recovery code"):
        session.replace_header(old, changed)


def keep_code(code: str, keeper: CodeKeeper, vault: str, today: date) -> None:
    """Keep a recovery code before a vault relies on it. Raises Refused if its file exists, Unavailable."""
    if keeper.file is None:
        keeper.show(code)
    else:
        _write_code(keeper.file, code, vault, today)


def _write_code(path: str, code: str, vault: str, today: date) -> None:
    text = (
        f"{code}\n\nThe recovery code of the dossier vault {os.path.abspath(vault)}, made on {today.isoformat()}.\n"
        "Whoever has it can open the vault. Keep it apart from the vault: on paper, or on a drive in a drawer.\n"
        "If the passphrase is lost: dossier vault recover\n"
    )
    write_private(path, text, "recovery code")


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
    "opens_without_passphrase", "key_file_problem", "damaged", "how",
)  # fmt: skip


def status(path: str, config: Config) -> Shape:
    """What can be said about the vault at `path` without opening it; asking does not keep it unlocked for longer.

    The shape::

        {path, exists, locked, idle_seconds_left, seconds_left, schema, mode, private, counts: {noun: n},
         slots: [{id, type, scope, created_on}], opens_without_passphrase: [{how, file, scope}], key_file_problem,
         damaged, how, plain: {noun: [field]}, secret: {noun: {key class: [field]}}, unfinished_rotation,
         backups: {count, newest}, doubt: {what, how}}

    `idle_seconds_left` counts to the moment when the vault locks unless something asks for its keys, `seconds_left` to
    when it locks in any case; both are null while it is locked. `mode` is the file's, in octal; `private` says that
    nobody else on this machine may read it. `slots` are as `slots.shape` has them. `opens_without_passphrase` says what
    on this machine opens the vault although nobody types anything: `how` is `key_file` (it is set, and fits),
    `passphrase_command` (it is set; `file` is null), `key_file_made_here` (one that was added on this machine, and that
    still opens the vault for whoever names it). `key_file_problem` says why the key file that is set opens nothing, or
    is null. Where there is no vault, `exists` is false and everything but `path`, `plain` and `secret` is null; so it
    is for a file that is damaged so much that it cannot be opened, but for `exists`, `mode`, `private`, `damaged`,
    which says what is wrong, and `how`, which says how to go on. Raises the other faults of `Database`.

    With or without a vault there, `unfinished_rotation` says whether a rotation of its keys was begun and not finished,
    and `backups` how many dossier made by itself, and of what moment the `newest` is (null for none); it is null where
    their folder cannot be read. `doubt` is what stands against relying on this copy of the vault, by what this machine
    saw before, and what to do about that; null for nothing.
    """
    shape: Shape = {"path": path, "exists": os.path.lexists(path), **dict.fromkeys(_KNOWN_OF_A_VAULT)}
    shape |= {"plain": in_clear(), "secret": secret(), **_beside(path), "doubt": None}
    if not shape["exists"]:
        return shape
    try:
        shape |= _inside(path, config)
    except Damaged as fault:
        shape |= {"damaged": fault.message, "how": fault.hint or SALVAGE}
    mode = os.stat(path).st_mode & 0o7777
    return shape | {"mode": f"{mode:04o}", "private": not mode & 0o077}


def _inside(path: str, config: Config) -> Shape:
    """What the file of a vault says about it."""
    with Database(path) as database:
        blob = read_header(database)
        parsed = Header.parse(blob)
        left = the_agent().status(parsed.vault_id)
        return {
            "locked": left is None,
            "idle_seconds_left": left.idle if left else None,
            "seconds_left": left.most if left else None,
            "schema": database.version,
            "counts": {kind.table.name: database.count(kind.table.name) for kind in RECORDS},
            "slots": [slots.shape(slot) for slot in parsed.slots],
            **_without_passphrase(blob, config),
            "doubt": _doubt(database, blob),
        }


def _beside(path: str) -> Shape:
    """What lies beside the file of a vault, whether that is there or not."""
    from dossier.store.rotation import is_unfinished

    try:
        found = listed(path)
        newest_at = found[0].made.astimezone().isoformat() if found else None
        backups = {"count": len(found), "newest": newest_at}
    except Unavailable:
        backups = None
    return {"unfinished_rotation": is_unfinished(path), "backups": backups}


def _doubt(database: Database, blob: bytes) -> Shape | None:
    noticed = newest.heed(database, Rows(Keys(Header.parse(blob).vault_id, 0)), blob)
    return {"what": noticed.message, "how": noticed.hint} if noticed else None


def _without_passphrase(blob: bytes, config: Config) -> Shape:
    ways: list[Shape] = []
    problem = None
    if config["key_file"]:
        scope, problem = _tried(blob, config["key_file"])
        if scope:
            ways.append({"how": "key_file", "file": os.path.abspath(config["key_file"]), "scope": scope})
    if config["passphrase_command"]:
        ways.append({"how": "passphrase_command", "file": None, "scope": str(slots.Scope.FULL)})
    for file in memory.key_files(Header.parse(blob).vault_id):
        scope, _ = _tried(blob, file)
        if scope and not any(way["file"] and os.path.realpath(way["file"]) == file for way in ways):
            ways.append({"how": "key_file_made_here", "file": file, "scope": scope})
    return {"opens_without_passphrase": ways, "key_file_problem": problem}


def _tried(blob: bytes, file: str) -> tuple[str | None, str | None]:
    """What a key file opens, else why it opens nothing."""
    try:
        slot = header.find_key_file(blob, *key_file.read(file))
    except Fault as fault:
        return None, fault.message
    return (slots.scope_of(slot), None) if slot else (None, f"the key file {file} does not open this vault")
