"""Killed at any moment: each acknowledged write is there, an unfinished one leaves nothing, the vault is sound (C2)."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from dossier.config import Config
from dossier.services import accounts, interactions, people, promises, safekeeping, vaults
from dossier.services.interactions import Made
from dossier.services.passphrases import Unlocking
from dossier.services.safekeeping import Restoring
from dossier.services.vaults import CodeKeeper
from dossier.store.backups import listed
from dossier.store.catalog import RECORDS, Interaction
from dossier.store.check import check_vault
from dossier.store.database import Database
from dossier.store.head import read_header
from dossier.store.rows import Rows
from dossier.vault.header import open_with_recovery
from tests.torture import traced
from tests.torture.mortal import Fate, Mortal
from tests.torture.place import HERE, PASSPHRASE, TODAY, Place, counts

traceable = pytest.mark.skipif(
    not traced.possible, reason="traces system calls of Linux on x86_64 or aarch64"
)

Dump = dict[str, list[tuple[object, ...]]]


@pytest.fixture
def book(place: Place) -> Place:
    """A small book of business, and a backup of an earlier state of it outside the vault's folder."""
    with place.session() as session:
        accounts.add(session, "Hanoi Optics", {"tier": "key", "note": "quiet people"})
        people.add(session, "Nguyễn Thị Lan", "a1", {"birthday": "1975-04-12", "note": "likes tea"})
    shutil.copy(place.vault, place.home / "backup.dossier")
    with place.session() as session:
        promises.add(session, "a1", "send the quote", due="fri", person="p1")
        interactions.log(session, "a1", "spring order", {}, made=[Made("the price list", "in 3 weeks")])
    return place


def dump(path: str) -> Dump:
    """Every row of a vault, bytes and all; an unfinished transaction is rolled back by the look."""
    connection = sqlite3.connect(f"file:{path}?mode=rw", uri=True)
    try:
        names = ["vault", "calendar", *(kind.table.name for kind in RECORDS)]
        return {name: connection.execute(f"SELECT * FROM {name} ORDER BY id").fetchall() for name in names}
    finally:
        connection.close()


_END = 16
"""Calls at the end of an action: the commit, what is taken away after it, and what the machine remembers of it."""


def spread(total: int, count: int) -> list[int]:
    """At most `count` points of `total`: half of them all along, half at the end, the first and the last among them."""
    if total <= count:
        return list(range(1, total + 1))
    late = count // 2
    rest = max(1, total - _END)
    along = [1 + round(place * (rest - 1) / max(1, count - late - 1)) for place in range(count - late)]
    end = [total - round(place * (total - rest - 1) / max(1, late - 1)) for place in range(late)]
    return sorted({*along, *end})


class Around:
    """The folder of a vault, put back as it was before each death; what the machine remembers of it is forgotten."""

    def __init__(self, place: Place) -> None:
        self._folder = place.data
        self._memory = place.variables["XDG_STATE_HOME"]
        self.kept = place.folder / "kept"
        shutil.copytree(self._folder, self.kept)

    def put_back(self) -> None:
        shutil.rmtree(self._memory, ignore_errors=True)
        for found in os.scandir(self._folder):
            if found.is_dir(follow_symlinks=False):
                shutil.rmtree(found.path)
            else:
                os.unlink(found.path)
        shutil.copytree(self.kept, self._folder, dirs_exist_ok=True)


def deaths(place: Place, action: str, count: int) -> Iterator[Fate]:
    """Do the action once, then die in it at up to `count` points; each fate, with the folder as the dead left it."""
    around = Around(place)
    with Mortal(place, action) as mortal:
        whole = mortal.die_at(1_000_000_000)
        assert not whole.killed
        assert whole.acknowledged
        points = spread(len(whole.calls), count)
        for point in points:
            around.put_back()
            fate = mortal.die_at(point)
            assert fate.killed
            assert not fate.acknowledged
            yield fate
        around.put_back()
        yield mortal.die_at(1_000_000_000)


def life_goes_on(place: Place) -> None:
    """A write right after; it also clears away the empty journal that a death before its first byte leaves."""
    with place.session() as session:
        accounts.add(session, "A new beginning", {"note": "after all"})
    place.assert_sound()
    assert "vault.dossier-journal" not in place.beside()


@traceable
@pytest.mark.parametrize("action", ["log", "renegotiate", "remove", "undo", "passphrase"])
@counts(12, 1000)
def test_a_change_that_is_killed_is_whole_or_nothing(book: Place, action: str, count: int) -> None:
    before = dump(book.vault)
    wholes = []
    for fate in deaths(book, action, count):
        found = book.assert_sound()  # the journal agrees with the rows: half a change would show
        whole = dump(book.vault) != before
        wholes.append(whole)
        if whole and action != "passphrase":
            assert found["change"] == len(before["change"]) + 1
        assert whole or not fate.acknowledged
        life_goes_on(book)
    assert wholes == sorted(wholes), "a later death undid what an earlier one had left"
    assert wholes[0] is False
    assert wholes[-2] is True, "the last death comes between the commit and its acknowledgement"


@traceable
@counts(7, 300)
def test_an_import_that_is_killed_leaves_all_rows_or_none(book: Place, count: int) -> None:
    """Its commit writes a thousand pages, and dies with most of them written."""
    before, size = dump(book.vault), os.path.getsize(book.vault)
    half_written = False
    for fate in deaths(book, "import", count):
        beside = book.beside()
        half_written = half_written or (bool(beside) and os.path.getsize(book.vault) > size + 1_000_000)
        found = book.assert_sound()
        added = found["person"] - len(before["person"])
        assert added in (0, 60)
        assert found["interaction"] - len(before["interaction"]) == added
        assert added == 60 or dump(book.vault) == before
        assert added == 60 or not fate.acknowledged
        life_goes_on(book)
    assert half_written


@traceable
@counts(7, 300)
def test_dying_once_more_while_the_next_opening_rolls_back_does_no_harm(book: Place, count: int) -> None:
    before = dump(book.vault)
    around = Around(book)
    with Mortal(book, "import") as mortal:
        end = len(mortal.die_at(1_000_000_000).calls)
        around.put_back()
        mortal.die_at(end * 2 // 3)
    assert book.beside() == ["vault.dossier-journal"]
    shutil.rmtree(around.kept)
    for _ in deaths(book, "recover", count):
        assert dump(book.vault) == before
        book.assert_sound()
        life_goes_on(book)


@traceable
@counts(12, 300)
def test_a_backup_that_is_killed_is_whole_or_not_there(book: Place, count: int) -> None:
    before, copy = dump(book.vault), f"{book.vault}.copy"
    for fate in deaths(book, "backup", count):
        there = os.path.exists(copy)
        assert there or not fate.acknowledged
        if there:
            book.assert_sound(copy)
            assert dump(copy) == before
            assert os.stat(copy).st_mode & 0o777 == 0o600
            os.unlink(copy)
        with (
            book.session() as session
        ):  # what a killed run left is in nobody's way, and the next one clears it
            safekeeping.backup(session, copy, lambda done, total: None)
        assert book.beside() == ["vault.dossier.copy"]
        assert dump(book.vault) == before


@traceable
@counts(12, 300)
def test_a_restore_that_is_killed_leaves_the_old_vault_or_the_backup(book: Place, count: int) -> None:
    backup = str(book.home / "backup.dossier")
    before, restored = dump(book.vault), dump(backup)
    wholes = []
    for fate in deaths(book, "restore", count):
        book.assert_sound()
        found = dump(book.vault)
        assert found in (before, restored)
        wholes.append(found == restored)
        assert wholes[-1] or not fate.acknowledged
        if wholes[-1]:
            assert dump(listed(book.vault)[0].path) == before
        assert dump(backup) == restored
        life_goes_on(book)
        # The next restore clears away what the dead one left.
        into = Restoring(book.vault, TODAY, Config({}, {}, ""), Unlocking())
        safekeeping.restore(backup, into, lambda checked: None, lambda done, total: None)
        assert dump(book.vault) == restored
        assert book.beside() == ["vault.dossier.backups"]
    assert wholes == sorted(wholes)


@traceable
@counts(12, 300)
def test_a_vault_whose_making_is_killed_can_be_made_again(bare_place: Place, count: int) -> None:
    for fate in deaths(bare_place, "init", count):
        there = os.path.exists(bare_place.vault)
        assert there or not fate.acknowledged
        code = bare_place.data / "vault.dossier.code"
        if there:  # then it is complete, and so is its recovery code
            written = code.read_text().split()[0]
            with (
                Database(bare_place.vault) as database,
                open_with_recovery(read_header(database), written) as opened,
            ):
                assert check_vault(database, Rows(opened.keys)).problems == []
        else:
            code.unlink(missing_ok=True)
            vaults.make(bare_place.vault, PASSPHRASE, TODAY, CodeKeeper(str(code), lambda code: None))
            assert bare_place.beside() == ["vault.dossier.code"]


class Writer:
    """A process that writes until it has done its number, or is killed; it prints what was acknowledged."""

    def __init__(self, place: Place, label: str, writes: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "writer.py"), place.vault, label, str(writes)],
            stdout=subprocess.PIPE,
            env=place.variables,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def acknowledged(self) -> dict[int, str]:
        """Wait for its end; the subjects that it was told are stored, by id. A line cut short is none."""
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            lines = stream.read().splitlines(keepends=True)
        self.process.wait(60)
        return {int(line.split()[0]): line.split()[1] for line in lines if line.endswith("\n")}


@counts(15, 200)
def test_every_acknowledged_write_survives_random_kills(book: Place, count: int) -> None:
    chance = random.Random(20270310)
    acknowledged: dict[int, str] = {}
    for number in range(count):
        writer = Writer(book, f"kill{number}", 100_000)
        time.sleep(chance.uniform(0, 0.12))
        writer.process.send_signal(signal.SIGKILL)
        fresh = writer.acknowledged()
        assert not acknowledged.keys() & fresh.keys()
        acknowledged |= fresh
        found = book.assert_sound()
        assert found["promise"] - 2 == found["step"] == found["interaction"] - 1, "half a change was left"
    assert len(acknowledged) > count
    with book.session() as session:
        stored = {one.id: one.subject for one in session.reader.find(Interaction)}
    assert acknowledged.items() <= stored.items()
    # At most the one write that each was killed in may have been stored without being acknowledged.
    assert len(stored) - 1 - len(acknowledged) <= count
    life_goes_on(book)
