"""The vault's own head: its header with the slots, as bytes and as numbers, and the manifest."""

from __future__ import annotations

import os
from typing import Any
from unittest.mock import patch

from dossier.config import Config
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.store.catalog import Account
from dossier.vault import kdf, slots
from dossier.vault.header import Header
from dossier.vault.kdf import KdfParams
from dossier.vault.slots import Slot
from tests.kit.making import FLOOR, PASSPHRASE, TODAY, Bench, Spoil, harmless, refused, seen_with_keys

HEAD, SLOT_HEAD = 29, 9
"""Bytes before the slots, and of a slot before its body."""

HEADER = "header"
SLOT = "slot"
COST = "Argon2id cost"

# Places in the header: magic 0, version 8, vault id 10, key id 26, number of slots 28, the first slot 29.
_TYPE, _ID, _DATE, _LENGTH, _BODY = HEAD, HEAD + 1, HEAD + 3, HEAD + 7, HEAD + SLOT_HEAD


def _header(value: Any) -> Spoil:
    return lambda bench: bench.put_header(value)


def _cut(size: int) -> Spoil:
    return lambda bench: bench.put_header(bench.header[:size])


def _mended(place: int, data: bytes) -> Spoil:
    """Other bytes at a place, and a checksum that is right again."""

    def spoil(bench: Bench) -> None:
        signed = bench.header[:-64]
        bench.mend_header(signed[:place] + data + signed[place + len(data) :])

    return spoil


def _flipped(bench: Bench) -> None:
    bench.put_header(bytes([*bench.header[:100], bench.header[100] ^ 1, *bench.header[101:]]))


def _cost(memory: int, passes: int, lanes: int) -> Spoil:
    return _mended(_BODY + 1, b"".join(number.to_bytes(4) for number in (memory, passes, lanes)))


def _cost_signed(bench: Bench) -> None:
    """By somebody with the root: the program refuses the price, whoever asks it."""
    first, *others = Header.parse(bench.header).slots
    params = KdfParams(4 << 30 >> 10, 1, 1)
    body = first.body[:1] + b"".join(number.to_bytes(4) for number in params) + first.body[13:]
    bench.sign_header([first._replace(body=body), *others])


def _slots(number: int, size: int = 40) -> Spoil:
    """So many more slots of a type to come, signed by somebody with the root."""

    def spoil(bench: Bench) -> None:
        found = [*Header.parse(bench.header).slots]
        found += [Slot(77, 100 + count, TODAY, os.urandom(size)) for count in range(number)]
        bench.sign_header(found)
        bench.know_header()

    return spoil


def _added_slot(bench: Bench) -> None:
    """Somebody without the root adds a slot of a type to come."""
    found = [*Header.parse(bench.header).slots, Slot(77, 9, TODAY, bytes(40))]
    bench.mend_header(Header(*Header.parse(bench.header).place, found).pack(bytes(32))[:-64])


def _doubled(place: int) -> Spoil:
    """One slot twice, under another id."""

    def spoil(bench: Bench) -> None:
        found = Header.parse(bench.header).slots
        bench.sign_header([*found, found[place]._replace(id=9)])

    return spoil


def _grafted(bench: Bench) -> None:
    """The passphrase slot of another vault, whose passphrase somebody knows."""
    grafted = [Header.parse(bench.sound.made_other.header).slots[0], Header.parse(bench.header).slots[1]]
    bench.mend_header(Header(*Header.parse(bench.header).place, grafted).pack(bytes(32))[:-64])


def _anothers(bench: Bench) -> None:
    bench.put_header(bench.sound.made_other.header)


def _older(bench: Bench) -> None:
    """The header of a passphrase that was replaced since, or so it looks: signed, and not the last one written."""
    bench.sign_header(Header.parse(bench.header).slots[::-1])


def _own(bench: Bench) -> None:
    """A whole header of somebody else's making for this vault's id, which their passphrase opens: the kit's own."""
    place = Header.parse(bench.header).place
    with patch.object(kdf, "DEFAULT", FLOOR):
        slot = slots.passphrase_slot(place, 1, TODAY, bytes(32), PASSPHRASE)
    bench.put_header(Header(*place, [slot]).pack(bytes(32)))


def _manifest(value: Any) -> Spoil:
    return lambda bench: bench.set("UPDATE vault SET manifest = ?", value)


def _anothers_manifest(bench: Bench) -> None:
    bench.set("UPDATE vault SET manifest = ?", bench.get("SELECT manifest FROM vault", other=True))


def _calendar_for_manifest(bench: Bench) -> None:
    bench.run("UPDATE vault SET manifest = (SELECT agenda FROM calendar)")


def _older_manifest(bench: Bench) -> None:
    """Of a moment before the last change, which is still there."""
    older = bench.get("SELECT manifest FROM vault")
    keys = bench.sound.made.keys
    with (
        Session(str(bench.vault), TODAY, Config({}, {}, ""), Unlocking(), keys) as session,
        session.change("add") as change,
    ):
        change.insert(Account(name="Newer", created_on=TODAY.isoformat()))
    bench.set("UPDATE vault SET manifest = ?", older)


HIGHEST = (1 << 32) - 1

CASES = (
    refused("vault-row-gone", "no header at all", lambda bench: bench.run("DELETE FROM vault"), HEADER),
    refused(
        "vault-row-twice",
        "two headers",
        lambda bench: bench.run("INSERT INTO vault SELECT 0, zeroblob(99), manifest FROM vault"),
        "",
    ),
    refused("header-empty", "an empty header", _header(b""), "not a dossier vault"),
    refused("header-text", "a text for a header", _header("\x89dossier"), HEADER),
    refused("header-number", "a number for a header", _header(7), HEADER),
    refused("header-infinite", "an infinite number for a header", _header(float("inf")), HEADER),
    refused(
        "header-magic", "a header that begins otherwise", _mended(0, b"\x89Dossier"), "not a dossier vault"
    ),
    refused("header-flipped", "one flipped bit in a header", _flipped, HEADER),
    refused("header-cut-8", "the first 8 bytes of a header", _cut(8), HEADER),
    refused("header-cut-64", "the first 64 bytes of a header", _cut(64), HEADER),
    refused("header-cut-100", "the first 100 bytes of a header", _cut(100), HEADER),
    refused("header-cut-by-one", "a header without its last byte", _cut(-1), HEADER),
    refused(
        "header-cut-and-mended",
        "half a header with a right checksum",
        lambda bench: bench.mend_header(bench.header[:100]),
        "",
    ),
    refused(
        "header-64-kib",
        "a header of more than 64 KiB",
        lambda bench: bench.mend_header(bench.header[:-64] + bytes(1 << 16)),
        HEADER,
    ),
    refused("header-version-0", "version 0", _mended(8, b"\0\0"), HEADER),
    refused("header-version-2", "version 2", _mended(8, b"\0\2"), "newer dossier", code=9),
    refused("header-version-65535", "version 65535", _mended(8, b"\xff\xff"), "newer dossier", code=9),
    seen_with_keys("header-vault-id", "another vault's id", _mended(10, bytes(16)), ""),
    seen_with_keys("header-key-id", "another key id", _mended(26, b"\0\7"), ""),
    seen_with_keys("header-of-another", "another vault's header", _anothers, ""),
    seen_with_keys("header-older", "a header that is not the last one written", _older, "header"),
    seen_with_keys("header-own", "a header that somebody made, and a passphrase of theirs opens", _own, ""),
    seen_with_keys(
        "slots-none",
        "no slots at all",
        lambda bench: bench.mend_header(bench.header[:28] + b"\0"),
        "no passphrase",
        unlock=5,
        write=5,
    ),
    refused("slots-one-too-many", "a slot that is counted and is not there", _mended(28, b"\3"), HEADER),
    refused("slots-16", "sixteen slots counted, two there", _mended(28, b"\x10"), HEADER),
    refused("slots-17", "seventeen slots", _slots(15), HEADER),
    refused("slots-255", "255 slots counted", _mended(28, b"\xff"), HEADER),
    refused("slots-200", "200 slots", _slots(200), HEADER),
    harmless("slots-14-unknown", "fourteen slots of a type to come, signed", _slots(14)),
    seen_with_keys("slot-added", "a slot that somebody added", _added_slot, HEADER),
    seen_with_keys("slot-of-another", "a slot of another vault", _grafted, ""),
    refused("slot-passphrase-twice", "two passphrase slots", _doubled(0), HEADER),
    refused("slot-recovery-twice", "two recovery slots", _doubled(1), HEADER),
    refused("slot-id-twice", "one id for two slots", _mended(_ID, b"\0\2"), HEADER),
    seen_with_keys("slot-type-0", "a slot of type 0", _mended(_TYPE, b"\0"), "", unlock=5, write=5),
    seen_with_keys("slot-type-255", "a slot of type 255", _mended(_TYPE, b"\xff"), "", unlock=5, write=5),
    refused("slot-date-0", "a slot without a date", _mended(_DATE, bytes(4)), SLOT),
    refused("slot-date-late", "a slot made after the year 9999", _mended(_DATE, b"\xff" * 4), SLOT),
    refused("slot-length-0", "a slot without a body", _mended(_LENGTH, b"\0\0"), SLOT),
    refused(
        "slot-length-beyond", "a slot that goes on beyond the header", _mended(_LENGTH, b"\x0f\xff"), SLOT
    ),
    refused("slot-length-64-kib", "a slot of 64 KiB", _mended(_LENGTH, b"\xff\xff"), SLOT),
    refused("kdf-unknown", "a key derivation that there is not", _mended(_BODY, b"\x63"), SLOT),
    refused("kdf-none", "a passphrase without Argon2id", _mended(_BODY, b"\2"), SLOT),
    refused("kdf-0", "Argon2id at no cost", _cost(0, 0, 0), COST),
    refused("kdf-highest", "Argon2id at 2^32 - 1 of everything", _cost(HIGHEST, HIGHEST, HIGHEST), COST),
    refused("kdf-4-tib", "Argon2id over 4 TiB", _cost(HIGHEST, 1, 1), COST),
    refused("kdf-2-gib", "Argon2id over 2 GiB", _cost(2 << 20, 1, 1), COST),
    refused("kdf-cheap", "Argon2id over 8 KiB", _cost(8, 1, 1), COST),
    refused("kdf-passes", "a billion passes of Argon2id", _cost(64 << 10, 10**9, 1), COST),
    refused("kdf-lanes", "a million lanes of Argon2id", _cost(64 << 10, 1, 10**6), COST),
    refused("kdf-together", "each cost within its bound, all of them not", _cost(1 << 20, 16, 16), COST),
    refused("kdf-4-gib-signed", "Argon2id over 4 GiB, signed by somebody with the root", _cost_signed, COST),
    seen_with_keys(
        "kdf-other", "another cost than the slot was made at", _cost(65 << 10, 1, 1), "", unlock=5, write=5
    ),
    seen_with_keys("slot-salt", "another salt", _mended(_BODY + 13, bytes(16)), "", unlock=5, write=5),
    seen_with_keys(
        "slot-commitment", "another commitment", _mended(_BODY + 29, bytes(32)), "", unlock=5, write=5
    ),
    seen_with_keys("slot-box", "another wrapped root", _mended(_BODY + 61, bytes(60)), SLOT),
    seen_with_keys("manifest-empty", "an empty manifest", _manifest(b""), "manifest"),
    seen_with_keys("manifest-text", "a text for a manifest", _manifest("none"), "manifest"),
    seen_with_keys("manifest-zeros", "zeros for a manifest", _manifest(bytes(200)), "manifest"),
    seen_with_keys("manifest-of-another", "the manifest of another vault", _anothers_manifest, "manifest"),
    seen_with_keys(
        "manifest-calendar", "the calendar in the manifest's place", _calendar_for_manifest, "manifest"
    ),
    seen_with_keys("manifest-older", "the manifest of a moment ago", _older_manifest, "manifest"),
)
