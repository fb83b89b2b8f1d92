"""Going on with a vault that is not as it was left: what is accepted, what never is, and what is left of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dossier import paths
from dossier.config import Config
from dossier.errors import Damaged, Failed, Locked, NotFound, Refused
from dossier.services import accepting, attachments, forgetting, history, memory, safekeeping, slots
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.services.undo import undo
from dossier.store.catalog import RECORDS, Account, Change, Fact, Person, Promise
from dossier.vault import header
from dossier.vault import slots as header_slots
from tests.conftest import PASSPHRASE, TODAY
from tests.inspection import calendar_days, manifest_agrees
from tests.store.behind import fill, problems, put, raw, row, said, tamper


def quiet(done: int, total: int) -> None:
    pass


def accept(session: Session) -> dict[str, Any]:
    return accepting.accept(session, quiet, lambda problems: None)


def write(session: Session, name: str = "Later") -> None:
    with session.change("account add") as transaction:
        transaction.insert(Account(name=name, created_on="2027-03-10", cadence_days=5))


def reopened(session: Session, prompt: Callable[[str], str] | None = None) -> Session:
    return Session(session.path, TODAY, Config({}, {}, ""), Unlocking(prompt=prompt))


def lines(session: Session, number: int) -> list[dict[str, Any]]:
    return session.reader.get(Change, number).rows


@pytest.fixture
def filled(session: Session) -> Session:
    fill(session)
    return session


def assert_goes_on(session: Session) -> None:
    """The vault checks clean, takes writes, and checks clean after them."""
    assert problems(session) == []
    assert manifest_agrees(session)
    write(session)
    assert problems(session) == []
    with reopened(session) as again:
        assert again.noticed is None


def test_a_sound_vault_leaves_nothing_to_accept(filled: Session) -> None:
    asked: list[Any] = []
    shape = accepting.accept(filled, quiet, asked.append)
    assert shape == {"path": filled.path, "change": None, "accepted": []}
    assert asked == []
    assert history.newest(filled) == 1


def test_what_differs_is_told_before_anything_is_accepted(filled: Session) -> None:
    uid = row(filled.path, "fact", 2)["uid"].hex()
    tamper(filled.path, "DELETE FROM fact WHERE id = 2")
    before = Path(filled.path).read_bytes()
    told: list[dict[str, Any]] = []

    def no(shapes: list[dict[str, Any]]) -> None:
        told.extend(shapes)
        raise Failed("nothing was accepted")

    with pytest.raises(Failed):
        accepting.accept(filled, quiet, no)
    assert [(one["noun"], one["id"], one["uid"]) for one in told] == [
        ("fact", 2, uid),
        ("manifest", None, None),
    ]
    assert Path(filled.path).read_bytes() == before


def test_a_missing_record_is_accepted_and_the_journal_says_so(filled: Session) -> None:
    uid = row(filled.path, "fact", 2)["uid"].hex()
    tamper(filled.path, "DELETE FROM fact WHERE id = 2")
    shape = accept(filled)
    assert shape["change"] == 2
    assert lines(filled, 2) == [{"table": "fact", "id": 2, "uid": uid, "action": "accepted", "version": None}]
    assert_goes_on(filled)


def test_an_older_copy_is_accepted_and_written_on(filled: Session) -> None:
    older = row(filled.path, "account")
    with filled.change("edit") as transaction:
        transaction.update(filled.reader.get(Account, 1), note="second", cadence_days=9)
    put(filled.path, "account", older)
    assert "calendar does not agree" in said(filled)
    accept(filled)
    (line,) = lines(filled, 3)
    assert (line["table"], line["id"], line["version"]) == ("account", 1, 1)
    assert_goes_on(filled)
    with filled.change("edit") as transaction:
        transaction.update(filled.reader.get(Account, 1), note="third", cadence_days=4)
    assert problems(filled) == []
    put(filled.path, "account", older)
    assert "account 1 is another copy: its version is 1, the journal says 2" in said(filled)


def test_a_record_that_was_removed_and_is_back_is_accepted(filled: Session) -> None:
    older = row(filled.path, "fact", 2)
    with filled.change("rm") as transaction:
        transaction.delete(filled.reader.get(Fact, 2))
    put(filled.path, "fact", older)
    assert "fact 2 is one that the journal does not know" in said(filled)
    accept(filled)
    assert_goes_on(filled)
    tamper(filled.path, "DELETE FROM fact WHERE id = 2")
    assert "fact 2 is missing" in said(filled)


@pytest.mark.parametrize("table", ["fact", "occasion", "promise", "participant"])
def test_a_whole_table_that_is_gone_is_accepted(filled: Session, table: str) -> None:
    tamper(filled.path, f"DELETE FROM {table}")
    accept(filled)
    assert [(line["table"], line["version"]) for line in lines(filled, 2)] == [(table, None)] * 2
    assert_goes_on(filled)
    assert 921 not in calendar_days(filled) or table != "occasion"


@pytest.mark.parametrize(
    "tampering",
    [
        "DELETE FROM calendar",
        "UPDATE calendar SET version = 9223372036854775807",
        "UPDATE calendar SET agenda = 'text'",
        "DELETE FROM last_contact",
        "UPDATE last_contact SET at = '2031-01-01'",
        "INSERT INTO last_contact VALUES (99, '2031-01-01')",
        "UPDATE sqlite_sequence SET seq = 1 << 62 WHERE name = 'account'",
        "UPDATE sqlite_sequence SET seq = 'many' WHERE name = 'change'",
        "DELETE FROM sqlite_sequence",
        "INSERT INTO sqlite_sequence VALUES ('account', 1)",
        "INSERT INTO sqlite_sequence VALUES ('nobody', 1)",
    ],
)
def test_what_follows_from_the_records_is_made_anew(filled: Session, tampering: str) -> None:
    days = calendar_days(filled)
    tamper(filled.path, tampering)
    assert problems(filled)
    accept(filled)
    assert calendar_days(filled) == days
    assert_goes_on(filled)
    assert row(filled.path, "account", 3)["id"] == 3, "no id is given twice"


@pytest.mark.parametrize("mended", [False, True], ids=["counters as they were", "counters set back"])
def test_a_journal_cut_short_goes_on_after_the_numbers_that_there_were(filled: Session, mended: bool) -> None:
    for name in ("Second", "Third", "Fourth"):
        write(filled, name)
    tamper(filled.path, "DELETE FROM change WHERE id > 2")
    if mended:
        tamper(filled.path, "UPDATE sqlite_sequence SET seq = 2 WHERE name = 'change'")
    found = said(filled)
    assert "change 3 is missing from the journal" in found
    assert "change 4 is missing from the journal" in found
    assert "account 5 is one that the journal does not know" in found
    shape = accept(filled)
    assert shape["change"] == 5
    assert {(line["table"], line["id"], line["version"]) for line in lines(filled, 5)} == {
        ("change", 3, None),
        ("change", 4, None),
        ("account", 4, 1),
        ("account", 5, 1),
    }
    assert_goes_on(filled)
    with filled.change("edit") as transaction:
        transaction.update(filled.reader.get(Account, 5), note="still ours")
    assert problems(filled) == []
    tamper(filled.path, "DELETE FROM change WHERE id = 5")
    assert "change 5 is missing from the journal" in said(filled)


def test_a_journal_that_is_gone_is_accepted_with_every_record_as_it_stands(filled: Session) -> None:
    tamper(filled.path, "DELETE FROM change")
    count = sum(filled.database.count(kind.table.name) for kind in RECORDS)
    shape = accept(filled)
    assert shape["change"] == 2
    assert len(lines(filled, 2)) == count + 1
    assert_goes_on(filled)


def test_an_older_copy_of_a_journal_entry_is_accepted(filled: Session) -> None:
    write(filled)
    older = row(filled.path, "change", 2)
    undo(filled, 2)
    put(filled.path, "change", older)
    accept(filled)
    (line,) = lines(filled, 4)
    assert (line["table"], line["id"], line["version"]) == ("change", 2, 1)
    assert_goes_on(filled)
    tamper(filled.path, "DELETE FROM fact WHERE id = 2")
    assert [str(one) for one in problems(filled) if one.noun == "change"] == []


@pytest.mark.parametrize(
    ("tampering", "named"),
    [
        ("UPDATE promise SET due_on = '2027-09-09' WHERE id = 1", "promise 1 is not as dossier wrote it"),
        ("UPDATE fact SET dossier = zeroblob(90) WHERE id = 1", "fact 1 is not as dossier wrote it"),
        ("UPDATE change SET command = 'log'", "change 1 is not as dossier wrote it"),
        ("DELETE FROM account WHERE id = 2", "refers to an account that is not there"),
        ("DROP INDEX account_folded", "schema is not dossier's: account_folded"),
    ],
)
def test_what_is_not_authentic_is_never_accepted(filled: Session, tampering: str, named: str) -> None:
    with raw(filled.path) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(tampering)
        connection.execute("DELETE FROM step")
    before = Path(filled.path).read_bytes()
    with pytest.raises(Damaged) as caught:
        accept(filled)
    assert named in caught.value.message
    assert "cannot be accepted as it is" in caught.value.message
    assert "dossier vault salvage" in (caught.value.hint or "")
    assert Path(filled.path).read_bytes() == before


def rolled_back(session: Session) -> str:
    """The vault at the state of its second change, while this machine saw the third."""
    write(session, "Second")
    copy = session.path + ".copy"
    shutil.copy(session.path, copy)
    write(session, "Third")
    session.database.connection.close()
    shutil.copy(copy, session.path)
    return copy


def test_a_sound_copy_that_went_back_in_time_is_accepted(filled: Session) -> None:
    rolled_back(filled)
    with reopened(filled) as again:
        told: list[Any] = []
        shape = accepting.accept(again, quiet, told.extend)
        assert [(one["noun"], one["id"]) for one in told] == [("vault", None)]
        assert "is an older copy: its last change is 2, and change 3 was seen here on" in told[0]["problem"]
        assert shape["change"] == 3
        assert again.noticed is None
        assert [(line["table"], line["id"]) for line in lines(again, 3)] == [("change", 2)]
        assert_goes_on(again)


def test_the_copy_that_was_not_accepted_is_a_fork_from_then_on(filled: Session, tmp_path: Path) -> None:
    newer = str(tmp_path / "newer")
    copy = rolled_back(filled)
    with Session(copy, TODAY, Config({}, {}, ""), Unlocking(), passing=True) as other:
        write(other, "Third")
    shutil.move(copy, newer)
    with reopened(filled) as again:
        accept(again)
    with Session(newer, TODAY, Config({}, {}, ""), Unlocking()) as other:
        assert other.noticed is not None
        assert "was changed in two places" in other.noticed.message


def test_the_generation_never_goes_back(filled: Session) -> None:
    rolled_back(filled)
    seen = memory.recall(filled.vault_id).seen
    assert seen is not None
    with reopened(filled) as again:
        accept(again)
    accepted = memory.recall(filled.vault_id).seen
    assert accepted is not None
    assert accepted.generation > seen.generation


def older_header(session: Session) -> None:
    older = session.header
    with header.open_with_passphrase(older, PASSPHRASE) as opened:
        changed = header.change_passphrase(older, opened.root, "something else entirely", TODAY)
    session.replace_header(older, changed)
    tamper(session.path, "UPDATE vault SET header = ?", older)


def test_an_older_header_is_accepted_by_whoever_opens_it(filled: Session) -> None:
    older_header(filled)
    with reopened(filled, lambda question: PASSPHRASE) as again:
        with pytest.raises(Damaged, match="the vault's header is not the one that dossier wrote last"):
            write(again)
        assert accept(again)["change"] == 2
        assert_goes_on(again)


def garbage_for_a_manifest(session: Session) -> None:
    tamper(session.path, "UPDATE vault SET manifest = zeroblob(300)")


def test_a_manifest_that_is_lost_is_made_anew_for_whoever_opens_the_header(filled: Session) -> None:
    garbage_for_a_manifest(filled)
    with pytest.raises(Locked):
        accept(filled)
    with reopened(filled, lambda question: PASSPHRASE) as again:
        assert not again.locked, "the agent's keys are those that the records were written with"
        told: list[Any] = []
        accepting.accept(again, quiet, told.extend)
        assert_goes_on(again)
    (header_told,) = [one["problem"] for one in told if one["noun"] == "header"]
    assert header_told.endswith(
        "what opened the vault at its time opens it: passphrase since 2027-03-10, recovery code since 2027-03-10"
    )


def with_key_file(session: Session, tmp_path: Path) -> Session:
    """The vault with a full key file, which the settings of this machine name; nobody is asked."""
    stick = str(tmp_path / "stick.key")
    with reopened(session, lambda question: PASSPHRASE) as again:
        slots.add(again, stick)
    session.header_now()
    return Session(session.path, TODAY, Config({"key_file": stick}, {}, ""), Unlocking())


def test_an_older_header_is_not_accepted_on_the_word_of_a_key_file(filled: Session, tmp_path: Path) -> None:
    """It opens the headers of all times since it was added, whatever passphrase they had."""
    with with_key_file(filled, tmp_path) as machine:
        older_header(machine)
        for spoil in (lambda session: None, garbage_for_a_manifest):
            spoil(machine)
            with pytest.raises(Locked):
                accept(machine)


def test_the_header_of_last_time_is_accepted_on_the_word_of_a_key_file(
    filled: Session, tmp_path: Path
) -> None:
    with with_key_file(filled, tmp_path) as machine:
        garbage_for_a_manifest(machine)
        accept(machine)
        assert_goes_on(machine)


def test_an_older_header_without_a_passphrase_is_not_accepted(filled: Session, tmp_path: Path) -> None:
    with with_key_file(filled, tmp_path) as machine:
        slots.remove(machine, 1, lambda removed, left: None)
        older = machine.header
        slots.add(machine, str(tmp_path / "other.key"))
        tamper(machine.path, "UPDATE vault SET header = ?, manifest = zeroblob(300)", older)
        with pytest.raises(Damaged, match="no passphrase opens it"):
            accept(machine)


@pytest.mark.parametrize("remembered", [True, False])
def test_an_older_header_and_its_manifest_together_are_not_accepted_by_the_agents_keys(
    filled: Session, remembered: bool
) -> None:
    """Each vouches for the other, and only the records or this machine's memory are newer."""
    with raw(filled.path) as connection:
        pair = connection.execute("SELECT header, manifest FROM vault").fetchone()
    older_header(filled)
    tamper(filled.path, "UPDATE vault SET header = ?", filled.header)
    write(filled, "Later")
    tamper(filled.path, "UPDATE vault SET header = ?, manifest = ?", *pair)
    if not remembered:
        shutil.rmtree(os.path.join(paths.state_dir(), "seen"))
    with reopened(filled) as again:
        told: list[Any] = []
        with pytest.raises(Locked):
            accepting.accept(again, quiet, told.extend)
    assert any("what opened the vault at its time opens it" in one["problem"] for one in told)
    with reopened(filled, lambda question: PASSPHRASE) as again:
        accept(again)
        assert_goes_on(again)


def foreign_header(session: Session) -> bytes:
    place, root = header.Header.parse(session.header).place, bytearray(32)
    slot = header_slots.passphrase_slot(place, 60_000, TODAY, root, "known to the attacker")
    return header.Header(*place, [slot]).pack(root)


def test_a_header_of_somebody_else_is_not_accepted_with_garbage_for_a_manifest(filled: Session) -> None:
    theirs = foreign_header(filled)
    tamper(filled.path, "UPDATE vault SET header = ?, manifest = zeroblob(300)", theirs)
    with reopened(filled, lambda question: PASSPHRASE) as again, pytest.raises(Locked):
        accept(again)
    attacker = reopened(filled, lambda question: "known to the attacker")
    with attacker, pytest.raises(Damaged, match="another vault's"):
        accept(attacker)
    with reopened(filled) as again, pytest.raises(Locked):
        accept(again)


def test_an_older_header_is_not_accepted_by_the_keys_that_the_agent_holds_alone(filled: Session) -> None:
    older_header(filled)
    with reopened(filled) as again, pytest.raises(Locked):
        accept(again)
    with reopened(filled, lambda question: "something else entirely") as again, pytest.raises(Locked):
        accept(again)


def test_a_header_of_somebody_else_is_never_accepted(filled: Session) -> None:
    tamper(filled.path, "UPDATE vault SET header = ?", foreign_header(filled))
    with reopened(filled, lambda question: "known to the attacker") as again:
        with pytest.raises(Damaged, match=r"the header of .* is another vault's"):
            accept(again)
        with pytest.raises(Damaged):
            write(again)


def test_writes_stop_after_a_check_that_found_something_until_a_clean_one(filled: Session) -> None:
    older = row(filled.path, "account")
    with filled.change("edit") as transaction:
        transaction.update(filled.reader.get(Account, 1), note="second")
    newer = row(filled.path, "account")
    put(filled.path, "account", older)
    write(filled, "It does not touch what was put back, so nothing stops it")
    found = safekeeping.check(filled, quiet)
    assert not found["sound"]
    assert all("dossier vault accept" in one["how"] for one in found["problems"])
    with pytest.raises(Damaged, match="was not sound when it was checked on"):
        write(filled)
    put(filled.path, "account", newer)
    assert safekeeping.check(filled, quiet)["sound"]
    write(filled)


def test_a_check_that_another_program_kept_from_reading_says_nothing_of_the_vault(filled: Session) -> None:
    filled.database.execute("PRAGMA busy_timeout = 0")
    with raw(filled.path) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Failed, match="busy"):
            safekeeping.check(filled, quiet)
        other.execute("ROLLBACK")
    assert memory.recall(filled.vault_id).unsound == {}
    write(filled)


def test_writes_go_on_once_what_the_check_found_is_accepted(filled: Session) -> None:
    tamper(filled.path, "DELETE FROM fact WHERE id = 2")
    safekeeping.check(filled, quiet)
    accept(filled)
    assert filled.noticed is None
    assert_goes_on(filled)


def test_saying_no_leaves_the_writes_stopped(filled: Session) -> None:
    older = row(filled.path, "account")
    with filled.change("edit") as transaction:
        transaction.update(filled.reader.get(Account, 1), note="second")
    put(filled.path, "account", older)
    safekeeping.check(filled, quiet)

    def no(shapes: list[Any]) -> None:
        raise Failed("no")

    with pytest.raises(Failed, match="no"):
        accepting.accept(filled, quiet, no)
    with pytest.raises(Damaged, match="was not sound"):
        write(filled)


def test_a_check_names_a_copy_that_went_back_in_time(filled: Session) -> None:
    rolled_back(filled)
    with reopened(filled) as again:
        found = safekeeping.check(again, quiet)
    assert not found["sound"]
    (problem,) = found["problems"]
    assert (problem["noun"], problem["id"], problem["uid"]) == ("vault", None, None)
    assert "is an older copy" in problem["problem"]


def test_what_was_accepted_cannot_be_taken_back(filled: Session) -> None:
    tamper(filled.path, "DELETE FROM fact WHERE id = 2")
    accept(filled)
    for number in (2, None):
        with pytest.raises(Refused, match="change 2 cannot be taken back"):
            undo(filled, number)
    write(filled)
    undo(filled)
    assert problems(filled) == []


def test_a_vault_that_was_accepted_before_its_first_change_has_forgotten_nothing(session: Session) -> None:
    tamper(session.path, "DELETE FROM calendar")
    accept(session)
    assert lines(session, 1) == []
    (told,) = history.history(session)
    assert (told["command"], told["forgotten"]) == ("vault accept", False)
    with pytest.raises(Refused, match="it says how the vault stood when it was accepted"):
        undo(session, 1)
    assert_goes_on(session)


def test_history_tells_what_was_accepted(filled: Session) -> None:
    tamper(filled.path, "DELETE FROM promise")
    accept(filled)
    shape = history.in_full(filled, 2)
    assert (shape["command"], shape["summary"]) == (
        "vault accept",
        "went on with the vault as it was, with 3 differences",
    )
    assert [(one["action"], one["noun"], one["id"]) for one in shape["lines"]] == [
        ("accepted", "promise", 1),
        ("accepted", "promise", 2),
    ]
    assert history.history(filled, "zürich")
    with pytest.raises(NotFound):
        filled.reader.get(Promise, 1)


def test_a_vault_that_was_written_to_meanwhile_is_looked_into_again(filled: Session) -> None:
    tamper(filled.path, "DELETE FROM fact WHERE id = 2")

    def meanwhile(shapes: list[Any]) -> None:
        tamper(filled.path, "DELETE FROM fact WHERE id = 1")

    with pytest.raises(Failed, match="another program changed the vault meanwhile"):
        accepting.accept(filled, quiet, meanwhile)
    assert history.newest(filled) == 1
    assert filled.reader.get(Person, 1).id == 1


def with_a_file(session: Session, tmp_path: Path) -> None:
    (tmp_path / "plan.txt").write_bytes(b"the plan" * 20_000)
    attachments.add(session, "zürich", [str(tmp_path / "plan.txt")])


def test_a_missing_attachment_takes_its_bytes_along(filled: Session, tmp_path: Path) -> None:
    with_a_file(filled, tmp_path)
    tamper(filled.path, "DELETE FROM attachment")
    assert "chunk 1 belongs to no attachment" in said(filled)
    accept(filled)
    assert [(line["table"], line["id"]) for line in lines(filled, 3)] == [("attachment", 1)]
    assert filled.database.count("chunk") == 0
    assert_goes_on(filled)
    with_a_file(filled, tmp_path)
    assert problems(filled) == []


def test_a_removed_attachment_that_undo_may_bring_back_keeps_its_bytes(
    filled: Session, tmp_path: Path
) -> None:
    with_a_file(filled, tmp_path)
    attachments.rm(filled, 1)
    tamper(filled.path, "DELETE FROM fact")
    accept(filled)
    undo(filled, 3)
    assert problems(filled) == []


def test_a_file_that_is_not_whole_is_not_accepted(filled: Session, tmp_path: Path) -> None:
    with_a_file(filled, tmp_path)
    tamper(filled.path, "DELETE FROM chunk WHERE number = 1")
    with pytest.raises(Damaged, match="cannot be accepted as it is: attachment 1"):
        accept(filled)


def test_what_was_accepted_stays_so_when_the_history_is_forgotten(filled: Session) -> None:
    older = row(filled.path, "account")
    with filled.change("edit") as transaction:
        transaction.update(filled.reader.get(Account, 1), note="second")
    put(filled.path, "account", older)
    tamper(filled.path, "DELETE FROM fact WHERE id = 2")
    accept(filled)
    forgetting.history(filled, "2099-01-01")
    assert problems(filled) == []
    tamper(filled.path, "DELETE FROM fact WHERE id = 1")
    found = said(filled)
    assert "fact 1 is missing" in found
    assert "fact 2" not in found
    assert "account" not in found


def test_accepting_needs_all_keys(filled: Session, lock: Callable[[], None]) -> None:
    lock()
    with reopened(filled) as again, pytest.raises(Locked):
        accept(again)
