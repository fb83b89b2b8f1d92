"""The agent: a small process that holds the class keys of unlocked vaults, never a root, for a while.

Standard library only. It is started with its first `put` on stdin and its runtime folder as argument,
answers on a socket there (protocol: agent_client.py), and ends by itself when it holds nothing any more.
One thread and no blocking call: a client that stalls or sends garbage is cut off and holds nobody up.
"""

from __future__ import annotations

import ctypes
import fcntl
import math
import mmap
import os
import resource
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from types import FrameType

from dossier.vault import agent_client as protocol
from dossier.vault.keys import KEY_BYTES, VAULT_ID_BYTES, wipe

LOCK_NAME = "agent.lock"
TICK = 0.5
"""Seconds between looks at the clock; `select` alone would sleep through a suspend and then some."""

MAX_CLIENTS = 200

_SLOT = 3 * KEY_BYTES
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_PR_SET_DUMPABLE = 4


def now() -> float:
    """Seconds on a clock that runs through suspend: BOOTTIME on Linux, macOS' MONOTONIC does as well."""
    return time.clock_gettime(_CLOCK)


class Entry:
    """One vault's place in the key page, and when it is to be wiped."""

    __slots__ = ("ends", "idle", "key_id", "offset", "used", "which")

    def __init__(self, offset: int, key_id: int, which: int, idle: int, ends: float, used: float) -> None:
        self.offset = offset
        self.key_id = key_id
        self.which = which
        self.idle = idle
        self.ends = ends
        self.used = used


class KeyPage:
    """The keys held, in one page of memory, kept out of swap and core dumps where the system allows."""

    __slots__ = ("_clock", "_entries", "_free", "page")

    def __init__(self, clock: Callable[[], float] = now) -> None:
        self._clock = clock
        self._entries: dict[bytes, Entry] = {}
        self.page = mmap.mmap(-1, mmap.PAGESIZE)
        self._free = list(range(0, mmap.PAGESIZE - _SLOT + 1, _SLOT))
        _keep_out_of_swap(self.page)

    def __len__(self) -> int:
        return len(self._entries)

    def answer(self, body: memoryview) -> bytearray:
        """What a request gets; empty for one that makes no sense."""
        operation, rest = bytes(body[:1]), body[1:]
        if operation == protocol.PUT and len(rest) == protocol.KEYS.size + protocol.SPANS.size:
            return self._put(rest)
        if operation == protocol.LOCK and not len(rest):
            return bytearray(protocol.DONE if self.wipe_all() else protocol.NONE)
        if len(rest) != VAULT_ID_BYTES:
            return bytearray()
        vault_id = bytes(rest)
        if operation == protocol.LOCK:
            return bytearray(protocol.DONE if self._wipe(vault_id) else protocol.NONE)
        self.expire()
        entry = self._entries.get(vault_id)
        if operation == protocol.GET:
            return self._get(vault_id, entry)
        if operation == protocol.STATUS:
            return self._status(entry)
        return bytearray()

    def expire(self) -> None:
        """Wipe whatever has had its time."""
        moment = self._clock()
        for vault_id, entry in list(self._entries.items()):
            if moment >= entry.ends or moment >= entry.used + entry.idle:
                self._wipe(vault_id)

    def wipe_all(self) -> bool:
        """Wipe everything. Whether there was anything."""
        held = bool(self._entries)
        self.page[:] = bytes(len(self.page))
        self._free += [entry.offset for entry in self._entries.values()]
        self._entries.clear()
        return held

    def _put(self, rest: memoryview) -> bytearray:
        vault_id = bytes(rest[:VAULT_ID_BYTES])
        self._wipe(vault_id)
        if not self._free:
            return bytearray(protocol.NONE)
        head = VAULT_ID_BYTES + 3
        key_id, which = int.from_bytes(rest[VAULT_ID_BYTES : head - 1]), rest[head - 1]
        idle, most = protocol.SPANS.unpack(rest[protocol.KEYS.size :])
        offset, moment = self._free.pop(), self._clock()
        self.page[offset : offset + _SLOT] = rest[head : head + _SLOT]
        self._entries[vault_id] = Entry(offset, key_id, which, idle, moment + most, moment)
        return bytearray(protocol.DONE)

    def _get(self, vault_id: bytes, entry: Entry | None) -> bytearray:
        if entry is None:
            return bytearray(protocol.NONE)
        entry.used = self._clock()
        reply = bytearray(protocol.HELD + vault_id + entry.key_id.to_bytes(2) + bytes([entry.which]))
        with memoryview(self.page) as page:
            reply += page[entry.offset : entry.offset + _SLOT]
        return reply

    def _status(self, entry: Entry | None) -> bytearray:
        if entry is None:
            return bytearray(protocol.NONE)
        moment = self._clock()
        most = math.ceil(entry.ends - moment)
        idle = min(most, math.ceil(entry.used + entry.idle - moment))
        return bytearray(protocol.TIME_LEFT + protocol.SPANS.pack(idle, most))

    def _wipe(self, vault_id: bytes) -> bool:
        entry = self._entries.pop(vault_id, None)
        if entry is None:
            return False
        self.page[entry.offset : entry.offset + _SLOT] = bytes(_SLOT)
        self._free.append(entry.offset)
        return True


class Client:
    """One connection: what came in so far, and until when we wait for the rest."""

    __slots__ = ("deadline", "received", "request")

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.request = bytearray(1 + protocol.MAX_BODY)
        self.received = 0


class Server:
    """Answers on a listening socket until the page is empty."""

    def __init__(
        self,
        listener: socket.socket,
        keys: KeyPage,
        peer_uid: Callable[[socket.socket], int] = protocol.peer_uid,
    ) -> None:
        self._listener = listener
        self._keys = keys
        self._peer_uid = peer_uid
        self._clients: dict[socket.socket, Client] = {}
        self._selector = selectors.DefaultSelector()
        listener.setblocking(False)
        self._selector.register(listener, selectors.EVENT_READ)

    def serve(self) -> None:
        """Answer until nothing is held any more, then wipe and close everything."""
        try:
            while self._keys:
                for key, _ in self._selector.select(TICK):
                    if key.fileobj is self._listener:
                        self._accept()
                    elif isinstance(key.fileobj, socket.socket):
                        self._read(key.fileobj)
                self._keys.expire()
                self._drop_stalled()
        finally:
            self._keys.wipe_all()
            for client in list(self._clients):
                self._drop(client)
            self._selector.close()
            self._listener.close()

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:  # gone again, or out of descriptors
            return
        connection.setblocking(False)
        if not self._is_ours(connection):
            connection.close()
            return
        if len(self._clients) >= MAX_CLIENTS:
            self._drop(next(iter(self._clients)))  # the oldest has had its time, whoever comes now has not
        self._clients[connection] = Client(time.monotonic() + protocol.TIMEOUT)
        self._selector.register(connection, selectors.EVENT_READ)

    def _is_ours(self, connection: socket.socket) -> bool:
        try:
            return self._peer_uid(connection) == os.geteuid()
        except OSError:
            return False

    def _read(self, connection: socket.socket) -> None:
        client = self._clients[connection]
        try:
            with memoryview(client.request) as view:
                received = connection.recv_into(view[client.received :])
            client.received += received
            size = 1 + client.request[0]
            if received and client.received < size:
                return
            if received and client.received == size:
                self._reply(connection, client)
        except OSError:
            pass  # the client is gone; what it asked for does not matter any more
        self._drop(connection)

    def _reply(self, connection: socket.socket, client: Client) -> None:
        with memoryview(client.request) as view:
            reply = self._keys.answer(view[1 : client.received])
        if not reply:
            return
        reply.insert(0, len(reply))
        try:
            connection.send(
                reply
            )  # far smaller than any socket buffer: it goes at once or the client is gone
        finally:
            wipe(reply)

    def _drop_stalled(self) -> None:
        moment = time.monotonic()
        for connection in [c for c, client in self._clients.items() if moment >= client.deadline]:
            self._drop(connection)

    def _drop(self, connection: socket.socket) -> None:
        wipe(self._clients.pop(connection).request)
        self._selector.unregister(connection)
        connection.close()


def listen(folder: str) -> tuple[socket.socket, int] | None:
    """The listening socket, 0600, and the descriptor of the lock that makes us the only agent.

    None if another is. Raises OSError, PermissionError among them for a folder that is not ours alone.
    """
    protocol.check_folder(folder)
    lock = os.open(
        os.path.join(folder, LOCK_NAME), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
    )
    patience = time.monotonic() + protocol.TIMEOUT / 2
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:  # another agent, perhaps on its way out
            if time.monotonic() > patience:
                os.close(lock)
                return None
            time.sleep(0.02)
    path = os.path.join(folder, protocol.SOCKET_NAME)
    if os.path.lexists(path):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(path)
    finally:
        os.umask(before)
    listener.listen(socket.SOMAXCONN)
    return listener, lock


def harden() -> None:
    """No core dump, no debugger of the same user: keys stay in this process."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def main(arguments: list[str]) -> int:
    """Take the first keys from stdin, detach, and serve. 0 once it listens, 1 when another agent does."""
    harden()
    (folder,) = arguments
    first = bytearray(1 + protocol.MAX_BODY)
    received = 0
    with memoryview(first) as view:
        while count := os.readv(0, [view[received:]]):
            received += count
    found = listen(folder)
    if found is None:
        wipe(first)
        return 1
    listener, _ = found
    if os.fork():
        wipe(first)
        os._exit(0)  # the child listens already: whoever started us may connect at once
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _stop)
    keys = KeyPage()
    try:
        with memoryview(first) as view:
            keys.answer(view[1:received])
        wipe(first)
        Server(listener, keys).serve()
    finally:
        keys.wipe_all()
        os.unlink(os.path.join(folder, protocol.SOCKET_NAME))
    return 0


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)  # the `finally` clauses wipe


def _keep_out_of_swap(page: mmap.mmap) -> None:
    """Where a limit or the platform refuses, the keys are as exposed as any program's: no reason to fail."""
    anchor = ctypes.c_char.from_buffer(page)
    ctypes.CDLL(None).mlock(ctypes.c_void_p(ctypes.addressof(anchor)), ctypes.c_size_t(len(page)))
    for advice in ("MADV_DONTDUMP", "MADV_DONTFORK"):
        if hasattr(mmap, advice):
            page.madvise(getattr(mmap, advice))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
