from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path

import pytest

from benchmarks import keys
from benchmarks.__main__ import Bench, Figures, keys_table, measure, table, working
from benchmarks.book import LARGE, TODAY, Size
from benchmarks.commands import COMMANDS, Measured
from benchmarks.presses import Presses, found_in, told
from benchmarks.processes import Run, run_until
from benchmarks.vaults import make, path_of, unlock
from dossier.config import Config
from dossier.services import agenda
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.tui.desk import Desk

TINY = Size(accounts=200, people=400, interactions=600, promises=200)


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("benchmarks") / "tiny.dossier"
    make(path, TINY)
    return path


def counts(path: Path) -> dict[str, int]:
    with Session(str(path), TODAY, Config({}, {}, ""), Unlocking()) as session:
        session.use(unlock(path))
        return Counter(str(item.kind) for item in agenda.items(session))


def test_a_book_has_the_size_asked_for_and_fills_the_agenda(vault: Path) -> None:
    with Session(str(vault), TODAY, Config({}, {}, ""), Unlocking()) as session:
        stored = [
            session.database.rows(f"SELECT count(*) FROM {table}")[0][0]
            for table in ("account", "person", "interaction", "promise")
        ]
    assert stored == list(TINY)
    found = counts(vault)
    assert found["promise_overdue"] == 40
    assert (
        found["promise_due"] == 46
    )  # 40 of the week, and ours among the ten that were moved without telling
    assert found["next_step"] == 50
    assert found["cadence"] >= 60
    assert found["occasion"] > 0


def test_ten_times_the_data_is_ten_times_of_everything() -> None:
    assert LARGE.times(10) == Size(10_000, 100_000, 1_000_000, 200_000)


def test_a_vault_is_made_anew_when_the_book_or_the_tables_change(tmp_path: Path) -> None:
    assert path_of(1, tmp_path).parent == tmp_path
    assert path_of(1, tmp_path) == path_of(1, tmp_path) != path_of(10, tmp_path)


def test_a_command_that_fails_is_left_out_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    class Failing(Bench):
        def command(self, measured: Measured, number: int, scale: int = 1) -> Run:
            return Run(0.1, 20.0, 0 if measured.label == "agenda" else 2, b"dossier: no such command\n")

    assert working(Failing(Path()), COMMANDS[:2]) == [COMMANDS[0]]
    assert capsys.readouterr().err == "left out: dossier alone: exit 2: dossier: no such command\n"


def test_each_run_is_compared_with_the_one_before_it() -> None:
    order = []

    def base(command: Measured, number: int) -> Run:
        order.append("base")
        return Run(0.01 * number, 9.0, 0, b"")

    def run(command: Measured, number: int) -> Run:
        order.append(command.label)
        return Run(0.05 * number, 29.0, 0, b"")

    found = measure(COMMANDS[:2], range(2, 4), base, run)
    assert order == ["base", "agenda", "base", "dossier alone"] * 2
    assert found[COMMANDS[0]].multiples == pytest.approx([5, 5])
    assert found[COMMANDS[0]].seconds == pytest.approx([0.1, 0.15])


def test_a_run_that_fails_is_no_figure() -> None:
    with pytest.raises(SystemExit, match="agenda failed in round 3: locked"):
        measure(
            COMMANDS[:1],
            range(2, 4),
            lambda *_: Run(0.01, 9.0, 0, b""),
            lambda _, number: Run(0.05, 29.0, 5 if number == 3 else 0, b"locked"),
        )


def test_the_table_says_which_budget_is_kept() -> None:
    found = {
        Measured("swift", (), budget=9): Figures([4.0, 5.0, 9.5], [0.05] * 3, [29.0] * 3),
        Measured("slow", (), budget=9): Figures([9.1], [0.1], [29.0]),
        Measured("late", (), seconds=0.6): Figures([9.1], [0.7], [29.0]),
        Measured("fat", (), budget=9, mebibytes=20): Figures([5.0], [0.1], [29.0]),
        Measured("free", ()): Figures([5.0], [0.1], [29.0]),
    }
    head, swift, slow, late, fat, free = table(found, "× pass")
    assert "× pass" in head
    assert swift.split() == ["swift", "5.0", "4.0–9.5", "9", "ok", "50", "29"]
    assert [line.split()[-3] for line in (slow, late, fat)] == ["over"] * 3
    assert "ok" not in free
    assert "over" not in free
    grown = list(table(found, "× above", growth=1.3))
    assert all(line.split()[-4:-2] == ["1.3", "over"] for line in grown[1:3])


# --- The full-screen view ---------------------------------------------------------------------------------------------


def test_the_time_of_a_full_screen_program_ends_when_it_shows_what_is_waited_for() -> None:
    program = "import sys; print('there', flush=True); sys.exit(sys.stdin.read(1) != 'q')"
    done = run_until(["/bin/sh", "-c", f'stty raw; exec {sys.executable} -c "{program}"'], {}, "the+re", b"q")
    assert done.code == 0
    assert b"there" in done.output
    assert done.seconds < 30


def test_a_full_screen_program_that_ends_without_showing_it_is_no_figure() -> None:
    done = run_until([sys.executable, "-c", "raise SystemExit(5)"], {}, "there", b"q")
    assert done.code == 5


def test_each_key_is_timed_until_the_first_and_the_last_change_of_the_screen(
    session: Session, vault_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "WALK", (("there and back", ["2", "1"]), ("nothing", ["x"])))
    settings = Config({}, {}, "")
    desk = Desk(lambda: Session(vault_path, TODAY, settings, Unlocking()), lambda: TODAY)
    try:
        pages, nothing = asyncio.run(keys.walk(keys.Watched(desk, settings, lambda: TODAY)))
    finally:
        desk.close()
    assert len(pages.answered) == 2
    assert all(0 < first <= last for first, last in zip(pages.answered, pages.done, strict=True))
    assert nothing.done == []


def test_the_table_of_keys_counts_milliseconds_and_adds_up() -> None:
    found = [Presses("swift", [0.01] * 20, [0.03] * 20), Presses("slow", [0.06] * 9, [0.5] * 9)]
    assert found_in(told(found)) == found
    head, swift, slow, together = keys_table(found)
    assert "answered" in head
    assert swift.split() == ["swift", "20", "10", "10", "30", "30", "50", "ok"]
    assert slow.split()[-1] == "over"
    assert together.split()[:3] == ["all", "29", "10"]
