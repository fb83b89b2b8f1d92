"""What is no vault file, or not all of one: other files, special files, pieces, what lies beside."""

from __future__ import annotations

import os
import socket
import sqlite3
from pathlib import Path

from tests.kit.making import Bench, Spoil, harmless, refused, seen_with_keys

NO_VAULT = "is no dossier vault"


def _content(data: bytes) -> Spoil:
    return lambda bench: bench.replace(data)


def _cut(part: float) -> Spoil:
    return lambda bench: os.truncate(bench.vault, round(len(bench.data) * part))


def _cut_at(size: int) -> Spoil:
    return lambda bench: os.truncate(bench.vault, size)


def _another_programs(bench: Bench) -> None:
    bench.vault.unlink()
    bench.run("CREATE TABLE account (id INTEGER PRIMARY KEY, name TEXT)", "CREATE TABLE vault (header BLOB)")


def _link_to(target: str) -> Spoil:
    def spoil(bench: Bench) -> None:
        bench.vault.unlink()
        bench.vault.symlink_to(target)

    return spoil


def _fifo(bench: Bench) -> None:
    bench.vault.unlink()
    os.mkfifo(bench.vault)


def _folder(bench: Bench) -> None:
    bench.vault.unlink()
    bench.vault.mkdir()


def _socket(bench: Bench) -> None:
    bench.vault.unlink()
    before = Path.cwd()
    os.chdir(bench.folder)  # the path of a socket must be short
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(bench.vault.name)
    finally:
        os.chdir(before)


def _enormous(bench: Bench) -> None:
    bench.replace(b"")
    bench.lengthen(1 << 40)


def _trailing_nothing(bench: Bench) -> None:
    bench.lengthen(1 << 40)


# --- Beside it

VICTIM = "victim"
"""A file that SQLite would delete if it believed the journal beside the vault."""

_SUPER_JOURNAL = bytes.fromhex("d9d505f920a163d7")
_JOURNAL = bytes.fromhex("d9d505f920a163d7ffffffff")


def _journal_that_names_a_victim(bench: Bench) -> None:
    victim = bench.folder / VICTIM
    victim.write_text("not to be touched")
    name = os.fsencode(victim)
    checksum = sum(name) & 0xFFFFFFFF
    tail = (0x40000000).to_bytes(4) + name + len(name).to_bytes(4) + checksum.to_bytes(4) + _SUPER_JOURNAL
    Path(f"{bench.vault}-journal").write_bytes(_JOURNAL + bytes(500) + tail)


def _journal_link(bench: Bench) -> None:
    victim = bench.folder / VICTIM
    victim.write_text("not to be touched")
    Path(f"{bench.vault}-journal").symlink_to(victim)


def _journal_folder(bench: Bench) -> None:
    Path(f"{bench.vault}-journal").mkdir()


def _journal_fifo(bench: Bench) -> None:
    os.mkfifo(f"{bench.vault}-journal")


def _wal_mode(bench: Bench) -> None:
    bench.patch(18, b"\2\2")


def _wal_with_log(bench: Bench) -> None:
    """Made by SQLite itself: a change that is in the log alone."""
    connection = sqlite3.connect(bench.vault)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("UPDATE account SET name = 'Somebody Else'")
    connection.commit()
    log, file = Path(f"{bench.vault}-wal").read_bytes(), bench.data
    connection.close()
    bench.replace(file)
    Path(f"{bench.vault}-wal").write_bytes(log)


def _log_alone(bench: Bench) -> None:
    """A write-ahead log beside a vault that never had one."""
    Path(f"{bench.vault}-wal").write_bytes(bytes.fromhex("377f0682002de218") + bytes(4096))


BESIDE = "beside"

CASES = (
    harmless("sound", "nothing: it is what the others were made from", lambda bench: None),
    refused("empty", "an empty file", _content(b""), NO_VAULT),
    refused("one-byte", "a single byte", _content(b"S"), NO_VAULT),
    refused("text", "a text", _content(b"no vault at all\n" * 99), NO_VAULT),
    refused("zip", "an archive", _content(b"PK\3\4" + bytes(9000)), NO_VAULT),
    refused("zeros", "zeros", _content(bytes(65536)), NO_VAULT),
    refused("magic-alone", "SQLite's first 16 bytes", _content(b"SQLite format 3\0"), NO_VAULT),
    refused(
        "magic-and-zeros",
        "SQLite's first 16 bytes, then zeros",
        _content(b"SQLite format 3\0" + bytes(8192)),
        NO_VAULT,
    ),
    refused(
        "header-alone",
        "a vault's header without the file around it",
        lambda bench: bench.replace(bench.header),
        NO_VAULT,
    ),
    refused("another-database", "a database of another program", _another_programs, NO_VAULT),
    refused("enormous-nothing", "a terabyte of zeros that takes no room", _enormous, NO_VAULT),
    seen_with_keys(
        "enormous-tail",
        "a terabyte of zeros behind the last page",
        _trailing_nothing,
        "after its last page",
        write=0,
    ),
    refused("cut-at-15", "15 bytes of a vault", _cut_at(15), NO_VAULT),
    refused("cut-at-99", "99 bytes of a vault", _cut_at(99), "damaged"),
    refused("cut-at-100", "the first 100 bytes of a vault", _cut_at(100), "damaged"),
    refused("cut-in-page-1", "half of a vault's first page", _cut_at(2048), "damaged"),
    refused("cut-after-page-1", "a vault's first page", _cut_at(4096), "damaged"),
    refused("cut-after-page-2", "a vault's first two pages", _cut_at(8192), "damaged"),
    refused("cut-to-half", "the first half of a vault", _cut(0.5), "damaged"),
    seen_with_keys(
        "cut-by-one-byte",
        "a vault without its last byte",
        lambda bench: os.truncate(bench.vault, len(bench.data) - 1),
        "",
        write=0,
    ),
    refused("fifo", "a pipe that nobody writes into", _fifo, "is not a file"),
    refused("folder", "a folder", _folder, "is a folder", code=8),
    refused("socket", "a socket", _socket, "is not a file"),
    refused("device", "a link to a device without an end", _link_to("/dev/zero"), "is not a file"),
    refused("terminal", "a link to the terminal", _link_to("/dev/tty"), "", code=7),
    refused("link-to-itself", "a link to itself", _link_to("vault.dossier"), "symbolic link", code=8),
    refused("link-to-nothing", "a link to nothing", _link_to("nowhere"), "there is no vault", code=8),
    refused(
        "journal-with-victim",
        "a journal that names a file for SQLite to delete",
        _journal_that_names_a_victim,
        BESIDE,
    ),
    refused("journal-link", "a link where SQLite's journal would be", _journal_link, BESIDE),
    refused("journal-folder", "a folder where SQLite's journal would be", _journal_folder, BESIDE),
    refused("journal-fifo", "a pipe where SQLite's journal would be", _journal_fifo, BESIDE),
    refused("wal-mode", "a vault that was told to keep a write-ahead log", _wal_mode, "write-ahead log"),
    refused("wal-with-log", "a change that stands in a write-ahead log", _wal_with_log, BESIDE),
    refused("wal-alone", "a write-ahead log beside a vault that has none", _log_alone, BESIDE),
)
