"""The worked example of the format page: the frozen vault, taken apart byte by byte.

Nothing of `dossier.vault` helps here: the steps are those that the page tells, with the primitives alone. Every result
is compared with what stands in the file, so that a page whose formulas were wrong could not be made. What the frozen
vault does not have, a key file and an attachment, is made from fixed bytes, and dossier's own readers must take it.
"""

from __future__ import annotations

import hmac
import json
import sqlite3
import struct
import unicodedata
from collections.abc import Iterator, Sequence
from hashlib import blake2b, sha256
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dossier.vault import key_file, stream
from dossier.vault.keys import Keys
from tests.store.fixtures.make_schema1 import CODE, PASSPHRASE, VAULT

_LINE = 32
"""Bytes of hex on a line."""


def text_of_example() -> str:
    """The example as it stands in the page: blocks of `name  bytes`, with a sentence before each."""
    return "\n".join(_Example().lines())


def hexed(name: str, value: bytes, remark: str = "") -> str:
    """`name  bytes  remark`, broken where a line is full."""
    parts = [value[start : start + _LINE].hex() for start in range(0, len(value), _LINE)] or ["(nothing)"]
    lines = [f"{name:<14}{parts[0]}", *(f"{'':<14}{part}" for part in parts[1:])]
    lines[-1] += f"  {remark}" if remark else ""
    return "\n".join(lines)


def _derived(material: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(material)


class _Example:
    """One walk from the passphrase to a record."""

    def __init__(self) -> None:
        connection = sqlite3.connect(f"file:{VAULT}?mode=ro&immutable=1", uri=True)
        self.header, self.manifest = connection.execute("SELECT header, manifest FROM vault").fetchone()
        self.account = connection.execute("SELECT * FROM account WHERE id = 1").fetchone()
        self.change = connection.execute("SELECT * FROM change WHERE id = 1").fetchone()
        self.calendar = connection.execute("SELECT version, agenda, seal FROM calendar").fetchone()
        connection.close()
        self.vault_id, self.key_id = self.header[10:26], self.header[26:28]
        self.root = b""

    def lines(self) -> Iterator[str]:
        yield "The header:"
        yield from self._block(self._header())
        passphrase = unicodedata.normalize("NFC", PASSPHRASE).encode()
        yield f"Slot 1, opened by the passphrase `{PASSPHRASE}` (its cost is below the floor; see there):"
        yield from self._block(self._slot(29, passphrase))
        code = CODE.read_text(encoding="utf-8").strip()
        yield f"Slot 2, opened by the recovery code `{code}`; it wraps the same root:"
        yield from self._block(self._slot(29 + 130, code.replace("-", "").encode()))
        yield "The keys, and what they say of the header:"
        yield from self._block(self._keys())
        yield f"Account 1, `{self.account[3]}`: its `dossier` envelope, opened:"
        yield from self._block(self._envelope())
        yield "Its seal, over these bytes, and its element of the manifest:"
        yield from self._block(self._seal())
        yield "The manifest:"
        yield from self._block(self._manifest())
        yield "The calendar's payload, an entry a line:"
        yield from self._block(self._calendar())
        yield "The first of the `rows` of change 1:"
        yield from self._block(self._change())
        yield "A key file whose 32 bytes are 00 to 1f:"
        yield from self._block(self._key_file())
        yield "An attachment of the bytes `Hi` in this vault: uid 20 to 2f, stream key 00 to 1f, prefix 30 to 36:"
        yield from self._block(self._attachment())

    @staticmethod
    def _block(lines: Iterator[str]) -> Iterator[str]:
        yield from ("", "```text", *lines, "```", "")

    def _header(self) -> Iterator[str]:
        header = self.header
        yield hexed("magic", header[:8])
        yield hexed("format", header[8:10])
        yield hexed("vault id", self.vault_id)
        yield hexed("key id", self.key_id)
        yield hexed("slots", header[28:29])
        for number, start in enumerate((29, 29 + 130), start=1):
            yield hexed(
                f"slot {number} head",
                header[start : start + 9],
                "type, id, created 2027-03-10, body length 121",
            )
            yield hexed("  KDF, cost", header[start + 9 : start + 22])
            yield hexed("  salt", header[start + 22 : start + 38])
            yield hexed("  commitment", header[start + 38 : start + 70])
            yield hexed("  nonce", header[start + 70 : start + 82])
            yield hexed("  box", header[start + 82 : start + 130])
        assert len(header) == 29 + 2 * 130 + 64
        yield hexed("HMAC", header[-64:-32])
        yield hexed("SHA-256", header[-32:])
        assert sha256(header[:-32]).digest() == header[-32:]

    def _slot(self, start: int, secret: bytes) -> Iterator[str]:
        slot = self.header[start : start + 130]
        kdf, memory, passes, lanes = struct.unpack(">BIII", slot[9:22])
        salt, commitment, nonce, box = slot[22:38], slot[38:70], slot[70:82], slot[82:]
        yield hexed("secret", secret)
        stretched = secret
        if kdf == 1:
            stretched = Argon2id(
                salt=salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory
            ).derive(secret)
            yield hexed("Argon2id", stretched)
        key = _derived(stretched, salt, b"dossier/1/slot/wrap")
        yield hexed("wrapping key", key)
        assert _derived(stretched, salt, b"dossier/1/slot/commit") == commitment
        yield hexed("commitment", commitment, "as in the slot")
        associated = b"dossier/1/slot" + self.vault_id + self.key_id + slot[:70]
        yield hexed("associated", associated)
        self.root = AESGCM(key).decrypt(nonce, box, associated)
        yield hexed("root", self.root)

    def _keys(self) -> Iterator[str]:
        self.agenda, self.dossier, self.seal = (
            _derived(self.root, self.vault_id, f"dossier/1/{name}".encode())
            for name in ("agenda", "dossier", "seal")
        )
        header_key = _derived(self.root, self.vault_id, b"dossier/1/header")
        yield hexed("agenda key", self.agenda)
        yield hexed("dossier key", self.dossier)
        yield hexed("seal key", self.seal)
        yield hexed("header key", header_key)
        assert hmac.digest(header_key, self.header[:-64], "sha256") == self.header[-64:-32]
        yield hexed("HMAC", self.header[-64:-32], "as in the header")

    def _open(
        self, key: bytes, blob: bytes, table: int, number: int, kind: int, uid: bytes
    ) -> tuple[bytes, bytes, bytes]:
        associated = blob[:4] + self.vault_id + struct.pack(">HBB", table, number, kind) + uid
        plain = AESGCM(key).decrypt(blob[4:16], blob[16:], associated)
        (length,) = struct.unpack_from(">I", plain)
        return associated, plain, plain[4 : 4 + length]

    def _envelope(self) -> Iterator[str]:
        uid, blob = self.account[1], self.account[13]
        associated, plain, payload = self._open(self.dossier, blob, 1, 2, 0, uid)
        yield hexed("envelope", blob[:4], "version, suite, key id")
        yield hexed("  nonce", blob[4:16])
        yield hexed("  ciphertext", blob[16:])
        yield hexed("associated", associated)
        yield hexed("plaintext", plain)
        yield f"{'JSON':<14}{payload.decode()}"

    def _seal(self) -> Iterator[str]:
        identity, uid, version, *rest = self.account
        *plain, agenda, dossier, seal = rest
        sealed = self._sealed_bytes(1, uid, version, [identity, *plain], [agenda, dossier])
        assert blake2b(sealed, key=self.seal, person=b"dossier/1/row", digest_size=32).digest() == seal
        yield hexed("sealed", sealed)
        yield hexed("seal", seal, "as in the row")
        self.rowset = blake2b(b"", key=self.seal, person=b"dossier/1/rowset", digest_size=32).digest()
        yield hexed("rowset key", self.rowset)
        data = struct.pack(">HI", 1, len(uid)) + uid + seal
        yield hexed("element of", data)
        yield hexed("element", blake2b(data, key=self.rowset, digest_size=64).digest())

    @staticmethod
    def _sealed_bytes(
        table: int, uid: bytes, version: int, plain: Sequence[Any], envelopes: Sequence[bytes]
    ) -> bytes:
        parts = [struct.pack(">HqHHI", table, version, len(plain), len(envelopes), len(uid)), uid]
        for value in plain:
            if value is None:
                parts.append(b"0")
            elif isinstance(value, int):
                parts.append(struct.pack(">cq", b"i", value))
            else:
                text = value.encode()
                parts.append(struct.pack(">cI", b"s", len(text)) + text)
        parts += [struct.pack(">cI", b"e", len(envelope)) + envelope for envelope in envelopes]
        return b"".join(parts)

    def _manifest(self) -> Iterator[str]:
        key = blake2b(b"", key=self.seal, person=b"dossier/1/sealed", digest_size=32).digest()
        associated, plain, state = self._open(key, self.manifest, 0xFF02, 3, 1, b"")
        yield hexed("sealed key", key)
        yield hexed("associated", associated)
        yield hexed("version", state[:1])
        yield hexed("sum", state[1:65])
        for name, start in (("count", 65), ("generation", 73), ("journal", 81)):
            yield hexed(name, state[start : start + 8])
        yield hexed("header", state[89:])
        assert len(state) == 121
        assert len(plain) == 128
        assert state[89:] == sha256(self.header).digest()

    def _calendar(self) -> Iterator[str]:
        version, envelope, seal = self.calendar
        uid = b"calendar"
        _, _, payload = self._open(self.agenda, envelope, 0xFF01, 1, 1, uid)
        sealed = self._sealed_bytes(0xFF01, uid, version, [1], [envelope])
        assert blake2b(sealed, key=self.seal, person=b"dossier/1/row", digest_size=32).digest() == seal
        yield hexed("longest lead", payload[:2])
        for start in range(2, len(payload), 10):
            month_day, days, kind, record_id = struct.unpack(">HHBxI", payload[start : start + 10])
            said = (
                f"{month_day}, {'no days' if days == 0xFFFF else f'{days} days'}, kind {kind}, id {record_id}"
            )
            yield hexed("entry", payload[start : start + 10], said)

    def _change(self) -> Iterator[str]:
        uid, blob = self.change[1], self.change[5]
        _, _, payload = self._open(self.dossier, blob, 11, 2, 0, uid)
        entry = json.loads(payload)
        assert set(entry) == {"rows"}
        first = json.dumps(entry["rows"][0], ensure_ascii=False, separators=(",", ":"))
        assert payload.startswith(b'{"rows":[' + first.encode())
        yield from (first[start : start + 100] for start in range(0, len(first), 100))

    @staticmethod
    def _key_file() -> Iterator[str]:
        secret = bytes(range(32))
        line = f"dossier-key-1-{secret.hex()}{sha256(secret).digest()[:4].hex()}"
        assert key_file.parse(line.encode(), "the example").secret == secret
        yield line

    def _attachment(self) -> Iterator[str]:
        content, uid, key, prefix = (
            b"Hi",
            bytes(range(0x20, 0x30)),
            bytes(range(32)),
            bytes(range(0x30, 0x37)),
        )
        nonce = prefix + struct.pack(">IB", 0, 1)
        associated = b"dossier/1/stream" + self.vault_id + self.key_id + uid
        chunk = AESGCM(key).encrypt(nonce, content + bytes(62), associated)
        where = stream.place(Keys(self.vault_id, int.from_bytes(self.key_id)), uid)
        told = stream.StreamKey.parse((key + prefix).hex())
        assert b"".join(stream.decrypt(told, where, len(content), [chunk])) == content
        yield hexed("nonce", nonce)
        yield hexed("associated", associated)
        yield hexed("chunk 0", chunk)
        yield hexed("digest", sha256(content).digest())
