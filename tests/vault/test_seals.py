"""Row seals and the manifest: nothing changes, goes, comes or returns unnoticed."""

from __future__ import annotations

import os
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossier.errors import Damaged, Locked
from dossier.vault.envelope import Cipher
from dossier.vault.keys import Keys
from dossier.vault.seals import Manifest, check_row_seal, row_seal

KEY = bytes(range(32))
UID = b"u" * 16

Plain = int | float | str | None
plains = st.lists(
    st.none()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    max_size=5,
)


def test_a_true_seal_passes() -> None:
    seal = row_seal(KEY, 3, UID, 2, ["Kim", None, 7, 0.5], [b"envelope"])
    assert len(seal) == 32
    check_row_seal(KEY, seal, 3, UID, 2, ["Kim", None, 7, 0.5], [b"envelope"])


@pytest.mark.parametrize(
    ("key", "table_id", "uid", "version", "plain", "envelopes"),
    [
        pytest.param(bytes(32), 3, UID, 2, ["Kim", None, 7], [b"one", b"two"], id="key"),
        pytest.param(KEY, 4, UID, 2, ["Kim", None, 7], [b"one", b"two"], id="table"),
        pytest.param(KEY, 3, UID[:-1], 2, ["Kim", None, 7], [b"one", b"two"], id="uid"),
        pytest.param(KEY, 3, UID, 1, ["Kim", None, 7], [b"one", b"two"], id="version"),
        pytest.param(KEY, 3, UID, 2, ["Kin", None, 7], [b"one", b"two"], id="text"),
        pytest.param(KEY, 3, UID, 2, ["Kim", "", 7], [b"one", b"two"], id="null-or-empty"),
        pytest.param(KEY, 3, UID, 2, ["Kim", None, "7"], [b"one", b"two"], id="number-or-text"),
        pytest.param(KEY, 3, UID, 2, ["Kim", None, 7.0], [b"one", b"two"], id="integer-or-real"),
        pytest.param(KEY, 3, UID, 2, [None, "Kim", 7], [b"one", b"two"], id="order"),
        pytest.param(KEY, 3, UID, 2, ["Kim", None, 7], [b"two", b"one"], id="envelopes-swapped"),
        pytest.param(KEY, 3, UID, 2, ["Kim", None, 7], [b"onet", b"wo"], id="envelopes-shifted"),
        pytest.param(KEY, 3, UID, 2, ["Kim", None, 7], [b"one"], id="envelope-gone"),
    ],
)
def test_any_difference_is_damage(
    key: bytes, table_id: int, uid: bytes, version: int, plain: list[Plain], envelopes: list[bytes]
) -> None:
    seal = row_seal(KEY, 3, UID, 2, ["Kim", None, 7], [b"one", b"two"])
    with pytest.raises(Damaged):
        check_row_seal(key, seal, table_id, uid, version, plain, envelopes)


def typed(row: list[Plain]) -> list[tuple[type, str]]:
    return [(type(value), repr(value + 0.0) if isinstance(value, float) else repr(value)) for value in row]


@given(plains, plains)
def test_no_two_rows_share_an_encoding(one: list[Plain], other: list[Plain]) -> None:
    same = row_seal(KEY, 1, UID, 1, one, []) == row_seal(KEY, 1, UID, 1, other, [])
    assert same == (typed(one) == typed(other))


def test_values_are_sealed_as_sqlite_gives_them_back() -> None:
    assert row_seal(KEY, 1, UID, 1, [True, -0.0], []) == row_seal(KEY, 1, UID, 1, [1, 0.0], [])


@pytest.mark.parametrize("stored", [None, "seal", b"", b"short", 5])
def test_a_seal_of_the_wrong_kind_is_damage(stored: object) -> None:
    with pytest.raises(Damaged):
        check_row_seal(KEY, stored, 1, UID, 1, [], [])


def test_a_blob_among_plain_columns_is_damage() -> None:
    with pytest.raises(Damaged):
        row_seal(KEY, 1, UID, 1, [b"blob"], [])  # type: ignore[list-item]


Row = tuple[int, bytes, bytes]


def some_rows(count: int) -> list[Row]:
    return [(number % 7, os.urandom(16), os.urandom(32)) for number in range(count)]


def manifest_of(keys: Keys, rows: list[Row]) -> Manifest:
    manifest = Manifest(keys)
    for row in rows:
        manifest.add(*row)
    return manifest


def test_order_does_not_matter_but_every_row_does(keys: Keys) -> None:
    rows = some_rows(40)
    manifest = manifest_of(keys, rows)
    shuffled = random.Random(1).sample(rows, len(rows))
    assert manifest_of(keys, shuffled).same_rows(manifest)
    table, uid, seal = rows[0]
    for changed in (
        rows[1:],
        [*rows, rows[0]],
        [rows[1], *rows[1:]],
        [(table + 1, uid, seal), *rows[1:]],
        [(table, uid[::-1], seal), *rows[1:]],
        [(table, uid, seal[::-1]), *rows[1:]],
        [(table, uid + seal[:1], seal[1:]), *rows[1:]],
    ):
        assert not manifest_of(keys, changed).same_rows(manifest)


def test_removing_undoes_adding(keys: Keys) -> None:
    rows = some_rows(10)
    manifest = manifest_of(keys, rows)
    for row in rows:
        manifest.remove(*row)
    assert manifest.same_rows(Manifest(keys))
    with pytest.raises(Damaged):
        manifest.remove(*rows[0])


def test_sums_differ_between_vaults(keys: Keys) -> None:
    rows = some_rows(3)
    other = Keys(keys.vault_id, keys.key_id, keys.agenda, keys.dossier, os.urandom(32))
    assert manifest_of(keys, rows).total != manifest_of(other, rows).total


def test_a_manifest_comes_back(keys: Keys, cipher: Cipher) -> None:
    manifest = manifest_of(keys, some_rows(5))
    manifest.bump()
    manifest.bump()
    manifest.journal = 12
    manifest.know_header(b"a header")
    blob = manifest.to_blob(cipher)
    back = Manifest.from_blob(cipher, blob)
    assert back.same_rows(manifest)
    assert (back.count, back.generation, back.journal) == (5, 2, 12)
    assert back.knows_header(b"a header")
    assert not back.knows_header(b"an older header")
    assert manifest.total.to_bytes(64) not in blob


def test_a_missing_or_forged_manifest_is_damage(keys: Keys, cipher: Cipher) -> None:
    blob = Manifest(keys).to_blob(cipher)
    for stored in (None, b"", "text", blob[:-1], blob + b"\0", cipher.encrypt_bytes(1, "seal", b"", b"")):
        with pytest.raises(Damaged):
            Manifest.from_blob(cipher, stored)
    for position in range(len(blob) * 8):
        flipped = bytearray(blob)
        flipped[position // 8] ^= 1 << position % 8
        with pytest.raises(Damaged):
            Manifest.from_blob(cipher, bytes(flipped))


def test_a_manifest_needs_the_seal_key(keys: Keys, cipher: Cipher) -> None:
    scoped = Keys(keys.vault_id, keys.key_id, agenda=keys.agenda)
    blob = Manifest(keys).to_blob(cipher)
    with pytest.raises(Locked):
        Manifest(scoped)
    with pytest.raises(Locked):
        Manifest.from_blob(Cipher(scoped), blob)


@pytest.mark.torture
def test_a_row_costs_under_fifty_microseconds(keys: Keys) -> None:
    rows = some_rows(10_000)
    start = time.perf_counter()
    manifest_of(keys, rows)
    assert (time.perf_counter() - start) / len(rows) < 50e-6
