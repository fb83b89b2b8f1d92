from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from dossier.domain.faults import BadValue, Fault, RuleBroken
from dossier.domain.limits import ATTACHMENT_LIMIT
from dossier.errors import Damaged, Failed, Locked, NotFound, Refused, Unavailable, Usage, exit_code_of
from dossier.services import (
    accounts,
    attachments,
    exporting,
    files,
    history,
    interactions,
    people,
    search,
    undo,
)
from dossier.services.session import Session
from dossier.store import chunks, new_file
from dossier.store.catalog import Attachment, Change
from dossier.store.database import Database
from dossier.vault.keys import Keys
from dossier.vault.stream import CHUNK_BYTES
from tests.inspection import everything
from tests.store.behind import problems, tamper

OFFER = b"%PDF the offer\n" * 9000


@pytest.fixture
def book(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Account 1 with person 1 and interaction 1, account 2; `offer.pdf` where we are."""
    accounts.add(session, "Hanoi Optics", {})
    accounts.add(session, "Varna Steel", {})
    people.add(session, "Trần Thị Lan", "1", {})
    interactions.log(session, "lan", "the audit", {})
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    Path("offer.pdf").write_bytes(OFFER)
    return session


def content(session: Session, number: int) -> bytes:
    return b"".join(attachments.content(session, number))


def file(name: str | bytes, data: bytes = b"x") -> str:
    with open(name, "wb") as opened:
        opened.write(data)
    return os.fsdecode(name)


# --- Adding ----------------------------------------------------------------------------------------------------------


def test_the_shape(book: Session) -> None:
    (shape,) = attachments.add(book, "lan", ["offer.pdf"], interaction=1)
    assert shape == {
        "id": 1,
        "account": "Hanoi Optics",
        "account_id": 1,
        "person": "Trần Thị Lan",
        "person_id": 1,
        "interaction_id": 1,
        "added_on": "2027-03-10",
        "name": "offer.pdf",
        "size": len(OFFER),
        "sha256": sha256(OFFER).hexdigest(),
    }
    assert (
        [shape]
        == attachments.listed(book)
        == attachments.listed(book, ref="lan")
        == attachments.listed(book, ref="1")
    )
    assert attachments.listed(book, ref="varna") == []
    assert interactions.get(book, 1)["attachments"] == [shape]
    assert content(book, 1) == OFFER
    assert problems(book) == []


def test_with_what_is_logged_in_one_change(book: Session) -> None:
    before = history.newest(book)
    shape = interactions.log(book, "hanoi", "offer sent", {}, attach=["offer.pdf", file("words.txt")])
    assert [one["name"] for one in shape["attachments"]] == ["offer.pdf", "words.txt"]
    assert {one["interaction_id"] for one in shape["attachments"]} == {shape["id"]}
    assert history.newest(book) == before + 1
    undo.undo(book)
    assert attachments.listed(book) == []
    undo.undo(book, before + 2)
    assert content(book, 1) == OFFER
    assert problems(book) == []


def test_all_of_several_files_or_none(book: Session) -> None:
    before = everything(book)
    with pytest.raises(Unavailable, match=r"there is no file gone\.txt"):
        attachments.add(book, "1", ["offer.pdf", "gone.txt"])
    with pytest.raises(Unavailable, match=r"there is no file gone\.txt"):
        interactions.log(book, "1", "x", {}, attach=["gone.txt"])
    assert everything(book) == before
    assert chunks.ids(book.database) == []


@pytest.mark.parametrize(
    ("name", "kept", "safe"),
    [
        ("báo giá 报价.pdf", "báo giá 报价.pdf", "báo giá 报价.pdf"),
        ("two\nlines\t\x1b[31m.txt", "two_lines__[31m.txt", "two_lines__[31m.txt"),
        ("a\u202etxt.exe", "a\u202etxt.exe", "atxt.exe"),
        (b"caf\xe9.txt", "caf_.txt", "caf_.txt"),
        ("👩‍🔬.png", "👩‍🔬.png", "👩‍🔬.png"),
        (".hidden", ".hidden", "_hidden"),
        ("-rf", "-rf", "_rf"),
        ("报" * 80 + ".pdf", "报" * 80 + ".pdf", "报" * 58 + ".pdf"),
    ],
)
def test_any_name_a_file_may_have(book: Session, name: str | bytes, kept: str, safe: str) -> None:
    (shape,) = attachments.add(book, "1", [file(name, b"what it holds")])
    assert shape["name"] == kept
    os.mkdir("out")
    assert attachments.export(book, 1, "out")["file"] == os.path.join("out", safe)
    assert Path("out", safe).read_bytes() == b"what it holds"
    assert os.listdir("out") == [safe]


def test_another_name(book: Session) -> None:
    (shape,) = attachments.add(book, "1", ["offer.pdf"], name="Angebot.pdf")
    assert shape["name"] == "Angebot.pdf"
    assert attachments.edit(book, 1, {"name": "Offer 3.pdf"})["name"] == "Offer 3.pdf"
    assert content(book, 1) == OFFER
    with pytest.raises(Usage, match="2 files"):
        attachments.add(book, "1", ["offer.pdf", "offer.pdf"], name="x")
    with pytest.raises(BadValue, match="control character"):
        attachments.add(book, "1", ["offer.pdf"], name="a\nb")
    with pytest.raises(BadValue):
        attachments.edit(book, 1, {"name": ""})
    assert chunks.ids(book.database) == [1]


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1])
def test_files_of_any_size(book: Session, size: int) -> None:
    data = os.urandom(size)
    (shape,) = attachments.add(book, "1", [file("a", data)])
    assert (shape["size"], content(book, 1)) == (size, data)
    assert Path(attachments.export(book, 1, "b")["file"]).read_bytes() == data


def test_what_is_no_file_is_refused_and_never_read(book: Session) -> None:
    os.mkdir("folder")
    os.mkfifo("pipe")
    os.symlink("/dev/zero", "link")
    os.symlink("nowhere", "dangling")
    for path, words in (
        ("folder", "is a folder, not a file"),
        ("pipe", "is no ordinary file"),
        ("/dev/zero", "is no ordinary file"),
        ("link", "is no ordinary file"),
        ("dangling", "there is no file dangling"),
        ("gone", "there is no file gone"),
        ("-", "there is no file -"),
        ("a\0b", "NUL"),
        ("offer.pdf/x", "cannot read"),
    ):
        with pytest.raises(Unavailable, match=words):
            attachments.add(book, "1", [path])
    os.truncate("offer.pdf", ATTACHMENT_LIMIT + 1)
    with pytest.raises(BadValue, match="at most 2,147,483,648 fit") as raised:
        attachments.add(book, "1", ["offer.pdf"])
    assert exit_code_of(raised.value) == 2
    assert attachments.listed(book) == []


def test_the_vault_itself_is_refused_and_its_locks_hold(book: Session) -> None:
    os.symlink(book.path, "link")
    for path in (book.path, "link"):
        with pytest.raises(Refused, match="is the vault itself"):
            attachments.add(book, "1", [path])


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_what_we_may_not_read(book: Session) -> None:
    os.chmod("offer.pdf", 0)
    with pytest.raises(Unavailable, match=r"cannot read offer\.pdf: Permission denied"):
        attachments.add(book, "1", ["offer.pdf"])


@pytest.mark.parametrize("what", ["grows", "shrinks", "rewritten", "pipe"])
def test_a_file_that_changes_while_it_is_read_is_not_stored(
    book: Session, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    path = file("log.txt", os.urandom(3 * CHUNK_BYTES))
    read, times = os.read, 0

    def meddled(descriptor: int, size: int) -> bytes:
        nonlocal times
        times += 1
        if times == 2 and what == "grows":
            with open(path, "ab") as other:
                other.write(b"more")
        elif times == 2 and what == "shrinks":
            os.truncate(path, CHUNK_BYTES)
        elif times == 2 and what == "rewritten":
            with open(path, "r+b") as other:
                other.write(b"other")
            os.utime(path, ns=(1, 1))
        return read(descriptor, size)

    with monkeypatch.context() as patch:
        if what == "pipe":
            patch.setattr(files, "look_at", lambda *_: None)
            os.unlink(path)
            os.mkfifo(path)
        patch.setattr("dossier.services.files.os.read", meddled)
        with pytest.raises(Failed, match=r"log\.txt changed while it was read; nothing was stored"):
            attachments.add(book, "1", [path])
    assert (attachments.listed(book), chunks.ids(book.database)) == ([], [])
    assert problems(book) == []


def test_an_interaction_of_another_account_or_none(book: Session) -> None:
    with pytest.raises(RuleBroken, match="interaction 1 is with another account"):
        attachments.add(book, "varna", ["offer.pdf"], interaction=1)
    with pytest.raises(NotFound, match="there is no interaction 9"):
        attachments.add(book, "hanoi", ["offer.pdf"], interaction=9)


def test_interrupted_in_the_middle_nothing_was_changed(book: Session) -> None:
    file("large", bytes(40 * CHUNK_BYTES))

    def interrupt(done: int, total: int) -> None:
        if done > total // 2:
            raise KeyboardInterrupt

    before, size = everything(book), os.stat(book.path).st_size
    with pytest.raises(KeyboardInterrupt):
        attachments.add(book, "1", ["large"], progress=lambda: interrupt)
    assert everything(book) == before
    assert os.stat(book.path).st_size == size
    assert problems(book) == []


def test_progress_tells_of_bytes(book: Session) -> None:
    told: list[tuple[int, int]] = []
    attachments.add(book, "1", ["offer.pdf"], progress=lambda: lambda *at: told.append(at))
    assert told[0] == (CHUNK_BYTES, len(OFFER))
    assert told[-1] == (len(OFFER), len(OFFER))


@pytest.fixture
def small_disk(book: Session, tmp_path: Path) -> Iterator[Path]:
    """The vault on a file system of its own, of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "dossier-test", str(folder)]
    if sys.platform != "linux" or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a file system in memory")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_refuses_and_changes_nothing(book: Session, small_disk: Path) -> None:
    old, book.path = book.path, str(small_disk / "vault.dossier")
    book.close()
    os.rename(old, f"{old}.moved")
    Path(book.path).write_bytes(Path(f"{old}.moved").read_bytes())
    os.chmod(book.path, 0o600)
    book.database = Database(book.path)
    with Session(book.path, book.today, book.config, book._unlocking, book.keys) as here:
        before, size = everything(here), os.stat(here.path).st_size
        file("large", bytes(4_000_000))
        with pytest.raises(Unavailable, match="the disk is full; nothing was changed"):
            attachments.add(here, "1", ["large"])
        assert everything(here) == before
        assert os.stat(here.path).st_size == size
        assert attachments.add(here, "1", ["offer.pdf"])[0]["size"] == len(OFFER)
        assert problems(here) == []
        attachments.add(here, "1", [file("large", os.urandom(1_000_000))])
        with pytest.raises(Unavailable, match="cannot write"):
            attachments.export(here, 2, str(small_disk / "copy"))
        assert not (small_disk / "copy").exists()


# --- Locked, found, removed ------------------------------------------------------------------------------------------


def test_locked_it_says_who_and_when_and_opens_nothing(book: Session) -> None:
    attachments.add(book, "lan", ["offer.pdf"], interaction=1)
    book.use(Keys(book.vault_id, 0))
    (shape,) = attachments.listed(book)
    assert (shape["name"], shape["size"], shape["sha256"], shape["locked"]) == (None, None, None, True)
    assert (shape["person"], shape["added_on"], shape["interaction_id"]) == ("Trần Thị Lan", "2027-03-10", 1)
    assert interactions.get(book, 1)["attachments"] == [shape]
    for attempt in (
        lambda: attachments.add(book, "1", ["offer.pdf"]),
        lambda: attachments.export(book, 1),
        lambda: attachments.rm(book, 1),
        lambda: attachments.edit(book, 1, {"name": "x"}),
        lambda: list(attachments.content(book, 1)),
    ):
        with pytest.raises(Locked):
            attempt()


def test_nothing_of_a_file_or_its_name_stands_in_the_vault(book: Session) -> None:
    attachments.add(book, "1", [file("sentinel-name.txt", b"sentinel content" * 10_000)])
    attachments.rm(book, 1)
    book.close()
    raw = Path(book.path).read_bytes()
    assert b"sentinel" not in raw


def test_it_is_found_by_its_name_and_by_no_digit_of_its_key(book: Session) -> None:
    attachments.add(book, "lan", ["offer.pdf"])
    (hit,) = search.search(book, "OFFER")
    assert (hit["noun"], hit["id"], hit["field"], hit["date"]) == ("attachment", 1, "name", "2027-03-10")
    assert [hit["noun"] for hit in search.search(book, "offer hanoi")] == ["attachment"]
    record = book.reader.get(Attachment, 1)
    assert record.key is not None
    assert record.digest is not None
    for digits in (record.key[:8], record.digest[:8], "name", "digest"):
        assert search.search(book, digits) == []


def test_a_removed_one_comes_back_with_its_bytes(book: Session) -> None:
    attachments.add(book, "lan", ["offer.pdf"])
    said = attachments.rm(book, 1)
    assert said == "removed attachment 1 about Trần Thị Lan: offer.pdf"
    with pytest.raises(NotFound):
        content(book, 1)
    undone = undo.undo(book)
    assert undone["records"][0]["label"] == "offer.pdf"
    assert content(book, 1) == OFFER
    attachments.rm(book, 1)
    (second,) = attachments.add(book, "1", [file("b", b"b")])
    assert second["id"] == 2, "no number is given twice"
    undo.undo(book, book.reader.find(Change)[-2].id)
    assert (content(book, 1), content(book, 2)) == (OFFER, b"b")
    assert problems(book) == []


def test_it_goes_with_its_interaction_and_its_account(book: Session) -> None:
    attachments.add(book, "lan", ["offer.pdf"], interaction=1)
    with pytest.raises(Refused, match="interaction 1 is still referred to by 1 attachment"):
        interactions.rm(book, 1, cascade=False)
    interactions.rm(book, 1, cascade=True)
    assert attachments.listed(book) == []
    undo.undo(book)
    people.rm(book, "p1", cascade=True)
    assert attachments.get(book, 1)["person"] is None
    accounts.rm(book, "a1", cascade=True)
    assert attachments.listed(book) == []
    undo.undo(book)
    assert content(book, 1) == OFFER
    assert problems(book) == []


def test_history_tells_of_it(book: Session) -> None:
    attachments.add(book, "lan", ["offer.pdf"])
    attachments.add(book, "lan", ["offer.pdf", "offer.pdf"])
    newest, before = history.history(book, "lan", 2)
    assert newest["summary"] == "added 2 attachments about Trần Thị Lan: offer.pdf, offer.pdf"
    assert before["summary"] == "added attachment 1 about Trần Thị Lan: offer.pdf"
    assert history.in_words("attachment add") == "attachment added"
    (line,) = history.in_full(book, before["id"])["lines"]
    assert (line["label"], line["fields"]) == ("offer.pdf", {})


def test_an_export_of_records_leaves_keys_behind(book: Session) -> None:
    attachments.add(book, "lan", ["offer.pdf"])
    exporting.to_file(book, "all.json", include_sensitive=True)
    text = Path("all.json").read_text()
    record = book.reader.get(Attachment, 1)
    assert "offer.pdf" in text
    assert str(record.key) not in text
    assert str(record.key)[:64] not in text


# --- Exporting -------------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(book: Session) -> Session:
    attachments.add(book, "1", ["offer.pdf"])
    os.mkdir("out")
    return book


def test_into_a_file_a_folder_or_here(kept: Session) -> None:
    assert attachments.export(kept, 1, "out/copy.pdf")["file"] == "out/copy.pdf"
    assert attachments.export(kept, 1, "out/")["file"] == "out/offer.pdf"
    os.chdir("out")
    os.unlink("offer.pdf")
    shape = attachments.export(kept, 1)
    assert shape == attachments.get(kept, 1) | {"file": "offer.pdf"}
    for name in ("offer.pdf", "copy.pdf"):
        found = os.stat(name)
        assert stat.S_IMODE(found.st_mode) == 0o600
        assert Path(name).read_bytes() == OFFER


def test_nothing_is_overwritten_and_no_link_followed(kept: Session) -> None:
    outside = Path("outside")
    outside.write_text("mine")
    os.symlink(outside.resolve(), "out/offer.pdf")
    os.symlink("nowhere", "dangling")
    for target, words in (
        ("outside", "there is something at outside already"),
        ("out", "something in out has the name of attachment 1 already"),
        ("out/offer.pdf", "there is something at out/offer.pdf already"),
        ("dangling", "there is something at dangling already"),
    ):
        with pytest.raises(Refused, match=words):
            attachments.export(kept, 1, target)
    assert outside.read_text() == "mine"
    assert not os.path.exists("nowhere")


def test_what_appears_meanwhile_is_not_overwritten_either(kept: Session) -> None:
    def meddle(done: int, total: int) -> None:
        Path("out/offer.pdf").write_text("mine")

    with pytest.raises(Refused):
        attachments.export(kept, 1, "out", meddle)
    assert (Path("out/offer.pdf").read_text(), os.listdir("out")) == ("mine", ["offer.pdf"])


@pytest.mark.parametrize("nameless", [True, False])
def test_a_hurt_file_does_not_appear(kept: Session, nameless: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not nameless:
        monkeypatch.setattr(new_file, "_open_without_name", lambda folder: None)
    tamper(kept.path, "DELETE FROM chunk WHERE number = 2")
    with pytest.raises(Damaged, match="attachment 1 is damaged"):
        attachments.export(kept, 1, "out")
    assert os.listdir("out") == []


@pytest.mark.parametrize("target", ["gone/copy.pdf", "offer.pdf/copy", "/proc/copy.pdf"])
def test_a_place_that_cannot_be_written(kept: Session, target: str) -> None:
    with pytest.raises(Unavailable, match="cannot write"):
        attachments.export(kept, 1, target)


_EXPORT_AND_DIE = """
import os, signal, sys
from datetime import date
from dossier.config import Config
from dossier.services import attachments
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.store import new_file
from dossier.vault import kdf
from dossier.vault.keys import Keys

kdf.FLOOR = kdf.KdfParams(memory=128, passes=1, lanes=1)
if sys.argv[2] == "named":
    new_file._open_without_name = lambda folder: None
vault_id, key_id, *keys = sys.argv[3:]
keys = Keys(bytes.fromhex(vault_id), int(key_id), *map(bytes.fromhex, keys))
with Session(sys.argv[1], date(2027, 3, 10), Config({}, {}, ""), Unlocking(), keys) as session:
    attachments.export(session, 1, "out", lambda done, total: os.kill(os.getpid(), signal.SIGKILL))
"""


@pytest.mark.parametrize("how", ["nameless", "named"])
def test_killed_in_the_middle_nothing_is_there_after_the_next_run(
    kept: Session, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = kept.keys
    assert keys.agenda
    assert keys.dossier
    assert keys.seal
    root = str(Path(attachments.__file__).parents[2])
    words = [keys.vault_id.hex(), str(keys.key_id), keys.agenda.hex(), keys.dossier.hex(), keys.seal.hex()]
    done = subprocess.run(
        [sys.executable, "-c", _EXPORT_AND_DIE, kept.path, how, *words],
        env=os.environ | {"PYTHONPATH": root},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert not os.path.lexists("out/offer.pdf")
    if how == "named":  # a file system that knows no files without a name never does
        monkeypatch.setattr(new_file, "_open_without_name", lambda folder: None)
    else:
        assert os.listdir("out") == []
    attachments.export(kept, 1, "out")
    assert os.listdir("out") == ["offer.pdf"]


def test_no_fault_names_the_file(kept: Session) -> None:
    tamper(kept.path, "DELETE FROM chunk")
    Path("out/offer.pdf").write_text("x")
    for target in ("out", "new.pdf"):
        with pytest.raises(Fault) as raised:
            attachments.export(kept, 1, target)
        assert "offer" not in f"{raised.value.message} {raised.value.hint}"
