"""New keys for attachments: their bytes are encrypted anew, also those that only `undo` can bring back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dossier.errors import Damaged
from dossier.services import accounts, attachments, undo
from dossier.services.session import Session
from dossier.store import chunks, rotation
from dossier.store.catalog import Attachment
from tests.services.rotations import Killed, Run, dies_after, opened, says, secrets_of
from tests.store.behind import problems, tamper

SIZES = (0, 100, 64 * 1024, 200_000)


@pytest.fixture
def files(tmp_path: Path) -> list[bytes]:
    contents = [os.urandom(size) for size in SIZES]
    for number, content in enumerate(contents, 1):
        (tmp_path / f"file{number}").write_bytes(content)
    return contents


@pytest.fixture
def path(session: Session, files: list[bytes], tmp_path: Path) -> str:
    """A vault with four attachments, of which the third was removed, and with chunks that belong to nothing."""
    accounts.add(session, "Hà Nội Optics", {})
    attachments.add(session, "a1", [str(tmp_path / f"file{number}") for number in range(1, 5)])
    with session.change("attachment rm") as transaction:
        transaction.delete(transaction.get(Attachment, 3))
    tamper(session.path, "INSERT INTO chunk VALUES (77, 0, x'00')")
    tamper(session.path, "INSERT INTO chunk VALUES (2147483647, 0, x'00')")
    session.close()
    return session.path


def content(session: Session, number: int) -> bytes:
    record = session.reader.get(Attachment, number)
    return b"".join(chunks.content(session.database, session.keys, record))


def test_attachments_are_there_under_other_keys(path: str, files: list[bytes]) -> None:
    before, encrypted = says(path), secrets_of(path)
    tamper(path, "DELETE FROM chunk WHERE attachment_id > 70")
    Run()(path)
    assert says(path) == before
    assert secrets_of(path).isdisjoint(encrypted)
    with opened(path) as session:
        session.open_anew()
        assert [content(session, number) for number in (1, 2, 4)] == [files[0], files[1], files[3]]
        undo.undo(session)
        assert content(session, 3) == files[2]
        assert problems(session) == []


def test_chunks_that_nothing_can_open_are_left_out(path: str) -> None:
    Run()(path)
    with opened(path) as session:
        assert chunks.ids(session.database) == [1, 2, 3, 4]


@pytest.mark.parametrize("batch", [1, 70_000])
def test_a_run_killed_among_the_chunks_is_gone_on_with(
    path: str, files: list[bytes], monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(rotation, "_BATCH_BYTES", batch)
    runs = 0
    while True:
        runs += 1
        told: list[int] = []

        def die(done: int, total: int, told: list[int] = told) -> None:
            told.append(done)
            if len(told) == 6:
                raise Killed

        try:
            shape = Run(copying=die)(path)
        except Killed:
            continue
        break
    assert runs > 1
    assert shape["resumed"]
    with opened(path) as session:
        session.open_anew()
        assert [content(session, number) for number in (1, 2, 4)] == [files[0], files[1], files[3]]
        assert problems(session) == []


def test_chunks_count_as_progress(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "_BATCH_BYTES", 1)  # a batch for each chunk
    told: list[tuple[int, int]] = []
    Run(copying=lambda done, total: told.append((done, total)))(path)
    ((total),) = {total for _, total in told}
    done = [done for done, _ in told]
    assert done == sorted(done)
    assert len([parts for parts in done if parts > 8]) >= 6  # of 7 chunks that belong to something
    assert done[-1] == total


def test_it_goes_on_after_as_many_parts_as_it_said(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "_BATCH_BYTES", 1)
    with pytest.raises(Killed):
        Run(copying=dies_after(12))(path)
    second = Run()
    second(path)
    assert f"it goes on after the {second.copied[0]} parts" in second.told[0]


def test_a_hurt_chunk_stops_it_and_names_the_attachment(path: str) -> None:
    tamper(path, "UPDATE chunk SET data = zeroblob(length(data)) WHERE attachment_id = 4 AND number = 1")
    with pytest.raises(Damaged, match="attachment 4 is damaged"):
        Run()(path)
    assert not rotation.is_unfinished(path)


def test_a_chunk_left_out_of_an_unfinished_file_is_found(path: str) -> None:
    with pytest.raises(Killed):
        Run(checking=dies_after(0))(path)
    tamper(rotation.place_of(path), "DELETE FROM chunk WHERE attachment_id = 4 AND number = 1")
    with pytest.raises(Damaged, match="does not check clean"):
        Run()(path)
    assert not rotation.is_unfinished(path)
