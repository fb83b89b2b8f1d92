"""Showing an attachment leaves nothing behind: by viewers that behave, fail, hand on, hang on or are killed."""

from __future__ import annotations

import json
import os
import shlex
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from dossier.errors import Damaged, Failed, Locked, Unavailable, Usage
from dossier.services import accounts, attachments, in_memory, viewing
from dossier.services.session import Session
from dossier.services.shredding import shred
from dossier.services.viewing import Viewer, viewer_of
from dossier.vault.keys import Keys
from tests.store.behind import tamper

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no folder in memory")

OFFER = b"%PDF sentinel offer\n" * 9000

_VIEWER = """
import json, os, sys, time
path = sys.argv[-1]
folder = os.path.dirname(path)
told = {
    "path": path,
    "mode": os.stat(path).st_mode & 0o7777,
    "folder_mode": os.stat(folder).st_mode & 0o7777,
    "size": len(open(path, "rb").read()),
}
with open(os.path.join(folder, ".~lock"), "w") as file:
    file.write("left by the viewer")
os.mkdir(os.path.join(folder, "cache"))
os.symlink("/etc", os.path.join(folder, "cache", "link"))
with open(TOLD + ".part", "w") as file:
    json.dump(told, file)
os.rename(TOLD + ".part", TOLD)
time.sleep(SECONDS)
sys.exit(CODE)
"""


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A folder in memory for this test alone."""
    place = f"/dev/shm/dossier-test-{os.getpid()}"
    if not in_memory._is_in_memory("/dev/shm", in_memory._mounts()):
        pytest.skip("there is no folder in memory here")
    os.mkdir(place, 0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", place)
    yield place
    shred(place)


@pytest.fixture
def kept(session: Session, tmp_path: Path, root: str) -> Session:
    accounts.add(session, "Hanoi Optics", {})
    (tmp_path / "offer.pdf").write_bytes(OFFER)
    attachments.add(session, "1", [str(tmp_path / "offer.pdf")])
    return session


@pytest.fixture
def viewer(tmp_path: Path) -> Callable[..., str]:
    """The command of a viewer that tells in `told` what it saw, takes so long, and ends with a code."""

    def command(seconds: float = 0.0, code: int = 0) -> str:
        program = tmp_path / "viewer.py"
        told = str(tmp_path / "told")
        text = _VIEWER.replace("TOLD", repr(told)).replace("SECONDS", str(seconds)).replace("CODE", str(code))
        program.write_text(text)
        return shlex.join([sys.executable, str(program), "--fullscreen"])

    return command


def told(tmp_path: Path) -> dict[str, int | str]:
    found: dict[str, int | str] = json.loads((tmp_path / "told").read_text())
    return found


def until(happened: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_the_viewer_sees_a_private_file_in_memory_and_nothing_is_left(
    kept: Session, root: str, tmp_path: Path, viewer: Callable[..., str]
) -> None:
    shape = viewing.show(kept, 1, viewer_of(viewer()), None)
    assert shape == attachments.get(kept, 1)
    seen = told(tmp_path)
    assert os.path.dirname(os.path.dirname(str(seen["path"]))) == root
    assert (os.path.basename(str(seen["path"])), seen["size"]) == ("offer.pdf", len(OFFER))
    assert (seen["mode"], seen["folder_mode"]) == (0o400, 0o700)
    assert os.listdir(root) == []


def test_a_viewer_that_ends_at_once_is_not_the_end(
    kept: Session, root: str, viewer: Callable[..., str]
) -> None:
    asked: list[list[str]] = []

    def ask() -> None:
        (folder,) = os.listdir(root)
        asked.append(os.listdir(os.path.join(root, folder)))

    viewing.show(kept, 1, viewer_of(viewer()), ask)
    assert "offer.pdf" in asked[0]
    assert os.listdir(root) == []


def test_one_that_stays_until_it_is_closed_asks_nothing(
    kept: Session, root: str, viewer: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewing, "_AT_ONCE", 0.01)
    viewing.show(kept, 1, viewer_of(viewer(0.1)), lambda: pytest.fail("asked"))
    assert os.listdir(root) == []


def test_the_systems_own_hands_on_and_so_needs_somebody_to_say_when(kept: Session, root: str) -> None:
    assert viewer_of("") == Viewer(["xdg-open"], False)
    with pytest.raises(Usage, match="no terminal to say when"):
        viewing.show(kept, 1, viewer_of(""), None)
    assert os.listdir(root) == []


@pytest.mark.parametrize("command", [" ", "'unclosed"])
def test_a_command_that_is_none(command: str) -> None:
    with pytest.raises(Usage):
        viewer_of(command)


def test_no_shell_reads_the_command(kept: Session, root: str, tmp_path: Path) -> None:
    with pytest.raises(Failed, match=r"cannot start touch;echo"):
        viewing.show(kept, 1, viewer_of(f"'touch;echo' $(touch {tmp_path}/made)"), None)
    assert not (tmp_path / "made").exists()
    assert os.listdir(root) == []


def test_a_viewer_that_fails_or_is_not_there(kept: Session, root: str, viewer: Callable[..., str]) -> None:
    with pytest.raises(Failed, match="ended with code 3"):
        viewing.show(kept, 1, viewer_of(viewer(code=3)), None)
    with pytest.raises(Failed, match="cannot start no-such-viewer"):
        viewing.show(kept, 1, viewer_of("no-such-viewer"), None)
    assert os.listdir(root) == []


def test_ctrl_c_while_it_shows(kept: Session, root: str, viewer: Callable[..., str]) -> None:
    def ask() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        viewing.show(kept, 1, viewer_of(viewer()), ask)
    assert os.listdir(root) == []


def test_a_hurt_file_is_not_shown(
    kept: Session, root: str, tmp_path: Path, viewer: Callable[..., str]
) -> None:
    tamper(kept.path, "DELETE FROM chunk WHERE number = 2")
    with pytest.raises(Damaged):
        viewing.show(kept, 1, viewer_of(viewer()), None)
    assert not (tmp_path / "told").exists()
    assert os.listdir(root) == []


def test_locked(kept: Session) -> None:
    kept.use(Keys(kept.vault_id, 0))
    with pytest.raises(Locked):
        viewing.show(kept, 1, viewer_of("true"), None)


def test_where_no_folder_is_in_memory(
    kept: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, viewer: Callable[..., str]
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/vda / ext4 rw 0 0\n")
    monkeypatch.setattr(in_memory, "MOUNTS", str(mounts))
    with pytest.raises(Unavailable, match="no folder in memory") as raised:
        viewing.show(kept, 1, viewer_of(viewer()), None)
    assert "dossier attachment export 1 FILE" in str(raised.value.hint)
    assert not (tmp_path / "told").exists()


def test_a_folder_that_another_run_sweeps_before_it_is_open_is_made_again(
    root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open
    swept: list[str] = []

    def too_late(path: str, *rest: int) -> int:
        if not swept:
            swept.append(path)
            os.rmdir(path)
        return real(path, *rest)

    monkeypatch.setattr(os, "open", too_late)
    with in_memory.private_folder(root) as folder:
        assert folder != swept[0]
        assert os.listdir(root) == [os.path.basename(folder)]
    assert os.listdir(root) == []


def test_where_there_is_no_room(kept: Session, root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    full = os.statvfs_result((4096, 4096, 10, 10, 10, 10, 10, 10, 0, 255))
    monkeypatch.setattr("dossier.services.viewing.os.statvfs", lambda _: full)
    with pytest.raises(Unavailable, match="no room in memory"):
        viewing.show(kept, 1, viewer_of("true"), None)
    assert os.listdir(root) == []


def test_what_is_mounted_decides_what_is_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    monkeypatch.setattr(in_memory, "MOUNTS", str(mounts))
    mounts.write_text(
        "tmpfs /run/user/7 tmpfs rw 0 0\n"
        "/dev/vda / ext4 rw 0 0\n"
        "tmpfs /with\\040space tmpfs rw 0 0\n"
        "tmpfs /hidden tmpfs rw 0 0\n"
        "/dev/vdb /hidden ext4 rw 0 0\n"
        "short line\n"
    )
    found = in_memory._mounts()
    for path, expected in (
        ("/run/user/7", True),
        ("/run/user/7/below", True),
        ("/run/user/70", False),
        ("/with space/x", True),
        ("/hidden", False),
        ("/", False),
        ("/tmp", False),
    ):
        assert in_memory._is_in_memory(path, found) is expected, path


def test_a_folder_that_others_could_empty_is_not_used(root: str) -> None:
    assert in_memory.roots()[0] == root
    os.chmod(root, 0o777)
    assert root not in in_memory.roots()
    os.chmod(root, 0o1777)
    assert root in in_memory.roots()


_SHOW = """
import os, sys
from datetime import date
from dossier.config import Config
from dossier.services import viewing
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.vault import kdf
from dossier.vault.keys import Keys

kdf.FLOOR = kdf.KdfParams(memory=128, passes=1, lanes=1)
path, command, vault_id, key_id, *keys = sys.argv[1:]
keys = Keys(bytes.fromhex(vault_id), int(key_id), *map(bytes.fromhex, keys))
with Session(path, date(2027, 3, 10), Config({}, {}, ""), Unlocking(), keys) as session:
    viewing.show(session, 1, viewing.viewer_of(command), None)
"""


@contextmanager
def showing(session: Session, command: str, told: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that shows attachment 1, once its viewer has it; both are ended in the end."""
    keys = session.keys
    words = [keys.vault_id.hex(), str(keys.key_id)]
    words += [key.hex() for key in (keys.agenda, keys.dossier, keys.seal) if key is not None]
    process = subprocess.Popen(
        [sys.executable, "-c", _SHOW, session.path, command, *words],
        env=os.environ | {"PYTHONPATH": str(Path(viewing.__file__).parents[2])},
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(told.exists)
        told.unlink()
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_killed_while_it_shows_nothing_is_left(
    kept: Session, root: str, tmp_path: Path, viewer: Callable[..., str], number: signal.Signals
) -> None:
    with showing(kept, viewer(30), tmp_path / "told") as process:
        assert len(os.listdir(root)) == 1
        process.send_signal(number)
        process.wait(20)
        until(lambda: os.listdir(root) == [])


def watcher_of(process: subprocess.Popen[bytes]) -> int:
    """The process that watches over the folder of another one."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return next(
        int(child) for child in children if b"shredding" in Path(f"/proc/{child}/cmdline").read_bytes()
    )


def test_killed_with_its_watcher_the_next_run_cleans_up_and_leaves_others_alone(
    kept: Session, root: str, tmp_path: Path, viewer: Callable[..., str]
) -> None:
    with showing(kept, viewer(30), tmp_path / "told") as dead:
        (left,) = os.listdir(root)
        os.kill(watcher_of(dead), signal.SIGKILL)
        dead.kill()
        dead.wait(20)
        with showing(kept, viewer(30), tmp_path / "told") as alive:
            (shown,) = os.listdir(root)
            assert shown != left
            in_memory.sweep()
            assert os.listdir(root) == [shown]
            alive.terminate()
            until(lambda: os.listdir(root) == [])


def test_what_is_not_ours_is_never_swept(root: str, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    os.symlink(tmp_path, os.path.join(root, f"{in_memory.PREFIX}link"))
    Path(root, f"{in_memory.PREFIX}file").write_text("a file")
    os.mkdir(os.path.join(root, "other"))
    in_memory.sweep()
    assert len(os.listdir(root)) == 3
    assert (tmp_path / "mine").read_text() == "mine"


def test_shredding_overwrites_what_somebody_has_open(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "secret").write_bytes(OFFER)
    (folder / "secret").chmod(stat.S_IRUSR)
    (tmp_path / "mine").write_text("mine")
    (folder / "link").symlink_to(tmp_path / "mine")
    os.mkfifo(folder / "pipe")
    with open(folder / "secret", "rb") as still_open:
        shred(str(folder))
        assert set(still_open.read()) == {0}
    assert not folder.exists()
    assert (tmp_path / "mine").read_text() == "mine"
    shred(str(folder))
