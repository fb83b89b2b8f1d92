"""New keys, compacting, backups and attachments while others write: no acknowledged write is lost (C2)."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from dossier.services import accounts, attachments
from dossier.store.catalog import Change, Interaction
from dossier.store.check import check_vault
from dossier.vault.header import Header
from tests.torture.place import HERE, PASSPHRASE, Place, counts

ASKED = {"DOSSIER_PASSPHRASE_COMMAND": f"printf %s '{PASSPHRASE}'"}
WRITERS = 3


@pytest.fixture
def book(place: Place) -> Place:
    (place.home / "a file").write_bytes(os.urandom(200_000))
    with place.session() as session:
        accounts.add(session, "Hanoi Optics", {"tier": "key"})
        attachments.add(session, "a1", [str(place.home / "a file")])
    return place


def started(place: Place, program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(HERE / program), place.vault, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.PIPE,
        env=place.variables,
        text=True,
    )


@counts(2, 12)
def test_nothing_is_lost_while_the_vault_is_replaced_under_those_who_write(book: Place, count: int) -> None:
    """They are told that the file was replaced, or wait; what they were told is stored is there in the end."""
    writers = [started(book, "writer.py", f"writer{number}", "0", "until told") for number in range(WRITERS)]
    reader = started(book, "reader.py")
    for number in range(count):
        for words in (
            ("vault", "rotate", "--yes", "--no-backup", "--recovery-file", str(book.home / f"code {number}")),
            ("attachment", "add", "a1", str(book.home / "a file")),
            ("vault", "backup", str(book.home / f"backup {number}")),
            ("attachment", "rm", str(number + 1)),
            ("vault", "forget-history", "--before", "tomorrow", "--yes"),
            ("vault", "compact"),
        ):
            ended = book.run(*words, variables=ASKED | {"DOSSIER_TODAY": "2199-01-01"})
            assert ended.code == 0, (words, ended)
    acknowledged: dict[int, str] = {}
    for writer in writers:
        out, err = writer.communicate("stop\n", timeout=120)
        assert (writer.returncode, err) == (0, "")
        lines = out.splitlines()[1:]
        assert lines
        fresh = {int(line.split()[0]): line.split()[1] for line in lines}
        assert len(fresh) == len(lines)
        assert not acknowledged.keys() & fresh.keys(), "an id was given twice"
        acknowledged |= fresh
    out, err = reader.communicate("stop\n", timeout=60)
    assert (reader.returncode, err.splitlines()) == (0, [])
    assert int(out) > 0
    with book.session() as session:
        assert Header.parse(session.header).key_id == 1 + count
        assert check_vault(session.database, session.rows).problems == []
        assert (
            acknowledged.items() <= {one.id: one.subject for one in session.reader.find(Interaction)}.items()
        )
        numbers = [change.id for change in session.reader.find(Change)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert book.beside() == []
