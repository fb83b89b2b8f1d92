"""Killed in the middle of what a vault goes through in years: it is as it was or as it should be, and sound (C2).

Each deed is killed before any of its system calls that change a file; then it is done again, after which nothing may be
left of the run that died. And a long row of deeds is killed at random moments, with nothing put back between them.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dossier.services import accounts, attachments, forgetting, interactions, people, slots
from dossier.services.session import Session
from dossier.services.slots import Scope
from dossier.store import backups
from dossier.store.catalog import RECORDS, Attachment, Change, Interaction
from dossier.store.check import check_vault
from dossier.store.create import create_vault
from dossier.vault import header
from tests.torture import traced
from tests.torture.deeds import PERSON, home_of, opened
from tests.torture.mortal import Mortal
from tests.torture.place import PASSPHRASE, ROOT, TODAY, Place, counts
from tests.torture.test_kill import spread

pytestmark = pytest.mark.skipif(
    not traced.possible, reason="traces system calls of Linux on x86_64 or aarch64"
)

EVER = 1_000_000_000
FORGOTTEN = "Trần Văn Quimbel"


@pytest.fixture
def world(bare_place: Place) -> Place:
    """A vault that has been through something: people, talks, files, key file, backups; and files at home."""
    made = header.create(PASSPHRASE, TODAY)
    create_vault(bare_place.vault, made.header, made.keys)
    home = home_of(bare_place.vault)
    (home / "a long file").write_bytes(os.urandom(150_000))
    (home / "a short file").write_bytes(b"a few words")
    with opened(bare_place.vault) as session:
        accounts.add(session, "Hanoi Optics", {"tier": "key", "note": "quiet people " * 50})
        people.add(session, "Nguyễn Thị Lan", "a1", {"birthday": "1975-04-12"})
        people.add(session, FORGOTTEN, "a1", {"note": "likes tea"})
        attachments.add(session, PERSON, [str(home / "a long file")])
        slots.add(session, str(home / "cron"), Scope.AGENDA)
    shutil.copy(bare_place.vault, home / "backup.dossier")
    with opened(bare_place.vault) as session:
        interactions.log(session, "a1", "spring order", {}, participants=[PERSON])
        attachments.add(session, "a1", [str(home / "a short file")])
        for number in range(2):
            backups.keep_before(session.database, "import", 5 + number)
    return bare_place


def tell(vault: str) -> list[Any]:
    """What a vault says, whatever its keys: key id, slots, records, and what is wrong. Attachments are read for it."""
    with opened(vault) as session:
        problems = [str(problem) for problem in check_vault(session.database, session.rows).problems]
        said: list[Any] = [session.keys.key_id, [one["type"] for one in slots.listed(session)]]
        for kind in RECORDS:
            for record in session.reader.each(kind):
                values = {field.name: value for field, value in record.values()}
                values.pop("key", None)  # an attachment's is another one after a rotation
                if isinstance(record, Change):
                    values |= {"at": None, "rows": [(line["action"], line["id"]) for line in record.rows]}
                said.append((kind.__name__, record.id, values))
        return [*said, problems]


class Kept:
    """All of a place's files, put back as they were before each death."""

    def __init__(self, place: Place) -> None:
        self._folders = (place.data, place.home)
        self._kept = place.folder / "kept"
        for folder in self._folders:
            shutil.copytree(folder, self._kept / folder.name)

    def put_back(self) -> None:
        for folder in self._folders:
            for found in os.scandir(folder):
                if found.is_dir(follow_symlinks=False):
                    shutil.rmtree(found.path)
                else:
                    os.unlink(found.path)
            shutil.copytree(self._kept / folder.name, folder, dirs_exist_ok=True)


_BACKUP = re.compile(r"\d{8}T\d{6}Z-before-[a-z]+(-\d+)?\.dossier(-journal)?")
"""With the journal, mostly an empty one, that stood beside the vault when it was set aside."""


def assert_nothing_left(place: Place, *more: str) -> None:
    """Nothing in any folder but what belongs there: no half of a file, no journal, not more backups than are kept."""
    assert [name for name in place.beside() if name != "vault.dossier.backups"] == []
    if os.path.isdir(folder := backups.folder_of(place.vault)):
        names = os.listdir(folder)
        assert [name for name in names if not _BACKUP.fullmatch(name)] == []
        assert len([name for name in names if "rotation" in name or "restore" in name]) <= 4
    seen = Path(place.variables["XDG_STATE_HOME"]) / "dossier" / "seen"
    if seen.exists():
        assert [name for name in os.listdir(seen) if not re.fullmatch("[0-9a-f]{32}", name)] == []
    at_home = {"a long file", "a short file", "backup.dossier", "cron", "state", *more}
    others = [path for path in place.home.iterdir() if path.name not in at_home]
    # What died between giving a file its name and taking the other one away leaves two names of one whole file.
    assert [path for path in others if not path.samefile(place.home / more[0])] == []


ATTACH = ["attach", "log with files"]
FORGET = ["forget", "forget history"]
OTHERS = ["import cards", "rotate", "compact", "restore over", "accept", "add key file", "remove key file"]
AT_HOME = {"export": "exported", "salvage": "salvaged.dossier", "add key file": "key"}


def prepare(place: Place, deed: str) -> None:
    """What a deed needs to find."""
    if deed == "accept":
        with closing(sqlite3.connect(place.vault)) as connection:
            connection.execute("DELETE FROM participant")
            connection.commit()
    elif deed == "compact":
        with closing(sqlite3.connect(place.vault)) as connection:
            connection.execute("CREATE TABLE grown (x)")
            connection.execute("INSERT INTO grown VALUES (zeroblob(300000))")
            connection.execute("DROP TABLE grown")
            connection.commit()
    elif deed == "migrate":
        shutil.rmtree(backups.folder_of(place.vault))
        shutil.rmtree(place.variables["XDG_STATE_HOME"])
        shutil.copy(ROOT / "tests" / "store" / "fixtures" / "schema1.dossier", place.vault)
        os.chmod(place.vault, 0o600)


def outcomes(place: Place, deed: str) -> tuple[list[Any], list[Any], int]:
    """What the vault says before the deed and after it, and how many calls it takes."""
    before = tell(place.vault) if deed != "migrate" else []
    with Mortal(place, deed) as mortal:
        fate = mortal.die_at(EVER)
    assert fate.acknowledged
    return before, tell(place.vault), len(fate.calls)


@pytest.mark.parametrize("deed", [*ATTACH, *FORGET, *OTHERS, "export", "salvage", "migrate"])
@counts(6, 100)
def test_a_deed_that_is_killed_is_done_or_not_and_can_be_done_again(
    world: Place, deed: str, count: int
) -> None:
    prepare(world, deed)
    kept = Kept(world)
    before, after, calls = outcomes(world, deed)
    changes = before != after
    wholes = []
    with Mortal(world, deed) as mortal:
        for point in spread(calls, count):
            kept.put_back()
            fate = mortal.die_at(point)
            assert fate.killed or fate.acknowledged  # a clock may make it a call more or less
            said = after if deed == "migrate" else tell(world.vault)
            assert said in (before, after), f"neither done nor not done, killed at {fate.calls[-1]}"
            wholes.append(said == after and changes)
            assert wholes[-1] or not changes or not fate.acknowledged
            if name := {"export": "exported", "salvage": "salvaged.dossier"}.get(deed):
                there = world.home / name
                if there.exists():
                    assert_whole(deed, there)
                elif fate.acknowledged:
                    pytest.fail("it was said to be done")
            again = mortal.die_at(EVER)
            assert again.acknowledged
            assert not again.killed
            assert tell(world.vault)[-1] == []
            if deed == "forget":
                assert_forgotten(world)
            # After a salvage it is the new vault that is to be written to, and this machine knows it.
            write_on(str(world.home / "salvaged.dossier") if deed == "salvage" else world.vault)
            assert_nothing_left(world, AT_HOME.get(deed, "backup.dossier"))
    assert wholes == sorted(wholes), "a later death undid what an earlier one had left"


def assert_whole(deed: str, file: Path) -> None:
    if deed == "export":
        assert file.read_bytes() == (file.parent / "a long file").read_bytes()
    else:
        assert tell(str(file))[-1] == []
    assert file.stat().st_mode & 0o777 == 0o600


def assert_forgotten(place: Place) -> None:
    """Whoever was forgotten is in no automatic backup any more, nor in a file that a killed run left."""
    for file in place.data.rglob("*"):
        if file.is_file():
            assert FORGOTTEN.encode() not in file.read_bytes(), file


def write_on(vault: str) -> None:
    with opened(vault) as session:
        accounts.add(session, "A new beginning", {"note": "after all"})


@counts(4, 60)
def test_a_rotation_that_is_killed_again_and_again_gets_there_in_the_end(world: Place, count: int) -> None:
    """Each run goes on where the last one died; none of what was written before is lost on the way."""
    kept = Kept(world)
    before, after, calls = outcomes(world, "rotate")
    chance = random.Random(41)
    with Mortal(world, "rotate") as mortal:
        for _ in range(count):
            kept.put_back()
            deaths = 0
            while tell(world.vault) != after:
                assert tell(world.vault) == before
                fate = mortal.die_at(chance.randint(1, calls) if deaths < 6 else EVER)
                deaths += fate.killed
            if rest := [name for name in world.beside() if name != "vault.dossier.backups"]:
                assert mortal.die_at(EVER).acknowledged, rest
            write_on(world.vault)
            assert_nothing_left(world)


# --- A long row of deeds, killed at random moments


def subjects(session: Session) -> set[str]:
    return {one.subject for one in session.reader.find(Interaction) if one.subject}


LONGEST = {
    "log": 0.05,
    "attach": 0.08,
    "import cards": 0.15,
    "rotate": 0.25,
    "compact": 0.1,
    "restore over": 0.12,
}
"""Seconds that each takes on an idle machine; some are killed only after they were done."""

_MOST_TRIES = 20
"""Tries for each that is to be killed: far more than it takes."""


@counts(10, 1_000)
def test_no_acknowledged_write_is_lost_however_often_it_is_killed(world: Place, count: int) -> None:
    """Until so many were killed; nothing is put back in between: what the dead leave is what the next one finds."""
    chance = random.Random(20271122)
    deeds = ["log", "log", "log", *LONGEST]
    acknowledged: set[str] = set()
    killed = 0
    backup = home_of(world.vault) / "backup.dossier"
    (home_of(world.vault) / "a long file").write_bytes(os.urandom(9_000))
    with Mortal(world, "log") as mortal:
        for number in range(_MOST_TRIES * count):
            if killed >= count and acknowledged:
                break
            deed = chance.choice(deeds)
            if deed == "restore over":  # of what there is: what was acknowledged is in it
                shutil.copy(world.vault, backup)
            label = f"talk {number}"
            fate = mortal.die_after(
                chance.uniform(0, LONGEST[deed]), f"log: {label}" if deed == "log" else deed
            )
            killed += fate.killed
            if fate.acknowledged and deed == "log":
                acknowledged.add(label)
            with opened(world.vault) as session:
                if number % 10 == 0 or deed != "log":
                    assert check_vault(session.database, session.rows).problems == []
                assert acknowledged <= subjects(session)
            if number % 100 == 99:  # a vault of a few files, not of hundreds
                _tidy(world)
    assert killed >= count
    assert acknowledged
    shutil.copy(world.vault, backup)
    for deed in ("restore over", "rotate"):  # they clear away what the last of the dead has left
        with Mortal(world, deed) as mortal:
            assert mortal.die_at(EVER).acknowledged
    assert tell(world.vault)[-1] == []
    write_on(world.vault)
    backup.unlink()
    assert_nothing_left(world)


def _tidy(place: Place) -> None:
    with opened(place.vault) as session:
        for record in session.reader.find(Attachment)[2:]:
            attachments.rm(session, record.id)
        session.today = session.today.replace(year=9000)
        forgetting.history(session, "today")
