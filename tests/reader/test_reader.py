"""The page docs/vault-format.md against the program: a reader made of the page alone reads what dossier wrote."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.reader import keys
from tests.reader.page import Record
from tests.reader.reader import Vault, check_file, open_vault

ROOT = Path(__file__).parents[2]
FROZEN = sorted((ROOT / "tests" / "store" / "fixtures").glob("*.dossier"))
FROZEN_PASSPHRASE = "a frozen vault opens for ever"
FROZEN_FLOOR = (128, 1, 1)
PASSPHRASE = "paper boats on the lake ü"
TODAY = "2027-03-10"

EXPORTED = {
    "accounts": "account",
    "people": "person",
    "facts": "fact",
    "relatives": "relative",
    "occasions": "occasion",
    "interactions": "interaction",
    "participants": "participant",
    "promises": "promise",
    "promise_moves": "promise_move",
    "steps": "step",
    "attachments": "attachment",
}


@dataclass
class Made:
    """A vault that the program made, and what there is to open it."""

    folder: Path
    vault: Path  # after everything, under new keys
    earlier: Path  # the same before the rotation
    header: bytes  # an older header of `earlier`
    files: dict[int, bytes]  # what was attached and stayed, by id

    def dossier(self, *words: str | Path, passphrase: bool = False) -> str:
        """Run one command; gives what it prints."""
        home = self.vault.parent
        where = {"HOME": home, "XDG_RUNTIME_DIR": home / "run", "DOSSIER_VAULT": self.vault}
        env = {name: str(path) for name, path in where.items()}
        env |= {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
        if (full := self.folder / "full.key").exists() and not passphrase:
            env["DOSSIER_KEY_FILE"] = str(full)
        reading, writing = os.pipe()
        os.write(writing, PASSPHRASE.encode() + b"\n")
        os.close(writing)
        command = [sys.executable, "-m", "dossier", "--no-input", "--today", TODAY]
        command += ["--passphrase-fd", str(reading)] if passphrase else []
        try:
            done = subprocess.run(
                [*command, *map(str, words)],
                env=env,
                cwd=self.folder,
                pass_fds=(reading,),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                text=True,
                timeout=120,
            )
        finally:
            os.close(reading)
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout

    def key(self, name: str = "full.key") -> keys.Secret:
        """The secret of one of its key files."""
        return keys.key_file(self.folder / name)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("reader")
    (folder / "run").mkdir(mode=0o700)
    words = folder / "words.txt"
    words.write_text("the plan as agreed\n", encoding="utf-8")
    large = folder / "large.bin"
    large.write_bytes(random.Random(7).randbytes(3 * 65_536 - 100))
    empty = folder / "empty.txt"
    empty.touch()

    vault = folder / "v.dossier"
    made = Made(folder, vault, folder / "earlier.dossier", b"", {})
    run = made.dossier
    run("init", "--recovery-file", folder / "first.txt", passphrase=True)
    run("vault", "slots", "add", "--key-file", folder / "full.key", passphrase=True)
    _assert_just_made(open_vault(vault, made.key()))
    made.header = _value(vault, "SELECT header FROM vault")
    run("vault", "slots", "add", "--key-file", folder / "agenda.key", "--scope", "agenda")

    run(
        "account",
        "add",
        "Larkspur Optics",
        "--tier",
        "key",
        "--cadence",
        "30",
        "--alias",
        "LO",
        "--note",
        "fair",
    )
    run(
        "person",
        "add",
        "Đặng Thị Mai",
        "--account",
        "1",
        "--birthday",
        "1975-04-12",
        "--marked",
        "--title",
        "Dr",
    )
    run("person", "add", "Nora Fennel", "--account", "1", "--birthday", "--02-29", "--reports-to", "1")
    run(
        "person",
        "add",
        "Tom Reed",
        "--account",
        "1",
        "--birthday",
        "1980",
        "--private-mail",
        "tom@reed.example",
    )
    run("relative", "add", "nora", "Ivo", "--relation", "son", "--birthday", "29 Feb 2016")
    run("occasion", "add", "1", "jubilee", "May 1998", "--lead", "40")
    run("occasion", "add", "1", "founding", "3 May", "--lead", "5", "--title", "Founding day")
    run("fact", "add", "tom", "keeps bees")
    run("fact", "add", "1", "moves to the harbour", "--kind", "business", "--source", "Nora")
    log = ["log", "nora", "agreed the plan", "--with", "tom", "--promise", "send the quote", "--due", "fri"]
    run(*log, "--attach", str(words), "--next", "ask for the contract", "--next-on", "2027-03-30")
    run("promise", "renegotiate", "1", "--to", "2027-03-20", "--because", "closed", "--told", "nora")
    run("attachment", "add", "1", large, empty, words)
    run("attachment", "rm", "4")
    run("account", "edit", "1", "--note", "")
    run("undo")
    run("undo", "--id", "15")
    run("person", "forget", "tom", "--yes")

    shutil.copy(vault, made.earlier)
    kept = ["--keep-key-file", str(folder / "full.key"), "--keep-key-file", str(folder / "agenda.key")]
    again = ["vault", "rotate", "--no-backup", "--yes", "--recovery-file", str(folder / "code.txt")]
    run(*again, *kept, passphrase=True)
    made.files = {1: words.read_bytes(), 2: large.read_bytes(), 3: b""}
    return made


@pytest.fixture(scope="module")
def full(made: Made) -> Vault:
    return open_vault(made.vault, made.key())


def _assert_just_made(vault: Vault) -> None:
    assert not any(vault.records.values())
    assert (vault.calendar, vault.generation) == ([], 1)


def _value(path: Path, query: str) -> Any:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchone()[0]


def _replayed(vault: Vault) -> dict[tuple[str, int], Record]:
    """The fields that the journal tells of each record, as far as it was not made to forget."""
    fields: dict[tuple[str, int], Record] = {}
    for change in vault.records["change"]:
        for line in change["rows"]:
            place = line["table"], line["id"]
            if line["action"] == "delete":
                fields.pop(place, None)
            elif "forgotten" in line:
                fields.setdefault(place, {})
            else:
                fields[place] = {**fields.get(place, {}), **line["after"]}
    return fields


# --- What it reads ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FROZEN, ids=lambda path: path.stem)
def test_opens_the_frozen_vaults_by_passphrase_and_code(path: Path) -> None:
    vault = open_vault(path, keys.passphrase(FROZEN_PASSPHRASE), FROZEN_FLOOR)
    assert {account["name"] for account in vault.records["account"]} >= {"Café Zürich"}
    assert vault.records["account"][0]["note"] == "about Café Zürich"
    assert (412, 0xFFFF, 1, 1) in vault.calendar
    for (noun, row), fields in _replayed(vault).items():
        record = next(each for each in vault.records[noun] if each["id"] == row)
        assert fields.items() <= record.items()
    if path.stem == "schema2":
        assert vault.files == {2: bytes(range(256)) * 257}
    if (code := path.with_suffix(".recovery")).exists():
        typed = code.read_text(encoding="utf-8").lower().replace("-", " – ").replace("0", "o")
        again = open_vault(path, keys.recovery_code(typed), FROZEN_FLOOR)
        assert again.records == vault.records
    with pytest.raises(keys.Refused, match="cost"):
        open_vault(path, keys.passphrase(FROZEN_PASSPHRASE))
    with pytest.raises(keys.Locked):
        open_vault(path, keys.passphrase(FROZEN_PASSPHRASE + " "), FROZEN_FLOOR)


def test_every_record_is_as_dossier_exports_it(made: Made, full: Vault) -> None:
    exported = json.loads(made.dossier("export", "json", "--include-sensitive", "-"))
    assert {name for name, value in exported.items() if isinstance(value, list)} == EXPORTED.keys()
    for name, noun in EXPORTED.items():
        hidden = {"uid", "version", *(["key"] if noun == "attachment" else [])}
        read = [
            {key: value for key, value in record.items() if key not in hidden}
            for record in full.records[noun]
        ]
        assert read == exported[name], noun
        assert read, noun


def test_an_account_is_as_dossier_shows_it(made: Made, full: Vault) -> None:
    shown = json.loads(made.dossier("show", "1", "--format", "json"))
    account = full.records["account"][0]
    assert {name: shown[name] for name in account if name in shown} == {
        name: value for name, value in account.items() if name in shown
    }
    for name, noun in (("people", "person"), ("facts", "fact"), ("promises", "promise"), ("steps", "step")):
        records = {record["id"]: record for record in full.records[noun]}
        assert {each["id"] for each in shown[name]} == records.keys()
        for each in shown[name]:
            record = records[each["id"]]
            stored = (record.keys() & each.keys()) - {
                "address_as",
                "reports_to",
            }  # shown derived, and by name
            assert {field: each[field] for field in stored} == {field: record[field] for field in stored}


def test_the_journal_is_as_dossier_lists_it_and_tells_the_records(made: Made, full: Vault) -> None:
    history = json.loads(made.dossier("history", "--limit", "100", "--format", "json"))
    changes = {change["id"]: change for change in full.records["change"]}
    assert {each["id"] for each in history} == changes.keys()
    for each in history:
        change = changes[each["id"]]
        for name in ("at", "command", "summary", "undoes", "undone_by"):
            assert change[name] == each[name], (each["id"], name)
    assert [changes[each]["undone_by"] for each in (14, 15, 16)] == [None, 16, None]
    assert any("forgotten" in line for change in changes.values() for line in change["rows"])
    replayed = _replayed(full)
    for noun, records in full.records.items():
        if noun != "change":
            for record in records:
                assert replayed[noun, record["id"]].items() <= record.items()
    lives = {
        (noun, record["id"]) for noun, rows in full.records.items() if noun != "change" for record in rows
    }
    assert replayed.keys() == lives


def test_files_come_out_as_they_went_in(made: Made, full: Vault) -> None:
    assert full.files == made.files


def test_everything_that_may_open_it_opens_the_same(made: Made, full: Vault) -> None:
    reading, writing = os.pipe()
    os.write(writing, PASSPHRASE.encode() + b"\n")
    os.close(writing)
    command = [sys.executable, "-m", "tests.reader", str(made.vault), "--passphrase-fd", str(reading)]
    try:
        printed = subprocess.run(
            command, cwd=ROOT, pass_fds=(reading,), capture_output=True, check=True
        ).stdout
    finally:
        os.close(reading)
    shown = json.loads(printed)
    assert {noun: shown[noun] for noun in full.records} == full.records
    code = (made.folder / "code.txt").read_text(encoding="utf-8").splitlines()[0]
    assert open_vault(made.vault, keys.recovery_code(code)).records == full.records
    old = (made.folder / "first.txt").read_text(encoding="utf-8").splitlines()[0]
    with pytest.raises(keys.Locked):
        open_vault(made.vault, keys.recovery_code(old))


def test_what_was_accepted_and_forgotten_adds_up(made: Made, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o700, exist_ok=True)
    # Lost: how fact 1 came, which person forget removed later; relative 1; and what brought change 14 back.
    lost = "DELETE FROM change WHERE id IN (8, 16); DELETE FROM relative;"
    copy = replace(made, vault=_changed(made, tmp_path, _sql(lost)))
    with pytest.raises(keys.Refused, match="missing"):
        open_vault(copy.vault, copy.key())
    copy.dossier("vault", "accept", "--yes")
    accepted = open_vault(copy.vault, copy.key())
    assert accepted.records["relative"] == []
    assert {1, 8, 16} <= {line["id"] for line in accepted.records["change"][-1]["rows"]}
    copy.dossier("vault", "forget-history", "--before", "2120-01-01", "--yes")
    forgotten = open_vault(copy.vault, copy.key())
    assert forgotten.files == made.files
    assert _value(copy.vault, "SELECT count(*) FROM chunk WHERE attachment_id = 4") == 0
    assert forgotten.records["account"] == accepted.records["account"]
    assert not any("after" in line for change in forgotten.records["change"] for line in change["rows"])


def test_new_keys_change_no_record_but_the_keys_of_files(made: Made, full: Vault) -> None:
    earlier = open_vault(made.earlier, made.key())
    assert full.header.key_id == b"\x00\x02"
    assert full.generation == earlier.generation + 1
    for noun in full.records.keys() - {"change", "attachment"}:
        assert full.records[noun] == earlier.records[noun]
    assert earlier.files == full.files
    for now, then in zip(full.records["attachment"], earlier.records["attachment"], strict=True):
        assert now["key"] != then["key"]
        assert now | {"key": ""} == then | {"key": ""}


def test_a_key_file_for_the_agenda_reads_what_it_may(made: Made, full: Vault) -> None:
    vault = open_vault(made.vault, made.key("agenda.key"))
    assert vault.scope == "agenda"
    assert vault.said
    assert vault.calendar == full.calendar
    secret = {
        noun.name: {each.name for each in noun.fields if each.place == "dossier"} for noun in full.nouns
    }
    for noun, records in full.records.items():
        seen = [{key: value for key, value in each.items() if key not in secret[noun]} for each in records]
        assert vault.records[noun] == seen


def test_a_secret_with_a_typo_derives_nothing(tmp_path: Path) -> None:
    right = "SWTM0-7SXMK-ZT260-E07SC-2XWWJ-4A3GP-H5Y1F"
    assert (
        keys.recovery_code("swtmo 7sxmk_zt26o e07sc 2xwwj 4a3gp h5ylf").data
        == right.replace("-", "").encode()
    )
    with pytest.raises(keys.NoSecret, match="group 2"):
        keys.recovery_code(right.replace("7SXMK", "7XSMK"))
    with pytest.raises(keys.NoSecret, match="group 1"):
        keys.recovery_code("7SXMK-SWTM0" + right[11:])
    line = "dossier-key-1-000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f630dcd29"
    path = tmp_path / "some.key"
    path.write_text(line + "\r\nwhatever\n", encoding="utf-8")
    assert keys.key_file(path) == keys.Secret(keys.KEY_FILE, bytes(range(32)))
    for wrong in (line.replace("1f63", "1e63"), line.upper(), line + " ", "x" + line, line[:-2]):
        path.write_text(wrong + "\n", encoding="utf-8")
        with pytest.raises(keys.NoSecret):
            keys.key_file(path)
    with pytest.raises(keys.NoSecret):
        keys.passphrase("")


# --- What it refuses -------------------------------------------------------------------------------------------------


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _flip(query: str, column: str, at: int) -> Callable[[sqlite3.Connection], None]:
    """Flip a bit of a blob; `query` is the rest of a statement after the table's name."""
    table, _, where = query.partition(" ")

    def change(connection: sqlite3.Connection) -> None:
        (data,) = connection.execute(f"SELECT {column} FROM {table} {where}").fetchone()
        connection.execute(f"UPDATE {table} SET {column} = ? {where}", (_flipped(data, at % len(data)),))

    return change


def _header(edit: Callable[[bytearray], None]) -> Callable[[sqlite3.Connection], None]:
    """Edit the header, and mend its SHA-256, which has no key."""

    def change(connection: sqlite3.Connection) -> None:
        header = bytearray(connection.execute("SELECT header FROM vault").fetchone()[0])
        edit(header)
        mended = bytes(header[:-32]) + hashlib.sha256(header[:-32]).digest()
        connection.execute("UPDATE vault SET header = ?", (mended,))

    return change


def _at(offset: int, value: int | None = None) -> Callable[[bytearray], None]:
    def edit(header: bytearray) -> None:
        header[offset] = header[offset] ^ 1 if value is None else value

    return edit


def _with_unknown_slot(header: bytearray) -> None:
    header[28] += 1
    header[29:29] = b"\x09" + b"\x00\x63" + b"\x00\x00\x00\x01" + b"\x00\x03" + b"abc"


def _sql(statement: str) -> Callable[[sqlite3.Connection], None]:
    def change(connection: sqlite3.Connection) -> None:
        connection.executescript(statement)

    return change


def _changed(made: Made, tmp_path: Path, change: Callable[[sqlite3.Connection], None]) -> Path:
    path = tmp_path / "changed.dossier"
    shutil.copy(made.vault, path)
    with closing(sqlite3.connect(path)) as connection:
        change(connection)
        connection.commit()
    return path


# The slots after the rotation: passphrase, code, and the two key files, 130 bytes each.
SLOT_1, SLOT_3 = 29, 29 + 2 * 130
MOVE = "UPDATE chunk SET number = {} WHERE attachment_id = 2 AND number = {};"

REFUSED: dict[str, tuple[Callable[[sqlite3.Connection], None], type[Exception], str]] = {
    "header": (_flip("vault", "header", 12), keys.Refused, "header is damaged"),
    "header, magic": (_header(_at(0)), keys.Refused, "begin"),
    "header, newer": (_header(_at(9, 2)), keys.TooNew, "format 2"),
    "header, no format": (_header(_at(9, 0)), keys.Refused, "no format"),
    "header, one slot more": (_header(_at(28, 5)), keys.Refused, "cut off"),
    "header, one slot less": (_header(_at(28, 3)), keys.Refused, "follows"),
    "header, HMAC": (_header(_at(-33)), keys.Refused, "header is not authentic"),
    "header, another vault": (_header(_at(10)), keys.Refused, "slot 7 is not authentic"),
    "slot, two of one id": (_header(_at(SLOT_1 + 2, 6)), keys.Refused, "share"),
    "slot, two passphrases": (_header(_at(SLOT_1 + 130, 1)), keys.Refused, "KDF"),
    "slot, its day": (_header(_at(SLOT_1 + 3, 0xFF)), keys.Refused, "bounds"),
    "slot, type unknown": (_header(_at(SLOT_1, 9)), keys.Refused, "header is not authentic"),
    "slot, memory": (_header(_at(SLOT_1 + 10, 1)), keys.Refused, "cost"),
    "slot, no passes": (_header(_at(SLOT_1 + 17, 0)), keys.Refused, "cost"),
    "slot, cost of a key": (_header(_at(SLOT_3 + 13)), keys.Refused, "cost"),
    "slot, salt of another": (_header(_at(SLOT_1 + 22)), keys.Refused, "header is not authentic"),
    "slot, salt": (_header(_at(SLOT_3 + 22)), keys.Locked, "opens nothing"),
    "slot, commitment": (_header(_at(SLOT_3 + 40)), keys.Locked, "opens nothing"),
    "slot, nonce": (_header(_at(SLOT_3 + 71)), keys.Refused, "slot 7 is not authentic"),
    "slot, box": (_header(_at(SLOT_3 + 129)), keys.Refused, "slot 7 is not authentic"),
    "envelope": (_flip("person WHERE id = 2", "agenda", 30), keys.Refused, "person 2 .*seal"),
    "envelope, its key id": (_flip("fact WHERE id = 2", "dossier", 3), keys.Refused, "fact 2 .*seal"),
    "envelope, no blob": (_sql("UPDATE fact SET dossier = 'x'"), keys.Refused, "no blob"),
    "plain column": (_sql("UPDATE account SET name = 'Larkspur Optic'"), keys.Refused, "account 1 .*seal"),
    "folded": (_sql("UPDATE account SET folded = ''"), keys.Refused, "account 1 .*seal"),
    "version": (_sql("UPDATE promise SET version = 9"), keys.Refused, "promise 1 .*seal"),
    "uid": (_flip("step", "uid", 3), keys.Refused, "step 1 .*seal"),
    "id": (_sql("UPDATE relative SET id = 2"), keys.Refused, "relative 2 .*seal"),
    "seal": (_flip("interaction", "seal", 31), keys.Refused, "interaction 1 .*seal"),
    "seal of another": (
        _sql("UPDATE person SET seal = (SELECT seal FROM person WHERE id = 2)"),
        keys.Refused,
        "person 1 .*seal",
    ),
    "journal, an entry": (_flip("change WHERE id = 3", "dossier", 40), keys.Refused, "change 3 .*seal"),
    "journal, one missing": (_sql("DELETE FROM change WHERE id = 5"), keys.Refused, "missing"),
    "row missing": (_sql("DELETE FROM fact WHERE id = 2"), keys.Refused, "missing"),
    "manifest": (_flip("vault", "manifest", 60), keys.Refused, "manifest is not authentic"),
    "manifest, its version": (_flip("vault", "manifest", 0), keys.Refused, "manifest has another version"),
    "calendar": (_flip("calendar", "agenda", 50), keys.Refused, "calendar .*seal"),
    "calendar, its seal": (_flip("calendar", "seal", 5), keys.Refused, "calendar .*seal"),
    "calendar, none": (_sql("DELETE FROM calendar"), keys.Refused, "one row"),
    "last contact": (_sql("UPDATE last_contact SET at = '2027-03-09'"), keys.Refused, "last_contact"),
    "last contact, none": (_sql("DELETE FROM last_contact"), keys.Refused, "last_contact"),
    "chunk": (
        _flip("chunk WHERE attachment_id = 2 AND number = 1", "data", 9),
        keys.Refused,
        "attachment 2, chunk 1",
    ),
    "chunk, the last missing": (
        _sql("DELETE FROM chunk WHERE attachment_id = 2 AND number = 2"),
        keys.Refused,
        "attachment 2 has too",
    ),
    "chunks in another order": (
        _sql(MOVE.format(7, 0) + MOVE.format(0, 1) + MOVE.format(1, 7)),
        keys.Refused,
        "attachment 2, chunk 0",
    ),
    "chunk twice": (
        _sql("INSERT INTO chunk SELECT * FROM chunk WHERE attachment_id = 1"),
        keys.Refused,
        "chunk 0",
    ),
    "chunk of nothing": (_sql("INSERT INTO chunk VALUES (99, 0, x'00')"), keys.Refused, "no attachment"),
    "chunk of a removed file": (
        _flip("chunk WHERE attachment_id = 4", "data", 0),
        keys.Refused,
        "attachment 4",
    ),
    "sequence": (
        _sql("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'fact'"),
        keys.Refused,
        "sequence",
    ),
    "trigger": (
        _sql("CREATE TRIGGER account AFTER DELETE ON fact BEGIN SELECT 1; END"),
        keys.Refused,
        "foreign",
    ),
    "view": (_sql("CREATE VIEW people AS SELECT * FROM person"), keys.Refused, "foreign"),
    "index missing": (_sql("DROP INDEX account_folded"), keys.Refused, "lacks"),
    "schema, newer": (_sql("PRAGMA user_version = 3"), keys.TooNew, "schema 3"),
    "schema, older": (_sql("PRAGMA user_version = 1"), keys.Refused, "foreign"),
    "schema, none": (_sql("PRAGMA user_version = 0"), keys.Refused, "no schema"),
    "no vault": (_sql("PRAGMA application_id = 7"), keys.NoVault, "no vault"),
    "write-ahead log": (_sql("PRAGMA journal_mode = WAL"), keys.Refused, "write-ahead"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_what_was_changed(case: str, made: Made, tmp_path: Path) -> None:
    change, refusal, message = REFUSED[case]
    path = _changed(made, tmp_path, change)
    with pytest.raises(refusal, match=message):
        open_vault(path, made.key())


def test_an_agenda_key_sees_its_own_slot_and_envelopes_alone(made: Made, tmp_path: Path) -> None:
    key = made.key("agenda.key")
    path = _changed(made, tmp_path, _flip("person WHERE id = 2", "agenda", 30))
    with pytest.raises(keys.Refused, match="person 2, agenda is not authentic"):
        open_vault(path, key)
    path = _changed(made, tmp_path, _flip("person WHERE id = 2", "dossier", 30))
    assert open_vault(path, key).scope == "agenda"
    path = _changed(made, tmp_path, _header(_at(SLOT_3 + 71)))
    assert open_vault(path, key).scope == "agenda"
    path = _changed(made, tmp_path, _header(_with_unknown_slot))  # ignored, and unproved without the root
    assert open_vault(path, key).header.slots[0].type == 9
    with pytest.raises(keys.Refused, match="header is not authentic"):
        open_vault(path, made.key())
    path = _changed(made, tmp_path, _header(_at(SLOT_3 + 130, keys.KEY_FILE)))  # no key for the whole vault
    with pytest.raises(keys.Locked):
        open_vault(path, key)


def test_refuses_what_lies_beside_it(made: Made, tmp_path: Path) -> None:
    path = tmp_path / "v.dossier"
    shutil.copy(made.vault, path)
    assert check_file(path) == 2
    for end in ("-wal", "-journal"):
        beside = Path(f"{path}{end}")
        beside.symlink_to(tmp_path / "nothing")
        with pytest.raises(keys.Refused):
            check_file(path)
        beside.unlink()


def test_an_older_header_or_row_is_told(made: Made, tmp_path: Path) -> None:
    older = tmp_path / "older.dossier"
    shutil.copy(made.earlier, older)
    with closing(sqlite3.connect(older)) as connection:
        connection.execute("UPDATE vault SET header = ?", (made.header,))
        connection.commit()
    with pytest.raises(keys.OlderCopy):
        open_vault(older, made.key())
    path = _changed(made, tmp_path, lambda _: None)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ATTACH ? AS earlier", (str(made.earlier),))
        connection.execute("UPDATE vault SET header = (SELECT header FROM earlier.vault)")
        connection.commit()
    with pytest.raises(keys.Refused, match="manifest has another"):
        open_vault(path, made.key())
