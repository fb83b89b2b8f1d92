"""Whoever has the file may change it; `vault check` tells, and no later write hides it."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from dossier.config import Config
from dossier.errors import Damaged, TooNew
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.services.vaults import CodeKeeper, change_passphrase
from dossier.store.catalog import Account, Fact, Interaction, Participant, Person, Promise
from dossier.store.create import create_vault
from dossier.store.record import Record
from dossier.store.rows import Rows
from dossier.store.where import equal
from dossier.vault import header, slots
from dossier.vault.header import Header
from tests.conftest import PASSPHRASE, TODAY, FakeAgent
from tests.store.behind import fill, problems, put, raw, row, said, tamper, write_into_schema


@pytest.fixture
def filled(session: Session) -> Session:
    """A vault with something of everything, which checks clean."""
    fill(session)
    assert problems(session) == []
    return session


@pytest.fixture
def elsewhere(tmp_path: Path) -> str:
    """Another vault with the same contents."""
    path = str(tmp_path / "other.dossier")
    made = header.create(PASSPHRASE, TODAY)
    create_vault(path, made.header, made.keys)
    FakeAgent("").put(made.keys)
    with Session(path, TODAY, Config({}, {}, ""), Unlocking()) as other:
        fill(other)
    return path


def edit(session: Session, note: str) -> None:
    with session.change("edit") as transaction:
        transaction.update(session.reader.get(Account, 1), note=note)


def write_more(session: Session) -> None:
    """A change that touches nothing that the tampering touched."""
    with session.change("account add") as transaction:
        transaction.insert(Account(name="Later", created_on="2027-03-10", cadence_days=5))


def log_something(session: Session) -> None:
    with session.change("log") as transaction:
        account = transaction.insert(Account(name="Later", created_on="2027-03-10"))
        talk = transaction.insert(Interaction(account_id=account.id, at="2027-03-10"))
        transaction.insert(Participant(interaction_id=talk.id, person_id=2))


def replace(path: str, table: str, record_id: int, **values: Any) -> None:
    put(path, table, row(path, table, record_id) | values)


def delete_row(path: str, other: str) -> None:
    tamper(path, "DELETE FROM fact WHERE id = 2")


def delete_row_and_its_traces(path: str, other: str) -> None:
    tamper(path, "DELETE FROM participant WHERE id = 1")
    tamper(path, "DELETE FROM sqlite_sequence WHERE name = 'participant'")


def copy_row(path: str, other: str) -> None:
    put(path, "fact", row(path, "fact", 1) | {"id": 3})


def row_of_another_vault(path: str, other: str) -> None:
    put(path, "fact", row(other, "fact", 1) | {"id": 3})


def row_for_row_of_another_vault(path: str, other: str) -> None:
    put(path, "fact", row(other, "fact", 1))


def edit_plain(path: str, other: str) -> None:
    tamper(path, "UPDATE promise SET due_on = '2027-09-09' WHERE id = 1")


def edit_link(path: str, other: str) -> None:
    tamper(path, "UPDATE person SET account_id = 2 WHERE id = 1")


def edit_folded(path: str, other: str) -> None:
    tamper(path, "UPDATE account SET folded = char(10) || 'somebody else' || char(10) WHERE id = 1")


def edit_version(path: str, other: str) -> None:
    tamper(path, "UPDATE fact SET version = version + 1 WHERE id = 1")


def edit_uid(path: str, other: str) -> None:
    tamper(path, "UPDATE fact SET uid = zeroblob(16) WHERE id = 1")


def swap_ids(path: str, other: str) -> None:
    first, second = row(path, "fact", 1), row(path, "fact", 2)
    put(path, "fact", first | {"id": 2})
    put(path, "fact", second | {"id": 1})


def swap_envelopes(path: str, other: str) -> None:
    first, second = row(path, "fact", 1), row(path, "fact", 2)
    replace(path, "fact", 1, dossier=second["dossier"])
    replace(path, "fact", 2, dossier=first["dossier"])


def swap_classes(path: str, other: str) -> None:
    found = row(path, "person", 1)
    replace(path, "person", 1, agenda=found["dossier"], dossier=found["agenda"])


def envelope_of_another_table(path: str, other: str) -> None:
    replace(path, "fact", 1, dossier=row(path, "account", 1)["dossier"])


def envelope_of_another_vault(path: str, other: str) -> None:
    replace(path, "fact", 1, dossier=row(other, "fact", 1)["dossier"])


def seal_of_another_row(path: str, other: str) -> None:
    replace(path, "fact", 1, seal=row(path, "fact", 2)["seal"])


def seal_of_nothing(path: str, other: str) -> None:
    replace(path, "fact", 1, seal=b"\0" * 32)


def seal_of_another_type(path: str, other: str) -> None:
    replace(path, "fact", 1, seal="text")


def uid_of_another_type(path: str, other: str) -> None:
    replace(path, "fact", 1, uid=7)


def version_of_another_type(path: str, other: str) -> None:
    replace(path, "fact", 1, version="two")


def blob_in_a_text_column(path: str, other: str) -> None:
    replace(path, "account", 1, tags=b"\xff\xfe")


def text_that_is_no_utf8(path: str, other: str) -> None:
    tamper(path, "UPDATE account SET tags = CAST(x'ff5b5d' AS TEXT) WHERE id = 1")


def list_that_is_none(path: str, other: str) -> None:
    tamper(path, "UPDATE account SET tags = '{' WHERE id = 1")


def calendar_of_another_vault(path: str, other: str) -> None:
    put(path, "calendar", row(other, "calendar"))


def no_calendar(path: str, other: str) -> None:
    tamper(path, "DELETE FROM calendar")


def no_manifest(path: str, other: str) -> None:
    tamper(path, "UPDATE vault SET manifest = zeroblob(200)")


def last_change_forgotten(path: str, other: str) -> None:
    tamper(path, "DELETE FROM change WHERE id = (SELECT max(id) FROM change)")


def all_changes_forgotten(path: str, other: str) -> None:
    tamper(path, "DELETE FROM change")
    tamper(path, "DELETE FROM sqlite_sequence WHERE name = 'change'")


def ids_set_back(path: str, other: str) -> None:
    tamper(path, "UPDATE sqlite_sequence SET seq = 1 WHERE name = 'account'")


def ids_set_forward(path: str, other: str) -> None:
    tamper(path, "UPDATE sqlite_sequence SET seq = 1 << 62 WHERE name = 'account'")


def changes_set_forward(path: str, other: str) -> None:
    tamper(path, "UPDATE sqlite_sequence SET seq = 1 << 62 WHERE name = 'change'")


def ids_that_are_no_number(path: str, other: str) -> None:
    tamper(path, "UPDATE sqlite_sequence SET seq = 'many' WHERE name = 'account'")


def a_second_counter(path: str, other: str) -> None:
    tamper(path, "INSERT INTO sqlite_sequence VALUES ('account', 1)")


def a_trigger(path: str, other: str) -> None:
    tamper(path, "CREATE TRIGGER spy AFTER INSERT ON fact BEGIN DELETE FROM step; END")


def a_table(path: str, other: str) -> None:
    tamper(path, "CREATE TABLE extra (x)")


def a_trigger_named_like_sqlites_own(path: str, other: str) -> None:
    sql = "CREATE TRIGGER sqlite_spy AFTER UPDATE ON vault BEGIN DELETE FROM step; END"
    write_into_schema(path, "trigger", "sqlite_spy", "vault", sql)


def a_trigger_that_calls_itself_a_table(path: str, other: str) -> None:
    sql = "CREATE TRIGGER sqlite_spy BEFORE INSERT ON fact BEGIN SELECT RAISE(IGNORE); END"
    write_into_schema(path, "table", "sqlite_sequence", "sqlite_sequence", sql)


def a_view(path: str, other: str) -> None:
    tamper(path, "CREATE VIEW spy AS SELECT * FROM fact")


def an_index_dropped(path: str, other: str) -> None:
    tamper(path, "DROP INDEX account_folded")


NAMED: list[tuple[Callable[[str, str], None], str]] = [
    (delete_row, "fact 2 is missing"),
    (delete_row_and_its_traces, "participant 1 is missing"),
    (copy_row, "fact 3 is not as dossier wrote it"),
    (row_of_another_vault, "fact 3 is not as dossier wrote it"),
    (row_for_row_of_another_vault, "fact 1 is not as dossier wrote it"),
    (edit_plain, "promise 1 is not as dossier wrote it"),
    (edit_link, "person 1 is not as dossier wrote it"),
    (edit_folded, "account 1 is not as dossier wrote it"),
    (edit_version, "fact 1 is not as dossier wrote it"),
    (edit_uid, "fact 1 cannot be opened"),
    (swap_ids, "fact 2 is not as dossier wrote it"),
    (swap_envelopes, "fact 2 cannot be opened"),
    (swap_classes, "person 1 cannot be opened"),
    (envelope_of_another_table, "fact 1 cannot be opened"),
    (envelope_of_another_vault, "fact 1 cannot be opened"),
    (seal_of_another_row, "fact 1 is not as dossier wrote it"),
    (seal_of_nothing, "fact 1 is not as dossier wrote it"),
    (seal_of_another_type, "fact 1 is not as dossier wrote it"),
    (uid_of_another_type, "fact 1 is not as dossier wrote it"),
    (version_of_another_type, "fact 1 is not as dossier wrote it"),
    (blob_in_a_text_column, "account 1 is not as dossier wrote it"),
    (text_that_is_no_utf8, "account 1 cannot be read: it holds text that is not UTF-8"),
    (list_that_is_none, "account 1 is not as dossier wrote it"),
    (calendar_of_another_vault, "calendar is not as dossier wrote it"),
    (no_calendar, "calendar is missing"),
    (no_manifest, "manifest cannot be read"),
    (last_change_forgotten, "change 1 is missing from the journal"),
    (all_changes_forgotten, "change 1 is missing from the journal"),
    (ids_set_back, "account has a counter of ids that was set to 1; the newest is 2"),
    (ids_set_forward, f"account has a counter of ids that was set to {1 << 62}; the newest is 2"),
    (changes_set_forward, f"change has a counter of ids that was set to {1 << 62}; the newest is 1"),
    (ids_that_are_no_number, "account has a counter of ids that was set to what is no number"),
    (a_second_counter, "file has a counter of ids that is not dossier's"),
    (a_trigger, "schema is not dossier's: spy does not belong in a vault"),
    (a_table, "schema is not dossier's: extra does not belong in a vault"),
    (a_trigger_named_like_sqlites_own, "schema is not dossier's: sqlite_spy does not belong in a vault"),
    (a_trigger_that_calls_itself_a_table, "schema is not dossier's: sqlite_sequence"),
    (a_view, "schema is not dossier's: spy does not belong in a vault"),
    (an_index_dropped, "schema is not dossier's: account_folded"),
]


@pytest.mark.parametrize(("change", "named"), NAMED, ids=lambda value: getattr(value, "__name__", ""))
def test_what_was_done_behind_our_back_is_named(
    filled: Session, elsewhere: str, change: Callable[[str, str], None], named: str
) -> None:
    change(filled.path, elsewhere)
    assert named in said(filled)


@pytest.mark.parametrize("change", [change for change, _ in NAMED], ids=lambda value: value.__name__)
def test_a_later_write_does_not_hide_it(
    filled: Session, elsewhere: str, change: Callable[[str, str], None]
) -> None:
    change(filled.path, elsewhere)
    with suppress(Damaged):  # it may be refused, for the gate verifies whatever it touches
        write_more(filled)
    assert problems(filled)


@pytest.mark.parametrize(
    "change",
    [a_trigger, a_trigger_named_like_sqlites_own, a_trigger_that_calls_itself_a_table, a_view, a_table],
    ids=lambda value: value.__name__,
)
def test_what_dossier_never_makes_is_refused_before_anything_is_read_or_written(
    filled: Session, change: Callable[[str, str], None]
) -> None:
    change(filled.path, "")
    with pytest.raises(Damaged, match=r"holds what dossier never makes|malformed database schema"):
        write_more(filled)
    with pytest.raises(Damaged, match=r"holds what dossier never makes|malformed database schema"):
        Session(filled.path, TODAY, Config({}, {}, ""), Unlocking())


@pytest.mark.parametrize(
    "change",
    [
        ids_set_back,
        ids_set_forward,
        changes_set_forward,
        ids_that_are_no_number,
        a_second_counter,
        all_changes_forgotten,
        delete_row_and_its_traces,
    ],
    ids=lambda value: value.__name__,
)
def test_an_id_is_never_given_from_a_counter_that_somebody_set(
    filled: Session, change: Callable[[str, str], None]
) -> None:
    change(filled.path, "")
    with pytest.raises(Damaged, match=r"counter|was the last one|behind dossier's back"):
        log_something(filled)


def test_an_id_that_only_the_journal_remembers_may_not_be_given_again(filled: Session) -> None:
    with filled.change("add and remove") as transaction:
        transaction.delete(transaction.insert(Account(name="Gone", created_on="2027-03-10")))
    tamper(filled.path, "UPDATE sqlite_sequence SET seq = 2 WHERE name = 'account'")
    assert "account has a counter of ids that was set to 2; the newest is 3" in said(filled)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (Account, {"note": "second"}),
        (Person, {"birthday": "1976-05-13"}),
        (Fact, {"text": "plays go"}),
        (Promise, {"due_on": "2027-04-01"}),
    ],
)
def test_a_record_put_back_to_an_older_copy_is_named(
    filled: Session, kind: type[Record], changes: dict[str, str]
) -> None:
    table = kind.table.name
    older = row(filled.path, table)
    with filled.change("edit") as transaction:
        transaction.update(filled.reader.get(kind, 1), **changes)
    put(filled.path, table, older)
    assert f"{table} 1 is another copy: its version is 1, the journal says 2" in said(filled)
    write_more(filled)
    assert f"{table} 1 is another copy" in said(filled)


def test_an_older_copy_that_is_written_again_still_shows(filled: Session) -> None:
    older = row(filled.path, "account")
    edit(filled, "second")
    put(filled.path, "account", older)
    edit(filled, "third")
    assert "account 1 is another copy: its version is 2, the journal says 3" in said(filled)


def test_a_whole_table_put_back_is_named(filled: Session) -> None:
    with raw(filled.path) as connection:
        older = connection.execute("SELECT * FROM account").fetchall()
    edit(filled, "second")
    write_more(filled)
    with raw(filled.path) as connection:
        connection.execute("DELETE FROM account")
        connection.executemany(f"INSERT INTO account VALUES ({', '.join('?' * len(older[0]))})", older)
    found = said(filled)
    assert "account 1 is another copy" in found
    assert "account 3 is missing" in found


@pytest.mark.parametrize("column", ["header", "manifest"])
def test_an_older_header_or_manifest_shows(filled: Session, column: str) -> None:
    with raw(filled.path) as connection:
        ((older,),) = connection.execute(f"SELECT {column} FROM vault")
    change_passphrase(filled, filled.root_by(PASSPHRASE), lambda: "something else entirely")
    tamper(filled.path, f"UPDATE vault SET {column} = ?", older)
    assert "header is not the one that was written last" in said(filled)
    with pytest.raises(Damaged, match="the vault's header is not the one that dossier wrote last"):
        write_more(filled)


def test_changing_the_passphrase_does_not_make_an_older_header_good(filled: Session) -> None:
    older = filled.header
    change_passphrase(filled, filled.root_by(PASSPHRASE), lambda: "something else entirely")
    tamper(filled.path, "UPDATE vault SET header = ?", older)
    keeper = CodeKeeper(None, lambda code: None)
    with Session(filled.path, TODAY, Config({}, {}, ""), Unlocking()) as again:
        with pytest.raises(Damaged, match="the vault's header is not the one that dossier wrote last"):
            change_passphrase(again, again.root_by(PASSPHRASE), lambda: "a third one altogether", keeper)
        assert "header is not the one that was written last" in said(again)


def test_nothing_is_written_under_a_header_of_somebody_else(filled: Session) -> None:
    """Its vault id is ours, so the agent's keys fit: what is added would be opened by a passphrase of theirs."""
    place, root = Header.parse(filled.header).place, bytearray(32)
    slot = slots.passphrase_slot(place, 1, TODAY, root, "known to the attacker")
    tamper(filled.path, "UPDATE vault SET header = ?", Header(*place, [slot]).pack(root))
    with Session(filled.path, TODAY, Config({}, {}, ""), Unlocking()) as again:
        assert not again.locked
        with pytest.raises(Damaged, match="the vault's header is not the one that dossier wrote last"):
            write_more(again)


def test_changing_the_passphrase_and_the_code_lets_writes_go_on(filled: Session) -> None:
    keeper = CodeKeeper(None, lambda code: None)
    change_passphrase(filled, filled.root_by(PASSPHRASE), lambda: "something else entirely", keeper)
    write_more(filled)
    assert problems(filled) == []


def test_an_older_calendar_shows(filled: Session) -> None:
    older = row(filled.path, "calendar")
    write_more(filled)
    put(filled.path, "calendar", older)
    found = said(filled)
    assert "calendar does not agree with the records" in found
    assert "manifest does not add up: something is not what was written last" in found
    with filled.change("account add") as transaction:
        transaction.insert(Account(name="Still later", created_on="2027-03-10", cadence_days=9))
    assert "calendar does not agree with the records" in said(filled)


def test_an_older_journal_entry_shows(filled: Session) -> None:
    edit(filled, "second")
    older = row(filled.path, "change", 2)
    with filled.change("undo") as transaction:
        transaction.undoes = 2
        transaction.update(filled.reader.get(Account, 1), note="first")
    put(filled.path, "change", older)
    assert "change 2 is another copy: the journal says that change 3 took it back" in said(filled)


def test_a_reference_to_nothing_is_named(filled: Session) -> None:
    with raw(filled.path) as connection:
        connection.execute("DELETE FROM account WHERE id = 2")
    assert "person 2 refers to an account that is not there" in said(filled)


def test_every_problem_says_which_record(filled: Session) -> None:
    uid = row(filled.path, "promise")["uid"].hex()
    edit_plain(filled.path, "")
    (found, *_) = problems(filled)
    assert (found.noun, found.id, found.uid) == ("promise", 1, uid)


def mutated(blob: bytes, chance: random.Random) -> bytes:
    """The bytes with one bit flipped, cut short, lengthened, or a stretch of them exchanged."""
    kind = chance.randrange(4)
    if kind == 0:
        return blob[: chance.randrange(len(blob))]
    if kind == 1:
        return blob + chance.randbytes(1 + chance.randrange(40))
    place = chance.randrange(len(blob))
    if kind == 2:
        length = 1 + chance.randrange(8)
        changed = blob[:place] + chance.randbytes(length) + blob[place + length :]
        return changed if changed != blob else blob[:-1]
    return blob[:place] + bytes([blob[place] ^ 1 << chance.randrange(8)]) + blob[place + 1 :]


def envelope_refused(session: Session, table: str, column: str) -> None:
    kind = {"account": Account, "person": Person, "fact": Fact}[table]
    with pytest.raises(Damaged):
        session.reader.find(kind, equal(id=1))


@pytest.mark.parametrize(
    "count", [pytest.param(300, id="short"), pytest.param(12_000, id="full", marks=pytest.mark.torture)]
)
def test_mutated_headers_and_envelopes_are_refused(filled: Session, count: int) -> None:
    """Exit code 7 for each: by the reader for envelopes, by whoever opens the vault for headers and slots."""
    chance = random.Random(20270310)
    places = [("account", "dossier"), ("account", "agenda"), ("person", "agenda"), ("fact", "dossier")]
    whole = {place: row(filled.path, place[0])[place[1]] for place in places}
    connection = sqlite3.connect(filled.path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    try:
        for number in range(count):
            if number % 2:
                changed = mutated(filled.header, chance)
                connection.execute("UPDATE vault SET header = ?", (changed,))
                with pytest.raises(Damaged):
                    Session(filled.path, TODAY, Config({}, {}, ""), Unlocking())
                connection.execute("UPDATE vault SET header = ?", (filled.header,))
            else:
                table, column = chance.choice(places)
                update = f"UPDATE {table} SET {column} = ? WHERE id = 1"
                connection.execute(update, (mutated(whole[table, column], chance),))
                envelope_refused(filled, table, column)
                connection.execute(update, (whole[table, column],))
    finally:
        connection.close()
    assert problems(filled) == []


@pytest.mark.parametrize(
    "count", [pytest.param(40, id="short"), pytest.param(1_500, id="full", marks=pytest.mark.torture)]
)
def test_a_file_with_flipped_bytes_never_passes_for_sound_and_never_crashes(
    filled: Session, tmp_path: Path, count: int
) -> None:
    """Anywhere in the file: opening or checking it reports the damage, unless the bytes stand in no record at all."""
    chance = random.Random(31)
    whole = Path(filled.path).read_bytes()
    before = contents(filled)
    copy = tmp_path / "damaged.dossier"
    for _ in range(count):
        place = chance.randrange(len(whole))
        stretch = chance.randbytes(1 + chance.randrange(16))
        copy.write_bytes(whole[:place] + stretch + whole[place + len(stretch) :])
        # What is no fault of ours would end the test.
        with suppress(Damaged, TooNew), Session(str(copy), TODAY, Config({}, {}, ""), Unlocking()) as session:
            if not problems(session):
                assert contents(session) == before


def contents(session: Session) -> list[Any]:
    rows = Rows(session.keys)
    assert rows.can_open("dossier")
    return [list(record.values()) for kind in (Account, Person, Fact) for record in session.reader.find(kind)]
