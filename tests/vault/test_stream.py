from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.ciphers import aead as library
from hypothesis import given, settings
from hypothesis import strategies as st

from dossier.errors import Damaged
from dossier.vault import stream
from dossier.vault.envelope import padded_size
from dossier.vault.keys import Keys
from dossier.vault.stream import CHUNK_BYTES, StreamKey, chunks_of, decrypt, encrypt, place

KEYS = Keys(bytes(range(16)), 1)
HERE = place(KEYS, b"u" * 16)
KEY = StreamKey.new()
PINNED = "ed32b2af0a118468e9c9a5fedf25ec3a69d4d9038ef534f2967828b0afa21158"


def pieces(content: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def opened(chunks: list[object], size: int, key: StreamKey = KEY, where: bytes = HERE) -> bytes:
    return b"".join(decrypt(key, where, size, chunks))


SIZES = st.one_of(
    st.integers(0, 300),
    st.integers(CHUNK_BYTES - 3, CHUNK_BYTES + 3),
    st.integers(2 * CHUNK_BYTES - 3, 2 * CHUNK_BYTES + 3),
    st.integers(0, 5 * CHUNK_BYTES),
)


@settings(deadline=None)
@given(SIZES, st.integers(1, 3 * CHUNK_BYTES))
def test_what_goes_in_comes_out_whatever_it_is_given_in(size: int, piece: int) -> None:
    content = os.urandom(size)
    chunks: list[object] = list(
        encrypt(KEY, HERE, pieces(content, piece if size > 2000 else max(1, piece % 64)))
    )
    assert len(chunks) == chunks_of(size)
    assert sum(len(chunk) - 16 for chunk in chunks if isinstance(chunk, bytes)) == padded_size(size)
    assert opened(chunks, size) == content


def test_the_length_stored_tells_no_more_than_its_leading_bits() -> None:
    sizes = {sum(map(len, encrypt(KEY, HERE, [bytes(size)]))) for size in range(1_000_000, 1_015_800, 999)}
    assert len(sizes) == 1


def test_an_empty_file_looks_like_any_small_one() -> None:
    assert [len(chunk) for chunk in encrypt(KEY, HERE, [])] == [
        len(chunk) for chunk in encrypt(KEY, HERE, [b"x"])
    ]
    assert opened(list(encrypt(KEY, HERE, [])), 0) == b""


@pytest.fixture(scope="module")
def content() -> bytes:
    return os.urandom(4 * CHUNK_BYTES + 1000)


@pytest.fixture(scope="module")
def chunks(content: bytes) -> list[bytes]:
    return list(encrypt(KEY, HERE, [content]))


def test_every_change_to_the_chunks_is_noticed(content: bytes, chunks: list[bytes]) -> None:
    size, count = len(content), len(chunks)
    assert count == 5
    changed: list[list[object]] = []
    for number in range(count):
        whole = chunks[number]
        rest: list[object] = list(chunks)
        for place_ in (0, len(whole) // 2, len(whole) - 1):
            flipped = bytearray(whole)
            flipped[place_] ^= 1
            changed.append([*rest[:number], bytes(flipped), *rest[number + 1 :]])
        changed.append(rest[:number] + rest[number + 1 :])
        changed.append(rest[: number + 1] + rest[number:])
        changed.append(rest[:number])
        strange = (
            whole[:-1],
            whole + b"x",
            whole[:15],
            b"",
            None,
            "text",
            7,
            1.5,
            bytes(stream.LARGEST_CHUNK + 1),
        )
        changed.extend([*rest[:number], other, *rest[number + 1 :]] for other in strange)
        for other_number in range(number):
            swapped = list(rest)
            swapped[number], swapped[other_number] = rest[other_number], rest[number]
            changed.append(swapped)
    changed.append([*chunks, chunks[-1]])
    changed.append([*chunks, b""])
    for case in changed:
        with pytest.raises(Damaged):
            opened(case, size)


def test_a_chunk_of_another_file_or_place_is_refused(content: bytes, chunks: list[bytes]) -> None:
    other_key = StreamKey.new()
    for number in range(len(chunks)):
        for key, where in (
            (other_key, HERE),
            (StreamKey(KEY.key, other_key.prefix), HERE),
            (KEY, place(KEYS, b"v" * 16)),
            (KEY, place(Keys(bytes(16), 1), b"u" * 16)),
            (KEY, place(Keys(KEYS.vault_id, 2), b"u" * 16)),
        ):
            foreign: list[object] = list(chunks)
            foreign[number] = list(encrypt(key, where, [content]))[number]
            with pytest.raises(Damaged):
                opened(foreign, len(content))


@pytest.mark.parametrize("by", [-CHUNK_BYTES, -2 * CHUNK_BYTES, CHUNK_BYTES, 10 * CHUNK_BYTES])
def test_another_length_than_it_was_stored_with_is_noticed(
    content: bytes, chunks: list[bytes], by: int
) -> None:
    with pytest.raises(Damaged):
        opened(list(chunks), len(content) + by)


def test_no_piece_comes_out_of_a_chunk_that_is_not_authentic(content: bytes, chunks: list[bytes]) -> None:
    came: list[bytes] = []
    with pytest.raises(Damaged, match="its chunk 2 is damaged"):
        came.extend(decrypt(KEY, HERE, len(content), [*chunks[:2], chunks[3], *chunks[3:]]))
    assert b"".join(came) == content[: 2 * CHUNK_BYTES]


def test_nonces_never_repeat_and_only_the_last_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []

    class Watched:
        def __init__(self, key: bytes) -> None:
            pass

        def encrypt(self, nonce: bytes, data: bytes, _: bytes) -> bytes:
            seen.append(nonce)
            return data

    monkeypatch.setattr(library, "AESGCM", Watched)
    for _ in range(3):
        list(encrypt(StreamKey.new(), HERE, (bytes(CHUNK_BYTES) for _ in range(300))))
    assert len(seen) == len(set(seen))
    assert sum(nonce[-1] for nonce in seen) == 3
    assert {len(nonce) for nonce in seen} == {12}


def test_a_file_is_held_two_chunks_at_a_time() -> None:
    given = 0

    def content() -> Iterator[bytes]:
        nonlocal given
        for _ in range(100):
            given += 1
            yield bytes(CHUNK_BYTES)

    for number, _ in enumerate(encrypt(KEY, HERE, content())):
        assert given <= number + 2


def test_a_key_survives_as_text_and_says_nothing_of_itself() -> None:
    assert StreamKey.parse(KEY.hex()) == KEY
    assert KEY.key.hex() not in repr(KEY)
    for text in ("", "zz", KEY.hex()[2:], KEY.hex() + "00", "é"):
        with pytest.raises(Damaged) as caught:
            StreamKey.parse(text)
        assert caught.value.__cause__ is caught.value.__context__ is None


def test_encrypting_anew_takes_what_decrypting_gives(content: bytes, chunks: list[bytes]) -> None:
    key, where = StreamKey.new(), place(Keys(KEYS.vault_id, 2), b"u" * 16)
    again: list[object] = list(encrypt(key, where, decrypt(KEY, HERE, len(content), chunks)))
    assert opened(again, len(content), key, where) == content


def test_the_chunks_are_what_the_format_says() -> None:
    """Written out from the format alone, and pinned: what is stored today must open for ever."""
    key = StreamKey(bytes(range(32)), b"prefix!")
    content = bytes(range(256)) * 257
    where = b"dossier/1/stream" + KEYS.vault_id + b"\x00\x01" + b"u" * 16
    padded = content + bytes(67_584 - len(content))
    first, second = padded[:65_536], padded[65_536:]
    aead = library.AESGCM(bytes(range(32)))
    expected = [
        aead.encrypt(b"prefix!" + b"\0\0\0\0" + b"\0", first, where),
        aead.encrypt(b"prefix!" + b"\0\0\0\1" + b"\1", second, where),
    ]
    found = list(encrypt(key, HERE, [content]))
    assert found == expected
    assert hashlib.sha256(b"".join(found)).hexdigest() == PINNED
