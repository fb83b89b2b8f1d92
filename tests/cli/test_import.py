from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dossier.cli import diagnostics
from dossier.cli.environment import Environment
from dossier.cli.invocation import Invocation
from dossier.cli.main import build
from dossier.store.backups import listed
from tests.conftest import TODAY, Run

CARDS = """BEGIN:VCARD
VERSION:3.0
FN:Nguyễn Thị Lan
ORG:Viện Phú Sơn
BDAY:1980-02-29
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:Anna [/b] Weber
ORG:Brightwater
NOTE:likes tea
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:王小明
END:VCARD
"""

LIST = "name,company,birthday\nИван Колев,Нова фирма,12.04.1975\n,Nobody,\n"


@pytest.fixture
def cards(tmp_path: Path) -> str:
    (tmp_path / "contacts.vcf").write_text(CARDS, encoding="utf-8")
    return str(tmp_path / "contacts.vcf")


@pytest.fixture
def leads(tmp_path: Path) -> str:
    (tmp_path / "leads.csv").write_text(LIST, encoding="utf-8")
    return str(tmp_path / "leads.csv")


def test_a_person_reads_the_receipt_and_what_became_of_single_rows(
    dossier: Run, cards: str, vault_path: str
) -> None:
    result = dossier("import", "vcard", cards, terminal=True)
    (backup,) = listed(vault_path)
    rejected = "card 3 rejected: no organisation: say with --account where such people belong"
    assert result == (
        0,
        "3 cards: 2 created, 0 merged, 0 skipped, 1 rejected. 2 accounts created.\nTo take it back: dossier undo\n",
        f"{rejected}\nAs it was before, the vault is kept in {backup.path}\n",
    )
    again = dossier("import", "vcard", cards, terminal=True)
    assert again.out == "3 cards: 0 created, 0 merged, 2 skipped, 1 rejected.\n"


def test_without_a_backup(dossier: Run, cards: str, vault_path: str) -> None:
    Path(f"{vault_path}.backups").write_text("in the way")
    refused = dossier("import", "vcard", cards)
    assert (refused.code, refused.out) == (8, "")
    assert "nothing was imported, for no backup could be made before" in refused.err
    assert dossier("import", "vcard", cards, "--no-backup").code == 0


def test_a_program_reads_the_receipt_as_json(dossier: Run, leads: str, vault_path: str) -> None:
    result = dossier("import", "csv", leads, "--format", "json")
    assert (result.code, result.err) == (0, "")
    assert json.loads(result.out) == {
        "rows": 2,
        "created": 1,
        "merged": 0,
        "skipped": 0,
        "rejected": 1,
        "accounts_created": 1,
        "problems": [{"row": 3, "reason": "no name", "rejected": True}],
        "backup": listed(vault_path)[0].path,
    }


def test_plain_and_csv_output_hold_the_figures(dossier: Run, leads: str) -> None:
    result = dossier("import", "csv", leads, "--dry-run")
    assert result == (0, "2\t1\t0\t0\t1\t1\n", "line 3 rejected: no name\n")
    result = dossier("import", "csv", leads, "--dry-run", "--format", "csv")
    assert result.out == "rows,created,merged,skipped,rejected,accounts\n2,1,0,0,1,1\n"


def test_a_dry_run_says_so_and_leaves_the_file_as_it_was(dossier: Run, cards: str, vault_path: str) -> None:
    before = Path(vault_path).read_bytes()
    result = dossier("import", "vcard", cards, "--dry-run", terminal=True)
    assert result.out.endswith("2 accounts created.\nNothing was written: this was a dry run.\n")
    assert Path(vault_path).read_bytes() == before


def test_undo_takes_it_back(dossier: Run, cards: str) -> None:
    dossier("import", "vcard", cards)
    assert "imported 2 people from a vCard file" in dossier("history").out
    assert dossier("undo").code == 0
    assert dossier("account", "list").out == ""


def test_options_reach_the_import(dossier: Run, cards: str, leads: str) -> None:
    dossier("account", "add", "Hà Nội Optics")
    assert dossier("import", "vcard", cards, "--account", "ha noi").out == "3\t3\t0\t0\t0\t0\n"
    assert dossier("import", "csv", leads, "--tier", "prospect").out == "2\t1\t0\t0\t1\t1\n"
    assert [line.split("\t")[1:3] for line in dossier("account", "list").out.splitlines()] == [
        ["Hà Nội Optics", "standard"],
        ["Нова фирма", "prospect"],
    ]


@pytest.mark.parametrize(
    ("option", "birthday"), [("--day-first", "1980-04-03"), ("--month-first", "1980-03-04")]
)
def test_the_order_of_day_and_month(dossier: Run, tmp_path: Path, option: str, birthday: str) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes("name;company;birthday\nАнна;Клиника;03/04/1980\n".encode("cp1251"))
    assert dossier("import", "csv", str(file), option, "--encoding", "cp1251").code == 0
    dossier("export", "json", str(tmp_path / "out.json"), "--include-sensitive")
    people = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["people"]
    assert [(each["name"], each["birthday"]) for each in people] == [("Анна", birthday)]


def test_when_every_row_is_rejected(dossier: Run, tmp_path: Path, vault_path: str) -> None:
    before = Path(vault_path).read_bytes()
    file = tmp_path / "homeless.vcf"
    file.write_text("BEGIN:VCARD\nVERSION:3.0\nFN:王小明\nEND:VCARD\n", encoding="utf-8")
    result = dossier("import", "vcard", str(file))
    assert (result.code, result.out) == (1, "1\t0\t0\t0\t1\t0\n")
    assert (
        result.err.splitlines()[0]
        == "card 1 rejected: no organisation: say with --account where such people belong"
    )
    assert result.err.splitlines()[1] == "dossier: every row was rejected; nothing was changed"
    assert Path(vault_path).read_bytes() == before


def test_a_list_without_rows_is_done_at_once(dossier: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("name,company\n")
    assert dossier("import", "csv", str(tmp_path / "empty.csv")) == (0, "0\t0\t0\t0\t0\t0\n", "")


@pytest.mark.parametrize(
    ("kind", "content", "code", "says"),
    [
        ("vcard", None, 8, "there is no file"),
        ("csv", None, 8, "there is no file"),
        ("vcard", CARDS[:-15], 2, "the file breaks off within card 3; nothing was changed"),
        ("vcard", "name,company\n", 2, "there is no vCard in the file"),
        ("csv", "PK\x03\x04\0\0\x01\0", 2, "binary"),
        ("csv", "", 2, "the file is empty"),
    ],
)
def test_a_file_that_cannot_be_taken_in(
    dossier: Run, tmp_path: Path, vault_path: str, kind: str, content: str | None, code: int, says: str
) -> None:
    before = Path(vault_path).read_bytes()
    file = tmp_path / "file"
    if content is not None:
        file.write_bytes(content.encode())
    result = dossier("import", kind, str(file))
    assert (result.code, result.out) == (code, "")
    assert says in result.err
    assert len(result.err.splitlines()) == 2
    assert Path(vault_path).read_bytes() == before


def test_a_folder_is_no_file(dossier: Run, tmp_path: Path) -> None:
    result = dossier("import", "csv", str(tmp_path))
    assert (result.code, result.err.splitlines()[0]) == (8, f"dossier: {tmp_path} is a folder, not a file")


def test_other_mistakes_have_their_own_exit_codes(dossier: Run, cards: str, lock: Callable[[], None]) -> None:
    assert dossier("import", "vcard", cards, "--encoding", "klingon").code == 2
    assert dossier("import", "vcard", cards, "--tier", "golden").code == 2
    assert dossier("import", "vcard", cards, "--account", "nobody").code == 3
    lock()
    assert dossier("import", "vcard", cards).code == 5


def test_a_file_from_stdin_is_read_as_bytes(vault_path: str) -> None:
    out, err = io.StringIO(), io.StringIO()
    around = {"DOSSIER_VAULT": vault_path, "DOSSIER_TODAY": TODAY.isoformat()}
    stdin = io.TextIOWrapper(io.BytesIO("name,company\nАнна,Клиника\n".encode("cp1251")))
    run = Invocation(Environment(stdin, out, err, around))
    code = diagnostics.run_guarded(build(), ["import", "csv", "-", "--encoding", "cp1251"], run)
    assert (code, out.getvalue(), err.getvalue()) == (0, "1\t1\t0\t0\t0\t1\n", "")


def test_a_long_import_counts_on_a_terminal_only(
    dossier: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dossier.cli.progress._QUICK", 0.0)
    monkeypatch.setattr("dossier.cli.progress._PAUSE", 0.0)
    file = tmp_path / "many.vcf"
    file.write_text("".join(CARDS.replace("FN:", f"FN:{number} ") for number in range(100)), encoding="utf-8")
    shown = dossier("import", "vcard", str(file), "--dry-run", terminal=True).err
    assert "\rReading: 100 of 300" in shown
    assert "\rWriting: 200 of 300" in shown
    assert "\x1b" not in shown
    assert "\r" not in dossier("import", "vcard", str(file), "--dry-run").err


@pytest.mark.parametrize("kind", ["vcard", "csv"])
def test_the_help_says_what_becomes_of_the_rows_and_the_exit_code(
    dossier: Run, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dossier("import", kind, "--help").code == 0
    said = " ".join(capsys.readouterr().out.split())
    for words in (
        "the same file twice creates nothing",
        "need --account",
        "Exit code 0 even if",
        "standard unless told",
    ):
        assert words in said
