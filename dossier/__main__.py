"""The guarded entry: Ctrl-C ends with exit code 130 and no traceback, even while modules are still being imported."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line with `sys.argv`; the exit code."""
    try:
        from dossier.cli import fast

        code = fast.run(sys.argv[1:])
        if code is None:
            from dossier.cli.main import run

            code = run(sys.argv[1:])
        return code
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
