"""A child process that dies, as by kill -9, right before the n-th of its system calls that change a file.

What a killed process leaves is what its system calls did until then, so these are all the moments that differ.
Linux alone; everything here runs in a process of its own (`mortal.py`), which has but one thread and may fork.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import struct
import sys
import time
import traceback
from collections.abc import Callable
from typing import NamedTuple

_CALLS = {
    "x86_64": {
        1: "write", 18: "pwrite64", 20: "writev", 74: "fsync", 75: "fdatasync", 76: "truncate", 77: "ftruncate",
        82: "rename", 83: "mkdir", 86: "link", 87: "unlink", 90: "chmod", 91: "fchmod", 257: "openat",
        258: "mkdirat", 263: "unlinkat", 264: "renameat", 265: "linkat", 268: "fchmodat", 316: "renameat2",
    },
    "aarch64": {
        34: "mkdirat", 35: "unlinkat", 37: "linkat", 38: "renameat", 45: "truncate", 46: "ftruncate", 52: "fchmod",
        53: "fchmodat", 56: "openat", 64: "write", 66: "writev", 68: "pwrite64", 82: "fsync", 83: "fdatasync",
        276: "renameat2",
    },
}  # fmt: skip
_BY_DESCRIPTOR = {"write", "pwrite64", "writev", "fsync", "fdatasync", "ftruncate", "fchmod"}

_TRACEME, _SYSCALL, _SETOPTIONS, _GET_SYSCALL_INFO = 0, 24, 0x4200, 0x420E
_OPTIONS = 0x1 | 0x100000  # TRACESYSGOOD, EXITKILL
_INFO = struct.Struct("=BxxxIQQQ6Q")
_ENTRY = 1

possible = sys.platform == "linux" and platform.machine() in _CALLS


class Call(NamedTuple):
    """A system call that changes a file: its name, and the file's where that is known by a descriptor."""

    name: str
    file: str


def run_until(point: int, prepare: Callable[[], Callable[[], object]]) -> tuple[list[Call], bool]:
    """In a child, do what `prepare` gives, and kill it before call number `point` (from 1).

    The calls until then, the last of them not done any more if the child died; and whether it did. `prepare` runs in
    the child too, before anything is counted.
    """
    child = os.fork()
    if child == 0:
        _be_traced(prepare)
    libc = _libc()
    _, status = os.waitpid(child, 0)
    if not os.WIFSTOPPED(status):
        raise RuntimeError("the child did not come to its action")
    libc.ptrace(_SETOPTIONS, child, None, ctypes.c_void_p(_OPTIONS))
    calls: list[Call] = []
    passed_on = 0
    while True:
        libc.ptrace(_SYSCALL, child, None, ctypes.c_void_p(passed_on))
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status) or os.WIFSIGNALED(status):
            if status:
                raise RuntimeError("the action itself failed")
            return calls, False
        number = os.WSTOPSIG(status)
        passed_on = 0 if number == signal.SIGTRAP | 0x80 else number
        call = None if passed_on else _entered(libc, child)
        if call is not None:
            calls.append(call)
            if len(calls) == point:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return calls, True


def run_for(seconds: float, prepare: Callable[[], Callable[[], object]]) -> bool:
    """In a child, do what `prepare` gives, and kill it so long after it began with that. Whether it was killed."""
    began, begins = os.pipe()
    child = os.fork()
    if child == 0:
        _be_done(prepare, begins)
    os.close(begins)
    os.read(began, 1)
    os.close(began)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and status:
        raise RuntimeError("the action itself failed")
    return os.WIFSIGNALED(status)


def _be_done(prepare: Callable[[], Callable[[], object]], begins: int) -> None:
    code = 1
    try:
        action = prepare()
        os.close(begins)
        action()
        code = 0
    except BaseException:  # noqa: BLE001 - as below
        traceback.print_exc()
    finally:
        os._exit(code)


def _be_traced(prepare: Callable[[], Callable[[], object]]) -> None:
    code = 1
    try:
        action = prepare()
        _libc().ptrace(_TRACEME, 0, None, None)
        os.kill(os.getpid(), signal.SIGSTOP)
        action()
        code = 0
    except BaseException:  # noqa: BLE001 - a child must never return into its parent's code
        traceback.print_exc()
    finally:
        os._exit(code)


def _entered(libc: ctypes.CDLL, child: int) -> Call | None:
    """The call that the stopped child is about to make, if it is one that changes a file."""
    buffer = ctypes.create_string_buffer(_INFO.size + 32)
    libc.ptrace(_GET_SYSCALL_INFO, child, ctypes.c_void_p(len(buffer)), ctypes.cast(buffer, ctypes.c_void_p))
    kind, _, _, _, number, first, _, third, *_ = _INFO.unpack_from(buffer.raw)
    name = _CALLS[platform.machine()].get(number)
    if kind != _ENTRY or name is None or (name == "openat" and not third & os.O_CREAT):
        return None
    return Call(name, _file_of(child, first) if name in _BY_DESCRIPTOR else "")


def _file_of(child: int, descriptor: int) -> str:
    try:
        return os.path.basename(os.readlink(f"/proc/{child}/fd/{descriptor}"))
    except OSError:
        return ""


def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.restype = ctypes.c_long
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    return libc
