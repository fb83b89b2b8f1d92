"""The agent as a process of its own: started, found, and gone without a trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from dossier.errors import Unavailable
from dossier.vault.agent_client import SOCKET_NAME, AgentClient, TimeLeft, pack_keys
from dossier.vault.keys import Keys

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@pytest.fixture
def folder() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="dossier-") as made:
        path = os.path.join(made, "run")
        yield path
        AgentClient(path).lock()
        wait_until(lambda: not os.path.exists(os.path.join(path, SOCKET_NAME)))


def wait_until(condition: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def agent_pid(folder: str) -> int:
    """The process that has our folder as its last argument."""
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/cmdline", "rb") as stream:
                    words = stream.read().split(b"\0")
            except OSError:
                continue
            if folder.encode() in words:
                return int(entry)
    raise AssertionError("no agent runs")


def is_gone(pid: int) -> bool:
    """Whether a process has ended, if only its parent's wait for it is still to come."""
    try:
        with open(f"/proc/{pid}/stat") as stream:
            return stream.read().rpartition(")")[2].split()[0] in ("Z", "X")
    except OSError:
        return True


def test_put_starts_an_agent_and_lock_ends_it(folder: str, keys: Keys) -> None:
    client = AgentClient(folder)
    assert client.get(keys.vault_id) is None
    assert client.status(keys.vault_id) is None
    client.put(keys, 60, 120)
    found = client.get(keys.vault_id)
    assert found is not None
    assert pack_keys(found) == pack_keys(keys)
    assert client.status(keys.vault_id) == TimeLeft(60, 120)
    assert os.stat(folder).st_mode & 0o777 == 0o700
    assert os.stat(os.path.join(folder, SOCKET_NAME)).st_mode & 0o777 == 0o600
    assert client.lock(keys.vault_id) is True
    assert client.get(keys.vault_id) is None
    wait_until(lambda: not os.path.exists(os.path.join(folder, SOCKET_NAME)), 2)
    assert client.lock() is False


def test_who_asks_all_day_whether_keys_are_held_gets_an_answer_at_once(folder: str, keys: Keys) -> None:
    client = AgentClient(folder)
    assert not client.holds(keys.vault_id)
    client.put(keys, 60, 120)
    spans = []
    for _ in range(51):
        start = time.perf_counter()
        assert client.holds(keys.vault_id)
        spans.append(time.perf_counter() - start)
    assert sorted(spans)[25] < 0.005
    assert not client.holds(bytes(16))
    client.lock()
    assert not client.holds(keys.vault_id)


def test_asking_whether_keys_are_held_is_no_use_of_them(folder: str, keys: Keys) -> None:
    client = AgentClient(folder)
    client.put(keys, 1, 60)
    start = time.monotonic()
    wait_until(lambda: not client.holds(keys.vault_id), 4)
    assert time.monotonic() - start > 0.5, "it was held at first"


def test_a_vault_can_be_put_again_at_once(folder: str, keys: Keys) -> None:
    client = AgentClient(folder)
    for _ in range(5):
        client.put(keys)
        assert client.get(keys.vault_id) is not None
        assert client.lock() is True


def test_two_vaults_share_one_agent(folder: str, keys: Keys) -> None:
    client = AgentClient(folder)
    other = Keys(os.urandom(16), 1, os.urandom(32), os.urandom(32), os.urandom(32))
    client.put(keys)
    client.put(other)
    assert client.lock(keys.vault_id) is True
    assert client.get(keys.vault_id) is None
    assert client.get(other.vault_id) is not None


def test_many_unlocking_at_once_start_one_agent(folder: str) -> None:
    vaults = [Keys(os.urandom(16), 1, os.urandom(32), os.urandom(32), os.urandom(32)) for _ in range(6)]
    threads = [threading.Thread(target=AgentClient(folder).put, args=(keys,)) for keys in vaults]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    client = AgentClient(folder)
    assert all(client.get(keys.vault_id) is not None for keys in vaults)


def test_it_expires_by_itself(folder: str, keys: Keys) -> None:
    AgentClient(folder).put(keys, 1, 60)
    wait_until(lambda: not os.path.exists(os.path.join(folder, SOCKET_NAME)), 2.5)
    assert AgentClient(folder).get(keys.vault_id) is None


@linux
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_cleanly(folder: str, keys: Keys, number: int) -> None:
    AgentClient(folder).put(keys)
    pid = agent_pid(folder)
    os.kill(pid, number)
    wait_until(lambda: is_gone(pid))
    assert not os.path.exists(os.path.join(folder, SOCKET_NAME))


@linux
def test_a_killed_agent_leaves_no_trouble(folder: str, keys: Keys) -> None:
    client = AgentClient(folder)
    client.put(keys)
    pid = agent_pid(folder)
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: is_gone(pid))
    assert client.get(keys.vault_id) is None
    client.put(keys)
    assert client.get(keys.vault_id) is not None


@linux
def test_the_process_is_hardened_and_detached(folder: str, keys: Keys) -> None:
    AgentClient(folder).put(keys)
    pid = agent_pid(folder)
    with open(f"/proc/{pid}/limits") as stream:
        core = next(line for line in stream if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"]
    with open(f"/proc/{pid}/stat") as stream:
        after_name = stream.read().rpartition(")")[2].split()
    parent, session, terminal = int(after_name[1]), int(after_name[3]), int(after_name[4])
    assert parent != os.getpid()
    assert session != os.getsid(0)
    assert terminal == 0
    with open(f"/proc/{pid}/cmdline", "rb") as stream:
        shown = stream.read()
    assert keys.agenda is not None
    assert keys.agenda not in shown
    assert keys.agenda.hex().encode() not in shown


@linux
def test_the_process_cannot_be_dumped(folder: str, keys: Keys) -> None:
    """A process that is not dumpable has /proc files that belong to root."""
    AgentClient(folder).put(keys)
    pid = agent_pid(folder)
    assert os.stat(f"/proc/{pid}/mem").st_uid == 0
    if os.geteuid() == 0:
        assert os.readlink(f"/proc/{pid}/cwd") == "/"
        assert {os.readlink(f"/proc/{pid}/fd/{n}") for n in (1, 2)} == {"/dev/null"}
        with open(f"/proc/{pid}/status") as stream:
            locked = next(line for line in stream if line.startswith("VmLck"))
        assert int(locked.split()[1]) > 0


def test_a_pipeline_ends_while_the_agent_lives(folder: str, keys: Keys) -> None:
    """The agent holds no descriptor of the command that started it."""
    program = (
        "import sys\n"
        "from dossier.vault.agent_client import AgentClient\n"
        "from dossier.vault.keys import Keys\n"
        "AgentClient(sys.argv[1]).put(Keys(bytes(16), 1, bytes(32), bytes(32), bytes(32)))\n"
        "print('done')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, folder], capture_output=True, timeout=10, check=True
    )
    assert done.stdout == b"done\n"
    assert done.stderr == b""
    assert AgentClient(folder).get(bytes(16)) is not None


def test_a_start_that_fails_is_an_error_to_report(keys: Keys) -> None:
    with tempfile.TemporaryDirectory(prefix="dossier-") as made:
        os.chmod(made, 0o755)
        with pytest.raises(Unavailable, match="not ours alone") as caught:
            AgentClient(made).put(keys)
        assert keys.agenda is not None
        assert keys.agenda.hex() not in caught.value.message
    with pytest.raises(Unavailable):
        AgentClient("/dev/null/run").put(keys)


def test_the_client_imports_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from dossier.vault.agent_client import AgentClient\n"
        "AgentClient('/nowhere').get(bytes(16))\n"
        "heavy = {'socket', 'selectors', 'subprocess', 'ctypes', 'cryptography', 'hashlib', 'json'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-S", "-c", program], check=True)
