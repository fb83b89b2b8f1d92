"""Forgetting: nothing of a person is left in any file of ours, in no form, and nothing brings them back (C1)."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dossier import paths
from dossier.config import Config
from dossier.domain.text import fold
from dossier.errors import Damaged, Locked, NotFound, Refused, Unavailable
from dossier.services import (
    accepting,
    accounts,
    attachments,
    facts,
    forgetting,
    interactions,
    occasions,
    people,
    promises,
    relatives,
    safekeeping,
    steps,
)
from dossier.services.history import history, in_full
from dossier.services.interactions import Made, Next
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.services.undo import outlook, undo
from dossier.store import backups, chunks
from dossier.store.catalog import RECORDS, Attachment, Change, Participant, Person, Promise, Step
from dossier.store.gate import CALENDAR_UID
from dossier.store.leftovers import Copy
from dossier.store.record import AGENDA
from dossier.store.rows import layout_of
from dossier.vault.envelope import CALENDAR_TABLE
from tests.conftest import TODAY, FakeAgent
from tests.inspection import everything, manifest_agrees
from tests.store.behind import chunk_bytes, problems, tamper
from tests.torture.sentinels import forms

SENTINELS = (
    "Quimbelzorn",  # family name
    "Zyxwina",  # given name
    "Vexolotta",  # a name she had before
    "Plonkelchen",  # alias
    "zq.wurfel@example.net",
    "+49 8471 553311",
    "privat-zq@example.org",
    "Blaugurkenweg 77",
    "sammelt Grottenolmpostkarten",  # fact, and what it was before
    "sammelt Grottenolmbriefe",
    "Knurzibald",  # relative
    "Fünfzigster auf der Zugspitzhütte",  # occasion
    "Chefin vom Ganzenwerk",
    "Zwergenvertrag.pdf",  # attachment's name …
    "Inhalt des Zwergenvertrags",  # … and bytes
    "鸕鶿饕餮",  # note
)


def forget(session: Session, ref: str = "p1", *, dry_run: bool = False) -> dict[str, Any]:
    return forgetting.person(session, ref, dry_run=dry_run)


def plant(session: Session, folder: Path) -> None:
    """Person 1 at account 1 with all that a person may have, edited, some of it removed and brought back."""
    accounts.add(session, "Hanoi Optics", {"tier": "key"})
    accounts.add(session, "Varna Steel", {})
    first = {"mails": ["zq.wurfel@example.net"], "phones": ["+49 8471 553311"], "aliases": ["Plonkelchen"]}
    more = {"private_mails": ["privat-zq@example.org"], "private_address": "Blaugurkenweg 77"}
    people.add(session, "Zyxwina Vexolotta", "a1", {**first, **more, "birthday": "--03-12", "marked": True})
    people.add(session, "Trần Minh", "a1", {"position": "CEO"}, reports_to="p1")
    people.edit(session, "p1", {"name": "Zyxwina Quimbelzorn", "position": "Chefin vom Ganzenwerk"})
    people.edit(session, "p1", {"note": "鸕鶿饕餮 " * 300})
    facts.add(session, "p1", "sammelt Grottenolmpostkarten", {"kind": "interest"})
    facts.edit(session, 1, {"text": "sammelt Grottenolmbriefe"})
    facts.add(session, "p1", "sammelt Grottenolmpostkarten nicht mehr", {})
    facts.rm(session, 2)
    facts.add(session, "a1", "builds a second hall", {})
    relatives.add(session, "p1", "Knurzibald", "son", {"birthday": "2015"})
    relatives.edit(session, 1, {"note": "Knurzibald plays the tuba"})
    occasions.add(session, "p1", "other", "--09-21", {"title": "Fünfzigster auf der Zugspitzhütte"})
    occasions.add(session, "a1", "founding", "--05-03", {})
    interactions.log(
        session, "a1", None, {"subject": "prices"}, participants=["p1", "p2"],
        made=[Made("the quote", "fri")], following=Next("call back", "in 2 weeks"),
    )  # fmt: skip
    promises.add(session, "p1", "the drawings", due="2027-04-01", changes={})
    promises.renegotiate(session, 2, to="2027-04-08", because="the lab is closed", told="p1")
    steps.add(session, "p1", "send the catalogue", on="tomorrow")
    file = folder / "Zwergenvertrag.pdf"
    file.write_bytes(b"Inhalt des Zwergenvertrags " * 9000)
    attachments.add(session, "p1", [str(file)])
    attachments.add(session, "p1", [str(file)])
    attachments.rm(session, 2)
    other = folder / "plan.pdf"
    other.write_bytes(b"the plan " * 9000)
    attachments.add(session, "a1", [str(other)])
    file.unlink()
    people.rm(session, "p1", cascade=True)
    undo(session)
    for number in range(40):  # so that rows move from page to page
        people.edit(session, "p1", {"department": f"Ganzenwerk {number}", "note": "鸕鶿饕餮 " * (number * 9)})
    backups.keep_before(session.database, "import", 5)


@pytest.fixture
def _in_hanoi(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Seven hours before UTC."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "ICT-7")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def planted(session: Session, tmp_path: Path) -> Session:
    (tmp_path / "files").mkdir()
    plant(session, tmp_path / "files")
    return session


def envelopes(session: Session) -> dict[bytes, tuple[str, int]]:
    """Every envelope, with whose it is."""
    found = {}
    for kind in RECORDS:
        layout = layout_of(kind)
        for row in session.database.rows(f"SELECT {layout.columns} FROM {kind.table.name}"):
            for blob in row[layout.width : -1]:
                found[blob] = (kind.table.name, row[0])
    (calendar,) = session.database.rows("SELECT agenda FROM calendar")
    return found | {calendar[0]: ("calendar", 1)}


def plaintexts(session: Session) -> Iterator[bytes]:
    """Everything that the vault's keys open."""
    cipher = session.rows.cipher
    for kind in RECORDS:
        layout = layout_of(kind)
        for row in session.database.rows(f"SELECT {layout.columns} FROM {kind.table.name}"):
            for place, (key_class, _) in enumerate(layout.secrets, layout.width):
                yield cipher.opener(kind.table.id, key_class)(row[1], row[place])
    (calendar,) = session.database.rows("SELECT agenda FROM calendar")
    yield cipher.decrypt_bytes(CALENDAR_TABLE, AGENDA, CALENDAR_UID, calendar[0])
    for record in session.reader.each(Attachment):
        yield b"".join(chunks.content(session.database, session.keys, record))


def found_in(data: bytes) -> set[str]:
    folded = fold(data.decode(errors="replace")).encode()
    return {
        text
        for text in SENTINELS
        if fold(text).encode() in folded or any(form in data for form in forms(text))
    }


def found_in_files(folder: Path) -> dict[str, set[str]]:
    paths = [Path(place) / name for place, _, names in os.walk(folder) for name in names]
    return {str(path): found for path in paths if (found := found_in(os.fsencode(path) + path.read_bytes()))}


def test_the_search_finds_what_is_planted(planted: Session, tmp_path: Path) -> None:
    """The check that the other checks can fail."""
    (vault, backup), clear = sorted(found_in_files(tmp_path).items()), set(SENTINELS[:6])
    assert vault[0] == planted.path
    assert vault[1] >= {"Quimbelzorn", "Zyxwina", "Plonkelchen", "zq.wurfel@example.net"}
    assert vault[1] <= clear | {"Chefin vom Ganzenwerk"}
    assert backup[0].startswith(f"{planted.path}.backups/")
    inside = set().union(*map(found_in, plaintexts(planted)))
    assert inside == set(SENTINELS)
    # Birthday and occasion of hers are in the calendar.
    calendar = planted.reader.calendar()
    assert calendar is not None
    assert [entry.record_id for entry in calendar.on(312)] == [1]
    assert [entry.record_id for entry in calendar.on(921)] == [1]


def test_no_byte_of_a_forgotten_person_is_left(planted: Session, tmp_path: Path) -> None:
    before = {**envelopes(planted)}
    stored = [data for (data,) in planted.database.rows("SELECT data FROM chunk WHERE attachment_id <> 3")]
    hers = planted.reader.get(Person, 1)
    (tmp_path / "vault.dossier.rotating").write_bytes(Path(planted.path).read_bytes())
    (tmp_path / "vault.dossier.replaced-20270101T000000Z").write_bytes(Path(planted.path).read_bytes())
    (tmp_path / "vault.dossier.999999999.new").write_bytes(Path(planted.path).read_bytes())
    shape = forget(planted)
    assert shape["forgotten"] is True
    # (a) no file has it in clear, (b) nothing that the keys open has it, …
    assert found_in_files(tmp_path) == found_in_files(Path(paths.state_dir())) == {}
    assert os.listdir(paths.state_dir())
    assert set().union(*map(found_in, plaintexts(planted))) == set()
    calendar = planted.reader.calendar()
    assert calendar is not None
    assert list(calendar.on(312)) == list(calendar.on(921)) == []
    assert [entry.record_id for entry in calendar.on(503)] == [2]
    # … (c) and no page, used or free, has an envelope of before, which the keys would open still.
    data, now = Path(planted.path).read_bytes(), envelopes(planted)
    gone = {blob: whose for blob, whose in before.items() if blob not in now}
    assert {whose[0] for whose in gone.values()} >= {
        "person",
        "fact",
        "relative",
        "occasion",
        "change",
        "calendar",
    }
    assert [whose for blob, whose in gone.items() if any(piece in data for piece in pieces(blob))] == []
    assert hers.uid not in data
    assert all(blob[:400] not in data and blob[-400:] not in data for blob in stored)
    assert chunks.ids(planted.database) == [3]
    assert (problems(planted), manifest_agrees(planted)) == ([], True)


def pieces(blob: bytes) -> Iterator[bytes]:
    """Some of the bytes of an envelope: a page keeps the beginning of a long one, others go on."""
    for start in range(4, len(blob) - 24, max(24, len(blob) // 40)):
        yield blob[start : start + 24]


def test_what_is_removed_cleared_and_counted(planted: Session) -> None:
    rehearsed = forget(planted, dry_run=True)
    assert rehearsed["removed"] == {
        "person": 1, "fact": 1, "relative": 1, "occasion": 1, "participant": 2, "attachment": 1,
    }  # fmt: skip
    assert rehearsed["cleared"] == {"person": 1, "promise": 2, "promise_move": 1, "step": 2}
    assert (rehearsed["person"], rehearsed["account"], rehearsed["forgotten"]) == (
        "Zyxwina Quimbelzorn",
        "Hanoi Optics",
        False,
    )
    assert [Path(path).name[16:] for path in rehearsed["backups_removed"]] == ["-before-import.dossier"]
    assert os.path.exists(rehearsed["backups_removed"][0])
    assert (len(planted.reader.find(Person)), problems(planted)) == (2, [])
    done = forget(planted)
    assert done == {**rehearsed, "forgotten": True}
    assert not os.path.exists(rehearsed["backups_removed"][0])


def test_what_is_somebody_elses_stays(planted: Session) -> None:
    before = everything(planted)
    forget(planted)
    after = everything(planted)
    assert {key for key in before if key not in after} == {
        ("person", 1), ("fact", 1), ("relative", 1), ("occasion", 1), ("attachment", 1),
        ("participant", 1), ("participant", 3),
    }  # fmt: skip
    changed = {key for key in after if after[key] != before[key]}
    assert changed == {
        ("person", 2), ("promise", 1), ("promise", 2), ("promise_move", 1), ("step", 1), ("step", 2),
    }  # fmt: skip
    assert planted.reader.get(Person, 2).reports_to is None
    assert planted.reader.get(Promise, 2).person_id is None
    assert planted.reader.get(Step, 2).title == "send the catalogue"
    assert [one.person_id for one in planted.reader.find(Participant)] == [2]
    assert b"".join(chunks.content(planted.database, planted.keys, planted.reader.get(Attachment, 3))) == (
        b"the plan " * 9000
    )


def test_the_history_keeps_its_numbers_and_forgets_what_they_said(planted: Session) -> None:
    was = {change.id: change for change in planted.reader.find(Change)}
    touched = forget(planted)["history_entries"]
    now = {change.id: change for change in planted.reader.find(Change)}
    entry = now.pop(len(was) + 1)
    assert now.keys() == was.keys()
    for number, change in now.items():
        assert (change.uid, change.at, change.command) == (
            was[number].uid,
            was[number].at,
            was[number].command,
        )
        assert [[line[name] for name in ("table", "id", "uid", "action")] for line in change.rows] == [
            [line[name] for name in ("table", "id", "uid", "action")] for line in was[number].rows
        ]
    changed = [number for number in now if now[number].version != was[number].version]
    assert (len(changed), [now[number].summary for number in changed]) == (touched, [None] * touched)
    assert now[1].rows == was[1].rows
    assert (entry.command, all(line["forgotten"] for line in entry.rows)) == ("person forget", True)
    assert entry.summary == (
        "forgot a person: 1 fact, 1 relative, 1 occasion, 2 participants, 1 attachment, "
        f"{touched} of the history"
    )
    assert not any("before" in line or "after" in line for line in entry.rows)


def test_none_of_it_can_be_taken_back(planted: Session) -> None:
    forget(planted)
    shapes = history(planted)
    assert shapes[0]["forgotten"] is True
    for shape in shapes:
        assert in_full(planted, shape["id"])["forgotten"] is shape["forgotten"]
        if shape["forgotten"]:
            for ask in (undo, outlook):
                with pytest.raises(
                    Refused, match=f"change {shape['id']} cannot be taken back: its history was for"
                ):
                    ask(planted, shape["id"])
    with pytest.raises(Refused, match="its history was forgotten"):
        undo(planted)
    assert [shape["command"] for shape in shapes if not shape["forgotten"]] == [
        "attachment add", "occasion add", "fact add", "account add", "account add",
    ]  # fmt: skip
    with pytest.raises(NotFound):
        forget(planted)
    accounts.edit(planted, "a2", {"tier": "key"})
    assert undo(planted)["undoes"] == shapes[0]["id"] + 1


def test_texts_that_name_the_person_are_listed_and_forgotten_in_the_history_alone(
    planted: Session, tmp_path: Path
) -> None:
    file = tmp_path / "quote_quimbelzorn2.pdf"
    file.write_bytes(b"the quote")
    attachments.add(planted, "a2", [str(file)])
    accounts.edit(planted, "a2", {"note": "ask ZYXWINA  quimbelzorn about it"})
    facts.add(planted, "a2", "knows our Plonkelchen's sister", {})
    promises.add(planted, "a2", "call 08471/553311", due="fri", changes={})
    steps.add(planted, "a2", "write to zq.wurfel@example.net", on="tomorrow")
    interactions.log(planted, "a2", None, {"note": "Frau Vexolotta, as she was called then"})
    facts.add(planted, "a2", "the Quimbelzornstraße is closed", {})  # another word
    first = accounts.edit(planted, "a1", {"market": "Zyxwina says it shrinks"})
    accounts.edit(planted, "a1", {"market": "it shrinks"})
    assert first["market"] == "Zyxwina says it shrinks"
    shape = forget(planted)
    assert shape["still_named_in"] == [
        {"noun": "account", "id": 2, "account": "Varna Steel"},
        {"noun": "fact", "id": 4, "account": "Varna Steel"},
        {"noun": "interaction", "id": 3, "account": "Varna Steel"},
        {"noun": "promise", "id": 3, "account": "Varna Steel"},
        {"noun": "step", "id": 3, "account": "Varna Steel"},
        {"noun": "attachment", "id": 4, "account": "Varna Steel"},
    ]
    journal = str([(change.summary, change.rows) for change in planted.reader.find(Change)])
    assert found_in(journal.encode()) == {"Quimbelzorn"}  # the street
    assert "Quimbelzornstraße" in journal
    assert problems(planted) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("王小明", "下周与王小明见面"),
        ("王小明", "小明说价格太高"),
        ("김민수", "김민수는 내일 온다"),
        ("Иванова Мария", "звонила мария иванова"),
        ("Đặng Thị Lệ", "dang thi le wants samples"),
        ("Đặng Thị Lệ", "Chị Lệ wants samples"),
        ("Anna Maria Weber", "Anna Weber wants samples; Frau Weber too"),
        ("O'Neill, Seán", "Sean O’Neill’s samples"),
    ],
)
def test_names_are_found_in_any_script(session: Session, name: str, text: str) -> None:
    accounts.add(session, "Linz Valves", {})
    people.add(session, name, "a1", {})
    people.add(session, "Bo Li", "a1", {})
    facts.add(session, "a1", text, {})
    facts.add(session, "a1", "Annabel and 大明 are mariachi, lender, 金, Weberei", {})
    shape = forget(session)
    assert [(one["noun"], one["id"]) for one in shape["still_named_in"]] == [("fact", 1)]


def test_a_name_that_others_bear_too_counts_only_at_her_own_company(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {})
    accounts.add(session, "Saigon Glass", {})
    people.add(session, "Nguyễn Thị Lan", "a1", {})
    people.add(session, "Nguyễn Văn Minh", "a1", {})
    people.add(session, "Trần Lan", "a2", {})
    facts.add(session, "a1", "Lan likes tea", {})
    facts.add(session, "a2", "Lan likes coffee", {})
    facts.add(session, "a2", "Nguyen Thi Lan was here", {})
    facts.edit(session, 2, {"text": "Lan likes milk"})
    facts.edit(session, 1, {"text": "Lan likes green tea"})
    facts.edit(session, 1, {"text": "LAN likes rice"})
    shape = forget(session)
    assert [(one["noun"], one["id"]) for one in shape["still_named_in"]] == [("fact", 1), ("fact", 3)]
    told = {one["id"]: one["forgotten"] for one in history(session)}
    assert told == {
        1: False, 2: False, 3: True, 4: False, 5: False, 6: True, 7: False, 8: True, 9: False, 10: True, 11: True,
        12: True,
    }  # fmt: skip


def test_a_name_that_is_an_everyday_word_counts_at_her_own_company_with_a_capital(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {})
    accounts.add(session, "Saigon Glass", {})
    people.add(session, "Trần Văn An", "a1", {})
    for whose, text in (
        ("a1", "send an offer to them"),
        ("a1", "ask An first"),
        ("a2", "An offer was sent"),
        ("a2", "trần văn an was here"),
    ):
        facts.add(session, whose, text, {})
    assert [one["id"] for one in forget(session)["still_named_in"]] == [2, 4]
    assert [one["id"] for one in history(session) if not one["forgotten"]] == [6, 4, 2, 1]


def test_a_folder_of_backups_that_cannot_be_read_is_told_before_anything_is_done(
    planted: Session, tmp_path: Path
) -> None:
    shutil.rmtree(backups.folder_of(planted.path))
    (tmp_path / "elsewhere").mkdir()
    os.symlink(tmp_path / "elsewhere", backups.folder_of(planted.path))
    with pytest.raises(Unavailable, match="is a link"):
        forget(planted)
    assert len(planted.reader.find(Person)) == 2


def test_who_moved_between_companies_is_forgotten_at_both(planted: Session, tmp_path: Path) -> None:
    people.edit(planted, "p1", {}, account="a2")
    facts.add(planted, "p1", "sammelt Grottenolmbriefe immer noch", {})
    forget(planted)
    assert found_in_files(tmp_path) == {}
    assert set().union(*map(found_in, plaintexts(planted))) == set()
    assert problems(planted) == []


def test_forgetting_after_the_history_was_forgotten(planted: Session, tmp_path: Path) -> None:
    facts.edit(planted, 1, {"source": "Knurzibald"})
    forgetting.history(planted, "2099-01-01")
    facts.edit(planted, 1, {"source": "Grottenolmbriefe"})
    forget(planted)
    assert set().union(*map(found_in, plaintexts(planted))) == set()
    assert found_in_files(tmp_path) == {}
    assert problems(planted) == []


def test_a_locked_vault_forgets_nothing(planted: Session) -> None:
    FakeAgent("").lock()
    with Session(planted.path, TODAY, Config({}, {}, ""), Unlocking()) as locked:
        with pytest.raises(Locked):
            forget(locked)
        with pytest.raises(Locked):
            forgetting.history(locked, "today")


# --- Killed, or kept from finishing -----------------------------------------------------------------------------------


def test_what_fails_before_the_commit_leaves_all_of_it(
    planted: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, entries = everything(planted), len(planted.reader.find(Change))

    def fails(database: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dossier.store.gate.wipe", fails)
    with pytest.raises(KeyboardInterrupt):
        forget(planted)
    assert (everything(planted), len(planted.reader.find(Change))) == (before, entries)
    assert planted.database.row("PRAGMA foreign_keys") == (1,)
    assert (len(backups.listed(planted.path)), problems(planted)) == (1, [])
    assert forgetting.finish(planted) == []


def test_killed_between_commit_and_backups_a_second_run_finishes(
    planted: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(self: Copy) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Copy, "remove", killed)
        with pytest.raises(KeyboardInterrupt):
            forget(planted)
    assert len(planted.reader.find(Person)) == 1
    assert set(found_in_files(tmp_path)) == {backup.path for backup in backups.listed(planted.path)}
    later = backups.keep_before(planted.database, "migration", 5)
    assert len(forgetting.finish(planted)) == 1
    assert [backup.path for backup in backups.listed(planted.path)] == [later]
    assert found_in_files(tmp_path) == {}
    assert forgetting.finish(planted) == []


def assert_none_goes(session: Session) -> None:
    left = [backup.path for backup in backups.listed(session.path)]
    assert left
    with pytest.raises(Damaged):
        forgetting.finish(session)
    assert [backup.path for backup in backups.listed(session.path)] == left


def test_no_backup_goes_on_the_word_of_a_change_that_is_not_authentic(planted: Session) -> None:
    tamper(
        planted.path,
        "UPDATE change SET command = 'person forget', at = '9999', uid = zeroblob(16) WHERE id = 1",
    )
    assert_none_goes(planted)


def test_no_backup_goes_on_the_word_of_a_copy_that_went_back_in_time(
    planted: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Copy, "remove", lambda self: False)
        with pytest.raises(Unavailable):
            forget(planted)
    older = shutil.copy(planted.path, tmp_path / "older")
    accounts.add(planted, "Seen here since", {})
    planted.close()
    shutil.copy(older, planted.path)
    with planted.anew() as again:
        assert_none_goes(again)


def restore(session: Session, file: str) -> str:
    """Restore a file over the vault of a session, which is closed; where what stood there is kept."""
    session.close()
    into = safekeeping.Restoring(session.path, session.today, session.config, session._unlocking)
    shape = safekeeping.restore(file, into, lambda backup: None, lambda done, total: None)
    return str(shape["replaced"])


def test_copies_of_another_branch_go_whatever_their_numbers(planted: Session, tmp_path: Path) -> None:
    own = str(tmp_path / "own.backup")
    safekeeping.backup(planted, own, lambda done, total: None)
    for number in range(5):
        accounts.add(planted, f"On the other branch {number}", {})
    aside = restore(planted, own)  # with more changes than there will be after the forgetting
    with planted.anew() as again:
        announced = forgetting.person(again, "p1", dry_run=True)["backups_removed"]
        assert aside in announced
        assert forget(again)["backups_removed"] == announced
        assert backups.listed(planted.path) == []
        os.unlink(own)
        assert found_in_files(tmp_path) == {}


def test_what_a_restore_put_aside_since_is_not_removed_by_a_second_run(
    planted: Session, tmp_path: Path
) -> None:
    forget(planted)
    own = str(tmp_path / "own.backup")
    safekeeping.backup(planted, own, lambda done, total: None)
    planted.close()
    Path(planted.path).write_bytes(b"damaged by something else")
    aside = restore(planted, own)
    later = datetime.now(UTC) + timedelta(seconds=5)
    renamed = Path(aside).with_name(f"{later:%Y%m%dT%H%M%SZ}-before-restore.dossier")
    os.rename(aside, renamed)
    with planted.anew() as again:
        assert forgetting.finish(again) == []
        assert renamed.exists()


def test_forgotten_history_is_still_in_copies_of_another_branch(planted: Session, tmp_path: Path) -> None:
    own = str(tmp_path / "own.backup")
    safekeeping.backup(planted, own, lambda done, total: None)
    for number in range(5):
        accounts.add(planted, f"On the other branch {number}", {})
    aside = restore(planted, own)
    with planted.anew() as again:
        rehearsed = forgetting.history(again, "2099-01-01", dry_run=True)["backups"]
        assert aside in rehearsed
        assert forgetting.history(again, "2099-01-01")["backups"] == rehearsed
        backups.keep_before(again.database, "migration", 5)
        accounts.add(again, "Later", {})
        named = forgetting.history(again, "2099-01-01")["backups"]
        assert aside in named
        assert len(named) == len(rehearsed) + 1


def test_a_backup_that_cannot_be_removed_is_named(planted: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    (backup,) = backups.listed(planted.path)
    monkeypatch.setattr(Copy, "remove", lambda self: False)
    with pytest.raises(Unavailable, match=f"{backup.path} still holds them") as caught:
        forget(planted)
    assert "run the command again" in (caught.value.hint or "")
    assert len(planted.reader.find(Person)) == 1


def test_what_other_runs_are_making_is_left_alone(planted: Session, tmp_path: Path) -> None:
    other = tmp_path / f"vault.dossier.{os.getppid()}.new"
    foreign = tmp_path / "vault.dossier.backups" / "notes.txt"
    for file in (other, foreign):
        file.write_text("x")
    assert str(other) not in forget(planted)["backups_removed"]
    assert other.exists()
    assert foreign.exists()


# --- The history before a day ----------------------------------------------------------------------------------------


def entries_of(session: Session, *days: str) -> None:
    """Let the first entries of the journal have been made at these moments, through the gate."""
    for number, at in enumerate(days, 1):
        with session.change("test") as transaction:
            current, row = transaction._read(Change, number)
            changed = current.replace(at=at)
            changed.version = current.version + 1
            transaction._rewrite(changed, row)
            transaction._redacted = True


@pytest.mark.usefixtures("_in_hanoi")
def test_history_before_a_day_loses_what_it_says(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {"note": "Quimbelzorn"})
    accounts.edit(session, "a1", {"note": "Plonkelchen"})
    accounts.edit(session, "a1", {"note": "plain"})
    old = envelopes(session)
    entries_of(session, "2026-01-01T10:00:00+00:00", "2026-01-31T16:59:59+00:00", "2026-01-31T17:00:00+00:00")
    before = everything(session)
    rehearsed = forgetting.history(session, "1 Feb 2026", dry_run=True)
    assert rehearsed == {
        "before": "2026-02-01", "history_entries": 2, "records": 2, "attachment_bytes": 0, "backups": [],
        "forgotten": False,
    }  # fmt: skip
    assert forgetting.history(session, "1 Feb 2026") == {**rehearsed, "forgotten": True}
    assert everything(session) == before
    shapes = {shape["id"]: shape for shape in history(session)}
    assert [shapes[number]["forgotten"] for number in (1, 2, 3)] == [True, True, False]
    assert [shapes[number]["command"] for number in (1, 2)] == ["account add", "account edit"]
    assert shapes[1]["summary"] is None
    assert (shapes[7]["command"], shapes[7]["summary"]) == (
        "vault forget-history",
        "forgot the history of 2 changes before 2026-02-01",
    )
    data = Path(session.path).read_bytes()
    gone = [blob for blob, whose in old.items() if whose in (("change", 1), ("change", 2))]
    assert not any(piece in data for blob in gone for piece in pieces(blob))
    assert found_in(b"".join(plaintexts(session))) == {"Plonkelchen"}  # what change 3 put an end to
    assert (problems(session), manifest_agrees(session)) == ([], True)
    for number in (1, 2, 7):
        with pytest.raises(Refused, match="its history was forgotten"):
            undo(session, number)
    undo(session, 3)
    assert accounts.edit(session, "a1", {"tags": ["x"]})["note"] == "Plonkelchen"


def test_a_second_time_there_is_nothing_to_forget_and_nothing_is_written(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {})
    assert forgetting.history(session, "2000-01-01")["forgotten"] is False
    assert forgetting.history(session, "2099-01-01")["history_entries"] == 1
    before = Path(session.path).read_bytes()
    again = forgetting.history(session, "2026-01-01")
    assert (again["history_entries"], again["forgotten"]) == (0, False)
    assert Path(session.path).read_bytes() == before


def test_removed_attachments_go_with_the_history_and_backups_are_named(planted: Session) -> None:
    assert chunks.ids(planted.database) == [1, 2, 3]
    size = chunk_bytes(planted.path, 2)
    shape = forgetting.history(planted, "2099-01-01")
    assert (shape["attachment_bytes"], chunks.ids(planted.database)) == (size, [1, 3])
    assert shape["backups"] == [backup.path for backup in backups.listed(planted.path)]
    assert len(shape["backups"]) == 1
    assert problems(planted) == []


def test_a_backup_made_after_it_checks_clean(planted: Session, tmp_path: Path) -> None:
    forget(planted)
    forgetting.history(planted, "2099-01-01")
    safekeeping.backup(planted, str(tmp_path / "copy"), lambda done, total: None)
    shutil.copy(tmp_path / "copy", tmp_path / "again")
    assert found_in_files(tmp_path) == {}


def test_a_vault_that_was_accepted_as_it_stood_is_forgotten_in_as_well(planted: Session) -> None:
    planted.database.execute("DELETE FROM relative WHERE id = 1")
    planted.database.execute("DELETE FROM fact WHERE id = 3")
    accepting.accept(planted, lambda done, total: None, lambda lines: None)
    accepted = planted.reader.get(Change, history(planted)[0]["id"])
    forget(planted)
    assert planted.reader.get(Change, accepted.id).rows == accepted.rows
    assert set().union(*map(found_in, plaintexts(planted))) == set()
    assert problems(planted) == []
    forgetting.history(planted, "2099-01-01")
    assert planted.reader.get(Change, accepted.id).rows == accepted.rows
    assert problems(planted) == []
