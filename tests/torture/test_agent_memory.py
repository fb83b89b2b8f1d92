"""The real agent's memory, patience and pace: keys are gone when they should be, and asking costs little (C1)."""

from __future__ import annotations

import os
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from dossier.vault import agent
from dossier.vault import agent_client as protocol
from dossier.vault.agent import KeyPage, Server, listen
from dossier.vault.agent_client import SOCKET_NAME, AgentClient
from dossier.vault.keys import Keys
from tests.torture.place import Place, counts
from tests.torture.test_agent_attacks import NOBODY, agents, as_root, linux, wait_until

looks_inside = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="looks into the memory of another process"
)


def some_keys() -> Keys:
    return Keys(os.urandom(16), 1, os.urandom(32), os.urandom(32), os.urandom(32))


def memory_of(process: int) -> bytes:
    """All that a process has in memory and can write to: its heap, its stacks, what it mapped."""
    found = []
    with open(f"/proc/{process}/maps") as maps, open(f"/proc/{process}/mem", "rb", 0) as memory:
        for line in maps:
            span, mode, *_ = line.split()
            if mode.startswith("rw"):
                start, end = (int(place, 16) for place in span.split("-"))
                try:
                    memory.seek(start)
                    found.append(memory.read(end - start))
                except OSError:  # a page of the kernel's own
                    continue
    return b"".join(found)


def held_in(process: int, keys: Keys) -> int:
    """How many of a vault's three keys are anywhere in a process's memory."""
    memory = memory_of(process)
    return sum(key is not None and key in memory for key in (keys.agenda, keys.dossier, keys.seal))


@pytest.fixture
def folder(bare_place: Place) -> Iterator[Path]:
    """The agent's folder, without an agent."""
    folder = bare_place.runtime / "dossier"
    yield folder
    AgentClient(str(folder)).lock()


@looks_inside
def test_an_expired_key_is_nowhere_in_the_agents_memory_a_second_later(folder: Path) -> None:
    """Not in its page, and in no buffer that it came or went through; the other vault's key is where it was."""
    client, short, long = AgentClient(str(folder)), some_keys(), some_keys()
    client.put(long)
    client.put(short, idle_s=1, max_s=60)
    (process,) = agents(folder)
    assert client.get(short.vault_id) is not None
    assert (held_in(process, short), held_in(process, long)) == (3, 3)
    time.sleep(2)  # a second until it expires, a second in which it must be wiped
    assert held_in(process, short) == 0
    assert held_in(process, long) == 3
    assert client.get(short.vault_id) is None
    assert client.get(long.vault_id) is not None


@looks_inside
def test_a_locked_key_is_nowhere_in_the_agents_memory_at_once(folder: Path) -> None:
    client, one, other = AgentClient(str(folder)), some_keys(), some_keys()
    client.put(one)
    client.put(other)
    (process,) = agents(folder)
    for _ in range(50):
        assert client.get(one.vault_id) is not None
    assert client.lock(one.vault_id)
    assert (held_in(process, one), held_in(process, other)) == (0, 3)


@looks_inside
def test_a_key_put_again_and_again_leaves_no_copy(folder: Path) -> None:
    client, keys, other = AgentClient(str(folder)), some_keys(), some_keys()
    client.put(other)
    (process,) = agents(folder)
    for _ in range(20):
        client.put(keys)
        assert client.get(keys.vault_id) is not None
    client.lock(keys.vault_id)
    assert held_in(process, keys) == 0


@linux
def test_lock_ends_the_agent_within_a_second(place: Place) -> None:
    folder = place.runtime / "dossier"
    assert len(agents(folder)) == 1
    started = time.monotonic()
    assert place.run("lock").code == 0
    wait_until(
        lambda: agents(folder) == [] and not (folder / SOCKET_NAME).exists(), 1 + started - time.monotonic()
    )


class SuspendedClock:
    """A clock that stands still until the machine wakes up, hours later."""

    def __init__(self) -> None:
        self.time = 5000.0

    def __call__(self) -> float:
        return self.time


@pytest.mark.parametrize("asks", [False, True])
def test_keys_are_gone_when_the_machine_wakes_up(
    bare_place: Place, monkeypatch: pytest.MonkeyPatch, asks: bool
) -> None:
    """Wiped within a second; and whoever asks before that gets nothing, however long until the next look."""
    monkeypatch.setattr(agent, "TICK", 5.0 if asks else 0.5)
    folder = bare_place.runtime / "dossier"
    folder.mkdir(mode=0o700)
    clock, keys = SuspendedClock(), some_keys()
    page = KeyPage(clock)
    page.answer(memoryview(protocol.PUT + protocol.pack_keys(keys) + protocol.SPANS.pack(900, 28_800)))
    found = listen(str(folder))
    assert found is not None
    listener, lock = found
    serving = threading.Thread(target=Server(listener, page).serve)
    serving.start()
    client = AgentClient(str(folder))
    assert client.get(keys.vault_id) is not None
    time.sleep(0.05)
    clock.time += 9 * 3600
    if asks:
        assert client.get(keys.vault_id) is None
    serving.join(1)
    assert not serving.is_alive()
    assert bytes(page.page[:]) == bytes(len(page.page))
    os.close(lock)


@as_root
@pytest.mark.parametrize("request_", [protocol.GET, protocol.STATUS, protocol.LOCK, protocol.PUT, b"\0"])
def test_another_user_can_neither_ask_nor_lock_nor_put(place: Place, request_: bytes) -> None:
    """Even if somebody had opened the folders to them."""
    folder = place.runtime / "dossier"
    assert place.keys is not None
    for opened in (place.folder, place.runtime, folder):
        opened.chmod(0o777)
    (folder / SOCKET_NAME).chmod(0o777)
    rest = {
        protocol.LOCK: b"",
        protocol.PUT: protocol.pack_keys(some_keys()) + protocol.SPANS.pack(9, 9),
    }.get(request_, place.keys.vault_id)
    program = (
        f"import os, socket, sys; os.setgid({NOBODY}); os.setuid({NOBODY})\n"
        "asked = socket.socket(socket.AF_UNIX); asked.settimeout(5)\n"
        "try:\n"
        "    asked.connect(sys.argv[1]); asked.sendall(bytes.fromhex(sys.argv[2])); print(len(asked.recv(300)))\n"
        "except OSError: print(0)\n"
    )
    body = bytes([1 + len(rest)]) + request_ + rest
    asked = subprocess.run(
        [sys.executable, "-I", "-c", program, str(folder / SOCKET_NAME), body.hex()],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    assert asked.stdout.strip() == "0"
    folder.chmod(0o700)
    assert place.agent.get(place.keys.vault_id) is not None


def _garbage(chance: random.Random, vault_id: bytes) -> bytes:
    kind = chance.randrange(5)
    if kind == 0:
        return chance.randbytes(chance.randint(0, 5000))
    if kind == 1:
        return bytes([chance.randrange(256)])
    if kind == 2:
        return bytes([17]) + protocol.GET + vault_id[: chance.randrange(16)]
    if kind == 3:
        return bytes([17]) + bytes([chance.randrange(256)]) + os.urandom(16)
    return bytes([124]) + protocol.PUT + chance.randbytes(chance.randint(0, 300))


@counts(60, 3000)
def test_fifty_are_served_at_once_whoever_else_stalls_and_talks_nonsense(place: Place, count: int) -> None:
    """Fifty threads ask the real agent while a hundred connections stall and others send garbage."""
    folder, keys = place.runtime / "dossier", place.keys
    assert keys is not None
    chance = random.Random(13)
    path = str(folder / SOCKET_NAME)
    with ExitStack() as opened:
        for _ in range(100):
            stalled = opened.enter_context(socket.socket(socket.AF_UNIX))
            stalled.connect(path)
            stalled.sendall(bytes([17]) + protocol.GET)
        sent = [_garbage(chance, keys.vault_id) for _ in range(count)]

        def ask(number: int) -> bool:
            with socket.socket(socket.AF_UNIX) as talking:
                talking.settimeout(5)
                talking.connect(path)
                with suppress(OSError):  # it may be cut off in the middle
                    talking.sendall(sent[number])
            return place.agent.get(keys.vault_id) is not None

        with ThreadPoolExecutor(50) as fifty:
            assert all(fifty.map(ask, range(count)))
    assert place.agent.status(keys.vault_id) is not None


def _median(action: Callable[[], object], count: int) -> float:
    spans = []
    for _ in range(count):
        start = time.perf_counter()
        action()
        spans.append(time.perf_counter() - start)
    return statistics.median(spans)


def test_asking_the_agent_is_a_small_part_of_a_command(place: Place) -> None:
    """5 ms of a command that takes 100; as a ratio, for a busy machine slows both down alike."""
    keys = place.keys
    assert keys is not None
    command = _median(lambda: place.run("agenda"), 5)
    asked = _median(lambda: place.agent.get(keys.vault_id), 200)
    assert asked < 0.05 * command
