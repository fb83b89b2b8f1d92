"""What stands in other places than rows, changed at will: attachments, and what a machine remembers (C1, C2)."""

from __future__ import annotations

import json
import os
import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from dossier.errors import Damaged
from dossier.services import accounts, attachments, memory
from dossier.store.catalog import Attachment
from dossier.store.check import check_vault
from dossier.vault import stream
from dossier.vault.stream import StreamKey
from tests.torture.mutations import mutated
from tests.torture.place import counts
from tests.torture.stored import SIZES, Stored, cheaply


@pytest.fixture(scope="module")
def cheap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with cheaply(tmp_path_factory.mktemp("state")):
        yield


@pytest.fixture(scope="module")
def stored(cheap: None, tmp_path_factory: pytest.TempPathFactory) -> Stored:
    return Stored(tmp_path_factory.mktemp("vault"))


@pytest.fixture(scope="module")
def elsewhere(cheap: None, tmp_path_factory: pytest.TempPathFactory) -> Stored:
    return Stored(tmp_path_factory.mktemp("other"))


# --- Attachments


def spoiled(chunks: Sequence[Any], chance: random.Random, others: Sequence[bytes]) -> list[Any]:
    """Other chunks than these: one changed, of another type, swapped, doubled, left out, cut off, put in, or a few."""
    while True:
        found: list[Any] = list(chunks)
        for _ in range(chance.choice((1, 1, 2))):
            place = chance.randrange(len(found)) if found else 0
            kind = chance.randrange(8)
            if kind == 0 and found:
                found[place] = chance.choice((None, "text", 7, 0.5, b""))
            elif kind == 1 and found:
                del found[place]
            elif kind == 2 and found:
                found.insert(chance.randrange(len(found) + 1), found[place])
            elif kind == 3 and len(found) > 1:
                other = chance.randrange(len(found))
                found[place], found[other] = found[other], found[place]
            elif kind == 4:
                del found[place:]
            elif kind == 5:
                found.insert(place, chance.choice(others))
            elif found and isinstance(found[place], bytes):
                found[place] = mutated(found[place], chance, others)
        if found != list(chunks):
            return found


@pytest.mark.parametrize("number", range(len(SIZES)), ids=[f"{size}-bytes" for size in SIZES])
@counts(250, 10_000)
def test_an_attachment_whose_chunks_are_changed_is_damage(
    stored: Stored, elsewhere: Stored, number: int, count: int
) -> None:
    """In any way, also by other chunks of ours: of another attachment, of another vault."""
    record, chance = stored.attachments[number], random.Random(number)
    assert record.key is not None
    assert record.size is not None
    chunks = stored.chunks[record.id]
    others = [
        one
        for vault in (stored, elsewhere)
        for found in vault.chunks.values()
        for one in found
        if one not in chunks
    ]
    key, where = StreamKey.parse(record.key), stream.place(stored.keys, record.uid)
    assert sum(map(len, stream.decrypt(key, where, record.size, chunks))) == SIZES[number]
    for _ in range(count):
        with pytest.raises(Damaged):
            list(stream.decrypt(key, where, record.size, spoiled(chunks, chance, others)))


@counts(400, 10_000)
def test_a_stream_opens_in_its_place_with_its_key_and_size_alone(stored: Stored, count: int) -> None:
    chance = random.Random(23)
    for turn in range(count):
        record = stored.attachments[1 + turn % 2]
        assert record.key is not None
        assert record.size is not None
        key, where = StreamKey.parse(record.key), stream.place(stored.keys, record.uid)
        wrong: list[tuple[StreamKey, bytes, int]] = [
            (StreamKey(mutated(key.key, chance)[:32].ljust(32, b"\0"), key.prefix), where, record.size),
            (StreamKey(key.key, mutated(key.prefix, chance)[:7].ljust(7, b"\0")), where, record.size),
            (key, mutated(where, chance), record.size),
            (key, where, record.size + stream.CHUNK_BYTES * chance.randint(1, 9)),
        ]
        for one in wrong:
            if one != (key, where, record.size):
                with pytest.raises(Damaged):
                    list(stream.decrypt(*one, stored.chunks[record.id]))


@counts(60, 2_000)
def test_chunks_changed_in_the_file_are_told_by_whoever_reads_them(stored: Stored, count: int) -> None:
    """By the export's own way of reading, and by nothing but the attachment that is hurt."""
    chance = random.Random(29)
    hurt, whole = stored.attachments[3], stored.attachments[1]
    chunks = stored.chunks[hurt.id]
    with (
        closing(sqlite3.connect(stored.path, isolation_level=None)) as connection,
        stored.session() as session,
    ):
        connection.execute("PRAGMA synchronous = OFF")

        def put(found: Sequence[Any]) -> None:
            connection.execute("DELETE FROM chunk WHERE attachment_id = ?", (hurt.id,))
            rows = [(hurt.id, number, data) for number, data in enumerate(found)]
            connection.executemany("INSERT INTO chunk VALUES (?, ?, ?)", rows)

        for _ in range(count):
            found = [data for data in spoiled(chunks, chance, [chunks[0]]) if data is not None]
            put(found)
            if found != chunks:
                with pytest.raises(Damaged, match=f"attachment {hurt.id} is damaged"):
                    list(attachments.content(session, hurt.id))
            assert sum(map(len, attachments.content(session, whole.id))) == whole.size
        put(chunks)
        assert check_vault(session.database, session.rows).problems == []


# --- What a machine remembers


def memory_file(vault: Stored) -> Path:
    return Path(os.environ["XDG_STATE_HOME"]) / "dossier" / "seen" / vault.keys.vault_id.hex()


ODD: list[Any] = [
    *(None, True, -1, 0, 1 << 62, 1 << 63, 10**400, 1e308, "", "x" * 60_000, "\0", "\x1b[31m", "\ud800"),
    *(
        [],
        {},
        [[]],
        {"": {}},
        ["/etc/passwd"],
        {"/": {"at": "", "problems": 1}},
        {"\0": {"at": "", "problems": -1}},
    ),
]


def odd_memory(text: bytes, chance: random.Random) -> bytes:
    """Bytes changed anyhow; or right JSON with values that dossier never writes."""
    if chance.random() < 0.5:
        return mutated(text, chance, [b"", b"[" * 50_000, b"{}", b"null", bytes(70_000), b"9" * 60_000])
    values = json.loads(text)
    for _ in range(chance.randint(1, 3)):
        if chance.random() < 0.2 and values:
            del values[chance.choice(list(values))]
        else:
            values[chance.choice([*values, "other"])] = chance.choice(ODD)
    return json.dumps(values).encode()


@counts(300, 10_000)
def test_an_odd_memory_neither_crashes_nor_opens_anything(stored: Stored, count: int) -> None:
    """The worst that it can do is to make dossier mistrust a vault: then it warns, and refuses to write."""
    file, chance = memory_file(stored), random.Random(31)
    with stored.session():
        pass
    text = file.read_bytes()
    try:
        for number in range(count):
            file.write_bytes(odd_memory(text, chance))
            remembered = memory.recall(stored.keys.vault_id)
            assert isinstance(remembered, memory.Memory)
            with stored.session(locked=True) as session:
                assert session.locked
                assert session.keys.agenda is None
            with stored.session() as session:
                assert len(accounts.listed(session)) == 2
                if number % 10 == 0:
                    with suppress(Damaged), session.change("try", dry_run=True) as transaction:
                        transaction.update(transaction.get(Attachment, 2), name="another name")
    finally:
        file.write_bytes(text)


@pytest.mark.parametrize("kind", ["link", "folder", "pipe", "device", "unreadable", "folder is a file"])
def test_what_is_no_memory_is_not_believed_and_not_waited_for(
    stored: Stored, tmp_path: Path, kind: str
) -> None:
    file = memory_file(stored)
    with stored.session():
        pass
    text = file.read_bytes()
    victim = tmp_path / "victim"
    victim.write_bytes(text)
    file.unlink()
    if kind == "link":
        file.symlink_to(victim)
    elif kind == "folder":
        file.mkdir()
    elif kind == "pipe":
        os.mkfifo(file)
    elif kind == "device":
        file.symlink_to("/dev/zero")
    elif kind == "unreadable":
        file.write_bytes(text)
        file.chmod(0)
    else:
        file.parent.rename(file.parent.with_name("aside"))
        file.parent.touch()
    try:
        with stored.session() as session:
            assert len(accounts.listed(session)) == 2
            with session.change("try", dry_run=True) as transaction:
                transaction.update(transaction.get(Attachment, 2), name="another name")
        assert victim.read_bytes() == text
    finally:
        if kind == "folder is a file":
            file.parent.unlink()
            file.parent.with_name("aside").rename(file.parent)
        elif file.is_dir() and not file.is_symlink():
            file.rmdir()
        else:
            file.unlink(missing_ok=True)
        file.write_bytes(text)
