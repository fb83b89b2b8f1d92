"""Talking to the agent, the process that holds the keys of unlocked vaults.

On the path of every command, so it is small: `_socket` is what the `socket` module wraps, without the enums
and selectors whose import costs half as much as starting Python.

Protocol: one request and one answer per connection, each a length byte and a body. Big-endian::

    G vault id                       get      K keys | N
    P keys | idle seconds 4 bytes | seconds at most 4 bytes
                                     put      O | N (no room)
    L vault id, or nothing for all   lock     O | N (was not held)
    S vault id                       status   T idle seconds left 4 bytes | seconds left at most 4 bytes | N

    keys  vault id 16 bytes | key id 2 bytes | which 1 byte: agenda 1, dossier 2, seal 4 | three of 32 bytes
"""

from __future__ import annotations

import _socket
import os
import stat
import struct
import sys
from typing import NamedTuple

from dossier.errors import Unavailable
from dossier.vault.keys import Keys

SOCKET_NAME = "agent.sock"
IDLE_SECONDS = 15 * 60
MAX_SECONDS = 8 * 60 * 60
TIMEOUT = 2.0
"""Seconds that either side waits for the other."""

MAX_BODY = 255
KEYS = struct.Struct(">16sHB32s32s32s")
SPANS = struct.Struct(">II")
GET, PUT, LOCK, STATUS = b"G", b"P", b"L", b"S"
HELD, TIME_LEFT, DONE, NONE = b"K", b"T", b"O", b"N"

_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from dossier.vault.agent import main; sys.exit(main(sys.argv[2:]))"
)
_ATTEMPTS = 3


class TimeLeft(NamedTuple):
    """Seconds until a vault locks: `idle` when nothing asks for its keys, `most` in any case."""

    idle: int
    most: int


class AgentClient:
    """The agent behind the socket in one runtime folder, whether it runs or not.

    Each question is a connection of its own, so any thread may ask.
    """

    __slots__ = ("_folder", "_path")

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._path = os.path.join(folder, SOCKET_NAME)

    def get(self, vault_id: bytes) -> Keys | None:
        """The keys of a vault, or None: not held, no agent, or one that is not to be trusted.

        This counts as use: the vault locks so much later.
        """
        answer = self._ask(GET + vault_id)
        if answer[:1] != HELD or len(answer) != 1 + KEYS.size:
            return None
        held, key_id, which, *keys = KEYS.unpack(answer[1:])
        if held != vault_id:
            return None
        agenda, dossier, seal = (key if which >> bit & 1 else None for bit, key in enumerate(keys))
        return Keys(vault_id, key_id, agenda, dossier, seal)

    def put(self, keys: Keys, idle_s: int = IDLE_SECONDS, max_s: int = MAX_SECONDS) -> None:
        """Hand the agent a vault's keys, starting it when there is none.

        Raises Unavailable when that fails; the vault is open all the same, so callers report it as a warning.
        """
        request = PUT + pack_keys(keys) + SPANS.pack(idle_s, max_s)
        for _ in range(_ATTEMPTS):  # an agent may end, or another start, between two of these steps
            answer = self._ask(request)
            if answer == DONE or (not answer and self._start(request)):
                return
        raise Unavailable("the agent does not take the keys", "run: dossier lock, then unlock again")

    def lock(self, vault_id: bytes | None = None) -> bool:
        """Make the agent wipe the keys of one vault, or of all. Whether there were any."""
        return self._ask(LOCK + (vault_id or b"")) == DONE

    def status(self, vault_id: bytes) -> TimeLeft | None:
        """How long the vault stays unlocked, or None when it is locked. Asking does not prolong it."""
        answer = self._ask(STATUS + vault_id)
        if answer[:1] != TIME_LEFT or len(answer) != 1 + SPANS.size:
            return None
        return TimeLeft(*SPANS.unpack(answer[1:]))

    def holds(self, vault_id: bytes) -> bool:
        """Whether the agent has keys of a vault. Asking does not prolong it, as `get` does: for who asks all day."""
        return self.status(vault_id) is not None

    def _ask(self, body: bytes) -> bytes:
        """The agent's answer; empty when there is no agent, or it fails us in any way."""
        connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        try:
            check_folder(self._folder)
            connection.settimeout(TIMEOUT)
            connection.connect(self._path)
            if peer_uid(connection) != os.geteuid():
                return b""
            connection.sendall(bytes([len(body)]) + body)
            answer = connection.recv(1 + MAX_BODY)
            while answer and len(answer) <= answer[0]:
                more = connection.recv(1 + MAX_BODY)
                if not more:
                    return b""
                answer += more
            return answer[1:]
        except OSError:
            return b""
        finally:
            connection.close()

    def _start(self, request: bytes) -> bool:
        """Start an agent that holds what `request` puts. False when another one was quicker."""
        import subprocess

        root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            check_folder(self._folder)
            # -I -S: no environment variable, working folder or .pth file decides what runs with the keys.
            done = subprocess.run(
                [sys.executable, "-I", "-S", "-c", _START, root, self._folder],
                input=bytes([len(request)]) + request,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,
                timeout=5 * TIMEOUT,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            reason = error.strerror if isinstance(error, OSError) else "it does not answer"
            raise Unavailable(
                f"the agent cannot be started: {reason}", f"check the folder {self._folder}"
            ) from None
        return done.returncode == 0


def pack_keys(keys: Keys) -> bytes:
    """Keys as they travel."""
    held = (keys.agenda, keys.dossier, keys.seal)
    which = sum(1 << bit for bit, key in enumerate(held) if key is not None)
    return KEYS.pack(keys.vault_id, keys.key_id, which, *(key or b"" for key in held))


def check_folder(folder: str) -> None:
    """Raise PermissionError unless the folder is a real one, ours, and closed to others."""
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise PermissionError(1, "the runtime folder is not ours alone", folder)


def peer_uid(connection: _socket.socket) -> int:
    """The user id of the process at the other end of a Unix socket. Raises OSError."""
    if sys.platform == "darwin":  # struct xucred: version, uid, …
        return int(struct.unpack_from("=II", connection.getsockopt(0, 1, 76))[1])
    return int(struct.unpack("=iII", connection.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12))[1])
