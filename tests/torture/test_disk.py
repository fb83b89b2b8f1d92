"""A disk that is full, read-only or gone: exit 8, one clear line, nothing changed, what was typed not lost (C2)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from dossier.errors import Unavailable
from dossier.services import accounts, interactions
from tests.torture import traced
from tests.torture.mortal import Mortal
from tests.torture.place import PASSPHRASE, Place, counts, ordinary_command
from tests.torture.test_kill import dump

_LIMITED = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
os.execv(sys.argv[2], sys.argv[2:])
"""
LONG = "a long talk about many things " * 3000


@pytest.fixture
def book(place: Place) -> Place:
    with place.session() as session:
        accounts.add(session, "Hanoi Optics", {"tier": "key"})
        for number in range(3):
            interactions.log(session, "a1", f"call {number}", {})
    return place


class SmallDisk:
    """A file system of its own, too small for comfort."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def leave_free(self, kibibytes: int) -> None:
        """Fill it but for so much."""
        self._ballast.unlink(missing_ok=True)
        found = os.statvfs(self.folder)
        with self._ballast.open("wb") as file:
            file.write(bytes(max(0, found.f_bavail * found.f_frsize - kibibytes * 1024)))


@pytest.fixture
def small_disk(book: Place) -> Iterator[SmallDisk]:
    """A small file system in memory with the vault on it."""
    folder = book.folder / "disk"
    folder.mkdir(mode=0o700)
    command = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "dossier-test", str(folder)]
    if sys.platform != "linux" or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a file system in memory")
    try:
        shutil.move(book.vault, folder)
        book.move_to(str(folder / "vault.dossier"))
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@counts(6, 44)
def test_a_full_disk_refuses_and_changes_nothing(book: Place, small_disk: SmallDisk, count: int) -> None:
    """With a little more room each time, so that it fills at the journal, in the vault, at the commit."""
    codes = []
    for free in range(0, 4 * count, 4):
        before = dump(book.vault)
        small_disk.leave_free(free)
        ended = book.run("log", "1", "-", stdin=LONG)
        codes.append(ended.code)
        if ended.code:
            assert ended.failed_well(8), ended
            assert "disk is full" in ended.err
            assert dump(book.vault) == before
        shown = book.run("agenda")
        assert (shown.code, shown.err) == (0, "")
        book.assert_sound()
    assert codes[0] == 8
    assert codes == sorted(codes, reverse=True)
    small_disk.leave_free(900)
    assert book.run("log", "1", "-", stdin=LONG).code == 0
    assert book.beside() == ["ballast"]
    book.assert_sound()


@pytest.mark.parametrize("free", [0, 8, 64])
def test_a_full_disk_gets_no_half_backup_nor_half_vault(
    book: Place, small_disk: SmallDisk, free: int
) -> None:
    small_disk.leave_free(free)
    before = dump(book.vault)
    ended = book.run("vault", "backup", str(small_disk.folder / "copy"))
    assert ended.failed_well(8), ended
    made = book.run(
        *("--vault", str(small_disk.folder / "new.dossier"), "init"),
        *("--recovery-file", str(small_disk.folder / "code.txt")),
        variables={"DOSSIER_PASSPHRASE_COMMAND": f"printf %s '{PASSPHRASE}'"},
    )
    assert made.failed_well(8), made
    assert book.beside() == ["ballast"]
    assert dump(book.vault) == before


def test_a_vault_beyond_the_limit_of_file_sizes_is_left_as_it_was(book: Place) -> None:
    """What stands in for a full disk where none can be made, and a quota in its own right."""
    before = dump(book.vault)
    limit = str(os.path.getsize(book.vault) + 8192)
    command = [sys.executable, "-I", "-c", _LIMITED, limit, *book.command("log", "1", "-")]
    ended = book.start(command, LONG)
    assert ended.failed_well(8), ended
    assert dump(book.vault) == before
    assert book.run("log", "1", "-", stdin=LONG).code == 0
    book.assert_sound()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="has no /dev/full")
def test_a_result_that_cannot_be_written_is_no_success(book: Place) -> None:
    for arguments in (("status",), ("account", "list", "--format", "json"), ("log", "1", "said and done")):
        with open("/dev/full", "wb") as full:
            ended = subprocess.run(
                book.command(*arguments),
                stdin=subprocess.DEVNULL,
                stdout=full,
                stderr=subprocess.PIPE,
                env=book.variables,
                check=False,
            )
        lines = ended.stderr.decode().splitlines()
        assert (ended.returncode, len(lines)) == (8, 2), lines
        assert lines[0].startswith("dossier: ")
    book.assert_sound()


# (mode of the folder, of the vault, whether it can be read)
MODES = [
    (0o500, 0o600, True),
    (0o700, 0o400, True),
    (0o500, 0o400, True),
    (0o700, 0o000, False),
    (0o000, 0o600, False),
]


@pytest.mark.parametrize(("folder", "vault", "readable"), MODES, ids=[f"{f:o}-{v:o}" for f, v, _ in MODES])
def test_what_may_not_be_written_can_be_read_and_is_left_alone(
    book: Place, folder: int, vault: int, readable: bool
) -> None:
    before = dump(book.vault)
    os.chmod(book.vault, vault)
    os.chmod(book.data, folder)
    try:
        ended = book.run("log", "1", "in vain", ordinary=True)
        assert ended.failed_well(8), ended
        assert book.vault in ended.err
        ended = book.run("agenda", ordinary=True)
        assert (ended.code == 0 and not ended.err) if readable else ended.failed_well(8), ended
        if folder != 0o700:
            ended = book.run("vault", "backup", str(book.data / "copy"), ordinary=True)
            assert ended.failed_well(8), ended
    finally:
        os.chmod(book.data, 0o700)
        os.chmod(book.vault, 0o600)
    assert book.beside() == []
    assert dump(book.vault) == before
    assert book.run("log", "1", "at last", ordinary=True).code == 0
    book.assert_sound()


def test_a_read_only_file_system_can_be_read(book: Place, small_disk: SmallDisk) -> None:
    def remount(how: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{how}", str(small_disk.folder)], check=True)

    before = dump(book.vault)
    remount("ro")
    try:
        assert book.run("log", "1", "in vain").failed_well(8)
        assert book.run("agenda").code == 0
        assert book.run("vault", "check").code == 0
    finally:
        remount("rw")
    assert dump(book.vault) == before


@pytest.mark.skipif(not traced.possible, reason="traces system calls of Linux on x86_64 or aarch64")
def test_an_unfinished_change_in_a_read_only_folder_waits_for_the_folder_to_be_writable(book: Place) -> None:
    before = dump(book.vault)
    with Mortal(book, "import") as mortal:
        calls = mortal.die_at(1_000_000_000).calls
    committed = dump(book.vault)
    with Mortal(book, "import") as mortal:
        mortal.die_at(len(calls) * 2 // 3)
    assert book.beside() == ["vault.dossier-journal"]
    os.chmod(book.data, 0o500)
    os.chmod(book.vault, 0o400)
    try:
        assert book.run("agenda", ordinary=True).failed_well(8)
        assert book.run("log", "1", "in vain", ordinary=True).failed_well(8)
    finally:
        os.chmod(book.vault, 0o600)
        os.chmod(book.data, 0o700)
    assert book.run("agenda", ordinary=True).code == 0
    assert before != dump(book.vault) == committed
    book.assert_sound()


@pytest.mark.parametrize("how", ["vault removed", "folder removed", "vault replaced", "folder moved away"])
def test_a_vault_that_goes_while_it_is_open_refuses_the_write(book: Place, how: str) -> None:
    kept = book.folder / "kept"
    shutil.copytree(book.data, kept)
    with book.session() as session:
        assert accounts.listed(session)
        if how == "vault removed":
            os.unlink(book.vault)
        elif how == "folder removed":
            shutil.rmtree(book.data)
        elif how == "vault replaced":
            shutil.copy(book.vault, book.data / "other")
            os.replace(book.data / "other", book.vault)
        else:
            os.rename(book.data, book.folder / "elsewhere")
        with pytest.raises(Unavailable) as caught:
            interactions.log(session, "a1", "in vain", {})
        assert caught.value.hint
    if how == "vault replaced":
        assert dump(book.vault) == dump(str(kept / "vault.dossier"))
        book.assert_sound()
    else:
        assert not os.path.exists(book.vault), "a vault was made anew behind the person's back"
        assert book.run("agenda").failed_well(8)


@pytest.mark.parametrize("where", ["/nonexistent", "/dev/null/tmp"])
def test_no_temporary_folder_is_needed(book: Place, where: str) -> None:
    assert (
        book.run("log", "1", "-", stdin=LONG, variables={"TMPDIR": where, "SQLITE_TMPDIR": where}).code == 0
    )
    assert list(book.temporary.iterdir()) == []
    book.assert_sound()


def test_a_text_typed_at_the_terminal_is_shown_again_when_it_cannot_be_saved(book: Place) -> None:
    os.chmod(book.vault, 0o400)
    os.chmod(book.data, 0o500)
    command, *arguments = ordinary_command(book.command("log", "1"))
    try:
        terminal = pexpect.spawn(
            command, arguments, env={**book.variables, "TERM": "dumb"}, encoding="utf-8", timeout=20
        )
        terminal.expect("What happened: ")
        terminal.sendline("they want to move the spring order to May")
        said = terminal.read()
        terminal.close()
    finally:
        os.chmod(book.data, 0o700)
        os.chmod(book.vault, 0o600)
    assert terminal.exitstatus == 8
    assert said.count("they want to move the spring order to May") == 2, "typed, and given back"
    assert "dossier: " in said
