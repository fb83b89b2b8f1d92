"""`python -m benchmarks`: what the everyday commands cost, as multiples of `python -c pass`."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.commands import COMMANDS, GROWING, GROWTH, Measured
from benchmarks.presses import BUDGET, Presses, found_in
from benchmarks.processes import Run, run, run_until

_ROOT = Path(__file__).parent.parent
_FOLDER = _ROOT / ".benchmarks"
"""Where the vaults are kept between runs."""

_PROGRAM = [sys.executable, "-m", "dossier"]
_BASE = [sys.executable, "-c", "pass"]
_CTRL_Q = b"\x11"


class Figures(NamedTuple):
    """What was measured of one command: multiples of what ran just before it, seconds, and peaks in MiB."""

    multiples: list[float]
    seconds: list[float]
    mebibytes: list[float]


class Bench:
    """Runs commands on working copies of the large vaults, in a home of its own with an agent of its own."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def unlock(self, scale: int) -> None:
        """Make or find the vault of that scale, copy it, and let the agent hold its keys."""
        runtime = self._home / "unlocked"
        runtime.mkdir(mode=0o700, exist_ok=True)
        command = [
            sys.executable,
            "-m",
            "benchmarks.vaults",
            str(scale),
            str(_FOLDER),
            str(runtime / "dossier"),
        ]
        kept = {**os.environ, "XDG_STATE_HOME": str(self._home)}
        made = subprocess.run(command, cwd=_ROOT, env=kept, stdout=subprocess.PIPE, check=True, text=True)
        copy = self._vault(scale)
        shutil.copyfile(made.stdout.strip(), copy)
        copy.chmod(0o600)

    def lock(self) -> None:
        """Take the keys from the agent, which ends with that."""
        run([*_PROGRAM, "lock"], self._environment())

    def command(self, measured: Measured, number: int, scale: int = 1) -> Run:
        """One run of a command in the round of that number."""
        arguments = [word.format(round=number) for word in measured.arguments]
        environment = self._environment(scale, locked=measured.locked)
        if measured.shows:
            return run_until([*_PROGRAM, *arguments], environment, measured.shows, _CTRL_Q)
        return run([*_PROGRAM, *arguments], environment, on_terminal=measured.on_terminal)

    def presses(self) -> list[Presses]:
        """How long the keys of the full-screen view take, page by page."""
        command = [sys.executable, "-m", "benchmarks.keys", str(self._vault(1))]
        environment = {**self._environment(), "PYTHONPATH": str(_ROOT)}
        done = subprocess.run(
            command, cwd=_ROOT, env=environment, stdout=subprocess.PIPE, check=True, text=True
        )
        return found_in(done.stdout)

    def base(self) -> Run:
        """One run of `python -c pass`."""
        return run(_BASE, self._environment())

    def _vault(self, scale: int) -> Path:
        return self._home / f"times-{scale}.dossier"

    def _environment(self, scale: int = 1, *, locked: bool = False) -> Mapping[str, str]:
        """Nothing of the caller's: with PYTHONDONTWRITEBYTECODE every run would compile anew."""
        home = str(self._home)
        return {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "XDG_CONFIG_HOME": home,
            "XDG_DATA_HOME": home,
            "XDG_STATE_HOME": home,
            "XDG_RUNTIME_DIR": str(self._home / ("locked" if locked else "unlocked")),
            "DOSSIER_TODAY": "2027-03-10",
            "DOSSIER_VAULT": str(self._vault(scale)),
        }


def working(bench: Bench, commands: Sequence[Measured], scale: int = 1) -> list[Measured]:
    """The commands that do their work, each run once to warm up; why another is left out goes to stderr."""
    found = []
    for command in commands:
        done = bench.command(command, 1, scale)
        if done.code == 0:
            found.append(command)
        else:
            said = done.output.decode(errors="replace").splitlines()[:1]
            print(f"left out: {command.label}: exit {done.code}: {''.join(said)}", file=sys.stderr)
    return found


def measure(
    commands: Sequence[Measured],
    rounds: range,
    before: Callable[[Measured, int], Run],
    then: Callable[[Measured, int], Run],
) -> dict[Measured, Figures]:
    """Run every command once a round, each right after what it is compared with, so that both meet the same machine.

    A run that fails ends it all: its time would say nothing.
    """
    found = {command: Figures([], [], []) for command in commands}
    for number in rounds:
        for command, figures in found.items():
            compared, done = before(command, number), then(command, number)
            if compared.code or done.code:
                sys.exit(f"{command.label} failed in round {number}: {done.output.decode(errors='replace')}")
            figures.multiples.append(done.seconds / compared.seconds)
            figures.seconds.append(done.seconds)
            figures.mebibytes.append(done.mebibytes)
    return found


def table(found: Mapping[Measured, Figures], unit: str, growth: float | None = None) -> Iterator[str]:
    """A line per command: multiples (median, least, most), budget, verdict, milliseconds and MiB (medians)."""
    yield f"{'':32}{unit:>8}  {'least–most':>12}  {'budget':>6}  {'':4}{'ms':>6}  {'MiB':>5}"
    for command, figures in found.items():
        multiple, seconds, mebibytes = (median(values) for values in figures)
        budget = growth or command.budget
        limits = ((multiple, budget), (seconds, command.seconds), (mebibytes, command.mebibytes))
        kept = [value <= limit for value, limit in limits if limit is not None]
        verdict = "" if not kept else "ok" if all(kept) else "over"
        says = f"{command.seconds:g} s" if command.seconds else f"{budget:g}" if budget else ""
        spread = f"{min(figures.multiples):.1f}–{max(figures.multiples):.1f}"
        figure = (
            f"{multiple:8.1f}  {spread:>12}  {says:>6}  {verdict:4}{seconds * 1000:6.0f}  {mebibytes:5.0f}"
        )
        yield f"{command.label:32}{figure}"


def keys_table(found: Sequence[Presses]) -> Iterator[str]:
    """A line per page and one for all: keys, milliseconds until the first and the last change of the screen."""
    yield f"{'Keys in the full-screen view':32}{'keys':>6}{'answered':>12}{'95th':>6}{'done':>8}{'95th':>6}  budget"
    for one in [*found, Presses.all_of(found)]:
        figures = [1000 * value for value in (*one.typical(one.answered), *one.typical(one.done))]
        verdict = f"{1000 * BUDGET:6.0f}  {'ok' if figures[0] <= 1000 * BUDGET else 'over'}"
        answered, answered_95, done, done_95 = figures
        yield (
            f"{one.label:32}{len(one.done):6}{answered:12.0f}{answered_95:6.0f}{done:8.0f}{done_95:6.0f}  {verdict}"
        )


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=21, metavar="N", help="how often each command runs (21)"
    )
    parser.add_argument("--quick", action="store_true", help="5 rounds, and nothing on ten times the data")
    parser.add_argument("--only", metavar="WORD", default="", help="only commands whose line holds WORD")
    options = parser.parse_args()
    # The warm-up is round 1, and no promise is kept twice.
    count = 5 if options.quick else options.rounds
    first, second = range(2, count + 2), range(count + 2, 2 * count + 2)
    _compile()
    with _bench() as bench:
        bench.unlock(1)
        commands = working(bench, [command for command in COMMANDS if options.only in command.label])
        found = measure(commands, first, lambda *_: bench.base(), bench.command)
        print("\n".join(table(found, "× pass")))
        if options.only in "tui, keys":
            print("\n" + "\n".join(keys_table(bench.presses())))
        if options.quick:
            return
        bench.unlock(10)
        growing = working(bench, [command for command in GROWING if options.only in command.label], 10)
        grown = measure(
            growing, second, bench.command, lambda command, number: bench.command(command, number, 10)
        )
        print("\nThe same on ten times the data\n" + "\n".join(table(grown, "× above", GROWTH)))


def _compile() -> None:
    """Compile the program as an installation does."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    subprocess.run([sys.executable, "-m", "compileall", "-q", "dossier"], cwd=_ROOT, env=kept, check=True)


@contextmanager
def _bench() -> Iterator[Bench]:
    _FOLDER.mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_FOLDER) as home:
        bench = Bench(Path(home))
        try:
            yield bench
        finally:
            bench.lock()


if __name__ == "__main__":
    main()
