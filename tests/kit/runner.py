"""A program that runs dossier again and again, each time in a child with limits of its own: a request a line on stdin.

A request is JSON, {arguments, variables, out, err}; the two are files for what the run prints. The answer: {code,
seconds of computing, bytes at most}. The modules are imported once, so that a hundred runs take some seconds.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # as a program, only its own folder is on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import cryptography.hazmat.primitives.ciphers.aead
import cryptography.hazmat.primitives.kdf.argon2
import cryptography.hazmat.primitives.kdf.hkdf  # noqa: F401 - here and not in every child

import dossier.cli.account
import dossier.cli.agenda_output
import dossier.cli.vault
import dossier.services.safekeeping  # noqa: F401
from dossier.__main__ import main as program

MEMORY = 1 << 30
SECONDS = 10


def main() -> None:
    """Serve what comes on stdin."""
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _be_dossier(request)
        _, status, used = os.wait4(child, 0)
        answer = {
            "code": os.waitstatus_to_exitcode(status),
            "seconds": used.ru_utime + used.ru_stime,
            "bytes": used.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        }
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def limit() -> None:
    """Bounds that no vault may make dossier reach."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def _be_dossier(request: dict[str, Any]) -> None:
    try:
        for number, name in ((1, request["out"]), (2, request["err"])):
            opened = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(opened, number)
            os.close(opened)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.environ.clear()
        os.environ.update(request["variables"])
        sys.argv[1:] = request["arguments"]
        limit()
        program()
        os._exit(0)
    except SystemExit as ended:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ended.code if isinstance(ended.code, int) else 1)
    finally:  # a child must never return into its parent's code
        os._exit(99)


if __name__ == "__main__":
    main()
