"""The guarded entry: Ctrl-C ends with exit code 130 and no traceback, even while modules are still being imported."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line with `sys.argv`; the exit code."""
    try:
        from dossier.cli.main import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
