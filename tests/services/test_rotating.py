"""New keys for a vault: all is there as it was, nothing opens by what opened it, and a killed run is gone on with."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dossier import paths
from dossier.errors import Damaged, Failed, Locked, Refused, Unavailable
from dossier.services import memory, rotating, slots, vaults
from dossier.services.session import Session
from dossier.services.slots import Scope
from dossier.services.vaults import CodeKeeper
from dossier.store import rotation
from dossier.store.catalog import Account, Fact
from dossier.store.database import Database
from dossier.store.head import read_header, read_manifest
from dossier.store.place import take_place
from dossier.vault import header, key_file
from dossier.vault.keys import Keys
from dossier.vault.slots import SlotType
from tests.conftest import PASSPHRASE, TODAY, FakeAgent
from tests.services.rotations import Killed, Run, dies_after, opened, says, secrets_of
from tests.store.behind import fill, problems, tamper

NEW = "sieben Zwerge tragen Äpfel"


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "_BATCH_ROWS", 2)


@pytest.fixture
def path(session: Session) -> str:
    """A vault with a little of everything, something removed and something taken back among it; closed."""
    fill(session)
    with session.change("edit") as transaction:
        transaction.update(transaction.get(Fact, 1), text="plays go")
        transaction.delete(transaction.get(Fact, 2))
        transaction.update(transaction.get(Account, 1), cadence_days=9)
    session.close()
    return session.path


def sound(path: str) -> bool:
    with opened(path) as session:
        session.open_anew()
        return problems(session) == []


def key_id(path: str) -> int:
    with Database(path) as database:
        return header.Header.parse(read_header(database)).key_id


def generation(path: str) -> tuple[int, int]:
    with opened(path) as session:
        session.open_anew()
        manifest = read_manifest(session.database, session.rows.cipher)
        return manifest.generation, manifest.journal


def beside(path: str) -> list[str]:
    return sorted(name for name in os.listdir(os.path.dirname(path)) if name.startswith("vault.dossier"))


# --- What it does ----------------------------------------------------------------------------------------------------


def test_all_is_there_as_it_was_under_other_keys(path: str) -> None:
    before, encrypted, (changes, journal) = says(path), secrets_of(path), generation(path)
    shape = Run()(path)
    assert says(path) == before
    assert sound(path)
    assert generation(path) == (changes + 1, journal)
    assert secrets_of(path).isdisjoint(encrypted)
    content = Path(path).read_bytes()
    assert not any(secret in content for secret in encrypted)
    assert (shape["path"], shape["key_id"], shape["resumed"], shape["ended"]) == (path, 2, False, [])
    assert shape["counts"]["account"] == 2
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert beside(path) == ["vault.dossier", "vault.dossier.backups"]


def test_what_it_replaced_is_kept_and_opens_as_before(path: str) -> None:
    before, header_before = says(path), secrets_of(path)
    kept = Run()(path)["kept"]
    assert "-before-rotation" in kept
    assert secrets_of(kept) == header_before
    assert key_id(kept) == 1
    assert says(kept) == before


def test_what_it_replaced_is_not_kept_if_that_is_not_wanted(path: str) -> None:
    encrypted = secrets_of(path)
    assert Run(keep_old=False)(path)["kept"] is None
    assert beside(path) == ["vault.dossier"]
    assert secrets_of(path).isdisjoint(encrypted)


def test_it_can_be_done_again_and_again(path: str) -> None:
    before = says(path)
    assert [Run()(path)["key_id"] for _ in range(3)] == [2, 3, 4]
    assert says(path) == before
    assert sound(path)


def test_a_vault_that_is_a_link_stays_one(path: str, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    real = tmp_path / "elsewhere" / "real.dossier"
    os.rename(path, real)
    os.symlink(real, path)
    Run()(path)
    assert os.path.islink(path)
    assert key_id(str(real)) == 2
    assert sorted(os.listdir(tmp_path / "elsewhere")) == ["real.dossier", "real.dossier.backups"]


def test_life_goes_on_under_the_new_keys(path: str) -> None:
    Run()(path)
    with opened(path) as session:
        session.open_anew()
        with session.change("add") as transaction:
            added = transaction.insert(Account(name="Afterwards", created_on="2027-03-10"))
            facts = transaction.insert(
                Fact(account_id=added.id, text="a", learned_on="2027-03-10", confirmed_on="2027-03-10")
            )
        assert (added.id, facts.id) == (3, 3)  # the counters are as they were: number 2 was removed
        assert problems(session) == []


# --- What opens it ---------------------------------------------------------------------------------------------------


def test_the_same_passphrase_and_a_new_code_open_it(path: str, tmp_path: Path) -> None:
    run = Run()
    run(path)
    (code,) = run.codes
    with opened(path) as session, header.open_with_recovery(session.header_now(), code) as root:
        assert root.keys.key_id == 2
    file = tmp_path / "code.txt"
    Run(code_file=str(file))(path)
    with opened(path) as session:
        header.open_with_recovery(session.header_now(), file.read_text().split()[0])
        with pytest.raises(Locked):
            header.open_with_recovery(session.header_now(), code)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_old_header_put_back_opens_nothing_and_takes_nothing(path: str) -> None:
    """Whoever has an old passphrase and writes into the file gets in by the header, and is none the wiser."""
    with opened(path) as session:
        old = session.header_now()
    Run()(path)
    tamper(path, "UPDATE vault SET header = ?", old)
    with opened(path) as session:
        session.open_anew()
        assert session.keys.key_id == 1
        with pytest.raises(Damaged):
            session.reader.get(Account, 1)
        session.use(
            Keys(session.vault_id, 1, session.keys.agenda, session.keys.dossier)
        )  # who looks at no seal
        for classes in (("agenda",), ("dossier",)):
            with pytest.raises(Damaged):
                session.reader.get(Account, 1, classes)
        with pytest.raises(Damaged):
            session.reader.calendar()
    with opened(path) as session:
        session.open_anew()
        with pytest.raises(Damaged), session.change("add") as transaction:
            transaction.insert(Account(name="A secret", created_on="2027-03-10"))
        assert len(problems(session)) > 3


def test_the_old_manifest_along_with_the_old_header_does_not_help(path: str) -> None:
    with sqlite3.connect(path) as connection:
        ((old, manifest),) = connection.execute("SELECT header, manifest FROM vault")
    connection.close()
    Run()(path)
    tamper(path, "UPDATE vault SET header = ?, manifest = ?", old, manifest)
    with opened(path) as session:
        session.open_anew()
        with pytest.raises(Damaged), session.change("add") as transaction:
            transaction.insert(Account(name="A secret", created_on="2027-03-10"))


def test_the_keys_of_before_open_nothing(path: str) -> None:
    with opened(path) as session:
        session.open_anew()
        old = session.keys
    Run()(path)
    FakeAgent("").put(old)
    with opened(path) as session:
        assert session.locked


def test_key_files_stay_if_they_are_given(path: str, tmp_path: Path) -> None:
    full, agenda, lost = (str(tmp_path / name) for name in ("full.key", "agenda.key", "lost.key"))
    with opened(path) as session:
        slots.add(session, full)
        slots.add(session, agenda, Scope.AGENDA)
        number = slots.add(session, lost, Scope.AGENDA)["id"]
    run = Run(full, agenda, full)
    shape = run(path)
    assert run.ended == shape["ended"]
    assert [(slot["id"], slot["scope"]) for slot in shape["ended"]] == [(number, "agenda")]
    with opened(path) as session:
        listed = [(slot["type"], slot["scope"]) for slot in slots.listed(session)]
    assert listed == [
        ("passphrase", "full"),
        ("recovery", "full"),
        ("key_file", "full"),
        ("key_file", "agenda"),
    ]
    assert sound(path)


def test_a_key_file_of_another_vault_is_refused_before_anything_is_asked(path: str, tmp_path: Path) -> None:
    other = tmp_path / "other.key"
    other.write_text(key_file.new_text(TODAY))
    other.chmod(0o600)
    run = Run(str(other))
    with pytest.raises(Locked, match="does not open this vault"):
        run(path)
    assert run.codes == []


def test_a_vault_without_a_passphrase_is_opened_by_its_key_file(path: str, tmp_path: Path) -> None:
    stick = str(tmp_path / "stick.key")
    with opened(path) as session:
        slots.add(session, stick)
        slots.remove(session, 1, lambda removed, left: None)

    with pytest.raises(Locked, match="no passphrase"):
        Run(passphrase="whatever")(path)
    assert Run(stick)(path)["key_id"] == 2
    with opened(path) as session:
        assert [slot["type"] for slot in slots.listed(session)] == ["recovery", "key_file"]


def test_a_wrong_passphrase_changes_nothing(path: str) -> None:
    run = Run(passphrase="wrong")
    with pytest.raises(Locked, match="wrong passphrase"):
        run(path)
    assert run.codes == []
    assert key_id(path) == 1


# --- Who else is there -----------------------------------------------------------------------------------------------


def test_others_read_meanwhile_and_do_not_write(path: str) -> None:
    heard = []

    def listen(done: int, total: int) -> None:
        other = sqlite3.connect(path, timeout=0)
        heard.append(other.execute("SELECT count(*) FROM account").fetchone())
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("DELETE FROM account")
        other.close()

    Run(copying=listen, checking=listen)(path)
    assert set(heard) == {(2,)}
    assert sound(path)


def test_a_second_rotation_waits_and_shows_no_code(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dossier.store.database._BUSY_SECONDS", 0.05)
    second = Run()

    def meanwhile(done: int, total: int) -> None:
        with pytest.raises(Failed, match="busy"):
            second(path)

    first = Run(copying=meanwhile)
    assert first(path)["key_id"] == 2
    assert len(first.copied) > 3
    assert second.codes == []
    assert sound(path)


def test_the_agent_gets_the_new_keys_for_the_time_that_was_left(path: str) -> None:
    with opened(path) as session:
        vault_id = session.vault_id
    FakeAgent.left[vault_id] = FakeAgent.left[vault_id]._replace(most=77)
    Run()(path)
    held = FakeAgent("").get(vault_id)
    assert held is not None
    assert held.full
    assert held.key_id == 2
    assert FakeAgent.left[vault_id] == (900, 77)
    with opened(path) as session:
        assert not session.locked


def test_an_agent_that_held_nothing_gets_nothing(path: str, lock: Callable[[], None]) -> None:
    lock()
    Run()(path)
    assert FakeAgent.held == {}


def test_another_session_notices_and_goes_on_with_the_agents_keys(path: str) -> None:
    with opened(path) as other:
        assert not other.locked
        Run()(path)
        with pytest.raises(Unavailable, match="replaced by another one"):
            other.changed_elsewhere()
        with (
            pytest.raises(Unavailable, match="replaced by another one"),
            other.change("add") as transaction,
        ):
            transaction.insert(Account(name="Lost", created_on="2027-03-10"))
        with other.anew() as again:
            assert again.locked  # it brought keys that fit no more
            assert again.take_from_agent()
            assert again.reader.get(Account, 1).note == "about Café Zürich"


def test_another_session_stays_locked_where_the_agent_is(path: str, lock: Callable[[], None]) -> None:
    with opened(path) as other:
        lock()
        Run()(path)
        with other.anew() as again:
            assert again.locked
            assert not again.take_from_agent()


def test_this_machine_remembers_so_that_the_old_file_put_back_is_noticed(path: str, tmp_path: Path) -> None:
    kept = Run()(path)["kept"]
    assert sound(path)
    with opened(path) as session:
        assert session.noticed is None
    shutil.copy(kept, path)
    with opened(path) as session:
        assert session.noticed is not None
        assert "before its keys were changed" in session.noticed.message
    with pytest.raises(Damaged, match="before its keys were changed"):
        Run()(path)
    assert not rotation.is_unfinished(path)


# --- What is not as dossier wrote it ---------------------------------------------------------------------------------


def assert_nothing_changed(path: str, run: Run, code_file: Path | None = None) -> None:
    assert key_id(path) == 1
    assert "vault.dossier.rotating" not in beside(path)
    assert "vault.dossier.backups" not in beside(path)
    if code_file is not None:
        assert not code_file.exists()


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("UPDATE account SET tier = 'key' WHERE id = 2", "account 2 is hurt"),
        ("UPDATE fact SET dossier = zeroblob(120) WHERE id = 1", "fact 1 is hurt"),
        ("UPDATE person SET uid = 7 WHERE id = 1", "person 1 is hurt"),
        ("UPDATE calendar SET version = 9", "calendar is hurt"),
        (
            "UPDATE last_contact SET at = '2027-03-09' WHERE account_id = 1",
            "account 1 has another last contact",
        ),
        ("DELETE FROM fact WHERE id = 1", "deleted behind"),
        ("UPDATE sqlite_sequence SET seq = 99 WHERE name = 'account'", "counter of ids"),
    ],
)
def test_what_is_hurt_stops_it_and_is_named(path: str, tmp_path: Path, sql: str, named: str) -> None:
    tamper(path, sql)
    code = tmp_path / "code.txt"
    run = Run(code_file=str(code))
    with pytest.raises(Damaged, match=named) as failed:
        run(path)
    assert failed.value.hint
    assert_nothing_changed(path, run, code)


def test_an_older_copy_of_a_record_gets_no_new_seal(path: str) -> None:
    with sqlite3.connect(path) as connection:
        old = connection.execute("SELECT version, dossier, seal FROM fact WHERE id = 1").fetchone()
    connection.close()
    with opened(path) as session, session.change("edit") as transaction:
        transaction.update(transaction.get(Fact, 1), text="plays nothing")
    tamper(path, "UPDATE fact SET version = ?, dossier = ?, seal = ? WHERE id = 1", *old)
    run = Run()
    with pytest.raises(Damaged, match="does not account for its records"):
        run(path)
    assert_nothing_changed(path, run)


def test_a_vault_found_unsound_is_not_given_new_keys(path: str) -> None:
    with opened(path) as session:
        memory.note_check(session.vault_id, path, 3)
    with pytest.raises(Damaged, match="3 problems"):
        Run()(path)


# --- What a killed run leaves ----------------------------------------------------------------------------------------


def test_a_killed_run_leaves_the_vault_as_it_was_and_the_next_goes_on(path: str) -> None:
    before = says(path)
    first = Run(copying=dies_after(5))
    with pytest.raises(Killed):
        first(path)
    assert says(path) == before
    assert key_id(path) == 1
    assert rotation.is_unfinished(path)
    assert stat.S_IMODE(os.stat(rotation.place_of(path)).st_mode) == 0o600
    begun = secrets_of(rotation.place_of(path))
    second = Run()
    shape = second(path)
    assert shape["resumed"]
    goes_on, code = second.told
    assert goes_on == "A rotation was not finished; it goes on after the 5 parts that it came to."
    assert code.startswith("The recovery code that was made for it before is void")
    assert second.copied[0] == first.copied[-1] == 5
    assert len(secrets_of(path) & begun) > 5  # no row was encrypted twice
    assert says(path) == before
    assert sound(path)
    assert beside(path) == ["vault.dossier", "vault.dossier.backups"]


def test_each_run_that_goes_on_shows_a_code_and_the_last_one_counts(path: str) -> None:
    codes = []
    for dies in (3, 9):
        run = Run(copying=dies_after(dies))
        with pytest.raises(Killed):
            run(path)
        codes += run.codes
    last = Run()
    last(path)
    with opened(path) as session:
        for void in codes:
            with pytest.raises(Locked):
                header.open_with_recovery(session.header_now(), void)
        header.open_with_recovery(session.header_now(), last.codes[0])


def test_the_same_command_goes_on_with_the_code_in_its_file(path: str, tmp_path: Path) -> None:
    file = tmp_path / "code.txt"
    with pytest.raises(Killed):
        Run(code_file=str(file), copying=dies_after(5))(path)
    written = file.read_text()
    assert Run(code_file=str(file))(path)["resumed"]
    assert file.read_text() == written
    with opened(path) as session:
        header.open_with_recovery(session.header_now(), written.split()[0])


def begun_slots(path: str) -> list[int]:
    with Database(rotation.place_of(path)) as database:
        return [slot.type for slot in header.Header.parse(read_header(database)).slots]


@pytest.mark.parametrize("late", [False, True])
def test_who_copied_what_was_begun_opens_what_comes_of_it_by_the_passphrase_alone(
    path: str, tmp_path: Path, late: bool
) -> None:
    """A synced folder carries the unfinished file away, and the key file named for it is given up before the end."""
    stick = str(tmp_path / "stick.key")
    with opened(path) as session:
        slots.add(session, stick)
    first = Run(stick, checking=dies_after(0)) if late else Run(stick, copying=dies_after(5))
    with pytest.raises(Killed):
        first(path)
    assert begun_slots(path) == [SlotType.PASSPHRASE]
    with Database(rotation.place_of(path)) as database:
        stolen = read_header(database)
    assert Run()(path)["resumed"]
    with pytest.raises(Locked):
        header.open_with_key_file(stolen, key_file.read(stick).secret)
    with pytest.raises(Locked):
        header.open_with_recovery(stolen, first.codes[0])
    with opened(path) as session:
        session.open_anew()
        now = session.header_now()
        assert header.open_with_passphrase(stolen, PASSPHRASE).keys.seal == session.keys.seal, "it went on"
    assert header.find_key_file(now, *key_file.read(stick)) is None
    assert sound(path)


def test_what_the_old_passphrase_opens_is_not_gone_on_with_under_a_new_one(path: str) -> None:
    with pytest.raises(Killed):
        Run(copying=dies_after(5))(path)
    with Database(rotation.place_of(path)) as database:
        stolen = header.open_with_passphrase(read_header(database), PASSPHRASE).keys
    new_passphrase(path)
    assert not Run(passphrase=NEW)(path)["resumed"]
    with opened(path, NEW) as session:
        session.open_anew()
        assert session.keys.key_id == stolen.key_id
        assert session.keys.seal != stolen.seal


def test_one_that_got_all_its_slots_is_not_gone_on_with(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in the moment before it takes the place: more than one secret opens what lies there."""
    stick = str(tmp_path / "stick.key")
    with opened(path) as session:
        slots.add(session, stick)

    def dies(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(rotating, "take_place", dies)
        with pytest.raises(Killed):
            Run(stick)(path)
    assert begun_slots(path) == [1, 2, 3]
    run = Run()
    assert not run(path)["resumed"]
    assert "more than one secret opens it" in run.told[0]


def test_a_code_of_another_time_is_not_taken_for_that_of_the_killed_run(path: str, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        Run(copying=dies_after(5))(path)
    file = tmp_path / "code.txt"
    file.write_text("00000-00000-00000-00000-00000-00000-00000\n")
    with pytest.raises(Refused, match="something at"):
        Run(code_file=str(file))(path)


def gone(folder: Path) -> Callable[..., None]:
    """What fails when a drive is pulled, after what it did before."""

    def fail(*_: object) -> None:
        os.rename(folder, f"{folder}.unplugged")
        raise Unavailable("cannot write: Input/output error")

    return fail


@pytest.mark.parametrize("happened", [False, True])
def test_the_file_with_the_code_stays_where_the_vault_cannot_be_seen(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, happened: bool
) -> None:
    drive, code = tmp_path / "drive", tmp_path / "code.txt"
    drive.mkdir()
    vault = str(drive / "vault.dossier")
    os.rename(path, vault)
    vanish, real = gone(drive), take_place

    def pulled(*arguments: Any) -> None:
        if happened:
            real(*arguments)
        vanish()

    monkeypatch.setattr(rotating, "take_place", pulled)
    with pytest.raises(Unavailable) as failed:
        Run(code_file=str(code))(vault)
    assert code.exists()
    assert any(
        "It may have been done" in note and str(code) in note
        for note in getattr(failed.value, "__notes__", ())
    )
    os.rename(f"{drive}.unplugged", drive)
    if happened:
        with opened(vault) as session:
            header.open_with_recovery(session.header_now(), code.read_text().split()[0])


def test_a_file_with_something_else_in_it_is_left_alone(path: str, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        Run(copying=dies_after(5))(path)
    file = tmp_path / "diary.txt"
    file.write_text("dear diary\n")
    with pytest.raises(Refused, match="something at"):
        Run(code_file=str(file))(path)
    assert file.read_text() == "dear diary\n"
    assert Run()(path)["resumed"]


@pytest.mark.parametrize("reads", [0, 1, 10])
def test_killed_in_the_last_check_it_goes_on_there(path: str, reads: int) -> None:
    before = says(path)
    with pytest.raises(Killed):
        Run(checking=dies_after(reads))(path)
    run = Run()
    assert run(path)["resumed"]
    assert run.copied == []
    assert says(path) == before
    assert sound(path)


def test_ctrl_c_says_how_to_go_on_and_where_the_code_is(path: str, tmp_path: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    run = Run(code_file=str(tmp_path / "code.txt"), copying=interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(path)
    said, code = run.told
    assert code == "Until the rotation is done, the old recovery code opens the vault."
    assert "as it was before" in said
    assert "dossier vault rotate" in said
    assert str(tmp_path / "code.txt") in said
    assert rotating.unfinished(path) == (
        "A rotation of the vault's keys was not finished; go on with it: dossier vault rotate"
    )


def test_ctrl_c_says_that_the_code_that_was_shown_is_void(path: str) -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    run = Run(copying=interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(path)
    assert run.told[-1] == (
        "Until the rotation is done, the old recovery code opens the vault. "
        "Going on makes another; the one shown is void."
    )


def add_one(path: str) -> None:
    with opened(path) as session, session.change("add") as transaction:
        transaction.insert(Account(name="Meanwhile", created_on="2027-03-10"))


def new_passphrase(path: str) -> None:
    with opened(path) as session:
        opening, _ = session.root()
        vaults.change_passphrase(session, opening, lambda: NEW)


def spoil(path: str) -> None:
    Path(rotation.place_of(path)).write_bytes(b"nothing of ours")


def cut(path: str) -> None:
    os.truncate(rotation.place_of(path), 5000)


def let_others_read(path: str) -> None:
    os.chmod(rotation.place_of(path), 0o644)


def link(path: str) -> None:
    os.rename(rotation.place_of(path), f"{path}.elsewhere")
    os.link(f"{path}.elsewhere", rotation.place_of(path))
    tamper(rotation.place_of(path), "UPDATE vault SET manifest = zeroblob(200)")


def trigger(path: str) -> None:
    tamper(rotation.place_of(path), "CREATE TRIGGER t AFTER INSERT ON change BEGIN DELETE FROM fact; END")


@pytest.mark.parametrize(
    ("meddle", "passphrase"),
    [
        (add_one, PASSPHRASE),
        (new_passphrase, NEW),
        (spoil, PASSPHRASE),
        (cut, PASSPHRASE),
        (let_others_read, PASSPHRASE),
        (link, PASSPHRASE),
        (trigger, PASSPHRASE),
    ],
)
@pytest.mark.parametrize("late", [False, True])
def test_what_cannot_be_gone_on_with_begins_anew_and_says_so(
    path: str, meddle: Callable[[str], None], passphrase: str, late: bool
) -> None:
    with pytest.raises(Killed):
        (Run(checking=dies_after(0)) if late else Run(copying=dies_after(5)))(path)
    meddle(path)
    before = says(path, passphrase)
    run = Run(passphrase=passphrase)
    assert not run(path)["resumed"]
    (said,) = run.told
    assert said.endswith("it begins anew.")
    assert says(path, passphrase) == before


def test_a_rotation_that_was_begun_before_the_last_one_is_of_no_use(path: str) -> None:
    with pytest.raises(Killed):
        Run(copying=dies_after(5))(path)
    left = Path(rotation.place_of(path)).read_bytes()
    Run()(path)
    Path(rotation.place_of(path)).write_bytes(left)
    os.chmod(rotation.place_of(path), 0o600)
    run = Run()
    assert run(path)["key_id"] == 3
    assert "not of this vault's next keys" in run.told[0]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE account SET name = 'Another' WHERE id = 1",
        "DELETE FROM account WHERE id = 1",
        "UPDATE account SET id = 9 WHERE id = 1",
        "INSERT INTO participant VALUES (1, x'00', 1, 1, 1, x'00')",
    ],
)
def test_what_somebody_meddled_with_does_not_take_the_place(path: str, sql: str) -> None:
    before = says(path)
    with pytest.raises(Killed):
        Run(copying=dies_after(5))(path)
    tamper(rotation.place_of(path), sql)
    run = Run()
    with pytest.raises(Damaged, match=r"does not check clean|was changed by somebody") as failed:
        run(path)
    assert "begins anew" in str(failed.value.hint)
    assert_nothing_changed(path, run)
    assert says(path) == before
    assert Run()(path)["key_id"] == 2


def test_one_that_was_not_begun_here_is_not_gone_on_with(path: str) -> None:
    """Somebody else who had the passphrase knows the root under which they left it."""
    with pytest.raises(Killed):
        Run(checking=dies_after(0))(path)
    with Database(rotation.place_of(path)) as database:
        theirs = header.open_with_passphrase(read_header(database), PASSPHRASE).keys
    shutil.rmtree(os.path.join(paths.state_dir(), "seen"))
    run = Run()
    assert not run(path)["resumed"]
    assert "not begun on this machine" in run.told[0]
    with opened(path) as session:
        session.open_anew()
        assert (session.keys.key_id, session.keys.seal) != (theirs.key_id, theirs.seal)
        assert memory.recall(session.vault_id).begun is None


def test_a_machine_that_cannot_remember_begins_anew(path: str) -> None:
    shutil.rmtree(paths.state_dir(), ignore_errors=True)
    Path(paths.state_dir()).write_text("in the way")
    with pytest.raises(Killed):
        Run(copying=dies_after(5))(path)
    assert not Run()(path)["resumed"]
    assert sound(path)


def test_what_is_no_file_is_not_removed(path: str) -> None:
    os.mkdir(rotation.place_of(path))
    with pytest.raises(Refused, match="something at"):
        Run()(path)
    assert os.path.isdir(rotation.place_of(path))


def test_somebody_who_writes_between_the_passphrase_and_the_copy_is_not_lost(path: str) -> None:
    keeper = CodeKeeper(None, lambda code: new_passphrase(path))
    with opened(path) as session, pytest.raises(Failed, match="just now"):
        rotating.rotate(
            session,
            rotating.Wanted(keeper),
            rotating.Told(lambda ended: None, lambda said: None, lambda a, b: None, lambda a, b: None),
        )
    assert key_id(path) == 1
    assert not rotation.is_unfinished(path)


def test_what_another_program_began_meanwhile_is_left_alone(path: str) -> None:
    with pytest.raises(Killed):
        Run(copying=dies_after(3))(path)

    def begin_another(_code: str) -> None:
        rotation.discard(path)
        with pytest.raises(Killed):
            Run(copying=dies_after(3))(path)
        others.append(Path(rotation.place_of(path)).read_bytes())

    others: list[bytes] = []
    told: list[str] = []
    with (
        opened(path) as session,
        pytest.raises(Failed, match="another program has begun a rotation just now"),
    ):
        rotating.rotate(
            session,
            rotating.Wanted(CodeKeeper(None, begin_another)),
            rotating.Told(lambda ended: None, told.append, lambda a, b: None, lambda a, b: None),
        )
    assert "it goes on after" in told[0]
    assert [Path(rotation.place_of(path)).read_bytes()] == others
    assert Run()(path)["resumed"]
