"""No secret is found in any file, form or message: while working, after kill -9, after edits and deletions (C1)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dossier.services import accounts, facts, people, safekeeping, undo
from dossier.store.backups import listed
from dossier.store.catalog import RECORDS, Account, Change, Fact, Interaction, Person
from dossier.store.removal import remove
from tests.torture import traced
from tests.torture.broken import FAULTS
from tests.torture.conftest import a_place
from tests.torture.mortal import Mortal
from tests.torture.place import PASSPHRASE, Place, counts
from tests.torture.sentinels import PUBLIC, STEMS, Scanner, Secrets, forms, holding_fields, write
from tests.torture.test_kill import Around, spread

ROUNDS = len(STEMS)


def write_with_commands(place: Place, secrets: Secrets, name: str) -> None:
    """One of every noun through the command line, in arguments and through stdin."""
    s = secrets

    def ok(*arguments: str, stdin: str | None = None) -> int:
        ended = place.run(*arguments, "--format", "json", stdin=stdin)
        assert (ended.code, ended.err) == (0, "")
        return int(ended.json["id"])

    a = ok("account", "add", name, "--address", s.text(), "--note", "-", stdin=s.text())
    account, credit = f"a{a}", s.text()
    ok(
        "account",
        "edit",
        account,
        "--weak-points",
        s.text(),
        "--website",
        s.line(),
        "--credit",
        "-",
        stdin=credit,
    )
    private = ("--private-mail", s.line(), "--private-phone", s.line(), "--title", s.line(), "--note", "-")
    p = ok("person", "add", f"{name} Person", "--account", account, *private, stdin=s.text())
    person = f"p{p}"
    ok("fact", "add", person, "-", "--source", s.line(), stdin=s.text())
    ok("relative", "add", person, s.line(), "--relation", s.line(), "--note", "-", stdin=s.text())
    ok("occasion", "add", person, "other", "1931-07-09", "--title", s.line(), "--note", "-", stdin=s.text())
    ok("log", account, "-", "--outcome", s.text(), "--promise", s.line(), "--due", "fri", stdin=s.text())
    number = ok("promise", "add", person, s.line(), "--due", "fri", "--detail", "-", stdin=s.text())
    move = ("--to", "in 2 weeks", "--because", "-", "--apology", s.text(), "--told", person)
    ok("promise", "renegotiate", str(number), *move, stdin=s.text())
    ok("step", "add", account, s.line(), "--on", "tomorrow")


class Written:
    """A place where many secrets were written."""

    def __init__(self, place: Place, secrets: Secrets) -> None:
        self.place = place
        self.secrets = secrets
        assert place.keys is not None
        self.keys = [key for key in (place.keys.agenda, place.keys.dossier, place.keys.seal) if key]
        self.scanner = Scanner.of_stems(self.keys, (PASSPHRASE, place.recovery_code))

    def leaks(self, *outputs: str) -> dict[str, set[str]]:
        """What is found in the place's files and in what commands said."""
        said = self.scanner.found_in("\n".join(outputs).encode())
        return self.scanner.leaks(self.place.folder) | ({"output": said} if said else {})


@pytest.fixture(scope="module")
def template() -> Iterator[tuple[Path, Secrets]]:
    """A vault with secrets in every field, written in each script by the services and once by real commands."""
    secrets = Secrets()
    with a_place() as place:
        place.make_vault()
        with place.session() as session:
            for number in range(ROUNDS):
                write(session, secrets, f"{PUBLIC} {number}")
        write_with_commands(place, secrets, f"{PUBLIC} {ROUNDS}")
        assert Written(place, secrets).leaks() == {}
        yield Path(place.vault), secrets


@pytest.fixture
def written(template: tuple[Path, Secrets], place: Place) -> Written:
    """A place of its own with a copy of that vault; the keys are the same."""
    vault, secrets = template
    shutil.copy2(vault, place.vault)
    return Written(place, secrets)


def test_the_scanner_finds_every_secret_in_every_form(template: tuple[Path, Secrets], tmp_path: Path) -> None:
    """The check that the other checks can fail."""
    secrets, scanner = template[1], Scanner.of_stems([b"\x01\xffkey" * 8])
    assert len(secrets.all) >= 200
    for secret in secrets.all:
        for form in forms(secret):
            assert scanner.found_in(b"before " + form + b" after"), f"missed {secret} as {form!r}"
    assert scanner.found_in(b"..\x01\xffkey" * 8) == set()
    assert scanner.found_in(b".." + b"\x01\xffkey" * 8) == {"a key"}
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "leak.txt").write_text(f"x {STEMS[2].lower()} y")
    (tmp_path / f"{STEMS[0]}.txt").touch()
    assert {Path(path).name for path in scanner.leaks(tmp_path)} == {"leak.txt", f"{STEMS[0]}.txt"}


def test_every_field_that_can_hold_a_secret_was_given_one(written: Written) -> None:
    """A field or noun that comes later fails here until it is written and so searched for."""
    missing = []
    scanner = Scanner.of_stems()
    with written.place.session() as session:
        for kind in RECORDS:
            stored = session.reader.find(kind)
            for field in holding_fields(kind):
                values = [str(getattr(record, field.name)) for record in stored]
                if not any(scanner.found_in(value.encode()) for value in values):
                    missing.append(f"{kind.table.name}.{field.name}")
        journal = [str(change.rows) for change in session.reader.find(Change)]
    assert missing == []
    assert any(scanner.found_in(rows.encode()) for rows in journal)


def test_what_stands_in_clear_is_found(written: Written) -> None:
    names = Scanner([f"{PUBLIC} 0", f"{PUBLIC} {ROUNDS} Person"])
    (leaked,) = names.leaks(written.place.data).values()
    assert leaked == {f"{PUBLIC} 0", f"{PUBLIC} {ROUNDS} Person"}


@pytest.mark.torture
def test_no_single_secret_is_in_the_vault_in_any_form(written: Written) -> None:
    """The slow search, for all of each secret instead of its beginning."""
    assert Scanner(written.secrets.all, written.keys).leaks(written.place.folder) == {}


def test_nothing_is_found_while_a_large_change_is_under_way(written: Written) -> None:
    """More of it than SQLite's cache holds: a temporary file or the vault might get it before its time."""
    secrets, before = Secrets(), Path(written.place.vault).read_bytes()
    with written.place.session() as session, session.change("import") as transaction:
        for _ in range(40):
            note = secrets.text() * 170
            transaction.insert(Interaction(account_id=1, at="2027-03-10", subject=secrets.line(), note=note))
        assert Path(written.place.vault).read_bytes() == before
        assert written.leaks() == {}
    assert os.path.getsize(written.place.vault) > len(before) + 1_000_000
    assert written.leaks() == {}


@pytest.mark.skipif(not traced.possible, reason="traces system calls of Linux on x86_64 or aarch64")
@counts(6, 150)
def test_nothing_is_found_after_kill_9_in_the_middle_of_writing(written: Written, count: int) -> None:
    around = Around(written.place)
    journals = 0
    with Mortal(written.place, "secrets") as mortal:
        total = len(mortal.die_at(1_000_000_000).calls)
        for point in spread(total, count):
            around.put_back()
            assert mortal.die_at(point).killed
            journals += os.path.exists(f"{written.place.vault}-journal")
            assert written.leaks() == {}
            written.place.assert_sound()
            assert written.leaks() == {}
    assert journals


def test_nothing_is_found_after_edits_and_deletions(written: Written) -> None:
    secrets = Secrets()
    with written.place.session() as session:
        accounts.edit(session, "a1", secrets.values(Account))
        people.edit(session, "p1", secrets.values(Person))
        facts.edit(session, 1, secrets.values(Fact, "learned_on", "confirmed_on"))
        assert written.leaks() == {}
        with session.change("account rm") as transaction:
            for account in session.reader.find(Account):
                remove(transaction, account)
        assert written.leaks() == {}
        undo.undo(session)
        assert written.leaks() == {}
        undo.undo(session, len(session.reader.find(Change)))
    assert written.place.assert_sound()["account"] == 0
    assert written.leaks() == {}


def test_nothing_is_found_in_backups_and_in_what_a_restore_keeps(written: Written) -> None:
    place, copy = written.place, str(written.place.home / "backup.dossier")
    made = place.run("vault", "backup", copy)
    assert (made.code, made.err) == (0, "")
    with place.session() as session:
        with session.change("edit") as transaction:
            transaction.update(transaction.get(Account, 1), note="another")
        safekeeping.backup(session, f"{copy}.2", lambda done, total: None)
    checked = place.run("vault", "check", "--format", "json")
    assert checked.json["sound"] is True
    restored = place.run("vault", "restore", copy, "--yes")
    assert restored.code == 0, restored.err
    assert [backup.reason for backup in listed(place.vault)] == ["restore"]
    assert written.leaks(made.out, checked.out, checked.err, restored.out, restored.err) == {}


def test_nothing_is_found_after_unlocking_by_passphrase_and_code(written: Written) -> None:
    """The passphrase and the keys are secrets too; the agent's command line is open to all users of a machine."""
    place = written.place
    place.agent.lock()
    ended = [place.run("agenda", "--passphrase-fd", "0", stdin=f"{PASSPHRASE}\n") for _ in range(2)]
    ended.append(place.run("agenda", "--passphrase-fd", "0", stdin=f"{PASSPHRASE[1:]}\n"))
    ended.append(place.run("status"))
    assert [one.code for one in ended] == [0, 0, 5, 0]
    assert written.leaks(*(one.err for one in ended), ended[-1].out) == {}


CODES = {"interrupt": 130, "system": 8, "decode": 7}


@pytest.mark.parametrize(
    ("fault", "debug"),
    [
        pytest.param(fault, debug, id=f"{fault}{'-debug' * debug}")
        for fault in FAULTS
        for debug in ((True, False) if fault in ("update", "sql", "close") else (True,))
    ],
)
def test_a_crash_shows_where_and_never_what(written: Written, fault: str, debug: bool) -> None:
    secrets = Secrets()
    options = ["--debug"] if debug else []
    arguments = ["account", "edit", "1", "--demand", secrets.line(), "--note", "-"]
    ended = written.place.break_and_run(fault, *options, *arguments, stdin=secrets.text())
    assert written.leaks(ended.out, ended.err) == {}
    assert ended.code == CODES.get(fault, 1)
    if fault not in CODES:
        assert "dossier: a mistake in dossier itself" in ended.err
        assert " in broken.py:" in ended.err
        assert (
            " in break_" in ended.err or "broken.py:" in ended.err.split("dossier: a mistake")[0]
        ) == debug
    assert "Traceback" not in ended.err
    written.place.assert_sound()


FAILING = {
    "nobody of that name": ("log", "Nobody At All", "-"),
    "no such day": ("promise", "add", "a1", "-", "--due", "31 feb"),
    "due before it was made": ("promise", "add", "a1", "-", "--due", "2027-03-01", "--made", "2027-03-09"),
    "no such kind": ("fact", "add", "p1", "-", "--kind", "nonsense"),
    "no such fact": ("fact", "edit", "999", "--text", "-"),
    "no such option": ("account", "edit", "1", "--note", "-", "--nonsense"),
    "too long a line": ("promise", "add", "a1", "-", "--due", "fri"),
    "too long a note": ("account", "edit", "1", "--note", "-"),
    "half a character": ("account", "edit", "1", "--note", "-"),
}


@pytest.mark.parametrize("why", FAILING)
def test_a_refusal_does_not_repeat_the_secret(written: Written, why: str) -> None:
    secret = Secrets().line()
    stdin = {
        "too long a line": secret * 20,
        "too long a note": secret * 9000,
        "half a character": f"{secret}\x00",
    }
    ended = written.place.run(*FAILING[why], stdin=stdin.get(why, secret))
    assert ended.failed_well(
        3 if why in ("nobody of that name", "no such fact") else 6 if "before" in why else 2
    ), ended
    assert written.leaks(ended.err) == {}


def test_locked_commands_and_completion_show_no_secret(written: Written) -> None:
    place = written.place
    place.agent.lock()
    lists = [
        [noun, "list"]
        for noun in ("account", "person", "fact", "relative", "occasion", "interaction", "promise", "step")
    ]
    shown = []
    for arguments in (["agenda"], ["status"], ["history"], ["show", "a1"], ["show", "p1"], *lists):
        ended = place.run(*arguments, "--format", "json")
        assert ended.code == 0, ended.err
        shown += [ended.out, ended.err]
    assert PUBLIC in "".join(shown)
    assert written.leaks(*shown) == {}
