"""Whatever is changed in whatever a vault holds, it is noticed, and never opens anything (C1, C2).

Ten thousand changes of each kind in the full run: envelopes of every noun and class, whole rows with their seals, the
journal, the calendar, the manifest, the header, and its slots under a checksum that the attacker mended.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from typing import Any

import pytest

from dossier.config import Config
from dossier.errors import Damaged, DossierError, Locked, TooNew
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.store.catalog import RECORDS, Change
from dossier.store.create import create_vault
from dossier.store.gate import CALENDAR_UID
from dossier.store.record import Record
from dossier.store.rows import Rows, layout_of
from dossier.vault import header, kdf, recovery
from dossier.vault.envelope import CALENDAR_TABLE
from dossier.vault.header import Header, NewVault
from dossier.vault.keys import Keys
from dossier.vault.seals import Manifest
from tests.torture.mutations import mutated
from tests.torture.place import PASSPHRASE, TODAY, counts
from tests.torture.sentinels import Secrets, write

SHORT, FULL = 1_000, 10_000


class Stored:
    """What stands in a vault that has one of everything: its keys, its rows, its one-of-a-kind parts."""

    def __init__(self, made: NewVault, path: str) -> None:
        self.made = made
        self.rows = Rows(made.keys)
        create_vault(path, made.header, made.keys)
        with Session(path, TODAY, Config({}, {}, ""), Unlocking(), made.keys) as session:
            for number in range(2):
                write(session, Secrets(), f"Account {number}")
            self.of_kind = {
                kind: session.database.rows(f"SELECT {layout_of(kind).columns} FROM {kind.table.name}")
                for kind in RECORDS
            }
            (self.calendar,) = session.database.rows("SELECT version, agenda, seal FROM calendar")
            ((self.manifest,),) = session.database.rows("SELECT manifest FROM vault")


@pytest.fixture(scope="module")
def cheap() -> Iterator[None]:
    """A key derivation that takes no time at any cost that a changed slot may ask for, and depends on all of it."""

    def stretch(secret: bytes, salt: bytes, params: kdf.KdfParams, **_: Any) -> bytes:
        return sha256(b"|".join((secret, salt, repr(params).encode()))).digest()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kdf, "stretch", stretch)
        yield


@pytest.fixture(scope="module")
def stored(cheap: None, tmp_path_factory: pytest.TempPathFactory) -> Stored:
    folder = tmp_path_factory.mktemp("vault")
    return Stored(header.create(PASSPHRASE, TODAY), str(folder / "vault.dossier"))


@pytest.fixture(scope="module")
def elsewhere(cheap: None, tmp_path_factory: pytest.TempPathFactory) -> Stored:
    """Another vault with the same contents."""
    folder = tmp_path_factory.mktemp("other")
    return Stored(header.create(PASSPHRASE, TODAY), str(folder / "vault.dossier"))


ENVELOPES = [
    pytest.param(kind, place, id=f"{kind.table.name}-{key_class}")
    for kind in RECORDS
    for place, (key_class, _) in enumerate(layout_of(kind).secrets, layout_of(kind).width)
]


@pytest.mark.parametrize(("kind", "place"), ENVELOPES)
@counts(SHORT, FULL)
def test_an_envelope_that_is_changed_or_moved_does_not_open(
    stored: Stored, elsewhere: Stored, kind: type[Record], place: int, count: int
) -> None:
    """Also not when it is another one of ours: of another row, class, noun or vault."""
    rows = stored.of_kind[kind]
    if not rows:
        pytest.skip("nothing writes one yet")
    row, chance = rows[0], random.Random(str(kind))
    others = [
        value
        for one in (stored, elsewhere)
        for found in one.of_kind.values()
        for values in found
        for value in values
        if isinstance(value, bytes) and len(value) > 64 and value != row[place]
    ]
    stored.rows.open(kind, row)
    for _ in range(count):
        changed = [*row[:place], mutated(row[place], chance, others), *row[place + 1 :]]
        with pytest.raises(Damaged):
            stored.rows.open(kind, changed)
        with pytest.raises(Damaged):
            stored.rows.verify(kind, changed)


HOSTILE: list[Any] = [
    *(None, 0, -1, 1, (1 << 63) - 1, -(1 << 63), 0.5, float("inf"), float("nan")),
    *("", "\0", "[]", b"", b"\0" * 32),
]
"""What a plain column can hold in somebody else's file."""


def other_value(value: Any, chance: random.Random) -> Any:
    """Something else than `value`, as SQLite tells values apart."""
    while True:
        if isinstance(value, bytes) and chance.random() < 0.7:
            return mutated(value, chance)
        if isinstance(value, str) and value and chance.random() < 0.7:
            found: Any = mutated(value.encode(), chance).decode("utf-8", "surrogateescape")
        elif isinstance(value, int) and chance.random() < 0.7:
            found = value ^ 1 << chance.randrange(40)
        else:
            found = chance.choice(HOSTILE)
        if (type(found), repr(found)) != (type(value), repr(value)):
            return found


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.table.name)
@counts(SHORT, FULL)
def test_a_row_that_is_changed_anywhere_breaks_its_seal(
    stored: Stored, kind: type[Record], count: int
) -> None:
    """Id, uid, version, each plain column, what the search looks in, the envelopes, and the seal itself."""
    rows = stored.of_kind[kind]
    if not rows:
        pytest.skip("nothing writes one yet")
    chance = random.Random(kind.table.name)
    for number in range(count):
        changed = list(rows[number % len(rows)])
        stored.rows.verify(kind, changed)
        for place in {number % len(changed), chance.randrange(len(changed))}:
            changed[place] = other_value(changed[place], chance)
        with pytest.raises(Damaged):
            stored.rows.verify(kind, changed)
        _reads_or_is_refused(kind, changed)


def _reads_or_is_refused(kind: type[Record], row: list[Any]) -> None:
    """Without keys no seal can be verified: what a locked list does with such a row must have a designed end too."""
    with suppress(Damaged):
        Rows(Keys(bytes(16), 1)).open(kind, row)


@counts(SHORT, FULL)
def test_a_journal_entry_never_stands_for_another(stored: Stored, count: int) -> None:
    rows, chance = stored.of_kind[Change], random.Random(3)
    width = layout_of(Change).width
    for _ in range(count):
        one, other = chance.sample(rows, 2)
        for changed in ((*one[:width], *other[width:]), (*one[:1], *other[1:]), (*one[:-1], other[-1])):
            with pytest.raises(Damaged):
                stored.rows.verify(Change, changed)


@counts(SHORT, FULL)
def test_a_changed_calendar_is_damage(stored: Stored, elsewhere: Stored, count: int) -> None:
    version, envelope, seal = stored.calendar
    chance, others = random.Random(5), [elsewhere.calendar[1], stored.manifest]
    for number in range(count):
        changed = mutated(envelope, chance, others)
        with pytest.raises(Damaged):
            stored.rows.cipher.decrypt_bytes(CALENDAR_TABLE, "agenda", CALENDAR_UID, changed)
        parts = [
            (version, changed, seal),
            (version ^ 1 << number % 32, envelope, seal),
            (version, envelope, mutated(seal, chance, [elsewhere.calendar[2]])),
        ]
        for hurt in parts:
            with pytest.raises(Damaged):
                stored.rows.verify_parts(CALENDAR_TABLE, (1, CALENDAR_UID, hurt[0]), [hurt[1]], hurt[2])


@counts(SHORT, FULL)
def test_a_changed_manifest_is_damage(stored: Stored, elsewhere: Stored, count: int) -> None:
    chance, others = random.Random(7), [elsewhere.manifest, stored.calendar[1], stored.made.header]
    Manifest.from_blob(stored.rows.cipher, stored.manifest)
    for _ in range(count):
        with pytest.raises(Damaged):
            Manifest.from_blob(stored.rows.cipher, mutated(stored.manifest, chance, others))


# --- The header and what opens it

Opening = Callable[[object], object]


def openings(made: NewVault) -> dict[str, Opening]:
    """Every way to open a header, with the right secret."""
    return {
        "passphrase": lambda blob: header.open_with_passphrase(blob, PASSPHRASE),
        "recovery code": lambda blob: header.open_with_recovery(blob, made.recovery_code),
    }


@pytest.mark.parametrize("by", ["passphrase", "recovery code"])
@counts(SHORT, FULL)
def test_a_changed_header_is_told_as_damage_before_any_key_is_derived(
    stored: Stored, elsewhere: Stored, monkeypatch: pytest.MonkeyPatch, by: str, count: int
) -> None:
    opening, chance = openings(stored.made)[by], random.Random(by)
    opening(stored.made.header)
    monkeypatch.setattr(kdf, "stretch", lambda *_, **__: pytest.fail("a key derivation ran"))
    for _ in range(count):
        with pytest.raises(Damaged):
            opening(mutated(stored.made.header, chance, [stored.manifest]))


def resealed(signed: bytes, mac: bytes) -> bytes:
    """A header whose checksum is right, as an attacker would mend it."""
    return signed + mac + sha256(signed + mac).digest()


@pytest.mark.parametrize("by", ["passphrase", "recovery code"])
@counts(4 * SHORT, 4 * FULL)
def test_a_changed_header_never_opens_when_its_checksum_is_mended(
    stored: Stored, elsewhere: Stored, by: str, count: int
) -> None:
    """Whatever its slots say. The checksum is no secret; what it covers is bound to the root."""
    opening, chance, made = openings(stored.made)[by], random.Random(by), stored.made
    signed, mac = made.header[:-64], made.header[-64:-32]
    for _ in range(count):
        if chance.random() < 0.2:
            blob = resealed(signed, mutated(mac, chance))
        else:
            blob = resealed(mutated(signed, chance, [elsewhere.made.header[:-64]]), mac)
        with pytest.raises(DossierError) as caught:
            opening(blob)
        assert isinstance(caught.value, Damaged | Locked | TooNew)


@pytest.mark.parametrize("slot", range(2))
@counts(SHORT, FULL)
def test_each_slot_is_bound_to_its_place(stored: Stored, elsewhere: Stored, slot: int, count: int) -> None:
    """Its body changed alone, under a mended checksum: neither its own secret nor another slot's opens the vault."""
    parsed, chance = Header.parse(stored.made.header), random.Random(slot)
    mac = stored.made.header[-64:-32]
    others = [one.body for one in (*parsed.slots, *Header.parse(elsewhere.made.header).slots)]
    for _ in range(count):
        slots = list(parsed.slots)
        slots[slot] = slots[slot]._replace(body=mutated(slots[slot].body, chance, others))
        blob = resealed(Header(*parsed.place, slots).pack(bytes(32))[:-64], mac)
        for opening in openings(stored.made).values():
            with pytest.raises(DossierError) as caught:
                opening(blob)
            assert isinstance(caught.value, Damaged | Locked)


@counts(SHORT, FULL)
def test_a_changed_recovery_code_opens_nothing(stored: Stored, count: int) -> None:
    """Nor does one with characters that look alike lead to another code: it is the code, or none."""
    code, chance = stored.made.recovery_code, random.Random(11)
    right = recovery.secret_of(code)
    for _ in range(count):
        typed = mutated(code.encode(), chance).decode("latin-1")
        with suppress(DossierError):
            assert recovery.secret_of(typed) == right or _is_refused(stored, typed)


def _is_refused(stored: Stored, code: str) -> bool:
    with pytest.raises(Locked):
        header.open_with_recovery(stored.made.header, code)
    return True
