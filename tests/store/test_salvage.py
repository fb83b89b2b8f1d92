"""What lies outside the damage comes out, whatever is damaged; what comes out is proven, and the vault checks clean."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dossier import paths
from dossier.config import Config
from dossier.errors import Damaged, Locked, Refused
from dossier.services import newest, undo
from dossier.services.passphrases import Unlocking
from dossier.services.safekeeping import Restoring
from dossier.services.salvaging import Watching, salvage
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.store.backups import keep_before
from dossier.store.catalog import RECORDS, Account, Change, Fact, Interaction, Participant, Person
from dossier.store.create import create_vault
from dossier.store.database import Database
from dossier.store.head import read_header, replace_header
from dossier.store.journal import stub
from dossier.store.record import Record
from dossier.store.rows import layout_of
from dossier.vault import header, key_file, slots
from dossier.vault.header import open_with_passphrase
from tests.conftest import PASSPHRASE, TODAY, FakeAgent
from tests.store.behind import fill, problems, raw, tamper
from tests.store.test_database import leave_hot_journal

Row = tuple[Any, ...]
Key = tuple[str, int]

PAGE = 4096


def silent(done: int, total: int) -> None:
    pass


@pytest.fixture
def book(session: Session) -> Session:
    """Some two hundred records on a hundred pages, edited, removed and taken back."""
    fill(session)
    for number in range(20):
        with session.change("add") as transaction:
            account = transaction.insert(
                Account(name=f"Account {number}", created_on="2027-01-04", note="x" * (1 + 150 * number))
            )
            for place in range(3):
                person = transaction.insert(
                    Person(
                        account_id=account.id,
                        name=f"Person {number}.{place}",
                        created_on="2027-01-04",
                        birthday=f"--0{place + 1}-{number + 1:02}",
                    )
                )
                talk = transaction.insert(
                    Interaction(
                        account_id=account.id, at="2027-02-01", subject="s", note="n" * (1 + 100 * number)
                    )
                )
                transaction.insert(Participant(interaction_id=talk.id, person_id=person.id))
    with session.change("edit") as transaction:
        for number in (3, 7, 11):
            transaction.update(transaction.get(Account, number), note="edited")
    with session.change("rm") as transaction:
        transaction.delete(transaction.get(Fact, 1))
    with session.change("rm") as transaction:
        transaction.delete(transaction.get(Fact, 2))
    undo.undo(session)
    return session


def everything(path: str) -> dict[Key, Row]:
    """Every row as it stands in a file."""
    found: dict[Key, Row] = {}
    with raw(path) as connection:
        for kind in RECORDS:
            for row in connection.execute(f"SELECT {layout_of(kind).columns} FROM {kind.table.name}"):
                found[kind.table.name, row[0]] = row
    return found


def body(row: Row) -> bytes:
    """The values of a row as they stand one after another in its page (SQLite file format, 2.1), but for the id."""
    parts = []
    for value in row[1:]:
        if isinstance(value, int):
            sizes = (size for size in (1, 2, 3, 4, 6, 8) if -(1 << 8 * size - 1) <= value < 1 << 8 * size - 1)
            parts.append(b"" if value in (0, 1) else value.to_bytes(next(sizes), signed=True))
        elif value is not None:
            parts.append(value.encode() if isinstance(value, str) else value)
    return b"".join(parts)


def untouched(rows: dict[Key, Row], before: bytes, after: bytes) -> set[Key]:
    """The rows of one page of which, and of whose header, not a byte was changed."""
    found = set()
    for key, row in rows.items():
        whole = body(row)
        start = before.find(whole)
        if start >= 0 and before[start - 45 : start + len(whole)] == after[start - 45 : start + len(whole)]:
            found.add(key)
    return found


class Try:
    """One salvage: what it reported, and the vault that it made."""

    def __init__(self, source: Session, **options: Any) -> None:
        self.path = f"{source.path}.rescued-{len(os.listdir(os.path.dirname(source.path)))}"
        before = Path(source.path).read_bytes()
        typed = options.get("passphrase", PASSPHRASE)
        into = Restoring(source.path, TODAY, source.config, Unlocking(prompt=lambda question: typed))
        self.shape: Shape = salvage(
            self.path, into, options.get("header_from"), Watching(silent, silent, silent)
        )
        assert Path(source.path).read_bytes() == before, "the damaged file is only read"
        self.rows = everything(self.path)
        with Session(self.path, TODAY, source.config, into.unlocking, passing=True) as session:
            session.unlock()
            assert problems(session) == []
            self.names = {record.id: record.name for record in session.reader.find(Account)}
            newest.accept(session.database, session.rows)
            with session.change("add") as transaction:  # it can be gone on with
                transaction.insert(Account(name="New", created_on="2027-03-10"))
            assert problems(session) == []

    def lost(self) -> set[Key]:
        return {(one["noun"], one["id"]) for one in self.shape["lost"]}

    def rebuilt(self) -> set[Key]:
        return {(one["noun"], one["id"]) for one in self.shape["rebuilt"]}


def test_of_a_sound_vault_everything_comes_over_as_it_was(book: Session) -> None:
    before = everything(book.path)
    book.close()
    done = Try(book)
    assert {key: row for key, row in done.rows.items() if key in before} == before
    added = done.rows.keys() - before.keys()
    assert added == {("change", max(number for noun, number in before if noun == "change") + 1)}
    assert (done.shape["lost"], done.shape["rebuilt"], done.shape["placeholders"]) == ([], [], [])
    assert sum(done.shape["rescued"].values()) == len(before)


def zero_first_page(data: bytearray, dice: random.Random) -> None:
    data[:PAGE] = bytes(PAGE)


def overwrite_pages(data: bytearray, dice: random.Random) -> None:
    for _ in range(dice.randint(1, 12)):
        start = dice.randrange(2 * PAGE, len(data) - PAGE) // PAGE * PAGE
        data[start : start + PAGE] = dice.randbytes(PAGE)


def cut(data: bytearray, dice: random.Random) -> None:
    del data[dice.randrange(len(data) // 3, len(data)) :]


def flip_bytes(data: bytearray, dice: random.Random) -> None:
    for _ in range(dice.choice((1, 10, 100, 1000))):
        data[dice.randrange(2 * PAGE, len(data))] ^= dice.randint(1, 255)


def wipe_interior_pages(data: bytearray, dice: random.Random) -> None:
    for start in range(PAGE, len(data), PAGE):
        if data[start] in (2, 5):
            data[start : start + PAGE] = bytes(PAGE)


def wipe_the_lists_of_pages(data: bytearray, dice: random.Random) -> None:
    """Every leaf's header and list of cells, for a third of them."""
    for start in range(2 * PAGE, len(data), PAGE):
        if data[start] == 13 and dice.random() < 0.3:
            data[start : start + 8] = dice.randbytes(8)


def everything_at_once(data: bytearray, dice: random.Random) -> None:
    zero_first_page(data, dice)
    wipe_interior_pages(data, dice)
    overwrite_pages(data, dice)
    flip_bytes(data, dice)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "damage",
    [
        zero_first_page,
        overwrite_pages,
        cut,
        flip_bytes,
        wipe_interior_pages,
        wipe_the_lists_of_pages,
        everything_at_once,
    ],
)
def test_what_is_outside_the_damage_comes_out(
    book: Session, damage: Callable[[bytearray, random.Random], None], seed: int
) -> None:
    rows = everything(book.path)
    book.close()
    path = Path(book.path)
    before, data = path.read_bytes(), bytearray(path.read_bytes())
    damage(data, random.Random(f"{damage.__name__} {seed}"))
    path.write_bytes(data)
    done = Try(book)
    safe = untouched(rows, before, bytes(data))
    assert len(safe) > 20
    for key in safe:
        assert done.rows[key] == rows[key], key
    for key in rows.keys() - safe:
        if key in done.rows and key not in done.rebuilt() and done.rows[key][1] == rows[key][1]:
            continue
        assert key in done.rows or key in done.lost() or key[0] != "account" or "change" in dict(done.lost())


def hurt_rows(path: str, *tables: tuple[str, int]) -> None:
    """Change a byte in the seal of some records."""
    for table, number in tables:
        tamper(path, f"UPDATE {table} SET seal = zeroblob(32) WHERE id = ?", number)


def test_a_hurt_record_is_made_anew_from_the_journal(book: Session) -> None:
    before = {kind: book.reader.find(kind) for kind in (Account, Person)}
    book.close()
    hurt_rows(book.path, ("account", 3), ("person", 5))
    done = Try(book)
    assert done.rebuilt() == {("account", 3), ("person", 5)}
    assert done.lost() == set()
    with Session(done.path, TODAY, book.config, Unlocking()) as session:
        for kind in (Account, Person):
            for old in before[kind]:
                new: Record = session.reader.get(kind, old.id)
                assert (new.uid, new.version, list(new.values())) == (
                    old.uid,
                    old.version,
                    list(old.values()),
                )
        assert session.reader.get(Account, 3).note == "edited"


def test_what_others_refer_to_is_made_anew_under_a_name_that_says_so(book: Session) -> None:
    book.close()
    with raw(book.path) as connection:
        connection.execute("UPDATE change SET seal = zeroblob(32)")
        connection.execute("UPDATE account SET seal = zeroblob(32) WHERE id = 4")
        connection.execute("UPDATE person SET seal = zeroblob(32) WHERE id = 8")
        connection.execute("UPDATE interaction SET seal = zeroblob(32) WHERE id = 8")
    done = Try(book)
    assert done.names[4] == "(lost account 4)"
    with Session(done.path, TODAY, book.config, Unlocking()) as session:
        assert session.reader.get(Person, 8).name == "(lost person 8)"
        assert session.reader.get(Interaction, 8).subject == "(lost interaction 8)"
    placed = {(one["noun"], one["id"]) for one in done.shape["placeholders"]}
    assert placed >= {("account", 4), ("person", 8), ("interaction", 8)}
    assert ("account", 4) in done.lost()


def test_what_was_removed_does_not_come_back(book: Session) -> None:
    """Also where a copy of it still stands in the file: a table that another program copied it into."""
    (old,) = (row for key, row in everything(book.path).items() if key == ("fact", 2))
    with book.change("rm") as transaction:
        transaction.delete(transaction.get(Fact, 2))
    book.close()
    with raw(book.path) as connection:
        marks = ", ".join("?" * len(old))
        connection.execute(f"INSERT INTO fact VALUES ({marks})", old)
    assert ("fact", 2) not in Try(book).rows


def test_of_two_copies_the_newer_one_counts(book: Session) -> None:
    stale = everything(book.path)["account", 3]
    with book.change("edit") as transaction:
        transaction.update(transaction.get(Account, 3), note="the newest")
    now = everything(book.path)["account", 3]
    book.close()
    with raw(book.path) as connection:
        connection.execute("CREATE TABLE other AS SELECT * FROM account WHERE 0")
        marks = ", ".join("?" * (len(stale) - 1))
        connection.execute(
            "CREATE TABLE copies (id INTEGER PRIMARY KEY, "
            + ", ".join(f"c{n}" for n in range(1, len(stale)))
            + ")"
        )
        connection.execute(f"INSERT INTO copies VALUES (3, {marks})", stale[1:])
    assert Try(book).rows["account", 3] == now


def put_back(book: Session) -> Row:
    """Put an older copy of account 3 in the place of the newest, behind dossier's back; the newest."""
    older = everything(book.path)["account", 3]
    with book.change("edit") as transaction:
        transaction.update(transaction.get(Account, 3), note="the newest")
    newest_row = everything(book.path)["account", 3]
    book.close()
    with raw(book.path) as connection:
        connection.execute("DELETE FROM account WHERE id = 3")
        connection.execute(f"INSERT INTO account VALUES ({', '.join('?' * len(older))})", older)
    return newest_row


def test_an_older_copy_is_brought_up_to_what_the_journal_tells(book: Session) -> None:
    newest_row = put_back(book)
    done = Try(book)
    assert done.rebuilt() == {("account", 3)}
    assert done.rows["account", 3][:3] == newest_row[:3]
    with Session(done.path, TODAY, book.config, Unlocking(), passing=True) as session:
        assert session.reader.get(Account, 3).note == "the newest"


def test_an_older_copy_is_kept_and_told_of_where_the_journal_does_not_say_enough(book: Session) -> None:
    added = next(
        change.id
        for change in book.reader.find(Change)
        if any(
            (line["table"], line["id"], line["action"]) == ("account", 3, "insert") for line in change.rows
        )
    )
    with book.change("forget") as transaction:
        change = book.reader.get(Change, added)
        transaction.redact(added, [stub(line) for line in change.rows])
    put_back(book)
    done = Try(book)
    assert [(one["noun"], one["id"]) for one in done.shape["outdated"]] == [("account", 3)]
    assert ("account", 3) in done.rows


def test_an_older_header_is_not_taken_unless_it_is_meant(book: Session) -> None:
    old = bytes(book.header)
    with open_with_passphrase(book.header, PASSPHRASE) as opened:
        changed = header.change_passphrase(book.header, opened.root, "another one entirely", TODAY)
    replace_header(book.database, book.rows.cipher, book.header, changed)
    book.close()
    with raw(book.path) as connection:
        connection.execute("UPDATE vault SET header = ?", (old,))
    with pytest.raises(Damaged, match="may be an older one") as raised:
        Try(book)
    assert f"--header-from {book.path}" in str(raised.value.hint)
    assert Try(book, header_from=book.path).shape["lost"] == []


def foreign_header(book: Session, number: int = 60_000) -> bytes:
    """A header of this vault's id and key id, but of a root that somebody else made."""
    place, root = header.Header.parse(book.header).place, bytearray(os.urandom(32))
    slot = slots.passphrase_slot(place, number, TODAY, root, "evil evil evil")
    return header.Header(*place, [slot]).pack(root)


def append(path: str, *blobs: bytes) -> None:
    """Pages at the end of a file, each with something in it."""
    with open(path, "ab") as file:
        file.writelines(blob.ljust(4096, b"\1") for blob in blobs)


def garbage_for_a_manifest(path: str, header: bytes) -> None:
    with raw(path) as connection:
        connection.execute("UPDATE vault SET header = ?, manifest = zeroblob(300)", (header,))


def forget_all() -> None:
    """As a machine that never saw the vault."""
    shutil.rmtree(os.path.join(paths.state_dir(), "seen"))


@pytest.mark.parametrize("locked", [True, False])
def test_a_foreign_header_in_the_file_is_passed_over(
    book: Session, lock: Callable[[], None], locked: bool
) -> None:
    book.close()
    append(book.path, foreign_header(book), foreign_header(book, 60_001))
    forget_all()
    if locked:
        lock()
    done = Try(book)
    assert done.shape["newest_header"]
    assert [slot["type"] for slot in done.shape["slots"]] == ["passphrase", "recovery"]
    with pytest.raises(Damaged, match=r"nothing in .* can be proven"):
        Try(book, passphrase="evil evil evil")


@pytest.mark.parametrize("named", [True, False])
def test_a_foreign_header_in_the_place_of_ours_is_never_taken(book: Session, named: bool) -> None:
    book.close()
    garbage_for_a_manifest(book.path, foreign_header(book))
    for typed in (PASSPHRASE, "evil evil evil"):
        with pytest.raises((Locked, Damaged)):
            Try(book, passphrase=typed, header_from=book.path if named else None)


def replaced(book: Session) -> tuple[bytes, bytes]:
    """The header and manifest of before, when the passphrase was replaced in the way that commands do it."""
    with raw(book.path) as connection:
        older, manifest = connection.execute("SELECT header, manifest FROM vault").fetchone()
    with open_with_passphrase(book.header, PASSPHRASE) as opened:
        changed = header.change_passphrase(book.header, opened.root, "another one entirely", TODAY)
    book.replace_header(book.header, changed)
    book.close()
    return older, manifest


@pytest.mark.parametrize("remembered", [True, False])
def test_an_older_header_without_a_manifest_is_not_taken_unless_it_is_meant(
    book: Session, remembered: bool
) -> None:
    older, _ = replaced(book)
    garbage_for_a_manifest(book.path, older)
    if not remembered:
        forget_all()
    with pytest.raises(Damaged, match=r"may be an older one: .* opens it: passphrase since 2027-03-10"):
        Try(book)
    with pytest.raises(Locked, match="wrong passphrase"):
        Try(book, passphrase="another one entirely")
    done = Try(book, header_from=book.path)
    assert not done.shape["newest_header"]


def test_an_older_header_with_its_manifest_is_not_taken_where_a_newer_one_was_seen(book: Session) -> None:
    older, manifest = replaced(book)
    with raw(book.path) as connection:
        connection.execute("UPDATE vault SET header = ?, manifest = ?", (older, manifest))
    with pytest.raises(Damaged, match="may be an older one"):
        Try(book)


def test_of_two_headers_that_open_the_one_that_the_manifest_knows_is_taken(book: Session) -> None:
    older = bytes(book.header)
    with open_with_passphrase(book.header, PASSPHRASE) as opened:
        changed, _ = header.new_recovery(book.header, opened.root, TODAY)
    book.replace_header(book.header, changed)
    book.close()
    append(book.path, older)
    forget_all()
    done = Try(book)
    assert done.shape["newest_header"]
    with Database(done.path) as database:
        assert read_header(database) == changed


def test_a_header_whose_manifest_is_lost_is_taken_where_it_was_seen(book: Session) -> None:
    book.close()
    garbage_for_a_manifest(book.path, book.header)
    assert Try(book).shape["newest_header"]


def test_a_key_file_opens_what_it_opened(book: Session, tmp_path: Path) -> None:
    stick = str(tmp_path / "stick.key")
    book.config = Config({"key_file": stick}, {}, "")
    Path(stick).write_text(key_file.new_text(TODAY))
    os.chmod(stick, 0o600)
    with pytest.raises(Locked, match="does not open all of this vault"):
        Try(book)
    with open_with_passphrase(book.header, PASSPHRASE) as opened:
        changed, _ = header.add_key_file(book.header, opened.root, key_file.read(stick).secret, TODAY)
    book.replace_header(book.header, changed)
    book.close()
    done = Try(book, passphrase="not it at all")
    assert [slot["type"] for slot in done.shape["slots"]] == ["passphrase", "recovery", "key_file"]


def test_rows_of_somebody_else_do_not_come_along(book: Session, tmp_path: Path) -> None:
    book.close()
    tamper(book.path, "UPDATE promise SET due_on = '2029-01-01' WHERE id = 1")
    done = Try(book)
    assert ("promise", 1) in done.rebuilt()
    assert "2029-01-01" not in str(done.rows["promise", 1])


def test_journal_entries_that_are_lost_are_told_of_and_leave_no_gap(book: Session) -> None:
    book.close()
    with raw(book.path) as connection:
        connection.execute("UPDATE change SET seal = zeroblob(32) WHERE id IN (2, 5)")
    done = Try(book)
    assert {("change", 2), ("change", 5)} <= done.lost()
    with Session(done.path, TODAY, book.config, Unlocking()) as session:
        last = next(change for change in session.reader.find(Change) if change.command == "vault salvage")
        with pytest.raises(Refused, match="when it was accepted"):
            undo.undo(session, last.id)
        assert problems(session) == []


def test_an_undo_that_is_lost_leaves_what_it_brought_back(book: Session) -> None:
    book.close()
    with raw(book.path) as connection:
        ((last,),) = connection.execute("SELECT max(id) FROM change")
        connection.execute("UPDATE change SET seal = zeroblob(32) WHERE id = ?", (last,))
    done = Try(book)
    assert ("fact", 2) in done.rows
    assert ("fact", 1) not in done.rows


def test_ids_are_never_given_twice(book: Session) -> None:
    with book.change("add") as transaction:
        gone = transaction.insert(Account(name="Gone", created_on="2027-03-10"))
    with book.change("rm") as transaction:
        transaction.delete(transaction.get(Account, gone.id))
    book.close()
    done = Try(book)
    assert ("account", gone.id) not in done.rows
    with Session(done.path, TODAY, book.config, Unlocking()) as session:
        assert session.reader.find(Account)[-1].id == gone.id + 1


def test_without_a_header_one_is_taken_from_a_backup(book: Session, tmp_path: Path) -> None:
    backup = keep_before(book.database, "import", 5)
    before = everything(book.path)
    book.close()
    data = bytearray(Path(book.path).read_bytes())
    data[PAGE : 2 * PAGE] = bytes(PAGE)
    while (start := data.find(b"\x89dossier")) >= 0:
        data[start : start + 8] = bytes(8)
    Path(book.path).write_bytes(data)
    with pytest.raises(Damaged, match="no header of a vault") as raised:
        Try(book)
    assert str(backup) in str(raised.value.hint)
    done = Try(book, header_from=str(backup))
    assert {key: done.rows[key] for key in before} == before


def test_nothing_is_proven_by_the_keys_of_another_vault(book: Session, tmp_path: Path) -> None:
    other = str(tmp_path / "other.dossier")
    made = header.create(PASSPHRASE, TODAY)
    create_vault(other, made.header, made.keys)
    FakeAgent("").put(made.keys, 900, 28_800)
    book.close()
    listed = sorted(os.listdir(tmp_path))
    with pytest.raises(Damaged, match=r"nothing in .* can be proven"):
        Try(book, header_from=other)
    assert sorted(os.listdir(tmp_path)) == listed


def test_a_record_over_many_pages_comes_out_or_is_made_anew(book: Session) -> None:
    long = "".join(random.Random(1).choices("abcdefgh \n", k=90_000)).strip()
    with book.change("edit") as transaction:
        transaction.update(transaction.get(Account, 5), note=long)
    before = everything(book.path)["account", 5]
    book.close()
    assert Try(book).rows["account", 5] == before
    data = bytearray(Path(book.path).read_bytes())
    start = data.find(before[-2][50_000:50_064])
    data[start] ^= 1
    Path(book.path).write_bytes(data)
    done = Try(book)
    assert done.rebuilt() == {("account", 5)}
    with Session(done.path, TODAY, book.config, Unlocking()) as session:
        assert session.reader.get(Account, 5).note == long


def test_the_journal_beside_the_damaged_file_is_not_touched(book: Session) -> None:
    book.close()
    journal = Path(f"{book.path}-journal")
    journal.write_bytes(b"whatever")
    Try(book)
    assert journal.read_bytes() == b"whatever"


def test_a_commit_that_was_cut_short_loses_nothing(book: Session) -> None:
    """Rows that a page had before, and that had not come to stand in another one yet, are in the journal."""
    before = everything(book.path)
    book.close()
    leave_hot_journal(book.path)
    data = bytearray(Path(book.path).read_bytes())
    journal = Path(f"{book.path}-journal").read_bytes()
    pages = [int.from_bytes(journal[at : at + 4]) for at in range(512, len(journal) - PAGE, PAGE + 8)]
    assert len(pages) > 2
    for number in pages:
        data[(number - 1) * PAGE : number * PAGE] = bytes(PAGE)
    Path(book.path).write_bytes(data)
    done = Try(book)
    assert {key: done.rows.get(key) for key in before} == before
    assert Path(f"{book.path}-journal").read_bytes() == journal


@pytest.mark.parametrize("data", [b"", b"x", b"garbage" * 5000, bytes(40_000), os.urandom(100_000)])
def test_what_is_no_vault_is_said_so(book: Session, data: bytes) -> None:
    book.close()
    Path(book.path).write_bytes(data)
    with pytest.raises(Damaged, match="no header"):
        Try(book)


def test_a_hostile_file_costs_no_more_than_its_size(book: Session, tmp_path: Path) -> None:
    """Cells that all claim to be as long as the file, in chains that lead in circles."""
    book.close()
    data = bytearray(Path(book.path).read_bytes())
    claimed = len(data) - 100
    types = b"\x00\x2c\x01"
    size = 12 + 2 * (claimed - 11 - 16 - 1)
    varint = bytes([size >> 21 & 127 | 128, size >> 14 & 127 | 128, size >> 7 & 127 | 128, size & 127])
    record = bytes([1 + len(types) + 4]) + types + varint
    total = len(record) + 16 + 1 + (size - 12) // 2
    prefix = bytes([total >> 14 & 127 | 128, total >> 7 & 127 | 128, total & 127, 5])
    cell = prefix + record + bytes(4000 - len(prefix) - len(record)) + (30).to_bytes(4)
    for _ in range(300):
        data += cell.ljust(PAGE, b"\x01")
    data[29 * PAGE : 29 * PAGE + 4] = (30).to_bytes(4)
    Path(book.path).write_bytes(data)
    done = Try(book)
    assert len(done.rows) > 100
