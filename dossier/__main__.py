"""The guarded entry: Ctrl-C ends with exit code 130 and no traceback, even while modules are still being imported.

A closed terminal and `kill` end a run in order as well, so that nothing half-made stays behind.

A command lives for a tenth of a second, a fifth of which Python would spend on looking for garbage and on taking its
own objects apart at the end (docs/performance.md). Neither is of use to a process that is about to be gone.
"""

from __future__ import annotations

import gc
import os
import resource
import sys

_OBJECTS_BEFORE_GARBAGE_IS_SOUGHT = 100_000


def main() -> None:
    """Run the command line with `sys.argv` and end the process with its exit code."""
    gc.set_threshold(_OBJECTS_BEFORE_GARBAGE_IS_SOUGHT)
    # Keys and plain text are in memory; a core dump would put them on the disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    code = run(sys.argv[1:])
    if code == 0 and not _threads_at_work():
        # The vault is closed and what was printed is flushed (`dossier.cli.diagnostics`); nothing leans on `atexit`.
        os._exit(0)
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run a command line; the exit code."""
    try:
        from dossier.cli import fast

        code = fast.run(arguments)
        if code is None:
            _end_in_order()
            from dossier.cli.main import run as run_with_typer

            code = run_with_typer(arguments)
        return code
    except KeyboardInterrupt:
        return 130


def _end_in_order() -> None:
    """Let SIGHUP and SIGTERM leave the run as an exception does, with 128 and their number as its exit code.

    One that the parent told us to ignore, as nohup does, stays ignored. The agenda makes no files and needs none of it.
    """
    import signal

    def end(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGHUP, signal.SIGTERM):
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, end)


def _threads_at_work() -> bool:
    threading = sys.modules.get("threading")
    return threading is not None and threading.active_count() > 1


if __name__ == "__main__":
    main()
