"""The real agent against another user, and against whoever prepares its folder: keys go to nobody else (C1)."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dossier.errors import Unavailable
from dossier.vault.agent import LOCK_NAME
from dossier.vault.agent_client import GET, SOCKET_NAME, AgentClient
from tests.torture.place import PASSPHRASE, Place

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs the right to become another user")
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

NOBODY = 65534
_AS_NOBODY = f"import os, socket, sys; os.setgid({NOBODY}); os.setuid({NOBODY})\n"
_ASK = (
    _AS_NOBODY
    + """
asked = socket.socket(socket.AF_UNIX)
asked.settimeout(5)
try:
    asked.connect(sys.argv[1])
    asked.sendall(bytes.fromhex(sys.argv[2]))
    print(asked.recv(300).hex() or "nothing")
except OSError as error:
    print(type(error).__name__)
"""
)
_POSE = (
    _AS_NOBODY
    + """
posing = socket.socket(socket.AF_UNIX)
posing.bind(sys.argv[1])
posing.listen()
print("ready", flush=True)
posing.settimeout(30)
while True:
    asked, _ = posing.accept()
    request = asked.recv(300)
    print(request.hex(), flush=True)
    asked.sendall(bytes.fromhex(sys.argv[2]))
    asked.close()
"""
)


@pytest.fixture
def folder(place: Place) -> Path:
    """The agent's folder; the agent runs and holds the vault's keys."""
    return place.runtime / "dossier"


def vault_id(place: Place) -> bytes:
    assert place.keys is not None
    return place.keys.vault_id


def agents(folder: Path) -> list[int]:
    """The processes that have this folder as an argument."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                words = Path(f"/proc/{entry}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if os.fsencode(folder) in words:
                found.append(int(entry))
    return found


def unlock(place: Place) -> subprocess.CompletedProcess[bytes]:
    """`dossier unlock` in a script, its results in pipes."""
    reading, writing = os.pipe()
    os.write(writing, f"{PASSPHRASE}\n".encode())
    os.close(writing)
    try:
        return subprocess.run(
            place.command("unlock", "--passphrase-fd", str(reading)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=place.variables,
            pass_fds=(reading,),
            timeout=20,
            check=False,
        )
    finally:
        os.close(reading)


def _through_a_link(folder: Path) -> None:
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    folder.symlink_to(elsewhere)


def _open_to_others(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)


def _writable_by_a_group(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    folder.chmod(0o720)


def _a_file(folder: Path) -> None:
    folder.write_text("")


def _a_lock_that_is_a_link(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    (folder / LOCK_NAME).symlink_to(folder.parent / "victim")


def _a_folder_for_a_socket(folder: Path) -> None:
    (folder / SOCKET_NAME).mkdir(parents=True)
    folder.chmod(0o700)


@pytest.mark.parametrize(
    "prepare",
    [
        _through_a_link,
        _open_to_others,
        _writable_by_a_group,
        _a_file,
        _a_lock_that_is_a_link,
        _a_folder_for_a_socket,
    ],
)
def test_a_folder_that_somebody_prepared_gets_no_keys(
    place: Place, folder: Path, prepare: Callable[[Path], None]
) -> None:
    place.agent.lock()
    wait_until(lambda: not (folder / SOCKET_NAME).exists())
    for name in os.listdir(folder):
        os.unlink(folder / name)
    folder.rmdir()
    victim = folder.parent / "victim"
    victim.write_text("not to be touched")
    prepare(folder)
    assert place.keys is not None
    with pytest.raises(Unavailable):
        place.agent.put(place.keys)
    assert place.agent.get(vault_id(place)) is None
    ended = unlock(place)
    assert (ended.returncode, ended.stdout) == (8, b"")
    assert ended.stderr.startswith(b"dossier: ")
    assert b"Traceback" not in ended.stderr
    assert victim.read_text() == "not to be touched"
    elsewhere = folder.parent / "elsewhere"
    assert not elsewhere.exists() or list(elsewhere.iterdir()) == []
    # Without an agent, the passphrase opens the vault all the same.
    command = {"DOSSIER_PASSPHRASE_COMMAND": f"printf %s '{PASSPHRASE}'"}
    assert place.run("account", "add", "Hanoi Optics", variables=command).code == 0


@pytest.mark.parametrize("squatter", ["file", "link", "dead socket"])
def test_what_squats_on_the_sockets_name_is_swept_away(place: Place, folder: Path, squatter: str) -> None:
    place.agent.lock()
    path, victim = folder / SOCKET_NAME, folder.parent / "victim"
    wait_until(lambda: not path.exists())
    victim.write_text("not to be touched")
    if squatter == "file":
        path.write_text("squatting")
    elif squatter == "link":
        path.symlink_to(victim)
    else:
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(path))
    assert place.keys is not None
    place.agent.put(place.keys)
    assert stat.S_ISSOCK(os.lstat(path).st_mode)
    assert stat.S_IMODE(os.lstat(path).st_mode) == 0o600
    assert place.agent.get(vault_id(place)) is not None
    assert victim.read_text() == "not to be touched"


@as_root
def test_another_user_gets_no_answer_even_when_the_folder_lets_them_in(place: Place, folder: Path) -> None:
    for opened in (place.folder, place.runtime, folder):
        opened.chmod(0o777)
    (folder / SOCKET_NAME).chmod(0o777)
    request = bytes([17]) + GET + vault_id(place)
    command = [sys.executable, "-I", "-c", _ASK, str(folder / SOCKET_NAME), request.hex()]
    asked = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    assert asked.stdout.strip() in ("nothing", "ConnectionResetError", "BrokenPipeError")
    assert place.agent.get(vault_id(place)) is None, "a folder open to others is not trusted by us either"
    folder.chmod(0o700)
    assert place.agent.get(vault_id(place)) is not None


@as_root
def test_another_users_agent_is_told_nothing(place: Place, folder: Path) -> None:
    """It listens where ours would, and would hand out keys of its own choice, for us to encrypt with."""
    place.agent.lock()
    wait_until(lambda: not (folder / SOCKET_NAME).exists())
    common = place.folder / "common"
    common.mkdir()
    common.chmod(0o777)
    place.folder.chmod(0o755)
    held = b"K" + vault_id(place) + (1).to_bytes(2) + b"\x07" + bytes(96)
    answer = bytes([len(held)]) + held
    posing = subprocess.Popen(
        [sys.executable, "-I", "-c", _POSE, str(common / "posing"), answer.hex()],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert posing.stdout is not None
        assert posing.stdout.readline() == "ready\n"
        os.rename(common / "posing", folder / SOCKET_NAME)
        os.chown(folder / SOCKET_NAME, 0, 0)
        assert place.agent.get(vault_id(place)) is None
        assert place.run("log", "1", "words").failed_well(5)
    finally:
        posing.kill()
        heard, _ = posing.communicate()
    assert set(heard.split()) <= {""}, "it was asked for keys, or given some"


@linux
def test_a_pipeline_ends_while_the_agent_goes_on(place: Place, folder: Path) -> None:
    place.agent.lock()
    wait_until(lambda: agents(folder) == [])
    reading, writing = os.pipe()
    started = time.monotonic()
    shell = subprocess.Popen(
        ["/bin/sh", "-c", '"$@" | cat; echo end', "sh", *place.command("unlock")],
        env={**place.variables, "DOSSIER_PASSPHRASE_COMMAND": f"printf %s '{PASSPHRASE}'"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=(writing,),
    )
    os.close(writing)
    out, _ = shell.communicate(timeout=20)
    assert out.endswith(b"end\n")
    os.set_blocking(reading, False)
    assert os.read(reading, 1) == b"", "somebody still holds the other end"
    os.close(reading)
    assert time.monotonic() - started < 10
    assert place.agent.get(vault_id(place)) is not None
    (agent,) = agents(folder)
    held = {os.readlink(f"/proc/{agent}/fd/{number}") for number in os.listdir(f"/proc/{agent}/fd")}
    own = ("/dev/null", "socket:", "anon_inode:", str(folder))
    assert [name for name in held if not name.startswith(own) and not name.startswith("pipe:")] == []
    assert len([name for name in held if name.startswith("pipe:")]) <= 1  # its own stdin, at its end


@linux
def test_the_environment_decides_nothing_about_what_runs_with_the_keys(place: Place, folder: Path) -> None:
    place.agent.lock()
    wait_until(lambda: agents(folder) == [])
    hostile, told = place.folder / "hostile", place.folder / "told"
    hostile.mkdir()
    spying = f"import sys, os\nopen({str(told)!r}, 'a').write(repr(sys.orig_argv) + chr(10))\n"
    (hostile / "sitecustomize.py").write_text(spying)
    for name in ("mmap", "ctypes"):  # what the agent imports and the command line does not
        (hostile / f"{name}.py").write_text(spying + "raise SystemExit(99)\n")
    ended = place.start(
        place.command("unlock"),
        variables={
            "PYTHONPATH": str(hostile),
            "PYTHONSTARTUP": str(hostile / "sitecustomize.py"),
            "DOSSIER_PASSPHRASE_COMMAND": f"printf %s '{PASSPHRASE}'",
        },
        cwd=hostile,
    )
    assert place.agent.get(vault_id(place)) is not None, ended
    lines = told.read_text().splitlines()
    assert lines, "the command itself obeys PYTHONPATH, as any Python program does"
    assert [line for line in lines if "dossier.vault.agent" in line] == []


@linux
def test_an_agent_that_hangs_holds_nobody_up_for_long(place: Place, folder: Path) -> None:
    import signal

    (agent,) = agents(folder)
    os.kill(agent, signal.SIGSTOP)
    try:
        started = time.monotonic()
        assert place.run("log", "1", "words").failed_well(5)
        assert place.run("agenda").code == 0
        assert time.monotonic() - started < 12
    finally:
        os.kill(agent, signal.SIGCONT)
    assert AgentClient(str(folder)).get(vault_id(place)) is not None


def wait_until(condition: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
