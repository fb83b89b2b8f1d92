"""The program with a fault built in: each raises, where it hurts, an error that carries a secret in its words.

Its arguments are the name of a fault, then those of `dossier`. The program itself has no such switch.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # as a program, only its own folder is on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dossier.cli.invocation import Invocation
from dossier.cli.main import run
from dossier.cli.output import Output
from dossier.services.session import Session
from dossier.store.database import Database
from dossier.store.gate import Transaction
from dossier.store.rows import Rows
from dossier.vault.envelope import Cipher

Raise = Callable[..., None]


def _raises(error: Callable[[str], BaseException]) -> Raise:
    def fail(*arguments: Any, **named: Any) -> None:
        secret = repr([_open(argument) for argument in (*arguments, *named.values())])
        try:
            raise ValueError(secret)
        except ValueError as cause:
            raise error(secret) from cause

    return fail


def _open(argument: Any) -> Any:
    """What an object holds, as a careless repr would show it."""
    fields = getattr(type(argument), "table", None)
    return {f.name: getattr(argument, f.name) for f in fields.fields} if fields else argument


def _undecodable(secret: str) -> UnicodeDecodeError:
    return UnicodeDecodeError("utf-8", secret.encode(), 0, 1, secret)


def _system(secret: str) -> OSError:
    return OSError(errno.EIO, os.strerror(errno.EIO), secret)


FAULTS: dict[str, tuple[type, str, Raise]] = {
    "update": (Transaction, "update", _raises(RuntimeError)),
    "seal": (Cipher, "encrypt", _raises(TypeError)),
    "rows": (Rows, "close", _raises(KeyError)),
    "sql": (Database, "execute", _raises(sqlite3.IntegrityError)),
    "decode": (Rows, "open", _raises(_undecodable)),
    "system": (Transaction, "finish", _raises(_system)),
    "memory": (Cipher, "encrypt", _raises(MemoryError)),
    "recursion": (Transaction, "update", _raises(RecursionError)),
    "stop": (Transaction, "update", _raises(StopIteration)),
    "assertion": (Rows, "seal", _raises(AssertionError)),
    "output": (Output, "written", _raises(RuntimeError)),
    "text": (Invocation, "text", _raises(ValueError)),
    "close": (Session, "close", _raises(RuntimeError)),
    "interrupt": (Transaction, "update", _raises(KeyboardInterrupt)),
}
"""By name: what is broken, and how."""


if __name__ == "__main__":
    where, name, fail = FAULTS[sys.argv[1]]
    setattr(where, name, fail)
    sys.exit(run(sys.argv[2:]))
