"""Makes a large vault, or finds it, and unlocks it: `python -m benchmarks.vaults SCALE FOLDER RUNTIME_FOLDER`.

It runs as a process of its own: deriving a key takes 256 MiB, and what measures the commands must stay small.
"""

from __future__ import annotations

import os
import sys
import time
from hashlib import sha256
from pathlib import Path

from benchmarks.book import LARGE, TODAY, Size, fill
from dossier.config import Config
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.store.create import create_vault
from dossier.vault import header
from dossier.vault.agent_client import AgentClient
from dossier.vault.keys import Keys

_PASSPHRASE = "correct horse battery staple"
_MADE_FROM = ("benchmarks/book.py", "dossier/store/catalog.py")
_LONG_ENOUGH = 2 * 60 * 60


def path_of(scale: int, folder: Path) -> Path:
    """The file of the vault of that scale in a folder; another one as soon as the book or the tables change."""
    root = Path(__file__).parent.parent
    made_from = sha256(b"".join((root / name).read_bytes() for name in _MADE_FROM)).hexdigest()[:8]
    return folder / f"times-{scale}-{made_from}.dossier"


def make(path: Path, size: Size) -> Keys:
    """Make a vault of that size at `path`; its keys."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}.unfinished")
    made = header.create(_PASSPHRASE, TODAY)
    create_vault(str(unfinished), made.header, made.keys)
    with Session(str(unfinished), TODAY, Config({}, {}, ""), Unlocking()) as session:
        session.use(made.keys)
        fill(session, size)
    unfinished.rename(path)
    return made.keys


def unlock(path: Path) -> Keys:
    """The keys of a vault that was made before."""
    with Session(str(path), TODAY, Config({}, {}, ""), Unlocking()) as session:
        return header.open_with_passphrase(session.header, _PASSPHRASE).keys


def main(arguments: list[str]) -> None:
    """Make or find the vault in the folder, hand its keys to the agent in the runtime folder, print its path."""
    scale, folder, runtime = int(arguments[0]), Path(arguments[1]), arguments[2]
    path = path_of(scale, folder)
    if path.exists():
        keys = unlock(path)
    else:
        print(f"Making a vault of {LARGE.times(scale)}", file=sys.stderr)
        began = time.monotonic()
        keys = make(path, LARGE.times(scale))
        print(f"… {time.monotonic() - began:.0f} s, {path.stat().st_size >> 20} MiB", file=sys.stderr)
    AgentClient(runtime).put(keys, _LONG_ENOUGH, _LONG_ENOUGH)
    print(path)


if __name__ == "__main__":
    main(sys.argv[1:])
