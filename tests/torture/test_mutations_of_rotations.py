"""An unfinished rotation that somebody changed: it ends in a sound vault that says the same, or in the old one (C2)."""

from __future__ import annotations

import os
import random
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from dossier.config import Config
from dossier.errors import Damaged
from dossier.services import accounts, attachments, rotating
from dossier.services.passphrases import Unlocking
from dossier.services.rotating import Told, Wanted
from dossier.services.session import Session
from dossier.services.vaults import CodeKeeper
from dossier.store import rotation
from dossier.store.check import check_vault
from tests.torture.place import PASSPHRASE, TODAY, Place, counts


class Stopped(BaseException):
    """What ends a rotation as a kill would: nothing is cleared away."""


def rotate(vault: str, *, stop_at: int | None = None) -> dict[str, Any]:
    """One `vault rotate`; with `stop_at` it ends when so much was copied."""

    def copying(done: int, total: int) -> None:
        if stop_at is not None and done >= stop_at:
            raise Stopped

    told = Told(lambda ended: None, lambda line: None, copying, lambda done, total: None)
    unlocking = Unlocking(prompt=lambda question: PASSPHRASE)
    with Session(vault, TODAY, Config({}, {}, ""), unlocking) as session:
        return rotating.rotate(session, Wanted(CodeKeeper(None, lambda code: None), (), keep_old=False), told)


@counts(25, 400)
def test_an_unfinished_rotation_that_was_changed_ends_in_a_sound_vault_or_in_the_old_one(
    place: Place, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """Bytes changed anywhere, and rows as SQLite can change them: what comes of it says what the old vault said."""
    place.agent.lock()
    monkeypatch.setattr(rotation, "_BATCH_ROWS", 3)
    monkeypatch.setattr("dossier.store.place._GRACE_SECONDS", 0)  # nobody else is there
    files = [place.home / "a file", place.home / "another"]
    files[0].write_bytes(os.urandom(90_000))
    files[1].write_bytes(b"words")
    with Session(place.vault, TODAY, Config({}, {}, ""), Unlocking(), place.keys) as session:
        accounts.add(session, "Hanoi Optics", {"note": "quiet people"})
        attachments.add(session, "a1", [str(file) for file in files])
    before = Path(place.vault).read_bytes()
    said = what_it_says(place.vault)
    unfinished = Path(rotation.place_of(place.vault))
    with suppress(Stopped):
        rotate(place.vault, stop_at=5)
    begun = unfinished.read_bytes()
    seen = Path(place.variables["XDG_STATE_HOME"]) / "dossier" / "seen"
    remembered = {file: file.read_bytes() for file in seen.iterdir()}
    chance, resumed = random.Random(37), 0
    for number in range(count):
        Path(place.vault).write_bytes(before)
        for file, memory in remembered.items():  # that it was begun here, and nothing of what came of it
            file.write_bytes(memory)
        unfinished.write_bytes(begun)
        unfinished.chmod(0o600)
        if number % 3 == 0:
            _meddle(unfinished, chance)
        elif number:
            unfinished.write_bytes(_mutated_inside(begun, chance))
        try:
            resumed += rotate(place.vault)["resumed"]
        except Damaged:
            assert Path(place.vault).read_bytes() == before
        else:
            assert Path(place.vault).read_bytes() != before
        assert not rotation.is_unfinished(place.vault), "the next try begins anew"
        assert what_it_says(place.vault) == said
    assert resumed


def _mutated_inside(data: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, or a stretch of a page; lengths stay, or SQLite would refuse the file at once."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(changed))
        stretch = chance.randbytes(chance.randint(1, 64))[: len(changed) - start]
        changed[start : start + len(stretch)] = stretch
    return bytes(changed)


MEDDLING = (
    "UPDATE account SET name = 'Somebody Else'",
    "DELETE FROM account",
    "DELETE FROM change WHERE id = 1",
    "UPDATE vault SET manifest = zeroblob(200)",
    "UPDATE vault SET header = zeroblob(200)",
    "UPDATE change SET id = id + 100",
    "INSERT INTO participant SELECT 7, x'07', version, interaction_id, person_id, seal FROM participant",
    "INSERT INTO chunk VALUES (1, 0, x'00')",
    "INSERT INTO chunk VALUES (99, 0, x'00')",
    "CREATE TRIGGER spy AFTER INSERT ON change BEGIN DELETE FROM account; END",
    "UPDATE sqlite_sequence SET seq = 99",
)


def _meddle(file: Path, chance: random.Random) -> None:
    with closing(sqlite3.connect(file)) as connection, suppress(sqlite3.Error):
        connection.execute(chance.choice(MEDDLING))
        connection.commit()


def what_it_says(vault: str) -> list[Any]:
    """The records of a vault, opened by the passphrase, and the content of its attachments; it must check clean."""
    unlocking = Unlocking(prompt=lambda question: PASSPHRASE)
    with Session(vault, TODAY, Config({}, {}, ""), unlocking) as session:
        session.unlock()
        assert check_vault(session.database, session.rows).problems == []
        said: list[Any] = [accounts.listed(session), attachments.listed(session)]
        said += [b"".join(attachments.content(session, one["id"])) for one in said[1]]
    session.agent.lock()
    return said
