"""The agent's inner parts, with a clock of ours: what it answers, when it forgets, and that it wipes."""

from __future__ import annotations

import os
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from dossier.vault import agent
from dossier.vault import agent_client as protocol
from dossier.vault.agent import KeyPage, Server, listen, now
from dossier.vault.agent_client import AgentClient, TimeLeft, pack_keys
from dossier.vault.keys import Keys


class Clock:
    """A clock that moves when told to, through suspends as well."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def page(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> KeyPage:
    monkeypatch.setattr(agent, "TICK", 0.02)
    return KeyPage(clock)


def ask(page: KeyPage, request: bytes) -> bytes:
    return bytes(page.answer(memoryview(request)))


def put(page: KeyPage, keys: Keys, idle: int = 900, most: int = 28800) -> bytes:
    return ask(page, protocol.PUT + pack_keys(keys) + protocol.SPANS.pack(idle, most))


def held(page: KeyPage) -> int:
    return sum(byte != 0 for byte in page.page[:])


def test_nothing_is_held_at_first(page: KeyPage, keys: Keys) -> None:
    assert ask(page, b"G" + keys.vault_id) == b"N"
    assert ask(page, b"L" + keys.vault_id) == b"N"
    assert ask(page, b"L") == b"N"
    assert ask(page, b"S" + keys.vault_id) == b"N"


def test_keys_come_back_for_their_vault_alone(page: KeyPage, keys: Keys) -> None:
    assert put(page, keys) == b"O"
    assert ask(page, b"G" + keys.vault_id) == b"K" + pack_keys(keys)
    assert ask(page, b"G" + os.urandom(16)) == b"N"


def test_idle_time_starts_again_with_every_get(page: KeyPage, keys: Keys, clock: Clock) -> None:
    put(page, keys, idle=900)
    for _ in range(5):
        clock.time += 899
        assert ask(page, b"G" + keys.vault_id).startswith(b"K")
    clock.time += 900
    assert ask(page, b"G" + keys.vault_id) == b"N"
    assert held(page) == 0


def test_status_does_not_prolong(page: KeyPage, keys: Keys, clock: Clock) -> None:
    put(page, keys, idle=900, most=1000)
    clock.time += 899.5
    assert ask(page, b"S" + keys.vault_id) == b"T" + protocol.SPANS.pack(1, 101)
    clock.time += 0.5
    assert ask(page, b"S" + keys.vault_id) == b"N"


def test_the_most_is_the_most_however_busy(page: KeyPage, keys: Keys, clock: Clock) -> None:
    put(page, keys, idle=900, most=1000)
    clock.time += 800
    assert ask(page, b"G" + keys.vault_id).startswith(b"K")
    assert ask(page, b"S" + keys.vault_id) == b"T" + protocol.SPANS.pack(200, 200)
    clock.time += 200
    assert ask(page, b"G" + keys.vault_id) == b"N"


def test_a_suspend_counts(page: KeyPage, keys: Keys, clock: Clock) -> None:
    put(page, keys)
    clock.time += 10 * 3600
    page.expire()
    assert len(page) == 0
    assert held(page) == 0


def test_lock_wipes_one_or_all(page: KeyPage, keys: Keys) -> None:
    other = Keys(os.urandom(16), 1, os.urandom(32), os.urandom(32), os.urandom(32))
    put(page, keys)
    put(page, other)
    assert ask(page, b"L" + keys.vault_id) == b"O"
    assert ask(page, b"G" + keys.vault_id) == b"N"
    assert ask(page, b"G" + other.vault_id) == b"K" + pack_keys(other)
    assert keys.agenda is not None
    assert keys.agenda not in page.page[:]
    assert ask(page, b"L") == b"O"
    assert held(page) == 0


def test_putting_again_replaces(page: KeyPage, keys: Keys) -> None:
    put(page, keys)
    scoped = Keys(keys.vault_id, 2, agenda=keys.agenda)
    put(page, scoped)
    assert ask(page, b"G" + keys.vault_id) == b"K" + pack_keys(scoped)
    assert keys.dossier is not None
    assert keys.dossier not in page.page[:]
    assert len(page) == 1


def test_a_full_page_says_so_and_room_comes_back(page: KeyPage, clock: Clock) -> None:
    answers = [put(page, Keys(os.urandom(16), 1, os.urandom(32)), idle=10, most=10) for _ in range(60)]
    room = answers.count(b"O")
    assert answers == [b"O"] * room + [b"N"] * (60 - room)
    assert room >= 40
    clock.time += 10
    page.expire()
    assert put(page, Keys(os.urandom(16), 1, os.urandom(32))) == b"O"


@pytest.mark.parametrize(
    "nonsense", [b"", b"?", b"G", b"G" + bytes(15), b"P", b"P" + bytes(122), b"?" + bytes(16), bytes(255)]
)
def test_nonsense_gets_no_answer(page: KeyPage, nonsense: bytes) -> None:
    assert ask(page, nonsense) == b""


def test_the_agents_clock_runs_through_suspend() -> None:
    boot = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    assert abs(now() - time.clock_gettime(boot)) < 1


# --- The server, in a thread


@pytest.fixture
def folder() -> Iterator[str]:
    """A runtime folder of our own; pytest's are too deep for the path of a socket on some systems."""
    with tempfile.TemporaryDirectory(prefix="dossier-") as made:
        yield made


class Running:
    """A server in a thread, and the page behind it."""

    def __init__(self, folder: str, page: KeyPage, peer_uid: int | None = None) -> None:
        found = listen(folder)
        assert found is not None
        listener, self.lock = found
        refuse = {} if peer_uid is None else {"peer_uid": lambda _: peer_uid}
        self.thread = threading.Thread(target=Server(listener, page, **refuse).serve)
        self.thread.start()

    def stop(self, page: KeyPage) -> None:
        page.wipe_all()
        self.thread.join(5)
        assert not self.thread.is_alive()
        os.close(self.lock)


@pytest.fixture
def served(folder: str, page: KeyPage, keys: Keys) -> Iterator[AgentClient]:
    put(page, keys)
    running = Running(folder, page)
    yield AgentClient(folder)
    running.stop(page)


def raw(folder: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(5)
    connection.connect(os.path.join(folder, protocol.SOCKET_NAME))
    return connection


def test_a_client_gets_what_was_put(served: AgentClient, keys: Keys) -> None:
    found = served.get(keys.vault_id)
    assert found is not None
    assert pack_keys(found) == pack_keys(keys)
    assert found.full
    assert served.status(keys.vault_id) == TimeLeft(900, 28800)
    assert served.get(os.urandom(16)) is None


def test_a_scoped_key_stays_scoped(served: AgentClient, keys: Keys) -> None:
    served.put(Keys(keys.vault_id, 1, agenda=keys.agenda), 60, 60)
    found = served.get(keys.vault_id)
    assert found is not None
    assert (found.agenda, found.dossier, found.seal) == (keys.agenda, None, None)


def test_expiry_wipes_within_a_second_and_ends_the_server(
    folder: str, page: KeyPage, keys: Keys, clock: Clock
) -> None:
    put(page, keys)
    running = Running(folder, page)
    clock.time += 901
    running.thread.join(1)
    assert not running.thread.is_alive()
    assert held(page) == 0
    os.close(running.lock)


def test_whatever_ends_the_server_wipes(folder: str, page: KeyPage, keys: Keys, clock: Clock) -> None:
    """A signal is a SystemExit out of the blue; here it comes out of the clock."""
    put(page, keys)
    found = listen(folder)
    assert found is not None
    listener, lock = found

    def interrupted() -> float:
        assert held(page) > 0
        raise SystemExit(0)

    page._clock = interrupted
    with pytest.raises(SystemExit):
        Server(listener, page).serve()
    assert held(page) == 0
    os.close(lock)


def test_another_user_is_refused(folder: str, page: KeyPage, keys: Keys) -> None:
    put(page, keys)
    running = Running(folder, page, peer_uid=os.geteuid() + 1)
    assert AgentClient(folder).get(keys.vault_id) is None
    with raw(folder) as connection:
        assert connection.recv(1) == b""
    assert AgentClient(folder).lock() is False
    assert len(page) == 1
    running.stop(page)


def test_another_users_agent_is_not_believed(
    served: AgentClient, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert served.get(keys.vault_id) is not None
    monkeypatch.setattr(protocol, "peer_uid", lambda _: os.geteuid() + 1)
    assert served.get(keys.vault_id) is None


def test_the_peers_uid_is_the_kernels_word() -> None:
    one, other = socket.socketpair(socket.AF_UNIX)
    with one, other:
        assert protocol.peer_uid(one) == os.geteuid()


@pytest.mark.parametrize(
    "sent",
    [b"", b"\0", b"\xff", b"\1?", b"\x11G" + bytes(10), b"\x11G" + bytes(16) + b"more", os.urandom(4096)],
)
def test_garbage_stops_nobody(served: AgentClient, folder: str, keys: Keys, sent: bytes) -> None:
    with raw(folder) as connection:
        connection.sendall(sent)
        assert served.get(keys.vault_id) is not None
    assert served.get(keys.vault_id) is not None


def test_stalled_clients_hold_nobody_up_and_are_dropped(
    served: AgentClient, folder: str, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "TIMEOUT", 0.3)
    with ExitStack() as opened:
        stalled = [opened.enter_context(raw(folder)) for _ in range(100)]
        for connection in stalled:
            connection.sendall(b"\x11G")
        assert served.get(keys.vault_id) is not None
        for connection in stalled:
            assert connection.recv(1) == b""


def test_a_flood_of_connections_pushes_out_the_oldest(served: AgentClient, folder: str, keys: Keys) -> None:
    with ExitStack() as flood:
        oldest = flood.enter_context(raw(folder))
        for _ in range(210):
            flood.enter_context(raw(folder))
        assert served.get(keys.vault_id) is not None
        assert oldest.recv(1) == b""


def test_a_client_that_sends_byte_by_byte_is_served(served: AgentClient, folder: str, keys: Keys) -> None:
    request = b"\x11G" + keys.vault_id
    with raw(folder) as connection:
        for byte in request:
            connection.sendall(bytes([byte]))
            time.sleep(0.001)
        assert connection.recv(256)[1:] == b"K" + pack_keys(keys)


def test_fifty_parallel_requests_are_served(served: AgentClient, keys: Keys) -> None:
    start = threading.Barrier(50)
    found: list[Keys | None] = []

    def fetch() -> None:
        start.wait()
        found.append(served.get(keys.vault_id))

    threads = [threading.Thread(target=fetch) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(found) == 50
    assert all(answer is not None and answer.full for answer in found)


def test_only_one_agent_per_folder(served: AgentClient, folder: str) -> None:
    assert listen(folder) is None


def test_a_stale_socket_is_replaced(folder: str, page: KeyPage, keys: Keys) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(os.path.join(folder, protocol.SOCKET_NAME))
    assert AgentClient(folder).get(keys.vault_id) is None
    put(page, keys)
    running = Running(folder, page)
    assert AgentClient(folder).get(keys.vault_id) is not None
    mode = os.stat(os.path.join(folder, protocol.SOCKET_NAME)).st_mode
    assert mode & 0o777 == 0o600
    running.stop(page)


@pytest.mark.parametrize("kind", ["open", "link", "file", "missing"])
def test_a_folder_that_is_not_ours_alone_is_refused(
    served: AgentClient, folder: str, keys: Keys, kind: str
) -> None:
    path = folder
    if kind == "open":
        os.chmod(folder, 0o750)
    else:
        path = os.path.join(folder, "other")
    if kind == "link":
        os.symlink(folder, path)
    elif kind == "file":
        os.close(os.open(path, os.O_CREAT))
    assert AgentClient(path).get(keys.vault_id) is None
    with pytest.raises(OSError, match="not ours" if kind != "missing" else "No such"):
        protocol.check_folder(path)
    with pytest.raises(OSError, match="not ours" if kind != "missing" else "No such"):
        listen(path)
    os.chmod(folder, 0o700)


def test_another_users_folder_is_refused(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.stat(folder).st_uid + 1)
    with pytest.raises(PermissionError):
        protocol.check_folder(folder)


@pytest.mark.parametrize(
    "answer", [b"", b"\5", b"\1K", b"\x74K" + bytes(115), b"\1T", b"\1N", bytes(256), b"\xff" * 255]
)
def test_an_agent_that_talks_nonsense_is_no_agent(folder: str, keys: Keys, answer: bytes) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.path.join(folder, protocol.SOCKET_NAME))
    listener.listen()

    def reply() -> None:
        for _ in range(2):
            connection, _ = listener.accept()
            connection.recv(256)
            connection.sendall(answer)
            connection.close()

    thread = threading.Thread(target=reply)
    thread.start()
    assert AgentClient(folder).get(keys.vault_id) is None
    assert AgentClient(folder).status(keys.vault_id) is None
    thread.join(5)
    listener.close()


def test_an_agent_that_never_answers_is_no_agent(
    folder: str, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "TIMEOUT", 0.1)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.join(folder, protocol.SOCKET_NAME))
        listener.listen()
        assert AgentClient(folder).get(keys.vault_id) is None
