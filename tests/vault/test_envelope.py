"""Envelopes: what goes in comes out, in its place alone, and lengths tell little."""

from __future__ import annotations

import math
import os
import random
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossier.errors import Damaged, Locked, Usage
from dossier.vault.envelope import JSON, Cipher, padded_size
from dossier.vault.keys import KeyClass, Keys, derive

UID = bytes(range(16))
SECRET = "plays the zither, 古筝"
OVERHEAD = 4 + 12 + 16

text = st.text(st.characters(exclude_categories=["Cs"]))
values: st.SearchStrategy[JSON] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)
steady = Cipher(derive(bytes(32), bytes(16), 1))


@given(st.dictionaries(text, values, max_size=8), st.binary(max_size=32), st.sampled_from(KeyClass))
def test_fields_come_back_without_their_nulls(
    fields: dict[str, JSON], uid: bytes, key_class: KeyClass
) -> None:
    blob = steady.encrypt(7, key_class, uid, fields)
    assert steady.decrypt(7, key_class, uid, blob) == {k: v for k, v in fields.items() if v is not None}


@given(st.binary(max_size=5000))
def test_bytes_come_back(payload: bytes) -> None:
    assert steady.decrypt_bytes(7, "agenda", UID, steady.encrypt_bytes(7, "agenda", UID, payload)) == payload


@given(st.integers(0, 1 << 40))
def test_padding_keeps_padmes_law(size: int) -> None:
    padded = padded_size(size)
    assert padded >= max(size, 64)
    assert padded_size(padded) == padded
    if size > 64:
        assert padded - size <= 0.12 * size
        exponent = math.floor(math.log2(padded))
        loose = exponent - (math.floor(math.log2(exponent)) + 1)
        assert padded % (1 << loose) == 0


def test_padding_grows_with_size_and_leaves_few_lengths() -> None:
    sizes = [padded_size(size) for size in range(1, 10_001)]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) < 200


def test_empty_looks_like_full(cipher: Cipher) -> None:
    empty = cipher.encrypt(1, "dossier", UID, {"note": None})
    short = cipher.encrypt(1, "dossier", UID, {"note": "met at the fair"})
    assert len(empty) == len(short) == 64 + OVERHEAD


def test_the_secret_is_not_in_the_envelope(cipher: Cipher) -> None:
    blob = cipher.encrypt(1, "dossier", UID, {"text": SECRET})
    assert SECRET.encode() not in blob
    assert cipher.encrypt(1, "dossier", UID, {"text": SECRET}) != blob


@pytest.mark.parametrize(
    ("table_id", "key_class", "uid"),
    [(2, "agenda", UID), (1, "dossier", UID), (1, "seal", UID), (1, "agenda", UID[::-1]), (1, "agenda", b"")],
)
def test_a_moved_envelope_is_refused(cipher: Cipher, table_id: int, key_class: str, uid: bytes) -> None:
    blob = cipher.encrypt(1, "agenda", UID, {"title": SECRET})
    with pytest.raises(Damaged):
        cipher.decrypt(table_id, key_class, uid, blob)


def test_the_same_key_in_another_class_or_vault_is_refused(keys: Keys) -> None:
    """The associated data refuses the move on its own, even where the keys would agree."""
    blob = Cipher(keys).encrypt(1, "agenda", UID, {"title": SECRET})
    one_key = Keys(keys.vault_id, keys.key_id, keys.agenda, keys.agenda, keys.agenda)
    with pytest.raises(Damaged):
        Cipher(one_key).decrypt(1, "dossier", UID, blob)
    other_vault = Keys(os.urandom(16), keys.key_id, keys.agenda, keys.agenda, keys.agenda)
    with pytest.raises(Damaged):
        Cipher(other_vault).decrypt(1, "agenda", UID, blob)
    other_root = Keys(keys.vault_id, keys.key_id + 1, keys.agenda)
    with pytest.raises(Damaged):
        Cipher(other_root).decrypt(1, "agenda", UID, blob)


def test_fields_and_bytes_do_not_stand_in_for_each_other(cipher: Cipher) -> None:
    with pytest.raises(Damaged):
        cipher.decrypt_bytes(1, "agenda", UID, cipher.encrypt(1, "agenda", UID, {}))
    with pytest.raises(Damaged):
        cipher.decrypt(1, "agenda", UID, cipher.encrypt_bytes(1, "agenda", UID, b"{}"))


def test_every_flipped_bit_is_damage(cipher: Cipher) -> None:
    blob = cipher.encrypt(1, "dossier", UID, {"text": SECRET})
    for position in range(len(blob) * 8):
        flipped = bytearray(blob)
        flipped[position // 8] ^= 1 << position % 8
        with pytest.raises(Damaged):
            cipher.decrypt(1, "dossier", UID, bytes(flipped))


def test_every_truncation_and_extension_is_damage(cipher: Cipher) -> None:
    blob = cipher.encrypt(1, "dossier", UID, {"text": SECRET * 20})
    for size in range(len(blob)):
        with pytest.raises(Damaged):
            cipher.decrypt(1, "dossier", UID, blob[:size])
    with pytest.raises(Damaged):
        cipher.decrypt(1, "dossier", UID, blob + b"\0")


def mutated(blob: bytes, chance: random.Random) -> bytes:
    """The blob with one to five bytes changed, cut out or put in."""
    changed = bytearray(blob)
    for _ in range(chance.randint(1, 5)):
        start = chance.randrange(len(changed))
        changed[start : start + chance.randint(0, 2)] = chance.randbytes(chance.randint(0, 2))
    return bytes(changed)


@pytest.mark.torture
@pytest.mark.parametrize("key_class", KeyClass)
def test_ten_thousand_mutations_are_damage(cipher: Cipher, key_class: KeyClass) -> None:
    chance = random.Random(5)
    blob = cipher.encrypt(1, key_class, UID, {"text": SECRET * 9})
    sealed = cipher.encrypt_bytes(1, key_class, UID, SECRET.encode() * 9)
    for _ in range(10_000):
        changed, changed_bytes = mutated(blob, chance), mutated(sealed, chance)
        if changed != blob:
            with pytest.raises(Damaged):
                cipher.decrypt(1, key_class, UID, changed)
        if changed_bytes != sealed:
            with pytest.raises(Damaged):
                cipher.decrypt_bytes(1, key_class, UID, changed_bytes)


@pytest.mark.parametrize("stored", [None, "text", 7, 1.5, b""])
def test_a_stored_value_of_the_wrong_kind_is_damage(cipher: Cipher, stored: object) -> None:
    with pytest.raises(Damaged):
        cipher.decrypt(1, "dossier", UID, stored)


def test_a_missing_key_is_locked_not_damaged(keys: Keys) -> None:
    full = Cipher(keys)
    scoped = Cipher(Keys(keys.vault_id, keys.key_id, agenda=keys.agenda))
    assert [scoped.can_open(name) for name in KeyClass] == [True, False, False]
    blob = full.encrypt(1, "agenda", UID, {"title": "call back"})
    assert scoped.decrypt(1, "agenda", UID, blob) == {"title": "call back"}
    for key_class in (KeyClass.DOSSIER, KeyClass.SEAL):
        with pytest.raises(Locked):
            scoped.decrypt(1, key_class, UID, blob)
        with pytest.raises(Locked):
            scoped.encrypt(1, key_class, UID, {})


def test_a_lone_surrogate_is_refused_without_telling_the_text(cipher: Cipher) -> None:
    with pytest.raises(Usage) as caught:
        cipher.encrypt(1, "dossier", UID, {"text": SECRET + "\ud83d"})
    seen: BaseException | None = caught.value
    while seen is not None:
        assert SECRET not in repr(seen.args)
        seen = seen.__context__


def test_errors_and_reprs_hold_no_secret(cipher: Cipher) -> None:
    blob = cipher.encrypt(1, "dossier", UID, {"text": SECRET})
    with pytest.raises(Damaged) as caught:
        cipher.decrypt(2, "dossier", UID, blob)
    held = [cipher.keys.agenda, cipher.keys.dossier, cipher.keys.seal]
    for shown in (repr(caught.value), repr(cipher), repr(cipher.keys), str(caught.value.hint)):
        assert SECRET not in shown
        assert not any(key is not None and (key.hex() in shown or repr(key) in shown) for key in held)
    assert caught.value.__context__ is None


def draw_nonces(cipher: Cipher, count: int) -> int:
    return len({cipher.encrypt(1, "agenda", UID, {})[4:16] for _ in range(count)})


def test_nonces_are_never_the_same(cipher: Cipher) -> None:
    assert draw_nonces(cipher, 20_000) == 20_000


@pytest.mark.torture
def test_nonces_are_never_the_same_over_a_million_writes(cipher: Cipher) -> None:
    assert draw_nonces(cipher, 1_000_000) == 1_000_000


def test_cryptography_is_not_imported_until_an_envelope_is_touched() -> None:
    program = (
        "import sys\n"
        "from dossier.vault.envelope import Cipher\n"
        "from dossier.vault.keys import Keys\n"
        "from dossier.vault import header, seals\n"
        "cipher = Cipher(Keys(bytes(16), 1, bytes(32), bytes(32), bytes(32)))\n"
        "seals.row_seal(bytes(32), 1, b'u', 1, [1], [b'e'])\n"
        "assert 'cryptography' not in sys.modules\n"
        "cipher.encrypt(1, 'agenda', b'u', {})\n"
        "assert 'cryptography' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
