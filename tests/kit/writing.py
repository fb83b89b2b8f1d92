"""Writing the kit to disk: each vault in a folder of its own, and what must come of each in `expected.json`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from dossier.vault.keys import Keys
from tests.kit import attached, files, heads, pages, rows, schemas
from tests.kit.making import PASSPHRASE, TODAY, Bench, Case, Sound

CASES: tuple[Case, ...] = (
    *files.CASES,
    *pages.CASES,
    *schemas.CASES,
    *heads.CASES,
    *rows.CASES,
    *attached.CASES,
)
"""Every vault of the kit."""

ABOUT = (
    "Malformed and hostile vaults. `file` is relative to this one; `passphrase` opens those that anything opens. Each "
    "run is a command of dossier with --vault: it must end with `exit` within two seconds of computing, say `says` on "
    "stderr or stdout, run nothing that the file holds, change no byte of it unless it ends with 0, and leave nothing "
    "beside it."
)


def write_kit(folder: Path) -> Keys:
    """Write all of it into an empty folder; the keys of the vault that all were made from."""
    # What this machine remembers of vaults is none of the kit's business.
    with TemporaryDirectory(prefix="dossier-kit-") as made, patch.dict(os.environ, XDG_STATE_HOME=made):
        sound = Sound(Path(made))
        for case in CASES:
            case.spoil(Bench(sound, folder / case.name))
    text = json.dumps(expected(), ensure_ascii=False, indent=1)
    (folder / "expected.json").write_text(text + "\n", encoding="utf-8")
    return sound.made.keys


def expected() -> dict[str, Any]:
    """What `expected.json` says."""
    return {
        "about": ABOUT,
        "passphrase": PASSPHRASE,
        "today": TODAY.isoformat(),
        "vaults": [
            {
                "name": case.name,
                "file": f"{case.name}/vault.dossier",
                "wrong": case.wrong,
                "runs": [
                    {"arguments": run.arguments, "unlocked": run.unlocked, "exit": run.code, "says": run.says}
                    for run in case.runs
                ],
            }
            for case in CASES
        ],
    }
