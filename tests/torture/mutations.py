"""Bytes changed in the ways in which chance, a bad disk or an attacker changes them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

Change = Callable[[bytearray, random.Random], None]


def _flip_a_bit(data: bytearray, chance: random.Random) -> None:
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _exchange_a_stretch(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    length = min(chance.randint(1, 16), len(data) - start)
    data[start : start + length] = chance.randbytes(length)


def _blank_a_stretch(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    length = min(chance.randint(1, 40), len(data) - start)
    data[start : start + length] = bytes([chance.choice((0, 0xFF))]) * length


def _cut_out(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    del data[start : start + chance.randint(1, 20)]


def _put_in(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data) + 1)
    data[start:start] = chance.randbytes(chance.randint(1, 20))


def _cut_short(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


def _lengthen(data: bytearray, chance: random.Random) -> None:
    data += chance.choice((b"\0", chance.randbytes(chance.randint(1, 300)), bytes(data)))


def _turn_round(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    end = min(start + chance.randint(2, 64), len(data))
    data[start:end] = data[start:end][::-1]


def _say_an_absurd_number(data: bytearray, chance: random.Random) -> None:
    """Over any four bytes, so over each length and count that may stand there."""
    start = chance.randrange(len(data))
    number = chance.choice((0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF))
    data[start : start + 4] = number.to_bytes(4)[: len(data) - start]


CHANGES: Sequence[Change] = (
    _flip_a_bit,
    _flip_a_bit,
    _exchange_a_stretch,
    _blank_a_stretch,
    _cut_out,
    _put_in,
    _cut_short,
    _lengthen,
    _turn_round,
    _say_an_absurd_number,
)


def mutated(blob: bytes, chance: random.Random, others: Sequence[bytes] = ()) -> bytes:
    """Something else than `blob`: changed in one to three ways, or now and then one of `others` in its place."""
    while True:
        if others and chance.random() < 0.1:
            changed = bytearray(chance.choice(others))
        else:
            changed = bytearray(blob)
            for _ in range(chance.choice((1, 1, 1, 2, 3))):
                if changed:
                    chance.choice(CHANGES)(changed, chance)
        if changed != blob:
            return bytes(changed)
