"""A program that does one thing to a vault again and again and is killed each time at the moment it is told.

Started by `Mortal`: the name of an action and a vault as arguments, then a number a line on stdin. For each it forks a
child that does the action and dies before its n-th call that changes a file, or after so many seconds if there is a
point in it, and answers with a line of JSON. A name behind the number is that of another action.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

if __name__ == "__main__":  # as a program, only its own folder is on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import cryptography.hazmat.primitives.ciphers.aead
import cryptography.hazmat.primitives.kdf.argon2
import cryptography.hazmat.primitives.kdf.hkdf  # noqa: F401 - here and not in every child

from dossier.config import Config
from dossier.services import interactions, promises, safekeeping, undo, vaults
from dossier.services.interactions import Made, Next
from dossier.services.passphrases import Unlocking
from dossier.services.safekeeping import Restoring
from dossier.services.session import Session
from dossier.services.vaults import CodeKeeper
from dossier.store import place
from dossier.store.catalog import Account, Interaction, Person
from dossier.store.check import check_vault
from dossier.store.removal import remove
from dossier.vault import kdf
from tests.torture import deeds, sentinels, traced
from tests.torture.deeds import DEEDS
from tests.torture.place import HERE, PASSPHRASE, TODAY, Place

ACKNOWLEDGED = "acknowledged"
"""What a child says when its action has returned, on stdout."""


class Fate(NamedTuple):
    """How a child ended: the calls that it came to, whether it was killed, and whether it had acknowledged its work."""

    calls: list[traced.Call]
    killed: bool
    acknowledged: bool


class Mortal:
    """The program from the outside."""

    def __init__(self, place: Place, action: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "mortal.py"), action, place.vault],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=place.variables,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def die_at(self, point: int) -> Fate:
        """Let a child do the action, killed before its call number `point`, or not at all if it makes fewer."""
        return self._ask(str(point))

    def die_after(self, seconds: float, action: str) -> Fate:
        """Let a child do an action, killed so long after it began, if it is not done by then."""
        return self._ask(f"{seconds:.6f} {action}")

    def _ask(self, request: str) -> Fate:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{request}\n")
        self._process.stdin.flush()
        acknowledged = False
        while (line := self._process.stdout.readline().strip()) == ACKNOWLEDGED:
            acknowledged = True
        answer = json.loads(line)
        return Fate([traced.Call(*call) for call in answer["calls"]], answer["killed"], acknowledged)


def _session(vault: str) -> Session:
    return Session(vault, TODAY, Config({}, {}, ""), Unlocking())


def _log(vault: str) -> Callable[[], object]:
    session = _session(vault)
    return lambda: interactions.log(
        session,
        "a1",
        "the words of a call",
        {},
        participants=["p1"],
        made=[Made("a promise", "fri")],
        following=Next("a step", "in 2 weeks"),
    )


def _renegotiate(vault: str) -> Callable[[], object]:
    session = _session(vault)
    return lambda: promises.renegotiate(session, 1, to="in 1 week", because="the lab is closed", told="p1")


def _remove(vault: str) -> Callable[[], object]:
    session = _session(vault)

    def action() -> None:
        with session.change("account rm") as transaction:
            remove(transaction, transaction.get(Account, 1))

    return action


def _undo(vault: str) -> Callable[[], object]:
    session = _session(vault)
    return lambda: undo.undo(session)


def _import(vault: str) -> Callable[[], object]:
    """Many rows in one transaction, more than SQLite's cache holds: a commit of a thousand pages."""
    session = _session(vault)

    def action() -> None:
        with session.change("import") as transaction:
            for number in range(60):
                transaction.insert(
                    Person(
                        account_id=1,
                        name=f"Someone {number}",
                        created_on=TODAY.isoformat(),
                        birthday="--04-12",
                    )
                )
                transaction.insert(Interaction(account_id=1, at=TODAY.isoformat(), note="long words " * 5000))

    return action


def _backup(vault: str) -> Callable[[], object]:
    session = _session(vault)
    return lambda: safekeeping.backup(session, f"{vault}.copy", lambda done, total: None)


def _restore(vault: str) -> Callable[[], object]:
    into = Restoring(vault, TODAY, Config({}, {}, ""), Unlocking())
    source = os.path.join(os.path.dirname(os.path.dirname(vault)), "home", "backup.dossier")
    return lambda: safekeeping.restore(source, into, lambda checked: None, lambda done, total: None)


def _init(vault: str) -> Callable[[], object]:
    keeper = CodeKeeper(file=f"{vault}.code", show=lambda code: None)
    return lambda: vaults.make(vault, PASSPHRASE, TODAY, keeper)


def _passphrase(vault: str) -> Callable[[], object]:
    session = _session(vault)
    return lambda: vaults.change_passphrase(session, session.root_by(PASSPHRASE), lambda: PASSPHRASE[::-1])


def _recover(vault: str) -> Callable[[], object]:
    """What an opening does first after a crash: SQLite rolls the journal back. Dying in that must not hurt either."""

    def action() -> None:
        with _session(vault) as session:
            assert check_vault(session.database, session.rows).problems == []

    return action


def _secrets(vault: str) -> Callable[[], object]:
    session = _session(vault)
    return lambda: sentinels.write(session, sentinels.Secrets(), "One more")


ACTIONS: dict[str, Callable[[str], Callable[[], object]]] = {
    "log": _log,
    "renegotiate": _renegotiate,
    "remove": _remove,
    "undo": _undo,
    "import": _import,
    "backup": _backup,
    "restore": _restore,
    "init": _init,
    "passphrase": _passphrase,
    "recover": _recover,
    "secrets": _secrets,
    **DEEDS,
}


def _deed(name: str) -> Callable[[str], Callable[[], object]]:
    what, _, label = name.partition(": ")
    return (lambda vault: deeds.log(vault, label)) if label else ACTIONS[what]


def main(name: str, vault: str) -> None:
    """Serve what comes on stdin."""
    kdf.DEFAULT = kdf.FLOOR = kdf.KdfParams(memory=64, passes=1, lanes=1)
    place._GRACE_SECONDS = 0  # nobody waits for the file that is replaced

    def prepare() -> Callable[[], object]:
        act = deed(vault)  # opened in the child: SQLite forbids a connection to cross a fork

        def action() -> None:
            act()
            os.write(1, f"{ACKNOWLEDGED}\n".encode())

        return action

    for line in sys.stdin:
        point, _, other = line.strip().partition(" ")
        deed = _deed(other or name)
        calls: list[traced.Call] = []
        if "." in point:
            killed = traced.run_for(float(point), prepare)
        else:
            calls, killed = traced.run_until(int(point), prepare)
        sys.stdout.write(json.dumps({"calls": calls, "killed": killed}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
