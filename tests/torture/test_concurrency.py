"""Many processes at once: no write is lost, nobody is turned away, readers see whole changes alone (C2)."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dossier.services import accounts
from dossier.store.catalog import Change, Interaction
from tests.torture.place import HERE, Place, counts

PROCESSES = 8


@pytest.fixture
def book(place: Place) -> Place:
    with place.session() as session:
        accounts.add(session, "Hanoi Optics", {"tier": "key"})
    return place


def started(place: Place, program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(HERE / program), place.vault, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.PIPE,
        env=place.variables,
        text=True,
    )


@counts(15, 200)
def test_eight_writers_and_two_readers_lose_nothing(book: Place, count: int) -> None:
    readers = [started(book, "reader.py") for _ in range(2)]
    writers = [started(book, "writer.py", f"writer{number}", str(count)) for number in range(PROCESSES)]
    acknowledged: dict[int, str] = {}
    for writer in writers:
        out, err = writer.communicate(timeout=600)
        assert (writer.returncode, err) == (0, "")
        ready, *lines = out.splitlines()
        assert ready == "ready"
        assert len(lines) == count
        fresh = {int(line.split()[0]): line.split()[1] for line in lines}
        assert len(fresh) == count
        assert not acknowledged.keys() & fresh.keys(), "an id was given twice"
        acknowledged |= fresh
    for reader in readers:
        out, err = reader.communicate("stop\n", timeout=60)
        assert (reader.returncode, err) == (0, "")
        assert int(out) > 0

    total = PROCESSES * count
    assert len(acknowledged) == total
    found = book.assert_sound()
    assert (found["interaction"], found["promise"], found["step"]) == (total, total, total)
    with book.session() as session:
        assert {one.id: one.subject for one in session.reader.find(Interaction)} == acknowledged
        changes = session.reader.find(Change)
    assert [change.id for change in changes] == list(range(1, total + 2))
    logged = [
        line["after"]["subject"] for one in changes for line in one.rows if line["table"] == "interaction"
    ]
    assert sorted(logged) == sorted(acknowledged.values())
    assert book.beside() == []


@counts(3, 20)
def test_real_commands_at_once_lose_nothing(book: Place, count: int) -> None:
    """Whole runs of the program, reading and writing, as scripts and people would start them."""
    for turn in range(count):
        commands = [
            *(book.command("log", "1", f"call {turn}.{number}", "--format", "json") for number in range(6)),
            book.command("account", "add", f"Account {turn}", "--cadence", "9"),
            book.command("agenda"),
            book.command("account", "list", "--format", "json"),
        ]
        running = [
            subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                stdin=subprocess.DEVNULL,
                env=book.variables,
                text=True,
            )
            for command in commands
        ]
        ended = [(*process.communicate(timeout=120), process.returncode) for process in running]
        assert [(err, code) for _, err, code in ended] == [("", 0)] * len(commands)
    found = book.assert_sound()
    assert (found["interaction"], found["account"]) == (6 * count, 1 + count)
    assert found["change"] == 1 + 7 * count


def test_one_who_asks_while_another_writes_waits_instead_of_failing(book: Place) -> None:
    """Held up in the middle of a transaction for longer than any busy loop without patience."""
    with book.session() as session, session.change("slow") as transaction:
        transaction.insert(Interaction(account_id=1, at="2027-03-10", subject="slow"))
        waiting = started(book, "writer.py", "patient", "1")
        reading = book.run("agenda")
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(1.5)
    assert (reading.code, reading.err) == (0, "")
    out, err = waiting.communicate(timeout=60)
    assert (waiting.returncode, err) == (0, "")
    assert "patient.0" in out
    book.assert_sound()
