"""Writes the kit: `python -m tests.kit FOLDER` makes a folder for each malformed vault, and `expected.json`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.kit.writing import write_kit


def main(arguments: list[str]) -> int:
    """Write the kit into a folder that does not exist yet, or is empty."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m tests.kit FOLDER\n")
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        sys.stderr.write(f"{folder} is not empty\n")
        return 6
    write_kit(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
