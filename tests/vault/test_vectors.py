"""Published vectors through the vault's own calls."""

from __future__ import annotations

import json
import os
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest

from dossier.vault import kdf
from dossier.vault import keys as keys_module
from dossier.vault.aead import Aead
from dossier.vault.kdf import KdfParams

WYCHEPROOF: dict[str, Any] = json.loads(Path(__file__).with_name("wycheproof.json").read_text())
"""Those for what a vault is made with: keys of 256 bits, nonces of 96, tags of 128; outputs of 128 bytes at most."""


@pytest.mark.parametrize(
    ("material", "salt", "info", "output"),
    [
        pytest.param(
            "0b" * 22,
            "000102030405060708090a0b0c",
            "f0f1f2f3f4f5f6f7f8f9",
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
            id="A.1",
        ),
        pytest.param(
            bytes(range(0x50)).hex(),
            bytes(range(0x60, 0xB0)).hex(),
            bytes(range(0xB0, 0x100)).hex(),
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
            "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
            "cc30c58179ec3e87c14c01d5c1f3434f1d87",
            id="A.2",
        ),
        pytest.param(
            "0b" * 22,
            "",
            "",
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
            id="A.3",
        ),
    ],
)
def test_hkdf_rfc_5869(material: str, salt: str, info: str, output: str) -> None:
    expected = bytes.fromhex(output)
    derived = keys_module.hkdf(
        bytes.fromhex(material), bytes.fromhex(salt), bytes.fromhex(info), len(expected)
    )
    assert derived == expected


GCM_KEY = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
GCM_NONCE = "cafebabefacedbaddecaf888"
GCM_PLAIN = (
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
)
GCM_CIPHER = (
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
)


@pytest.mark.parametrize(
    ("key", "nonce", "plain", "associated", "output", "tag"),
    [
        pytest.param("00" * 32, "00" * 12, "", "", "", "530f8afbc74536b9a963b4f1c4cb738b", id="13"),
        pytest.param(
            "00" * 32,
            "00" * 12,
            "00" * 16,
            "",
            "cea7403d4d606b6e074ec5d3baf39d18",
            "d0d1c8a799996bf0265b98b5d48ab919",
            id="14",
        ),
        pytest.param(
            GCM_KEY, GCM_NONCE, GCM_PLAIN, "", GCM_CIPHER, "b094dac5d93471bdec1a502270e3cc6c", id="15"
        ),
        pytest.param(
            GCM_KEY,
            GCM_NONCE,
            GCM_PLAIN[:120],
            "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            GCM_CIPHER[:120],
            "76fc6ece0f4e1768cddf8853bb2d551b",
            id="16",
        ),
    ],
)
def test_aes_256_gcm_of_the_nist_submission(
    monkeypatch: pytest.MonkeyPatch, key: str, nonce: str, plain: str, associated: str, output: str, tag: str
) -> None:
    monkeypatch.setattr(os, "urandom", lambda size: bytes.fromhex(nonce) if size == 12 else b"")
    aead = Aead(bytes.fromhex(key))
    box = bytes.fromhex(nonce + output + tag)
    assert aead.seal(bytes.fromhex(plain), bytes.fromhex(associated)) == box
    assert aead.open(box, bytes.fromhex(associated)) == bytes.fromhex(plain)
    assert aead.open(box[:-1] + bytes([box[-1] ^ 1]), bytes.fromhex(associated)) is None


def number(vector: list[Any]) -> str:
    return str(vector[0])


@pytest.mark.parametrize("vector", WYCHEPROOF["aes_256_gcm"], ids=number)
def test_aes_256_gcm_of_wycheproof(monkeypatch: pytest.MonkeyPatch, vector: list[Any]) -> None:
    valid = vector[1]
    key, nonce, associated, plain, output, tag = map(bytes.fromhex, vector[2:])
    aead = Aead(key)
    if valid:
        monkeypatch.setattr(os, "urandom", lambda size: nonce if size == 12 else b"")
        assert aead.seal(plain, associated) == nonce + output + tag
        assert aead.open(nonce + output + tag, associated) == plain
    else:
        assert aead.open(nonce + output + tag, associated) is None


@pytest.mark.parametrize(
    "vector", [one for one in WYCHEPROOF["aes_256_gcm"] if one[1] and len(one[6]) < 140], ids=number
)
def test_a_vector_that_is_changed_anywhere_does_not_open(vector: list[Any]) -> None:
    """Each bit of nonce, ciphertext, tag and associated data; each length but the right one."""
    key, nonce, associated, _, output, tag = map(bytes.fromhex, vector[2:])
    aead, box = Aead(key), nonce + output + tag
    for bit in range(len(box) * 8):
        assert aead.open(flipped(box, bit), associated) is None
    for bit in range(len(associated) * 8):
        assert aead.open(box, flipped(associated, bit)) is None
    for size in range(len(box)):
        assert aead.open(box[:size], associated) is None
    assert aead.open(box + b"\0", associated) is None
    assert aead.open(box, associated + b"\0") is None


def flipped(data: bytes, bit: int) -> bytes:
    return data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :]


@pytest.mark.parametrize("vector", WYCHEPROOF["hkdf_sha256"], ids=number)
def test_hkdf_of_wycheproof(vector: list[Any]) -> None:
    material, salt, info, output = map(bytes.fromhex, vector[1:])
    assert keys_module.hkdf(material, salt, info, len(output)) == output


def test_blake2b_rfc_7693() -> None:
    """Appendix A; seals and subkeys are keyed forms of this very function of `hashlib`."""
    assert blake2b(b"abc").hexdigest().startswith("ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b7")
    assert keys_module.subkey(bytes(32), b"a") != keys_module.subkey(bytes(32), b"b")


ONES, TWOS = "01" * 32, "02" * 16


@pytest.mark.parametrize(
    ("params", "secret", "salt", "key", "associated", "output"),
    [
        pytest.param(
            KdfParams(32, 3, 4),
            ONES,
            TWOS,
            "03" * 8,
            "04" * 12,
            "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659",
            id="RFC-9106-5.3",
        ),
        pytest.param(
            KdfParams(32, 3, 4),
            ONES,
            TWOS,
            None,
            None,
            "03aab965c12001c9d7d0d2de33192c0494b684bb148196d73c1df1acaf6d0c2e",
            id="without-key-and-data",
        ),
        pytest.param(
            KdfParams(131072, 1, 2),
            b"password".hex(),
            b"pycasalt".hex(),
            None,
            None,
            "e9e42714a15947f6ce1fdabbb667dfc9fd1af7c473f021cc3402506bfa775053"
            "3f33aa44e3aebcf336680f4a2bdc371758574ad48470f05a9ee2ffd70c150b4c",
            id="reference-tool",
        ),
    ],
)
def test_argon2id_rfc_9106(
    params: KdfParams, secret: str, salt: str, key: str | None, associated: str | None, output: str
) -> None:
    expected = bytes.fromhex(output)
    stretched = kdf.stretch(
        bytes.fromhex(secret),
        bytes.fromhex(salt),
        params,
        associated=None if associated is None else bytes.fromhex(associated),
        key=None if key is None else bytes.fromhex(key),
        length=len(expected),
    )
    assert stretched == expected
