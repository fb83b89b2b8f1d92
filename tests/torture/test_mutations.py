"""Whatever is changed in whatever a vault holds, it is noticed, and never opens anything (C1, C2).

Ten thousand changes of each kind in the full run: envelopes of every noun and class, whole rows with their seals, the
journal, the calendar, the manifest, the header, and its slots under a checksum that the attacker mended.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from dossier.errors import Damaged, Locked, TooNew, Usage
from dossier.store.catalog import RECORDS, Change
from dossier.store.gate import CALENDAR_UID
from dossier.store.record import Record
from dossier.store.rows import Rows, layout_of
from dossier.vault import header, kdf, key_file, recovery, slots
from dossier.vault.envelope import CALENDAR_TABLE
from dossier.vault.header import Header
from dossier.vault.keys import Keys
from dossier.vault.seals import Manifest
from tests.torture.mutations import mutated
from tests.torture.place import PASSPHRASE, TODAY, counts
from tests.torture.stored import Stored, cheaply

SHORT, FULL = 1_000, 10_000


@pytest.fixture(scope="module")
def cheap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with cheaply(tmp_path_factory.mktemp("state")):
        yield


@pytest.fixture(scope="module")
def stored(cheap: None, tmp_path_factory: pytest.TempPathFactory) -> Stored:
    return Stored(tmp_path_factory.mktemp("vault"))


@pytest.fixture(scope="module")
def elsewhere(cheap: None, tmp_path_factory: pytest.TempPathFactory) -> Stored:
    """Another vault with the same contents."""
    return Stored(tmp_path_factory.mktemp("other"))


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
    chance, others = random.Random(7), [elsewhere.manifest, stored.calendar[1], stored.header]
    Manifest.from_blob(stored.rows.cipher, stored.manifest)
    for _ in range(count):
        with pytest.raises(Damaged):
            Manifest.from_blob(stored.rows.cipher, mutated(stored.manifest, chance, others))


# --- The header and what opens it

Opening = Callable[[object], object]

WAYS = ("passphrase", "recovery code", "key file", "agenda's key file")


def openings(stored: Stored) -> dict[str, Opening]:
    """Every way to open a header, with the right secret."""
    return {
        "passphrase": lambda blob: header.open_with_passphrase(blob, PASSPHRASE).keys,
        "recovery code": lambda blob: header.open_with_recovery(blob, stored.recovery_code).keys,
        "key file": lambda blob: header.open_with_key_file(blob, stored.key_file).keys,
        "agenda's key file": lambda blob: header.agenda_with_key_file(blob, stored.agenda_file),
    }


@pytest.mark.parametrize("by", WAYS)
@counts(SHORT, FULL)
def test_a_changed_header_is_told_as_damage_before_any_key_is_derived(
    stored: Stored, elsewhere: Stored, monkeypatch: pytest.MonkeyPatch, by: str, count: int
) -> None:
    opening, chance = openings(stored)[by], random.Random(by)
    opening(stored.header)
    monkeypatch.setattr(slots, "hkdf", lambda *_, **__: pytest.fail("a key derivation ran"))
    monkeypatch.setattr(kdf, "stretch", lambda *_, **__: pytest.fail("a key derivation ran"))
    for _ in range(count):
        with pytest.raises(Damaged):
            opening(mutated(stored.header, chance, [stored.manifest]))


def resealed(signed: bytes, mac: bytes) -> bytes:
    """A header whose checksum is right, as an attacker would mend it."""
    return signed + mac + sha256(signed + mac).digest()


def refused_or_the_agendas_own(opening: Opening, blob: bytes, stored: Stored) -> bool:
    """Whether nothing was opened; or by the agenda's key file, which proves its own slot alone, that very key.

    Anything else fails the test.
    """
    try:
        found = opening(blob)
    except (Damaged, Locked, TooNew):
        return True
    assert isinstance(found, Keys)
    assert (found.agenda, found.dossier, found.seal) == (stored.keys.agenda, None, None)
    return False


@pytest.mark.parametrize("by", WAYS)
@counts(4 * SHORT, 4 * FULL)
def test_a_changed_header_never_opens_when_its_checksum_is_mended(
    stored: Stored, elsewhere: Stored, by: str, count: int
) -> None:
    """Whatever its slots say. The checksum is no secret; what it covers is bound to the root."""
    opening, chance = openings(stored)[by], random.Random(by)
    signed, mac = stored.header[:-64], stored.header[-64:-32]
    opened = 0
    for _ in range(count):
        if chance.random() < 0.2:
            blob = resealed(signed, mutated(mac, chance))
        else:
            blob = resealed(mutated(signed, chance, [elsewhere.header[:-64]]), mac)
        opened += not refused_or_the_agendas_own(opening, blob, stored)
    assert bool(opened) == (by == "agenda's key file")


@pytest.mark.parametrize("slot", range(4))
@counts(SHORT, FULL)
def test_each_slot_is_bound_to_its_place(stored: Stored, elsewhere: Stored, slot: int, count: int) -> None:
    """Its type, id, day or body changed, under a mended checksum: its own secret opens nothing."""
    parsed, chance = Header.parse(stored.header), random.Random(slot)
    mac = stored.header[-64:-32]
    others = [one.body for one in (*parsed.slots, *Header.parse(elsewhere.header).slots)]
    by = WAYS[slot]
    for _ in range(count):
        found = list(parsed.slots)
        one = found[slot]
        changed = chance.choice(
            (
                one._replace(body=mutated(one.body, chance, others)),
                one._replace(id=one.id + chance.randint(1, 1000)),
                one._replace(created=one.created + timedelta(chance.randint(1, 10_000))),
                one._replace(
                    type=chance.choice([kind for kind in (0, 1, 2, 3, 4, 5, 255) if kind != one.type])
                ),
            )
        )
        found[slot] = changed
        blob = resealed(Header(*parsed.place, found).pack(bytes(32))[:-64], mac)
        assert refused_or_the_agendas_own(openings(stored)[by], blob, stored)
        for opening in openings(stored).values():
            refused_or_the_agendas_own(opening, blob, stored)


@counts(SHORT, FULL)
def test_the_place_of_a_header_is_bound_to_its_slots(stored: Stored, count: int) -> None:
    """Another vault id or key id, signed even with the right root: every slot is another vault's then."""
    parsed, chance = Header.parse(stored.header), random.Random(17)
    with header.open_with_passphrase(stored.header, PASSPHRASE) as opened:
        root = bytes(opened.root)
    for _ in range(count):
        vault_id, key_id = chance.choice(
            (
                (bytes(16), parsed.key_id),
                (chance.randbytes(16), parsed.key_id),
                (parsed.vault_id, parsed.key_id + chance.randint(1, 9)),
            )
        )
        blob = Header(vault_id, key_id, parsed.slots).pack(root)
        for opening in openings(stored).values():
            with pytest.raises(Damaged):
                opening(blob)


@counts(SHORT, FULL)
def test_a_changed_recovery_code_opens_nothing(stored: Stored, count: int) -> None:
    """Nor does one with characters that look alike lead to another code: it is the code, or none."""
    chance, right = random.Random(11), recovery.secret_of(stored.recovery_code)
    for _ in range(count):
        typed = mutated(stored.recovery_code.encode(), chance).decode("latin-1")
        with suppress(Usage):
            if recovery.secret_of(typed) != right:
                with pytest.raises(Locked):
                    header.open_with_recovery(stored.header, typed)


@pytest.mark.parametrize("agenda_only", [False, True])
@counts(SHORT, FULL)
def test_a_changed_key_file_is_none_or_the_same(agenda_only: bool, count: int) -> None:
    """What follows its first line does not count, the checksum finds the rest; and none for the agenda becomes full."""
    text, chance = key_file.new_text(TODAY, agenda_only=agenda_only).encode(), random.Random(19)
    right = key_file.parse(text, "F")
    found = 0
    for _ in range(count):
        with suppress(Locked):
            assert key_file.parse(mutated(text, chance), "F") == right
            found += 1
    assert 0 < found < count
