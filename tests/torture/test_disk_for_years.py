"""A disk that is full or read-only while a vault lives on: exit code 8, the old data intact, nothing left (C2)."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dossier.services import accounts, attachments, interactions, people
from dossier.store import backups
from tests.torture.place import PASSPHRASE, Ended, Place, counts
from tests.torture.test_disk import SmallDisk
from tests.torture.test_kill import dump

ASKED = {"DOSSIER_PASSPHRASE_COMMAND": f"printf %s '{PASSPHRASE}'"}


class Work(NamedTuple):
    """A command and where it writes besides the vault: `{disk}` stands for the small disk, `{home}` for another."""

    arguments: tuple[str, ...]
    more: tuple[str, ...] = ()
    """Names that it leaves beside the vault when it is done."""


WORKS = {
    "attachment add": Work(("attachment", "add", "a1", "{home}/a long file")),
    "log --attach": Work(("log", "a1", "talked", "--attach", "{home}/a long file")),
    "attachment export": Work(("attachment", "export", "1", "{disk}/exported"), ("exported",)),
    "import vcard": Work(("import", "vcard", "{home}/cards.vcf"), ("vault.dossier.backups",)),
    "vault rotate": Work(
        ("vault", "rotate", "--yes", "--recovery-file", "{home}/new code"), ("vault.dossier.backups",)
    ),
    "vault compact": Work(("vault", "compact")),
    "vault restore": Work(("vault", "restore", "{home}/backup.dossier", "--yes"), ("vault.dossier.backups",)),
    "vault salvage": Work(("vault", "salvage", "{disk}/salvaged"), ("salvaged",)),
    "vault slots add": Work(("vault", "slots", "add", "--key-file", "{disk}/key"), ("key",)),
    "person forget": Work(("person", "forget", "p1", "--yes")),
    "vault forget-history": Work(("vault", "forget-history", "--before", "today", "--yes")),
}

SOME = [
    name if name in ("attachment add", "import vcard") else pytest.param(name, marks=pytest.mark.torture)
    for name in WORKS
]
"""All of them in the full run."""


class World:
    """A place whose vault lies on a small disk; every run begins with the same files."""

    def __init__(self, place: Place, disk: SmallDisk) -> None:
        self.place = place
        self.disk = disk
        self._vault = Path(place.vault).read_bytes()
        self.before = self.says()

    def says(self) -> dict[str, Any]:
        """Every row of the vault, chunks and all."""
        with closing(sqlite3.connect(f"file:{self.place.vault}?mode=ro", uri=True)) as connection:
            chunks = connection.execute("SELECT * FROM chunk ORDER BY attachment_id, number").fetchall()
        return {**dump(self.place.vault), "chunk": chunks}

    def put_back(self) -> None:
        """As it was at first, with nothing else on the disk."""
        for found in os.scandir(self.disk.folder):
            if found.is_dir():
                shutil.rmtree(found.path)
            else:
                os.unlink(found.path)
        Path(self.place.vault).write_bytes(self._vault)
        os.chmod(self.place.vault, 0o600)
        shutil.rmtree(self.place.variables["XDG_STATE_HOME"], ignore_errors=True)
        (self.place.home / "new code").unlink(missing_ok=True)
        assert self.place.keys is not None
        self.place.agent.put(self.place.keys)

    def do(self, work: Work, **more: Any) -> Ended:
        """Run a command."""
        home, disk = str(self.place.home), str(self.disk.folder)
        words = [word.replace("{home}", home).replace("{disk}", disk) for word in work.arguments]
        return self.place.run(*words, variables=ASKED, **more)

    def assert_refused(self, ended: Ended) -> None:
        """It said so in a line, and nothing was changed or left."""
        first = [line for line in ended.err.splitlines() if not line.startswith(("Copying", "Checking"))]
        assert (ended.code, ended.out) == (8, ""), ended
        assert first[0].startswith("dossier: "), ended
        assert "Traceback" not in ended.err
        assert self.says() == self.before
        left = [name for name in self.place.beside() if name != "ballast"]
        if "vault.dossier.backups" in left:  # the folder itself may have been made
            assert all(name.endswith(".dossier") for name in os.listdir(backups.folder_of(self.place.vault)))
            left.remove("vault.dossier.backups")
        assert left == []
        assert not (self.place.home / "new code").exists(), "a code that opens nothing"


@pytest.fixture
def world(place: Place) -> Iterator[World]:
    """A vault of 0.7 MB on a disk of 4: an account, two people, files, a grown and shrunk file."""
    folder = place.folder / "disk"
    folder.mkdir(mode=0o700)
    command = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "dossier-test", str(folder)]
    if sys.platform != "linux" or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a file system in memory")
    try:
        _fill(place)
        shutil.move(place.vault, folder)
        place.move_to(str(folder / "vault.dossier"))
        yield World(place, SmallDisk(folder))
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(place: Place) -> None:
    (place.home / "a long file").write_bytes(os.urandom(300_000))
    cards = "".join(
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Someone {number}\r\nORG:Company\r\nNOTE:{'words ' * 900}\r\nEND:VCARD\r\n"
        for number in range(30)
    )
    (place.home / "cards.vcf").write_text(cards)
    with place.session() as session:
        accounts.add(session, "Hanoi Optics", {"tier": "key"})
        people.add(session, "Nguyễn Thị Lan", "a1", {"birthday": "--03-12", "note": "likes tea " * 900})
        people.add(session, "Trần Văn Minh", "a1", {})
        attachments.add(session, "p1", [str(place.home / "a long file")])
        interactions.log(session, "a1", "spring order", {"note": "long words " * 900}, participants=["p1"])
    shutil.copy(place.vault, place.home / "backup.dossier")
    with closing(sqlite3.connect(place.vault)) as connection:
        connection.execute("CREATE TABLE grown (x)")
        connection.execute("INSERT INTO grown VALUES (zeroblob(200000))")
        connection.execute("DROP TABLE grown")
        connection.commit()


@pytest.mark.parametrize("name", WORKS)
@counts(1, 24)
def test_a_full_disk_is_told_and_changes_nothing(world: World, name: str, count: int) -> None:
    """With a little more room each time, so that it fills at each of the places where something is written."""
    work = WORKS[name]
    codes = []
    for number in range(count):
        world.put_back()
        world.disk.leave_free(round(1400 * number / count))
        ended = world.do(work)
        codes.append(ended.code)
        if ended.code:
            world.assert_refused(ended)
            world.place.assert_sound()
    assert codes == sorted(codes, reverse=True), "it fails with more room than it was content with"
    # In a file that has room in its pages, forgetting and new slots need no more than a journal.
    assert codes[0] == 8
    world.put_back()
    ended = world.do(work)
    assert ended.code == 0, ended
    assert world.place.beside() == sorted(work.more)


@pytest.mark.parametrize("name", SOME)
def test_a_read_only_disk_is_told_and_changes_nothing(world: World, name: str) -> None:
    def remount(how: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{how}", str(world.disk.folder)], check=True)

    remount("ro")
    try:
        ended = world.do(WORKS[name])
        world.assert_refused(ended)
    finally:
        remount("rw")
    assert world.place.beside() == []
    world.place.assert_sound()
    assert world.do(WORKS[name]).code == 0


@pytest.mark.parametrize("name", SOME)
def test_what_may_not_be_written_is_left_alone(world: World, name: str) -> None:
    """The folder or the file is read-only, and the program has no power to ignore that."""
    os.chmod(world.disk.folder, 0o500)
    try:
        ended = world.do(WORKS[name], ordinary=True)
        world.assert_refused(ended)
    finally:
        os.chmod(world.disk.folder, 0o700)
    world.place.assert_sound()
