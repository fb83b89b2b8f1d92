from __future__ import annotations

import io
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dossier.config import Config
from dossier.errors import Damaged, Failed, Locked, Refused, Unavailable
from dossier.exchange.json_out import SECTIONS
from dossier.services import exporting, importing, interactions, promises
from dossier.services.importing import Options
from dossier.services.interactions import Made, Next
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.store.catalog import RECORDS, Attachment, Change, Fact, Occasion, Relative
from dossier.store.database import Database
from dossier.store.record import PLAIN
from tests.conftest import TODAY

CARDS = """BEGIN:VCARD
VERSION:3.0
FN:Nguyễn Thị Lan
ORG:Viện Phú Sơn
EMAIL;TYPE=WORK:lan@phuson.example
EMAIL;TYPE=HOME:lan@home.example
BDAY:1980-02-29
NOTE:Thích trà 🍵 [/b]
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:王小明
ORG:光明医院
END:VCARD
""".encode()

KEY = "00c0ffee" * 5

SECRETS = (
    "offer.pdf",
    "lan@home.example",
    "1980-02-29",
    "Thích trà",
    "price list",
    "calibration",
    "chess",
    "Minh",
    "golden jubilee",
)


@pytest.fixture
def filled(session: Session) -> Session:
    """A vault with something of every noun."""
    importing.vcard(session, CARDS, Options())
    interactions.log(
        session,
        "phu son",
        "agreed the calibration plan",
        {},
        participants=("lan",),
        made=[Made("send the price list", "fri")],
        following=Next("call about calibration", "mon"),
    )
    promises.renegotiate(session, 1, to="in 2 weeks", because="the price list changed")
    with session.change("add") as transaction:
        day = TODAY.isoformat()
        transaction.insert(
            Fact(account_id=1, person_id=1, text="plays chess", learned_on=day, confirmed_on=day)
        )
        transaction.insert(Relative(person_id=1, name="Minh", relation="son", birthday="--05-01"))
        transaction.insert(Occasion(account_id=1, date="2027-05-01", title="golden jubilee"))
        transaction.insert(
            Attachment(account_id=1, added_on=day, name="offer.pdf", size=1, chunks=1, key=KEY, digest="dd")
        )
    return session


def exported(session: Session, *, include_sensitive: bool) -> tuple[dict[str, Any], dict[str, int]]:
    stream = io.StringIO()
    counts = exporting.to_stream(session, stream, include_sensitive=include_sensitive)
    document: dict[str, Any] = json.loads(stream.getvalue())
    return document, counts


def test_every_noun_of_the_vault_but_the_journal_has_its_section() -> None:
    assert set(SECTIONS) == {kind.table.name for kind in RECORDS if kind is not Change}


def test_everything_comes_out_as_it_is_stored(filled: Session) -> None:
    document, counts = exported(filled, include_sensitive=True)
    assert counts == {section: len(document[section]) for section in SECTIONS.values()}
    assert all(counts.values())
    for kind in RECORDS:
        if kind is not Change:
            assert document[SECTIONS[kind.table.name]] == [
                {"id": record.id}
                | {f.name: value for f, value in record.values() if (kind, f.name) != (Attachment, "key")}
                for record in filled.reader.find(kind)
            ]
    lan = document["people"][0]
    assert (lan["name"], lan["birthday"], lan["note"]) == (
        "Nguyễn Thị Lan",
        "1980-02-29",
        "Thích trà 🍵 [/b]",
    )
    assert (lan["private_mails"], document["includes_sensitive"]) == (["lan@home.example"], True)


def test_without_sensitive_only_plain_columns_come_out(filled: Session) -> None:
    document, _ = exported(filled, include_sensitive=False)
    assert document["people"][0] == {
        "id": 1,
        "account_id": 1,
        "name": "Nguyễn Thị Lan",
        "family_name": "Nguyễn",
        "given_name": "Thị Lan",
        "aliases": [],
        "position": None,
        "department": None,
        "role": None,
        "mails": ["lan@phuson.example"],
        "phones": [],
        "tags": [],
        "created_on": TODAY.isoformat(),
    }
    for kind in RECORDS:
        for record in document.get(SECTIONS.get(kind.table.name, ""), []):
            assert set(record) == {
                "id",
                *(field.name for field in kind.table.fields if field.key_class == PLAIN),
            }
    assert not any(secret in json.dumps(document, ensure_ascii=False) for secret in SECRETS)


def test_a_locked_vault_gives_the_same_plain_columns_and_no_secret(
    filled: Session, lock: Callable[[], None]
) -> None:
    plain, _ = exported(filled, include_sensitive=False)
    lock()
    with Session(filled.path, TODAY, Config({}, {}, ""), Unlocking()) as locked:
        assert exported(locked, include_sensitive=False)[0] == plain
        with pytest.raises(Locked):
            exporting.to_stream(locked, io.StringIO(), include_sensitive=True)


@pytest.fixture(params=["without a name", "with a name"])
def unfinished_is(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How a file is made: where the platform can, it has no name until it is complete."""
    if request.param == "with a name":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    elif not hasattr(os, "O_TMPFILE"):
        pytest.skip("this platform has no files without a name")
    return str(request.param)


@pytest.mark.usefixtures("unfinished_is")
class TestFile:
    def test_is_complete_private_and_the_same_each_time(self, filled: Session, tmp_path: Path) -> None:
        files = [tmp_path / "one.json", tmp_path / "two.json"]
        for file in files:
            shape = exporting.to_file(filled, str(file), include_sensitive=True)
            assert (shape["file"], shape["counts"]["people"]) == (str(file), 2)
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert files[0].read_bytes() == files[1].read_bytes()
        assert "Thích trà 🍵" in files[0].read_text(encoding="utf-8")

    @pytest.mark.parametrize("standing", ["file", "folder", "dangling link"])
    def test_never_replaces_anything(self, filled: Session, tmp_path: Path, standing: str) -> None:
        target = tmp_path / "out.json"
        if standing == "file":
            target.write_text("precious")
        elif standing == "folder":
            target.mkdir()
        else:
            target.symlink_to(tmp_path / "elsewhere")
        before = sorted(path.name for path in tmp_path.iterdir())
        with pytest.raises(Refused, match="something at"):
            exporting.to_file(filled, str(target), include_sensitive=False)
        assert sorted(path.name for path in tmp_path.iterdir()) == before
        assert standing != "file" or target.read_text() == "precious"

    def test_in_a_folder_that_is_not_there(self, filled: Session, tmp_path: Path) -> None:
        with pytest.raises(Unavailable, match="cannot write"):
            exporting.to_file(filled, str(tmp_path / "none" / "out.json"), include_sensitive=False)

    def test_is_not_there_at_all_when_it_cannot_be_completed(self, filled: Session, tmp_path: Path) -> None:
        filled.database.execute("UPDATE interaction SET dossier = zeroblob(64)")
        folder = tmp_path / "exports"
        folder.mkdir()
        with pytest.raises(Damaged):
            exporting.to_file(filled, str(folder / "out.json"), include_sensitive=True)
        assert list(folder.iterdir()) == []

    def test_a_file_that_appears_meanwhile_is_not_replaced(
        self, filled: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target = tmp_path / "out.json"
        real = os.fsync

        def fsync(descriptor: int) -> None:
            real(descriptor)
            target.write_text("precious")

        monkeypatch.setattr(os, "fsync", fsync)
        with pytest.raises(Refused, match="something at"):
            exporting.to_file(filled, str(target), include_sensitive=True)
        assert target.read_text() == "precious"

    def test_nothing_is_seen_of_it_before_it_is_complete(
        self, filled: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unfinished_is: str
    ) -> None:
        folder = tmp_path / "exports"
        folder.mkdir()
        seen: list[list[Path]] = []
        real = os.fsync

        def fsync(descriptor: int) -> None:
            seen.append(list(folder.iterdir()))
            real(descriptor)

        monkeypatch.setattr(os, "fsync", fsync)
        exporting.to_file(filled, str(folder / "out.json"), include_sensitive=True)
        assert len(seen[0]) == (unfinished_is == "with a name")
        assert list(folder.iterdir()) == [folder / "out.json"]

    def test_on_a_full_disk(self, filled: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        folder = tmp_path / "exports"
        folder.mkdir()
        with pytest.raises(Unavailable, match="No space left"):
            exporting.to_file(filled, str(folder / "out.json"), include_sensitive=False)
        assert list(folder.iterdir()) == []


def test_all_of_it_is_as_of_one_moment(filled: Session) -> None:
    """Whoever writes meanwhile is seen whole or not at all."""
    other = Database(filled.path)
    other.execute("PRAGMA busy_timeout = 0")

    class Interfering(io.StringIO):
        refused = 0

        def write(self, text: str) -> int:
            if '"people"' in text:
                try:
                    other.execute("DELETE FROM participant")
                except Failed as fault:
                    self.refused += "busy" in str(fault)
            return super().write(text)

    stream = Interfering()
    exporting.to_stream(filled, stream, include_sensitive=False)
    other.close()
    assert stream.refused
    assert len(json.loads(stream.getvalue())["participants"]) == 1
    assert not filled.database.connection.in_transaction
