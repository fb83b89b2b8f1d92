"""Recovery codes: written down, typed back however people type, and told where the typo is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossier.errors import Usage
from dossier.vault.recovery import ALPHABET, new_code, secret_of

positions = st.integers(0, 34)


def plain(code: str) -> str:
    return code.replace("-", "")


def test_a_code_is_seven_groups_of_five() -> None:
    code = new_code()
    assert re.fullmatch(rf"([{ALPHABET}]{{5}}-){{6}}[{ALPHABET}]{{5}}", code)
    assert len({new_code() for _ in range(200)}) == 200


def test_every_symbol_appears() -> None:
    assert set("".join(plain(new_code()) for _ in range(100))) == set(ALPHABET)


@pytest.mark.parametrize(
    "retyped",
    [
        str.lower,
        lambda code: code.replace("-", ""),
        lambda code: code.replace("-", " "),
        lambda code: "\n ".join(code.split("-")) + "\n",
        lambda code: code.replace("-", "\u2013"),
        lambda code: code.replace("0", "o"),
        lambda code: code.replace("0", "O").replace("1", "l"),
        lambda code: code.replace("1", "I"),
        lambda code: "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in code),
    ],
    ids=["lower", "joined", "spaces", "lines", "en-dash", "o", "O-and-l", "I", "full-width"],
)
def test_typing_is_forgiving(retyped: object) -> None:
    assert callable(retyped)
    for _ in range(20):
        code = new_code()
        assert secret_of(retyped(code)) == secret_of(code) == plain(code).encode()


@given(positions, st.sampled_from(ALPHABET))
def test_one_wrong_character_is_a_typo_in_its_group(position: int, other: str) -> None:
    code = plain(new_code())
    mistyped = code[:position] + other + code[position + 1 :]
    if mistyped == code:
        return
    with pytest.raises(Usage, match=f"typo in group {position // 5 + 1} ") as caught:
        secret_of(mistyped)
    shown = caught.value.message + str(caught.value.hint)
    assert mistyped not in shown
    assert mistyped[position // 5 * 5 :][:5] not in shown


@given(st.integers(0, 33))
def test_swapped_neighbours_are_a_typo(position: int) -> None:
    code = plain(new_code())
    swapped = code[:position] + code[position + 1] + code[position] + code[position + 2 :]
    if position % 5 != 4 and swapped != code:
        with pytest.raises(Usage, match="typo"):
            secret_of(swapped)


@given(st.integers(0, 6), st.integers(0, 6))
def test_swapped_groups_are_a_typo(one: int, other: int) -> None:
    groups = new_code().split("-")
    groups[one], groups[other] = groups[other], groups[one]
    if one != other:
        with pytest.raises(Usage, match="typo"):
            secret_of("-".join(groups))


@pytest.mark.parametrize("typed", ["", "A", "-----", "x" * 34, "x" * 36, "x" * 100_000])
def test_a_code_of_another_length_says_so(typed: str) -> None:
    with pytest.raises(Usage, match="35 characters"):
        secret_of(typed)


@pytest.mark.parametrize("character", ["U", "!", "é", "中"])
def test_a_character_no_code_has_is_a_typo(character: str) -> None:
    code = plain(new_code())
    with pytest.raises(Usage, match="typo in group 2 "):
        secret_of(code[:5] + character + code[6:])
