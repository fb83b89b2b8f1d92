"""Recovery codes: a random key that people can write down, type back, and be told where they mistyped.

Seven groups of five characters in Crockford's base 32 (no I, L, O, U). The first four of a group carry 20
random bits, the fifth checks them: over GF(32) the group's number is d1·a + d2·a² + d3·a³ + d4·a⁴ + check. So
one wrong character, two neighbours swapped, or two groups swapped never pass. That makes 140 random bits.
"""

from __future__ import annotations

import os

from dossier.errors import Usage

GROUPS = 7
GROUP_LENGTH = 5
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

_VALUES = {character: value for value, character in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_HINT = "compare it with your copy; it has 7 groups of 5 characters"


def new_code() -> str:
    """A fresh code, as it is shown: `XXXXX-XXXXX-…`."""
    groups = []
    for number in range(1, GROUPS + 1):
        data = [byte % 32 for byte in os.urandom(GROUP_LENGTH - 1)]  # 32 divides 256: no symbol is favoured
        groups.append("".join(ALPHABET[value] for value in [*data, _check_value(number, data)]))
    return "-".join(groups)


def secret_of(typed: str) -> bytes:
    """The key material of a code as somebody typed it: any case, O for 0, I or L for 1, spaces and dashes.

    Raises Usage for what cannot be a code: it names the group with the typo, never what was typed.
    """
    import unicodedata

    plain = unicodedata.normalize("NFKC", typed).upper()
    characters = [
        c for c in plain if not (c.isspace() or unicodedata.category(c) in ("Pd", "Pc", "Cf", "Cc"))
    ]
    wanted = GROUPS * GROUP_LENGTH
    if len(characters) != wanted:
        raise Usage(f"the recovery code has {wanted} characters, not {len(characters)}", _HINT)
    values = [_VALUES.get(character) for character in characters]
    for number in range(1, GROUPS + 1):
        group = values[(number - 1) * GROUP_LENGTH : number * GROUP_LENGTH]
        known = [value for value in group if value is not None]
        if len(known) != GROUP_LENGTH or known[-1] != _check_value(number, known[:-1]):
            raise Usage(f"there is a typo in group {number} of the recovery code", _HINT)
    return "".join(ALPHABET[value] for value in values if value is not None).encode()


def _check_value(number: int, data: list[int]) -> int:
    check = 0
    for value in reversed(data):
        check = _times_a(check ^ value)
    return check ^ number


def _times_a(value: int) -> int:
    """Multiply by the generator a of GF(32) = GF(2)[a] / (a⁵ + a² + 1)."""
    value <<= 1
    return value ^ 0b100101 if value & 32 else value
